"""Who could own an issue that nobody owns: from what the configuration says may be asked.

In this order, the likeliest first:

1. with ``codeowners`` and ``evidence: [pulls]``, the owners of the files that the issue's pull request changes;
2. with ``areas``, who looks after one of its labels;
3. with ``evidence: [pulls]``, who committed last to its pull request;
4. with ``codeowners``, the owners of the line ``*``.

Only people who can be assigned, and no bots. A team is its members where the token may see them (organisation
permission Members: read), else it is left out. Nothing of this is asked unless somebody wants to know, and what was
told once is remembered while the connector lives: a file, a team, a person.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec

from trackersync.connector import Candidate, Item, ItemRef, RejectedError, Wire, decode
from trackersync_github.codeowners import PLACES, Owners
from trackersync_github.graphql import GraphQL, shaped
from trackersync_github.pulls import PullRequest, batches
from trackersync_github.settings import GithubSettings
from trackersync_github.wire import User, automatic, place_of, refused

MOST = 3
"""Candidates of an issue."""

TOGETHER = 20
"""Issues of one question."""

_WORK = """
  closedByPullRequestsReferences(first: 5, includeClosedPrs: false) {
    nodes {
      number state isDraft repository { nameWithOwner databaseId }
      files(first: 100) { nodes { path } }
      commits(last: 1) { nodes { commit { author { user { login } } } } }
    }
  }
"""


class _File(msgspec.Struct, frozen=True):
    path: str


class _Files(msgspec.Struct, frozen=True):
    nodes: list[_File | None]


class _Login(msgspec.Struct, frozen=True):
    login: str


class _Author(msgspec.Struct, frozen=True):
    user: _Login | None = None


class _Commit(msgspec.Struct, frozen=True):
    author: _Author | None = None


class _Row(msgspec.Struct, frozen=True):
    commit: _Commit


class _Rows(msgspec.Struct, frozen=True):
    nodes: list[_Row | None]


class _Pull(PullRequest, frozen=True, rename="camel"):
    files: _Files | None = None
    commits: _Rows | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The files it changes, the first hundred."""
        return tuple(one.path for one in (self.files.nodes if self.files else ()) if one is not None)

    @property
    def committer(self) -> str:
        """Who committed last; empty for somebody without an account."""
        rows = [row for row in (self.commits.nodes if self.commits else ()) if row is not None]
        author = rows[-1].commit.author if rows else None
        return author.user.login if author is not None and author.user is not None else ""


class _Pulls(msgspec.Struct, frozen=True):
    nodes: list[_Pull | None]


class _Issue(msgspec.Struct, frozen=True, rename="camel"):
    closed_by_pull_requests_references: _Pulls | None = None


class _Contents(msgspec.Struct, frozen=True):
    content: str = ""


class Candidates:
    """Asks GitHub who could own issues.

    Args:
        wire: to GitHub.
        graphql: its other API.
        settings: what may be asked.
    """

    def __init__(self, wire: Wire, graphql: GraphQL, settings: GithubSettings) -> None:
        self._wire = wire
        self._graphql = graphql
        self._settings = settings
        self._areas = {label.casefold(): (_area(label), logins) for label, logins in settings.areas.items()}
        self._owners: dict[str, Owners | None] = {}
        self._teams: dict[str, tuple[str, ...]] = {}
        self._assignable: dict[tuple[str, str], bool] = {}

    async def of(self, items: Sequence[Item]) -> Mapping[ItemRef, tuple[Candidate, ...]]:
        """By item, who could own it; see ``connector.Advising.candidates``.

        Raises:
            AuthError, UnavailableError, NotFoundError, RejectedError: it cannot be asked.
        """
        if not (self._areas or self._settings.codeowners or "pulls" in self._settings.evidence):
            return {}
        found: dict[ItemRef, tuple[Candidate, ...]] = {}
        for repository in dict.fromkeys(_repository(item) for item in items):
            ours = [item for item in items if _repository(item) == repository]
            pulls = await self._pulls(repository, ours) if "pulls" in self._settings.evidence else {}
            owners = await self._codeowners(repository) if self._settings.codeowners else None
            for item in ours:
                able = await self._able(repository, await self._likely(item, pulls.get(item.ref), owners))
                if able:
                    found[item.ref] = able
        return found

    async def _likely(self, item: Item, pull: _Pull | None, owners: Owners | None) -> list[Candidate]:
        """Everybody that something speaks for, the likeliest first."""
        found: list[Candidate] = []
        if pull is not None and owners is not None:
            found += [Candidate(login, "CODEOWNERS") for login in await self._people(owners.of(pull.paths))]
        for label in item.facts.get("labels", ()):
            area, logins = self._areas.get(label.casefold(), ("", []))
            found += [Candidate(login, f"owns the area {area}") for login in logins]
        if pull is not None and pull.committer:
            found.append(Candidate(pull.committer, f"last committed to #{pull.number}"))
        if owners is not None:
            found += [Candidate(login, "CODEOWNERS") for login in await self._people(owners.default())]
        return found

    async def _able(self, repository: str, likely: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """The first few of them who are people and can be assigned."""
        able: dict[str, Candidate] = {}
        for candidate in likely:
            name = candidate.account.casefold()
            if len(able) < MOST and name not in able and await self._can_be_assigned(repository, candidate.account):
                able[name] = candidate
        return tuple(able.values())

    async def _can_be_assigned(self, repository: str, login: str) -> bool:
        key = (repository, login.casefold())
        if key not in self._assignable:
            if automatic(User(login)):
                return False
            answer = await self._wire.read("GET", f"/repos/{repository}/assignees/{quote(login, safe='')}")
            if answer.status not in {204, 404}:
                raise refused(answer, f"asking whether {login} can be assigned in {repository}")
            self._assignable[key] = answer.status == 204
        return self._assignable[key]

    async def _pulls(self, repository: str, items: Sequence[Item]) -> dict[ItemRef, _Pull]:
        """By item, the pull request that its work is in: an open one before one that is merged, the latest first."""
        found: dict[ItemRef, _Pull] = {}
        owner, _, name = repository.partition("/")
        for batch in batches(items, TOGETHER):
            asked = {f"n{at}": place_of(item.ref).number for at, item in enumerate(batch)}
            data = await self._graphql.ask(_question(len(batch)), {"owner": owner, "name": name, **asked}, gaps=True)
            rows = shaped(data.get("repository") or {}, dict[str, _Issue | None], "which pull requests issues have")
            for at, item in enumerate(batch):
                row = rows.get(f"i{at}")
                linked = row.closed_by_pull_requests_references if row is not None else None
                pulls = [pull for pull in (linked.nodes if linked is not None else ()) if pull is not None]
                if pulls:
                    found[item.ref] = max(pulls, key=lambda pull: (pull.state == "OPEN", pull.number))
        return found

    async def _codeowners(self, repository: str) -> Owners | None:
        """What the repository's file says; None where there is none, or it may not be seen."""
        if repository not in self._owners:
            self._owners[repository] = None
            for path in PLACES:
                answer = await self._wire.read("GET", f"/repos/{repository}/contents/{path}")
                if answer.status == 200:
                    self._owners[repository] = Owners(_text(decode(answer, _Contents).content))
                    break
                if answer.status != 404:
                    trouble = refused(answer, f"reading {path} of {repository}")
                    raise RejectedError(f"{trouble}; or set codeowners: false")
        return self._owners[repository]

    async def _people(self, names: Sequence[str]) -> list[str]:
        """Logins of users and of the members of teams."""
        groups = await asyncio.gather(*(self._members(name.removeprefix("@")) for name in names[: 2 * MOST]))
        return [login for group in groups for login in group]

    async def _members(self, name: str) -> tuple[str, ...]:
        organisation, team, slug = name.partition("/")
        if not team:
            return (name,)
        if self._settings.anonymous:
            # Who is in a team is shown to nobody without a credential.
            return ()
        if name not in self._teams:
            path = f"/orgs/{quote(organisation)}/teams/{quote(slug, safe='')}/members"
            answer = await self._wire.read("GET", path, params={"per_page": 100})
            # 403 and 404 alike: without the permission to see members there is nobody to name.
            rows = decode(answer, list[_Login]) if answer.status == 200 else []
            self._teams[name] = tuple(row.login for row in rows)
        return self._teams[name]


def _repository(item: Item) -> str:
    """The name its repository has now, which its key bears."""
    return item.key.rpartition("#")[0]


def _area(label: str) -> str:
    """What a label is called without its family: ``checkout`` of ``area: checkout``."""
    return label.rpartition(":")[2].strip() or label


def _question(issues: int) -> str:
    """A question about so many issues of one repository; their numbers are variables."""
    numbers = "".join(f", $n{at}: Int!" for at in range(issues))
    fields = "".join(f" i{at}: issue(number: $n{at}) {{ ...Work }}" for at in range(issues))
    return (
        f"query Work($owner: String!, $name: String!{numbers}) {{\n"
        f"  repository(owner: $owner, name: $name) {{{fields} }}\n"
        f"}}\nfragment Work on Issue {{{_WORK}}}"
    )


def _text(content: str) -> str:
    """A file's text; GitHub writes it in base64, with line breaks in it ("Get repository content")."""
    return b64decode(content).decode("utf-8", errors="replace")

"""What the credential may do, compared with what the configuration needs: what ``probe`` says, and ``examine`` too.

Nothing is asked here that could change anything. What may be read is seen by reading it; which permission would do is
what GitHub itself names in ``X-Accepted-GitHub-Permissions``. What may be written shows in a classic token's scopes, in
an App's permissions, or in the account's role in the repository. What a fine-grained token may write, GitHub does not
tell: that is seen when a write is refused, and then named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from trackersync.connector import Answer, AuthError, NotFoundError, Probe, RejectedError, Wire, each
from trackersync_github.board_graph import GraphBoard
from trackersync_github.cards import named
from trackersync_github.discovery import Discoverer, Identity
from trackersync_github.graphql import GraphQL
from trackersync_github.installation import Installation, installed
from trackersync_github.names import Names
from trackersync_github.needs import Need, lacking, needs_of, project_need, project_scope_lacking, scopes_lacking
from trackersync_github.settings import GithubSettings
from trackersync_github.wire import ABSENT, Repository, refused

_WRITERS = ("triage", "push", "maintain", "admin")
_ACTIONS = (
    " If this is the GITHUB_TOKEN of GitHub Actions: it reaches its own repository only, and no project; use a GitHub "
    "App or a personal token."
)


_SENTENCE = re.compile(r"\. (?=[A-Z])")
"""Where a sentence ends and the next one begins."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing.

    Attributes:
        where: what lacks it: a repository, ``repositories``, ``token``, ``board``.
        sentence: what is missing and, in a part of its own, what to do about it.
        grave: whether that keeps us from what the configuration wants.
    """

    where: str
    sentence: str
    grave: bool = True

    @property
    def parts(self) -> tuple[str, str]:
        """What is missing, without its place, and what to do."""
        said, *rest = _SENTENCE.split(self.sentence, maxsplit=1)
        if not rest:
            head, found, tail = self.sentence.rpartition("; ")
            said, rest = (head, [tail]) if found else (tail, [])
        remedy = "".join(rest).removesuffix(".")
        return said.removeprefix(f"{self.where} ").removesuffix("."), f"{remedy[:1].lower()}{remedy[1:]}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at all that is configured showed.

    Attributes:
        identity: who the credential is; without a login for an App's installation, and for nobody.
        installation: the App's, where the credential is one.
        rows: the repositories that can be read, by the name they are observed under.
        lacks: what is missing.
    """

    identity: Identity
    installation: Installation | None
    rows: dict[str, Repository]
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """Finds out what is missing.

    Args:
        tracker: its name in the configuration.
        settings: its part of the configuration.
        wire: to GitHub.
        names: the repositories.
        discoverer: knows who the credential is.
    """

    tracker: str
    settings: GithubSettings
    wire: Wire
    names: Names
    discoverer: Discoverer

    async def probe(self) -> Probe:
        """Who we are, which repositories can be read, and what is missing; see ``connector.Connector.probe``."""
        seen = await self.look(await self.who())
        readable = tuple(name for name, row in seen.rows.items() if row.has_issues)
        missing = tuple(dict.fromkeys(lack.sentence for lack in seen.lacks))
        return Probe(self._account(seen.identity, seen.installation), readable, missing)

    async def who(self) -> tuple[Identity, Installation | None]:
        """Who the credential is, and the App's installation where it is one.

        Raises:
            AuthError: GitHub does not know us.
            UnavailableError: it did not answer.
        """
        app, anonymous = self.settings.app, self.settings.anonymous
        if self.settings.token is None and app is None and not anonymous:
            raise AuthError(
                f"{self.tracker}: no token. Without one GitHub shows public issues only, to anyone, and takes no "
                f"writes; set `token` of tracker {self.tracker}."
            )
        # First a token: what is wrong with the App is best said of the request that every run begins with.
        await self.wire.authorization()
        installation = None if app is None else await installed(self.settings, app)
        return Identity("") if anonymous else await self.discoverer.identity(), installation

    async def look(self, who: tuple[Identity, Installation | None]) -> Seen:
        """Look at all that is configured, repositories side by side.

        Args:
            who: we are.

        Raises:
            AuthError: GitHub does not know us.
            UnavailableError: it did not answer.
        """
        identity, installation = who
        rows, lacks = await self._rooms(identity)

        async def unmet(name: str) -> list[Lack]:
            return await self._unmet(rows[name], identity, installation)

        firsts = _one_of_each_owner({name: row for name, row in rows.items() if row.has_issues})
        lacks += [lack for found in (await each(unmet, firsts)).values() for lack in found]
        lacks += [Lack("token", said) for said in scopes_lacking(self.settings, identity, list(rows.values()))]
        if self.settings.project is not None:
            lacks += [Lack("board", said) for said in await self._board(identity, installation)]
        return Seen(identity, installation, rows, tuple(lacks))

    async def _rooms(self, identity: Identity) -> tuple[dict[str, Repository], list[Lack]]:
        """The repositories that can be read, by the name they are observed under, and what is wrong with them all."""
        try:
            found = await self.names.discover()
        except NotFoundError as error:
            return {}, [Lack("repositories", str(error))]
        lacks = [] if found.trouble is None else [Lack("repositories", str(found.trouble))]

        async def learnt(name: str) -> Repository | Lack:
            try:
                if name not in self.names.seen:
                    await self.names.learn(name)
            except (NotFoundError, RejectedError) as error:
                remedy = " Or give the token access to it (fine-grained token: Issues: read and write)."
                remedy = "" if self.settings.anonymous else f"{remedy}{self._hint(identity)}"
                return Lack(name, f"{name} cannot be read: {error}{remedy}")
            return self.names.seen[name]

        rows: dict[str, Repository] = {}
        for name, one in (await each(learnt, found.names)).items():
            if isinstance(one, Lack):
                lacks.append(one)
                continue
            rows[name] = one
            lacks += self._wrong(name, one, identity)
        return rows, lacks

    def _wrong(self, name: str, row: Repository, identity: Identity) -> Iterator[Lack]:
        if row.full_name.casefold() != name.casefold():
            yield Lack(name, f"{name} is called {row.full_name} now; correct it under `repositories`.", grave=False)
        if not row.has_issues:
            yield Lack(name, f"{name} has its issues switched off; switch them on in its settings, or take it out.")
        if row.archived and self.settings.writes:
            yield Lack(
                name,
                f"{name} is archived: it is read, but nothing in it can be written. Unarchive it in its settings, or "
                "take it out.",
                grave=False,
            )
        # An installation's rights are its App's; what a repository says of them is no role.
        may_write = row.permissions is None or any(row.permissions.get(right) for right in _WRITERS)
        if self.settings.writes and identity.login and not may_write:
            yield Lack(
                name,
                f"{name} may be read but not written: GitHub would drop labels and assignees without a word. Give the "
                "account the role triage there, or set `writes: none`.",
            )

    async def _unmet(self, row: Repository, identity: Identity, installation: Installation | None) -> list[Lack]:
        """What cannot be read of a repository and its owner, or not be written by an App."""
        name, lacks = row.full_name, []
        for need in needs_of(self.settings, row.full_name):
            said = "" if installation is None else lacking(need, installation.permissions)
            if not said:
                answer = await self._ask(need)
                said = "" if answer.status == 200 else self._refused(need, answer, identity)
            lacks += [Lack(name, said)] if said else []
        if "owners" in self.settings.writes:
            # Which permission that takes has been told with the issues; here it is asked whether there is such a path.
            need = Need("who can be assigned", f"/repos/{row.full_name}/assignees")
            if (status := (await self._ask(need)).status) in ABSENT:
                said = (
                    f"this server does not say who can be assigned ({status} on {need.path}, which GitHub has): an "
                    "owner whom it does not take is only seen from its answer, and reported then."
                )
                lacks.append(Lack(name, said, grave=False))
        return lacks

    async def _board(self, identity: Identity, installation: Installation | None) -> list[str]:
        project, need = self.settings.project, project_need(self.settings)
        if project is None or need is None:
            return []
        if installation is not None and project.kind == "user":
            return [f"{named(project)} is a user's, which no App reaches; use a personal token with the scope project."]
        said = "" if installation is None else lacking(need, installation.permissions)
        if said or project_scope_lacking(self.settings, identity):
            # Of a classic token, the scope has been named already.
            return [said] if said else []
        answer = await self._ask(need)
        if answer.status in ABSENT:
            # An older Enterprise Server has no such path, and the same board in GraphQL.
            try:
                await GraphBoard(GraphQL(self.wire, self.settings.url), project).field()
            except (NotFoundError, RejectedError):
                pass
            else:
                return []
        return [] if answer.status == 200 else [self._refused(need, answer, identity)]

    async def _ask(self, need: Need) -> Answer:
        return await self.wire.read("GET", need.path, params={"per_page": 1} if need.pages else None)

    def _refused(self, need: Need, answer: Answer, identity: Identity) -> str:
        """A sentence on an answer other than 200: what, where, what to do."""
        if answer.status not in {403, 404, 410, 451}:
            return f"{need.what} cannot be read: {refused(answer, f'asking for {need.path}')}."
        rights = answer.headers.get("x-accepted-github-permissions", "")
        wanted = rights or (f"{need.permission}={need.level}" if need.permission else "to read it")
        return (
            f"{need.what} cannot be read: GitHub answered {answer.status} on {need.path}. Give the token "
            f"the permission {wanted}.{self._hint(identity)}"
        )

    def _hint(self, identity: Identity) -> str:
        installed = identity.installed and not self.settings.anonymous
        return _ACTIONS if installed and self.settings.app is None else ""

    def _account(self, identity: Identity, installation: Installation | None) -> str:
        if installation is not None:
            return installation.bot
        return "an app's installation" if identity.installed and not self.settings.anonymous else identity.login


def _one_of_each_owner(rows: Mapping[str, Repository]) -> Iterator[str]:
    """Permissions are given by owner, so one repository tells them for all."""
    owners: set[str] = set()
    for name, row in rows.items():
        owner = row.full_name.partition("/")[0].casefold()
        if owner not in owners:
            owners.add(owner)
            yield name

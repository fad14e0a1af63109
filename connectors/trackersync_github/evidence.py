"""What happened elsewhere to an issue's work, as facts that rules of stages may use: `evidence` of the settings.

``pulls``       the states of the pull requests that close the issue: ``draft``, ``open``, ``merged``, ``closed``
``authors``     beside it, no rule's word: who opened those of them that are open or drafts, people only
``released``    ``published``, ``prerelease`` or ``draft``: the weightiest release that contains one of them, merged
``deployed``    the environments, in lower case, whose latest deployment that works contains one of them

Everything is off by default and costs nothing then. No write ever brings any of it about. An issue that is closed is
finished whatever evidence says, unless a rule names its state as well; so a team for which a release comes after the
merge lets its issues stay open then (repository settings, "Auto-close issues with merged linked pull requests").

What it costs: a question in GraphQL for up to a hundred issues, one for the releases of a repository and one for the
deployments of each environment in every read, and what ``ancestry`` asks to tell what they contain: nothing for what
was merged after the release, and nothing twice.

What changes without a trace in the issues is found from what did change (``stirred``): from pull requests that were
opened, edited, merged or closed, the issues that they close; from releases and deployments since the last read, the
issues of what is new in them. Not found in that way, but by the next full scan (`full_scan`), is: a pull request that
no longer closes an issue, or was linked by hand; one of another repository; a release that was deleted or whose tag
was moved; and what is new in a release beyond a thousand commits. Where a link is edited, the pull request's list row
changes, so the issues it closes now are found at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from trackersync.connector import Facts, NotFoundError, RejectedError, Wire
from trackersync_github.ancestry import Ancestry, may_contain
from trackersync_github.graphql import GraphQL, UnservedError
from trackersync_github.pulls import PullRequest, Pulls, authors, states
from trackersync_github.releases import KINDS, Deployment, Release, deployments, follows, releases, steps
from trackersync_github.settings import GithubSettings
from trackersync_github.wire import Issue

LOOKED_AT = 10
"""Releases of a kind that are asked whether they contain a commit, and that are looked at for what is new: the
newest."""

T = TypeVar("T")

_NEEDS = {
    "pulls": ("Pull requests: read",),
    "releases": ("Pull requests: read", "Contents: read"),
    "deployments": ("Pull requests: read", "Contents: read", "Deployments: read"),
}


def environments(settings: GithubSettings) -> tuple[str, ...]:
    """The environments to look at: `environment`, and those that `stages` and `outcomes` name under `deployed`."""
    named = [value for _, word, value in settings.named if word == "deployed"]
    flat = [str(one) for value in named for one in (value if isinstance(value, list) else [value])]
    return tuple({name.casefold(): name for name in (*flat, settings.environment)}.values())


class Evidence:
    """The source of these facts; see ``completing.Supplement``.

    Args:
        wire: to GitHub.
        graphql: its other API.
        settings: which evidence is wanted.
        identify: the database id of a repository that is being read, by its name.
        ancestry: what is known of which commits contain which.
    """

    KINDS = frozenset(_NEEDS)
    """The kinds of `evidence` that this shows."""

    def __init__(
        self,
        wire: Wire,
        graphql: GraphQL,
        settings: GithubSettings,
        identify: Callable[[str], int],
        ancestry: Ancestry | None = None,
    ) -> None:
        self._wire = wire
        self._graphql = graphql
        self._settings = settings
        self._identify = identify
        self._ancestry = ancestry or Ancestry(wire, graphql)
        self._pulls = Pulls(graphql)
        self._releases: dict[str, tuple[Release, ...]] = {}
        self._deployments: dict[tuple[str, str], tuple[Deployment, ...]] = {}
        # Pull requests are read for whatever evidence there is: it is named by what the configuration says.
        self._linked = next(kind for kind in _NEEDS if kind in settings.evidence)
        self._environments = environments(settings) if "deployments" in settings.evidence else ()

    def begun(self) -> Evidence:
        """The same at the beginning of a read; only what never changes is remembered."""
        return Evidence(self._wire, self._graphql, self._settings, self._identify, self._ancestry)

    async def facts(self, issues: Sequence[Issue], repository: str, *, fresh: bool) -> Mapping[int, Facts]:
        """By number, what there is of these issues; see ``completing.Supplement.facts``."""
        ids = {issue.node_id: issue.number for issue in issues if not issue.is_pull_request}
        closing = await self._read(self._linked, repository, lambda: self._pulls.closing(list(ids)))
        by_number = {number: closing.get(identity, ()) for identity, number in ids.items()}
        found: dict[int, dict[str, tuple[str, ...]]] = {number: {} for number in by_number}
        if "pulls" in self._settings.evidence:
            for number, pulls in by_number.items():
                found[number] |= {"pulls": states(pulls), "authors": authors(pulls)}
        if "releases" in self._settings.evidence:
            kinds = await self._shipped(by_number, lambda name, wanted: self._released(name, wanted, fresh=fresh))
            for number, shown in kinds.items():
                found[number]["released"] = next(((kind,) for kind in KINDS if kind in shown), ())
        if "deployments" in self._settings.evidence:
            places = await self._shipped(by_number, lambda name, wanted: self._deployed(name, wanted, fresh=fresh))
            for number, shown in places.items():
                found[number]["deployed"] = tuple(sorted(shown))
        return found

    async def _shipped(
        self,
        by_number: Mapping[int, Sequence[PullRequest]],
        where: Callable[[str, Mapping[str, datetime]], Awaitable[Mapping[str, set[str]]]],
    ) -> dict[int, set[str]]:
        """By number of an issue, where the commits that its pull requests became were shipped to."""
        wanted: dict[str, dict[str, datetime]] = {}
        for pulls in by_number.values():
            for pull in _merged(pulls):
                if pull.merge_commit is not None:
                    of_repository = wanted.setdefault(pull.repository.name_with_owner, {})
                    of_repository[pull.merge_commit.oid] = pull.merge_commit.committed_date
        shipped: dict[tuple[str, str], set[str]] = {}
        for name, commits in wanted.items():
            shipped |= {(name, oid): shown for oid, shown in (await where(name, commits)).items()}
        return {
            number: {
                shown
                for pull in _merged(pulls)
                if pull.merge_commit is not None
                for shown in shipped.get((pull.repository.name_with_owner, pull.merge_commit.oid), ())
            }
            for number, pulls in by_number.items()
        }

    async def _released(
        self, repository: str, commits: Mapping[str, datetime], *, fresh: bool
    ) -> Mapping[str, set[str]]:
        """By commit, the weightiest kind of release that contains it; the newest of each kind are asked first."""
        shown: dict[str, set[str]] = {}
        found = await self._releases_of(repository, fresh=fresh)
        for kind in KINDS:
            for release in [one for one in found if one.kind == kind][:LOOKED_AT]:
                left = may_contain(release.made, {oid: at for oid, at in commits.items() if oid not in shown})
                if left:
                    inside = await self._contained("releases", repository, release.commit, left)
                    shown |= {oid: {kind} for oid in inside}
        return shown

    async def _deployed(
        self, repository: str, commits: Mapping[str, datetime], *, fresh: bool
    ) -> Mapping[str, set[str]]:
        """By commit, the environments in which it is now."""
        shown: dict[str, set[str]] = {}
        for environment in self._environments:
            found = await self._deployments_of(repository, environment, fresh=fresh)
            now = next((one for one in found if one.works), None)
            left = may_contain(now.made, commits) if now is not None else {}
            if now is not None and left:
                for oid in await self._contained("deployments", repository, now.commit, left):
                    shown.setdefault(oid, set()).add(environment.casefold())
        return shown

    async def _contained(
        self, kind: str, repository: str, head: str, commits: Mapping[str, datetime]
    ) -> frozenset[str]:
        return await self._read(kind, repository, lambda: self._ancestry.contained(repository, head, commits))

    async def _releases_of(self, repository: str, *, fresh: bool) -> tuple[Release, ...]:
        if fresh or repository not in self._releases:
            self._releases[repository] = await self._read(
                "releases", repository, lambda: releases(self._graphql, self._wire, repository)
            )
        return self._releases[repository]

    async def _deployments_of(self, repository: str, environment: str, *, fresh: bool) -> tuple[Deployment, ...]:
        key = (repository, environment)
        if fresh or key not in self._deployments:
            self._deployments[key] = await self._read(
                "deployments", repository, lambda: deployments(self._graphql, repository, environment)
            )
        return self._deployments[key]

    async def stirred(self, repository: str, since: datetime, pulls: Sequence[Issue]) -> Iterable[int]:
        """The issues of what happened since; see ``completing.Supplement.stirred`` and above."""
        home = self._identify(repository)
        ids = [pull.node_id for pull in pulls]
        numbers = await self._read(self._linked, repository, lambda: self._pulls.closed_by_pulls(ids, home))
        pairs: list[tuple[str, str | None, str | None]] = []
        if "releases" in self._settings.evidence:
            found = await self._releases_of(repository, fresh=False)
            recent = [at for at, one in enumerate(found) if one.changed >= since][:LOOKED_AT]
            for at in recent:
                before = follows(found, at)
                pairs.append(("releases", None if before is None else before.commit, found[at].commit))
        for environment in self._environments:
            step = steps(await self._deployments_of(repository, environment, fresh=False), since)
            if step is not None:
                now, was = (one.commit if one is not None else None for one in step)
                pairs.append(("deployments", was, now))
        found_by = await asyncio.gather(*(self._new(kind, repository, *pair) for kind, *pair in pairs))
        return numbers.union(*found_by)

    async def _new(self, kind: str, repository: str, before: str | None, now: str | None) -> set[int]:
        """The issues of what one commit contains and the other does not: what came, and after a step back what went."""
        home = self._identify(repository)
        if before == now:
            return set()
        if before is None or now is None:
            return await self._read(self._linked, repository, lambda: self._pulls.closed_by_merged(repository, home))
        try:
            came, back = await self._read(kind, repository, lambda: self._ancestry.between(repository, before, now))
            went: tuple[str, ...] = ()
            if back:
                went, _ = await self._read(kind, repository, lambda: self._ancestry.between(repository, now, before))
        except NotFoundError:
            # One of them was taken out of the history since.
            return await self._read(self._linked, repository, lambda: self._pulls.closed_by_merged(repository, home))
        return await self._read(self._linked, repository, lambda: self._pulls.closed_by_commits((*came, *went), home))

    async def _read(self, kind: str, repository: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, and name the evidence and the permission in a refusal: empty evidence would be a lie."""
        try:
            return await ask()
        except UnservedError as error:
            raise RejectedError(
                f"{repository}: evidence ({kind}) needs GraphQL, and {error}. Take it out of `evidence`."
            ) from error
        except RejectedError as error:
            rights = ", ".join(_NEEDS[kind])
            raise RejectedError(
                f"{repository}: evidence ({kind}) cannot be read: {error}. Give the token {rights}; or take "
                f"{kind} out of `evidence`."
            ) from error


def _merged(pulls: Sequence[PullRequest]) -> list[PullRequest]:
    return [pull for pull in pulls if pull.state == "MERGED"]

"""Which commits a commit contains, and what one contains that another does not.

That a commit contains another never changes, so every answer is remembered while the connector lives. A few questions
are asked one by one: "Compare two commits" says ``behind`` or ``identical`` of what the base contains (REST API,
"Commits"). For many at once the commit's own history is read, newest first and a hundred commits an answer, and only
what that did not show is compared: the history of a repository is long, but what was merged lately stands at its top.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from trackersync.connector import Wire, decode
from trackersync_github.graphql import GraphQL, shaped
from trackersync_github.pulls import Merge, PageInfo
from trackersync_github.wire import refused

FEW = 5
"""So many questions are compared one by one."""

DEEP = 100
"""Pages of one history that are read at most: ten thousand commits."""

LONG = 10
"""Pages of a comparison that are read at most: a thousand commits."""

SLACK = timedelta(days=1)
"""Clocks of those who commit differ: that far a commit may seem older than what it contains."""

_HISTORY = """
query History($owner: String!, $name: String!, $oid: GitObjectID!, $after: String) {
  repository(owner: $owner, name: $name) {
    object(oid: $oid) {
      ... on Commit {
        history(first: 100, after: $after) { nodes { oid committedDate } pageInfo { hasNextPage endCursor } }
      }
    }
  }
}
"""


class _Commits(msgspec.Struct, frozen=True, rename="camel"):
    nodes: list[Merge]
    page_info: PageInfo


class _Object(msgspec.Struct, frozen=True):
    history: _Commits | None = None


class _Repository(msgspec.Struct, frozen=True):
    object: _Object | None


class _History(msgspec.Struct, frozen=True):
    repository: _Repository


class _Comparison(msgspec.Struct, frozen=True):
    status: str


class _Commit(msgspec.Struct, frozen=True):
    node_id: str


class _Compared(msgspec.Struct, frozen=True):
    commits: list[_Commit]
    behind_by: int = 0


@dataclass(slots=True)
class _Walk:
    """How far a commit's history has been read."""

    seen: set[str] = field(default_factory=set)
    reached: datetime | None = None
    after: str | None = None
    pages: int = 0
    ended: bool = False


class Ancestry:
    """Answers from memory where it can.

    Args:
        wire: to GitHub.
        graphql: its other API.
    """

    def __init__(self, wire: Wire, graphql: GraphQL) -> None:
        self._wire = wire
        self._graphql = graphql
        self._known: dict[tuple[str, str], bool] = {}
        self._walks: dict[str, _Walk] = {}

    async def contained(self, repository: str, head: str, commits: Mapping[str, datetime]) -> frozenset[str]:
        """Those of some commits that ``head`` contains.

        Args:
            repository: as OWNER/NAME.
            head: a commit.
            commits: each with when it was made.

        Raises:
            NotFoundError, RejectedError, UnavailableError: it cannot be known.
        """
        unknown = [oid for oid in commits if (head, oid) not in self._known]
        if len(unknown) > FEW:
            seen = await self._walked(repository, head, {oid: commits[oid] for oid in unknown})
            self._known |= dict.fromkeys(((head, oid) for oid in unknown if oid in seen), True)
            unknown = [oid for oid in unknown if oid not in seen]
        answers = await asyncio.gather(*(self._contains(repository, head, oid) for oid in unknown))
        self._known |= {(head, oid): answer for oid, answer in zip(unknown, answers, strict=True)}
        return frozenset(oid for oid in commits if self._known[head, oid])

    async def _contains(self, repository: str, head: str, oid: str) -> bool:
        answer = await self._wire.read("GET", f"/repos/{repository}/compare/{head}...{oid}", params={"per_page": 1})
        if answer.status == 404:
            # The two have no history in common, or one is not there any more.
            return False
        if answer.status != 200:
            raise refused(answer, f"comparing commits of {repository}")
        return decode(answer, _Comparison).status in {"behind", "identical"}

    async def _walked(self, repository: str, head: str, wanted: Mapping[str, datetime]) -> Collection[str]:
        """What the history of ``head`` shows, read as far as the oldest of the commits that are looked for."""
        walk = self._walks.setdefault(head, _Walk())
        oldest = min(wanted.values()) - SLACK
        while not walk.ended and walk.pages < DEEP and not walk.seen.issuperset(wanted):
            if walk.reached is not None and walk.reached < oldest:
                break
            await self._further(repository, head, walk)
        return walk.seen

    async def _further(self, repository: str, head: str, walk: _Walk) -> None:
        owner, _, name = repository.partition("/")
        asked = {"owner": owner, "name": name, "oid": head, "after": walk.after}
        found = shaped(await self._graphql.ask(_HISTORY, asked), _History, "what a commit contains").repository.object
        page = None if found is None else found.history
        walk.pages += 1
        if page is None or not page.nodes:
            walk.ended = True
            return
        walk.seen |= {one.oid for one in page.nodes}
        walk.reached = min(one.committed_date for one in page.nodes)
        walk.after = page.page_info.end_cursor
        walk.ended = not page.page_info.has_next_page or walk.after is None

    async def between(self, repository: str, base: str, head: str) -> tuple[tuple[str, ...], bool]:
        """The commits that ``head`` contains and ``base`` does not, by global id; and whether base has some of its own.

        At most a thousand, the oldest; what is beyond, the next full scan shows.

        Raises:
            NotFoundError: they cannot be compared: one is gone, or they have no history in common.
            RejectedError, UnavailableError: they cannot be compared now.
        """
        ids: list[str] = []
        back = False
        for page in range(1, LONG + 1):
            path = f"/repos/{repository}/compare/{base}...{head}"
            answer = await self._wire.read("GET", path, params={"per_page": 100, "page": page})
            if answer.status != 200:
                raise refused(answer, f"comparing commits of {repository}")
            compared = decode(answer, _Compared)
            ids += [commit.node_id for commit in compared.commits]
            back = compared.behind_by > 0
            if len(compared.commits) < 100:
                break
        return tuple(ids), back


def may_contain(made: datetime, commits: Mapping[str, datetime]) -> dict[str, datetime]:
    """Those of some commits that one made then can contain: nothing that came later."""
    return {oid: at for oid, at in commits.items() if at <= made + SLACK}

"""How issues are related, as facts: ``evidence: [relations]``.

========================  ===========================================================================================
``parent``                the key of the issue that this one is a sub-issue of: ``acme/shop#3``
``progress``              of an issue with sub-issues, how many are closed: ``3/5``
``blocked``               ``open`` while an issue that this one waits for is open; ``cleared`` once all are closed
``due``                   the date by which its milestone is due: ``2026-03-05``
``blockers``              the keys of the issues that it waits for, open or closed, as far as the token may see them
``duplicate_of``          of an issue closed as a duplicate, the key of the other
========================  ===========================================================================================

The first four stand in the issue's own JSON and cost nothing. The last two are asked of GraphQL, a hundred issues at
once: for those alone of which REST says that they wait for others, and for those closed as duplicates. Where the host
has none, or none that knows it, the fact is empty; ``blocked`` still tells.

Rules may use ``blocked``. Whether a change of a relation moves the issue's own ``updated_at`` GitHub does not say:
where it does not (a sub-issue that is closed, a blocker that is, a milestone that is put off), the next full scan or a
webhook shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from trackersync.connector import Facts
from trackersync_github.graphql import GraphQL, UnservedError, shaped
from trackersync_github.pulls import BATCH, Home, batches
from trackersync_github.wire import Issue

_DUPLICATES = """
query Duplicates($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Issue { number duplicateOf { number repository { nameWithOwner databaseId } } } }
}
"""


_BLOCKERS = """
query Blockers($ids: [ID!]!, $first: Int!) {
  nodes(ids: $ids) {
    ... on Issue {
      number blockedBy(first: $first) { nodes { number repository { nameWithOwner databaseId } } }
    }
  }
}
"""

_MOST_BLOCKERS = 100
"""Of one issue in one answer: twice as many as GitHub lets it have ("Creating issue dependencies": up to 50)."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class _Other(msgspec.Struct, frozen=True, rename="camel"):
    number: int
    repository: Home

    @property
    def key(self) -> str:
        return f"{self.repository.name_with_owner}#{self.number}"


class _Duplicate(msgspec.Struct, frozen=True, rename="camel"):
    number: int = 0
    duplicate_of: _Other | None = None


class _Duplicates(msgspec.Struct, frozen=True):
    nodes: list[_Duplicate | None]


class _Others(msgspec.Struct, frozen=True):
    nodes: list[_Other | None]


class _Waiting(msgspec.Struct, frozen=True, rename="camel"):
    number: int = 0
    blocked_by: _Others | None = None


class _AllWaiting(msgspec.Struct, frozen=True):
    nodes: list[_Waiting | None]


class Relations:
    """The source of these facts; see ``completing.Supplement``."""

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    async def facts(self, issues: Sequence[Issue], repository: str, *, fresh: bool) -> Mapping[int, Facts]:
        """By number, how these issues are related; see ``completing.Supplement.facts``."""
        duplicates: dict[int, str] = {}
        for batch in batches([one.node_id for one in issues if one.state_reason == "duplicate" and one.node_id], BATCH):
            duplicates |= await self._duplicates(batch)
        blockers: dict[int, tuple[str, ...]] = {}
        for batch in batches([one.node_id for one in issues if _waits(one) and one.node_id], BATCH):
            blockers |= await self._blockers(batch)
        return {
            issue.number: related(issue, duplicates.get(issue.number, ""), blockers.get(issue.number, ()))
            for issue in issues
        }

    async def stirred(self, repository: str, since: datetime, pulls: Sequence[Issue]) -> Iterable[int]:
        """None: GitHub lists no relations that changed."""
        return ()

    async def _duplicates(self, ids: Sequence[str]) -> dict[int, str]:
        try:
            data = await self._graphql.ask(_DUPLICATES, {"ids": list(ids)}, gaps=True)
        except UnservedError:
            return {}
        found = shaped(data, _Duplicates, "which issues are duplicates").nodes
        return {one.number: one.duplicate_of.key for one in found if one is not None and one.duplicate_of is not None}

    async def _blockers(self, ids: Sequence[str]) -> dict[int, tuple[str, ...]]:
        try:
            data = await self._graphql.ask(_BLOCKERS, {"ids": list(ids), "first": _MOST_BLOCKERS}, gaps=True)
        except UnservedError:
            return {}
        found = shaped(data, _AllWaiting, "what these issues wait for").nodes
        return {
            one.number: tuple(dict.fromkeys(other.key for other in one.blocked_by.nodes if other is not None))
            for one in found
            if one is not None and one.blocked_by is not None
        }


def related(issue: Issue, duplicate_of: str = "", blockers: tuple[str, ...] = ()) -> Facts:
    """What an issue's JSON shows of its relations, and beside it what was asked."""
    parts, waits = issue.sub_issues_summary, issue.issue_dependencies_summary
    due = issue.milestone.due_on if issue.milestone is not None else None
    blocked = ""
    if waits is not None and waits.total_blocked_by:
        blocked = "open" if waits.blocked_by else "cleared"
    return {
        "parent": _present(_key(issue.parent_issue_url or "")),
        "progress": _present(f"{parts.completed}/{parts.total}" if parts is not None and parts.total else ""),
        "blocked": _present(blocked),
        "due": _present(found[0] if (found := _DATE.match(due or "")) else ""),
        "blockers": blockers,
        "duplicate_of": _present(duplicate_of),
    }


def _waits(issue: Issue) -> bool:
    waits = issue.issue_dependencies_summary
    return waits is not None and bool(waits.total_blocked_by or waits.blocked_by)


def _key(url: str) -> str:
    """``acme/shop#3`` of ``https://api.github.com/repos/acme/shop/issues/3``; empty for anything else."""
    repository, found, number = urlsplit(url).path.partition("/repos/")[2].partition("/issues/")
    return f"{repository}#{number}" if found else ""


def _present(value: str) -> tuple[str, ...]:
    return (value,) if value else ()

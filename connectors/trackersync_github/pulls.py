"""Pull requests and the issues they close, asked of GraphQL: REST shows neither end of that link.

A pull request closes an issue by a keyword in its text or a commit's, or by hand under "Development"; GitHub counts
only those that go into the default branch ("Linking a pull request to an issue"). The link moves no issue's
``updated_at``, but a pull request that is opened, edited or merged is in the list of issues, as changed: from it the
link is followed back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from trackersync.connector import NotFoundError, UnavailableError
from trackersync_github.graphql import GraphQL, shaped
from trackersync_github.wire import User, automatic

BATCH = 100
"""Ids of one question; GitHub takes no more."""

LINKED = 25
"""Pull requests of an issue, or issues of a pull request, in one answer; further ones are asked for by page."""

MOST_PAGES = 20
"""Of the pull requests of one issue, and of the merged ones of a repository."""

STATES = ("draft", "open", "merged", "closed")
"""The values of the fact ``pulls``, in the order in which they are shown."""

T = TypeVar("T")

_PAGE = "pageInfo { hasNextPage endCursor }"

_PULL = (
    "number state isDraft author { __typename login } mergeCommit { oid committedDate } "
    "repository { nameWithOwner databaseId }"
)

_CLOSING = f"""
query ClosingPullRequests($ids: [ID!]!, $first: Int!) {{
  nodes(ids: $ids) {{
    ... on Issue {{
      closedByPullRequestsReferences(first: $first, includeClosedPrs: true) {{ nodes {{ {_PULL} }} {_PAGE} }}
    }}
  }}
}}
"""

_MORE = f"""
query MoreClosingPullRequests($id: ID!, $first: Int!, $after: String!) {{
  node(id: $id) {{
    ... on Issue {{
      closedByPullRequestsReferences(first: $first, after: $after, includeClosedPrs: true) {{
        nodes {{ {_PULL} }} {_PAGE}
      }}
    }}
  }}
}}
"""

_CLOSED = "closingIssuesReferences(first: $first) { nodes { number repository { nameWithOwner databaseId } } }"

_OF_PULLS = f"""
query ClosedIssues($ids: [ID!]!, $first: Int!) {{
  nodes(ids: $ids) {{ ... on PullRequest {{ {_CLOSED} }} }}
}}
"""

_OF_COMMITS = f"""
query IssuesOfCommits($ids: [ID!]!, $first: Int!) {{
  nodes(ids: $ids) {{ ... on Commit {{ associatedPullRequests(first: 5) {{ nodes {{ {_CLOSED} }} }} }} }}
}}
"""

_OF_MERGED = f"""
query IssuesOfMerged($owner: String!, $name: String!, $first: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequests(first: 50, after: $after, states: [MERGED], orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
      nodes {{ {_CLOSED} }} {_PAGE}
    }}
  }}
}}
"""


class Home(msgspec.Struct, frozen=True, rename="camel"):
    """The repository that something lives in."""

    name_with_owner: str
    database_id: int | None = None


class Merge(msgspec.Struct, frozen=True, rename="camel"):
    """The commit that a pull request became."""

    oid: str
    committed_date: datetime


class Author(msgspec.Struct, frozen=True):
    """Who opened a pull request: a ``User``, a ``Bot``, a placeholder (``Mannequin``)."""

    login: str
    kind: str = msgspec.field(name="__typename", default="")

    @property
    def is_person(self) -> bool:
        """Whether it may be a person; bots bear their names without ``[bot]`` here."""
        return self.kind in {"User", "EnterpriseUserAccount"} and not automatic(User(self.login))


class PullRequest(msgspec.Struct, frozen=True, rename="camel"):
    """A pull request that closes an issue. One whose author was deleted has none."""

    number: int
    state: str
    repository: Home
    is_draft: bool = False
    merge_commit: Merge | None = None
    author: Author | None = None

    @property
    def shown(self) -> str:
        """Its state as the fact ``pulls`` says it."""
        if self.state == "OPEN":
            return "draft" if self.is_draft else "open"
        return self.state.lower()


class PageInfo(msgspec.Struct, frozen=True, rename="camel"):
    """Where a connection goes on."""

    has_next_page: bool = False
    end_cursor: str | None = None


class _Pulls(msgspec.Struct, frozen=True, rename="camel"):
    nodes: list[PullRequest]
    page_info: PageInfo = PageInfo()


class _Linked(msgspec.Struct, frozen=True, rename="camel"):
    closed_by_pull_requests_references: _Pulls | None = None


class _Batch(msgspec.Struct, frozen=True):
    nodes: list[_Linked | None]


class _One(msgspec.Struct, frozen=True):
    node: _Linked | None


class _Issue(msgspec.Struct, frozen=True):
    number: int
    repository: Home


class _Issues(msgspec.Struct, frozen=True):
    nodes: list[_Issue]


class _Closer(msgspec.Struct, frozen=True, rename="camel"):
    closing_issues_references: _Issues | None = None


class _Closers(msgspec.Struct, frozen=True, rename="camel"):
    nodes: list[_Closer | None]
    page_info: PageInfo = PageInfo()


class _Associated(msgspec.Struct, frozen=True, rename="camel"):
    associated_pull_requests: _Closers | None = None


class _Commits(msgspec.Struct, frozen=True):
    nodes: list[_Associated | None]


class _Repository(msgspec.Struct, frozen=True, rename="camel"):
    pull_requests: _Closers


class _Merged(msgspec.Struct, frozen=True):
    repository: _Repository


class Pulls:
    """Follows the link between issues and pull requests, either way.

    Every method raises what ``GraphQL.ask`` does; what may not be seen raises, and never passes for no link.
    """

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    async def closing(self, ids: Sequence[str]) -> Mapping[str, tuple[PullRequest, ...]]:
        """By global id of an issue, the pull requests that close it; an issue that is gone is absent."""
        found: dict[str, tuple[PullRequest, ...]] = {}
        for batch in batches(ids, BATCH):
            # By their order, which is the one asked in: an id may come back in another of the two forms GitHub has.
            for identity, linked in zip(batch, await self._batch(batch), strict=True):
                if linked is not None and linked.closed_by_pull_requests_references is not None:
                    found[identity] = await self._whole(identity, linked.closed_by_pull_requests_references)
        return found

    async def _batch(self, ids: Sequence[str]) -> list[_Linked | None]:
        nodes = shaped(await self._nodes(_CLOSING, ids), _Batch, "which pull requests close these issues").nodes
        if len(nodes) != len(ids):
            raise UnavailableError(f"GitHub's GraphQL answered with {len(nodes)} issues, and {len(ids)} were asked for")
        return nodes

    async def _nodes(self, query: str, ids: Sequence[str]) -> dict[str, Any]:
        asked = {"ids": list(ids), "first": LINKED}
        try:
            return await self._graphql.ask(query, asked)
        except NotFoundError:
            # Some went meanwhile, and nothing worse: whoever looks for them is told so by their own address.
            return await self._graphql.ask(query, asked, gaps=True)

    async def _whole(self, identity: str, first: _Pulls) -> tuple[PullRequest, ...]:
        rows, page = list(first.nodes), first.page_info
        for _ in range(MOST_PAGES):
            if not page.has_next_page or page.end_cursor is None:
                return tuple(rows)
            data = await self._graphql.ask(_MORE, {"id": identity, "first": BATCH, "after": page.end_cursor})
            linked = shaped(data, _One, "which other pull requests close an issue").node
            if linked is None or linked.closed_by_pull_requests_references is None:
                return tuple(rows)
            rows += linked.closed_by_pull_requests_references.nodes
            page = linked.closed_by_pull_requests_references.page_info
        raise UnavailableError(f"the pull requests that close one issue did not end after {MOST_PAGES} pages")

    async def closed_by_pulls(self, ids: Sequence[str], repository: int) -> set[int]:
        """The numbers of a repository's issues that some pull requests close, by global id."""
        numbers: set[int] = set()
        for batch in batches(ids, BATCH):
            data = await self._nodes(_OF_PULLS, batch)
            numbers |= _numbers(shaped(data, _Closers, "which issues these pull requests close").nodes, repository)
        return numbers

    async def closed_by_commits(self, ids: Sequence[str], repository: int) -> set[int]:
        """The numbers of a repository's issues that the pull requests of some commits close, by global id."""
        numbers: set[int] = set()
        for batch in batches(ids, BATCH):
            data = await self._nodes(_OF_COMMITS, batch)
            for one in shaped(data, _Commits, "which issues these commits close").nodes:
                if one is not None and one.associated_pull_requests is not None:
                    numbers |= _numbers(one.associated_pull_requests.nodes, repository)
        return numbers

    async def closed_by_merged(self, name: str, repository: int) -> set[int]:
        """The numbers of issues closed by the pull requests merged or changed last, some hundreds of them."""
        owner, _, short = name.partition("/")
        numbers: set[int] = set()
        after: str | None = None
        for _ in range(MOST_PAGES):
            asked = {"owner": owner, "name": short, "first": LINKED, "after": after}
            found = shaped(await self._graphql.ask(_OF_MERGED, asked), _Merged, "which issues were closed by merging")
            numbers |= _numbers(found.repository.pull_requests.nodes, repository)
            after = found.repository.pull_requests.page_info.end_cursor
            if not found.repository.pull_requests.page_info.has_next_page or after is None:
                break
        return numbers


def batches(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Some rows at a time."""
    return (rows[at : at + size] for at in range(0, len(rows), size))


def states(pulls: Sequence[PullRequest]) -> tuple[str, ...]:
    """The fact ``pulls``: the states that pull requests are in, each once."""
    shown = {pull.shown for pull in pulls}
    return tuple(state for state in STATES if state in shown)


def authors(pulls: Sequence[PullRequest]) -> tuple[str, ...]:
    """The fact ``authors``: the people who opened those that are open or drafts, each once."""
    opened = [pull.author for pull in pulls if pull.state == "OPEN"]
    return tuple(dict.fromkeys(one.login for one in opened if one is not None and one.is_person))


def _numbers(closers: Sequence[_Closer | None], repository: int) -> set[int]:
    return {
        issue.number
        for one in closers
        if one is not None and one.closing_issues_references is not None
        for issue in one.closing_issues_references.nodes
        if issue.repository.database_id == repository
    }

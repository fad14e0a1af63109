"""The part of GitHub's GraphQL schema that shows code: pull requests, commits, releases and deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.github import render
from trackersync.sandbox.github.graph import GraphRefusalError, Node, Part, connection
from trackersync.sandbox.github.graph_core import issue_node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trackersync.sandbox.github.call import Call
    from trackersync.sandbox.github.code import Commit, Pull
    from trackersync.sandbox.github.model import GitHub

_SDL: Final = """
scalar GitObjectID
scalar GitTimestamp

enum OrderDirection { ASC DESC }
enum ReleaseOrderField { CREATED_AT NAME }
enum DeploymentOrderField { CREATED_AT }
enum IssueOrderField { COMMENTS CREATED_AT UPDATED_AT }
enum DeploymentState {
  ABANDONED ACTIVE DESTROYED ERROR FAILURE INACTIVE IN_PROGRESS PENDING QUEUED SUCCESS WAITING
}
input ReleaseOrder { field: ReleaseOrderField! direction: OrderDirection! }
input DeploymentOrder { field: DeploymentOrderField! direction: OrderDirection! }
input IssueOrder { field: IssueOrderField! direction: OrderDirection! }

interface GitObject { id: ID! oid: GitObjectID! }

type GitUser { login: String! }
type GitActor { name: String user: GitUser }

type Commit implements Node & GitObject {
  id: ID!
  oid: GitObjectID!
  committedDate: DateTime!
  author: GitActor
  history(after: String, before: String, first: Int, last: Int, since: GitTimestamp, until: GitTimestamp):
    CommitHistoryConnection!
  associatedPullRequests(after: String, before: String, first: Int, last: Int): PullRequestConnection
}
type CommitHistoryConnection { nodes: [Commit] pageInfo: PageInfo! totalCount: Int! }

type PullRequestConnection { nodes: [PullRequest] pageInfo: PageInfo! totalCount: Int! }
type PullRequestCommit { commit: Commit! }
type PullRequestCommitConnection { nodes: [PullRequestCommit] pageInfo: PageInfo! totalCount: Int! }
type PullRequestChangedFile { path: String! }
type PullRequestChangedFileConnection { nodes: [PullRequestChangedFile] pageInfo: PageInfo! totalCount: Int! }
type IssueConnection { nodes: [Issue] pageInfo: PageInfo! totalCount: Int! }

type Release {
  databaseId: Int
  tagName: String!
  isDraft: Boolean!
  isPrerelease: Boolean!
  createdAt: DateTime!
  updatedAt: DateTime!
  publishedAt: DateTime
  tagCommit: Commit
}
type ReleaseConnection { nodes: [Release] pageInfo: PageInfo! totalCount: Int! }

type Deployment {
  environment: String
  commitOid: String!
  commit: Commit
  state: DeploymentState
  createdAt: DateTime!
  updatedAt: DateTime!
}
type DeploymentConnection { nodes: [Deployment] pageInfo: PageInfo! totalCount: Int! }

extend type Issue {
  closedByPullRequestsReferences(
    after: String, before: String, first: Int, includeClosedPrs: Boolean = false, last: Int,
    orderByState: Boolean = false, userLinkedOnly: Boolean = false
  ): PullRequestConnection
}

extend type PullRequest {
  author: Actor
  isDraft: Boolean!
  mergedAt: DateTime
  mergeCommit: Commit
  closingIssuesReferences(after: String, before: String, first: Int, last: Int): IssueConnection
  commits(after: String, before: String, first: Int, last: Int): PullRequestCommitConnection!
  files(after: String, before: String, first: Int, last: Int): PullRequestChangedFileConnection
}

extend type Repository {
  object(expression: String, oid: GitObjectID): GitObject
  releases(after: String, before: String, first: Int, last: Int, orderBy: ReleaseOrder): ReleaseConnection!
  deployments(
    after: String, before: String, environments: [String!], first: Int, last: Int,
    orderBy: DeploymentOrder = {field: CREATED_AT, direction: ASC}
  ): DeploymentConnection!
  pullRequests(
    after: String, before: String, first: Int, last: Int, orderBy: IssueOrder, states: [PullRequestState!]
  ): PullRequestConnection!
}
"""

_NO_PULL: Final = "Resource not accessible by personal access token"


def _readable(hub: GitHub) -> None:
    if not hub.code.readable:
        raise GraphRefusalError("FORBIDDEN", _NO_PULL)


def _newest(rows: Iterable[Any], order: dict[str, str] | None) -> list[Any]:
    """Put rows in the order asked for; they come oldest first."""
    return list(rows)[:: -1 if order and order["direction"] == "DESC" else 1]


def _commit(hub: GitHub, oid: str | None) -> Node | None:
    return Node("Commit", hub.code.commits[oid], hub) if oid in hub.code.commits else None


def _pull(source: Node) -> Pull | None:
    known: Pull | None = source.of.code.pulls.get(source.value.number)
    return known


def _pulls_where(call: Call, wanted: Callable[[GitHub, Pull], bool]) -> list[Node]:
    return [
        issue_node(hub, pull.number)
        for hub in call.model.boards.hubs
        for pull in hub.code.pulls.values()
        if wanted(hub, pull)
    ]


def _closing(source: Node, call: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    _readable(source.of)
    place = (source.of.repository, source.value.number)
    rows = _pulls_where(call, lambda _, pull: place in pull.closes)
    if not asked["includeClosedPrs"]:
        # As seen on the real one: this leaves out those closed without a merge, and keeps the merged.
        rows = [row for row in rows if row.value.state == "open" or _merged(row)]
    return _connected(rows, asked)


def _connected(rows: list[Any], asked: dict[str, Any]) -> Any:  # noqa: ANN401  # JSON
    return connection(rows, asked.get("first"), asked.get("after"), asked.get("last"))


def _merged(source: Node) -> bool:
    pull = _pull(source)
    return pull is not None and pull.merged is not None


def _state(source: Node, _: Call) -> str:
    return "MERGED" if _merged(source) else str(source.value.state).upper()


def _closes(source: Node, call: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    pull = _pull(source)
    _readable(source.of)
    hubs = {hub.repository: hub for hub in call.model.boards.hubs}
    places = pull.closes if pull is not None else ()
    rows = [issue_node(hubs[name], number) for name, number in places if name in hubs and number in hubs[name].issues]
    return _connected(rows, asked)


def _commits(source: Node, _: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    pull = _pull(source)
    return _connected([{"commit": _commit(source.of, oid)} for oid in (pull.commits if pull else ())], asked)


def _files(source: Node, _: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    pull = _pull(source)
    return _connected([{"path": path} for path in (pull.files if pull else ())], asked)


def _history(source: Node, _: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    rows = [Node("Commit", one, source.of) for one in source.of.code.history(source.value.oid)]
    return _connected(rows, asked)


def _associated(source: Node, call: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    oid = source.value.oid
    return _connected(_pulls_where(call, lambda _, pull: oid == pull.merge or oid in pull.commits), asked)


def _opener(source: Node, _: Call) -> Node | None:
    """Who opened it: nobody once the account is deleted; a bot is called without the ending that it has in REST."""
    login = str(source.value.author)
    if login == "ghost":
        return None
    return Node("Bot" if login.endswith("[bot]") else "User", login.removesuffix("[bot]"), "user")


def _author(source: Node, _: Call) -> dict[str, Any]:
    return {"name": source.value.author, "user": {"login": source.value.author}}


def _object(source: Node, _: Call, oid: str | None = None, expression: str | None = None) -> Node | None:
    try:
        return _commit(source.value, source.value.code.resolve(oid or expression or ""))
    except KeyError:
        return None


def _releases(source: Node, call: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    hub: GitHub = source.value
    _readable(hub)
    shown = [one for one in hub.code.releases if call.may_push or not one.draft]
    rows = [
        {
            "databaseId": one.id,
            "tagName": one.tag,
            "isDraft": one.draft,
            "isPrerelease": one.prerelease,
            "createdAt": moments.github(one.created),
            "updatedAt": moments.github(one.updated),
            "publishedAt": None if one.published is None else moments.github(one.published),
            "tagCommit": _commit(hub, hub.code.refs.get(one.tag)),
        }
        for one in _newest(shown, asked.get("orderBy"))
    ]
    return _connected(rows, asked)


def _deployments(source: Node, _: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    hub: GitHub = source.value
    _readable(hub)
    wanted = {name.casefold() for name in asked.get("environments") or ()}
    shown = [one for one in hub.code.deployments if not wanted or one.environment.casefold() in wanted]
    rows = [
        {
            "environment": one.environment,
            "commitOid": one.oid,
            "commit": _commit(hub, one.oid),
            "state": one.state,
            "createdAt": moments.github(one.created),
            "updatedAt": moments.github(one.updated),
        }
        for one in _newest(shown, asked.get("orderBy"))
    ]
    return _connected(rows, asked)


def _pull_requests(source: Node, call: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    hub: GitHub = source.value
    _readable(hub)
    states = asked.get("states")
    rows = [issue_node(hub, number) for number in hub.code.pulls]
    rows = [row for row in rows if not states or _state(row, call) in states]
    rows.sort(key=lambda row: int(row.value.updated))
    return _connected(_newest(rows, asked.get("orderBy")), asked)


def _commit_by_id(call: Call, number: int) -> Node | None:
    found: list[tuple[GitHub, Commit]] = [
        (hub, one) for hub in call.model.boards.hubs for one in hub.code.commits.values() if one.number == number
    ]
    return Node("Commit", found[0][1], found[0][0]) if found else None


PART: Final = Part(
    _SDL,
    {
        "Issue": {"closedByPullRequestsReferences": _closing},
        "PullRequest": {
            "author": _opener,
            "state": _state,
            "url": lambda one, call: f"{call.base}/{one.of.repository}/pull/{one.value.number}",
            "isDraft": lambda one, _: (pull := _pull(one)) is not None and pull.draft,
            "mergedAt": lambda one, _: moments.github(pull.merged) if (pull := _pull(one)) and pull.merged else None,
            "mergeCommit": lambda one, _: _commit(one.of, pull.merge) if (pull := _pull(one)) else None,
            "closingIssuesReferences": _closes,
            "commits": _commits,
            "files": _files,
        },
        "Bot": {"login": lambda one, _: one.value},
        "Commit": {
            "id": lambda one, _: render.node_id("C", one.value.number),
            "oid": lambda one, _: one.value.oid,
            "committedDate": lambda one, _: moments.github(one.value.made),
            "author": _author,
            "history": _history,
            "associatedPullRequests": _associated,
        },
        "Repository": {
            "object": _object,
            "releases": _releases,
            "deployments": _deployments,
            "pullRequests": _pull_requests,
        },
    },
    {"C": _commit_by_id},
)

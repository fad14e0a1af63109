"""The part of GitHub's GraphQL schema that the others extend: nodes, repositories, issues and pull requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.github import render
from trackersync.sandbox.github.graph import GraphRefusalError, Node, Part, node_of

if TYPE_CHECKING:
    from trackersync.sandbox.github.call import Call
    from trackersync.sandbox.github.model import GitHub

_SDL: Final = """
scalar BigInt
scalar DateTime
scalar URI

interface Node { id: ID! }

interface Actor { login: String! }
type Bot implements Actor { login: String! }

type PageInfo { endCursor: String hasNextPage: Boolean! }

type RateLimit { cost: Int! limit: Int! remaining: Int! resetAt: DateTime! used: Int! }

type Repository implements Node {
  id: ID!
  databaseId: Int
  name: String!
  nameWithOwner: String!
  issue(number: Int!): Issue
  pullRequest(number: Int!): PullRequest
}

enum IssueState { CLOSED OPEN }
enum PullRequestState { CLOSED MERGED OPEN }

type Issue implements Node {
  id: ID!
  fullDatabaseId: BigInt
  number: Int!
  title: String!
  state: IssueState!
  url: URI!
  updatedAt: DateTime!
  repository: Repository!
  duplicateOf: Issue
}

type PullRequest implements Node {
  id: ID!
  fullDatabaseId: BigInt
  number: Int!
  title: String!
  state: PullRequestState!
  url: URI!
  updatedAt: DateTime!
  repository: Repository!
}

type Query {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
  rateLimit(dryRun: Boolean = false): RateLimit
}

type Mutation { clientMutationId: String }
"""


def issue_node(hub: GitHub, number: int) -> Node:
    """Return an issue or pull request as a node; ``of`` is its repository."""
    item = hub.issues[number]
    return Node("PullRequest" if item.pull else "Issue", item, hub)


def _node(_: object, call: Call, **arguments: Any) -> Node:  # noqa: ANN401  # `id`, which is no name for a parameter
    return node_of(call, arguments["id"])


def _nodes(_: object, call: Call, ids: list[str]) -> list[Node | GraphRefusalError]:
    return [_or_refusal(call, identity) for identity in ids]


def _or_refusal(call: Call, identity: str) -> Node | GraphRefusalError:
    try:
        return node_of(call, identity)
    except GraphRefusalError as refusal:
        # graphql-core makes null and an error of an exception that stands in a list.
        return refusal


def _repository(_: object, call: Call, owner: str, name: str, **__: object) -> Node:
    for hub in call.model.boards.hubs:
        if hub.repository.casefold() == f"{owner}/{name}".casefold():
            return Node("Repository", hub)
    raise GraphRefusalError("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")


def _numbered(kind: str) -> Any:  # noqa: ANN401  # a resolver
    def resolve(source: Node, _: Call, number: int) -> Node:
        if number in source.value.issues and issue_node(source.value, number).type == kind:
            return issue_node(source.value, number)
        raise GraphRefusalError("NOT_FOUND", f"Could not resolve to an {kind} with the number of {number}.")

    return resolve


def _rate_limit(_: object, call: Call, **__: object) -> dict[str, Any]:
    used = len(call.model.requests) % call.model.hourly
    reset = moments.github(moments.seconds(call.model.clock()) + 3600)
    return {
        "cost": 1,
        "limit": call.model.hourly,
        "remaining": call.model.hourly - used,
        "resetAt": reset,
        "used": used,
    }


def _duplicate_of(source: Node, _: Call) -> Node | None:
    number = source.of.duplicates.get(source.value.number)
    return issue_node(source.of, number) if number in source.of.issues else None


def _state(source: Node, _: Call) -> str:
    return str(source.value.state).upper()


_ISSUE: Final = {
    "id": lambda one, _: render.issue_node_id(one.of, one.value),
    "fullDatabaseId": lambda one, _: str(render.issue_id(one.of, one.value.number)),
    "number": lambda one, _: one.value.number,
    "title": lambda one, _: one.value.title,
    "state": _state,
    "url": lambda one, call: f"{call.base}/{one.of.repository}/issues/{one.value.number}",
    "updatedAt": lambda one, _: moments.github(one.value.updated),
    "repository": lambda one, _: Node("Repository", one.of),
}


def _issue_by_id(call: Call, number: int) -> Node | None:
    for hub in call.model.boards.hubs:
        place = number - render.issue_id(hub, 0)
        if place in hub.issues:
            return issue_node(hub, place)
    return None


PART: Final = Part(
    _SDL,
    {
        "Query": {"node": _node, "nodes": _nodes, "repository": _repository, "rateLimit": _rate_limit},
        "Repository": {
            "id": lambda one, _: render.node_id("R", one.value.repository_id),
            "databaseId": lambda one, _: one.value.repository_id,
            "name": lambda one, _: one.value.name,
            "nameWithOwner": lambda one, _: one.value.repository,
            "issue": _numbered("Issue"),
            "pullRequest": _numbered("PullRequest"),
        },
        "Issue": {**_ISSUE, "duplicateOf": _duplicate_of},
        "PullRequest": _ISSUE,
    },
    {"I": _issue_by_id, "PR": _issue_by_id},
)

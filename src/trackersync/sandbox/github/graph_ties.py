"""The part of GitHub's GraphQL schema that shows what issues wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox.github.graph import Node, Part, connection
from trackersync.sandbox.github.graph_core import issue_node

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackersync.sandbox.github.call import Call

_SDL: Final = """
enum IssueDependencyOrderField { CREATED_AT DEPENDENCY_ADDED_AT }
input IssueDependencyOrder { direction: OrderDirection! field: IssueDependencyOrderField! }

extend type Issue {
  blockedBy(
    after: String, before: String, first: Int, last: Int,
    orderBy: IssueDependencyOrder = {field: DEPENDENCY_ADDED_AT, direction: DESC}
  ): IssueConnection!
  blocking(
    after: String, before: String, first: Int, last: Int,
    orderBy: IssueDependencyOrder = {field: DEPENDENCY_ADDED_AT, direction: DESC}
  ): IssueConnection!
}
"""


def _blocked_by(source: Node, _: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    return _shown(source, source.of.ties.blockers.get(source.value.number, ()), asked)


def _blocking(source: Node, _: Call, **asked: Any) -> Any:  # noqa: ANN401  # a resolver
    number = source.value.number
    return _shown(source, [one for one, others in source.of.ties.blockers.items() if number in others], asked)


def _shown(source: Node, numbers: Iterable[int], asked: dict[str, Any]) -> Any:  # noqa: ANN401  # JSON
    order = asked["orderBy"]
    there = [number for number in numbers if number in source.of.issues]
    if order["field"] == "CREATED_AT":
        there.sort(key=lambda number: int(source.of.issues[number].created))
    if order["direction"] == "DESC":
        there.reverse()
    rows = [issue_node(source.of, number) for number in there]
    return connection(rows, asked.get("first"), asked.get("after"), asked.get("last"))


PART: Final = Part(_SDL, {"Issue": {"blockedBy": _blocked_by, "blocking": _blocking}})

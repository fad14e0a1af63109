"""``POST /graphql``: questions executed by graphql-core against those parts of GitHub's schema that the stand-in has.

The schema is put together of parts, each SDL with the resolvers of its fields. To serve more, write a module with a
``PART`` (``extend type Issue { … }`` where a type is there already) and name it in ``_PARTS``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox.github.call import RefusalError, not_found
from trackersync.sandbox.github.routes import Answer

if TYPE_CHECKING:
    from graphql import GraphQLError, GraphQLSchema

    from trackersync.sandbox.github.call import Call

_PARTS: Final = ("graph_core", "graph_projects", "graph_code", "graph_ties")
"""Modules beside this one, each with a ``PART``; the first has the types that the others extend."""

Resolver = Callable[..., Any]
"""Gets the source (a ``Node`` or a mapping), the call, and the field's arguments by name."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the schema.

    Attributes:
        sdl: in GraphQL's schema language.
        resolvers: by type and field, what gives its value; other fields are looked up in the source, a mapping.
        nodes: by the prefix of a global id (``I`` of ``I_AAAA``), from the call and the database id to the node.
    """

    sdl: str
    resolvers: Mapping[str, Mapping[str, Resolver]]
    nodes: Mapping[str, Callable[[Call, int], Node | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a type, and what it is made of."""

    type: str
    value: Any
    of: Any = None


class GraphRefusalError(Exception):
    """An error with the ``type`` that GitHub puts into the answer, such as ``NOT_FOUND`` and ``FORBIDDEN``."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def connection(rows: Sequence[Any], first: int | None, after: str | None = None, last: int | None = None) -> Any:  # noqa: ANN401
    """Show a page of rows as a connection; GitHub wants to be told how many, from 1 to 100."""
    size = first if first is not None else last
    if size is None:
        raise GraphRefusalError("MISSING_PAGINATION_BOUNDARIES", "You must provide a `first` or `last` value")
    if not 1 <= size <= 100:
        raise GraphRefusalError("EXCESSIVE_PAGINATION", f"Requesting {size} records exceeds the limit of 100 records")
    start = int(after or 0) if first is not None else max(0, len(rows) - size)
    page = rows[start : start + size]
    end = start + len(page)
    return {
        "nodes": page,
        "totalCount": len(rows),
        "pageInfo": {"hasNextPage": end < len(rows), "endCursor": str(end) if page else None},
    }


def ask(call: Call) -> Answer:
    """Answer one question, or make one change. Trouble comes as 200 with ``errors``, as GitHub sends it."""
    if not call.model.boards.graphql:
        raise not_found()
    from graphql import GraphQLError, execute_sync, parse, validate  # noqa: PLC0415  # heavy, and seldom needed

    asked = call.fields()
    if not isinstance(asked.get("query"), str):
        raise RefusalError(400, "A query attribute must be specified and must be a string.")
    try:
        document = parse(asked["query"])
    except GraphQLError as trouble:
        return Answer(200, {"errors": [_shown(trouble)]})
    faults = validate(_schema(), document)
    if faults:
        return Answer(200, {"errors": [_invalid(fault) for fault in faults]})
    result = execute_sync(
        _schema(), document, context_value=call, variable_values=asked.get("variables") or {}, type_resolver=_type_of
    )
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [_shown(fault) for fault in result.errors]
    return Answer(200, body)


def node_of(call: Call, identity: str) -> Node:
    """Return what a global id names, or refuse as GitHub does."""
    from trackersync.sandbox.github.render import number_of  # noqa: PLC0415  # the parts import this module

    prefix, number = number_of(identity)
    for part in _parts():
        if prefix in part.nodes and (found := part.nodes[prefix](call, number)) is not None:
            return found
    raise GraphRefusalError("NOT_FOUND", f"Could not resolve to a node with the global id of '{identity}'")


@cache
def _parts() -> tuple[Part, ...]:
    return tuple(import_module(f"trackersync.sandbox.github.{name}").PART for name in _PARTS)


@cache
def _schema() -> GraphQLSchema:
    from graphql import GraphQLObjectType, build_schema  # noqa: PLC0415  # heavy

    schema = build_schema("\n".join(part.sdl for part in _parts()))
    for part in _parts():
        for name, fields in part.resolvers.items():
            kind = schema.type_map[name]
            if not isinstance(kind, GraphQLObjectType):
                raise TypeError(f"{name} is no type that has fields")
            for field_name, resolver in fields.items():
                kind.fields[field_name].resolve = _resolving(resolver)
    return schema


def sdl() -> str:
    """Return the whole schema in GraphQL's schema language, for tests that hold queries against it."""
    return "\n".join(part.sdl for part in _parts())


def _resolving(resolver: Resolver) -> Callable[..., Any]:
    return lambda source, info, **arguments: resolver(source, info.context, **arguments)


def _type_of(value: Any, _info: object, _kind: object) -> str:  # noqa: ANN401  # whatever a resolver gave
    return str(value.type if isinstance(value, Node) else value["__typename"])


def _shown(fault: GraphQLError) -> dict[str, Any]:
    shown: dict[str, Any] = {"message": fault.message}
    original = fault.original_error
    if isinstance(original, GraphRefusalError):
        shown = {"type": original.kind, **shown}
    elif original is not None:
        raise original
    if fault.path:
        shown["path"] = fault.path
    if fault.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in fault.locations]
    return shown


_UNDEFINED = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")


def _invalid(fault: GraphQLError) -> dict[str, Any]:
    """Word a fault of the question itself as GitHub does: with a code among the extensions."""
    found = _UNDEFINED.match(fault.message)
    if found is None:
        return _shown(fault) | {"extensions": {"code": "invalid"}}
    name, kind = found.groups()
    return _shown(fault) | {
        "message": f"Field '{name}' doesn't exist on type '{kind}'",
        "extensions": {"code": "undefinedField", "typeName": kind, "fieldName": name},
    }


ROUTES: Final = (("POST", "/graphql", ask), ("POST", "/api/graphql", ask))

"""A model's schema, made to take what a file may write: variables, short forms, and ``null`` to take a key away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]
_ANY = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}"
VARIABLE: Schema = {"type": "string", "pattern": _ANY}
ANNOTATIONS = ("title", "description", "default", "examples")
"""What says something of a value and limits it in nothing."""
_NUMBER = {"type": "string", "pattern": rf"^\s*[+-]?[0-9_]*\.?[0-9]+\s*$|{_ANY}"}
_TRUTH = {"enum": ["true", "false", "yes", "no", "on", "off", "y", "n", "t", "f", "1", "0", 1, 0]}
"""What stands in for true and false, read by YAML 1.1, by 1.2, or from a variable."""
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""What pydantic leaves in its own words where a validator stands before the bound."""
_SCALARS: dict[str, Schema] = {"integer": _NUMBER, "number": _NUMBER, "boolean": _TRUTH}


def loosened(node: Any) -> Any:  # noqa: ANN401  # a schema is any JSON
    """The schema, taking more; what it is given is left as it is."""
    if isinstance(node, list):
        return [loosened(one) for one in node]
    if not isinstance(node, dict):
        return node
    made: Schema = {}
    for found, value in node.items():
        key = str(_BOUNDS.get(found, found))
        if value is None and key not in {"default", "const"}:
            continue
        if key == "properties":
            made[key] = {name: nullable(loosened(one)) for name, one in value.items()}
        elif key == "additionalProperties" and isinstance(value, dict):
            made[key] = nullable(loosened(value))
        elif key in {"default", "examples", "enum", "const", "propertyNames", "allOf"}:
            made[key] = value
        elif key not in {"format", "writeOnly", "discriminator"}:
            made[key] = loosened(value)
    if "required" in made and "properties" in made:
        del made["required"]
    if made.get("default", ...) is None or isinstance(made.get("default"), dict):
        del made["default"]
    return _varied(made)


def _varied(node: Schema) -> Schema:
    """The same, or a variable."""
    kind = node.get("type")
    if kind in _SCALARS:
        return _or(node, [_SCALARS[str(kind)], *([{"$ref": "#/$defs/variable"}] if kind == "boolean" else [])])
    if "pattern" in node:
        return node if _ANY in node["pattern"] else {**node, "pattern": f"{node['pattern']}|{_ANY}"}
    if "enum" in node or "const" in node or "maxLength" in node:
        return _or(node, [{"$ref": "#/$defs/variable"}])
    return node


def nullable(node: Schema) -> Schema:
    """The same, or null."""
    if not node.keys() - set(ANNOTATIONS) or "const" in node:
        return node
    if "anyOf" in node and not node.keys() - {*ANNOTATIONS, "anyOf"}:
        some = node["anyOf"]
        return node if {"type": "null"} in some else {**node, "anyOf": [*some, {"type": "null"}]}
    if isinstance(node.get("type"), str) and not {"enum", "anyOf", "oneOf"} & node.keys():
        return {**node, "type": [node["type"], "null"]} if node["type"] != "null" else node
    return _or(node, [{"type": "null"}])


def _or(node: Schema, others: Iterable[Schema]) -> Schema:
    """One of several, with what is said of it left outside."""
    said = {key: value for key, value in node.items() if key in ANNOTATIONS}
    rest = {key: value for key, value in node.items() if key not in ANNOTATIONS}
    return {**said, "anyOf": [rest, *others]}


def wording(values: Iterable[str]) -> Schema:
    """One of these words, in any case."""
    some = list(values)
    return {"anyOf": [{"enum": some}, {"type": "string", "pattern": f"^({'|'.join(map(any_case, some))})$"}]}


def any_case(word: str) -> str:
    """A pattern of the word in any case."""
    return "".join(f"[{char.lower()}{char.upper()}]" if char.isalpha() else char for char in word)

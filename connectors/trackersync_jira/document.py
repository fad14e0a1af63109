"""The text of an Atlassian Document (ADF), which v3 of Jira Cloud's API gives where v2 gives wiki text.

Only what can name other work is kept: text, the addresses behind links, cards, and mentions. Source: Atlassian,
"Atlassian Document Format", structure of nodes and marks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_INLINE = frozenset({"text", "mention", "emoji", "date", "status", "inlineCard"})
"""Nodes that stand inside a line; any other begins a new one."""


def plain(description: object) -> str:
    """The text of a description in either form; empty for anything else."""
    if isinstance(description, str):
        return description
    return "".join(_pieces(description)).strip()


def _pieces(document: object) -> Iterator[str]:
    """Text in the order of reading, without recursion, so that no nesting is too deep."""
    todo: list[object] = [document]
    while todo:
        node = todo.pop()
        if not isinstance(node, dict):
            continue
        kind = node.get("type")
        if kind not in _INLINE:
            yield "\n"
        yield from _own(node, kind)
        content = node.get("content")
        if isinstance(content, list):
            todo.extend(reversed(content))


def _own(node: dict[Any, Any], kind: object) -> Iterator[str]:
    if kind == "text":
        # Pieces of one word in several styles must stay one word: "SHOP-" + "42".
        yield _text(node.get("text"))
    elif kind == "mention":
        yield _text(_attributes(node).get("text"))
    for url in _urls(node, kind):
        # Spaces keep an address from growing into the words around it.
        yield f" {url} "


def _urls(node: dict[Any, Any], kind: object) -> Iterator[str]:
    marks = node.get("marks")
    for mark in marks if isinstance(marks, list) else ():
        if isinstance(mark, dict) and mark.get("type") == "link":
            yield _text(_attributes(mark).get("href"))
    if isinstance(kind, str) and kind.endswith("Card"):
        yield _text(_attributes(node).get("url"))


def _attributes(node: dict[Any, Any]) -> dict[Any, Any]:
    attributes = node.get("attrs")
    return attributes if isinstance(attributes, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

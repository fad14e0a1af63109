"""Jira's answers in the shapes that are expected of them, also where a server writes them a little otherwise.

Servers that stand in for Jira give ids as numbers, or null where Jira leaves a member out. What is as Jira documents it
is decoded at once; only what is not is mended first, and refused if that does not help.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from trackersync.connector import Answer, UnavailableError, decode

T = TypeVar("T")


def shaped(answer: Answer, shape: type[T]) -> T:
    """An answer's body in this shape.

    Raises:
        UnavailableError: it is something else, whatever one overlooks.
    """
    try:
        return decode(answer, shape)
    except UnavailableError as error:
        try:
            return msgspec.convert(_mended(msgspec.json.decode(answer.body)), shape, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise error from None


def _mended(value: Any) -> Any:  # noqa: ANN401  # JSON
    """The same without what is null, and with ids as texts."""
    if isinstance(value, dict):
        return {
            name: str(member) if name == "id" and isinstance(member, int) else _mended(member)
            for name, member in value.items()
            if member is not None
        }
    if isinstance(value, list):
        return [_mended(member) for member in value if member is not None]
    return value

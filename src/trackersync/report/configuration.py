"""A configuration key by key, for people and machines: what holds and who says so, and what one key is for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_FILE = re.compile(r"(.+):(\d+)")


@dataclass(frozen=True, slots=True)
class Line:
    """A key, its value as a configuration writes it, the same for machines, and where it comes from."""

    key: str
    value: str
    raw: Any
    source: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One key, and what it holds here.

    Attributes:
        name: dotted, with a tracker's own name where it is known.
        takes: what may stand there.
        connector: whose trackers have it; empty: every one's.
        description: what it is for.
        default: as a configuration writes it.
        needed: it has none, and must stand there.
        variable: the variable that sets it; empty where none can.
        here: what holds here; nothing where no configuration was read.
        below: the keys below it, each with what it is for.
        example: lines of a configuration.
    """

    name: str
    takes: str
    connector: str
    description: str
    default: str
    needed: bool
    variable: str
    here: Sequence[Line]
    below: Sequence[tuple[str, str]]
    example: str


def holding_record(files: Sequence[str], lines: Sequence[Line]) -> dict[str, Any]:
    """What ``trackersync config --format json`` prints."""
    return {"files": list(files), "keys": [_line(one) for one in lines]}


def key_record(one: Explained) -> dict[str, Any]:
    """One key for machines."""
    return {
        "key": one.name,
        "takes": one.takes,
        "connector": one.connector or None,
        "description": one.description,
        "default": one.default or None,
        "needed": one.needed,
        "variable": one.variable or None,
        "here": [_line(line) for line in one.here],
        "keys": [{"key": name, "description": text} for name, text in one.below],
        "example": one.example,
    }


def _line(one: Line) -> dict[str, Any]:
    found = _FILE.fullmatch(one.source)
    place = {"file": found[1], "line": int(found[2])} if found else {"file": None, "line": None}
    return {"key": one.key, "value": one.raw, "source": one.source, **place}

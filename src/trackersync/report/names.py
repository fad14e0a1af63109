"""How things are called on a screen: tasks, items, stages, people, numbers.

A task is its items joined by ``=``, the item that matters first. A repository's owner is left out while the key is
unambiguous without it. Text from trackers is shown, never obeyed: control characters are taken out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from rich.cells import cell_len, set_cell_size

from trackersync.core.model import Item


class Keys:
    """Short keys: ``shop#17`` for ``acme/shop#17`` while no other owner has a repository of that name."""

    def __init__(self, items: Iterable[Item]) -> None:
        """Learn which repository names are ambiguous."""
        owners: dict[str, set[str]] = defaultdict(set)
        for container in {item.container for item in items}:
            owner, _, name = container.rpartition("/")
            owners[name].add(owner)
        self._ambiguous = {name for name, found in owners.items() if len(found) > 1}

    def short(self, key: str) -> str:
        """A key as people say it."""
        name = key.rpartition("/")[2]
        return key if name.partition("#")[0] in self._ambiguous else name

    def task(self, keys: Iterable[str]) -> str:
        """A task by its items' keys, in the order given."""
        return " = ".join(self.short(key) for key in keys)


def clean(text: str) -> str:
    """Text from a tracker, on one line and without control characters."""
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())


def count(number: int, noun: str) -> str:
    """``1 change``, ``1,204 changes``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def ago(span: timedelta) -> str:
    """How long, in the one unit that fits: ``40 s``, ``5 min``, ``3 h``, ``12 d``."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:,} {unit}"
    return f"{seconds} s"


def cut(text: str, width: int) -> str:
    """Text of at most ``width`` columns, its end marked where it was cut; wide letters take two."""
    if cell_len(text) <= width:
        return text
    return chopped(text, max(0, width - 1)).rstrip() + "…"


def chopped(text: str, width: int) -> str:
    """As much of a text's beginning as fits into so many columns."""
    if text.isascii():
        return text[:width]
    return set_cell_size(text, width).rstrip(" ") if cell_len(text) > width else text

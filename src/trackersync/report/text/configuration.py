"""``trackersync config``: what holds and who says so; or one key, with what it is for."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trackersync.report.configuration import Explained, Line
from trackersync.report.names import clean
from trackersync.report.text.folded import hanging
from trackersync.report.text.screen import GAP, Screen

HEAD = 11
"""The width of the words before a key's paragraphs."""


def holding_screen(screen: Screen, verdict: Sequence[str], lines: Sequence[Line]) -> None:
    """Draw what holds.

    Args:
        screen: where to.
        verdict: phrases that say what was read, and that it is sound.
        lines: each key with its value and its source.
    """
    screen.phrases(*verdict, style="bold")
    for name, some in _parts(lines).items():
        screen.blank()
        if name:
            screen.say((name, "bold"))
        rows = [
            (clean(one.key.removeprefix(name).removeprefix(".")), clean(one.value) or "·", (clean(one.source), "dim"))
            for one in some
        ]
        screen.table(rows, shrink=(1,), indent=2 if name else 0)


def _parts(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """The lines of each section, and of each tracker; what stands at the top by itself goes together."""
    parts: dict[str, list[Line]] = {}
    for one in lines:
        words = one.key.replace("[", ".[").split(".")
        name = ".".join(words[:2]) if words[0] == "trackers" else words[0] if len(words) > 1 else ""
        parts.setdefault(name, []).append(one)
    return parts


def key_screen(screen: Screen, one: Explained) -> None:
    """Draw one key in full."""
    screen.phrases(one.name, one.takes, *([f"connector: {one.connector}"] if one.connector else []), style="bold")
    screen.blank()
    hanging(screen, "", clean(one.description))
    screen.blank()
    rows: list[tuple[str | Text, ...]] = []
    for held in one.here:
        name = [] if all(other.key == one.name for other in one.here) else [clean(held.key)]
        rows.append((Text(f"{'here':{HEAD - GAP}}", style="dim"), *name, clean(held.value) or "·", clean(held.source)))
    screen.table(rows, shrink=(len(rows[0]) - 2,) if rows else (), indent=0)
    if not one.below:
        _paragraph(screen, "by default", "none: it is needed" if one.needed else clean(one.default) or "nothing")
    if one.variable:
        _paragraph(screen, "variable", one.variable)
    wide = max((len(name) for name, _ in one.below), default=0)
    for below, text in one.below:
        hanging(screen, f"{below:{wide + GAP}}", clean(text))
    if one.example:
        screen.blank()
        for line in one.example.splitlines():
            screen.console.print(Text(f"    {line}"), no_wrap=True, crop=False, overflow="ignore")


def _paragraph(screen: Screen, word: str, text: str) -> None:
    hanging(screen, Text(f"{word:{HEAD}}", style="dim"), text)

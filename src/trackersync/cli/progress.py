"""Progress on a terminal: a moving line per repository or project while reading, one while writing, one for a wait.

Each tells how many of how many, how fast, and how long that will take yet. Elsewhere silent; with ``--verbose`` the
waits are told instead, between the requests they hold back.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Column

from trackersync.core.model import Change, Receipt
from trackersync.http.rates import spoken

SHORTEST = 1.0
"""Seconds; a shorter wait would only flicker."""
WITH_BAR = 90
"""Columns, from which on there is room for a bar beside the figures."""
SETTLED = 2.0
"""Seconds; before, a rate says nothing."""


def drawable() -> bool:
    """Whether standard error is a terminal on which a line can move."""
    return sys.stderr.isatty() and os.environ.get("TERM", "").casefold() not in {"dumb", "unknown"}


@dataclass(slots=True)
class Pace:
    """How fast something comes along, from its first sign on."""

    began: float = field(default_factory=time.monotonic)
    first: int | None = None

    def figures(self, done: int, total: int | None, noun: str = "", *, about: bool = False) -> str:
        """``600 of about 1,204 items · 120 a second · 5 s left``; without a rate while it says nothing.

        Args:
            done: how many by now.
            total: how many in all, where that is known.
            noun: what is counted.
            about: the total is an estimate.
        """
        self.first = done if self.first is None else self.first
        seconds = time.monotonic() - self.began
        of = f" of {'about ' if about else ''}{total:,}" if total else ""
        said = f"{done:,}{of} {noun}".rstrip()
        new = done - self.first
        if seconds < SETTLED or new <= 0:
            return said
        rate = new / seconds
        left = f" · {spoken((total - done) / rate)} left" if total and total > done else ""
        return f"{said} · {_rate(rate)}{left}"


def _rate(a_second: float) -> str:
    """``120 a second``, or where that would be less than one, ``12 a minute``."""
    return f"{a_second:,.0f} a second" if a_second >= 1 else f"{max(60 * a_second, 1):,.0f} a minute"


class Bars:
    """Draws on standard error, so that standard output stays what a pipe wants; goes away when it is done."""

    def __init__(self, trackers: Iterable[str] = ()) -> None:
        """Prepare; until something happens, there is one line that names the trackers that are asked."""
        console = Console(stderr=True)
        # An old console has no letters for the dots.
        dots = (console.encoding or "").lower().startswith("utf")
        # The figures tell more than the bar does, so where it is narrow it goes first.
        bar = [BarColumn(bar_width=24)] if console.width >= WITH_BAR else []
        self._bars = Progress(
            SpinnerColumn("dots" if dots else "line"),
            TextColumn("{task.description}", table_column=Column(no_wrap=True, overflow="ellipsis")),
            *bar,
            TextColumn("{task.fields[figures]}", table_column=Column(no_wrap=True, overflow="ellipsis")),
            # A terminal answers Ctrl-C with ^C, which at the edge would begin a new line.
            TextColumn("", table_column=Column(width=2)),
            console=console,
            transient=True,
        )
        self._asking = f"asking {' and '.join(trackers)}" if trackers else ""
        self._asked: TaskID | None = None
        self._tasks: dict[str, TaskID] = {}
        self._paces: dict[str, Pace] = {}
        self._waits: dict[str, tuple[TaskID, float]] = {}

    def __enter__(self) -> Self:
        """Start drawing."""
        # The first page may be seconds away, and a screen that stays empty looks as if nothing happened.
        if self._asking:
            self._asked = self._bars.add_task(self._asking, total=None, figures="")
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clear what was drawn."""
        self._bars.stop()

    def observed(self, tracker: str, container: str, items: int, expected: int | None) -> None:
        """One line per repository or project that is being read."""
        name = f"reading {tracker} {container}"
        # More than was expected is found where people are at work meanwhile.
        expected = expected if expected and expected >= items else None
        figures = self._pace(name).figures(items, expected, "items", about=True)
        self._draw(name, items, expected, figures)

    def applied(self, change: Change, receipt: Receipt, done: int, total: int) -> None:
        """One line for all that is being written."""
        figures = self._pace("applying").figures(done, total)
        self._draw("applying", done, total, f"{figures} · {change.key} {receipt.outcome.value}")

    def waiting(self, tracker: str, reason: str, seconds: float) -> None:
        """One line per tracker, for the longest of its waits, while it lasts."""
        until = time.monotonic() + seconds
        self._end_waits()
        if seconds < SHORTEST or (tracker in self._waits and self._waits[tracker][1] >= until):
            return
        if tracker in self._waits:
            self._bars.remove_task(self._waits[tracker][0])
        task = self._bars.add_task(_sentence(tracker, reason, seconds), total=None, figures="")
        self._waits[tracker] = task, until

    def _end_waits(self) -> None:
        now = time.monotonic()
        for tracker, (task, until) in list(self._waits.items()):
            if until <= now:
                self._bars.remove_task(task)
                del self._waits[tracker]

    def _pace(self, name: str) -> Pace:
        return self._paces.setdefault(name, Pace())

    def _draw(self, name: str, done: int, total: int | None, figures: str) -> None:
        self._end_waits()
        if self._asked is not None:
            self._bars.remove_task(self._asked)
            self._asked = None
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total, figures=figures)
        self._bars.update(self._tasks[name], completed=done, total=total, figures=figures)


class Lines:
    """Tells of the waits on standard error, for ``--verbose`` where nothing is drawn."""

    def observed(self, tracker: str, container: str, items: int, expected: int | None) -> None:
        """Say nothing: every request has a line of its own."""

    def applied(self, change: Change, receipt: Receipt, done: int, total: int) -> None:
        """Say nothing."""

    def waiting(self, tracker: str, reason: str, seconds: float) -> None:
        """One line per wait."""
        print(f"  {_sentence(tracker, reason, seconds)}", file=sys.stderr)


def _sentence(tracker: str, reason: str, seconds: float) -> str:
    return f"{tracker}   waits {spoken(seconds)}: {reason}"

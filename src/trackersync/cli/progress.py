"""Progress on a terminal: one moving line per tracker while reading, one while writing, one while it waits.

Elsewhere silent; with ``--verbose`` the waits are told, between the requests they hold back.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from trackersync.core.model import Change, Receipt
from trackersync.http.rates import spoken

SHORTEST = 1.0
"""Seconds; a shorter wait would only flicker."""


class Bars:
    """Draws on standard error, so that standard output stays what a pipe wants; goes away when it is done."""

    def __init__(self) -> None:
        """Prepare; nothing is drawn until something happens."""
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[figures]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._waits: dict[str, tuple[TaskID, float]] = {}

    def __enter__(self) -> Self:
        """Start drawing."""
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clear what was drawn."""
        self._bars.stop()

    def observed(self, tracker: str, container: str, items: int, expected: int | None) -> None:
        """One line per repository or project that is being read."""
        of = f" of about {expected:,}" if expected else ""
        self._draw(f"reading {tracker} {container}", items, expected, f"{items:,}{of} items")

    def applied(self, change: Change, receipt: Receipt, done: int, total: int) -> None:
        """One line for all that is being written."""
        self._draw("applying", done, total, f"{done:,} of {total:,} · {change.key} {receipt.outcome.value}")

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

    def _draw(self, name: str, done: int, total: int | None, figures: str) -> None:
        self._end_waits()
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

"""Progress on a terminal: one moving line per tracker while reading, one while writing. Silent elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from trackersync.core.model import Change, Receipt


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

    def _draw(self, name: str, done: int, total: int | None, figures: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total, figures=figures)
        self._bars.update(self._tasks[name], completed=done, total=total, figures=figures)

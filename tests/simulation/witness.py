"""What a store is told, and when it was in the trackers' time: the machine's own clock may be set wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from trackersync.core.model import Change, Facts, Item, Outcome, Overruled, Receipt
from trackersync.store import Entry, Store


class Witness:
    """Stands between a session and its store; passes everything on.

    Moments are told by edits: the number of the last one that had been made in any tracker.

    Args:
        store: the store.
        last: gives the number of the last edit.
    """

    def __init__(self, store: Store, last: Callable[[], int]) -> None:
        self.store = store
        self._last = last
        self._intended: dict[int, int] = {}
        self._settled: dict[int, int] = {}
        self.ruled: list[tuple[int, Overruled]] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def intend(self, run: int, change: Change, natives: Iterable[Facts], at: datetime) -> int:
        number = self.store.intend(run, change, natives, at)
        self._intended[number] = self._last()
        return number

    def settle(
        self, change: int, receipt: Receipt, natives: Iterable[Facts] | None, item: Item | None, at: datetime
    ) -> None:
        try:
            self.store.settle(change, receipt, natives, item, at)
        finally:
            # Also where the power was cut: whether before or after it was settled, nobody can tell by then.
            if receipt.outcome is not Outcome.IN_DOUBT:
                self._settled[change] = self._last()

    def put_overruled(self, run: int, moves: Sequence[Overruled], at: datetime) -> None:
        self.store.put_overruled(run, moves, at)
        self.ruled += [(self._last(), move) for move in moves]

    def intended(self, entry: Entry) -> int:
        """The last edit before a change was intended; where the power was cut then, one before that."""
        known = [number for number in self._intended if number <= entry.id]
        return self._intended[max(known)] if known else 0

    def settled(self, entry: Entry) -> int | None:
        """The last edit before what became of a change was known; None as long as it is not."""
        return self._settled.get(entry.id)

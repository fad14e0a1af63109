"""A sorted index that stays sorted under edits, so that a page of 18,000 issues costs no more than a page of 18."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Order:
    """Numbers of issues in the order of a moment, ties broken by the number."""

    def __init__(self, entries: Iterable[tuple[int, int]] = ()) -> None:
        self._sorted: list[tuple[int, int]] = sorted(entries)

    def __len__(self) -> int:
        return len(self._sorted)

    def add(self, moment: int, number: int) -> None:
        """Take in an issue."""
        insort(self._sorted, (moment, number))

    def discard(self, moment: int, number: int) -> None:
        """Forget an issue; one that is not there is no trouble."""
        at = bisect_left(self._sorted, (moment, number))
        if at < len(self._sorted) and self._sorted[at] == (moment, number):
            del self._sorted[at]

    def walk(
        self, *, since: int | None = None, after: tuple[int, int] | None = None, descending: bool = False
    ) -> Iterator[int]:
        """Yield numbers from ``since`` (inclusive) on, strictly behind ``after`` in the direction walked."""
        low = 0 if since is None else bisect_left(self._sorted, (since, -1))
        high = len(self._sorted)
        if after is not None:
            if descending:
                high = bisect_left(self._sorted, after)
            else:
                low = max(low, bisect_right(self._sorted, after))
        span = range(high - 1, low - 1, -1) if descending else range(low, high)
        for at in span:
            yield self._sorted[at][1]

"""A store whose process dies between, before or after its transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from trackersync.store import Store
from trackersync.testing.faults import Faults, Trouble


class FaultyStore(Store):
    """A store that asks its faults before every transaction; a transaction itself is whole or not there at all.

    Args:
        url: as for ``Store``.
        faults: says when the power is cut; None for never.
    """

    def __init__(self, url: str, faults: Faults | None = None) -> None:
        self.faults: Faults | None = None
        super().__init__(url)
        self.faults = faults

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction, and perhaps the end of everything just before or just after it."""
        trouble = self.faults.strike("store", "store") if self.faults is not None else None
        if self.faults is not None and trouble is Trouble.CRASH_BEFORE:
            raise self.faults.die()
        with super().write() as connection:
            yield connection
        if self.faults is not None and trouble is Trouble.CRASH_AFTER:
            raise self.faults.die()

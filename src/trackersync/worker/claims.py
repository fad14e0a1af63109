"""Who works at which items, within one process."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from trackersync.core.model import ItemRef


class Held:
    """The items that somebody in this process works at; implements ``engine.Claims``."""

    def __init__(self) -> None:
        """Nobody has any."""
        self._lock = threading.Lock()
        self._refs: set[ItemRef] = set()

    @contextmanager
    def take(self, refs: Collection[ItemRef]) -> Iterator[bool]:
        """Take items; see ``engine.Claims.take``."""
        wanted = frozenset(refs)
        with self._lock:
            free = self._refs.isdisjoint(wanted)
            if free:
                self._refs |= wanted
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._refs -= wanted

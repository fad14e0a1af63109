"""Group commit: deliveries that come while others are being committed are committed together.

One thread writes. While it does, what comes in waits for the next transaction, so that under load a commit, which costs
a write to the disk, is shared by many, and a delivery that comes alone waits for nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from trackersync.errors import StoreError
from trackersync.store import Received, Store
from trackersync.worker.metrics import Metrics

MOST_ROWS: Final = 1000
"""Deliveries in one transaction."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""Bytes of bodies in one transaction, but for a delivery that is larger by itself."""

_log = logging.getLogger("trackersync.webhook")


@dataclass(slots=True)
class _Batch:
    rows: list[Received] = field(default_factory=list)
    size: int = 0
    kept: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def takes(self, received: Received) -> bool:
        return len(self.rows) < MOST_ROWS and self.size + len(received.body) <= MOST_BYTES

    def add(self, received: Received) -> None:
        self.rows.append(received)
        self.size += len(received.body)


class GroupCommit:
    """Takes deliveries into the store's inbox, from one event loop.

    Args:
        store: whose inbox it is.
        metrics: told how many were new, and how many were not.
        most: deliveries that may wait; more are refused.
    """

    def __init__(self, store: Store, metrics: Metrics, most: int) -> None:
        self._store, self._metrics, self._most = store, metrics, most
        self._waiting = 0
        self._batches: deque[_Batch] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trackersync:inbox")
        self._trouble = ""

    async def take_in(self, received: Received) -> bool:
        """Commit a delivery.

        Returns:
            Whether it is on the disk now; if not, its sender is to send it again.
        """
        if self._waiting >= self._most:
            self._metrics.delivery(received.tracker, "unavailable")
            return False
        if not self._batches or not self._batches[-1].takes(received):
            self._batches.append(_Batch())
        batch = self._batches[-1]
        batch.add(received)
        self._waiting += 1
        if self._writing is None:
            # It begins after whatever else is ready to run now, so that what came together is committed together.
            self._writing = asyncio.create_task(self._write())
        await batch.ended.wait()
        return batch.kept

    async def trouble(self) -> str:
        """Why the store takes nothing at the moment, in a sentence; empty where it does."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._touch)
        except StoreError as error:
            return str(error)
        return ""

    async def close(self) -> None:
        """Commit what waits, and end the thread."""
        while self._writing is not None:
            await asyncio.wait([self._writing])
        await asyncio.to_thread(self._thread.shutdown)

    def _touch(self) -> None:
        with self._store.write():
            pass

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._batches:
            batch = self._batches.popleft()
            told = Counter(received.tracker for received in batch.rows)
            try:
                new = await loop.run_in_executor(self._thread, self._store.take_in, batch.rows)
            except Exception as error:  # noqa: BLE001 - whatever it is, every sender is to be answered
                self._failed(error, told)
            else:
                self._committed(told, new)
                batch.kept = True
            self._waiting -= len(batch.rows)
            batch.ended.set()
        self._writing = None

    def _committed(self, told: Counter[str], new: Mapping[str, int]) -> None:
        if self._trouble:
            self._trouble = ""
            _log.warning("the store takes deliveries again")
        for tracker, number in told.items():
            if new[tracker]:
                self._metrics.delivery(tracker, "accepted", new[tracker])
            if number > new[tracker]:
                self._metrics.delivery(tracker, "duplicate", number - new[tracker])

    def _failed(self, error: Exception, told: Counter[str]) -> None:
        for tracker, number in told.items():
            self._metrics.delivery(tracker, "unavailable", number)
        why = str(error) if isinstance(error, StoreError) else f"a fault of ours: {type(error).__name__}"
        if why != self._trouble:
            # Once, and not for each delivery that is sent again until it is over.
            self._trouble = why
            detail = None if isinstance(error, StoreError) else error
            _log.error("deliveries cannot be stored, and are refused until they can: %s", why, exc_info=detail)

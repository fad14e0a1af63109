"""The engine that needs nothing besides: it drives the work in this process, woken by what the store tells it.

What it knows is in the store, so nothing is lost with it. Looks are taken side by side, those whose turn is next first;
two of one task never meet, since they claim the same items. While a flood of deliveries comes in, taking them in goes
first: reading them takes a small part of the time then, and the rest when it is over.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from sqlalchemy import Connection

from trackersync.connector import Clock
from trackersync.errors import StoreError
from trackersync.store import Due, Store, Subject
from trackersync.worker.claims import Held
from trackersync.worker.engine import Claims, Work
from trackersync.worker.pausing import unless

GRACE = 8.0
"""Seconds that what is under way has to come to its end."""
_MARGIN = 1.0
POLL = 1.0
"""Seconds after which one looks without having been woken: another process may have written into the store."""
FLOOD = 0.05
"""Seconds: deliveries that follow each other within so much are a flood."""
COURTESY = 4
"""In a flood, so many times as long as was worked is waited."""

_log = logging.getLogger("trackersync.worker")


class Embedded:
    """Implements ``engine.Engine`` in one event loop.

    Args:
        store: where everything is.
        clock: the time.
        abreast: how many looks are taken side by side.
        claims: who works at which items; its own by default.
    """

    def __init__(self, store: Store, clock: Clock, abreast: int, claims: Claims | None = None) -> None:
        self.claims: Claims = claims or Held()
        self._store, self._clock, self._abreast = store, clock, abreast
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inbox, self._dues = asyncio.Event(), asyncio.Event()
        self._told = threading.local()
        self._received = self._since = 0.0

    # What the store tells, in whichever thread wrote.

    def received(self, connection: Connection) -> None:
        """Deliveries came in; see ``store.Dispatch``."""
        now = time.monotonic()
        if now - self._received > FLOOD:
            self._since = now
        self._received = now
        self._told.inbox = True

    def owed(self, connection: Connection, dues: Sequence[Due]) -> None:
        """Looks became due; see ``store.Dispatch``."""
        self._told.dues = bool(dues) or getattr(self._told, "dues", False)

    def committed(self) -> None:
        """Wake whoever waits for it; see ``store.Dispatch``."""
        for name, event in (("inbox", self._inbox), ("dues", self._dues)):
            if getattr(self._told, name, False):
                setattr(self._told, name, False)
                if self._loop is not None:
                    with suppress(RuntimeError):  # the loop has ended, and with it the waiting
                        self._loop.call_soon_threadsafe(event.set)

    # The driving.

    async def run(self, work: Work, stop: asyncio.Event) -> None:
        """Drive the work until told to stop; see ``engine.Engine.run``."""
        self._loop = asyncio.get_running_loop()
        self._inbox.set()
        self._dues.set()
        parts = [
            asyncio.create_task(self._again(part, work, stop), name=f"trackersync:{part.__name__}")
            for part in (self._sorting, self._looking, self._ticking)
        ]
        try:
            await stop.wait()
        finally:
            # In order: no new looks begin, and those under way are waited for.
            _, late = await asyncio.wait(parts, timeout=GRACE + _MARGIN)
            for part in late:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            self._loop = None

    async def _again(
        self, part: Callable[[Work, asyncio.Event], Awaitable[None]], work: Work, stop: asyncio.Event
    ) -> None:
        """Go on after the store could not be used: what was to be remembered is still to be done."""
        while not stop.is_set():
            try:
                await part(work, stop)
            except StoreError as error:
                _log.error("%s", error)
                await _either(stop, POLL)
            except Exception:  # noqa: BLE001 - whatever it is, the service goes on, and says so
                _log.exception("a part of the work broke and begins again")
                await _either(stop, POLL)

    async def _sorting(self, work: Work, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._inbox.clear()
            begun = time.monotonic()
            read = await work.sort()
            if read:
                await self._be_courteous(begun, stop)
            else:
                await _either(stop, POLL, self._inbox)

    async def _ticking(self, work: Work, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await unless(stop, work.tick())
            await _either(stop, POLL)

    async def _looking(self, work: Work, stop: asyncio.Event) -> None:
        under_way: dict[asyncio.Task[None], Subject] = {}
        try:
            while not stop.is_set():
                self._dues.clear()
                free = (1 if self._flooded() else self._abreast) - len(under_way)
                if free > 0:
                    for due in self._store.due(self._clock.now(), free, set(under_way.values())):
                        under_way[asyncio.create_task(work.look(due.subject))] = due.subject
                await self._wait(under_way, stop)
                for task in [task for task in under_way if task.done()]:
                    del under_way[task]
                    task.result()
        finally:
            try:
                if under_way:
                    await asyncio.wait(under_way, timeout=GRACE)
            finally:
                for task in under_way:
                    task.cancel()
                await asyncio.gather(*under_way, return_exceptions=True)

    async def _wait(self, under_way: dict[asyncio.Task[None], Subject], stop: asyncio.Event) -> None:
        """Wait until a look has ended or another may begin."""
        full = len(under_way) >= self._abreast
        at = None if full else self._store.next_due(but=set(under_way.values()))
        left = POLL if at is None else (at - self._clock.now()).total_seconds()
        waits = [asyncio.create_task(stop.wait())]
        if not full:
            waits.append(asyncio.create_task(self._dues.wait()))
        try:
            await asyncio.wait(
                [*under_way, *waits], timeout=min(POLL, max(left, 0.001)), return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()

    def _flooded(self) -> bool:
        now = time.monotonic()
        return now - self._received < FLOOD and now - self._since > 4 * FLOOD

    async def _be_courteous(self, begun: float, stop: asyncio.Event) -> None:
        worked = time.monotonic() - begun
        if self._flooded():
            await _either(stop, min(COURTESY * worked, POLL))


async def _either(stop: asyncio.Event, seconds: float, *events: asyncio.Event) -> None:
    """Wait for one of some events, at most so long."""
    waits = [asyncio.create_task(event.wait()) for event in (stop, *events)]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()

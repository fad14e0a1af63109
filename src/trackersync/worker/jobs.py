"""The jobs of the schedule: whoever ticks runs what is due, one of however many workers.

A run is claimed in the store and beats there while it goes on. It is not begun again before it has ended, or has not
beaten for ``LEASE``: then it was killed, and whoever sees that takes its moment over. So a moment may be served twice
where a machine stood still, and is never lost; every job may be done twice.
"""

from __future__ import annotations

import asyncio
import logging
import platform
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from trackersync.config import Configuration
from trackersync.config.scheduling import schedule_of
from trackersync.connector import Clock
from trackersync.core.schedule import LEASE, Kept, Schedule, due, handed_back, next_run, set_back
from trackersync.errors import StoreError
from trackersync.store import Store

BEAT = 20.0
"""Seconds between two signs of life of a run."""
POLL = 10.0
"""Seconds after which it is asked again what is due, while a run is under way; at the latest."""
_LEAST = 0.05
STOPPED = "stopped before its end; it is run again"

_FOLLOWS = "schedule of "

_log = logging.getLogger("trackersync.worker")


def jobs_of(configuration: Configuration) -> Schedule:
    """The schedule of a configuration on this machine."""
    return schedule_of(configuration, platform.node())


class Jobs:
    """Runs what a schedule asks for.

    Args:
        store: where the schedule is kept.
        clock: the time.
        schedule: what is done, and when.
        place: the process and machine we are.
    """

    def __init__(self, store: Store, clock: Clock, schedule: Schedule, place: str) -> None:
        self._store, self._clock, self._schedule, self._place = store, clock, schedule, place
        self._followed = self._retired = False
        self._beats: dict[str, tuple[Kept, float]] = {}

    async def run_due(self, run: Callable[[str], Awaitable[str]]) -> None:
        """Run the jobs that are due, side by side, until all have ended.

        While one goes on, others that come due begin beside it. A job that fails is written down and hinders no other.
        Where this is cancelled, what is under way is cancelled and handed back.

        Args:
            run: does a job, by its name, and says what came of it; empty: all went well.

        Raises:
            StoreError: the store cannot be read or written.
        """
        running = self._begin(run)
        trouble: StoreError | None = None
        try:
            while running:
                pause = self._pause()
                done, running = await asyncio.wait(running, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    if one.cancelled():
                        continue
                    if isinstance(error := one.exception(), StoreError):
                        trouble = error
                    else:
                        one.result()
                if running and trouble is None:
                    running = running | self._begin(run)
        finally:
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        if trouble is not None:
            raise trouble

    def retire(self) -> None:
        """Begin nothing more: another schedule holds. What is under way goes on to its end."""
        self._retired = True

    def next(self) -> datetime | None:
        """When the next job is to run; None where none ever is. Raises ``StoreError``."""
        now, kept = self._clock.now(), self._store.kept()
        known = [kept.get(name, Kept(name, now)) for name in self._schedule.jobs]
        coming = [next_run(self._schedule, one, now, alive=self._alive(one)) for one in known]
        return min((moment for moment in coming if moment is not None), default=None)

    def _pause(self) -> float:
        """Seconds until another job may be due."""
        coming = None if self._retired else self.next()
        return POLL if coming is None else min(POLL, max(_LEAST, (coming - self._clock.now()).total_seconds()))

    def _begin(self, run: Callable[[str], Awaitable[str]]) -> set[asyncio.Task[None]]:
        """Claim what is due, and begin it."""
        if self._retired:
            return set()
        if not self._followed:
            self._follow()
        begun = set()
        for name, kept in self._store.kept().items():
            now = self._clock.now()
            alive = self._alive(kept)
            if set_back(kept, now) and not (kept.open and alive):
                self._store.recount_job(kept, now)
                continue
            slot = due(self._schedule, kept, now, alive=alive)
            claimed = None if slot is None else self._store.claim_job(kept, slot, now, self._place)
            if claimed is not None:
                begun.add(asyncio.create_task(self._run(claimed, run), name=f"trackersync:job:{name}"))
        return begun

    def _follow(self) -> None:
        """Count the moments of a job from now on that is new, or goes by another schedule than the one kept."""
        now, kept = self._clock.now(), self._store.kept()
        for name, when in self._schedule.jobs.items():
            key, follows = f"{_FOLLOWS}{name}", str(when or "off")
            if name not in kept:
                self._store.await_job(name, now)
            elif self._store.remembered(key) != follows and not kept[name].open:
                self._store.recount_job(kept[name], now)
            self._store.remember(key, follows)
        self._followed = True

    async def _run(self, claimed: Kept, run: Callable[[str], Awaitable[str]]) -> None:
        beating = asyncio.create_task(self._beat(claimed))
        try:
            outcome = await run(claimed.name)
        except asyncio.CancelledError:
            # What cannot be written down is found out by its beats.
            with suppress(StoreError):
                self._store.hand_back_job(claimed, handed_back(self._schedule, claimed), self._clock.now(), STOPPED)
            raise
        except Exception as error:  # noqa: BLE001 - whatever a job comes to, the others are to be run
            _log.error("the job %s failed: %s", claimed.name, error)
            outcome = str(error) or type(error).__name__
        finally:
            beating.cancel()
        self._store.end_job(claimed, self._clock.now(), outcome)

    async def _beat(self, claimed: Kept) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                self._store.beat_job(claimed, self._clock.now())
            except StoreError as error:
                _log.warning("%s", error)

    def _alive(self, kept: Kept) -> bool:
        """Whether a run that has not ended is under way somewhere.

        Judged by how long its beats have been the same to us, since the clocks of two machines differ.
        """
        if not kept.open:
            return False
        if self._store.file is not None and kept.place != self._place:
            # One service at a time works on a file, and that is us.
            return False
        now = asyncio.get_running_loop().time()
        seen, since = self._beats.get(kept.name, (None, now))
        if seen != kept:
            self._beats[kept.name] = (kept, now)
            return True
        return now - since < LEASE.total_seconds()

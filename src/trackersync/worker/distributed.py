"""The engine of many processes and machines: Procrastinate on the store's PostgreSQL calls who is free to what is due.

Every process runs two of Procrastinate's workers in its event loop: one for looks, one for the chores that must not
wait behind them (sort the inbox, tick, rescue). Jobs are called for in the store's own transactions (``calling``). A
process that dies gives no more signs of life: after a while one of the others takes over what it was called to.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from trackersync.connector import Clock
from trackersync.errors import StoreError
from trackersync.store import Due, Store, Subject
from trackersync.worker.calling import (
    CHORES,
    LOOK,
    LOOKS,
    RESCUE,
    SORT,
    TICK,
    call_to_look,
    call_to_sort,
    prepare,
    recall,
)
from trackersync.worker.engine import Claims, Work
from trackersync.worker.pausing import unless
from trackersync.worker.session_claims import SessionClaims

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.app import WorkerOptions

_CHORES_ABREAST = 4
_log = logging.getLogger("trackersync.worker")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are done, in seconds.

    Attributes:
        beat: between two signs of life of a worker.
        silent: one that gave none for so long is taken for dead. More than it may compute without a pause.
        every: between two ticks, and between two rescues, of all processes together; divides a minute.
        poll: a worker looks for jobs so often without being woken: those that were to wait, and all where a
            connection pooler keeps notifications back.
        grace: that what is under way has to come to its end; then it is handed back, which takes a moment too.
        again: until it is tried again to use a database that could not be used.
    """

    beat: float = 5.0
    silent: float = 20.0
    every: int = 5
    poll: float = 1.0
    grace: float = 8.0
    again: float = 2.0


class Distributed:
    """Implements ``engine.Engine`` on PostgreSQL.

    Args:
        store: on PostgreSQL.
        clock: the time.
        abreast: how many looks this process takes side by side.
        pace: how often things are done.

    Raises:
        StoreError: the store is not on PostgreSQL, or there can be no jobs in it; the sentence says what to do.
    """

    def __init__(self, store: Store, clock: Clock, abreast: int, pace: Pace | None = None) -> None:
        prepare(store)
        self._held = SessionClaims(store)
        self.claims: Claims = self._held
        self._store, self._clock, self._abreast, self._pace = store, clock, abreast, pace or Pace()
        self._ticking = False

    # What the store tells, in whichever process and thread wrote.

    def received(self, connection: Connection) -> None:
        """Deliveries came in; see ``store.Dispatch``."""
        call_to_sort(connection)

    def owed(self, connection: Connection, dues: Sequence[Due]) -> None:
        """Looks became due; see ``store.Dispatch``."""
        call_to_look(connection, dues, self._clock.now())

    def committed(self) -> None:
        """PostgreSQL itself wakes whoever listens; see ``store.Dispatch``."""

    # The driving.

    async def run(self, work: Work, stop: asyncio.Event) -> None:
        """Drive the work until told to stop; see ``engine.Engine.run``."""
        from procrastinate.exceptions import ProcrastinateException  # noqa: PLC0415 - an extra brings it
        from psycopg import OperationalError  # noqa: PLC0415 - the same

        _quieten()
        watching = asyncio.create_task(self._watch(stop))
        try:
            while not stop.is_set():
                try:
                    await self._work(work, stop)
                except (ProcrastinateException, OperationalError) as error:
                    _log.error("the database of the store cannot be used: %s", error.__cause__ or error)
                if not stop.is_set():
                    await unless(stop, asyncio.sleep(self._pace.again))
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            # What was under way and is not done is there for others at once.
            with suppress(StoreError):
                recall(self._store, self._clock.now())
            self._held.close()

    async def _work(self, work: Work, stop: asyncio.Event) -> None:
        """Work until told to stop, or until one of the workers ends because the database cannot be used."""
        from procrastinate import App  # noqa: PLC0415 - the same

        from trackersync.worker.procrastination import Acknowledging, connector_to  # noqa: PLC0415 - the same

        pace = self._pace
        connector = connector_to(self._store)
        settings: WorkerOptions = {
            "install_signal_handlers": False,
            "delete_jobs": "always",
            "fetch_job_polling_interval": pace.poll,
            "update_heartbeat_interval": pace.beat,
            "stalled_worker_timeout": pace.silent,
            "shutdown_graceful_timeout": pace.grace,
        }
        # Each with tasks of its own: Procrastinate watches over a worker only as long as it has periodic ones.
        apps = {queue: App(connector=connector, worker_defaults=settings) for queue in (LOOKS, CHORES)}
        gave_up = asyncio.Event()
        for app in apps.values():
            app.job_manager = Acknowledging(connector, gave_up)
            self._tasks(app, work, stop)
        async with apps[LOOKS].open_async():
            abreast = {LOOKS: self._abreast, CHORES: _CHORES_ABREAST}
            workers = [
                asyncio.create_task(
                    app.run_worker_async(queues=[queue], name=queue, concurrency=abreast[queue]),
                    name=f"trackersync:{queue}",
                )
                for queue, app in apps.items()
            ]
            told = [asyncio.create_task(event.wait()) for event in (stop, gave_up)]
            try:
                await asyncio.wait([*workers, *told], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (*told, *workers):  # a worker that is cancelled stops orderly
                    task.cancel()
                ended = await asyncio.gather(*workers, return_exceptions=True)
            for trouble in ended:
                if isinstance(trouble, Exception):
                    raise trouble

    def _tasks(self, app: App, work: Work, stop: asyncio.Event) -> None:
        every = f"* * * * * */{self._pace.every}"

        @app.task(name=SORT, queue=CHORES)
        async def sort() -> None:
            await _again_later(self._sort(work, stop))

        @app.task(name=LOOK, queue=LOOKS)
        async def look(tracker: str, kind: Any, name: str) -> None:  # noqa: ANN401 - one of two words, as written
            await _again_later(self._look(work, Subject(tracker, kind, name)))

        @app.periodic(cron=every)
        @app.task(name=TICK, queue=CHORES, queueing_lock=TICK)
        async def tick(timestamp: int) -> None:
            if not self._ticking:
                self._ticking = True
                try:
                    await _again_later(unless(stop, work.tick()))
                finally:
                    self._ticking = False

        @app.periodic(cron=every)
        @app.task(name=RESCUE, queue=CHORES, queueing_lock=RESCUE)
        async def rescue(timestamp: int) -> None:
            await _again_later(self._rescue(app))

    async def _sort(self, work: Work, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await work.sort():
                self._barrier()
                if not await work.sort():
                    return

    async def _look(self, work: Work, subject: Subject) -> None:
        due = self._store.due_look(subject)
        if due is None or due.state != "due":
            self._barrier()
        await work.look(subject)

    def _barrier(self) -> None:
        """Wait for whoever is writing: who saw our job wait made no other, and what he wrote is not to be seen yet."""
        with self._store.write():
            pass

    async def _rescue(self, app: App) -> None:
        """Take over what dead workers were called to, and call for what has no job."""
        from procrastinate.jobs import Status  # noqa: PLC0415 - the same

        lost = 0
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self._pace.silent):
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
            lost += 1
        called = recall(self._store, self._clock.now())
        if lost or called:
            _log.warning("%d jobs of workers that gave no sign of life; %d looks called for again", lost, called)

    async def _watch(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await asyncio.sleep(self._pace.beat)
            self._held.check()


async def _again_later(work: Awaitable[None]) -> None:
    """Where the store cannot be used for a moment the job is over: what it was to do is called for again."""
    try:
        await work
    except StoreError as error:
        _log.error("%s", error)


def _quieten() -> None:
    """Procrastinate tells of every job, twice; who wants to read that says so beforehand."""
    from trackersync.worker.procrastination import in_a_line  # noqa: PLC0415 - an extra brings it

    log = logging.getLogger("procrastinate")
    if log.level == logging.NOTSET:
        log.setLevel(logging.WARNING)
    # A filter is for what is said to this very logger: its workers have one each, by their names.
    for name in ("utils", "worker", f"worker.{LOOKS}", f"worker.{CHORES}"):
        log.getChild(name).addFilter(in_a_line)

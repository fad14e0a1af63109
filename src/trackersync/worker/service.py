"""A service: one configuration after another, and the engine that works on the present one.

``run`` opens the configuration's connectors, lets the worker begin, and lets the engine drive it. ``reload`` opens
another configuration beside it; only when that stands does the work go over to it, and the old connectors are closed
when nothing of theirs is under way any more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from trackersync import __version__
from trackersync.config import Configuration
from trackersync.connector import Clock, Listener
from trackersync.core.model import Change, Receipt
from trackersync.core.model import Outcome as Became
from trackersync.errors import ConfigError, StoreError, TrackersyncError
from trackersync.http import Log, SystemClock
from trackersync.pipeline.opening import connected, session_on
from trackersync.pipeline.session import Silence
from trackersync.store import Store, Subject, here
from trackersync.worker.engine import Engine
from trackersync.worker.jobs import Jobs, jobs_of
from trackersync.worker.journaling import keep_secret
from trackersync.worker.metrics import Metrics
from trackersync.worker.worker import Aims, Worker

_WELL = frozenset({Became.APPLIED, Became.ALREADY_SO, Became.STALE})
_log = logging.getLogger("trackersync.service")


class _Told(Silence):
    """Lets the metrics know what is waited for, and the log what was written."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def waiting(self, tracker: str, reason: str, seconds: float) -> None:
        """Count it."""
        self._metrics.waited(tracker, reason, seconds)

    def applied(self, change: Change, receipt: Receipt, done: int, total: int) -> None:
        """A line for each: what was written, or why it was not."""
        level = logging.INFO if receipt.outcome in _WELL else logging.WARNING
        sentence = f"{change.key}: {change.field} {receipt.outcome}: {receipt.message or change.because}"
        _log.log(level, "%s", sentence, extra={"tracker": change.ref.tracker, "subject": change.ref.id})


@dataclass(frozen=True, slots=True)
class _Open:
    """An opened configuration, and how to close it."""

    configuration: Configuration
    worker: Worker
    listeners: Mapping[str, Listener]
    stack: AsyncExitStack


class Service:
    """Implements ``engine.Work`` on whatever configuration is the present one.

    Args:
        load: reads the configuration; raises ``ConfigError``.
        store: open, and the same for as long as the service lives.
        engine: that drives the work, here or wherever else it is at work.
        metrics: told of everything.
        works: the work is done here too, and not only taken in.
        yes: answers the question of a first run.
        fixed: settings of ``service`` that this process took at its start and cannot take over from another
            configuration.
        log: told of every request.
        clock: the time.
    """

    def __init__(
        self,
        load: Callable[[], Configuration],
        store: Store,
        engine: Engine,
        metrics: Metrics,
        *,
        works: bool = True,
        yes: bool = False,
        fixed: Collection[str] = (),
        log: Log | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._load, self._store, self._engine, self._metrics = load, store, engine, metrics
        self._works, self._yes, self._log, self._clock = works, yes, log, clock or SystemClock()
        self._fixed = tuple(fixed)
        self._first: Configuration | None = None
        self._turn = store.shared_turn("serve")
        self._now: _Open | None = None
        self._begun = False
        self._trouble = ""
        self._closing: set[asyncio.Task[None]] = set()
        self._reloading = asyncio.Lock()

    # What others ask.

    def listeners(self) -> Mapping[str, Listener]:
        """By tracker, who tells a genuine delivery; may be asked from any thread."""
        return {} if self._now is None else self._now.listeners

    def ready(self) -> tuple[str, ...]:
        """Why the service is not ready, in sentences; nothing where it is. May be asked from any thread."""
        if self._now is None:
            return ("it has not begun yet",)
        if self._trouble:
            return (self._trouble,)
        return () if self._begun or not self._works else ("what happened before it began is being read",)

    # The work.

    async def sort(self) -> int:
        """See ``engine.Work.sort``."""
        return await self._worker.sort()

    async def look(self, subject: Subject) -> None:
        """See ``engine.Work.look``."""
        await self._worker.look(subject)

    async def tick(self) -> None:
        """See ``engine.Work.tick``."""
        if self._begun:
            await self._worker.tick()

    @property
    def _worker(self) -> Worker:
        if self._now is None:
            raise StoreError("The service has not begun yet.")
        return self._now.worker

    # Its life.

    async def run(self, configuration: Configuration, stop: asyncio.Event, began: Callable[[], None]) -> None:
        """Serve until told to stop.

        Args:
            configuration: to begin with.
            stop: set by whoever wants it to end.
            began: called once deliveries can be taken in.

        Raises:
            StoreError: the store cannot be used at all.
            TrackersyncError: the connectors cannot be opened.
        """
        try:
            self._store.dispatch = self._engine
            self._now, self._first = await self._opened(configuration), configuration
            if self._yes and not self._store.approved(configuration.fingerprint):
                # Of the configuration it begins with and of no later one; also where others do the work.
                self._store.approve(configuration.fingerprint, "yes", self._clock.now())
            began()
            _log.info("trackersync %s serves, configuration %s", __version__, configuration.fingerprint)
            if not self._works:
                await stop.wait()
                return
            beginning = asyncio.create_task(self._begin(stop))
            try:
                await self._engine.run(self, stop)
            finally:
                beginning.cancel()
                await asyncio.gather(beginning, return_exceptions=True)
        finally:
            await self._close()
            _log.info("it has ended")

    async def _begin(self, stop: asyncio.Event) -> None:
        """Look for what happened before, however often that takes; deliveries are worked on meanwhile."""
        while not stop.is_set():
            worker = self._worker
            try:
                await worker.begin()
            except TrackersyncError as error:
                self._trouble = str(error)
                _log.error("%s", error)
                await asyncio.sleep(_AGAIN)
            except Exception:  # noqa: BLE001 - whatever it is, it is said and tried again
                self._trouble = "it could not begin; the log says why"
                _log.exception("%s", self._trouble)
                await asyncio.sleep(_AGAIN)
            else:
                self._trouble = ""
                if worker is self._worker:
                    self._begun = True
                    return

    async def reload(self) -> None:
        """Read the configuration again, and go over to it if it is sound; if not, say so and stay with this one."""
        async with self._reloading:
            await self._reload()

    async def _reload(self) -> None:
        now = self._now
        if now is None:
            return
        try:
            configuration = self._load()
            if configuration.store.get_secret_value() != now.configuration.store.get_secret_value():
                raise ConfigError("`store` is another one now", next_step="stop the service, and start it anew")
            new = await self._opened(configuration)
        except TrackersyncError as error:
            _log.error("the configuration stays as it was: %s", told(error))
            self._metrics.reloaded(sound=False)
            return
        self._metrics.reloaded(sound=True)
        self._now = new
        closing = asyncio.create_task(self._retire(now))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        _log.info("another configuration holds: %s", configuration.fingerprint)
        self._warn_of_fixed(configuration)
        if self._works:
            self._begun = False
            await self._begin(asyncio.Event())

    def _warn_of_fixed(self, configuration: Configuration) -> None:
        """Name what is another now than at the start, and stays as it was then until there is a new start."""
        if self._first is None:
            return
        before, after = self._first.settings.service, configuration.settings.service
        for name in self._fixed:
            if getattr(before, name) != getattr(after, name):
                _log.warning("`service.%s` is another one now; restart to take it over", name)

    async def _opened(self, configuration: Configuration) -> _Open:
        stack, told_of = AsyncExitStack(), _Told(self._metrics)
        keep_secret(configuration.secrets)
        try:
            connectors, counters = await stack.enter_async_context(
                connected(configuration, self._clock, progress=told_of, log=self._log)
            )
        except BaseException:
            await stack.aclose()
            raise
        requests = {name: counter.requests for name, counter in counters.items()}
        session = replace(session_on(configuration, self._store, self._clock), connectors=connectors, requests=requests)
        session = replace(
            session, progress=told_of, turn=lambda _: self._turn, claim=self._engine.claims.take, serves=self._works
        )
        self._metrics.watch(self._store, requests)
        settings = configuration.settings.service
        fresh = {name: tracker.fresh.total_seconds() for name, tracker in configuration.trackers.items()}
        self._metrics.aim(fresh, settings.objective)
        aims = Aims(
            tries=settings.tries,
            fresh=fresh,
            keep=settings.keep,
        )
        jobs = Jobs(self._store, self._clock, jobs_of(configuration), here())
        listeners = {name: one for name, one in connectors.items() if isinstance(one, Listener)}
        return _Open(configuration, Worker(session, aims, jobs, self._metrics), listeners, stack)

    async def _retire(self, old: _Open) -> None:
        await old.worker.retire()
        await old.stack.aclose()

    async def _close(self) -> None:
        await asyncio.gather(*self._closing, return_exceptions=True)
        if self._now is not None:
            await self._now.stack.aclose()
        self._turn.close()


_AGAIN = 5.0
"""Seconds until it is tried again to begin."""


def told(error: TrackersyncError) -> str:
    """A trouble in one line, with the file and line of each problem of a configuration."""
    if not isinstance(error, ConfigError):
        return str(error)
    problems = [f"{one.file}:{one.line}:{one.column} {one.where}: {one.message}" for one in error.problems]
    return "; ".join([str(error), *problems])

"""How a service lives in a process: its threads, its signals, its end.

Deliveries are taken in by the main thread's event loop; the work is done in a thread with a loop of its own, since it
computes in between, and nobody who sends a delivery is to wait for that. SIGTERM and Ctrl-C let everything under way
come to its end, for at most 10 seconds; SIGHUP reads the configuration again.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Protocol

from trackersync.config import Configuration
from trackersync.worker.service import Service

_CONNECTIONS, _FILES, _FEWEST = 1000, 256, 16
"""Connections that are held open at most, files besides them, and connections at least."""
PATIENCE = 9.2
"""Seconds after which a service that was told to stop is left: more than its own grace, less than was promised."""


class Front(Protocol):
    """What the main thread serves: the receiver, or just the metrics."""

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until told to stop."""


class _Back:
    """The thread that works."""

    def __init__(self, service: Service, configuration: Configuration) -> None:
        self._service, self._configuration = service, configuration
        self.began: Future[None] = Future()
        self.ended: Future[None] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._reloading: asyncio.Future[None] | None = None
        self._thread = threading.Thread(target=self._run, name="trackersync:work", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._tell(lambda: self._stop.set() if self._stop is not None else None)

    def reload(self) -> None:
        """Read the configuration again, in the loop that works."""
        self._tell(lambda: self._keep(asyncio.ensure_future(self._service.reload())))

    def _tell(self, what: Callable[[], object]) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(what)

    def _keep(self, task: asyncio.Future[None]) -> None:
        self._reloading = task

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - told in the main thread
            if not self.began.done():
                self.began.set_exception(error)
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        await self._service.run(self._configuration, self._stop, lambda: self.began.set_result(None))


def prepare() -> int:
    """What a service needs of its process, before anything else: signals that do not end it, and open files.

    Returns:
        How many connections it may hold open at one time.
    """
    if sys.platform == "win32":
        return _CONNECTIONS
    import resource

    # Until it can be done: by itself the signal would end what is only beginning.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS + _FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return _CONNECTIONS if soft == resource.RLIM_INFINITY else max(_FEWEST, min(_CONNECTIONS, soft - _FILES))


def serve_until_told(service: Service, configuration: Configuration, front: Front, began: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Args:
        service: what works.
        configuration: to begin with.
        front: what the main thread serves.
        began: called once all of it stands.

    Raises:
        TrackersyncError: it could not begin, or cannot go on.
    """
    asyncio.run(_live(_Back(service, configuration), front, began))


async def _live(back: _Back, front: Front, began: Callable[[], None]) -> None:
    loop, stop, until = asyncio.get_running_loop(), asyncio.Event(), None
    _heed(stop, back)
    back.start()
    ended = asyncio.wrap_future(back.ended)
    # Looked at by whoever waits for it, or not at all where the other part broke first.
    ended.add_done_callback(lambda future: future.cancelled() or future.exception())
    try:
        await asyncio.wrap_future(back.began)
        fronting = asyncio.ensure_future(front.run(stop))
        began()
        told = asyncio.ensure_future(stop.wait())
        waits: list[asyncio.Future[Any]] = [ended, fronting, told]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        # At once, so that both together take no longer than one: what was let in and not worked on waits in the store.
        stop.set()
        back.stop()
        until = loop.time() + PATIENCE
        await fronting
    finally:
        back.stop()
        # What waits for a database that is down, say, waits in vain: what it was at is taken over by others.
        await asyncio.wait([ended], timeout=PATIENCE if until is None else max(0.0, until - loop.time()))
    if ended.done():
        ended.result()


def _heed(stop: asyncio.Event, back: _Back) -> None:
    """Let signals do what they say, where there are any."""
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, back.reload)

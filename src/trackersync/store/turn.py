"""One writing run at a time on a store: who comes second waits, and is told who holds it when that takes too long.

On SQLite a file beside the store is locked, on PostgreSQL an advisory lock of a session of its own (``gates``); both
vanish with the process that holds them, so nobody ever has to break one.
"""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from trackersync.errors import StoreBusyError, StoreError
from trackersync.store.gates import FileGate, Gate, Holder, OpenGate, SessionGate
from trackersync.store.runs import Run, Runs

TURN = 30.0
"""Seconds a run waits for the one before it."""

POLL = 0.2
"""Seconds between two tries."""

_LATELY = 20
"""The runs among which a holder's own is looked for."""


def here() -> str:
    """The process and machine we are: ``process 4711 on build-3``."""
    return f"process {os.getpid()} on {platform.node() or 'this machine'}"


class Turn:
    """A turn on a store, taken by entering: ``with`` blocks while it waits, ``async with`` lets others go on.

    Raises:
        StoreBusyError: on entering: somebody else has held the store all the time, and who.
        StoreError: it cannot be locked.
    """

    def __init__(
        self, gate: Gate, label: str, who: Callable[[Holder | None], str], waiting: Callable[[str], None], wait: float
    ) -> None:
        """See ``Turns.turn``; ``who`` says in words who is in."""
        self._gate, self._label, self._who, self._waiting, self._wait = gate, label, who, waiting, wait

    def __enter__(self) -> None:
        with self._left_on_trouble():
            for pause in self._pauses():
                time.sleep(pause)

    def __exit__(self, *_: object) -> None:
        self._gate.leave()

    async def __aenter__(self) -> None:
        with self._left_on_trouble():
            for pause in self._pauses():
                await asyncio.sleep(pause)

    async def __aexit__(self, *_: object) -> None:
        self._gate.leave()

    @contextmanager
    def _left_on_trouble(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._gate.leave()
            raise

    def _pauses(self) -> Iterator[float]:
        """Seconds to pause between two tries, until one succeeds."""
        begun = time.monotonic()
        waited = 0.0
        told = False
        while not self._gate.take(Holder(self._label, here(), datetime.now(UTC))):
            if waited >= self._wait:
                who = self._who(self._gate.holder())
                raise StoreBusyError(f"{who}. Waited {self._wait:g} s for it. Run again when it has ended.")
            if not told:
                self._waiting(f"{self._who(self._gate.holder())}. Waits up to {self._wait:g} s for it.")
                told = True
            yield min(POLL, max(0.0, self._wait - waited))
            waited = time.monotonic() - begun


LONGEST = 15.0
"""Seconds after which those who share a turn let others in, however much there is to do."""


class SharedTurn:
    """The turn that all looks of a service in one process take together; and the services of several processes.

    Entered with ``async with``, any number of times at once, in one event loop. After some seconds nobody else goes in
    until all have come out, and then there is a pause that is longer than others' between two tries.
    """

    def __init__(self, gate: Gate, label: str) -> None:
        """See ``Turns.shared_turn``."""
        self._gate, self._label = gate, label
        self._inside, self._taken, self._next = 0, 0.0, 0.0

    async def __aenter__(self) -> None:
        while not self._goes_in():  # noqa: ASYNC110 - another process gives it back, and tells nobody
            await asyncio.sleep(POLL / 4)
        self._inside += 1

    def _goes_in(self) -> bool:
        now = time.monotonic()
        if self._inside:
            return now - self._taken < LONGEST
        if now < self._next or not self._gate.take(Holder(self._label, here(), datetime.now(UTC)), shared=True):
            return False
        self._taken = now
        return True

    async def __aexit__(self, *_: object) -> None:
        self._inside -= 1
        if not self._inside:
            self._gate.rest()
            now = time.monotonic()
            self._next = now + 2 * POLL if now - self._taken >= LONGEST else now

    def close(self) -> None:
        """Give back what is held."""
        self._gate.leave()


class Turns(Runs):
    """The turns of a store."""

    def turn(self, label: str, *, wait: float = TURN, waiting: Callable[[str], None] | None = None) -> Turn:
        """A turn on this store, to be entered for as long as one writes: threads and processes exclude each other.

        Enter it before ``begin_run``, and give that the place ``here()``, so that whoever waits is told the run.

        Args:
            label: what is done: ``sync``, ``store migrate``.
            wait: seconds to wait for whoever holds it.
            waiting: told once, in a sentence, that and for whom one waits.
        """
        return Turn(self._gate(), label, self._in_use_by, waiting or (lambda _: None), wait)

    def shared_turn(self, label: str) -> SharedTurn:
        """A turn that all looks of a service share, while no other run writes; ``close`` it at the end.

        Waits for as long as it takes. On a file it excludes every other process; in a database, every run that takes a
        turn of its own, but no other service.

        Args:
            label: what is done: ``serve``.
        """
        return SharedTurn(self._gate(), label)

    @contextmanager
    def sole(self, label: str) -> Iterator[None]:
        """Be the only service that works on this store, where it is a file; a server's may have any number.

        Raises:
            StoreBusyError: another one does, and who.
        """
        if self.file is None:
            yield
            return
        gate = FileGate(self.file.with_name(self.file.name + ".serve"))
        if not gate.take(Holder(label, here(), datetime.now(UTC))):
            raise StoreBusyError(
                f"{self._in_use_by(gate.holder())}. A file is worked on by one service; for more, keep the store on "
                "PostgreSQL."
            )
        try:
            yield
        finally:
            gate.leave()

    def holder(self) -> str | None:
        """Who holds this store just now: ``run 12 (sync), process 4711 on build-3, since 10:12``; None: nobody."""
        gate = self._gate()
        try:
            return None if gate.free() else self._in_words(gate.holder())
        finally:
            gate.leave()

    def _gate(self) -> Gate:
        if self.file is not None:
            return FileGate(self.file)
        if self.dialect == "postgresql":
            return SessionGate(self)
        return OpenGate()

    def _in_use_by(self, holder: Holder | None) -> str:
        return f"The store {self.name} is in use by {self._in_words(holder)}"

    def _in_words(self, holder: Holder | None) -> str:
        if holder is None:
            return "another trackersync"
        run = None
        with suppress(StoreError):  # an older store's runs cannot be read yet
            run = next((run for run in self.runs(_LATELY) if _is_of(run, holder)), None)
        label = holder.label if run is None else f"run {run.id} ({run.command})"
        return ", ".join([label, holder.place, *([f"since {_clock(holder.since)}"] if holder.since else [])])


def _is_of(run: Run, holder: Holder) -> bool:
    # A session's name may have been cut short.
    return run.ended is None and bool(holder.place) and run.place.startswith(holder.place)


def _clock(moment: datetime) -> str:
    """The time of day where we are, with the day where it is another one."""
    local = moment.astimezone()
    return f"{local:%H:%M}" if local.date() == datetime.now(UTC).astimezone().date() else f"{local:%d %b %H:%M}"

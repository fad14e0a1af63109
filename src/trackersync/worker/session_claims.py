"""Who works at which items, among all processes on one PostgreSQL: advisory locks of one session of each.

The locks vanish with the session, so what a killed process held is free at once. The same holds for a session that
breaks while its process lives: whoever then works on something that was claimed is cancelled at once, as if killed, and
its look stays due. What breaks without a word is noticed by ``check``.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from trackersync.core.model import ItemRef
from trackersync.store import Store
from trackersync.worker.claims import Held

_TRY = text("SELECT key, pg_try_advisory_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS wanted(key)")
_FREE = text("SELECT pg_advisory_unlock(key) FROM unnest(CAST(:keys AS bigint[])) AS held(key)")
_NAMED = text("SELECT set_config('application_name', 'trackersync claims', false)")
_WHERE = text("SELECT current_schema()")
_ALIVE = text("SELECT 1")

_log = logging.getLogger("trackersync.worker")


@dataclass(slots=True)
class _Session:
    """A session, and who works under the locks it holds."""

    connection: Connection
    schema: str
    loop: asyncio.AbstractEventLoop | None
    socket: int
    at_work: set[asyncio.Task[Any] | None] = field(default_factory=set)


class SessionClaims:
    """Claims by advisory locks; implements ``engine.Claims``.

    Args:
        store: on PostgreSQL.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._here = Held()  # a session is granted twice what it holds
        self._session: _Session | None = None

    @contextmanager
    def take(self, refs: Collection[ItemRef]) -> Iterator[bool]:
        """Take items; see ``engine.Claims.take``.

        Raises:
            StoreError: the database cannot be reached.
        """
        with self._here.take(refs) as free:
            if not free or not refs:
                yield free
                return
            session, keys = self._locked(refs)
            if not keys:
                yield False
                return
            us: set[asyncio.Task[Any] | None] = {_current_task()}
            session.at_work |= us
            try:
                yield True
            finally:
                session.at_work -= us
                self._free(session, keys)

    def check(self) -> None:
        """See whether the session still holds what it was granted; where not, whoever relies on it is cancelled."""
        session = self._session
        if session is not None:
            with self._noticing(session), suppress(DBAPIError):
                session.connection.execute(_ALIVE)

    def close(self) -> None:
        """Give everything back."""
        session, self._session = self._session, None
        if session is not None:
            self._leave(session)

    def _locked(self, refs: Collection[ItemRef]) -> tuple[_Session, Sequence[int]]:
        with self._store.troubles():
            session = self._session or self._opened()
            try:
                return session, self._tried(session, refs)
            except DBAPIError:
                if self._session is not None:
                    raise
                # One that ended while nobody looked is replaced; a server that is down is told of.
                session = self._opened()
                return session, self._tried(session, refs)

    def _opened(self) -> _Session:
        connection = self._store.session()
        connection.execute(_NAMED)
        driver: Any = connection.connection.dbapi_connection  # detached: there is no other name
        session = _Session(connection, str(connection.scalar(_WHERE)), _current_loop(), driver.fileno())
        if session.loop is not None:
            with suppress(NotImplementedError):  # a loop that watches no sockets
                # A server says nothing by itself but that it ends.
                session.loop.add_reader(session.socket, self.check)
        self._session = session
        return session

    def _tried(self, session: _Session, refs: Collection[ItemRef]) -> Sequence[int]:
        """The keys of all items, locked; none where one of them is somebody else's."""
        keys = sorted({_key(session.schema, ref) for ref in refs})
        with self._noticing(session):
            got = {int(key): bool(ours) for key, ours in session.connection.execute(_TRY, {"keys": keys})}
        if all(got.values()):
            return keys
        self._free(session, [key for key, granted in got.items() if granted])
        return ()

    def _free(self, session: _Session, keys: Sequence[int]) -> None:
        # What a session held that has ended is free.
        if session is self._session and keys:
            with self._noticing(session), suppress(DBAPIError):
                session.connection.execute(_FREE, {"keys": keys})

    @contextmanager
    def _noticing(self, session: _Session) -> Iterator[None]:
        """Where the session turns out to be broken, stop whoever relies on it."""
        try:
            yield
        finally:
            if session.connection.invalidated or session.connection.closed:
                self._lost(session)

    def _lost(self, session: _Session) -> None:
        if session is not self._session:
            return
        self._session = None
        us = _current_task()
        others = [task for task in session.at_work if task is not None and task is not us]
        _log.warning("the session that held our claims has ended; %d looks begin again", len(others))
        for task in others:
            task.cancel("its claims are lost")
        self._leave(session)

    def _leave(self, session: _Session) -> None:
        if session.loop is not None and not session.loop.is_closed():
            with suppress(NotImplementedError):
                session.loop.remove_reader(session.socket)
        with suppress(DBAPIError):
            session.connection.close()


def _key(schema: str, ref: ItemRef) -> int:
    # 64 bits of a digest: that two of a million items share one is less likely than one in ten million.
    said = f"trackersync claim\0{schema}\0{ref.tracker}\0{ref.id}".encode()
    return int.from_bytes(blake2b(said, digest_size=8).digest(), signed=True)


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _current_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

"""What lets one in at a time, and says who is in: a locked file, or a session's advisory lock.

Each is opened for one attempt: ``take`` until it succeeds, then ``leave``; leaving without having been in is harmless.
The workers of a service share: any number of them are in together on a server, while nobody else is. Whoever wants to
be in alone goes first: while they wait, no other worker goes in.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from trackersync.errors import StoreError
from trackersync.store.database import Database
from trackersync.store.rows import text as written

if TYPE_CHECKING:
    from filelock import BaseFileLock


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a store: what it does, where it runs (``turn.here``), and since when, where that is known."""

    label: str
    place: str
    since: datetime | None


_a_holder = msgspec.json.Decoder(Holder)


class Gate(Protocol):
    """What lets one in at a time."""

    def take(self, us: Holder, *, shared: bool = False) -> bool:
        """Go in, if nobody is in, or only those who share as we do.

        Raises:
            StoreError: there can be no gate.
        """

    def free(self) -> bool:
        """Whether nobody is in."""

    def holder(self) -> Holder | None:
        """Who is in, as far as it can be told."""

    def leave(self) -> None:
        """Go out."""

    def rest(self) -> None:
        """Go out, to come in again soon."""


class FileGate:
    """The lock of the file ``STORE.lock`` beside a SQLite store; who holds it stands in the file.

    The file stays when it was left: were it taken away, two could lock one file each. The store is found by its real
    path, so that all names of it have one lock.
    """

    def __init__(self, store: Path) -> None:
        """A gate for this store's file."""
        from filelock import FileLock  # noqa: PLC0415 - a command that only reads needs none

        real = store.resolve()
        self._store = store
        self._file = real.with_name(real.name + ".lock")
        self._us = ""
        # Not where flock is missing: the library's substitute would outlive a killed process.
        self._lock: BaseFileLock = FileLock(
            self._file, mode=0o600, thread_local=False, fallback_to_soft=False, on_acquired=self._write_down
        )

    def take(self, us: Holder, *, shared: bool = False) -> bool:
        """Lock the file, and write ourselves into it. A file's store has one process that works, so nobody shares."""
        from filelock import Timeout  # noqa: PLC0415 - the same

        self._us = written(us)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        except OSError as error:
            raise StoreError(
                f"The store {self._store} cannot be held for writing: {self._file} cannot be locked "
                f"({error.strerror or error}). Grant write permission to it and its folder, or name another store with "
                "`store:` or --store."
            ) from error
        return True

    def _write_down(self, descriptor: int) -> None:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, self._us.encode())

    def free(self) -> bool:
        """Try the lock; a file that is not there, or not ours to lock, nobody holds."""
        if not self._file.exists():
            return True
        with suppress(StoreError):
            if not self.take(Holder("store check", "", None)):
                return False
        self.leave()
        return True

    def holder(self) -> Holder | None:
        """Read the file; None where it was just being written, or where a locked file cannot be read."""
        with suppress(OSError, msgspec.DecodeError):
            return _a_holder.decode(self._file.read_bytes())
        return None

    def leave(self) -> None:
        """Unlock the file, if we locked it."""
        self._lock.release(force=True)

    def rest(self) -> None:
        """The same."""
        self.leave()


# Beside the writers' lock of `database`: held for a whole run, one for each schema of the database.
_KEY = 0x74726B73
_DOOR = 0x74726B74
"""Held by whoever waits to be in alone, and passed by whoever shares."""
_LOCK = "SELECT pg_try_advisory_lock{}(:key, hashtext(current_schema()))"
_TAKE, _TAKE_DOOR = (text(_LOCK.format("")).bindparams(key=key) for key in (_KEY, _DOOR))
_SHARE, _PASS = (text(_LOCK.format("_shared")).bindparams(key=key) for key in (_KEY, _DOOR))
_PASSED = text("SELECT pg_advisory_unlock_shared(:key, hashtext(current_schema()))").bindparams(key=_DOOR)
_LEAVE = text("SELECT pg_advisory_unlock_all()")
_NAME = text("SELECT set_config('application_name', :name, false)")
# https://www.postgresql.org/docs/current/view-pg-locks.html: the two numbers of the key are classid and objid.
_HOLDER = text(
    "SELECT a.application_name, a.state_change FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 "
    "AND l.classid = :key AND l.objid = hashtext(current_schema())::oid "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
).bindparams(key=_KEY)
_LONGEST = 63
"""PostgreSQL keeps so many bytes of a session's name."""


class SessionGate:
    """An advisory lock that a session of its own holds until it ends; who holds it is the session's name."""

    def __init__(self, database: Database) -> None:
        """A gate for a store on this server."""
        self._database = database
        self._session: Connection | None = None
        self._at_door = False

    def take(self, us: Holder, *, shared: bool = False) -> bool:
        """Ask for the lock; the session stays open while we wait."""
        with self._database.troubles():
            if self._session is None:
                self._session = self._database.session()
                name = f"{us.label}; {us.place}".encode()[:_LONGEST].decode(errors="ignore")
                self._session.execute(_NAME, {"name": name})
            return self._share(self._session) if shared else self._alone(self._session)

    def _alone(self, session: Connection) -> bool:
        # The door stays ours while we wait: those who share come out, and no other goes in.
        self._at_door = self._at_door or bool(session.scalar(_TAKE_DOOR))
        return self._at_door and bool(session.scalar(_TAKE))

    @staticmethod
    def _share(session: Connection) -> bool:
        if not session.scalar(_PASS):
            return False
        try:
            return bool(session.scalar(_SHARE))
        finally:
            session.execute(_PASSED)

    def free(self) -> bool:
        """Whether no session has the lock."""
        return self._row() is None

    def holder(self) -> Holder | None:
        """The session that has the lock. What it did last was to take it."""
        row = self._row()
        if row is None:
            return None
        label, _, place = (row[0] or "").partition("; ")
        return Holder(label or "another trackersync", place, row[1])

    def _row(self) -> tuple[str | None, datetime | None] | None:
        with self._database.read() as connection:
            row = connection.execute(_HOLDER).first()
            return None if row is None else (row[0], row[1])

    def leave(self) -> None:
        """End the session, and the lock with it."""
        session, self._session = self._session, None
        self._at_door = False
        if session is not None:
            # The server ends a session some time after it was closed. One it ended itself holds nothing any more.
            with suppress(DBAPIError):
                if not session.invalidated:  # else SQLAlchemy would have it rolled back first
                    session.execute(_LEAVE)
            with suppress(DBAPIError):
                session.close()

    def rest(self) -> None:
        """Give the lock back and keep the session, which costs some milliseconds to open."""
        if self._session is None:
            return
        self._at_door = False
        try:
            self._session.execute(_LEAVE)
        except DBAPIError:
            self.leave()


class OpenGate:
    """No gate: a store in memory belongs to whoever made it."""

    def take(self, us: Holder, *, shared: bool = False) -> bool:
        """Go in."""
        return True

    def free(self) -> bool:
        """Always."""
        return True

    def holder(self) -> Holder | None:
        """Nobody."""
        return None

    def leave(self) -> None:
        """Go out."""

    def rest(self) -> None:
        """Go out."""

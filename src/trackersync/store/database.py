"""Connections to the store's database: one writer at a time, durable commits, troubles as sentences.

Every write transaction excludes every other: ``BEGIN IMMEDIATE`` on SQLite, an advisory lock on PostgreSQL. So what a
transaction has read stays true until it commits, on both, and code above need not know which it talks to. Readers never
wait: both databases show them the last committed state.

SQLite runs in WAL mode with ``synchronous=FULL``: an intent that was committed is on the disk before the tracker is
asked (https://sqlite.org/pragma.html#pragma_synchronous: under NORMAL a power cut may undo the last commits).
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from trackersync.core.masking import ambiguous
from trackersync.errors import StoreError
from trackersync.store.troubles import sentence

WAIT = 10.0
"""Seconds to wait for another writer before giving up."""

_WRITER = 0x747261636B657273
"""The advisory lock all writers of a PostgreSQL store take: ``trackers`` in ASCII; lasts until the transaction ends."""

_READING = {"trackersync_reading": True}

Insert = sqlite.Insert | postgresql.Insert


class Database:
    """A database opened by URL, its transactions, and the sentences for what can go wrong with it.

    Args:
        url: ``sqlite:///trackersync.db``, ``postgresql://…``, or the path of a SQLite file. ``sqlite://`` is a store
            in memory, for tests.
        wait: seconds to wait for another writer.
        read_only: nothing is made or written, whatever is called.

    Attributes:
        name: what to call it in a sentence; see ``name_of``.
        file: of a SQLite store; None for one in memory or on a server.
        dialect: ``sqlite`` or ``postgresql``.
        wait: as given.

    Raises:
        StoreError: the URL names no database we can use, or none that is there to be read.
    """

    def __init__(self, url: str | SecretStr, *, wait: float = WAIT, read_only: bool = False) -> None:
        parsed = parse(url.get_secret_value() if isinstance(url, SecretStr) else url)
        self.name = name_of(parsed)
        self.file = file_of(parsed)
        self.wait = wait
        memory = parsed.get_backend_name() == "sqlite" and self.file is None
        # All threads share the one connection that holds a store in memory, so they take turns.
        self._turn: AbstractContextManager[object] = threading.Lock() if memory else nullcontext()
        self._engine = _engine(parsed, wait, memory=memory, read_only=read_only)
        self.dialect = self._engine.dialect.name
        self._readers = self._engine.execution_options(**_READING)
        if self.dialect == "postgresql":
            # By itself each statement sees what was committed before it, so that two of them do not fit together.
            self._readers = self._readers.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def troubles(self) -> Iterator[None]:
        """Whatever the driver complains of is a ``StoreError`` that names this store."""
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            raise StoreError(sentence(error, self.name, self.wait)) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one committed state and writes nothing. Raises ``StoreError``."""
        with self.troubles(), self._turn, self._readers.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that excludes all other writers; committed at its end, or not at all. Raises ``StoreError``."""
        with self.troubles(), self._turn, self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")
            yield connection

    def session(self) -> Connection:
        """A connection of one's own, without transactions, that ends when it is closed. A server's only."""
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # from the pool, which would keep the session
        return connection

    def reached_by(self) -> dict[str, Any]:
        """What a driver of a server's is told to reach it; holds the password."""
        _, named = self._engine.dialect.create_connect_args(self._engine.url)
        return dict(named)

    def write_ahead(self) -> None:
        """Let readers read while one writes: SQLite's WAL mode, which a file keeps once it was set.

        Not done on connecting, since the file might be another program's. Raises ``StoreError``.
        """
        if self.dialect != "sqlite":
            return
        with self.troubles(), self._turn, self._engine.connect() as connection:
            cursor = connection.connection.cursor()  # past SQLAlchemy, which would begin a transaction
            if cursor.execute("PRAGMA journal_mode").fetchone() == ("delete",):
                cursor.execute("PRAGMA journal_mode=WAL")

    def close(self) -> None:
        """Give every connection back. Closing twice is harmless."""
        self._engine.dispose()


def parse(url: str) -> URL:
    """Read a store's URL; a text without ``://`` is the path of a SQLite file.

    Raises:
        StoreError: it is no URL, or of a database trackersync does not use. The URL itself is not repeated, since it
            may hold a password.
    """
    if not url.strip():
        raise StoreError("The store has no address. Write a path or a URL under `store:`, or give --store.")
    try:
        parsed = make_url(url) if "://" in url else URL.create("sqlite", database=url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise StoreError(f"The store's address is not a URL. {_FORMS}") from error
    if backend not in ("sqlite", "postgresql"):
        raise StoreError(f"The store cannot be kept in {backend}. {_FORMS}")
    if backend == "postgresql" and ambiguous(url):
        # A driver would take a part of the password for the host: send it out, and show it.
        raise StoreError(
            "The store's address has a bare / or @ in its user or password. Write / there as %2F, and @ as %40."
        )
    # Each database has one driver here; its name in the URL is left out or ours.
    return parsed.set(drivername="sqlite" if backend == "sqlite" else "postgresql+psycopg")


_FORMS = "Write `store:` (or --store) as a path, sqlite:///trackersync.db, or postgresql://user:password@host/database."


def file_of(url: URL) -> Path | None:
    """The file of a SQLite store; None for a store in memory or on a server."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def name_of(url: URL) -> str:
    """What to call the store in a sentence: its file, or database and host; never user or password."""
    if url.get_backend_name() == "sqlite":
        return str(file_of(url) or "in memory")
    return f"{url.database or 'postgresql'} on {url.host or 'localhost'}"


def _engine(url: URL, wait: float, *, memory: bool, read_only: bool) -> Engine:
    options: dict[str, Any] = {}
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": wait}
        if memory:
            options |= {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
        elif file := file_of(url):
            if read_only:
                url = _reading_only(file)
            else:
                _make_file(file)
    try:
        # Parameters of failed statements are people's texts: never part of an error.
        engine = create_engine(url, hide_parameters=True, **options)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise StoreError(
            f"The store {name_of(url)} needs the driver psycopg 3, which is not installed: "
            "pip install 'trackersync[postgres]'."
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", lambda connection, _: _open_postgresql(connection, wait, read_only=read_only))
    return engine


def _make_file(file: Path) -> None:
    """Make a new store's file readable by its owner only: it holds the texts of private trackers."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except FileNotFoundError as error:
        raise StoreError(
            f"The store {file} cannot be made: there is no folder {file.parent}. Make it first."
        ) from error
    except PermissionError as error:
        raise StoreError(
            f"The store {file} cannot be opened: no permission to write in {file.parent}. "
            "Grant it, or name another place with `store:` or --store."
        ) from error
    except OSError as error:
        raise StoreError(f"The store {file} cannot be made: {error.strerror}.") from error


def _reading_only(file: Path) -> URL:
    """A store's file, opened so that SQLite refuses every write.

    Where we may not make SQLite's own files beside it and no write waits in them, it is read as it is
    (https://sqlite.org/wal.html#readonly).
    """
    if not file.exists():
        raise StoreError(f"There is no store {file} yet. The first run makes it: trackersync check.")
    log = file.with_name(file.name + "-wal")
    ours = os.access(file.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    at_rest = not ours and not (log.exists() and log.stat().st_size)
    query = {"mode": "ro", "uri": "true"} | ({"immutable": "1"} if at_rest else {})
    return URL.create("sqlite", database=file.absolute().as_uri(), query=query)


def _open_sqlite(connection: Any, _: object) -> None:  # noqa: ANN401 - a driver's connection has no common type
    # No transactions of the driver's own: _begin_sqlite says which kind we want.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("trackersync_reading", False)
    # Past SQLAlchemy, which takes longer for it than SQLite.
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN" if reading else "BEGIN IMMEDIATE")


def _open_postgresql(connection: Any, wait: float, *, read_only: bool) -> None:  # noqa: ANN401 - the same
    connection.execute(f"SET lock_timeout = {int(wait * 1000)}")
    if read_only:
        connection.execute("SET default_transaction_read_only = on")
    connection.commit()


def insert(connection: Connection, table: Table) -> Insert:
    """An ``INSERT`` of this connection's database, which can say what to do on conflict; run it with many rows."""
    return _insert(connection.dialect.name, table)


def _insert(dialect: str, table: Table) -> Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows, replacing the named columns of those with the same primary key; equal rows are left untouched.

    One statement that the driver runs for each row: twenty times faster than one statement with many rows in it.
    """
    if rows:
        connection.execute(_upsert(connection.dialect.name, table, tuple(rows[0])), rows)


@cache
def _upsert(dialect: str, table: Table, columns: tuple[str, ...]) -> Insert:
    statement = _insert(dialect, table)
    keys = sorted(column.name for column in table.primary_key)
    values = {name: statement.excluded[name] for name in columns if name not in keys}
    if not values:
        return statement.on_conflict_do_nothing(index_elements=keys)
    differs = or_(*(table.c[name].is_distinct_from(value) for name, value in values.items()))
    return statement.on_conflict_do_update(index_elements=keys, set_=values, where=differs)

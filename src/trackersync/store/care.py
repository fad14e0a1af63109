"""Copy a store while it is in use, and bring an older one up to date with a copy made first."""

from __future__ import annotations

import os
import shlex
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Connection

from trackersync.errors import StoreError
from trackersync.store import schema
from trackersync.store.database import WAIT, Database, parse
from trackersync.store.opening import known_revision, prepare
from trackersync.store.stats import stats_of
from trackersync.store.troubles import sentence
from trackersync.store.turn import TURN, Turns

_STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was made: its file, its size in bytes, and how many rows it holds."""

    file: Path
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Migration:
    """From which schema to which a store goes, and the copy that was made of it before.

    ``was`` and ``now`` are the same where there is nothing to do; ``was`` is empty where all tables were taken down.
    """

    was: str
    now: str
    backup: Backup | None = None


def backups(store: Path) -> tuple[tuple[Path, datetime], ...]:
    """The copies that ``backup`` left beside a store under its own names, and when, oldest first."""
    found = []
    for file in store.parent.glob(f"{_escaped(store.stem)}-*{_escaped(store.suffix)}"):
        stamp = file.name.removeprefix(f"{store.stem}-").removesuffix(store.suffix)
        with suppress(ValueError):
            found.append((file, datetime.strptime(stamp, _STAMP).astimezone()))
    return tuple(sorted(found, key=lambda copy: copy[1]))


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def server_command(url: str | SecretStr, now: datetime) -> str | None:
    """The command that copies a store on PostgreSQL, without its password; None for a store in a file."""
    address = parse(url.get_secret_value() if isinstance(url, SecretStr) else url)
    if address.get_backend_name() == "sqlite":
        return None
    named = {"host": address.host, "port": address.port, "username": address.username}
    options = [f"--{name}={shlex.quote(str(value))}" for name, value in named.items() if value]
    database = shlex.quote(address.database or "postgres")
    file = shlex.quote(f"{address.database or 'postgres'}-{now.astimezone():{_STAMP}}.dump")
    return " ".join(["pg_dump", *options, "--format=custom", f"--file={file}", database])


def backup(url: str | SecretStr, to: Path | None, now: datetime, *, force: bool = False, wait: float = WAIT) -> Backup:
    """Copy a store into a file of its own, as it is at one moment, while others go on writing to it.

    The copy is written beside its place, read again, and only then given its name: what has the name is whole.

    Args:
        url: as for ``Store``; of a file.
        to: the file, or a folder to put it in; None: beside the store, named by the moment.
        now: the moment.
        force: replace a file that is there.
        wait: seconds to wait for a lock.

    Raises:
        StoreError: there is no store to copy, or none that this program can use, or no place for the copy.
    """
    with closing(Database(url, wait=wait, read_only=True)) as store:
        if store.file is None:
            raise StoreError(f"The store {store.name} is not a file; there is nothing here to copy.")
        file = _place(store.file, to, now, force=force)
        with store.read() as connection:
            if known_revision(connection, store.name) is None:
                raise StoreError(f"There is no store in {store.name} yet: nothing to back up.")
            with _beside(file, wait) as part:
                rows = _copy(connection, part, store.name)
        return Backup(file, file.stat().st_size, rows)


def _place(store: Path, to: Path | None, now: datetime, *, force: bool) -> Path:
    own = f"{store.stem}-{now.astimezone():{_STAMP}}{store.suffix}"
    file = store.with_name(own) if to is None else to / own if to.is_dir() else to
    if file.exists() and file.samefile(store):
        raise StoreError(f"{file} is the store itself. Name another file.")
    if file.exists() and not force:
        raise StoreError(f"{file} is there already. Nothing was overwritten. Name another file, or say --force.")
    # A database that somebody has open keeps its last writes in this file, and would take them for the copy's.
    if file.with_name(file.name + "-wal").exists():
        raise StoreError(f"{file} is in use as a store. Nothing was overwritten. Name another file.")
    return file


@contextmanager
def _beside(file: Path, wait: float) -> Iterator[Path]:
    """A file that only its owner may read, given this name at the end; gone again where that is not reached."""
    part: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        os.close(descriptor)
        part = Path(name)
        yield part
        _to_disk(part)
        part.replace(file)
        part = None
        _to_disk(file.parent)
    except OSError as error:
        raise StoreError(
            f"No backup was made: {file} cannot be written: {error.strerror}. Name another file."
        ) from error
    except sqlite3.Error as error:
        raise StoreError(f"No backup was made. {sentence(error, str(file), wait)}") from error
    finally:
        if part is not None:
            for left in (part, part.with_name(part.name + "-journal")):
                left.unlink(missing_ok=True)


def _copy(connection: Connection, part: Path, name: str) -> int:
    """Copy the state this connection sees, make sure of the copy, and say how many rows it has."""
    source = connection.connection.driver_connection
    rows = stats_of(connection).rows
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        # In the transaction that counted: https://sqlite.org/c3ref/backup_finish.html#sqlite3backupstep
        source.backup(copy)  # type: ignore[union-attr]  # SQLite's own
        # One file, that can be read where nothing can be written; a store is put back into WAL mode when it is opened.
        copy.execute("PRAGMA journal_mode=DELETE")
        if not _is_whole(copy, rows):
            raise StoreError(
                f"No backup was made: the copy of {name} is damaged. Look the store over: trackersync store check."
            )
    return sum(rows.values())


def _is_whole(copy: sqlite3.Connection, rows: Mapping[str, int]) -> bool:
    try:
        sound = copy.execute("PRAGMA integrity_check").fetchall()
        counts = {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in rows}  # noqa: S608 - ours
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:  # pages that cannot even be walked
        return False
    return sound == [("ok",)] and counts == rows


def _to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name != "posix":
        return  # only POSIX opens folders
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def migrate(
    url: str | SecretStr,
    now: datetime,
    *,
    dry_run: bool = False,
    wait: float = TURN,
    waiting: Callable[[str], None] | None = None,
) -> Migration:
    """Bring an older store up to date in one transaction; on SQLite a copy is made first.

    Args:
        url: as for ``Store``.
        now: the moment, for the copy's name.
        dry_run: only say what would be done.
        wait: seconds to wait for a run that is at work on it.
        waiting: told, in a sentence, that and for whom one waits.

    Raises:
        StoreError: there is no store there, or none that this program can use, copy or write.
    """
    with closing(Database(url, read_only=True)) as store, store.read() as connection:
        was = known_revision(connection, store.name)
        if was is None:
            raise StoreError(f"There is no store in {store.name} yet: nothing to bring up to date.")
    if was == schema.HEAD or dry_run:
        return Migration(was, schema.HEAD)
    with closing(Turns(url)) as store, store.turn("store migrate", wait=wait, waiting=waiting):
        copy = backup(url, None, now) if store.file else None
        prepare(store)
    return Migration(was, schema.HEAD, copy)

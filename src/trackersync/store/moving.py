"""Move a store to another database: all that it remembers, compared row by row, in one transaction there.

What is copied is one state of the store, since nobody writes to it meanwhile. It is left as it was, so that whoever
changes their mind goes on with it; and a move that is stopped in the middle leaves no store at its end.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import msgspec
from pydantic import SecretStr
from sqlalchemy import Connection, Table, func, select, text

from trackersync.errors import StoreError
from trackersync.store import schema
from trackersync.store.care import Backup, migrate
from trackersync.store.database import WAIT, Database, file_of, parse
from trackersync.store.opening import known_revision
from trackersync.store.rows import BATCH
from trackersync.store.stats import stats_of
from trackersync.store.turn import TURN, Turns

TABLES = tuple(table for table in schema.metadata.sorted_tables if table is not schema.version)
_encode = msgspec.msgpack.Encoder().encode
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Moved:
    """A store that was moved.

    Attributes:
        was: where it is still, by name.
        now: where it is now, by name.
        rows: how many there are, in each.
        backup: the copy that was made of an older one before it was brought up to date.
    """

    was: str
    now: str
    rows: int
    backup: Backup | None = None


def move(
    url: str | SecretStr,
    to: str | SecretStr,
    now: datetime,
    *,
    wait: float = TURN,
    waiting: Callable[[str], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Moved:
    """Copy a store to a database that has none, and make sure of the copy.

    An older store is brought up to date first, as ``migrate`` does. Nobody can write to it while it is copied.

    Args:
        url: as for ``Store``: where it is.
        to: where it goes.
        now: the moment, for the name of a copy.
        wait: seconds to wait for a run that is at work on either.
        waiting: told, in a sentence, that and for whom one waits.
        progress: told, now and then, how many rows of how many were written.

    Raises:
        StoreError: there is no store to move, or there is one at its end already, or either cannot be used. At the end
            there is none then, and the store is as it was.
    """
    _apart(_address(url), _address(to))
    with closing(Database(url, read_only=True)) as store, store.read() as connection:
        if known_revision(connection, store.name) is None:
            raise StoreError(f"There is no store in {store.name} yet: nothing to move.")
    with closing(Turns(to, wait=WAIT)) as target:
        _is_empty(target)
        brought = migrate(url, now, wait=wait, waiting=waiting)
        with (
            closing(Turns(url, wait=WAIT)) as source,
            source.sole("store move"),
            source.turn("store move", wait=wait, waiting=waiting),
            target.turn("store move", wait=wait, waiting=waiting),
        ):
            target.write_ahead()
            # A write of nothing: deliveries are taken in without a turn, and one that came now would stay behind.
            with source.write() as here, target.write() as there:
                rows = _copy(here, there, (source.name, target.name), progress or (lambda _, __: None))
            return Moved(source.name, target.name, rows, brought.backup)


def _address(url: str | SecretStr) -> str:
    return url.get_secret_value() if isinstance(url, SecretStr) else url


def _apart(url: str, to: str) -> None:
    """Make sure that the two are not one."""
    here, there = parse(url), parse(to)
    one, other = file_of(here), file_of(there)
    if here == there or (one is not None and other is not None and one.resolve() == other.resolve()):
        raise StoreError("The store is there already. Name another database.")


def _is_empty(target: Database) -> None:
    with target.read() as connection:
        if known_revision(connection, target.name) is not None:
            raise StoreError(
                f"There is a store in {target.name} already. Nothing was changed in it. Name a database without one."
            )


def _copy(here: Connection, there: Connection, names: tuple[str, str], progress: Callable[[int, int], None]) -> int:
    """Make the tables, fill them, and compare; returns how many rows there are."""
    if known_revision(there, names[1]) is not None:  # made in the meantime
        raise StoreError(f"There is a store in {names[1]} already. Nothing was changed in it.")
    schema.metadata.create_all(there)
    there.execute(schema.version.insert().values(version_num=schema.HEAD))
    every, done = sum(stats_of(here).rows.values()), 0
    for table in TABLES:
        sent, arrived = _Digest(), _Digest()
        with closing(_rows(here, table)) as batches:
            for rows in batches:
                sent.add(rows)
                there.execute(table.insert(), [dict(zip(table.c.keys(), row, strict=True)) for row in rows])
                done += len(rows)
                progress(done, every)
        _go_on_counting(here, there, table)
        with closing(_rows(there, table)) as batches:
            for rows in batches:
                arrived.add(rows)
        if arrived != sent:
            raise StoreError(
                f"Nothing was moved: the rows of {table.name} are not the same in {names[1]} as in {names[0]}. "
                "Look the store over: trackersync store check."
            )
    return done


def _rows(connection: Connection, table: Table) -> Generator[Sequence[tuple[object, ...]], None, None]:
    with connection.execute(select(table).execution_options(yield_per=BATCH)) as found:
        for rows in found.partitions():
            yield [tuple(row) for row in rows]


@dataclass(slots=True)
class _Digest:
    """Tells whether two lots of rows are the same, in whichever order they come: databases sort texts differently."""

    number: int = 0
    total: int = 0

    def add(self, rows: Sequence[tuple[object, ...]]) -> None:
        for row in rows:
            self.total += int.from_bytes(blake2b(_encode(row), digest_size=_BYTES).digest())
        self.total %= 1 << (8 * _BYTES)
        self.number += len(rows)


_LAST = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
_FORGET = text("DELETE FROM sqlite_sequence WHERE name = :name")
_REMEMBER = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)")
_SEQUENCE = text("SELECT pg_get_serial_sequence(:name, :column)")
_SET = text("SELECT setval(:sequence, :next, false)")


def _go_on_counting(here: Connection, there: Connection, table: Table) -> None:
    """Numbers that were given once are never given again, even where their rows are gone."""
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return
    [column] = table.primary_key.columns
    last = max(_last(here, table, column.name), there.scalar(select(func.max(column))) or 0)
    if there.dialect.name == "sqlite":
        there.execute(_FORGET, {"name": table.name})
        there.execute(_REMEMBER, {"name": table.name, "last": last})
    else:
        sequence = there.scalar(_SEQUENCE, {"name": table.name, "column": column.name})
        there.execute(_SET, {"sequence": sequence, "next": last + 1})


def _last(connection: Connection, table: Table, column: str) -> int:
    """The number that a store gave last."""
    if connection.dialect.name == "sqlite":
        return int(connection.scalar(_LAST, {"name": table.name}) or 0)
    sequence = connection.scalar(_SEQUENCE, {"name": table.name, "column": column})
    last, given = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()  # noqa: S608 - the server named it
    return int(last) if given else int(last) - 1

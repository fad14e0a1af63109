"""Look a store over without changing it: its pages, its rows, and whether they contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pydantic import SecretStr
from sqlalchemy import Connection, Table, exists, func, inspect, select

from trackersync.core.checked import Noted
from trackersync.core.model import (
    Account,
    Change,
    Conflict,
    Event,
    Facts,
    Item,
    Named,
    Overruled,
    Receipt,
    Severity,
    Transition,
)
from trackersync.core.told import Settlement, TakenBack
from trackersync.errors import StoreError
from trackersync.store import schema
from trackersync.store.care import backups
from trackersync.store.database import WAIT, Database, file_of, parse
from trackersync.store.decisions import Rejection
from trackersync.store.journal import undecided
from trackersync.store.opening import known_revision
from trackersync.store.rows import BATCH, moment
from trackersync.store.stats import Stats, stats_of
from trackersync.store.turn import Turns

LONG = timedelta(days=1)
"""A change that is in doubt for so long is a trouble: nobody has looked what became of it."""

_SHOWN = 3
"""Lines of SQLite's own about damaged pages; there may be a hundred."""

_BODIES: Mapping[str, Mapping[str, Any]] = {
    "account": {"body": Account},
    "base": {"natives": tuple[Facts, ...]},
    "change": {"body": Change, "natives": tuple[Facts, ...], "was": tuple[Facts, ...], "receipt": Receipt},
    "conflict": {"body": Conflict},
    "delivery": {"headers": dict[str, str]},
    "event": {"body": Event},
    "finding": {"body": Noted},
    "item": {"body": Item},
    "move": {"before": Facts, "after": Facts},
    "overruled": {"body": Overruled},
    "rejection": {"body": Rejection},
    "named": {"body": Named, "former": tuple[str, ...]},
    "run": {"summary": dict[str, Any], "plan": tuple[Change, ...]},
    "settlement": {"body": Settlement},
    "taken_back": {"body": TakenBack},
    "workflow": {"hops": tuple[Transition, ...]},
}
"""By table and column, what its JSON text is of."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a store that a person should know, and the command or step that helps; empty: none is needed."""

    severity: Severity
    sentence: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """What looking a store over came to.

    Attributes:
        name: its file, or database and host.
        stats: its schema, size and rows; the rows are left out where its pages are damaged.
        head: the schema of this program.
        holder: the run that is at work on it, in words.
        backup: the latest copy that ``store backup`` left beside it: its file, and when it was made.
        remarks: worst first.
        file: it is in a file, of which a copy can be made.
        whole: all of it was looked over, and not only what had begun and not ended.
    """

    name: str
    stats: Stats
    head: str
    holder: str | None
    backup: tuple[str, datetime] | None
    remarks: tuple[Remark, ...]
    file: bool = True
    whole: bool = True

    @property
    def sound(self) -> bool:
        """Whether there is nothing to be mended."""
        return all(remark.severity is Severity.NOTE for remark in self.remarks)


def is_there(url: str | SecretStr, *, wait: float = WAIT) -> bool:
    """Whether there is a store, of whatever version; none is made.

    Raises:
        StoreError: the address names no database we can use, or what is there cannot be read, is another program's, or
            is of a later version.
    """
    file = file_of(parse(url.get_secret_value() if isinstance(url, SecretStr) else url))
    if file is not None and not file.exists():
        return False
    with closing(Database(url, wait=wait, read_only=True)) as store, store.read() as connection:
        return known_revision(connection, store.name) is not None


def check_up(url: str | SecretStr, now: datetime, *, wait: float = WAIT, most: int | None = None) -> Checkup:
    """Look a store over, in one transaction that sees one state of it and writes nothing.

    Args:
        url: as for ``Store``.
        now: the moment, for how long something has waited.
        wait: seconds to wait for a lock.
        most: bytes; of a store that is larger, which takes its time, pages and rows are not looked over. None: always.

    Raises:
        StoreError: there is no store there, or none that this program can use or read.
    """
    with closing(Turns(url, wait=wait, read_only=True)) as store:
        copies = backups(store.file) if store.file else ()
        latest = copies[-1] if copies else None
        remarks: list[Remark] = []
        with store.read() as connection:
            found = known_revision(connection, store.name)
            if found is None:
                raise StoreError(f"There is no store in {store.name} yet. The first run makes it: trackersync check.")
            whole = most is None or (store.file is not None and store.file.stat().st_size <= most)
            if whole:
                remarks += _damage(connection, str(latest[0]) if latest else None)
            if remarks:
                stats = Stats(found, store.file.stat().st_size if store.file else 0, {})
            else:
                stats = stats_of(connection)
                if whole:
                    remarks += _unreadable(connection)
                    remarks += _contradictions(connection)
                remarks += _waiting(connection, now)
        if found != schema.HEAD:
            told = f"its schema is {found or 'none'}, this trackersync's is {schema.HEAD}: the next run brings it up"
            remarks.append(Remark(Severity.NOTE, told, "trackersync store migrate"))
        ranked = sorted(remarks, key=lambda remark: list(Severity).index(remark.severity))
        named = (str(latest[0]), latest[1]) if latest else None
        is_file = store.file is not None
        return Checkup(store.name, stats, schema.HEAD, store.holder(), named, tuple(ranked), is_file, whole)


def _damage(connection: Connection, copy: str | None) -> Iterator[Remark]:
    """What SQLite finds wrong with its pages; a server looks after its own."""
    if connection.dialect.name != "sqlite":
        return
    lines = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    if lines != ["ok"]:
        more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        what = "; ".join(" ".join(str(line).split()) for line in lines[:_SHOWN])
        cure = f"put back {copy}" if copy else "move it away: a new one is read from the trackers"
        yield Remark(Severity.ERROR, f"damaged: {what}{more}", cure)


def _unreadable(connection: Connection) -> Iterator[Remark]:
    """The rows whose JSON text is not what stands there by right."""
    columns = {table: {c["name"] for c in inspect(connection).get_columns(table)} for table in _there(connection)}
    for name, types in _BODIES.items():
        decoders = {
            column: msgspec.json.Decoder(kind) for column, kind in types.items() if column in columns.get(name, ())
        }
        if not decoders:
            continue
        table = schema.metadata.tables[name]
        keys = [column.name for column in table.primary_key]
        wanted = select(*(table.c[column] for column in [*keys, *decoders])).execution_options(yield_per=BATCH)
        bad = [row[: len(keys)] for row in connection.execute(wanted) if not _readable(row[len(keys) :], decoders)]
        if bad:
            first = " ".join(map(str, bad[0]))
            rows = "1 row" if len(bad) == 1 else f"{len(bad)} rows"
            sentence = f"{rows} of {name} cannot be read; the first is {first}"
            yield Remark(Severity.ERROR, sentence, "put back a copy, or move the store away: a new one is read")


def _readable(texts: tuple[str | None, ...], decoders: Mapping[str, msgspec.json.Decoder[Any]]) -> bool:
    try:
        for written, decoder in zip(texts, decoders.values(), strict=True):
            if written is not None:
                decoder.decode(written)
    except (msgspec.DecodeError, UnicodeError):
        return False
    return True


def _contradictions(connection: Connection) -> Iterator[Remark]:
    """Rows that cannot both be right."""
    link, item, conflict = schema.link.c, schema.item.c, schema.conflict.c
    twice = select(link.task, link.tracker).group_by(link.task, link.tracker).having(func.count() > 1)
    for task, tracker in connection.execute(twice.limit(_SHOWN)):
        yield Remark(Severity.ERROR, f"task {task} has two items of {tracker}", "trackersync unlink KEY")
    seen = exists().where(item.tracker == link.tracker, item.id == link.item)
    if unseen := _count(connection, schema.link, ~seen):
        what = "1 link is to an item" if unseen == 1 else f"{unseen} links are to items"
        yield Remark(Severity.WARNING, f"{what} never seen", "trackersync check --full")
    named = exists().where(link.task == conflict.task)
    alone = exists().where(item.tracker + ":" + item.id == conflict.task)
    if lost := _count(connection, schema.conflict, conflict.settled.is_(None) & ~named & ~alone):
        what = "1 open conflict is of a task" if lost == 1 else f"{lost} open conflicts are of tasks"
        yield Remark(Severity.WARNING, f"{what} not there any more", "trackersync sync")


def _waiting(connection: Connection, now: datetime) -> Iterator[Remark]:
    """What was begun and has not ended."""
    change, run = schema.change.c, schema.run.c
    doubts, oldest = connection.execute(select(func.count(), func.min(change.intended)).where(undecided)).one()
    if doubts:
        age = now - moment(oldest)
        what, it = ("1 change is", "it") if doubts == 1 else (f"{doubts} changes are", "them")
        sentence = f"{what} in doubt, for {_long(age)}: the next run looks what became of {it} first"
        yield Remark(Severity.WARNING if age > LONG else Severity.NOTE, sentence, "trackersync sync")
    open_, last = connection.execute(select(func.count(), func.max(run.id)).where(run.ended.is_(None))).one()
    if open_:
        what = f"run {last} has not ended" if open_ == 1 else f"{open_} runs have not ended, the last is run {last}"
        yield Remark(Severity.NOTE, f"{what}: under way, or killed")


def _there(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) & set(schema.metadata.tables)


def _count(connection: Connection, table: Table, which: Any) -> int:  # noqa: ANN401 - SQLAlchemy's conditions differ
    return int(connection.scalar(select(func.count()).select_from(table).where(which)) or 0)


def _long(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"

"""Calls to work, as jobs of Procrastinate: made in the store's own transactions, and made anew where one was lost.

What is to be done is in the store; a job only says when, in which order, and to one worker at a time. So jobs may be
lost, doubled or done in vain: ``recall`` calls for what is due and has none. A job is inserted by ourselves, since it
must not break the store's transaction where one for the same subject waits already (``ON CONFLICT``), which no function
of Procrastinate's can; for the rest its own are used.
https://procrastinate.readthedocs.io/en/stable/howto/advanced/locks.html, …/queueing_locks.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select, text

from trackersync.errors import StoreError
from trackersync.store import Due, Store, Subject, schema
from trackersync.store.database import upsert
from trackersync.store.rows import batches, micros, moment

LOOKS, CHORES = "trackersync-looks", "trackersync-chores"
"""The queues: looks, which may wait for a tracker's budget; and what must not wait behind them."""
SORT, LOOK, TICK, RESCUE = "trackersync.sort", "trackersync.look", "trackersync.tick", "trackersync.rescue"

SOON = timedelta(seconds=2)
"""What is due later is called for when its time has nearly come: a job that waits keeps back others of its task."""
_AT_ONCE = 2000
"""Jobs called for anew in one transaction."""
_LEAST = -(2**31)

_KNOWN_BY = "procrastinate schema"
"""Under this name the store remembers which of Procrastinate's migrations its tables have seen."""

_link = schema.link.c
_UNCALLED = text(
    "SELECT tracker, kind, name, turn, at FROM due WHERE state = 'due' AND at <= :soon "
    "AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = "
    "due.tracker || '/' || due.kind || '/' || due.name) "
    "AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' AND queueing_lock = "
    "due.tracker || '/' || due.kind || '/' || due.name) ORDER BY turn LIMIT :most"
)
_INSERT = text(
    "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at) "
    "SELECT :queue, :task, priority, lock, queueing_lock, CAST(args AS jsonb), at FROM unnest("
    "CAST(:priority AS integer[]), CAST(:lock AS text[]), CAST(:queueing_lock AS text[]), CAST(:args AS text[]), "
    "CAST(:at AS timestamptz[])) AS wanted(priority, lock, queueing_lock, args, at) "
    "ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING"
)
# What Procrastinate looks for, to see whether another job of the same lock comes first; without, it reads all jobs that
# wait, for each that is fetched.
_INDEX = text(
    "CREATE INDEX IF NOT EXISTS trackersync_jobs_lock ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing')"
)
# Not by to_regclass, which may remember from before our turn that there were none.
_TABLES = text(
    "SELECT 1 FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
    "WHERE relname = 'procrastinate_jobs' AND nspname = current_schema()"
)


@dataclass(frozen=True, slots=True)
class Call:
    """A look that somebody is called for: at what, whose turn it is, and not before when."""

    subject: Subject
    turn: int
    at: datetime


def call_to_sort(connection: Connection) -> None:
    """Have the inbox read, in a transaction of the store's."""
    row = {"priority": [1], "lock": [SORT], "queueing_lock": [SORT], "args": ["{}"], "at": [None]}
    connection.execute(_INSERT, {"queue": CHORES, "task": SORT, **row})


def call_to_look(connection: Connection, looks: Iterable[Call | Due], now: datetime) -> None:
    """Have looks taken that are due soon, in a transaction of the store's; where a job waits already, it will do."""
    wanted = [one for one in looks if one.at <= now + SOON]
    if not wanted:
        return
    tasks = _tasks(connection, [one.subject for one in wanted])
    rows = {
        "priority": [max(-one.turn, _LEAST) for one in wanted],
        "lock": [tasks.get(one.subject, _key(one.subject)) for one in wanted],
        "queueing_lock": [_key(one.subject) for one in wanted],
        "args": [msgspec.json.encode(one.subject).decode() for one in wanted],
        "at": [one.at if one.at > now else None for one in wanted],
    }
    connection.execute(_INSERT, {"queue": LOOKS, "task": LOOK, **rows})


def recall(store: Store, now: datetime) -> int:
    """Call for what is to be done and has no job, for whatever reason; how many looks those were.

    Raises:
        StoreError: the store cannot be used.
    """
    with store.read() as connection:
        nothing = not _uncalled(connection, now) and not _unsorted(connection)
    if nothing:
        return 0
    with store.write() as connection:
        looks = _uncalled(connection, now)
        call_to_look(connection, looks, now)
        if _unsorted(connection):
            call_to_sort(connection)
    return len(looks)


def _uncalled(connection: Connection, now: datetime) -> list[Call]:
    rows = connection.execute(_UNCALLED, {"soon": micros(now + SOON), "most": _AT_ONCE})
    return [Call(Subject(row.tracker, row.kind, row.name), row.turn, moment(row.at)) for row in rows]


def _unsorted(connection: Connection) -> bool:
    waits = select(schema.delivery.c.number).where(schema.delivery.c.state == "waiting").limit(1)
    return connection.scalar(waits) is not None


def _key(subject: Subject) -> str:
    return f"{subject.tracker}/{subject.kind}/{subject.name}"


def _tasks(connection: Connection, subjects: Iterable[Subject]) -> dict[Subject, str]:
    """The task of each item that is linked."""
    by_tracker: dict[str, list[str]] = {}
    for one in subjects:
        if one.kind == "item":
            by_tracker.setdefault(one.tracker, []).append(one.name)
    found: dict[Subject, str] = {}
    for tracker, names in by_tracker.items():
        for batch in batches(names):
            wanted = select(_link.item, _link.task).where(_link.tracker == tracker, _link.item.in_(batch))
            found |= {Subject(tracker, "item", item): task for item, task in connection.execute(wanted)}
    return found


# Procrastinate's tables.


def prepare(store: Store) -> None:
    """Make Procrastinate's tables beside the store's, or bring them up to date; whoever else does so waits.

    Raises:
        StoreError: the store is not on PostgreSQL, Procrastinate is not installed, or the tables are another program's
            or newer than the Procrastinate that is here.
    """
    if store.dialect != "postgresql":
        raise StoreError(
            f"The store {store.name} is a file, on which one process works: trackersync serve. To work on several "
            "machines, keep it on PostgreSQL: trackersync store move."
        )
    try:
        from procrastinate.schema import SchemaManager  # noqa: PLC0415 - the extra `postgres` brings it
    except ModuleNotFoundError as error:
        raise StoreError(
            f"To work on the store {store.name} takes Procrastinate, which is not installed: "
            "pip install 'trackersync[postgres]'."
        ) from error
    migrations = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    newest = migrations[-1].stem
    with store.read() as connection:
        if _seen(connection, store) == newest:
            return
    with store.write() as connection:
        seen = _seen(connection, store)  # somebody else may have been quicker
        if seen == newest:
            return
        if seen is None:
            scripts = [SchemaManager.get_schema()]
        else:
            scripts = [one.read_text(encoding="utf-8") for one in migrations if one.stem > seen]
            if not scripts:
                raise StoreError(
                    f"The jobs in {store.name} are of a newer Procrastinate ({seen}, this one knows {newest}). "
                    "Upgrade it here: pip install --upgrade 'trackersync[postgres]'."
                )
        # Whole scripts, whose percent signs are no parameters.
        for script in scripts:
            connection.exec_driver_sql(script, execution_options={"no_parameters": True})
        connection.execute(_INDEX)
        upsert(connection, schema.remembered, [{"name": _KNOWN_BY, "body": newest}])


def _seen(connection: Connection, store: Store) -> str | None:
    """The latest migration that the tables have seen; None where there are no tables."""
    if connection.scalar(_TABLES) is None:
        return None
    remembered = schema.remembered.c
    seen = connection.scalar(select(remembered.body).where(remembered.name == _KNOWN_BY))
    if seen is None:
        raise StoreError(
            f"In {store.name} another program keeps its jobs in Procrastinate. Nothing was changed in it. Give "
            "trackersync a database, or a schema, of its own."
        )
    return str(seen)

"""What must not be decided twice: conflicts that wait, changes a tracker refused, approvals, and moves overruled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, delete, select, update

from trackersync.core.model import BarredHop, Conflict, FieldName, ItemRef, Overruled
from trackersync.store import schema
from trackersync.store.database import Database, insert, upsert
from trackersync.store.rows import batches, micros, moment, moment_or_none, text

_conflict = schema.conflict.c
_overruled = schema.overruled.c
_approval = schema.approval.c
_a_conflict = msgspec.json.Decoder(Conflict)
_an_overruled = msgspec.json.Decoder(Overruled)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conflict, since when it waits, the last run that saw it, and when it was settled, if it was."""

    conflict: Conflict
    since: datetime
    run: int
    settled: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A change that a tracker refused.

    Attributes:
        key: a digest of what was to be written, of the item's ``updated`` and of the configuration: while it is the
            same, the change is not planned again.
        message: the tracker's words, and the remedy.
        at: when it refused.
        hops: the hops of its workflow that the item was refused, this one and before.
        stopped: names the state of item and configuration in which they hold.
    """

    key: str
    message: str
    at: datetime
    hops: tuple[BarredHop, ...] = ()
    stopped: str = ""


rejection_of = msgspec.json.Decoder(Rejection).decode
"""A rejection from its text in the store."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """A person's move that an authority took back, in which run and when."""

    run: int
    at: datetime
    overruled: Overruled


class Decisions(Database):
    """The conflicts, rejections, approvals and overruled moves of a store."""

    def put_conflicts(
        self, run: int, conflicts: Collection[Conflict], at: datetime, *, looked: Collection[str] | None = None
    ) -> None:
        """Remember a run's conflicts. One that was known keeps its first moment; one not seen any more is settled.

        Args:
            run: the run.
            conflicts: all that it found.
            at: the moment.
            looked: the tasks it looked at, where that was not all: the conflicts of others stay as they are.
        """
        with self.write() as connection:
            rows = connection.execute(select(schema.conflict).where(_conflict.settled.is_(None))).all()
            since = {(row.task, row.field): row.since for row in rows}
            now = {(conflict.task, conflict.field): conflict for conflict in conflicts}
            over = [
                {"a_task": task, "a_field": field}
                for task, field in since.keys() - now.keys()
                if looked is None or task in looked
            ]
            if over:
                which = (
                    _conflict.task == bindparam("a_task"),
                    _conflict.field == bindparam("a_field"),
                    _conflict.settled.is_(None),
                )
                connection.execute(update(schema.conflict).where(*which).values(settled=micros(at), run=run), over)
            waiting = [
                {
                    "task": task,
                    "field": field,
                    "since": since.get((task, field), micros(at)),
                    "run": run,
                    "settled": None,
                    "body": text(conflict),
                }
                for (task, field), conflict in now.items()
            ]
            upsert(connection, schema.conflict, waiting)

    def end_conflicts(self, over: Collection[tuple[str, FieldName]], at: datetime) -> None:
        """Note that the trackers agree again on some fields of tasks."""
        with self.write() as connection:
            for task, field in over:
                which = (_conflict.task == task, _conflict.field == field, _conflict.settled.is_(None))
                connection.execute(update(schema.conflict).where(*which).values(settled=micros(at)))

    def conflicts(self, *, settled_since: datetime | None = None, task: str | None = None) -> tuple[Waiting, ...]:
        """The conflicts that wait for a person, oldest first.

        Args:
            settled_since: instead, those settled at this moment or later.
            task: instead, all that this task ever had and that are still remembered.
        """
        which = _conflict.settled.is_(None) if settled_since is None else _conflict.settled >= micros(settled_since)
        if task is not None:
            which = _conflict.task == task
        wanted = select(schema.conflict).where(which).order_by(_conflict.since, _conflict.task, _conflict.field)
        with self.read() as connection:
            return tuple(
                Waiting(_a_conflict.decode(row.body), moment(row.since), row.run, moment_or_none(row.settled))
                for row in connection.execute(wanted)
            )

    def put_rejection(self, ref: ItemRef, field: FieldName, rejection: Rejection) -> None:
        """Remember that a tracker refused to write a field; a later refusal replaces it, a write that works ends it."""
        row = {"tracker": ref.tracker, "item": ref.id, "field": field, "body": text(rejection)}
        with self.write() as connection:
            upsert(connection, schema.rejection, [row])

    def rejections(self) -> Mapping[tuple[ItemRef, FieldName], Rejection]:
        """By item and field, the last refusal. It holds while its ``key`` is what one would compute now."""
        with self.read() as connection:
            rows = connection.execute(select(schema.rejection))
            return {(ItemRef(row.tracker, row.item), row.field): rejection_of(row.body) for row in rows}

    def end_rejections(self, refs: Collection[ItemRef]) -> None:
        """Forget what was refused for some items: a person wants it tried again."""
        table = schema.rejection.c
        with self.write() as connection:
            for ref in refs:
                which = (table.tracker == ref.tracker, table.item == ref.id)
                connection.execute(delete(schema.rejection).where(*which))

    def ever_approved(self) -> bool:
        """Whether any configuration was ever approved on this store."""
        with self.read() as connection:
            return connection.scalar(select(_approval.fingerprint).limit(1)) is not None

    def approved(self, fingerprint: str) -> bool:
        """Whether a person has ever approved that this configuration writes."""
        with self.read() as connection:
            return connection.scalar(select(_approval.how).where(_approval.fingerprint == fingerprint)) is not None

    def approve(self, fingerprint: str, how: str, at: datetime) -> None:
        """Remember that a person approved this configuration, and how: ``--yes``, ``--approve 7c1e44b9``."""
        row = {"fingerprint": fingerprint, "how": how, "at": micros(at)}
        with self.write() as connection:
            connection.execute(insert(connection, schema.approval).on_conflict_do_nothing(), [row])

    def put_overruled(self, run: int, moves: Sequence[Overruled], at: datetime) -> None:
        """Remember the moves that an authority took back in a run."""
        for batch in batches(moves):
            rows = [{"run": run, "at": micros(at), "body": text(move)} for move in batch]
            with self.write() as connection:
                connection.execute(insert(connection, schema.overruled), rows)

    def overruled(self, *, run: int | None = None) -> tuple[Ruling, ...]:
        """The moves that were taken back, in a run or ever, in order."""
        wanted = select(schema.overruled).order_by(_overruled.id)
        if run is not None:
            wanted = wanted.where(_overruled.run == run)
        with self.read() as connection:
            rows = connection.execute(wanted)
            return tuple(Ruling(row.run, moment(row.at), _an_overruled.decode(row.body)) for row in rows)

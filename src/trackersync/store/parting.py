"""Pairs of items that a person took apart, and what their tasks are called from then on.

A task is named after its first item (``links.task_id``), and so is an item that is alone. Where the item that gave the
task its name is taken away, the others get a name of their own, or both would still be one task.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select, tuple_, update

from trackersync.core.model import ItemRef
from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.journal import about
from trackersync.store.links import task_id
from trackersync.store.rows import micros

_apart = schema.apart.c
_conflict = schema.conflict.c
_link = schema.link.c
_pause = schema.pause.c
_task = schema.task.c


class Parting(Database):
    """The pairs of a store that stay apart."""

    def put_apart(self, ref: ItemRef, others: Iterable[ItemRef], at: datetime) -> None:
        """Unlink an item from others for good: no evidence joins them again, only a person.

        Both parts keep the task's pauses and its last open stage. What was settled or taken back in it is over.
        """
        rows = [apart_row(ref, other, micros(at)) for other in others]
        with self.write() as connection:
            upsert(connection, schema.apart, rows)
            task = connection.scalar(select(_link.task).where(*about(schema.link, ref)))
            if task is not None:
                connection.execute(delete(schema.link).where(*about(schema.link, ref)))
                _part(connection, task, ref)
                over = update(schema.conflict).where(_conflict.task == task, _conflict.settled.is_(None))
                connection.execute(over.values(settled=micros(at)))

    def put_together(self, refs: Collection[ItemRef]) -> None:
        """Forget that any of these were taken apart."""
        keys = [(ref.tracker, ref.id) for ref in refs]
        with self.write() as connection:
            connection.execute(
                delete(schema.apart).where(
                    tuple_(_apart.tracker, _apart.item).in_(keys),
                    tuple_(_apart.other_tracker, _apart.other_item).in_(keys),
                )
            )

    def apart(self) -> frozenset[frozenset[ItemRef]]:
        """The pairs that a person took apart."""
        with self.read() as connection:
            rows = connection.execute(select(schema.apart))
            return frozenset(
                frozenset((ItemRef(row.tracker, row.item), ItemRef(row.other_tracker, row.other_item))) for row in rows
            )


def apart_row(ref: ItemRef, other: ItemRef, at: int) -> dict[str, object]:
    """The row of a pair, in whatever order it is named; ``at`` in microseconds."""
    first, second = sorted((ref, other))
    return {
        "tracker": first.tracker,
        "item": first.id,
        "other_tracker": second.tracker,
        "other_item": second.id,
        "at": at,
    }


def _part(connection: Connection, task: str, ref: ItemRef) -> None:
    """Name both parts of a task that an item has left."""
    alone = task_id((ref,))
    name = alone
    if task == alone:
        rest = connection.execute(select(_link.tracker, _link.item).where(_link.task == task)).all()
        if not rest:
            return
        name = task_id(ItemRef(tracker, item) for tracker, item in rest)
        connection.execute(update(schema.link).where(_link.task == task).values(task=name))
    for table in (schema.settlement, schema.taken_back):
        connection.execute(delete(table).where(table.c.task == task))
    last_open = connection.scalar(select(_task.last_open).where(_task.id == task))
    if last_open is not None:
        upsert(connection, schema.task, [{"id": name, "last_open": last_open}])
    pauses = connection.execute(select(schema.pause).where(_pause.kind == "task", _pause.name == task)).all()
    upsert(connection, schema.pause, [{**pause._asdict(), "name": name} for pause in pauses])

"""Follow an item that goes on under another ref: at GitHub an issue that was transferred to another repository.

Everything remembered of the old ref is of the new one from now on, in one transaction: it is the same work, so its
task, its base and its journal stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Table, delete, or_, select, update

from trackersync.core.model import Absence, Change, Conflict, ItemRef
from trackersync.core.told import Settlement, TakenBack
from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.history import follow_history
from trackersync.store.journal import about
from trackersync.store.links import task_id
from trackersync.store.parting import apart_row
from trackersync.store.rows import text

_change = msgspec.json.Decoder(Change)
_conflict = msgspec.json.Decoder(Conflict)
_settlement = msgspec.json.Decoder(Settlement)
_taken_back = msgspec.json.Decoder(TakenBack)
_MOVED = Absence.MOVED.value


class Transfers(Database):
    """The transfers of a store."""

    def follow(self, moved: Mapping[ItemRef, ItemRef]) -> None:
        """Let all that is remembered of each old ref be the new one's. Doing it again changes nothing.

        A new ref that is linked already keeps its task; in the same task it keeps its base too, which is the later
        word.

        Args:
            moved: from each old ref to the new one, in the same tracker.

        Raises:
            StoreError: the store cannot be written.
        """
        for old, new in moved.items():
            with self.write() as connection:
                _follow(connection, old, new)


def _follow(connection: Connection, old: ItemRef, new: ItemRef) -> None:
    item, link, change = schema.item, schema.link, schema.change
    connection.execute(update(item).where(item.c.tracker == old.tracker, item.c.id == old.id).values(missing=_MOVED))
    was = connection.scalar(select(link.c.task).where(*about(link, old)))
    now = connection.scalar(select(link.c.task).where(*about(link, new)))
    # A base says what the items of a task agreed to. What the new item showed while it was alone, nobody agreed to, and
    # what the old one's task agreed to is nothing to another task.
    if was is not None and now is None:
        connection.execute(delete(schema.base).where(*about(schema.base, new)))
    if now is None or now == was:
        _move_bases(connection, old, new)
    connection.execute(delete(schema.base).where(*about(schema.base, old)))
    if now is None:
        connection.execute(update(link).where(*about(link, old)).values(item=new.id))
    connection.execute(delete(link).where(*about(link, old)))
    connection.execute(delete(schema.rejection).where(*about(schema.rejection, old)))
    connection.execute(update(schema.move).where(*about(schema.move, old)).values(item=new.id))
    follow_history(connection, old, new)
    for row in connection.execute(select(change.c.id, change.c.body).where(*about(change, old))).all():
        values = {"item": new.id, "body": text(replace(_change.decode(row.body), ref=new))}
        connection.execute(update(change).where(change.c.id == row.id).values(values))
    _retell_apart(connection, old, new)
    _retell_sides(connection, old, new)
    alone = task_id((old,))
    # A task that was named after the old item and still has others keeps its name.
    if was is None and connection.scalar(select(link.c.task).where(link.c.task == alone).limit(1)) is None:
        _rename_task(connection, alone, now or task_id((new,)))


def _move_bases(connection: Connection, old: ItemRef, new: ItemRef) -> None:
    base = schema.base
    for field in connection.scalars(select(base.c.field).where(*about(base, old))).all():
        if connection.scalar(select(base.c.item).where(*about(base, new, field))) is None:
            connection.execute(update(base).where(*about(base, old, field)).values(item=new.id))


def _retell_apart(connection: Connection, old: ItemRef, new: ItemRef) -> None:
    """What was taken apart from the old ref is apart from the new one, which may have been taken apart from it too."""
    apart = schema.apart
    which = or_(
        (apart.c.tracker == old.tracker) & (apart.c.item == old.id),
        (apart.c.other_tracker == old.tracker) & (apart.c.other_item == old.id),
    )
    pairs = []
    for row in connection.execute(select(apart).where(which)).all():
        one, other = ItemRef(row.tracker, row.item), ItemRef(row.other_tracker, row.other_item)
        kept = other if one == old else one
        if kept != new:
            pairs.append(apart_row(new, kept, row.at))
    connection.execute(delete(apart).where(which))
    upsert(connection, apart, pairs)


def _retell_sides(connection: Connection, old: ItemRef, new: ItemRef) -> None:
    """What people were asked and what they told of the old ref is of the new one."""
    conflict, settlement, taken_back = schema.conflict, schema.settlement, schema.taken_back
    for row in connection.execute(select(conflict).where(conflict.c.settled.is_(None))).all():
        asked = _conflict.decode(row.body)
        sides = tuple(replace(side, ref=new) if side.ref == old else side for side in asked.sides)
        _rewrite(connection, conflict, row, asked, replace(asked, sides=sides))
    for row in connection.execute(select(settlement)).all():
        settled = _settlement.decode(row.body)
        take = new if settled.take == old else settled.take
        _rewrite(connection, settlement, row, settled, replace(settled, take=take))
    for row in connection.execute(select(taken_back)).all():
        taken = _taken_back.decode(row.body)
        natives = tuple((new if ref == old else ref, native) for ref, native in taken.natives)
        _rewrite(connection, taken_back, row, taken, replace(taken, natives=natives))


def _rewrite(connection: Connection, table: Table, row: Row[Any], was: object, now: object) -> None:
    if now != was:
        connection.execute(update(table).where(*_of(table, row)).values(body=text(now)))


def _of(table: Table, row: Row[Any]) -> list[ColumnElement[bool]]:
    return [column == getattr(row, column.name) for column in table.primary_key]


def _rename_task(connection: Connection, old: str, new: str) -> None:
    """An item that is a task by itself gives it its name; what the new name has already stays."""
    task, pause = schema.task, schema.pause
    if connection.scalar(select(task.c.id).where(task.c.id == new)) is None:
        connection.execute(update(task).where(task.c.id == old).values(id=new))
    pauses = connection.execute(select(pause).where(pause.c.kind == "task", pause.c.name == old)).all()
    connection.execute(delete(pause).where(pause.c.kind == "task", pause.c.name == old))
    upsert(connection, pause, [{**row._asdict(), "name": new} for row in pauses])
    for row in connection.execute(select(schema.taken_back).where(schema.taken_back.c.task == old)).all():
        taken = replace(_taken_back.decode(row.body), task=new)
        connection.execute(delete(schema.taken_back).where(*_of(schema.taken_back, row)))
        upsert(connection, schema.taken_back, [{"task": new, "field": row.field, "body": text(taken)}])

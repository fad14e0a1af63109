"""What people told us, remembered: settlements, writes taken back, pauses. See ``core.told``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import delete, select, update

from trackersync.core.model import Facts, FieldName
from trackersync.core.told import Pause, Pauses, Settlement, TakenBack
from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.journal import Place, put_bases
from trackersync.store.rows import micros, moment, moment_or_none, text

_pause = schema.pause.c
_settlement = msgspec.json.Decoder(Settlement)
_a_taken_back = msgspec.json.Decoder(TakenBack)

TaskField = tuple[str, FieldName]
"""One field of one task."""


class Told(Database):
    """The settlements, pauses and takings back of a store."""

    def put_settlements(self, settlements: Collection[Settlement], bases: Mapping[Place, Iterable[Facts]]) -> None:
        """Remember settled conflicts, and the states that are overruled knowingly as base: in one transaction."""
        rows = [{"task": one.task, "field": one.field, "body": text(one)} for one in settlements]
        with self.write() as connection:
            upsert(connection, schema.settlement, rows)
            put_bases(connection, bases)

    def settlements(self) -> Mapping[TaskField, Settlement]:
        """By task and field, what a person settled."""
        with self.read() as connection:
            rows = connection.execute(select(schema.settlement))
            return {(row.task, row.field): _settlement.decode(row.body) for row in rows}

    def put_taken_back(self, taken: Collection[TakenBack]) -> None:
        """Remember which fields rest because a person took a write back."""
        rows = [{"task": one.task, "field": one.field, "body": text(one)} for one in taken]
        with self.write() as connection:
            upsert(connection, schema.taken_back, rows)

    def taken_back(self) -> Mapping[TaskField, TakenBack]:
        """By task and field, what a person took back."""
        with self.read() as connection:
            rows = connection.execute(select(schema.taken_back))
            return {(row.task, row.field): _a_taken_back.decode(row.body) for row in rows}

    def forget_told(self, *, settlements: Collection[TaskField] = (), taken_back: Collection[TaskField] = ()) -> None:
        """Drop what holds no more: the trackers agree, or people moved on."""
        some = ((schema.settlement, settlements), (schema.taken_back, taken_back))
        with self.write() as connection:
            for table, keys in some:
                for task, field in keys:
                    connection.execute(delete(table).where(table.c.task == task, table.c.field == field))

    def put_pause(self, pause: Pause) -> None:
        """Begin a pause, or end one (``ended``)."""
        row = {
            "kind": pause.kind,
            "name": pause.name,
            "since": micros(pause.since),
            "ended": None if pause.ended is None else micros(pause.ended),
            "reason": pause.reason,
        }
        with self.write() as connection:
            upsert(connection, schema.pause, [row])

    def end_pauses(self, kind: Literal["tracker", "task"], name: str, at: datetime) -> int:
        """End the open pauses of a tracker or task; returns how many there were."""
        which = (_pause.kind == kind, _pause.name == name, _pause.ended.is_(None))
        with self.write() as connection:
            return connection.execute(update(schema.pause).where(*which).values(ended=micros(at))).rowcount

    def pauses(self) -> Pauses:
        """All pauses, also those that ended."""
        with self.read() as connection:
            rows = connection.execute(select(schema.pause).order_by(_pause.since))
            return Pauses(
                tuple(
                    Pause(row.kind, row.name, moment(row.since), row.reason, moment_or_none(row.ended)) for row in rows
                )
            )

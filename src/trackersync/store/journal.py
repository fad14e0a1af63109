"""The journal of every run's changes, and the base: what is written down before and after every write.

``intend`` commits the change and widens the base to every native state the write can pass through, before the tracker
is asked; ``settle`` narrows it to what the tracker shows. In between, and after an answer was lost, the change is in
doubt, and no base of its field loses a state that the write may still reach: so our own write, whenever it turns up, is
never taken for a person's move.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Table, delete, func, insert, select, update

from trackersync.core.model import Change, Facts, FieldName, Item, ItemRef, Outcome, Receipt
from trackersync.errors import StoreError
from trackersync.store import schema
from trackersync.store.database import upsert
from trackersync.store.items import put_receipted
from trackersync.store.mentions import Mentions
from trackersync.store.rows import batches, micros, moment, moment_or_none, natives_of, natives_text, text

Place = tuple[ItemRef, FieldName]
"""One field of one item."""

_run = schema.run.c
_change = schema.change.c
_base = schema.base.c
_a_change = msgspec.json.Decoder(Change)
_receipt = msgspec.json.Decoder(Receipt)

EFFECTIVE = (Outcome.APPLIED.value, Outcome.ALREADY_SO.value)
"""What a change came to that is as it was wanted."""
undecided = _change.outcome.is_(None) | (_change.outcome == Outcome.IN_DOUBT.value)
"""The condition that a change may still take effect."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change in the journal.

    Attributes:
        id: its number, from 1.
        run: the run that intended it.
        change: what was to be written.
        natives: every native state the write can pass through.
        receipt: what became of it; None between the intent and the answer.
        intended: when it was written down.
        settled: when the answer was.
    """

    id: int
    run: int
    change: Change
    natives: tuple[Facts, ...]
    receipt: Receipt | None
    intended: datetime
    settled: datetime | None


class Journal(Mentions):
    """The changes and bases of a store."""

    def intend(self, run: int, change: Change, natives: Iterable[Facts], at: datetime) -> int:
        """Write down a change before it is sent, and every native state its field may show because of it.

        On the disk when this returns. The base becomes ``natives``, and what other changes in doubt may still reach.

        Returns:
            The change's number, for ``settle``.

        Raises:
            StoreError: the store cannot be written; do not send the change.
        """
        states = natives_text(natives)
        place = (change.ref, change.field)
        with self.write() as connection:
            values = {
                "run": run,
                "tracker": change.ref.tracker,
                "item": change.ref.id,
                "field": change.field,
                "body": text(change),
                "natives": states,
                "was": _base_of(connection, place),
                "intended": micros(at),
            }
            made = connection.execute(insert(schema.change).values(values).returning(_change.id)).scalar_one()
            put_bases(connection, {place: natives_of(states)})
        return int(made)

    def settle(
        self,
        change: int,
        receipt: Receipt,
        natives: Iterable[Facts] | None,
        item: Item | None,
        at: datetime,
    ) -> None:
        """Write down what became of a change: its receipt, the narrowed base and the item as read back, together.

        A change in doubt is settled again when it was looked up. One that took effect stays so, whatever another worker
        believes it saw earlier.

        Args:
            change: the number ``intend`` gave.
            receipt: what became of it. ``IN_DOUBT`` leaves the base as wide as it is.
            natives: what the field shows by our doing now; none: no base. None: nothing was written, the base is what
                it was before the intent.
            item: as the tracker showed it afterwards; None where it was not read.
            at: the moment.

        Raises:
            StoreError: there is no such change, or the store cannot be written.
        """
        with self.write() as connection:
            row = connection.execute(select(schema.change).where(_change.id == change)).one_or_none()
            if row is None:
                raise StoreError(f"The store {self.name} knows no change {change}. This is a fault of trackersync.")
            if item is not None:
                put_receipted(connection, item, self.mentioning)
            if row.outcome not in EFFECTIVE:
                _settle(connection, row, receipt, natives, at)

    def in_doubt(self) -> tuple[Entry, ...]:
        """The changes that may or may not have taken effect: look at their items before anything is written there.

        Those of a run that has not ended may be under way in another process.
        """
        with self.read() as connection:
            return entries(connection, undecided)

    def journal(
        self,
        *,
        run: int | None = None,
        refs: Collection[ItemRef] | None = None,
        since: datetime | None = None,
        approved: bool | None = None,
    ) -> tuple[Entry, ...]:
        """Changes in the order they were intended; all, or those that every given argument names.

        Args:
            run: of this run.
            refs: of these items.
            since: intended at this moment or later.
            approved: of runs that a person approved, or of those that nobody did.
        """
        which: list[ColumnElement[bool]] = []
        if run is not None:
            which.append(_change.run == run)
        if refs is not None:
            trackers = {ref.tracker for ref in refs}
            which.append(_change.tracker.in_(trackers) & _change.item.in_([ref.id for ref in refs]))
        if since is not None:
            which.append(_change.intended >= micros(since))
        if approved is not None:
            which.append(_change.run.in_(select(_run.id).where(_run.approved == int(approved))))
        with self.read() as connection:
            found = entries(connection, *which)
        return found if refs is None else tuple(entry for entry in found if entry.change.ref in refs)

    def often_written(self, least: int, since: datetime) -> frozenset[Place]:
        """The fields that took effect at least so often since a moment, written without a person's approval."""
        which = (_change.outcome.in_(EFFECTIVE), _change.intended >= micros(since))
        unapproved = _change.run.in_(select(_run.id).where(_run.approved == 0))
        field = (_change.tracker, _change.item, _change.field)
        wanted = select(*field).where(*which, unapproved).group_by(*field).having(func.count() >= least)
        with self.read() as connection:
            return frozenset((ItemRef(tracker, item), name) for tracker, item, name in connection.execute(wanted))

    def bases(self) -> Mapping[Place, tuple[Facts, ...]]:
        """By item and field, every native state it may show by our doing alone."""
        with self.read() as connection:
            rows = connection.execute(select(_base.tracker, _base.item, _base.field, _base.natives)).all()
        # A few texts stand in many rows: each is read once.
        natives = {written: natives_of(written) for written in {row[3] for row in rows}}
        return {(ItemRef(tracker, item), field): natives[written] for tracker, item, field, written in rows}

    def put_bases(self, bases: Mapping[Place, Iterable[Facts]]) -> None:
        """Set the bases of many fields, as when all items of a task agree. No states: no base."""
        for batch in batches(list(bases.items())):
            with self.write() as connection:
                put_bases(connection, dict(batch))


def _settle(
    connection: Connection, row: Row[Any], receipt: Receipt, natives: Iterable[Facts] | None, at: datetime
) -> None:
    place = (ItemRef(row.tracker, row.item), row.field)
    values = {"outcome": receipt.outcome.value, "receipt": text(receipt), "settled": micros(at)}
    connection.execute(update(schema.change).where(_change.id == row.id).values(values))
    if receipt.outcome is not Outcome.IN_DOUBT:
        put_bases(connection, {place: natives_of(row.was) if natives is None else natives})
    if receipt.outcome.value in EFFECTIVE:
        connection.execute(delete(schema.rejection).where(*about(schema.rejection, *place)))


def put_bases(connection: Connection, bases: Mapping[Place, Iterable[Facts]]) -> None:
    """Set bases in a transaction; each keeps the states that a change in doubt of the same field may still reach."""
    doubted: dict[Place, list[Facts]] = {}
    for tracker, item, field, states in connection.execute(
        select(_change.tracker, _change.item, _change.field, _change.natives).where(undecided)
    ):
        doubted.setdefault((ItemRef(tracker, item), field), []).extend(natives_of(states))
    rows = []
    for place, natives in bases.items():
        states = natives_text([*natives, *doubted.get(place, [])])
        if states == "[]":
            connection.execute(delete(schema.base).where(*about(schema.base, *place)))
        else:
            ref, field = place
            rows.append({"tracker": ref.tracker, "item": ref.id, "field": field, "natives": states})
    upsert(connection, schema.base, rows)


def _base_of(connection: Connection, place: Place) -> str:
    return connection.scalar(select(_base.natives).where(*about(schema.base, *place))) or "[]"


def about(table: Table, ref: ItemRef, field: str | None = None) -> tuple[ColumnElement[bool], ...]:
    """The condition that a row is about this item, and about this field of it where one is given."""
    which: tuple[ColumnElement[bool], ...] = (table.c.tracker == ref.tracker, table.c.item == ref.id)
    return which if field is None else (*which, table.c.field == field)


def entries(connection: Connection, *which: ColumnElement[bool]) -> tuple[Entry, ...]:
    """The changes that meet all these conditions, in the order they were intended."""
    rows = connection.execute(select(schema.change).where(*which).order_by(_change.id))
    return tuple(
        Entry(
            id=row.id,
            run=row.run,
            change=_a_change.decode(row.body),
            natives=natives_of(row.natives),
            receipt=None if row.receipt is None else _receipt.decode(row.receipt),
            intended=moment(row.intended),
            settled=moment_or_none(row.settled),
        )
        for row in rows
    )

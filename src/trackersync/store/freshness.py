"""How well the trackers are kept in step in real time: what no delivery told of, and how soon edits were reflected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, select

from trackersync.core.model import ItemRef
from trackersync.store import schema
from trackersync.store.database import insert
from trackersync.store.inbox import Inbox
from trackersync.store.rows import BATCH, micros

LATE = timedelta(seconds=60)
"""A delivery that comes so soon after its change was found was late, and not lost."""

_missed = schema.missed.c
_due = schema.due.c
_fresh = schema.freshness.c
_item = schema.item.c
_change = schema.change.c
_delivery = schema.delivery.c


@dataclass(frozen=True, slots=True)
class Freshness:
    """How many edits were reflected, and how many of them in time."""

    edits: int = 0
    timely: int = 0


class Timeliness(Inbox):
    """What a store knows of how timely it is."""

    def missed(self, since: datetime) -> Mapping[str, int]:
        """By tracker, how many changes a read found since a moment that no delivery had told of."""
        wanted = select(_missed.tracker, func.count()).where(_missed.at >= micros(since)).group_by(_missed.tracker)
        with self.read() as connection:
            return {tracker: int(number) for tracker, number in connection.execute(wanted)}

    def told_late(self, ref: ItemRef, received: datetime) -> bool:
        """A delivery tells what was known already: if that was counted as missed a moment ago, it was only late.

        Not where the item has changed since, or something of ours was written to it: then the delivery tells of that.

        Args:
            ref: the item it tells of.
            received: when it came.

        Returns:
            Whether one change fewer is missed now.
        """
        here = (_missed.tracker == ref.tracker, _missed.item == ref.id)
        window = _missed.at.between(micros(received - LATE), micros(received + LATE))
        unchanged = _missed.updated == (
            select(_item.updated).where(_item.tracker == ref.tracker, _item.id == ref.id).scalar_subquery()
        )
        wanted = select(_missed.updated, _missed.at).where(*here, window, unchanged)
        with self.read() as connection:  # nearly always there is nothing, and then nobody need be kept waiting
            if connection.execute(wanted).one_or_none() is None:
                return False
        with self.write() as connection:
            found = connection.execute(wanted).one_or_none()
            if found is None:
                return False
            ours = select(func.count()).where(
                _change.tracker == ref.tracker, _change.item == ref.id, _change.intended >= found.at
            )
            if connection.scalar(ours):
                return False
            connection.execute(delete(schema.missed).where(*here, _missed.updated == found.updated))
        return True

    def reflected(self, tracker: str, at: datetime, *, timely: bool) -> None:
        """Count an edit of a tracker that is reflected in the others by now, and whether that was in time."""
        day = f"{at.astimezone(UTC):%Y-%m-%d}"
        with self.write() as connection:
            row = {"tracker": tracker, "day": day, "edits": 1, "timely": int(timely)}
            made = insert(connection, schema.freshness)
            counted = {
                "edits": schema.freshness.c.edits + made.excluded.edits,
                "timely": schema.freshness.c.timely + made.excluded.timely,
            }
            connection.execute(made.on_conflict_do_update(index_elements=["tracker", "day"], set_=counted), row)

    def timeliness(self, since: datetime) -> Mapping[str, Freshness]:
        """By tracker, the edits reflected on the days from this moment's on."""
        first = f"{since.astimezone(UTC):%Y-%m-%d}"
        wanted = select(_fresh.tracker, func.sum(_fresh.edits), func.sum(_fresh.timely)).where(_fresh.day >= first)
        with self.read() as connection:
            rows = connection.execute(wanted.group_by(_fresh.tracker)).all()
        return {tracker: Freshness(int(edits), int(timely)) for tracker, edits, timely in rows}

    def forget_missed(self, before: datetime) -> int:
        """Drop what was missed, and the days, from before a moment; how much went."""
        old = select(_missed.tracker, _missed.item, _missed.updated).where(_missed.at < micros(before)).limit(BATCH)
        these = delete(schema.missed).where(
            _missed.tracker == bindparam("a_tracker"),
            _missed.item == bindparam("a_item"),
            _missed.updated == bindparam("an_updated"),
        )
        gone, found = 0, BATCH
        while found == BATCH:
            with self.write() as connection:
                rows = [
                    {"a_tracker": tracker, "a_item": item, "an_updated": updated}
                    for tracker, item, updated in connection.execute(old)
                ]
                if rows:
                    connection.execute(these, rows)
            found = len(rows)
            gone += found
        with self.write() as connection:
            day = f"{before.astimezone(UTC):%Y-%m-%d}"
            gone += connection.execute(delete(schema.freshness).where(_fresh.day < day)).rowcount
        return gone


def note_missed(connection: Connection, refs: Sequence[ItemRef], now: int) -> None:
    """Count items that were found changed and that no delivery has told of: none waits, and none is being followed.

    Only of trackers that send deliveries at all: where nobody has set up webhooks, none is missed. And not where we are
    just writing: what is found there is our own, read before the answer to our write was.
    """
    listening = _listening(connection, {ref.tracker for ref in refs})
    rows = []
    for ref in refs:
        if ref.tracker not in listening:
            continue
        writing = select(_change.id).where(
            _change.tracker == ref.tracker,
            _change.item == ref.id,
            _change.outcome.is_(None),
            _change.intended >= now - LATE // timedelta(microseconds=1),
        )
        if connection.scalar(writing.limit(1)) is not None:
            continue
        told = select(_due.told).where(_due.tracker == ref.tracker, _due.kind == "item", _due.name == ref.id)
        if not connection.scalar(told):
            item = select(_item.updated).where(_item.tracker == ref.tracker, _item.id == ref.id)
            updated = connection.scalar(item) or 0
            rows.append({"tracker": ref.tracker, "item": ref.id, "updated": updated, "at": now})
    if rows:
        connection.execute(insert(connection, schema.missed).on_conflict_do_nothing(), rows)


def _listening(connection: Connection, trackers: Iterable[str]) -> frozenset[str]:
    one = {tracker: select(_delivery.number).where(_delivery.tracker == tracker).limit(1) for tracker in trackers}
    return frozenset(tracker for tracker, wanted in one.items() if connection.scalar(wanted) is not None)

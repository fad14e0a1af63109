"""What trackers tell of their items' past, kept so that it is asked for only where something has changed since.

An item that was seen moved is *owed* a look at its history; the row that says so is written with the move itself, so
that neither a crash nor a tracker that is down forgets it. What a tracker tells of an item replaces what it told
before: the history is the tracker's, and it may be read again at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, select, update

from trackersync.core.history import Past
from trackersync.core.model import Event, ItemRef
from trackersync.store import schema
from trackersync.store.database import Database, insert, upsert
from trackersync.store.journal import about
from trackersync.store.rows import batches, micros, moment, text

_event = schema.event.c
_history = schema.history.c
_item = schema.item.c
_an_event = msgspec.json.Decoder(Event)
_SOME = 500
"""Items asked for in one statement."""


class Histories(Database):
    """The histories of a store."""

    def owe_histories(self, refs: Collection[ItemRef]) -> None:
        """Note items whose history was never read and is wanted, although nobody has been seen moving them."""
        rows = [{"tracker": ref.tracker, "item": ref.id, "owed": 0} for ref in refs]
        for some in batches(rows):
            with self.write() as connection:
                connection.execute(insert(connection, schema.history).on_conflict_do_nothing(), some)

    def owed_histories(self, tracker: str) -> Mapping[ItemRef, int]:
        """The items that are there and are owed a look, those that moved last first; for ``put_history``."""
        wanted = (
            select(_history.item, _history.owed)
            .join_from(schema.history, schema.item, (_item.tracker == _history.tracker) & (_item.id == _history.item))
            .where(_history.tracker == tracker, _history.owed.is_not(None), _item.missing.is_(None))
            .order_by(_history.owed.desc(), _history.item)
        )
        with self.read() as connection:
            return {ItemRef(tracker, id_): owed for id_, owed in connection.execute(wanted)}

    def put_history(
        self, ref: ItemRef, events: Sequence[Event], *, upto: datetime, at: datetime, owed: int | None = None
    ) -> None:
        """Remember what a tracker told of an item's past, in place of what it told before.

        Args:
            ref: the item.
            events: all of it, oldest first.
            upto: the item's ``updated`` as known when it was asked for.
            at: when it was asked for.
            owed: what ``owed_histories`` said of it before it was asked for; a move that was seen since stays owed.

        Raises:
            StoreError: the store cannot be written.
        """
        with self.write() as connection:
            rows = [
                {
                    "tracker": ref.tracker,
                    "item": ref.id,
                    "id": event.id,
                    "at": micros(event.at),
                    "place": place,
                    "body": text(event),
                }
                for place, event in enumerate(events)
            ]
            told = {event.id for event in events}
            known = connection.scalars(select(_event.id).where(*about(schema.event, ref))).all()
            for gone in set(known) - told:
                connection.execute(delete(schema.event).where(*about(schema.event, ref), _event.id == gone))
            upsert(connection, schema.event, rows)
            read = {"tracker": ref.tracker, "item": ref.id, "read": micros(at), "upto": micros(upto)}
            upsert(connection, schema.history, [read])
            _paid(connection, ref, owed)

    def waive_history(self, ref: ItemRef, owed: int) -> None:
        """Let an item's history be: the tracker will not tell it; until the item moves again nobody asks."""
        with self.write() as connection:
            _paid(connection, ref, owed)

    def histories(self, refs: Iterable[ItemRef]) -> Mapping[ItemRef, Past]:
        """What is known of some items' past; those whose history was never read are left out."""
        ids: dict[str, list[str]] = {}
        for ref in refs:
            ids.setdefault(ref.tracker, []).append(ref.id)
        found: dict[ItemRef, Past] = {}
        with self.read() as connection:
            for tracker, all_ids in ids.items():
                for some in batches(all_ids, _SOME):
                    found |= _pasts(connection, tracker, some)
        return found


def follow_history(connection: Connection, old: ItemRef, new: ItemRef) -> None:
    """The past of an item that goes on under another ref is that one's, until its own is read."""
    event, history = schema.event, schema.history
    own = connection.scalar(select(_history.read).where(*about(history, new)))
    if own is None and connection.scalar(select(_event.id).where(*about(event, new)).limit(1)) is None:
        connection.execute(update(event).where(*about(event, old)).values(item=new.id))
    was = connection.execute(select(history).where(*about(history, old))).one_or_none()
    if was is not None:
        connection.execute(delete(history).where(*about(history, old)))
        mine = connection.execute(select(history).where(*about(history, new))).one_or_none()
        if mine is None:
            # Read once more: there it may tell more, or call its events otherwise.
            upsert(connection, history, [{**was._asdict(), "item": new.id, "owed": was.owed or 0}])
    connection.execute(delete(event).where(*about(event, old)))


def _paid(connection: Connection, ref: ItemRef, owed: int | None) -> None:
    if owed is not None:
        which = (*about(schema.history, ref), _history.owed <= owed)
        connection.execute(update(schema.history).where(*which).values(owed=None))


def _pasts(connection: Connection, tracker: str, ids: Sequence[str]) -> dict[ItemRef, Past]:
    told: dict[str, list[Event]] = {}
    wanted = select(_event.item, _event.body).where(_event.tracker == tracker, _event.item.in_(ids))
    for id_, body in connection.execute(wanted.order_by(_event.item, _event.at, _event.place)):
        told.setdefault(id_, []).append(_an_event.decode(body))
    rows = select(schema.history).where(_history.tracker == tracker, _history.item.in_(ids), _history.read.is_not(None))
    return {
        ItemRef(tracker, row.item): Past(
            tuple(told.get(row.item, ())), moment(row.read), moment(row.upto), row.owed is not None
        )
        for row in connection.execute(rows)
    }

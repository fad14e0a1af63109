"""The inbox: every webhook delivery as it was received, on the disk before its sender is answered.

A delivery is taken in once: its tracker's name and the id its sender gave it are unique for as long as it is kept. What
it says is read later (``sort``), when its looks become due in the same transaction; then its body goes, and what stays
is its id. One that cannot be read is set aside with the reason, and stays whole to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Row, bindparam, delete, func, select, update

from trackersync.store import schema
from trackersync.store.database import insert
from trackersync.store.dues import Ask, Dues, owe
from trackersync.store.rows import BATCH, micros, moment, text

State = Literal["waiting", "done", "aside"]

_table = schema.delivery.c
_headers = msgspec.json.Decoder(dict[str, str])


@dataclass(frozen=True, slots=True)
class Received:
    """A delivery to be taken in.

    Attributes:
        tracker: that sent it, by its name in the configuration.
        id: the delivery's own; two of one id are one delivery.
        at: when it was received.
        headers: those that say what it is, names in lower case; never a signature or a credential.
        body: as received.
    """

    tracker: str
    id: str
    at: datetime
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery in the inbox: its number, in the order of coming, and what was received."""

    number: int
    received: Received
    state: State = "waiting"
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What a delivery asks for; or, where ``why`` is not empty, why it can never be read."""

    number: int
    asks: tuple[Ask, ...] = ()
    why: str = ""


class Inbox(Dues):
    """The inbox of a store."""

    def receive(self, some: Sequence[Received]) -> int:
        """Take deliveries in, all in one transaction; on the disk when this returns.

        Returns:
            How many were new. The others had been taken in before, and nothing was done.

        Raises:
            StoreError: none of them was taken in.
        """
        rows = [
            {
                "tracker": one.tracker,
                "id": one.id,
                "at": micros(one.at),
                "headers": text(one.headers),
                "body": one.body,
                "state": "waiting",
            }
            for one in some
        ]
        if not rows:
            return 0
        with self.write() as connection:
            before = connection.scalar(_LAST) or 0
            connection.execute(insert(connection, schema.delivery).on_conflict_do_nothing(), rows)
            # Nobody else writes meanwhile, so what is later than the last one is ours. No driver counts many rows well.
            new = connection.scalar(select(func.count()).where(_table.number > before)) or 0
            if new:
                self.dispatch.received(connection)
        if new:
            self.dispatch.committed()
        return int(new)

    def unsorted(self, most: int = 200) -> tuple[Delivered, ...]:
        """The deliveries that nobody has read yet, in the order they came."""
        wanted = select(schema.delivery).where(_table.state == "waiting").order_by(_table.number).limit(most)
        with self.read() as connection:
            return tuple(map(_delivered, connection.execute(wanted)))

    def sort(self, some: Sequence[Sorted], at: datetime) -> None:
        """Make due what deliveries ask for, and be done with them: one transaction.

        A delivery that somebody else has sorted in the meantime is left as it is.

        Args:
            some: what was read in each.
            at: the moment.
        """
        with self.write() as connection:
            numbers = [one.number for one in some]
            wanted = select(_table.number, _table.at).where(_table.number.in_(numbers), _table.state == "waiting")
            received = {row.number: row.at for row in connection.execute(wanted)}
            mine = [one for one in some if one.number in received]
            asks = [(ask, received[one.number]) for one in mine for ask in one.asks]
            self.dispatch.owed(connection, owe(connection, asks, micros(at), told=True))
            done = [{"a_number": one.number} for one in mine if not one.why]
            if done:
                connection.execute(_DONE, done)
            aside = [{"a_number": one.number, "a_why": one.why} for one in mine if one.why]
            if aside:
                connection.execute(_ASIDE, aside)
        self.dispatch.committed()

    def deliveries_aside(self, most: int = 100) -> tuple[Delivered, ...]:
        """The deliveries that could not be read, the latest first."""
        wanted = select(schema.delivery).where(_table.state == "aside").order_by(_table.number.desc()).limit(most)
        with self.read() as connection:
            return tuple(map(_delivered, connection.execute(wanted)))

    def deliveries(self) -> Mapping[tuple[str, State], int]:
        """How many deliveries there are in the inbox, by tracker and state."""
        wanted = select(_table.tracker, _table.state, func.count()).group_by(_table.tracker, _table.state)
        with self.read() as connection:
            return {(tracker, state): int(number) for tracker, state, number in connection.execute(wanted)}

    def last_delivery(self, tracker: str) -> datetime | None:
        """When the last delivery of a tracker came that is still known."""
        wanted = select(_table.at).where(_table.tracker == tracker).order_by(_table.number.desc()).limit(1)
        with self.read() as connection:
            at = connection.scalar(wanted)
        return None if at is None else moment(at)

    def forget_deliveries(self, before: datetime) -> int:
        """Drop what was received before a moment and waits for nobody; a bounded batch at a time.

        Returns:
            How many went.
        """
        old = select(_table.number).where(_table.at < micros(before), _table.state != "waiting").limit(BATCH)
        gone, found = 0, BATCH
        while found == BATCH:
            with self.write() as connection:
                numbers = connection.scalars(old).all()
                if numbers:
                    connection.execute(delete(schema.delivery).where(_table.number.in_(numbers)))
            found = len(numbers)
            gone += found
        return gone


_LAST = select(func.max(_table.number))
_WHICH = (_table.number == bindparam("a_number"), _table.state == "waiting")
_DONE = update(schema.delivery).where(*_WHICH).values(state="done", headers="{}", body=b"")
_ASIDE = update(schema.delivery).where(*_WHICH).values(state="aside", why=bindparam("a_why"))


def _delivered(row: Row[tuple[object, ...]]) -> Delivered:
    received = Received(row.tracker, row.id, moment(row.at), _headers.decode(row.headers), bytes(row.body))
    return Delivered(row.number, received, row.state, row.why)

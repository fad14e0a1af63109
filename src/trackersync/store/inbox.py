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
from trackersync.store.dues import Dues, owe
from trackersync.store.rows import BATCH, micros, moment, moment_or_none, text
from trackersync.store.subjects import Ask

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
        return sum(self.take_in(some).values())

    def take_in(self, some: Sequence[Received]) -> Mapping[str, int]:
        """As ``receive``; returns by tracker how many were new."""
        rows: dict[str, list[tuple[object, ...]]] = {}
        for one in some:
            row = (one.tracker, one.id, micros(one.at), text(one.headers), one.body)
            rows.setdefault(one.tracker, []).append(row)
        new: dict[str, int] = {}
        if not rows:
            return new
        with self.write() as connection:
            for tracker, its in rows.items():
                # The driver's own, since senders wait for it: SQLAlchemy's way costs as much again as all of this.
                taken = connection.exec_driver_sql(_RECEIVE[self.dialect], its, execution_options=_COUNTED)
                new[tracker] = taken.rowcount
            if any(new.values()):
                self.dispatch.received(connection)
        if any(new.values()):
            self.dispatch.committed()
        return new

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

    def sort_again(self) -> int:
        """Have the deliveries read again that were set aside: the program or its configuration is another one now.

        Returns:
            How many there were.
        """
        with self.write() as connection:
            again = connection.execute(update(schema.delivery).where(_table.state == "aside").values(_WAITING)).rowcount
            if again:
                self.dispatch.received(connection)
        self.dispatch.committed()
        return int(again)

    def drop_aside(self) -> int:
        """Be done with the deliveries that were set aside, unread; how many there were. Their ids are kept."""
        with self.write() as connection:
            dropped = connection.execute(update(schema.delivery).where(_table.state == "aside").values(_GONE)).rowcount
        return int(dropped)

    def deliveries(self, *, done: bool = False) -> Mapping[tuple[str, State], int]:
        """How many deliveries wait or are set aside, by tracker and state.

        Args:
            done: count those one is done with, too: there may be millions, and it takes as long.
        """
        wanted = select(_table.tracker, _table.state, func.count()).group_by(_table.tracker, _table.state)
        if not done:
            wanted = wanted.where(_table.state.in_(("waiting", "aside")))
        with self.read() as connection:
            return {(tracker, state): int(number) for tracker, state, number in connection.execute(wanted)}

    def unsorted_since(self) -> datetime | None:
        """Since when the delivery waits that has waited longest; None where none does."""
        wanted = select(_table.at).where(_table.state == "waiting").order_by(_table.number).limit(1)
        with self.read() as connection:
            return moment_or_none(connection.scalar(wanted))

    def last_delivery(self, tracker: str) -> datetime | None:
        """When the last delivery of a tracker came that is still known."""
        wanted = select(func.max(_table.at)).where(_table.tracker == tracker)
        with self.read() as connection:
            return moment_or_none(connection.scalar(wanted))

    def forget_deliveries(self, before: datetime) -> int:
        """Drop what was received before a moment and waits for nobody; a bounded batch at a time.

        Returns:
            How many went.
        """
        # By number, in the order of coming, so that none is looked at that came later than those that go.
        limit, last, gone = micros(before), 0, 0
        wanted = select(_table.number, _table.at, _table.state).order_by(_table.number).limit(BATCH)
        while True:
            with self.write() as connection:
                rows = connection.execute(wanted.where(_table.number > last)).all()
                old = [row.number for row in rows if row.at < limit and row.state != "waiting"]
                if old:
                    connection.execute(delete(schema.delivery).where(_table.number.in_(old)))
            gone += len(old)
            if len(rows) < BATCH or all(row.at >= limit for row in rows):
                return gone
            last = rows[-1].number


_INTO = "INSERT INTO delivery (tracker, id, at, headers, body, state) VALUES ({}, 'waiting') ON CONFLICT DO NOTHING"
_RECEIVE = {"sqlite": _INTO.format("?, ?, ?, ?, ?"), "postgresql": _INTO.format("%s, %s, %s, %s, %s")}
_COUNTED = {"preserve_rowcount": True}
_WHICH = (_table.number == bindparam("a_number"), _table.state == "waiting")
_GONE = {"state": "done", "why": "", "headers": "{}", "body": b""}
_WAITING = {"state": "waiting", "why": ""}
_DONE = update(schema.delivery).where(*_WHICH).values(_GONE)
_ASIDE = update(schema.delivery).where(*_WHICH).values(state="aside", why=bindparam("a_why"))


def _delivered(row: Row[tuple[object, ...]]) -> Delivered:
    received = Received(row.tracker, row.id, moment(row.at), _headers.decode(row.headers), bytes(row.body))
    return Delivered(row.number, received, row.state, row.why)

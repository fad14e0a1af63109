"""How far each tracker has been read, and what a whole read of it did not show.

A *look* is one read of a container (a repository or project), or of some items. Looks are numbered as they begin; the
number tells which of two observations is the later. A look without a cursor to start from is a *whole* one. A killed
one is taken up by the next look from its cursor: together they are one whole look, which counts from where the first
began.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from trackersync.connector import Page
from trackersync.core.model import Absence, ItemRef
from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.rows import micros, moment

_look = schema.look.c
_table = schema.container.c
_item = schema.item.c


@dataclass(frozen=True, slots=True)
class Count:
    """How many items a container showed, for the alarm of an emptied tracker.

    Attributes:
        shown: by its last whole look.
        accepted: that was last believed: the most it ever showed, until ``accept_counts`` lowers it.
    """

    shown: int
    accepted: int


class Looks(Database):
    """The looks, cursors and counts of a store."""

    def begin_scan(self, tracker: str, container: str, at: datetime) -> int:
        """Number a look at a container that begins now; ``container`` is empty for a look at some items.

        Every call gives a new number, also when a killed look is taken up: what its items are compared by is when
        somebody looked. Call it before the first request is sent.

        Raises:
            StoreError: the store cannot be written.
        """
        with self.write() as connection:
            made = insert(schema.look).values(tracker=tracker, container=container, begun=micros(at))
            scan = int(connection.execute(made.returning(_look.id)).scalar_one())
            if container:
                row = _container(connection, tracker, container)
                whole = scan if row is None or (row.cursor is None and row.whole is None) else row.whole
                _put(connection, tracker, container, whole=whole)
            else:
                _forget_looks(connection, tracker, "", scan)
        return scan

    def cursors(self, tracker: str) -> Mapping[str, str]:
        """By container, what ``Lately`` goes on from; one without a cursor is to be read whole."""
        wanted = select(_table.name, _table.cursor).where(_table.tracker == tracker, _table.cursor.is_not(None))
        with self.read() as connection:
            return {row.name: row.cursor for row in connection.execute(wanted)}

    def complete(self, tracker: str) -> Mapping[str, bool]:
        """By container, whether a whole look of it ever reached its end."""
        wanted = select(_table.name, _table.last_whole.is_not(None)).where(_table.tracker == tracker)
        with self.read() as connection:
            return {name: bool(whole) for name, whole in connection.execute(wanted)}

    def reset_cursor(self, tracker: str, container: str) -> None:
        """Make the next look at a container a whole one."""
        which = (_table.tracker == tracker, _table.name == container)
        with self.write() as connection:
            connection.execute(update(schema.container).where(*which).values(cursor=None, whole=None))

    def wholes(self, tracker: str) -> Mapping[str, datetime | None]:
        """By container, when its last whole read that reached its end did so; None where it is not known."""
        wanted = select(_table.name, _table.whole_at).where(_table.tracker == tracker)
        with self.read() as connection:
            return {name: None if at is None else moment(at) for name, at in connection.execute(wanted)}

    def inhabited(self, tracker: str) -> frozenset[str]:
        """The containers with items that are there as far as we know."""
        wanted = select(_item.container).where(_item.tracker == tracker, _item.missing.is_(None)).distinct()
        with self.read() as connection:
            return frozenset(connection.scalars(wanted))

    def absent(self, tracker: str, container: str) -> tuple[ItemRef, ...]:
        """The items that the last whole look at a container should have shown and did not.

        Neither that look nor anything since has shown them. Look them up by id before anything is concluded.
        """
        last_whole = (
            select(_table.last_whole).where(_table.tracker == tracker, _table.name == container).scalar_subquery()
        )
        wanted = select(_item.id).where(*_present(tracker, container), _item.seen < last_whole)
        with self.read() as connection:
            return tuple(ItemRef(tracker, id_) for id_ in connection.scalars(wanted.order_by(_item.id)))

    def counts(self, tracker: str) -> Mapping[str, Count]:
        """By container, how many items its last whole look showed; containers never seen whole are left out."""
        wanted = select(_table.name, _table.shown, _table.accepted).where(
            _table.tracker == tracker, _table.shown.is_not(None)
        )
        with self.read() as connection:
            return {name: Count(shown, accepted) for name, shown, accepted in connection.execute(wanted)}

    def accept_counts(self, tracker: str) -> None:
        """Believe what the last whole looks showed, however little: a person or the guard said so."""
        which = (_table.tracker == tracker, _table.shown.is_not(None))
        with self.write() as connection:
            connection.execute(update(schema.container).where(*which).values(accepted=_table.shown))

    def freshness(self, tracker: str) -> datetime | None:
        """When the last look began that has since seen all there is: of the container that is furthest behind.

        None while a container has never been read to its end, or none is known.
        """
        wanted = select(_table.read).where(_table.tracker == tracker)
        with self.read() as connection:
            read = connection.scalars(wanted).all()
        known = [moment(each) for each in read if each is not None]
        return min(known) if known and len(known) == len(read) else None

    def retain(self, tracker: str, containers: Collection[str]) -> None:
        """Take every other container of a tracker out of scope: what was read there, and its cursor.

        For when a repository or project has left the configuration. Its items are kept as missing; should it return,
        it is read whole again.
        """
        with self.write() as connection:
            known = connection.scalars(select(_table.name).where(_table.tracker == tracker)).all()
            for name in set(known) - set(containers):
                gone = update(schema.item).where(*_present(tracker, name))
                connection.execute(gone.values(missing=Absence.OUT_OF_SCOPE.value))
                connection.execute(delete(schema.container).where(_table.tracker == tracker, _table.name == name))


def advance(connection: Connection, tracker: str, page: Page, scan: int) -> None:
    """Remember how far a page brought its container: the cursor, and at its end what the look was worth."""
    if not page.container:
        return
    row = _container(connection, tracker, page.container)
    if row is not None and row.whole is not None and scan < row.whole:
        # Another look has begun to read all of it since: where this one has come says nothing of that.
        return
    values: dict[str, object] = {}
    if page.cursor is not None:
        values["cursor"] = page.cursor
    if page.complete:
        values |= _ended(connection, tracker, page.container, scan)
    _put(connection, tracker, page.container, **values)


def _ended(connection: Connection, tracker: str, container: str, scan: int) -> dict[str, object]:
    begun = connection.scalar(select(_look.begun).where(_look.id == scan))
    _forget_looks(connection, tracker, container, scan)
    row = _container(connection, tracker, container)
    if row is None or row.whole is None:
        return {"read": begun}
    counted = select(func.count()).where(*_present(tracker, container), _item.seen >= row.whole)
    shown = int(connection.scalar(counted) or 0)
    return {
        "read": begun,
        "whole": None,
        "last_whole": row.whole,
        "whole_at": begun,
        "shown": shown,
        "accepted": max(shown, row.accepted or 0),
    }


def _forget_looks(connection: Connection, tracker: str, container: str, before: int) -> None:
    """Drop the numbers of earlier looks at a container: ended, or killed. The latest of all always stays."""
    which = (_look.tracker == tracker, _look.container == container, _look.id < before)
    connection.execute(delete(schema.look).where(*which))


def _container(connection: Connection, tracker: str, name: str) -> Row[tuple[object, ...]] | None:
    wanted = select(schema.container).where(_table.tracker == tracker, _table.name == name)
    return connection.execute(wanted).one_or_none()


def _put(connection: Connection, tracker: str, name: str, **values: object) -> None:
    upsert(connection, schema.container, [{"tracker": tracker, "name": name, **values}])


def _present(tracker: str, container: str) -> tuple[ColumnElement[bool], ...]:
    return (_item.tracker == tracker, _item.container == container, _item.missing.is_(None))

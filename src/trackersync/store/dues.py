"""The looks that are due: at an item, or at the news of a repository or project; and whose turn is next.

Whoever learns that something may have changed (a delivery, a timer, a look that saw another item move) makes a look
due: ``owe``. A look at one thing is due once, however often it was asked for; ``wanted`` counts the asking, so that
whoever has looked knows whether somebody asked again while they did (``done``). What failed is put off, and set aside
after too many failures; nothing goes but by being done.

Turns are fair among repositories and projects: each look is given the turn after the last one of its own, and not
before those that are being served, so that a flood in one of them makes nobody else wait for all of it (start-time
fair queueing: P. Goyal, H. Vin, H. Cheng, "Start-time Fair Queueing", SIGCOMM 1996, with looks of equal length).

``dispatch`` is told of all of it inside the same transaction, whichever engine drives the work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, select, update

from trackersync.core.model import ItemRef
from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.rows import batches, micros, moment

Kind = Literal["item", "news"]
Standing = Literal["due", "held", "aside"]

_table = schema.due.c
_item = schema.item.c


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What is to be looked at: an item by its id, or the news of a repository or project by its name.

    The news of all of a tracker's repositories or projects, and of which there are, have an empty name.
    """

    tracker: str
    kind: Kind
    name: str

    @property
    def ref(self) -> ItemRef:
        """The item."""
        return ItemRef(self.tracker, self.name)


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody asks for a look at a subject, in a repository or project as far as it is known."""

    subject: Subject
    container: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A look that is due.

    Attributes:
        subject: what is to be looked at.
        container: where it is, if that is known.
        wanted: how often it was asked for.
        told: how often by a delivery.
        since: when the first of those asked who have had no answer yet.
        turn: whose turn it is; the lowest is next.
        state: ``due``; ``held`` while the guard holds what it would write; ``aside`` after too many failures.
        tries: how often in a row it failed.
        why: why it is held or aside, or how the last try failed.
        at: not to be looked at before.
    """

    subject: Subject
    container: str
    wanted: int
    told: int
    since: datetime
    turn: int
    state: Standing
    tries: int
    why: str
    at: datetime


class Dispatch(Protocol):
    """The engine that drives the work: told what there is to do, in the transaction that says so."""

    def received(self, connection: Connection) -> None:
        """Deliveries came into the inbox."""

    def owed(self, connection: Connection, dues: Sequence[Due]) -> None:
        """Looks became due, or are due again."""

    def committed(self) -> None:
        """The transaction has ended well: what it told of is there to be seen."""


class Nobody:
    """No engine: what is due waits in the store until one looks."""

    def received(self, connection: Connection) -> None:
        """Say nothing."""

    def owed(self, connection: Connection, dues: Sequence[Due]) -> None:
        """Say nothing."""

    def committed(self) -> None:
        """Say nothing."""


class Dues(Database):
    """The looks that are due, in a store."""

    dispatch: Dispatch = Nobody()
    """Set by whoever drives the work."""

    def owe(self, asks: Iterable[Ask], at: datetime) -> None:
        """Make looks due that no delivery asked for."""
        for batch in batches(list(asks)):
            with self.write() as connection:
                self.dispatch.owed(connection, owe(connection, [(ask, micros(at)) for ask in batch], micros(at)))
            self.dispatch.committed()

    def due(self, now: datetime, most: int, but: Collection[Subject] = ()) -> tuple[Due, ...]:
        """The looks whose turn is next, at most so many, without those ``but`` these (which are under way)."""
        wanted = select(schema.due).where(_table.state == "due", _table.at <= micros(now))
        wanted = wanted.order_by(_table.turn, _table.since).limit(most + len(but))
        with self.read() as connection:
            found = map(_due, connection.execute(wanted))
            return tuple(one for one in found if one.subject not in but)[:most]

    def due_look(self, subject: Subject) -> Due | None:
        """The look at a subject that is due, held or aside; None where nobody wants one."""
        with self.read() as connection:
            row = connection.execute(select(schema.due).where(_of(subject))).one_or_none()
        return None if row is None else _due(row)

    def not_due(self, state: Standing, most: int = 1000) -> tuple[Due, ...]:
        """The looks in a state, those asked for first first."""
        wanted = select(schema.due).where(_table.state == state).order_by(_table.since).limit(most)
        with self.read() as connection:
            return tuple(map(_due, connection.execute(wanted)))

    def next_due(self) -> datetime | None:
        """When the next look is due; None where none is."""
        with self.read() as connection:
            at = connection.scalar(select(func.min(_table.at)).where(_table.state == "due"))
        return None if at is None else moment(at)

    def queue(self) -> dict[tuple[str, Standing], tuple[int, datetime]]:
        """By tracker and state, how many looks there are, and since when the one that waits longest was asked for."""
        wanted = select(_table.tracker, _table.state, func.count(), func.min(_table.since))
        with self.read() as connection:
            rows = connection.execute(wanted.group_by(_table.tracker, _table.state)).all()
        return {(tracker, state): (int(number), moment(since)) for tracker, state, number, since in rows}

    def done(self, due: Due, begun: datetime) -> bool:
        """A look was taken.

        Args:
            due: as it was when the look began.
            begun: when that was; what was asked since counts from there.

        Returns:
            Whether that was all. If not, somebody asked again in the meantime, and it is due again.
        """
        with self.write() as connection:
            gone = connection.execute(delete(schema.due).where(_of(due.subject), _table.wanted == due.wanted)).rowcount
            if not gone:
                values = {"since": micros(begun), "tries": 0, "why": "", "state": "due", "at": micros(begun)}
                self._again(connection, due.subject, values)
        self.dispatch.committed()
        return bool(gone)

    def put_off(self, due: Due, state: Standing, why: str, at: datetime, *, failed: bool = True) -> None:
        """A look could not be taken to its end: it is due again later, held, or set aside.

        Where somebody asked again in the meantime it stays due: that may be what makes it go.

        Args:
            due: as it was when the look began.
            state: what it is from now on.
            why: the reason, for people.
            at: not to be tried before.
            failed: it counts as a failure.
        """
        values = {"state": state, "why": why, "at": micros(at), "tries": due.tries + failed}
        with self.write() as connection:
            asked = connection.scalar(select(_table.wanted).where(_of(due.subject)))
            if asked is None:
                return
            if asked != due.wanted:
                values["state"] = "due"
            self._again(connection, due.subject, values)
        self.dispatch.committed()

    def release(self, state: Standing, at: datetime, subjects: Collection[Subject] | None = None) -> int:
        """Try again what is held or aside: all of it, or these; how many there were."""
        chosen = [one.subject for one in self.not_due(state) if subjects is None or one.subject in subjects]
        with self.write() as connection:
            for subject in chosen:
                self._again(connection, subject, {"state": "due", "tries": 0, "at": micros(at)})
        self.dispatch.committed()
        return len(chosen)

    def _again(self, connection: Connection, subject: Subject, values: dict[str, object]) -> None:
        connection.execute(update(schema.due).where(_of(subject)).values(values))
        row = connection.execute(select(schema.due).where(_of(subject))).one_or_none()
        if row is not None and row.state == "due":
            self.dispatch.owed(connection, [_due(row)])


def owe(connection: Connection, asks: Sequence[tuple[Ask, int]], now: int, *, told: bool = False) -> tuple[Due, ...]:
    """Make looks due in a transaction; what was held or aside is tried again.

    Args:
        connection: of a write.
        asks: each with the moment it was asked, in microseconds.
        now: the moment, in microseconds.
        told: a delivery asks.

    Returns:
        The looks that are due by it, as they are now.
    """
    if not asks:
        return ()
    first: dict[Subject, int] = {}
    for ask, at in asks:
        first[ask.subject] = min(at, first.get(ask.subject, at))
    times = Counter(ask.subject for ask, _ in asks)
    known = {one.subject: one for one in _known(connection, first)}
    homes = _homes(
        connection, [one for one in first if one not in known], {ask.subject: ask.container for ask, _ in asks}
    )
    turns = _Turns(connection, set(homes.values()))
    rows = []
    for subject, number in times.items():
        was = known.get(subject)
        rows.append(
            {
                "tracker": subject.tracker,
                "kind": subject.kind,
                "name": subject.name,
                "container": homes[subject] if was is None else was.container,
                "wanted": number + (0 if was is None else was.wanted),
                "told": (number if told else 0) + (0 if was is None else was.told),
                "since": first[subject] if was is None else min(first[subject], micros(was.since)),
                "turn": turns.next(homes[subject]) if was is None else was.turn,
                "state": "due",
                "tries": 0 if was is None or was.state != "due" else was.tries,
                "why": "" if was is None else was.why,
                # A failure that waits for its next try is not hurried by news; what was at rest begins at once.
                "at": micros(was.at) if was is not None and was.state == "due" else now,
            }
        )
    upsert(connection, schema.due, rows)
    return tuple(_known(connection, first))


class _Turns:
    """The next turn of each repository or project."""

    def __init__(self, connection: Connection, containers: Collection[str]) -> None:
        serving = connection.scalar(select(func.min(_table.turn)).where(_table.state == "due"))
        self._serving = serving or 0
        last = select(_table.container, func.max(_table.turn)).where(
            _table.container.in_(containers), _table.state == "due"
        )
        self._last = {name: int(turn) for name, turn in connection.execute(last.group_by(_table.container))}

    def next(self, container: str) -> int:
        turn = max(self._serving, self._last.get(container, -1) + 1)
        self._last[container] = turn
        return turn


def _homes(connection: Connection, subjects: Sequence[Subject], said: dict[Subject, str]) -> dict[Subject, str]:
    """Where each subject is: as was said, or as the store knows the item; else its tracker's name."""
    homes = {one: said.get(one) or (one.name if one.kind == "news" and one.name else "") for one in subjects}
    asked: dict[str, list[str]] = {}
    for one, home in homes.items():
        if not home and one.kind == "item":
            asked.setdefault(one.tracker, []).append(one.name)
    for tracker, ids in asked.items():
        for batch in batches(ids):
            wanted = select(_item.id, _item.container).where(_item.tracker == tracker, _item.id.in_(batch))
            homes |= {Subject(tracker, "item", id_): home for id_, home in connection.execute(wanted)}
    return {one: home or one.tracker for one, home in homes.items()}


def _known(connection: Connection, subjects: Iterable[Subject]) -> list[Due]:
    by_kind: dict[tuple[str, Kind], list[str]] = {}
    for one in subjects:
        by_kind.setdefault((one.tracker, one.kind), []).append(one.name)
    found: list[Due] = []
    for (tracker, kind), names in by_kind.items():
        for batch in batches(names):
            which = (_table.tracker == tracker, _table.kind == kind, _table.name.in_(batch))
            found += map(_due, connection.execute(select(schema.due).where(*which)))
    return found


def _of(subject: Subject) -> ColumnElement[bool]:
    return and_(_table.tracker == subject.tracker, _table.kind == subject.kind, _table.name == subject.name)


def _due(row: Row[tuple[object, ...]]) -> Due:
    return Due(
        subject=Subject(row.tracker, row.kind, row.name),
        container=row.container,
        wanted=row.wanted,
        told=row.told,
        since=moment(row.since),
        turn=row.turn,
        state=row.state,
        tries=row.tries,
        why=row.why,
        at=moment(row.at),
    )

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
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, delete, func, select, update

from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.rows import BATCH, batches, micros, moment
from trackersync.store.subjects import Ask, Dispatch, Due, Kind, Nobody, Standing, Subject

_FAR = timedelta(hours=6)
"""Nothing is put off for so long."""
_table = schema.due.c
_item = schema.item.c


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

    def next_due(self, but: Collection[Subject] = ()) -> datetime | None:
        """When the next look is due, without those ``but`` these; None where none is."""
        wanted = select(schema.due).where(_table.state == "due").order_by(_table.at).limit(1 + len(but))
        with self.read() as connection:
            return next((one.at for one in map(_due, connection.execute(wanted)) if one.subject not in but), None)

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
            gone = connection.execute(delete(schema.due).where(_as_it_was(due))).rowcount
            if not gone:
                values = {"since": micros(begun), "tries": 0, "why": "", "state": "due", "at": micros(begun)}
                # What it answered is answered; the deliveries that came since are not.
                left = {"told": _less(_table.told, due.told), "wanted": _less(_table.wanted, due.wanted, least=1)}
                self._again(connection, [due.subject], {**values, **left})
        self.dispatch.committed()
        return bool(gone)

    def put_off(self, due: Due, state: Standing, why: str, at: datetime, *, failed: bool = True) -> None:
        """A look could not be taken to its end: it is due again later, held, or set aside.

        Where somebody asked again in the meantime it does not rest, but is due at once: that may be what makes it go.

        Args:
            due: as it was when the look began.
            state: what it is from now on.
            why: the reason, for people.
            at: not to be tried before.
            failed: it counts as a failure.
        """
        values: dict[str, object] = {"state": state, "why": why, "at": micros(at), "tries": due.tries + failed}
        with self.write() as connection:
            if state != "due" and connection.scalar(select(_table.wanted).where(_as_it_was(due))) is None:
                values |= {"state": "due", "at": micros(due.at)}
            self._again(connection, [due.subject], values)
        self.dispatch.committed()

    def release(self, state: Standing, at: datetime, subjects: Collection[Subject] | None = None) -> int:
        """Try again what is held or aside: all of it, or these; how many there were."""
        released, found = 0, BATCH
        while found == BATCH:
            with self.write() as connection:
                wanted = select(schema.due).where(_table.state == state).order_by(_table.turn, _table.since)
                if subjects is None:
                    these = [_due(row).subject for row in connection.execute(wanted.limit(BATCH))]
                else:
                    these = [one.subject for one in _known(connection, subjects) if one.state == state]
                self._again(connection, these, {"state": "due", "tries": 0, "at": micros(at)})
            self.dispatch.committed()
            found = len(these) if subjects is None else 0
            released += len(these)
        return released

    def ripen(self, now: datetime) -> int:
        """Try again what was held for long enough, and what a clock that was wrong has put off too far.

        Returns:
            How many there were.
        """
        held = (_table.state == "held") & (_table.at <= micros(now))
        astray = _table.state.in_(("due", "held")) & (_table.at > micros(now + _FAR))
        wanted = select(schema.due).where(held | astray).order_by(_table.turn, _table.since).limit(BATCH)
        with self.read() as connection:  # nearly always there is nothing
            if connection.execute(wanted.limit(1)).first() is None:
                return 0
        with self.write() as connection:
            these = [_due(row).subject for row in connection.execute(wanted)]
            self._again(connection, these, {"state": "due", "at": micros(now)})
        self.dispatch.committed()
        return len(these)

    def _again(self, connection: Connection, subjects: Sequence[Subject], values: Mapping[str, Any]) -> None:
        """Change looks; those that are due by it come after all others of their own, as if they were asked for then."""
        homes = {one.container for one in _known(connection, subjects)}
        if not homes:
            return
        turns = _Turns(connection, homes, values["at"])
        connection.execute(_CHANGED.values(values), [_keys(one) for one in subjects])
        mine = [one for one in _known(connection, subjects) if one.state == "due"]
        mine = [replace(one, turn=turns.next(one.container)) for one in sorted(mine, key=lambda one: one.turn)]
        if mine:
            rows = [{**_keys(one.subject), "a_turn": one.turn} for one in mine]
            connection.execute(_CHANGED.values(turn=bindparam("a_turn")), rows)
            self.dispatch.owed(connection, mine)


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
    said = {ask.subject: ask.container for ask, _ in asks if ask.container}
    homes = _homes(connection, [one for one in first if one not in known], said)
    # What was at rest is asked for anew, and comes after all others of its own.
    resting = {one.container for one in known.values() if one.state != "due"}
    turns = _Turns(connection, {*homes.values(), *resting}, now)
    rows = []
    for subject, number in times.items():
        was = known.get(subject)
        home = homes[subject] if was is None else was.container
        rows.append(
            {
                "tracker": subject.tracker,
                "kind": subject.kind,
                "name": subject.name,
                "container": home,
                "wanted": number + (0 if was is None else was.wanted),
                "told": (number if told else 0) + (0 if was is None else was.told),
                "since": first[subject] if was is None else min(first[subject], micros(was.since)),
                "turn": was.turn if was is not None and was.state == "due" else turns.next(home),
                "state": "due",
                "tries": was.tries if was is not None and was.state == "due" else 0,
                "why": "" if was is None else was.why,
                # A failure that waits for its next try is not hurried by news; what was at rest begins at once.
                "at": micros(was.at) if was is not None and was.state == "due" else now,
            }
        )
    upsert(connection, schema.due, rows)
    return tuple(_known(connection, first))


class _Turns:
    """The next turn of each of some repositories or projects, for what is asked for at a moment."""

    def __init__(self, connection: Connection, containers: Collection[str], now: int) -> None:
        due = select(func.min(_table.turn)).where(_table.state == "due")
        # One that waits for its next try must not hold the present turn back, or newcomers would always be first.
        serving = connection.scalar(due.where(_table.at <= now))
        self._serving = connection.scalar(due) or 0 if serving is None else serving
        self._last: dict[str, int] = {}
        for name in containers:
            # One by one, each found at the end of an index.
            last = select(func.max(_table.turn)).where(_table.container == name, _table.state == "due")
            self._last[name] = -1 if (turn := connection.scalar(last)) is None else turn

    def next(self, container: str) -> int:
        turn = max(self._serving, self._last[container] + 1)
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


def _as_it_was(due: Due) -> ColumnElement[bool]:
    """Nobody has asked for it since. One that was done, and then asked for anew, has another moment."""
    return and_(_of(due.subject), _table.wanted == due.wanted, _table.since == micros(due.since))


def _less(count: ColumnElement[int], answered: int, least: int = 0) -> ColumnElement[int]:
    return case((count > answered, count - answered), else_=least)


_CHANGED = update(schema.due).where(
    _table.tracker == bindparam("a_tracker"), _table.kind == bindparam("a_kind"), _table.name == bindparam("a_name")
)


def _keys(subject: Subject) -> dict[str, object]:
    return {"a_tracker": subject.tracker, "a_kind": subject.kind, "a_name": subject.name}


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

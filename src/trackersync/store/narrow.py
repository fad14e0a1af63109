"""A store as far as it is about some items: what one look at a task needs, whatever else there is.

Everything that is asked for all there is answers for these items alone, and what is written is written as ever; so that
the road is the same for one task as for all of them, and costs by what it is about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, and_, case, false, func, or_, select

from trackersync.core.guard import Spent
from trackersync.core.model import Absence, Change, Facts, FieldName, Item, ItemRef
from trackersync.store import Entry, Rejection, Store, schema, task_id
from trackersync.store.decisions import rejection_of
from trackersync.store.items import item_of
from trackersync.store.journal import EFFECTIVE, Place, entries, undecided
from trackersync.store.rows import micros, natives_of
from trackersync.store.runs import planned_of

_ALIVE = timedelta(hours=1)
"""No look takes longer: whoever has not ended by then was killed."""
_link = schema.link.c
_change = schema.change.c
_run = schema.run.c


class Narrow(Store):
    """A view on an open store; it is closed with that, and not by itself.

    Args:
        store: open.
        refs: the items it is about.
    """

    def __init__(self, store: Store, refs: Collection[ItemRef]) -> None:
        # The same connections, and the same dispatch.
        self.__dict__.update(store.__dict__)
        self._refs = frozenset(refs)

    def close(self) -> None:
        """Leave it open: it is somebody else's."""

    def _these(self, table: Table, column: str = "item") -> ColumnElement[bool]:
        return of_these(table, self._refs, column)

    def items(self, tracker: str | None = None) -> Iterator[Item]:
        """Those that are there; see ``Items.items``."""
        table = schema.item.c
        wanted = select(table.body).where(self._these(schema.item, "id"), table.missing.is_(None))
        if tracker is not None:
            wanted = wanted.where(table.tracker == tracker)
        with self.read() as connection:
            return map(item_of, connection.scalars(wanted.order_by(table.tracker, table.id)).all())

    def missing(self, tracker: str | None = None) -> Mapping[ItemRef, Absence]:
        """Those that are missing; see ``Items.missing``."""
        table = schema.item.c
        wanted = select(table.tracker, table.id, table.missing).where(
            self._these(schema.item, "id"), table.missing.is_not(None)
        )
        with self.read() as connection:
            found = {ItemRef(of, id_): Absence(why) for of, id_, why in connection.execute(wanted)}
        return found if tracker is None else {ref: why for ref, why in found.items() if ref.tracker == tracker}

    def links(self) -> Mapping[ItemRef, str]:
        """Their links, and those of all that is linked with them; see ``Links.links``."""
        tasks = select(_link.task).where(self._these(schema.link))
        with self.read() as connection:
            rows = connection.execute(select(_link.tracker, _link.item, _link.task).where(_link.task.in_(tasks)))
            return {ItemRef(tracker, item): task for tracker, item, task in rows}

    def last_open(self) -> Mapping[str, str]:
        """Of their tasks; see ``Links.last_open``."""
        names = {*self.links().values(), *(task_id((ref,)) for ref in self._refs)}
        table = schema.task.c
        with self.read() as connection:
            rows = connection.execute(select(table.id, table.last_open).where(table.id.in_(names)))
            return {row.id: row.last_open for row in rows}

    def bases(self) -> Mapping[Place, tuple[Facts, ...]]:
        """See ``Journal.bases``."""
        table = schema.base.c
        wanted = select(table.tracker, table.item, table.field, table.natives).where(self._these(schema.base))
        with self.read() as connection:
            rows = connection.execute(wanted).all()
        return {(ItemRef(tracker, item), field): natives_of(written) for tracker, item, field, written in rows}

    def rejections(self) -> Mapping[tuple[ItemRef, FieldName], Rejection]:
        """See ``Decisions.rejections``."""
        with self.read() as connection:
            rows = connection.execute(select(schema.rejection).where(self._these(schema.rejection)))
            return {(ItemRef(row.tracker, row.item), row.field): rejection_of(row.body) for row in rows}

    def in_doubt(self) -> tuple[Entry, ...]:
        """See ``Journal.in_doubt``."""
        with self.read() as connection:
            return entries(connection, undecided, self._these(schema.change))

    def often_written(self, least: int, since: datetime) -> frozenset[Place]:
        """See ``Journal.often_written``."""
        field = (_change.tracker, _change.item, _change.field)
        which = (_change.outcome.in_(EFFECTIVE), _change.intended >= micros(since), self._these(schema.change))
        unapproved = _change.run.in_(select(_run.id).where(_run.approved == 0))
        wanted = select(*field).where(*which, unapproved).group_by(*field).having(func.count() >= least)
        with self.read() as connection:
            return frozenset((ItemRef(tracker, item), name) for tracker, item, name in connection.execute(wanted))

    def owed_histories(self, tracker: str) -> Mapping[ItemRef, int]:
        """See ``Histories.owed_histories``."""
        table = schema.history.c
        wanted = select(table.item, table.owed).where(
            table.tracker == tracker, table.owed.is_not(None), self._these(schema.history)
        )
        there = {item.ref for item in self.items(tracker)}
        with self.read() as connection:
            owed = {ItemRef(tracker, id_): number for id_, number in connection.execute(wanted)}
        return {ref: number for ref, number in owed.items() if ref in there}


def of_these(table: Table, refs: Collection[ItemRef], column: str = "item") -> ColumnElement[bool]:
    """The condition that a row is of one of some items, whose ids stand in this column; false of none."""
    ids: dict[str, list[str]] = {}
    for ref in refs:
        ids.setdefault(ref.tracker, []).append(ref.id)
    id_ = table.c[column]
    return or_(false(), *(and_(table.c.tracker == tracker, id_.in_(some)) for tracker, some in ids.items()))


def companions(store: Store, refs: Collection[ItemRef]) -> frozenset[ItemRef]:
    """These items, and all that is linked with them."""
    return frozenset(refs) | Narrow(store, refs).links().keys()


def task_count(store: Store) -> int:
    """How many tasks there are: linked items are one together."""
    item = schema.item.c
    there = select(func.count()).where(item.missing.is_(None))
    together = (item.tracker == _link.tracker) & (item.id == _link.item)
    linked = select(func.count(), func.count(_link.task.distinct())).select_from(
        schema.link.join(schema.item, together)
    )
    with store.read() as connection:
        items = int(connection.scalar(there) or 0)
        members, tasks = connection.execute(linked.where(item.missing.is_(None))).one()
    return items - int(members) + int(tasks)


def as_many_tasks(store: Store, number: int, trackers: Iterable[str]) -> bool:
    """Whether one of these trackers alone shows so many items, which are as many tasks; without counting all of them.

    True: there are at least so many tasks. False: there may be fewer.
    """
    item = schema.item.c
    with store.read() as connection:
        for tracker in trackers:
            some = select(item.id).where(item.tracker == tracker, item.missing.is_(None)).limit(number)
            if (connection.scalar(select(func.count()).select_from(some.subquery())) or 0) >= number:
                return True
    return False


def spent_besides(store: Store, since: datetime, now: datetime, touched: Collection[str]) -> Spent:
    """What the runs of a window wrote unasked, counted by the store; see ``pipeline.world.spent``.

    Args:
        store: open.
        since: when the window began.
        now: the moment.
        touched: tasks that are counted by themselves.
    """
    may = _change.outcome.is_(None) | _change.outcome.in_((*EFFECTIVE, "in doubt"))
    unasked = _change.run.in_(select(_run.id).where(_run.approved == 0))
    # Within a JSON text, quotation marks are escaped: no label or title looks like this.
    adoption = case((_change.body.like('%"adoption":true%'), 1), else_=0)
    item = schema.item.c
    alone = _change.tracker + ":" + _change.item
    # An item that is not there is of no task with others.
    task = case((item.id.is_not(None) & item.missing.is_(None), func.coalesce(_link.task, alone)), else_=alone)
    of = (_change.tracker == _link.tracker) & (_change.item == _link.item)
    seen = (_change.tracker == item.tracker) & (_change.item == item.id)
    linked = schema.change.outerjoin(schema.link, of).outerjoin(schema.item, seen)
    which = (_change.intended >= micros(since), may, unasked)
    counts = select(func.count(), func.sum(adoption)).where(*which)
    tasks = select(task).distinct().select_from(linked).where(*which)
    others = select(func.count()).select_from(tasks.where(task.not_in(touched)).subquery())
    with store.read() as connection:
        changes, adoptions = connection.execute(counts).one()
        coming = _coming(connection, max(since, now - _ALIVE))
        written = int(connection.scalar(others) or 0)
    adoptions = int(adoptions or 0) + sum(change.adoption for change in coming)
    refs = {change.ref for change in coming}
    links = Narrow(store, refs).links() if refs else {}
    will = {links.get(ref) or task_id((ref,)) for ref in refs}.difference(touched)
    with store.read() as connection:
        # One of which something is written already is no task more.
        will.difference_update(connection.scalars(tasks.where(task.in_(will))) if will else ())
    return Spent(int(changes) + len(coming) - adoptions, adoptions, others=written + len(will))


def _coming(connection: Connection, since: datetime) -> list[Change]:
    """What runs that have not ended will yet write: planned, and not written down as begun. One that died does not."""
    wanted = select(_run.id, _run.plan).where(_run.ended.is_(None), _run.approved == 0, _run.begun >= micros(since))
    plans = {row.id: planned_of(row.plan) for row in connection.execute(wanted)}
    begun = select(_change.run, func.count()).where(_change.run.in_(plans)).group_by(_change.run)
    done = {row[0]: int(row[1]) for row in connection.execute(begun)} if plans else {}
    return [change for run, plan in plans.items() for change in plan[done.get(run, 0) :]]

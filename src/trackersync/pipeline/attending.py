"""The road for a few items: what a service walks when it was told of an edit.

The same steps as ``run_once``, on a store that is narrowed to the items at hand and what is linked with them
(``store.narrow``), so that it costs by what it is about. What it is about is found on the way: the items that were
named, all that is linked with them, and what they turn out to belong with. All of these are claimed before they are
read, and read by id, in all trackers, since a search lags behind and another tracker's own word may be lost.

A run takes its number only once there is something to write or to record.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from math import ceil

from sqlalchemy import Connection

from trackersync.connector import These
from trackersync.core.guard import SMALLEST_SHARE, Hold, guard
from trackersync.core.model import ItemRef
from trackersync.core.outcome import Look, Outcome, World
from trackersync.core.terms import Task
from trackersync.errors import TRACKER_TROUBLES, BusyError, TrackersyncError
from trackersync.pipeline.again import read_back
from trackersync.pipeline.history import read_histories
from trackersync.pipeline.names import look_up_hops, met
from trackersync.pipeline.observe import emptied_of
from trackersync.pipeline.order import Order
from trackersync.pipeline.planning import Planned, make
from trackersync.pipeline.record import ended, requests
from trackersync.pipeline.session import Session
from trackersync.pipeline.settle import settle
from trackersync.pipeline.world import bases_of, look_around
from trackersync.pipeline.writing import write
from trackersync.store import Store, note_missed
from trackersync.store.narrow import Narrow, as_many_tasks, companions, spent_besides, task_count
from trackersync.store.neighbours import neighbours
from trackersync.store.rows import micros

SOON = timedelta(seconds=1)
"""Who waits longer to write does not know any more what is so."""
ROUNDS = 4
"""So often items are read that turned out to belong with those at hand; each time there are other ones."""


async def attend(session: Session, order: Order) -> Outcome:
    """Look at some items and all that belongs with them, decide, and write.

    Raises:
        BusyError: somebody else is at work on one of them; nothing was written.
        StoreError: nothing can be remembered, so nothing is written.
    """
    with ExitStack() as claims:
        session, world = await _gathered(session, order, claims)
        planned = await make(session, order, world, bases_of(session, world.links))
        if await look_up_hops(session, planned.looks, planned.workflows):
            session = session.refreshed()
            world = _of(look_around(session, planned.looks, judge=False), _refs(world.tasks))
            planned = await make(session, order, world, bases_of(session, world.links))
        outcome = await _written(session, order, world, planned)
        unread = await read_histories(session, outcome.world.looks)
        return replace(outcome, warnings=(*outcome.warnings, *unread), requests=requests(session))


async def _gathered(session: Session, order: Order, claims: ExitStack) -> tuple[Session, World]:
    """Read the items and what belongs with them, until nothing new does; the session narrowed to them."""
    store = session.store
    named = frozenset(order.attend or ())
    read: frozenset[ItemRef] = frozenset()
    wanted = companions(store, named)
    looks: dict[str, Look] = {}
    for _ in range(ROUNDS):
        if not claims.enter_context(session.claim(wanted - read)):
            raise BusyError("somebody else is at work on it")
        news, moved = await _read(session, wanted - read, named)
        looks = {name: _both(looks.get(name), look) for name, look in news.items()}
        read |= wanted
        wanted = companions(store, {moved.get(ref, ref) for ref in read})
        session = replace(session.refreshed(), store=_about(session, store, wanted))
        world = _of(look_around(session, looks, judge=False), wanted)
        wanted |= {ref for made in world.links.made if not wanted.isdisjoint(made.refs) for ref in made.refs}
        wanted |= _rivals(store, world, wanted)
        wanted = companions(store, wanted)
        if wanted <= read:
            return session, world
    # Nothing is decided of what was not claimed and read.
    raise BusyError("it changes faster than it is read")


def _about(session: Session, store: Store, refs: frozenset[ItemRef]) -> Store:
    """The store as far as it is about some items: with all they may belong with, unless that is settled."""
    members: dict[str, set[str]] = defaultdict(set)
    links = Narrow(store, refs).links()
    for ref, task in links.items():
        members[task].add(ref.tracker)
    if all(ref in links and session.terms.maps.keys() <= members[links[ref]] for ref in refs):
        return Narrow(store, refs)
    near = neighbours(store, refs, session.links)
    return store if near is None else Narrow(store, near)


def _rivals(store: Store, world: World, refs: Collection[ItemRef]) -> set[ItemRef]:
    """Whose place an item at hand claims: an issue that was transferred is a new one, and the old one is gone."""
    extras = [extra for extra in world.links.extras if extra.ref in refs]
    return {
        ref
        for extra in extras
        for ref in companions(store, {extra.claimed})
        if ref.tracker == extra.ref.tracker and ref not in refs
    }


def _of(world: World, refs: Collection[ItemRef]) -> World:
    """A world without the tasks that are not at hand."""
    tasks = tuple(task for task in world.tasks if any(item.ref in refs for item in task.items))
    here = _refs(tasks)
    made = tuple(link for link in world.links.made if not here.isdisjoint(link.refs))
    return replace(world, tasks=tasks, links=replace(world.links, made=made), findings=(), cases=())


def _refs(tasks: Iterable[Task]) -> frozenset[ItemRef]:
    return frozenset(item.ref for task in tasks for item in task.items)


# Reading.


async def _read(
    session: Session, refs: Collection[ItemRef], named: Collection[ItemRef]
) -> tuple[dict[str, Look], Mapping[ItemRef, ItemRef]]:
    """Read some items by id, all trackers side by side, and under which refs those go on that were moved."""
    moved: dict[ItemRef, ItemRef] = {}
    now = micros(session.clock.now())

    def found(connection: Connection, changed: Collection[ItemRef]) -> None:
        # Who is looked at because of something else was told by nobody.
        note_missed(connection, [ref for ref in changed if ref not in named], now)

    async def one(tracker: str) -> Look:
        mine = tuple(sorted(ref for ref in refs if ref.tracker == tracker))
        begun, since = session.clock.now(), session.store.freshness(tracker)
        news: set[ItemRef] = set()
        failure: TrackersyncError | None = None
        try:
            if mine:
                scan = session.store.begin_scan(tracker, "", begun)
                async for page in session.connectors[tracker].observe(These(mine)):
                    await met(session, tracker, page)
                    news.update(session.store.put_page(tracker, page, scan=scan, found=found).changed_refs)
                    if page.moved:
                        session.store.follow(page.moved)
                        moved.update(page.moved)
                narrow = replace(session, store=Narrow(session.store, mine))
                if narrow.store.in_doubt():
                    await read_back(narrow, tracker)
        except TRACKER_TROUBLES as error:
            failure = error
        done = session.store.complete(tracker)
        return Look(
            tracker=tracker,
            whole=False,
            changed=len(news),
            own=0,
            since=since,
            complete=session.complete(tracker),
            unread=frozenset(name for name, whole in done.items() if not whole),
            seconds=(session.clock.now() - begun).total_seconds(),
            failure=failure,
            news=frozenset(news),
        )

    looks = await asyncio.gather(*map(one, session.connectors))
    return {look.tracker: look for look in looks}, moved


def _both(before: Look | None, now: Look) -> Look:
    if before is None:
        return now
    return replace(now, news=before.news | now.news, failure=before.failure or now.failure)


# Writing.


async def _written(session: Session, order: Order, world: World, planned: Planned) -> Outcome:
    plan, store, clock = planned.plan, session.store, session.clock
    found = Outcome(replace(world, looks=planned.looks), plan, warnings=planned.warnings)
    if not _worth_a_run(session, world, planned):
        settle(session, planned.decisions, plan, found.world, planned.bases)
        return found
    asked = clock.now()
    async with session.turn(order.command):
        if abs(clock.now() - asked) > SOON:
            raise BusyError("another command wrote meanwhile; it is looked at again")
        # Counted as late as can be: others write too, and what they wrote is spent.
        holds = _holds(session, world, planned)
        if any(hold.kind != "question" or not order.yes for hold in holds):
            return replace(found, holds=holds)
        run = store.begin_run(order.command, session.terms.fingerprint, "", clock.now(), place=session.place)
        store.plan_run(run, plan.digest, plan.changes, approved=False)
        state = "failed"
        try:
            outcome = await write(session, order, run, found, planned)
            state = ""
        finally:
            if state:
                store.end_run(run, {"state": state, "requests": requests(session)}, clock.now())
        store.end_run(run, ended(outcome), clock.now())
        return outcome


def _holds(session: Session, world: World, planned: Planned) -> tuple[Hold, ...]:
    """What holds the plan, if it changes anything."""
    plan, store = planned.plan, session.store
    if not plan.changes:
        return ()
    touched = frozenset(task.id for task in world.tasks if _changes(task, planned))
    now = session.clock.now()
    spent = spent_besides(store, now - session.limits.window, now, touched)
    return guard(
        plan,
        session.limits,
        tasks=_tasks(session, len(touched) + spent.others),
        touched=touched,
        spent=spent,
        approved=store.approved(session.terms.fingerprint),
        changed=store.ever_approved(),
        met=len(world.links.made),
        emptied=tuple(gone for tracker in session.connectors for gone in emptied_of(session, tracker)),
    )


def _tasks(session: Session, changing: int) -> int:
    """How many tasks there are, or so many as there are at least and as allow that many of them to change.

    The guard says the same of both, and counting them all would cost more than the rest of a look.
    """
    share = session.limits.share
    enough = ceil(changing / share) + 1 if changing > SMALLEST_SHARE and share else 0
    if changing <= SMALLEST_SHARE or (share and as_many_tasks(session.store, enough, session.connectors)):
        return enough
    return task_count(session.store)


def _changes(task: Task, planned: Planned) -> bool:
    refs = {item.ref for item in task.items}
    return any(change.ref in refs for change in planned.plan.changes)


def _worth_a_run(session: Session, world: World, planned: Planned) -> bool:
    """Whether there is anything that a run's number has to stand beside."""
    plan = planned.plan
    if plan.changes or plan.overruled or world.links.made:
        return True
    tasks = {task.id for task in world.tasks}
    waiting = {
        (one.conflict.task, one.conflict.field, one.conflict.sides)
        for one in session.store.conflicts()
        if one.conflict.task in tasks
    }
    return waiting != {(one.task, one.field, one.sides) for one in plan.conflicts} or any(
        left.unreached for left in plan.left_alone
    )

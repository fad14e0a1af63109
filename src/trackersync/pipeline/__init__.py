"""The road, once: observe, link and classify, diagnose, plan, guard, intend, apply, settle. Read ``run_once`` first.

Every way in (the command line, a schedule, an Action, a webhook) walks it. A dry run is the same road, stopped after
``guard``; a check is the same road, stopped after ``diagnose``. Deciding is ``core``'s business; here is only the
order of things and what is remembered between them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace

from trackersync.core.guard import Hold, guard
from trackersync.core.model import ItemRef
from trackersync.core.outcome import Look, Moved, Outcome, World
from trackersync.core.plan import Plan
from trackersync.core.terms import Task
from trackersync.errors import StoreError, TrackersyncError
from trackersync.pipeline.advice import advised
from trackersync.pipeline.again import look_at_changed, look_at_rivals
from trackersync.pipeline.attending import attend
from trackersync.pipeline.diagnosing import remember
from trackersync.pipeline.history import read_histories
from trackersync.pipeline.names import look_up, look_up_hops
from trackersync.pipeline.observe import observe
from trackersync.pipeline.order import Order, Take
from trackersync.pipeline.planning import make, probed
from trackersync.pipeline.record import ended, requests, written
from trackersync.pipeline.session import Progress, Session, Silence
from trackersync.pipeline.world import bases_of, look_around, spent
from trackersync.pipeline.writing import write

__all__ = [
    "Look",
    "Moved",
    "Order",
    "Outcome",
    "Progress",
    "Session",
    "Silence",
    "Take",
    "World",
    "look_around",
    "run_once",
]


async def run_once(session: Session, order: Order) -> Outcome:
    """Walk the road once, as far as ordered. One that may write takes its turn first, and has a number in the journal.

    Raises:
        StoreError: nothing can be remembered, so nothing is written; or another run holds the store.
        ConfigError: the order names nothing that is known.
    """
    if order.attend is not None:
        return await attend(session, order)
    if order.reads:
        return await _walk(session, order, None)
    store = session.store
    async with session.turn(order.command):
        began = session.clock.now()
        run = store.begin_run(order.command, session.terms.fingerprint, "", began, place=session.place)
        try:
            outcome = await _walk(session, order, run)
        except (TrackersyncError, asyncio.CancelledError) as error:
            state = "interrupted" if isinstance(error, asyncio.CancelledError) else "failed"
            with suppress(StoreError):
                store.end_run(
                    run, {"state": state, "why": str(error), "requests": requests(session)}, session.clock.now()
                )
            raise
        try:
            store.end_run(run, ended(outcome), session.clock.now())
            store.forget_before(session.clock.now() - session.keep)
        except StoreError as error:
            raise StoreError(str(error), written=written(outcome.receipts)) from error
        return outcome


async def _walk(session: Session, order: Order, run: int | None) -> Outcome:
    session.asked.clear()
    looks = await observe(session, full=order.full)
    if order.exactly is not None:
        looks = await look_at_changed(session, looks, order.exactly)
    unread = await read_histories(session, looks)
    await look_up(session, looks)
    session = session.refreshed()
    world = look_around(session, looks)
    if await look_at_rivals(session, world):
        world = look_around(session, looks)
    if order.command == "check":
        world, unasked = await advised(session, world)
        before = remember(session, world)
        return Outcome(world, requests=requests(session), warnings=(*unread, *unasked), before=before)
    planned = await make(session, order, world, bases_of(session, world.links))
    if await look_up_hops(session, planned.looks, planned.workflows):
        session = session.refreshed()
        world = look_around(session, planned.looks)
        planned = await make(session, order, world, bases_of(session, world.links))
    plan = planned.plan
    approved = session.store.approved(session.terms.fingerprint)
    holds = guard(
        plan,
        session.limits,
        tasks=len(world.tasks),
        touched=_touched(plan, world.tasks),
        spent=spent(session, world.tasks),
        approved=approved,
        changed=session.store.ever_approved(),
        met=len(world.links.made),
        emptied=tuple(gone for look in planned.looks.values() for gone in look.emptied),
    )
    warnings = (*unread, *planned.warnings)
    warnings += () if approved or not plan.changes else await probed(session, planned.looks)
    found = Outcome(
        replace(world, looks=planned.looks), plan, holds, planned.moved, requests=requests(session), warnings=warnings
    )
    if run is not None:
        session.store.plan_run(run, plan.digest, plan.changes, approved=order.asks or _approved(order, plan))
    if run is None or (planned.moved and not order.skip_stale) or not _passes(holds, plan, order):
        return found
    return await write(session, order, run, replace(found, holds=()), planned)


def _touched(plan: Plan, tasks: Iterable[Task]) -> frozenset[str]:
    """The tasks a plan would change."""
    refs: set[ItemRef] = {change.ref for change in plan.changes}
    return frozenset(task.id for task in tasks if any(item.ref in refs for item in task.items))


def _approved(order: Order, plan: Plan) -> bool:
    """Whether a person has said yes to exactly these changes."""
    return order.exactly is not None or order.approve == plan.digest


def _passes(holds: Collection[Hold], plan: Plan, order: Order) -> bool:
    if _approved(order, plan):
        return True
    if order.approve is not None or (order.asks and not order.yes):
        return False
    return all(hold.kind == "question" and order.yes for hold in holds)

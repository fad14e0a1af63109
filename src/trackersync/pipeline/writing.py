"""Intend, apply, settle: the only part of the road that changes anything in a tracker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from trackersync.core.decide import Decision
from trackersync.core.link import Links
from trackersync.core.model import STAGE
from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan, routeless
from trackersync.errors import StoreError
from trackersync.pipeline.apply import Receipts, apply
from trackersync.pipeline.order import Order
from trackersync.pipeline.planning import Planned, overruled_bases
from trackersync.pipeline.record import requests, written
from trackersync.pipeline.session import Session
from trackersync.pipeline.settle import rest_where_taken_back, settle
from trackersync.pipeline.world import look_around
from trackersync.store import Claim, Rejection

_UNANSWERED = "At most one change of each tracker had been sent; the next run reads it back."


async def write(session: Session, order: Order, run: int, found: Outcome, planned: Planned) -> Outcome:
    """Carry out a plan that may go, and remember what came of it.

    Args:
        session: what to work with.
        order: what the run was asked.
        run: its number in the journal.
        found: what it has come to so far.
        planned: the plan, and what it was made from.
    """
    store, clock = session.store, session.clock
    plan, decisions = planned.plan, planned.decisions
    approved = order.exactly is not None or order.approve is not None
    if plan.changes and not order.narrow and not order.asks and (approved or order.yes):
        store.approve(session.terms.fingerprint, f"approve {plan.digest}" if approved else "yes", clock.now())
    if approved and not order.asks:
        for tracker in session.connectors:
            store.accept_counts(tracker)
    plan, decisions = _claim_links(session, found.world.links, plan, decisions)
    if planned.settlements:
        settlements = {(one.task, one.field): one for one in planned.settlements}
        bases = overruled_bases(settlements, [decision.task for decision in decisions], session.terms)
        store.put_settlements(planned.settlements, bases)
        store.forget_told(taken_back=settlements)
    before = store.conflicts() if plan.conflicts else ()
    waiting = {(one.conflict.task, one.conflict.field) for one in before}
    _note_decisions(session, order, run, plan, decisions)
    receipts = Receipts(len(plan.changes))
    interrupted = False
    try:
        try:
            await apply(session, run, plan.changes, receipts, planned.workflows)
        except asyncio.CancelledError:
            interrupted = True
            receipts.stop()
        world = found.world
        if plan.changes:
            world = replace(look_around(session, world.looks, judge=order.attend is None), resting=world.resting)
        if order.undo is not None:
            rest_where_taken_back(session, order.undo, plan, receipts.in_order, world.tasks)
        settle(session, decisions, plan, world, planned.bases)
    except StoreError as error:
        raise StoreError(
            str(error), written=written(receipts.in_order) or (_UNANSWERED if plan.changes else "")
        ) from error
    return replace(
        found,
        world=world,
        plan=plan,
        receipts=receipts.in_order,
        run=run,
        requests=requests(session),
        interrupted=interrupted,
        raised=tuple(one for one in plan.conflicts if (one.task, one.field) not in waiting),
    )


def _note_decisions(session: Session, order: Order, run: int, plan: Plan, decisions: Sequence[Decision]) -> None:
    """Remember what is not written: conflicts, moves overruled, and what no path of transitions reaches."""
    store, now = session.store, session.clock.now()
    store.put_overruled(run, plan.overruled, now)
    if not order.asks:
        looked = None if not order.narrow else {decision.task.id for decision in decisions}
        store.put_conflicts(run, plan.conflicts, now, looked=looked)
    before = store.rejections()
    for ref, (key, why) in routeless(decisions, plan, session.terms).items():
        known = before.get((ref, STAGE))
        hops, state = (known.hops, known.stopped) if known is not None else ((), "")
        store.put_rejection(ref, STAGE, Rejection(key, why, now, hops, state))


def _claim_links(
    session: Session, links: Links, plan: Plan, decisions: Sequence[Decision]
) -> tuple[Plan, Sequence[Decision]]:
    """Make the links of the tasks at hand for good; a task that another process linked otherwise is left for later."""
    here = {item.ref: decision.task.id for decision in decisions for item in decision.task.items}
    claims = [Claim(here[made.refs[0]], made.refs, made.reason) for made in links.made if made.refs[0] in here]
    if not claims:
        return plan, decisions
    known = session.store.links()
    # Before the link and not after: killed in between, an item has lost no more than a base that nobody shares.
    alone = {ref for claim in claims for ref in claim.refs if ref not in known}
    if alone:
        session.store.put_bases({place: () for place in session.store.bases() if place[0] in alone})
    lost = {claim.task for claim in session.store.put_links(claims, session.clock.now())}
    if not lost:
        return plan, decisions
    kept = tuple(change for change in plan.changes if here.get(change.ref) not in lost)
    return replace(plan, changes=kept), [decision for decision in decisions if decision.task.id not in lost]

"""Workflows: what must be known of them before a status can be planned, and what is learned when reality differs.

A tracker is asked what leaves the status of each item that would move. Where that is not enough, it is asked of other
items too, that follow the same workflow and stand further on: so the whole way is known before anything is written.
What it tells is kept, and asked again after a day, since administrators redraw workflows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from trackersync.connector import Routed
from trackersync.core.model import STAGE, BarredHop, Change, Item, ItemRef, Workflow
from trackersync.core.outcome import Look
from trackersync.core.plan import stopped
from trackersync.core.route import unexplored
from trackersync.core.workflows import Leaves, merged, needs_of, offered, restrained, scope_of, seen_as, status_of
from trackersync.errors import TRACKER_TROUBLES, NotFoundError, RejectedError, TrackersyncError
from trackersync.pipeline.again import look_again
from trackersync.pipeline.session import Session
from trackersync.store import Rejection

AGE = timedelta(days=1)
"""What leaves a status is asked again after so long, where it matters."""
DRAWN = datetime(1970, 1, 1, tzinfo=UTC)
"""When a status was last seen of which it is only known how it is drawn."""
MOST = 100
"""So many items are asked of for one workflow in a run: no workflow has more statuses."""
IN_FLIGHT = 8

Near = Callable[[Item, Workflow], bool]
"""Whether an item gets where it is wanted by one transition, so that nothing more need be known."""


@dataclass(slots=True)
class Survey:
    """What is known of the workflows, and what the trackers have told of them by now."""

    session: Session
    looks: dict[str, Look]
    seen: dict[ItemRef, Workflow] = field(default_factory=dict)
    known: dict[tuple[str, str], Leaves] = field(default_factory=dict)
    fresh: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def scope(self, item: Item) -> tuple[str, str]:
        """The workflow an item follows: its tracker and its name there."""
        tracker = item.ref.tracker
        return tracker, scope_of(item, self.session.terms.maps[tracker].vocabulary)

    def status(self, item: Item) -> str:
        """The status an item stands in."""
        return status_of(item, self.session.terms.maps[item.ref.tracker].vocabulary)

    def learn(self, item: Item, told: Workflow) -> None:
        """Remember what a tracker told of an item's workflow.

        What an item is offered counts for its own status only. What is told of others is how they are drawn, without
        what is asked or forbidden there: it stands until an item was seen in them, and once that is long ago.
        """
        scope, here = self.scope(item), self.status(item).casefold()
        fresh = self.fresh.setdefault(scope, set())
        own = {status: hops for status, hops in told.leaves.items() if status.casefold() == here}
        drawn = {status: hops for status, hops in told.leaves.items() if status.casefold() not in fresh | {here}}
        self.seen[item.ref] = replace(told, leaves=own)
        known = self.known.get(scope, {})
        self.known[scope] = merged(merged(known, Workflow(drawn)).leaves, Workflow(own)).leaves
        fresh |= {status.casefold() for status in own}
        store, now = self.session.store, self.session.clock.now()
        store.put_workflow(*scope, own, now)
        store.put_workflow(*scope, {at: hops for at, hops in drawn.items() if known.get(at) != hops}, DRAWN)

    def of(self, item: Item) -> Workflow:
        """An item's workflow: what it is offered itself, over what is known from others."""
        return merged(self.known.get(self.scope(item), {}), self.seen.get(item.ref, Workflow({})))

    def recalls(self, item: Item) -> bool:
        """Whether its tracker is asked nothing in this session, and what leaves the item's status is remembered."""
        if item.ref.tracker in self.session.connectors:
            return False
        return offered(Workflow(self.known.get(self.scope(item), {})), self.status(item)) is not None

    async def ask(self, item: Item) -> None:
        """Ask for what leaves the status of an item; a tracker in trouble is asked no more."""
        tracker = item.ref.tracker
        connector = self.session.connectors.get(tracker)
        if self.looks[tracker].down or not isinstance(connector, Routed):
            return
        try:
            try:
                told = await connector.workflow(item, needs_of(self.known.get(self.scope(item), {})))
            except NotFoundError:
                await look_again(self.session, tracker, (item.ref,))
            except RejectedError:
                # Of this item it may not be asked: no way is known, and that is said where one is needed.
                return
            else:
                self.learn(item, told)
        except TRACKER_TROUBLES as error:
            self.looks[tracker] = replace(self.looks[tracker], failure=error)


async def survey(
    session: Session, items: Sequence[Item], looks: Mapping[str, Look], others: Iterable[Item], near: Near
) -> tuple[dict[ItemRef, Workflow], dict[str, Look]]:
    """The workflows of the items whose status would move, as far as they must be known; and how the trackers are now.

    Args:
        session: what to work with.
        items: whose status would move.
        looks: at each tracker.
        others: items that stand in other statuses, perhaps of the same workflow.
        near: whether an item gets there by one transition.
    """
    found = Survey(session, dict(looks))
    if not items:
        return {}, found.looks
    for tracker in dict.fromkeys(item.ref.tracker for item in items):
        stored, fresh = session.store.workflows(tracker, since=session.clock.now() - AGE)
        found.known |= {(tracker, scope): leaves for scope, leaves in stored.items()}
        found.fresh |= {(tracker, scope): set(statuses) for scope, statuses in fresh.items()}
    refused = session.store.rejections()
    barred = {item.ref: _barred(session, item, refused.get((item.ref, STAGE))) for item in items}

    def known(item: Item) -> Workflow:
        return restrained(found.of(item), found.status(item), barred[item.ref])

    await _together(found, items)
    told = [item for item in items if item.ref in found.seen or found.recalls(item)]
    await _explore(found, [item for item in told if not near(item, known(item))], others)
    return {item.ref: known(item) for item in told}, found.looks


async def stumbled(
    session: Session, change: Change, planned: Item, refusal: RejectedError
) -> tuple[tuple[BarredHop, ...], str]:
    """What to remember of a hop that was refused: all hops that the item was refused, and of which state that holds.

    The tracker is asked once more what leaves the status in which the item stands now, since reality differs from what
    was known of the workflow.

    Args:
        session: what to work with.
        change: what was refused.
        planned: its item as it was when that was planned.
        refusal: names the hop.
    """
    item = session.store.item(change.ref)
    before = _barred(session, planned, session.store.rejections().get((change.ref, STAGE)))
    if refusal.hop is None:
        # What was refused is no hop; those that were refused before are so still.
        return before, stopped(item, session.terms) if before else ""
    here, to = refusal.hop
    told = Workflow({})
    connector = session.connectors[change.ref.tracker]
    # Where it cannot be asked now, the next run asks it: what it offers then will look like a change.
    with suppress(TrackersyncError):
        if isinstance(connector, Routed):
            told = await connector.workflow(item)
            vocabulary = session.terms.maps[change.ref.tracker].vocabulary
            own = {at: hops for at, hops in told.leaves.items() if at.casefold() == here.casefold()}
            session.store.put_workflow(change.ref.tracker, scope_of(item, vocabulary), own, session.clock.now())
    hop = BarredHop(here, to, str(refusal), seen_as(offered(told, here) or ()))
    others = tuple(one for one in before if (one.here, one.to) != (here, to))
    return (*others, hop), stopped(item, session.terms)


async def _together(found: Survey, items: Iterable[Item]) -> None:
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def one(item: Item) -> None:
        async with gate:
            await found.ask(item)

    await asyncio.gather(*(one(item) for item in items))


async def _explore(found: Survey, far: Sequence[Item], others: Iterable[Item]) -> None:
    """Ask of other items what leaves the statuses on the way, until nothing more can be found out."""
    if not far:
        return
    standing: dict[tuple[tuple[str, str], str], Item] = {}
    for item in others:
        if item.ref.tracker in {one.ref.tracker for one in far}:
            standing.setdefault((found.scope(item), found.status(item).casefold()), item)
    asked: set[ItemRef] = set()
    for _ in range(MOST):
        samples = {
            sample.ref: sample
            for item in far
            for status in _doubtful(found, item)
            if (sample := standing.get((found.scope(item), status))) is not None and sample.ref not in asked
        }
        if not samples:
            return
        asked |= samples.keys()
        await _together(found, samples.values())


def _doubtful(found: Survey, item: Item) -> set[str]:
    """The statuses an item may get to and of which it is not known, or no more for sure, what leaves them."""
    workflow, fresh = found.of(item), found.fresh.get(found.scope(item), set())
    sure = replace(workflow, leaves={here: hops for here, hops in workflow.leaves.items() if here.casefold() in fresh})
    # What is old is not forgotten, and still a way to further ones.
    return {way[-1].to.casefold() for one in (workflow, sure) for way in unexplored(one, found.status(item))}


def _barred(session: Session, item: Item, known: Rejection | None) -> tuple[BarredHop, ...]:
    """The hops that an item was refused, unless it or the configuration has changed since."""
    return known.hops if known is not None and known.hops and known.stopped == stopped(item, session.terms) else ()

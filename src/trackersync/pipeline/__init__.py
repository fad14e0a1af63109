"""The road, once: observe, link and classify, diagnose, plan, guard, intend, apply, settle. Read ``run_once`` first.

Every way in (the command line, a schedule, an Action, a webhook) walks it. A dry run is the same road, stopped after
``guard``; a check is the same road, stopped after ``diagnose``. Deciding is ``core``'s business; here is only the
order of things and what is remembered between them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from trackersync.core.diagnose import case_of, diagnose
from trackersync.core.guard import Hold, guard
from trackersync.core.link import Links, link
from trackersync.core.model import STAGE, Change, Item, ItemRef, Workflow
from trackersync.core.outcome import Look, Moved, Outcome, World
from trackersync.core.plan import Bases, Decision, Plan, Refused, Task, decide, make_plan, routeless, unrouted
from trackersync.errors import ConfigError, NotFoundError
from trackersync.pipeline.apply import Receipts, apply
from trackersync.pipeline.observe import TRACKER_TROUBLES, look_again, observe
from trackersync.pipeline.saved import look_at_changed, still_holding
from trackersync.pipeline.session import Progress, Session, Silence
from trackersync.pipeline.settle import settle
from trackersync.store import Claim, task_id

__all__ = ["Look", "Moved", "Order", "Outcome", "Progress", "Session", "Silence", "World", "look_around", "run_once"]

ROUTELESS = timedelta(hours=1)
"""A status that no transition reached is not asked about again for so long."""

Command = Literal["check", "plan", "sync", "apply"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is asked to do.

    Attributes:
        command: how far down the road to go: ``check`` ends after diagnose, ``plan`` after guard.
        only: this run decides and writes only the tasks with an item of this key, repository or project.
        yes: answers the question of a first run or a changed mapping; never lifts a limit.
        approve: the digest of the one plan that may pass whatever holds it.
        full: read everything, not only what changed.
        exactly: the changes of a saved plan: do these, as far as they still hold.
        skip_stale: of a saved plan, do what still holds although some of it does not.
    """

    command: Command
    only: str | None = None
    yes: bool = False
    approve: str | None = None
    full: bool = False
    exactly: tuple[Change, ...] | None = None
    skip_stale: bool = False


async def run_once(session: Session, order: Order) -> Outcome:
    """Walk the road once, as far as ordered.

    Raises:
        StoreError: nothing can be remembered, so nothing is written.
        ConfigError: ``only`` names nothing that is known.
    """
    looks = await observe(session, full=order.full)
    if order.exactly is not None:
        looks = await look_at_changed(session, looks, order.exactly)
    world = look_around(session, looks)
    if order.command == "check":
        return Outcome(world, requests=_requests(session))
    bases = _bases(session, world.links)
    decisions = [decide(task, bases, session.terms) for task in _chosen(world.tasks, order.only, looks)]
    refused = _refused(session)
    workflows, looks = await _workflows(session, decisions, looks, refused)
    decisions = [decision for decision in decisions if _usable(decision.task, looks)]
    plan = make_plan(decisions, session.terms, workflows, refused)
    moved: tuple[Moved, ...] = ()
    if order.exactly is not None:
        plan, moved = still_holding(plan, order.exactly, world.tasks, session.terms)
    approved = session.store.approved(session.terms.fingerprint)
    holds = guard(
        plan,
        session.limits,
        tasks=len(world.tasks),
        touched=_touched(plan, world.tasks),
        approved=approved,
        changed=any(run.fingerprint != session.terms.fingerprint for run in session.store.runs(1)),
        emptied=tuple(gone for look in looks.values() for gone in look.emptied),
    )
    warnings = () if approved or not plan.changes else await _probe(session, looks)
    world = replace(world, looks=looks)
    found = Outcome(world, plan, holds, moved, requests=_requests(session), warnings=warnings)
    if order.command == "plan" or (moved and not order.skip_stale) or not _passes(holds, plan, order):
        return found
    return await _write(session, order, replace(found, holds=()), decisions, bases)


def look_around(session: Session, looks: Mapping[str, Look]) -> World:
    """Link, classify and diagnose what the store holds; sends nothing."""
    store, terms = session.store, session.terms
    items = [item for item in store.items() if item.ref.tracker in terms.maps]
    stored = store.links()
    # Before everything has been seen once, a missing counterpart may only be unread: nothing is linked anew.
    seen_all = all(look.complete for look in looks.values())
    links = link(items, stored, session.addresses, session.links) if seen_all else Links()
    tasks = _tasks(items, stored, links, store.last_open(), tuple(terms.maps))
    cases = tuple(case_of(task, terms) for task in tasks)
    resting = sum(not _usable(task, looks) for task in tasks)
    return World(looks, links, tasks, cases, diagnose(cases, links.ties, terms), resting)


def _tasks(
    items: Iterable[Item],
    stored: Mapping[ItemRef, str],
    links: Links,
    last_open: Mapping[str, str],
    trackers: Sequence[str],
) -> tuple[Task, ...]:
    task_of = dict(stored)
    for made in links.made:
        name = next((stored[ref] for ref in made.refs if ref in stored), None) or task_id(made.refs)
        task_of |= dict.fromkeys(made.refs, name)
    members: dict[str, list[Item]] = {}
    for item in items:
        members.setdefault(task_of.get(item.ref) or task_id((item.ref,)), []).append(item)
    rank = {tracker: place for place, tracker in enumerate(trackers)}
    return tuple(
        Task(name, tuple(sorted(some, key=lambda item: rank[item.ref.tracker])), last_open.get(name))
        for name, some in members.items()
    )


def _usable(task: Task, looks: Mapping[str, Look]) -> bool:
    """Whether every tracker with an item of the task has been read, now and once whole."""
    return all(looks[item.ref.tracker].failure is None and looks[item.ref.tracker].complete for item in task.items)


def _bases(session: Session, links: Links) -> Bases:
    """The bases, without those of items that are linked only now.

    What an item showed while it was alone, the others have never agreed to: it is first contact, and no side has moved.
    """
    if not links.made:
        return session.store.bases()
    known = session.store.links()
    met = {ref for made in links.made for ref in made.refs if ref not in known}
    return {place: base for place, base in session.store.bases().items() if place[0] not in met}


def _chosen(tasks: Iterable[Task], only: str | None, looks: Mapping[str, Look]) -> list[Task]:
    if only is None:
        return [task for task in tasks if _usable(task, looks)]
    name = only.casefold()
    named = [task for task in tasks if any(_named(item, name) for item in task.items)]
    # What a tracker that could not be read holds is not known: that is its trouble, and not a wrong name.
    if not named and all(look.failure is None for look in looks.values()):
        raise ConfigError(
            f'no task, repository or project is named "{only}"',
            next_step="name one as its tracker does (SHOP-42, acme/shop#17, SHOP, acme/shop), or leave --only out",
        )
    return [task for task in named if _usable(task, looks)]


def _named(item: Item, name: str) -> bool:
    """Whether a key, a key without its repository's owner, or a repository or project names the item."""
    key = item.key.casefold()
    return name in (key, key.rpartition("/")[2], item.container.casefold())


def _touched(plan: Plan, tasks: Iterable[Task]) -> int:
    """How many tasks a plan would change."""
    task_of = {item.ref: task.id for task in tasks for item in task.items}
    return len({task_of[change.ref] for change in plan.changes})


async def _workflows(
    session: Session, decisions: Sequence[Decision], looks: Mapping[str, Look], refused: Refused
) -> tuple[dict[ItemRef, Workflow], dict[str, Look]]:
    """Ask for the hops that leave the present status of every item whose stage would be written."""
    found: dict[ItemRef, Workflow] = {}
    now = dict(looks)
    gate = asyncio.Semaphore(8)

    async def ask(item: Item) -> None:
        tracker = item.ref.tracker
        async with gate:
            if now[tracker].failure is not None:
                return
            try:
                found[item.ref] = await session.connectors[tracker].workflow(item)  # type: ignore[attr-defined]  # Routed
            except NotFoundError:
                await look_again(session, tracker, (item.ref,))
            except TRACKER_TROUBLES as error:
                now[tracker] = replace(now[tracker], failure=error)

    await asyncio.gather(*(ask(item) for item in unrouted(decisions, session.terms, refused)))
    return found, now


def _refused(session: Session) -> Refused:
    """What trackers refused, and what no transition reached a short while ago: administrators change workflows."""
    now = session.clock.now()
    return {
        place: (no.key, no.message)
        for place, no in session.store.rejections().items()
        if not no.key.startswith("route:") or now - no.at < ROUTELESS
    }


async def _probe(session: Session, looks: Mapping[str, Look]) -> tuple[str, ...]:
    """Before the first write, ask what the trackers let us do: a missing right is told before, not after."""
    sentences: list[str] = []
    for tracker, connector in session.connectors.items():
        if session.terms.writes[tracker] and looks[tracker].failure is None:
            try:
                sentences += [f"{tracker}: {missing}" for missing in (await connector.probe()).missing]
            except TRACKER_TROUBLES as error:
                sentences.append(f"{tracker}: {error}")
    return tuple(sentences)


def _passes(holds: Collection[Hold], plan: Plan, order: Order) -> bool:
    if order.exactly is not None or (order.approve is not None and order.approve == plan.digest):
        return True
    if order.approve is not None:
        return False
    return all(hold.kind == "question" and order.yes for hold in holds)


def _requests(session: Session) -> dict[str, dict[str, int]]:
    return {
        tracker: {str(kind): number for kind, number in kinds.items()} for tracker, kinds in session.requests.items()
    }


async def _write(
    session: Session, order: Order, found: Outcome, decisions: Sequence[Decision], bases: Bases
) -> Outcome:
    """Intend, apply, settle: the only part of the road that changes anything in a tracker."""
    store, clock, plan = session.store, session.clock, found.plan or Plan(())
    approved = order.exactly is not None or order.approve is not None
    if plan.changes and order.only is None and (approved or order.yes):
        store.approve(session.terms.fingerprint, f"approve {plan.digest}" if approved else "yes", clock.now())
    if approved:
        for tracker in session.connectors:
            store.accept_counts(tracker)
    plan, decisions = _claim_links(session, found.world.links, plan, decisions)
    run = store.begin_run(order.command, session.terms.fingerprint, plan.digest, clock.now(), approved=approved)
    store.put_overruled(run, plan.overruled, clock.now())
    looked = None if order.only is None else {decision.task.id for decision in decisions}
    store.put_conflicts(run, plan.conflicts, clock.now(), looked=looked)
    for ref, (key, why) in routeless(decisions, plan, session.terms).items():
        store.put_rejection(ref, STAGE, key, why, clock.now())
    receipts = Receipts(len(plan.changes))
    interrupted = False
    try:
        await apply(session, run, plan.changes, receipts)
    except asyncio.CancelledError:
        interrupted = True
    world = found.world
    if plan.changes:
        world = replace(look_around(session, world.looks), resting=world.resting)
    settle(session, decisions, plan, world.tasks, bases)
    gathered = tuple(receipts.by_place.get(place) for place in range(len(plan.changes)))
    outcome = replace(
        found,
        world=world,
        plan=plan,
        receipts=gathered,
        run=run,
        requests=_requests(session),
        interrupted=interrupted,
    )
    counts = Counter(receipt.outcome.value if receipt else "not begun" for receipt in gathered)
    store.end_run(run, {"outcomes": counts, "requests": outcome.requests}, clock.now())
    return outcome


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
    lost = {claim.task for claim in session.store.put_links(claims)}
    if not lost:
        return plan, decisions
    kept = tuple(change for change in plan.changes if here.get(change.ref) not in lost)
    return replace(plan, changes=kept), [decision for decision in decisions if decision.task.id not in lost]

"""From the world to a plan: what to decide, what the trackers must be asked first, and which plan the order wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from trackersync.core.decide import Decision, Settlements, decide
from trackersync.core.express_links import Linking, with_links
from trackersync.core.merge import Desired, Disputed
from trackersync.core.model import FieldName, Item, ItemRef, Workflow
from trackersync.core.naming import Names, renewed
from trackersync.core.outcome import Look, Moved, World
from trackersync.core.plan import Plan, Refused, is_near, make_plan, unrouted
from trackersync.core.terms import Bases, Task, Terms, native_of
from trackersync.core.told import Settlement
from trackersync.core.undo import routed_back, take_back
from trackersync.errors import TRACKER_TROUBLES, ConfigError
from trackersync.pipeline.history import timed
from trackersync.pipeline.order import Order, Take
from trackersync.pipeline.saved import still_holding
from trackersync.pipeline.session import Session
from trackersync.pipeline.workflows import survey
from trackersync.pipeline.world import named_task, usable

ROUTELESS = timedelta(hours=1)
"""A status that no path of transitions reached is not asked about again for so long."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and all that writing it needs.

    Attributes:
        plan: what would be written.
        decisions: what was decided of the tasks at hand.
        bases: what was decided from.
        workflows: of the items whose status would move.
        looks: as they are now; a tracker may have failed while it was asked.
        moved: changes of a saved plan that no longer hold.
        settlements: the conflicts that this run settles.
        warnings: which histories could not be read that were to decide.
    """

    plan: Plan
    decisions: Sequence[Decision]
    bases: Bases
    workflows: Mapping[ItemRef, Workflow]
    looks: Mapping[str, Look]
    moved: tuple[Moved, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    warnings: tuple[str, ...] = ()


async def make(session: Session, order: Order, world: World, bases: Bases) -> Planned:
    """Plan what the order wants.

    Raises:
        ConfigError: it names a task, conflict or run that is not there.
    """
    if order.undo is not None:
        return await _way_back(session, order.undo, world, bases)
    if order.take is not None:
        return await _settling(session, order.take, world, bases)
    settlements = session.store.settlements()
    tasks, untold = await timed(session, chosen(world.tasks, order.only, world.looks), bases, settlements, world.looks)
    decisions = [decide(task, bases, session.terms, settlements) for task in tasks]
    planned = replace(await _expressed(session, decisions, world, bases), warnings=untold)
    planned = replace(planned, plan=_with_links(session, planned, world))
    if order.exactly is None:
        return planned
    plan, moved = still_holding(planned.plan, order.exactly, world.tasks, session.terms)
    return replace(planned, plan=plan, moved=moved)


async def _expressed(session: Session, decisions: Sequence[Decision], world: World, bases: Bases) -> Planned:
    """Ask the trackers what must be known first, and express what was decided."""
    refused = _refused(session)
    items = unrouted(decisions, session.terms, refused, world.rests)
    wishes = {ref: made.stage for made in decisions if isinstance(made.stage, Desired) for ref in made.stage.targets}
    near = partial(_near, session.terms, wishes)
    workflows, looks = await survey(session, items, world.looks, _present(world), near)
    decisions = [decision for decision in decisions if usable(decision.task, looks)]
    plan = make_plan(decisions, session.terms, workflows, refused, world.rests)
    return Planned(plan, decisions, bases, workflows, looks)


def _with_links(session: Session, planned: Planned, world: World) -> Plan:
    """The plan with the links by which the items of the tasks at hand show each other."""
    linking = Linking(
        terms=session.terms,
        addresses=session.addresses,
        tasks=world.tasks,
        links=world.links,
        complete=all(look.complete for look in world.looks.values()),
        bases=planned.bases,
        refused=_refused(session),
        rests=world.rests,
    )
    return with_links(planned.plan, [decision.task for decision in planned.decisions], linking)


# Which tasks.


def chosen(tasks: Iterable[Task], only: str | None, looks: Mapping[str, Look]) -> list[Task]:
    """The tasks that can be decided; of these the named ones where names are given, with commas between them.

    Raises:
        ConfigError: nothing is named so.
    """
    if only is None:
        return [task for task in tasks if usable(task, looks)]
    tasks = list(tasks)
    named: dict[str, Task] = {}
    for word in filter(None, map(str.strip, only.split(","))):
        found = [task for task in tasks if any(_named(item, word.casefold()) for item in task.items)]
        # What a tracker that could not be read holds is not known: that is its trouble, and not a wrong name.
        if not found and all(look.failure is None for look in looks.values()):
            raise ConfigError(
                f'no task, repository or project is named "{word}"',
                next_step="name one as its tracker does (SHOP-42, acme/shop#17, SHOP, acme/shop), or leave it out",
            )
        named |= {task.id: task for task in found}
    return [task for task in named.values() if usable(task, looks)]


def _named(item: Item, name: str) -> bool:
    """Whether a key, a key without its repository's owner, or a repository or project names the item."""
    key = item.key.casefold()
    return name in (key, key.rpartition("/")[2], item.container.casefold())


# Settling conflicts.


async def _settling(session: Session, take: Take, world: World, bases: Bases) -> Planned:
    """The plan that settles conflicts as a person says, and nothing else.

    Raises:
        ConfigError: there is no such conflict, or nothing could be written to settle it.
        TrackersyncError: a tracker that has a part in it could not be read.
    """
    if take.tracker not in session.terms.maps:
        raise ConfigError(
            f'no tracker is named "{take.tracker}"', next_step=f"--take {' or '.join(session.terms.maps)}"
        )
    failure = next((look.failure for look in world.looks.values() if look.failure is not None), None)
    try:
        named = world.tasks if take.key is None else (named_task(world.tasks, take.key),)
    except ConfigError:
        # What a tracker that could not be read holds is not known: that is its trouble, and not a wrong key.
        if failure is not None:
            raise failure from None
        raise
    usables = [task for task in named if usable(task, world.looks)]
    if failure is not None and not usables:
        raise failure
    tasks, untold = await timed(session, usables, bases, {}, world.looks)
    # As if nothing had been settled or taken back: who settles a conflict may think again.
    fresh = _settled(session, take, [decide(task, bases, session.terms) for task in tasks])
    bases = {**bases, **overruled_bases(fresh, tasks, session.terms)}
    decided = [decide(task, bases, session.terms, fresh) for task in tasks]
    standing = {(made.task.id, field) for made in decided for field, verdict in made.fields if verdict is not None}
    fresh = {key: one for key, one in fresh.items() if key in standing}
    decisions = [_only_these(made, fresh) for made in decided if any(key[0] == made.task.id for key in fresh)]
    taken_back = {key: one for key, one in world.rests.taken_back.items() if key not in fresh}
    world = replace(world, rests=replace(world.rests, taken_back=taken_back))
    planned = await _expressed(session, decisions, world, bases)
    if not planned.plan.changes:
        why = next((left.because for left in planned.plan.left_alone), "nothing of it is to be written")
        raise ConfigError(f"it cannot be settled now: {why}", next_step="trackersync conflicts")
    return replace(planned, settlements=tuple(fresh.values()), warnings=untold)


def _settled(session: Session, take: Take, decisions: Iterable[Decision]) -> dict[tuple[str, FieldName], Settlement]:
    """The settlements that an order makes of the conflicts there are.

    Raises:
        ConfigError: there is no such conflict, or the tracker has no side in it.
    """
    now = session.clock.now()
    told = {*session.store.settlements(), *session.store.taken_back()}
    made: dict[tuple[str, FieldName], Settlement] = {}
    aside: list[str] = []
    one_way: list[str] = []
    for decision in decisions:
        for field, verdict in decision.fields:
            # Also what was settled or taken back before: a person may think again.
            waits = isinstance(verdict, Disputed) or (verdict is not None and (decision.task.id, field) in told)
            if not waits or take.field not in (None, field):
                continue
            if session.terms.policy(field).source not in (None, take.tracker):
                one_way.append(f"{field} comes from {session.terms.policy(field).source} only (sync.{field}.direction)")
                continue
            refs = [item.ref for item in decision.task.items]
            refs = [ref for ref, _ in verdict.sides] if isinstance(verdict, Disputed) else refs
            ref = next((ref for ref in refs if ref.tracker == take.tracker), None)
            if ref is None:
                aside.append(field)
                continue
            item = next(item for item in decision.task.items if item.ref == ref)
            native = native_of(item, field, session.terms)
            made[decision.task.id, field] = Settlement(decision.task.id, field, ref, native, now)
    if not made:
        about = f" of {take.key}" if take.key else ""
        what = f" on {take.field}" if take.field else ""
        why = f"{take.tracker} has no side in it" if aside else "nothing waits for you there"
        why = one_way[0] if one_way else why
        raise ConfigError(f"no conflict{what}{about} to settle: {why}", next_step="trackersync conflicts")
    return made


def overruled_bases(settlements: Settlements, tasks: Iterable[Task], terms: Terms) -> Bases:
    """The bases of the sides that a settlement overrules: what they show now is known, and no move any more."""
    return {
        (item.ref, field): (native_of(item, field, terms),)
        for task in tasks
        for (name, field), settled in settlements.items()
        if name == task.id
        for item in task.items
        if item.ref != settled.take
    }


def _only_these(decision: Decision, settlements: Settlements) -> Decision:
    """A decision without the fields that nobody settles now."""
    task = decision.task
    return replace(
        decision,
        stage=decision.stage if (task.id, "stage") in settlements else None,
        owners=decision.owners if (task.id, "owners") in settlements else None,
    )


# The way back.


async def _way_back(session: Session, run: int, world: World, bases: Bases) -> Planned:
    known = session.store.run(run)
    if known is None:
        raise ConfigError(f"there is no run {run} in the journal", next_step="trackersync runs")
    alike = {tracker: Names(session.store.names(tracker)).alike() for tracker in session.terms.maps}
    written = [
        (renewed(entry.change, alike.get(entry.change.ref.tracker, {})), entry.receipt)
        for entry in session.store.journal(run=run)
    ]
    tasks = {item.ref: task for task in world.tasks for item in task.items}
    unread = {
        ref: next(item.ref.tracker for item in task.items if not world.looks[item.ref.tracker].covers(item.container))
        for ref, task in tasks.items()
        if not usable(task, world.looks)
    }
    readable = {ref: task for ref, task in tasks.items() if ref not in unread}
    routed = routed_back(written, readable, session.terms)
    workflows, looks = await survey(session, routed, world.looks, _present(world), lambda *_: False)
    # Of what cannot be asked for its ways it is not known whether there are any.
    unread |= {item.ref: item.ref.tracker for item in routed if item.ref not in workflows}
    plan = take_back(run, written, tasks, session.terms, workflows=workflows, rests=world.rests, unread=unread)
    refs = {change.ref for change in plan.changes}
    concerned = {task.id: task for ref, task in tasks.items() if ref in refs}
    decisions = [decide(task, bases, session.terms) for task in concerned.values()]
    return Planned(plan, decisions, bases, workflows, looks)


# What the trackers are asked.


def _present(world: World) -> Iterator[Item]:
    """The items that others than the tasks at hand may show the way by."""
    return (item for task in world.tasks for item in task.items)


def _near(terms: Terms, wishes: Mapping[ItemRef, Desired], item: Item, workflow: Workflow) -> bool:
    return is_near(item, wishes[item.ref], terms, workflow)


def _refused(session: Session) -> Refused:
    """What trackers refused, and what no transition reached a short while ago: administrators change workflows."""
    now = session.clock.now()
    return {
        place: (no.key, no.message)
        for place, no in session.store.rejections().items()
        if not no.key.startswith("route:") or abs(now - no.at) < ROUTELESS
    }


async def probed(session: Session, looks: Mapping[str, Look]) -> tuple[str, ...]:
    """Before the first write, ask what the trackers let us do: a missing right is told before, not after."""
    sentences: list[str] = []
    for tracker, connector in session.connectors.items():
        if session.terms.writes[tracker] and not looks[tracker].down:
            try:
                sentences += [f"{tracker}: {missing}" for missing in (await connector.probe()).missing]
            except TRACKER_TROUBLES as error:
                sentences.append(f"{tracker}: {error}")
    return tuple(sentences)

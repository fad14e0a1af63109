"""From tasks to a plan: decide each field (``merge_*``), express what is desired, and gather what is left.

A plan is data: sorted, with a digest over every change with its before, after and reason. The same world and the same
configuration make the same digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from trackersync.core.express import express_owners, express_stage
from trackersync.core.merge import Agreed, Desired, Disputed, Policy, Unclear, Verdict
from trackersync.core.merge_owners import merge_owners
from trackersync.core.merge_stage import merge_stage
from trackersync.core.model import (
    OWNERS,
    STAGE,
    Capacity,
    Change,
    Conflict,
    Facts,
    FieldName,
    Item,
    ItemRef,
    LeftAlone,
    Overruled,
    Side,
    Workflow,
)
from trackersync.core.people import Directory
from trackersync.core.stages import Process, StageMap, common

Bases = Mapping[tuple[ItemRef, FieldName], tuple[Facts, ...]]


@dataclass(frozen=True, slots=True)
class Task:
    """The items that are the same work, at most one per tracker, with a stable id of its own."""

    id: str
    items: tuple[Item, ...]
    last_open: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """All that the configuration decides, ready for the core.

    Attributes:
        process: the delivery process.
        maps: tracker to its stage mapping, in the configured order.
        people: the identity map.
        capacities: tracker to how many owners an item holds there.
        stage: who decides stages.
        owners: who decides owners.
        finished: whether owners of done and cancelled tasks are kept in step too.
        writes: tracker to the fields that may be written there.
        fingerprint: names this configuration; a refused change is not tried again until it changes.
    """

    process: Process
    maps: Mapping[str, StageMap]
    people: Directory
    capacities: Mapping[str, Capacity]
    stage: Policy
    owners: Policy
    finished: bool
    writes: Mapping[str, frozenset[FieldName]]
    fingerprint: str

    def may(self, field: FieldName, tracker: str) -> bool:
        """Whether a field may be written in a tracker."""
        return field in self.writes.get(tracker, ())

    def room(self, tracker: str) -> Capacity:
        """How many owners an item holds in a tracker; none where the tracker cannot be told who owns an item."""
        return self.capacities.get(tracker, Capacity(0))


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one task's fields. ``owners`` is None where finished work disagrees and is left alone."""

    task: Task
    stage: Verdict
    owners: Verdict | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be written, and what will not be and why."""

    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    overruled: tuple[Overruled, ...] = ()

    @property
    def adoptions(self) -> int:
        """How many changes are first contact's."""
        return sum(change.adoption for change in self.changes)

    @property
    def digest(self) -> str:
        """Eight hex digits that name exactly these changes."""
        lines = sorted(repr(_canonical(change)) for change in self.changes)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]


def _canonical(change: Change) -> tuple[object, ...]:
    def facts(values: Facts) -> list[tuple[str, list[str]]]:
        return sorted((fact, sorted(of)) for fact, of in values.items())

    ref = (change.ref.tracker, change.ref.id, change.key)
    return (ref, change.field, facts(change.before), facts(change.after), change.because, change.adoption)


def decide(task: Task, bases: Bases, terms: Terms) -> Decision:
    """Merge both fields of one task."""
    stage = merge_stage(
        task.items, terms.maps, _of(bases, task, STAGE), terms.stage, terms.process, last_open=task.last_open
    )
    settled = stage.value[:1] if isinstance(stage, Agreed | Desired) and stage.value else (stage_of(task, terms),)
    owners = merge_owners(task.items, terms.people, terms.capacities, _of(bases, task, OWNERS), terms.owners)
    if not terms.finished and settled[0] is not None and terms.process.stage(settled[0]).finished:
        # Who owned it in the end is remembered where all agree, so that a change after reopening is known for one.
        return Decision(task, stage, owners if isinstance(owners, Agreed) else None)
    return Decision(task, stage, owners)


def _of(bases: Bases, task: Task, field: FieldName) -> dict[ItemRef, tuple[Facts, ...]]:
    return {item.ref: base for item in task.items if (base := bases.get((item.ref, field)))}


def stage_of(task: Task, terms: Terms) -> str | None:
    """The stage a task is counted in: what its items agree on, else the earliest that any of them claims.

    Work is never further than its most careful witness. An assumed stage claims nothing while another item states one.
    """
    readings = [terms.maps[item.ref.tracker].read(item.facts) for item in task.items]
    stated = [reading for reading in readings if reading.kind in ("stated", "clash")]
    if not stated:
        return next((reading.first for reading in readings if reading.first), None)
    agreed = common(stated)
    if agreed and all(reading.kind == "stated" for reading in stated):
        return agreed[0]
    order = terms.process.order
    return min((stage for reading in stated for stage in reading.stages), key=order.__getitem__)


Refused = Mapping[tuple[ItemRef, FieldName], tuple[str, str]]
"""Changes that were refused before: an ``attempt`` or ``routing`` each, and why."""


def unrouted(decisions: Iterable[Decision], terms: Terms, refused: Refused) -> tuple[Item, ...]:
    """The items whose change of stage needs their workflow to be known first, but for those known to lead nowhere."""
    return tuple(
        item
        for decision in decisions
        if isinstance(decision.stage, Desired)
        for item in decision.task.items
        if item.ref in decision.stage.targets
        and terms.may(STAGE, item.ref.tracker)
        and terms.maps[item.ref.tracker].vocabulary.routed is not None
        and not _leads_nowhere(item, decision.stage, terms, refused)
    )


def routing(item: Item, desired: Desired, terms: Terms) -> str:
    """Names the wish to bring one state of one item to some stages under one configuration."""
    seen = (desired.value, item.updated.isoformat(), terms.fingerprint)
    return f"route:{hashlib.sha256(repr(seen).encode()).hexdigest()[:16]}"


def routeless(decisions: Iterable[Decision], plan: Plan, terms: Terms) -> dict[ItemRef, tuple[str, str]]:
    """The items that no single transition brings where they are wanted: their ``routing``, and why."""
    why = {left.ref: left.because for left in plan.left_alone if left.field == STAGE}
    return {
        item.ref: (routing(item, decision.stage, terms), why[item.ref])
        for decision in decisions
        if isinstance(decision.stage, Desired)
        for item in decision.task.items
        if item.ref in why and terms.maps[item.ref.tracker].vocabulary.routed is not None
    }


def _leads_nowhere(item: Item, desired: Desired, terms: Terms, refused: Refused) -> bool:
    known = refused.get((item.ref, STAGE))
    return known is not None and known[0] == routing(item, desired, terms)


def make_plan(
    decisions: Iterable[Decision],
    terms: Terms,
    workflows: Mapping[ItemRef, Workflow],
    refused: Refused,
) -> Plan:
    """Express every decision.

    Args:
        decisions: one per task.
        terms: the configuration's decisions.
        workflows: the hops that leave the present status, for the items ``unrouted`` named.
        refused: changes a tracker rejected before, by their ``attempt``, with its words; planned anew only when the
            item or the configuration has changed.
    """
    changes: list[Change] = []
    conflicts: list[Conflict] = []
    left_alone: list[LeftAlone] = []
    overruled: list[Overruled] = []
    for decision in decisions:
        items = {item.ref: item for item in decision.task.items}
        fields: tuple[tuple[FieldName, Verdict | None], ...] = ((STAGE, decision.stage), (OWNERS, decision.owners))
        for field, verdict in fields:
            match verdict:
                case Disputed(sides, because):
                    shown = tuple(Side(ref, items[ref].key, says) for ref, says in sides)
                    conflicts.append(Conflict(decision.task.id, field, shown, because))
                case Unclear(ref, because):
                    left_alone.append(LeftAlone(decision.task.id, ref, items[ref].key, field, because))
                case Desired():
                    for ref in verdict.targets:
                        made = _express(items[ref], field, verdict, terms, workflow=workflows.get(ref), refused=refused)
                        if not isinstance(made, Change):
                            left_alone.append(LeftAlone(decision.task.id, ref, items[ref].key, field, made))
                            continue
                        changes.append(made)
                        if ref in verdict.overruled:
                            overruled.append(_overruled(decision.task.id, items[ref], field, terms))
                case Agreed() | None:
                    pass
    conflicts.sort(key=lambda conflict: (conflict.field == OWNERS, natural(conflict.sides[0].key)))
    return Plan(_sorted(changes), tuple(conflicts), _sorted(left_alone), _sorted(overruled))


_Placed = TypeVar("_Placed", Change, LeftAlone, Overruled)


def _sorted(some: list[_Placed]) -> tuple[_Placed, ...]:
    """Stages before owners, then by tracker and key."""
    return tuple(sorted(some, key=lambda one: (one.field == OWNERS, one.ref.tracker, natural(one.key))))


def _express(
    item: Item, field: FieldName, desired: Desired, terms: Terms, *, workflow: Workflow | None, refused: Refused
) -> Change | str:
    """The change that brings an item to what is desired, or why there is none; what was refused is not tried again."""
    known, why = refused.get((item.ref, field), ("", ""))
    if field == STAGE and known == routing(item, desired, terms):
        return why
    made = _spell(item, field, desired, terms, workflow)
    if isinstance(made, Change) and known == attempt(made, item, terms):
        return f"refused before: {why}"
    return made


def _spell(item: Item, field: FieldName, desired: Desired, terms: Terms, workflow: Workflow | None) -> Change | str:
    tracker = item.ref.tracker
    if not terms.may(field, tracker):
        return f"{tracker} is not written: its `writes` does not name {field}"
    why, adoption = desired.because, desired.adoption
    if field == OWNERS:
        made = express_owners(item, terms.people, terms.room(tracker), desired.value, why, adoption=adoption)
    else:
        made = express_stage(item, terms.maps[tracker], desired.value, workflow, why, adoption=adoption)
    return replace(made, tidies=item.ref in desired.tidied) if isinstance(made, Change) else made


def _overruled(task: str, item: Item, field: FieldName, terms: Terms) -> Overruled:
    policy = terms.stage if field == STAGE else terms.owners
    return Overruled(task, item.ref, item.key, field, said(item, field, terms), policy.authority)


def said(item: Item, field: FieldName, terms: Terms) -> str:
    """What an item says of a field, in words: ``build (In Progress)``, ``ada-l + grace-h``, ``nobody``."""
    tracker = item.ref.tracker
    if field == STAGE:
        reading = terms.maps[tracker].read(item.facts)
        return f"{' or '.join(reading.stages[:1]) or '?'} ({reading.says})"
    holders = terms.people.holders(tracker, item.facts.get(OWNERS, ()))
    return " + ".join((*holders.known, *holders.strangers)) or "nobody"


def attempt(change: Change, item: Item, terms: Terms) -> str:
    """Names one try of one change on one state of one item under one configuration."""
    seen = (sorted(change.after.items()), item.updated.isoformat(), terms.fingerprint)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def agreements(
    decisions: Iterable[Decision], bases: Bases, terms: Terms
) -> dict[tuple[ItemRef, FieldName], tuple[Facts, ...]]:
    """The bases that advance because all items of a task agree: what each item shows now, where that is news."""
    news: dict[tuple[ItemRef, FieldName], tuple[Facts, ...]] = {}
    for decision in decisions:
        for field, verdict in ((STAGE, decision.stage), (OWNERS, decision.owners)):
            if not isinstance(verdict, Agreed):
                continue
            for item in decision.task.items:
                native = native_of(item, field, terms)
                if field == STAGE and terms.maps[item.ref.tracker].read(item.facts).kind not in ("stated", "assumed"):
                    continue
                if bases.get((item.ref, field)) != (native,):
                    news[item.ref, field] = (native,)
    return news


def native_of(item: Item, field: FieldName, terms: Terms) -> Facts:
    """The native value of a field, as base remembers it."""
    if field == STAGE:
        return terms.maps[item.ref.tracker].native(item.facts)
    return {OWNERS: item.facts.get(OWNERS, ())}


def meaning(change: Change, terms: Terms) -> Callable[[Facts], object]:
    """From a native state of a change's field to what it says there, to be compared: stages, or accounts."""
    if change.field == OWNERS:
        return lambda native: frozenset(account.casefold() for account in native.get(OWNERS, ()))
    read = terms.maps[change.ref.tracker].read
    return lambda native: (read(native).kind, read(native).stages)


def natural(key: str) -> tuple[tuple[str, int], ...]:
    """Sort key that puts SHOP-9 before SHOP-10."""
    head, dash, number = key.rpartition("#" if "#" in key else "-")
    return ((head + dash, int(number)),) if number.isdecimal() else ((key, 0),)

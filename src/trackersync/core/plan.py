"""From decisions to a plan: express what is desired, and gather what is left.

A plan is data: sorted, with a digest over every change with its before, after and reason. The same world and the same
configuration make the same digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from trackersync.core.decide import Decision
from trackersync.core.express import express_owners, express_stage
from trackersync.core.merge import Agreed, Desired, Disputed, Unclear
from trackersync.core.model import (
    LINKS,
    OWNERS,
    STAGE,
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
from trackersync.core.rest import Rests
from trackersync.core.terms import Terms, natural, said
from trackersync.core.terrain import Unreached


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
    told = (ref, change.field, facts(change.before), facts(change.after), change.because, change.adoption)
    # Only where there is one: the digest of a plan saved before paths were planned still matches.
    way = (change.path, change.toward) if change.toward else (change.path,)
    return (*told, *way) if change.path or change.toward else told


Refused = Mapping[tuple[ItemRef, FieldName], tuple[str, str]]
"""Changes that were refused before: an ``attempt`` or ``routing`` each, and why."""


def unrouted(
    decisions: Iterable[Decision],
    terms: Terms,
    refused: Refused,
    rests: Rests = Rests(),  # noqa: B008 - frozen and empty
) -> tuple[Item, ...]:
    """The items whose change of stage needs their workflow, but for those that rest or are known to lead nowhere."""
    return tuple(
        item
        for decision in decisions
        if isinstance(decision.stage, Desired)
        and rests.task(decision.task, terms) is None
        and rests.field(decision.task, STAGE, terms) is None
        for item in decision.task.items
        if item.ref in decision.stage.targets
        and rests.write(item, STAGE) is None
        and terms.may(STAGE, item.ref.tracker)
        and _moves(item, decision.stage, terms)
        and not _leads_nowhere(item, decision.stage, terms, refused)
    )


def _moves(item: Item, desired: Desired, terms: Terms) -> bool:
    """Whether some word for what is desired is a status to move to."""
    stages = terms.maps[item.ref.tracker].at(item.facts)
    routed = stages.vocabulary.routed
    return routed is not None and any(routed in word for stage in desired.value for word in stages.words(stage))


def routing(item: Item, desired: Desired, terms: Terms) -> str:
    """Names the wish to bring one state of one item to some stages under one configuration."""
    seen = (desired.value, item.updated.isoformat(), terms.fingerprint)
    return f"route:{hashlib.sha256(repr(seen).encode()).hexdigest()[:16]}"


def routeless(decisions: Iterable[Decision], plan: Plan, terms: Terms) -> dict[ItemRef, tuple[str, str]]:
    """The items that no path of transitions brings where they are wanted: their ``routing``, and why."""
    why = {left.ref: left.because for left in plan.left_alone if left.unreached}
    return {
        item.ref: (routing(item, decision.stage, terms), why[item.ref])
        for decision in decisions
        if isinstance(decision.stage, Desired)
        for item in decision.task.items
        if item.ref in why
    }


def _leads_nowhere(item: Item, desired: Desired, terms: Terms, refused: Refused) -> bool:
    known = refused.get((item.ref, STAGE))
    return known is not None and known[0] == routing(item, desired, terms)


def make_plan(
    decisions: Iterable[Decision],
    terms: Terms,
    workflows: Mapping[ItemRef, Workflow],
    refused: Refused,
    rests: Rests = Rests(),  # noqa: B008 - frozen and empty
) -> Plan:
    """Express every decision.

    Args:
        decisions: one per task.
        terms: the configuration's decisions.
        workflows: the workflow as far as it is known, for the items ``unrouted`` named.
        refused: changes a tracker rejected before, by their ``attempt``, with its words; planned anew only when the
            item, its workflow or the configuration has changed.
        rests: what people, trackers and quarrels want left alone.
    """
    changes: list[Change] = []
    conflicts: list[Conflict] = []
    left_alone: list[LeftAlone] = []
    overruled: list[Overruled] = []
    for decision in decisions:
        task = decision.task
        items = {item.ref: item for item in task.items}
        hands_off = rests.task(task, terms)
        for field, verdict in decision.fields:
            resting = hands_off or rests.field(task, field, terms)
            match verdict:
                case Disputed(sides, because) if resting is None or resting == hands_off:
                    shown = tuple(Side(ref, items[ref].key, says) for ref, says in sides)
                    conflicts.append(Conflict(task.id, field, shown, because))
                case Disputed(sides):
                    ref = sides[0][0]
                    left_alone.append(LeftAlone(task.id, ref, items[ref].key, field, resting or ""))
                case Unclear(ref, because):
                    left_alone.append(LeftAlone(task.id, ref, items[ref].key, field, hands_off or because))
                case Desired():
                    for ref in verdict.targets:
                        made = (
                            resting
                            or rests.write(items[ref], field)
                            or _express(items[ref], field, verdict, terms, workflow=workflows.get(ref), refused=refused)
                        )
                        if not isinstance(made, Change):
                            unreached = isinstance(made, Unreached)
                            left_alone.append(LeftAlone(task.id, ref, items[ref].key, field, str(made), unreached))
                            continue
                        changes.append(made)
                        if ref in verdict.overruled:
                            overruled.append(_overruled(task.id, items[ref], field, verdict, terms))
                case Agreed() | None:
                    pass
    conflicts.sort(key=lambda conflict: (conflict.field == OWNERS, natural(conflict.sides[0].key)))
    return Plan(ordered(changes), tuple(conflicts), ordered(left_alone), ordered(overruled))


_Placed = TypeVar("_Placed", Change, LeftAlone, Overruled)


def ordered(some: list[_Placed]) -> tuple[_Placed, ...]:
    """Stages before owners before links, then by tracker and key."""
    fields = (STAGE, OWNERS, LINKS)
    return tuple(sorted(some, key=lambda one: (fields.index(one.field), one.ref.tracker, natural(one.key))))


def _express(
    item: Item, field: FieldName, desired: Desired, terms: Terms, *, workflow: Workflow | None, refused: Refused
) -> Change | str:
    """The change that brings an item to what is desired, or why there is none; what was refused is not tried again."""
    known, why = refused.get((item.ref, field), ("", ""))
    if field == STAGE and known == routing(item, desired, terms):
        return why
    made = _spell(item, field, desired, terms, workflow)
    if isinstance(made, Change) and known == attempt(made, item, terms, workflow):
        return f"refused before: {why}"
    return made


def _spell(item: Item, field: FieldName, desired: Desired, terms: Terms, workflow: Workflow | None) -> Change | str:
    tracker = item.ref.tracker
    if not terms.may(field, tracker):
        if terms.policy(field).source == tracker:
            return f"{field} goes one way, from {tracker}"
        return f"{tracker} is not written: its `writes` does not name {field}"
    why, adoption = desired.because, desired.adoption
    if field == OWNERS:
        made = express_owners(item, terms.people, terms.room(tracker), desired.value, why, adoption=adoption)
    else:
        made = express_stage(
            item,
            terms.maps[tracker],
            desired.value,
            workflow,
            why,
            adoption=adoption,
            hands_off=shut(tracker, terms),
        )
    return replace(made, tidies=item.ref in desired.tidied) if isinstance(made, Change) else made


def is_near(item: Item, desired: Desired, terms: Terms, workflow: Workflow) -> bool:
    """Whether an item gets to what is desired by one transition, as far as its workflow is known."""
    made = _spell(item, STAGE, desired, terms, workflow)
    return isinstance(made, Change) and not made.path and not made.toward


def shut(tracker: str, terms: Terms) -> tuple[str, ...]:
    """The statuses of a tracker that wait for a person, so that no item is led through them."""
    return terms.hands_off.get(tracker, {}).get(terms.maps[tracker].vocabulary.routed or "", ())


def _overruled(task: str, item: Item, field: FieldName, desired: Desired, terms: Terms) -> Overruled:
    policy = terms.policy(field)
    # At first contact `adopt: latest` decides, whoever has authority later.
    authority = policy.adopt if desired.adoption and policy.adopt == "latest" else policy.authority
    return Overruled(task, item.ref, item.key, field, said(item, field, terms), authority)


def stopped(item: Item, terms: Terms) -> str:
    """Names a state of an item under a configuration: while it is the same, the hops it was refused are not tried."""
    seen = (item.updated.isoformat(), terms.fingerprint)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def attempt(change: Change, item: Item, terms: Terms, workflow: Workflow | None = None) -> str:
    """Names one try of one change on one state of one item under one configuration; of a stage, on one workflow too."""
    leaves = workflow.leaves if workflow is not None and change.field == STAGE else {}
    hops = sorted((status, hop.id, hop.to) for status, some in leaves.items() for hop in some)
    seen = (sorted(change.after.items()), change.path, item.updated.isoformat(), terms.fingerprint, hops)
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]

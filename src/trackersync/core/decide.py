"""Decide each field of a task (``merge_*``), and say which bases may follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from trackersync.core.merge import Agreed, Desired, Disputed, LastEdit, Verdict
from trackersync.core.merge_owners import merge_owners
from trackersync.core.merge_stage import merge_stage
from trackersync.core.model import OWNERS, STAGE, Facts, FieldName, ItemRef
from trackersync.core.terms import Bases, Task, Terms, native_of, needs_nobody, says_still, stage_of
from trackersync.core.told import Settlement

Settlements = Mapping[tuple[str, FieldName], Settlement]
"""By task and field, what a person settled."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one task's fields.

    ``stage`` and ``owners`` are None where the field is off; ``owners`` also where finished work disagrees and is left
    alone.
    """

    task: Task
    stage: Verdict | None
    owners: Verdict | None

    @property
    def fields(self) -> tuple[tuple[FieldName, Verdict | None], ...]:
        """Each field with its verdict."""
        return ((STAGE, self.stage), (OWNERS, self.owners))


def decide(task: Task, bases: Bases, terms: Terms, settlements: Settlements = MappingProxyType({})) -> Decision:
    """Merge both fields of one task, each as its policy says."""
    stage = merge_stage(
        task.items,
        terms.maps,
        _of(bases, task, STAGE),
        terms.stage,
        terms.process,
        last_open=task.last_open,
        take=_taken(task, STAGE, settlements, terms),
        edits=_edits(task, STAGE),
    )
    settled = stage.value[0] if isinstance(stage, Agreed | Desired) and stage.value else stage_of(task, terms)
    owners: Verdict | None = merge_owners(
        task.items,
        terms.people,
        terms.capacities,
        _of(bases, task, OWNERS),
        terms.owners,
        take=_taken(task, OWNERS, settlements, terms),
        edits=_edits(task, OWNERS),
    )
    if not terms.finished and needs_nobody(task, settled, terms):
        # Who owned it in the end is remembered where all agree, so that a change after reopening is known for one.
        owners = owners if isinstance(owners, Agreed) else None
    return Decision(task, None if terms.stage.off else stage, None if terms.owners.off else owners)


def untimed(decision: Decision, terms: Terms) -> frozenset[ItemRef]:
    """The items of whose edits the times may settle what is in dispute: who asks for them decides once more."""
    return frozenset(
        ref
        for field, verdict in decision.fields
        if isinstance(verdict, Disputed) and terms.policy(field).timed
        for ref, _ in verdict.sides
    )


def _edits(task: Task, field: FieldName) -> dict[ItemRef, LastEdit]:
    return {ref: edit for (ref, of), edit in task.edits.items() if of == field}


def _taken(task: Task, field: FieldName, settlements: Settlements, terms: Terms) -> ItemRef | None:
    """The item whose word a person settled for, as long as it says so still."""
    settled = settlements.get((task.id, field))
    if settled is None:
        return None
    item = next((item for item in task.items if item.ref == settled.take), None)
    return settled.take if item is not None and says_still(item, field, settled.native, terms) else None


def _of(bases: Bases, task: Task, field: FieldName) -> dict[ItemRef, tuple[Facts, ...]]:
    return {item.ref: base for item in task.items if (base := bases.get((item.ref, field)))}


def agreements(
    decisions: Iterable[Decision], bases: Bases, terms: Terms
) -> dict[tuple[ItemRef, FieldName], tuple[Facts, ...]]:
    """The bases that advance because all items of a task agree: what each item shows now, where that is news."""
    news: dict[tuple[ItemRef, FieldName], tuple[Facts, ...]] = {}
    for decision in decisions:
        for field, verdict in decision.fields:
            if not isinstance(verdict, Agreed):
                continue
            for item in decision.task.items:
                native = native_of(item, field, terms)
                if field == STAGE and terms.maps[item.ref.tracker].read(item.facts).kind not in ("stated", "assumed"):
                    continue
                if bases.get((item.ref, field)) != (native,):
                    news[item.ref, field] = (native,)
    return news

"""What the configuration decides, ready for the core; and how tasks and items are read under it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as member

from trackersync.core.mapping import StageRule
from trackersync.core.merge import LastEdit, Policy
from trackersync.core.model import LINKS, OWNERS, STAGE, Capacity, Facts, FieldName, Item, ItemRef
from trackersync.core.people import Directory
from trackersync.core.process import Process
from trackersync.core.reading import Reading, common
from trackersync.core.remote import titles
from trackersync.core.stages import StageMap

_BY_TASK = Policy("changed", "ask")
"""Nobody decides which links an item carries: they say which items are one task."""

Bases = Mapping[tuple[ItemRef, FieldName], tuple[Facts, ...]]


@dataclass(frozen=True, slots=True)
class Task:
    """The items that are the same work, at most one per tracker, with a stable id of its own.

    Attributes:
        id: its id.
        items: its items.
        last_open: the last open stage it is known to have been in.
        edits: by item and field, when people last changed it; filled in where it takes that to decide (``latest``).
    """

    id: str
    items: tuple[Item, ...]
    last_open: str | None = None
    edits: Mapping[tuple[ItemRef, FieldName], LastEdit] = member(default_factory=dict)


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
        outcomes: tracker to stage to what shows the stage's outcome on an item there; any of the entries.
        hands_off: tracker to the facts whose values mean that a task is not to be touched.
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
    hands_off: Mapping[str, Facts] = member(default_factory=dict)
    outcomes: Mapping[str, Mapping[str, tuple[StageRule, ...]]] = member(default_factory=dict)

    def policy(self, field: FieldName) -> Policy:
        """Who decides a field."""
        if field == LINKS:
            return _BY_TASK
        return self.stage if field == STAGE else self.owners

    def may(self, field: FieldName, tracker: str) -> bool:
        """Whether a field may be written in a tracker."""
        policy = self.policy(field)
        return not policy.off and policy.source != tracker and field in self.writes.get(tracker, ())

    def room(self, tracker: str) -> Capacity:
        """How many owners an item holds in a tracker; none where the tracker cannot be told who owns an item."""
        return self.capacities.get(tracker, Capacity(0))


def stage_of(task: Task, terms: Terms) -> str | None:
    """The stage a task is counted in: what its items agree on, else the earliest that any of them claims.

    Work is never further than its most careful witness. An assumed stage claims nothing while another item states one.
    """
    return stage_said([terms.maps[item.ref.tracker].read(item.facts) for item in task.items], terms)


def stage_said(readings: Sequence[Reading], terms: Terms) -> str | None:
    """The stage that a task with these readings is counted in; see ``stage_of``."""
    stated = [reading for reading in readings if reading.kind in ("stated", "clash")]
    if not stated:
        return next((reading.first for reading in readings if reading.first), None)
    agreed = common(stated)
    if agreed and all(reading.kind == "stated" for reading in stated):
        return agreed[0]
    order = terms.process.order
    return min((stage for reading in stated for stage in reading.stages), key=order.__getitem__)


def needs_nobody(task: Task, stage: str | None, terms: Terms) -> bool:
    """Whether a task is finished: by its stage, or where it has none, as all its trackers count its items.

    Args:
        task: the task.
        stage: the stage it is counted in.
        terms: the process and the trackers' vocabularies.
    """
    if stage is not None:
        return terms.process.stage(stage).finished
    ends = [(item, terms.maps[item.ref.tracker].vocabulary.ended) for item in task.items]
    return bool(ends) and all(
        ended is not None and any(set(values) & set(item.facts.get(fact, ())) for fact, values in ended.items())
        for item, ended in ends
    )


def said(item: Item, field: FieldName, terms: Terms) -> str:
    """What an item says of a field, in words: ``build (In Progress)``, ``ada-l + grace-h``, ``nobody``."""
    tracker = item.ref.tracker
    if field == STAGE:
        reading = terms.maps[tracker].read(item.facts)
        return f"{' or '.join(reading.stages[:1]) or '?'} ({reading.says})"
    if field == LINKS:
        return titles(item.facts.get(LINKS, ()))
    holders = terms.people.holders(tracker, item.facts.get(OWNERS, ()))
    return " + ".join((*holders.known, *holders.strangers)) or "nobody"


def native_of(item: Item, field: FieldName, terms: Terms) -> Facts:
    """The native value of a field, as base remembers it."""
    if field == STAGE:
        return terms.maps[item.ref.tracker].native(item.facts)
    return {field: item.facts.get(field, ())}


def meaning(tracker: str, field: FieldName, terms: Terms) -> Callable[[Facts], object]:
    """From a native state of a field to what it says there, to be compared: stages, accounts, or links."""
    if field != STAGE:
        return lambda native: frozenset(value.casefold() for value in native.get(field, ()))
    read = terms.maps[tracker].read
    return lambda native: (read(native).kind, read(native).stages)


def says_still(item: Item, field: FieldName, native: Facts, terms: Terms) -> bool:
    """Whether an item says of a field what a native state of it said, whatever else was edited since."""
    means = meaning(item.ref.tracker, field, terms)
    return means(native_of(item, field, terms)) == means(native)


def natural(key: str) -> tuple[tuple[str, int], ...]:
    """Sort key that puts SHOP-9 before SHOP-10."""
    head, dash, number = key.rpartition("#" if "#" in key else "-")
    return ((head + dash, int(number)),) if number.isdecimal() else ((key, 0),)

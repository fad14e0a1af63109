"""What a finding is, and what a rule sees of a task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from trackersync.core.model import OWNERS, Item, Severity
from trackersync.core.people import Holders
from trackersync.core.process import Stage
from trackersync.core.reading import Reading
from trackersync.core.terms import Task, Terms, needs_nobody, stage_of


@dataclass(frozen=True, slots=True)
class Seen:
    """One item as a finding shows it: where it is, the stage it may be in and its owners by name."""

    tracker: str
    key: str
    url: str
    stage: str | None
    says: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """Somebody who could own a task that nobody owns.

    Attributes:
        person: the name people call them.
        tracker: the tracker that knows of it.
        account: theirs there.
        because: what speaks for it: ``CODEOWNERS``.
    """

    person: str
    tracker: str
    account: str
    because: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault seen.

    Attributes:
        rule: its rule's name.
        severity: error, warning or note.
        task: the task's id.
        title: the task's title.
        stage: the stage the task is counted in, None when no item says.
        touched: when any of its items last changed.
        items: every item of the task, the one at fault first.
        message: one sentence with the facts in it.
        fix: what to do about it.
        could_be: of a task that nobody owns, who could, the likeliest first; as far as a tracker knows and was asked.
    """

    rule: str
    severity: Severity
    task: str
    title: str
    stage: str | None
    touched: datetime
    items: tuple[Seen, ...]
    message: str
    fix: str
    could_be: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True)
class Witness:
    """One item with what it says: its reading and its owners."""

    item: Item
    reading: Reading
    holders: Holders
    room: int

    @property
    def tracker(self) -> str:
        """The name of its tracker."""
        return self.item.ref.tracker

    @property
    def people(self) -> tuple[str, ...]:
        """Its owners without those that are surely no people: bots, and agents such as Copilot."""
        return tuple(owner for owner in self.owners if owner not in self.holders.bots)

    @property
    def owners(self) -> tuple[str, ...]:
        """Its owners by name; those nobody mapped by their account."""
        return (*self.holders.known, *self.holders.strangers)


@dataclass(frozen=True, slots=True)
class Case:
    """One task as rules see it.

    Attributes:
        task: the task.
        stage: the stage it is counted in.
        witnesses: its items, the tracker with the least room for owners first.
        finished: it needs nobody any more.
    """

    task: Task
    stage: Stage | None
    witnesses: tuple[Witness, ...]
    finished: bool

    def finding(self, rule: str, severity: Severity, message: str, fix: str, at: Witness | None = None) -> Finding:
        """A finding on this task, with the item at fault first."""
        first = at or self.witnesses[0]
        ordered = (first, *(witness for witness in self.witnesses if witness is not first))
        seen = tuple(
            Seen(w.tracker, w.item.key, w.item.url, w.reading.named, w.reading.says, w.owners) for w in ordered
        )
        stage = self.stage.key if self.stage else None
        touched = max(witness.item.updated for witness in self.witnesses)
        return Finding(rule, severity, self.task.id, first.item.title, stage, touched, seen, message, fix)


Check = Callable[[Case, Terms], Iterator[Finding]]
"""A rule over one task."""


def case_of(task: Task, terms: Terms) -> Case:
    """Read everything a rule asks of a task, once."""
    witnesses = [
        Witness(
            item,
            terms.maps[item.ref.tracker].read(item.facts),
            terms.people.holders(item.ref.tracker, item.facts.get(OWNERS, ())),
            terms.room(item.ref.tracker).most,
        )
        for item in task.items
    ]
    stage = stage_of(task, terms)
    witnesses.sort(key=lambda witness: witness.room)
    finished = needs_nobody(task, stage, terms)
    return Case(task, terms.process.stage(stage) if stage is not None else None, tuple(witnesses), finished)

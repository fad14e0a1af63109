"""What a rule sees: one task with everything that is known of it, and the tasks it is related to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from trackersync.core.diagnose.neighbours import BLOCKERS, PARENT, Neighbours
from trackersync.core.diagnose.watch import Watch
from trackersync.core.history import Past
from trackersync.core.link import Extra, Tie
from trackersync.core.model import OWNERS, Facts, Item, ItemRef
from trackersync.core.people import Holders
from trackersync.core.process import Stage
from trackersync.core.reading import Reading
from trackersync.core.rest import Quarrel
from trackersync.core.terms import Task, Terms, needs_nobody, stage_said
from trackersync.core.words import inside


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
        return self.holders.people

    @property
    def owners(self) -> tuple[str, ...]:
        """Its owners by name; those nobody mapped by their account."""
        return self.holders.everybody

    def shows(self, fact: str) -> tuple[str, ...]:
        """The values of a fact; none where the tracker was not asked for it."""
        return self.item.facts.get(fact, ())


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a task's items, beyond what they show.

    Attributes:
        bases: by item, every native state of its stage that it may show by our doing alone.
        pasts: by item, what its tracker told of its history, as far as that was read.
        refused: by item, why its tracker would not take the owners it was to get.
        quarrels: the fields that others set back again and again.
        ties: claims of these items on others, and of others on them, that cannot all be true.
        extras: items that claim one of these although it has a counterpart already, and the other way round.
        unread: while not everything was read once, the trackers in which no item of the task is known: it may have one.
    """

    bases: Mapping[ItemRef, tuple[Facts, ...]] = field(default_factory=dict)
    pasts: Mapping[ItemRef, Past] = field(default_factory=dict)
    refused: Mapping[ItemRef, str] = field(default_factory=dict)
    quarrels: tuple[Quarrel, ...] = ()
    ties: tuple[Tie, ...] = ()
    extras: tuple[Extra, ...] = ()
    unread: tuple[str, ...] = ()


NOTHING = Known()
"""Of a task that has only just been seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One task as rules see it.

    Attributes:
        task: the task.
        stage: the stage it is counted in.
        witnesses: its items, the tracker with the least room for owners first.
        finished: it needs nobody any more.
        terms: all that the configuration decides: process, people, mappings.
        known: what is remembered of it.
        around: the other tasks.
        watch: the time.
    """

    task: Task
    stage: Stage | None
    witnesses: tuple[Witness, ...]
    finished: bool
    terms: Terms
    known: Known
    around: Neighbours[Case]
    watch: Watch

    @property
    def keys(self) -> str:
        """Its name in sentences: its items' keys joined by ``=``."""
        return " = ".join(witness.item.key for witness in self.witnesses)

    @property
    def where(self) -> str:
        """Its stage in sentences."""
        return self.stage.key if self.stage else "a state that belongs to no stage"

    @property
    def inside(self) -> str:
        """Where it is, in sentences: ``in build``."""
        return inside(self.where)

    @property
    def containers(self) -> tuple[str, ...]:
        """The repositories and projects its items live in."""
        return tuple(witness.item.container for witness in self.witnesses)

    @property
    def touched(self) -> datetime:
        """When any of its items last changed."""
        return max(witness.item.updated for witness in self.witnesses)

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who owns any of its items, bots left out, each once."""
        return tuple(dict.fromkeys(owner for witness in self.witnesses for owner in witness.people))

    @property
    def owners(self) -> tuple[str, ...]:
        """Everybody who owns any of its items, each once."""
        return tuple(dict.fromkeys(owner for witness in self.witnesses for owner in witness.owners))

    def shows(self, fact: str) -> tuple[str, ...]:
        """The values of a fact on any of its items, each once."""
        return tuple(dict.fromkeys(value for witness in self.witnesses for value in witness.shows(fact)))

    def phase(self) -> int | None:
        """The place of its stage's phase in the process, from 0; None without one."""
        return phase_of(self.stage, self.terms)

    @property
    def parents(self) -> tuple[Case, ...]:
        """The tasks this one is a part of, as far as they are observed."""
        return self.around.named(self, PARENT)

    @property
    def children(self) -> tuple[Case, ...]:
        """The tasks that are parts of this one, as far as they are observed."""
        return self.around.naming(self, PARENT)

    @property
    def blockers(self) -> tuple[Case, ...]:
        """The tasks that this one waits for, as far as they are observed and their tracker names them."""
        return self.around.named(self, BLOCKERS)

    @property
    def related(self) -> tuple[Case, ...]:
        """The tasks that this one is linked to in any way, or that are linked to it."""
        return self.around.related(self)

    @property
    def claims(self) -> tuple[ItemRef, ...]:
        """The items that claim one of its own, or that one of its own claims, and that it is not linked to."""
        known = self.known
        return (
            *(ref for tie in known.ties for ref in tie.refs),
            *(ref for extra in known.extras for ref in (extra.ref, extra.claimed)),
        )


def phase_of(stage: Stage | None, terms: Terms) -> int | None:
    """The place of a stage's phase in the process, from 0; None without one."""
    return terms.process.phase_order.get(stage.phase) if stage is not None else None


def case_of(
    task: Task,
    terms: Terms,
    known: Known = NOTHING,
    around: Neighbours[Case] | None = None,
    watch: Watch | None = None,
) -> Case:
    """Read everything a rule asks of a task, once.

    Args:
        task: the task.
        terms: all that the configuration decides.
        known: what is remembered of it.
        around: the other tasks; none where it stands alone.
        watch: the time; without one, that of the task's own last change, so that nothing of it has aged.
    """
    maps, people = terms.maps, terms.people
    witnesses = [
        Witness(
            item,
            maps[item.ref.tracker].read(item.facts),
            people.holders(item.ref.tracker, item.facts.get(OWNERS, ())),
            terms.room(item.ref.tracker).most,
        )
        for item in task.items
    ]
    stage = stage_said([witness.reading for witness in witnesses], terms)
    witnesses.sort(key=_room)
    return Case(
        task,
        terms.process.stage(stage) if stage is not None else None,
        tuple(witnesses),
        needs_nobody(task, stage, terms),
        terms,
        known,
        around if around is not None else Neighbours(),
        watch or Watch(max((item.updated for item in task.items), default=datetime.min.replace(tzinfo=UTC))),
    )


def _room(witness: Witness) -> int:
    return witness.room

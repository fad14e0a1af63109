"""What is remembered of one task, as plain values: all that its story is told from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trackersync.core.diagnose import Finding
from trackersync.core.history import Past
from trackersync.core.journal import Clash, Wrote
from trackersync.core.model import Absence, FieldName, Item, ItemRef, Overruled
from trackersync.core.rest import Rests
from trackersync.core.terms import Bases, Task
from trackersync.core.told import Move, Settlement


@dataclass(frozen=True, slots=True)
class Ruled:
    """A person's move that an authority took back, in which run and when."""

    run: int
    at: datetime
    overruled: Overruled


@dataclass(frozen=True, slots=True)
class Known:
    """Everything remembered about one task.

    Attributes:
        task: its items that are there.
        names: what each of its items is called, also of those that are not there any more.
        now: the moment of telling.
        bases: by item and field.
        absent: its items that are not there any more, as last observed, and why.
        links: by item, why it was linked, and when; None for a link older than that was noted.
        moves: what others did, as far as two looks tell.
        pasts: by item, what its tracker's own history tells, where that was read.
        writes: ours, in the order they were intended.
        clashes: its conflicts, also settled ones.
        rulings: its moves that were overruled.
        rests: what is left alone, and why.
        settlements: what people settled and what still holds, by field.
        refused: by item and field, why the last try was refused, in a sentence.
        findings: what is wrong with it now.
        seen: by tracker, how fresh its picture is.
    """

    task: Task
    names: Mapping[ItemRef, str]
    now: datetime
    bases: Bases = field(default_factory=dict)
    absent: tuple[tuple[Item, Absence], ...] = ()
    links: Mapping[ItemRef, tuple[str, datetime | None]] = field(default_factory=dict)
    moves: tuple[Move, ...] = ()
    pasts: Mapping[ItemRef, Past] = field(default_factory=dict)
    writes: tuple[Wrote, ...] = ()
    clashes: tuple[Clash, ...] = ()
    rulings: tuple[Ruled, ...] = ()
    rests: Rests = field(default_factory=Rests)
    settlements: Mapping[tuple[str, FieldName], Settlement] = field(default_factory=dict)
    refused: Mapping[tuple[ItemRef, FieldName], str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    seen: Mapping[str, datetime | None] = field(default_factory=dict)

    @property
    def items(self) -> tuple[Item, ...]:
        """All its items, those that are not there any more last."""
        return (*self.task.items, *(item for item, _ in self.absent))

    @property
    def trackers(self) -> tuple[str, ...]:
        """The trackers it has or had an item in."""
        return tuple(dict.fromkeys(item.ref.tracker for item in self.items))

"""What people told us between two runs: a conflict settled, a write taken back, hands off; and what they did.

Each holds until the people concerned move on: a settlement while the side that was taken shows what it showed, a write
taken back while nobody moves the field, a pause until somebody says resume.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from trackersync.core.model import Facts, FieldName, ItemRef


@dataclass(frozen=True, slots=True)
class Settlement:
    """A conflict that a person settled in favour of one side.

    Attributes:
        task: the task's id.
        field: the field in conflict.
        take: the item whose word is taken.
        native: what that item showed when it was taken; once it shows something else, this settles nothing any more.
        at: when it was settled.
    """

    task: str
    field: FieldName
    take: ItemRef
    native: Facts
    at: datetime


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A write that a person took back: the field of the task rests until somebody moves it.

    Attributes:
        task: the task's id.
        field: the field.
        natives: what each item of the task showed once the write was taken back.
        run: the run that was taken back.
    """

    task: str
    field: FieldName
    natives: tuple[tuple[ItemRef, Facts], ...]
    run: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Hands off a tracker or a task: it is read as ever, and not written.

    Attributes:
        kind: ``tracker`` or ``task``.
        name: the tracker's name, or the task's id.
        since: when it began.
        reason: why, in the words of whoever said so; may be empty.
        ended: when somebody said resume; quarrels are counted anew from there.
    """

    kind: Literal["tracker", "task"]
    name: str
    since: datetime
    reason: str = ""
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pauses:
    """All pauses, looked up by tracker and by task."""

    every: tuple[Pause, ...] = ()

    def of(self, kind: Literal["tracker", "task"], name: str) -> Pause | None:
        """The pause of a tracker or task that has not ended."""
        return next((one for one in self.every if (one.kind, one.name) == (kind, name) and one.ended is None), None)

    def resumed(self, task: str) -> datetime | None:
        """When a task was last resumed."""
        ends = [one.ended for one in self.every if (one.kind, one.name) == ("task", task) and one.ended is not None]
        return max(ends, default=None)

    @property
    def open(self) -> tuple[Pause, ...]:
        """Those that have not ended, oldest first."""
        return tuple(sorted((one for one in self.every if one.ended is None), key=lambda one: one.since))


@dataclass(frozen=True, slots=True)
class Move:
    """An item seen with other facts than before, which none of our receipts explains: somebody moved it.

    After an answer was lost it may be our own write that turns up; ``core.story`` tells the two apart.

    Attributes:
        ref: the item.
        updated: when the tracker says it last changed; the move was then or earlier.
        seen: when we saw it.
        before: all its facts as we knew them.
        after: all its facts as we saw them.
    """

    ref: ItemRef
    updated: datetime
    seen: datetime
    before: Facts
    after: Facts


def moves_of(moves: Iterable[Move], ref: ItemRef) -> tuple[Move, ...]:
    """The moves of one item, in the order they were seen."""
    return tuple(sorted((move for move in moves if move.ref == ref), key=lambda move: (move.seen, move.updated)))

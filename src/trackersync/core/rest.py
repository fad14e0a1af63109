"""What is left alone although it disagrees, and why: people said so, a tracker is marked so, or others undo it.

A task rests whole when it is paused, or when one of its items shows what the configuration names under ``hands_off``.
A tracker rests when it is paused. One field of one item rests when others have undone our write again and again; one
field of a task, when a person took a write back and nobody has moved it since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from trackersync.core.expect import shows
from trackersync.core.model import Change, FieldName, Item, ItemRef
from trackersync.core.terms import Task, Terms, says_still
from trackersync.core.told import Move, Pauses, TakenBack, moves_of

Place = tuple[ItemRef, FieldName]

UNDONE_WITHIN = timedelta(hours=1)
"""What is set back later than this after our write is somebody's move; sooner and again and again, it is a quarrel."""


@dataclass(frozen=True, slots=True)
class Quarrel:
    """A field that others have set back each time we wrote it: how often, and how soon at the latest."""

    ref: ItemRef
    field: FieldName
    times: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Rests:
    """All that is left alone.

    Attributes:
        pauses: what people paused.
        taken_back: by task and field, what people took back.
        quarrels: by item and field, what others undo.
    """

    pauses: Pauses = field(default_factory=Pauses)
    taken_back: Mapping[tuple[str, FieldName], TakenBack] = field(default_factory=dict)
    quarrels: Mapping[Place, Quarrel] = field(default_factory=dict)

    def task(self, task: Task, terms: Terms) -> str | None:
        """Why a task rests whole, or None."""
        pause = self.pauses.of("task", task.id)
        if pause is not None:
            return f"the task is paused{f': {pause.reason}' if pause.reason else ''}"
        for item in task.items:
            mark = marked(item, terms)
            if mark is not None:
                return f"hands off: {item.key} shows {mark}"
        return None

    def field(self, task: Task, name: FieldName, terms: Terms) -> str | None:
        """Why a field of a task rests, or None."""
        taken = self.taken_back.get((task.id, name))
        if taken is not None and unmoved(task, taken, terms):
            return f"run {taken.run} was taken back; it goes on when somebody moves it, or with `resume`"
        return None

    def write(self, item: Item, name: FieldName) -> str | None:
        """Why a field of one item is not written, or None."""
        pause = self.pauses.of("tracker", item.ref.tracker)
        if pause is not None:
            return f"{item.ref.tracker} is paused{f': {pause.reason}' if pause.reason else ''}"
        quarrel = self.quarrels.get((item.ref, name))
        if quarrel is not None:
            return f"written {quarrel.times} times and undone by another each time; `resume` tries it again"
        return None


def unmoved(task: Task, taken: TakenBack, terms: Terms) -> bool:
    """Whether the items say what they said when the write was taken back; one that came is a move too.

    One that is out of sight for a while is none: it was not looked at.
    """
    natives = dict(taken.natives)
    return natives.keys() >= {item.ref for item in task.items} and all(
        says_still(item, taken.field, natives[item.ref], terms) for item in task.items
    )


def marked(item: Item, terms: Terms) -> str | None:
    """What an item shows of what the configuration names under ``hands_off``: ``status "Waiting for vendor"``."""
    for fact, values in terms.hands_off.get(item.ref.tracker, {}).items():
        named = {value.casefold() for value in values}
        shown = next((value for value in item.facts.get(fact, ()) if value.casefold() in named), None)
        if shown is not None:
            return f'{fact} "{shown}"'
    return None


def quarrels(
    writes: Iterable[tuple[Change, datetime]],
    moves: Iterable[Move],
    often: int,
    resumed: Mapping[ItemRef, datetime],
) -> dict[Place, Quarrel]:
    """The fields that others undo: the last ``often`` writes or more were each set back soon, to something else.

    Args:
        writes: changes that took effect, and when, in order.
        moves: what others did to the same items.
        often: how many times in a row are a quarrel.
        resumed: by item, from when on to count, where a person said so.
    """
    by_place: dict[Place, list[tuple[Change, datetime]]] = {}
    for change, at in writes:
        if at > resumed.get(change.ref, datetime.min.replace(tzinfo=at.tzinfo)):
            by_place.setdefault((change.ref, change.field), []).append((change, at))
    moves = tuple(moves)
    found = {}
    for place, some in by_place.items():
        own = moves_of(moves, place[0])
        spans: list[timedelta] = []
        until = None
        for change, at in reversed(some):
            span = _undone(change, at, until, own)
            if span is None or (spans and change.after != some[-1][0].after):
                break
            spans.append(span)
            until = at
        if len(spans) >= often:
            found[place] = Quarrel(*place, len(spans), max(spans))
    return found


def _undone(change: Change, at: datetime, until: datetime | None, moves: Iterable[Move]) -> timedelta | None:
    """How soon after a write, and before the next one, its field was set to something else; None where not, or late."""
    for move in moves:
        if move.seen < at or (until is not None and move.seen > until):
            continue
        if shows(change.after, change, move.before) and not shows(change.after, change, move.after):
            span = max(move.updated - at, timedelta(0))
            return span if span <= UNDONE_WITHIN else None
    return None

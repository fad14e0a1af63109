"""A task's story in plain sentences: what moved where and when, which rule decided, what we wrote, what came back.

Told from what the store remembers, under today's mapping. Who moved something only the trackers' own history says; as
long as that is not read, nobody is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trackersync.core.diagnose import Finding
from trackersync.core.expect import shows
from trackersync.core.history import Stay
from trackersync.core.model import LINKS, OWNERS, STAGE
from trackersync.core.story.head import Ages, Standing, ages, in_stages, standings
from trackersync.core.story.known import Known, Ruled
from trackersync.core.story.line import Line, in_order
from trackersync.core.story.moves import beginnings, moves
from trackersync.core.story.waits import conflicts, rests
from trackersync.core.story.writes import writes
from trackersync.core.terms import Terms

__all__ = ["Ages", "Known", "Line", "Ruled", "Standing", "Story", "tell"]


@dataclass(frozen=True, slots=True)
class Story:
    """A task's story.

    Attributes:
        task: the task's id.
        keys: its items by tracker, as they are called.
        title: its title.
        fields: its stage and owners as they stand.
        ages: how long it has been where it is.
        in_stages: by tracker, how long its item was in each stage.
        findings: what is wrong with it.
        seen: by tracker, how fresh its picture is.
        lines: what happened, in order.
        resume: what ``resume`` would let go on: the task's key where it is paused, rests or was refused something; and
            the names of paused trackers.
        undo: the last run that wrote the task and has not been taken back; None where there is none.
        now: the moment of telling.
        solitary: whether the configuration has one tracker, so that no item of a task could be anywhere else.
    """

    task: str
    keys: Mapping[str, str]
    title: str
    fields: tuple[Standing, ...]
    ages: Ages
    findings: tuple[Finding, ...]
    seen: Mapping[str, datetime | None]
    lines: tuple[Line, ...]
    now: datetime
    resume: tuple[str, ...] = ()
    undo: int | None = None
    in_stages: Mapping[str, tuple[Stay, ...]] = field(default_factory=dict)
    solitary: bool = False


def tell(known: Known, terms: Terms) -> Story:
    """Tell the story of a task."""
    lines = [*beginnings(known, terms), *moves(known, terms), *writes(known, terms), *conflicts(known, terms)]
    return Story(
        task=known.task.id,
        keys={tracker: _key(tracker, known) for tracker in known.trackers},
        title=next((item.title for item in known.items), ""),
        fields=standings(known, terms),
        ages=ages(known, terms),
        findings=known.findings,
        seen={tracker: known.seen.get(tracker) for tracker in known.trackers},
        lines=in_order([*lines, *rests(known)]),
        now=known.now,
        resume=_resumable(known),
        undo=_undoable(known),
        in_stages=in_stages(known, terms),
        solitary=len(terms.maps) == 1,
    )


def _key(tracker: str, known: Known) -> str:
    """What its item in a tracker is called; of one that is there and one that was, the one that is."""
    return next(known.names[item.ref] for item in known.items if item.ref.tracker == tracker)


def _resumable(known: Known) -> tuple[str, ...]:
    """What rests until somebody says resume."""
    task, rests = known.task, known.rests
    mine = rests.pauses.of("task", task.id) is not None
    mine = mine or any((task.id, field) in rests.taken_back for field in (STAGE, OWNERS, LINKS))
    places = {(item.ref, field) for item in task.items for field in (STAGE, OWNERS, LINKS)}
    mine = mine or not places.isdisjoint(rests.quarrels) or not places.isdisjoint(known.refused)
    key = next((known.names[item.ref] for item in known.items), "")
    paused = (tracker for tracker in known.trackers if rests.pauses.of("tracker", tracker) is not None)
    return (*((key,) if mine and key else ()), *paused)


def _undoable(known: Known) -> int | None:
    """The last run that wrote the task, where the item still shows it; the way back is not taken back again."""
    facts = {item.ref: item.facts for item in known.task.items}
    last = next((wrote for wrote in reversed(known.writes) if wrote.took_effect), None)
    if last is None or not shows(last.change.after, last.change, facts.get(last.change.ref, {})):
        return None
    return None if last.run.command == "undo" else last.run.number

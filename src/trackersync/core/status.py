"""How things stand: how fresh each tracker's picture is, what is in doubt, what waits and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trackersync.core.journal import Run, Wrote
from trackersync.core.model import FieldName
from trackersync.core.quiet import Quiet
from trackersync.core.serving import Served
from trackersync.core.told import Pause


@dataclass(frozen=True, slots=True)
class Fresh:
    """How fresh a tracker's picture is.

    Attributes:
        tracker: its name.
        containers: its configured repositories or projects.
        items: how many of its items are known and there.
        as_of: when the last look began that saw all there is; None before the first.
        complete: every container has been read to its end, so that absence means absence.
    """

    tracker: str
    containers: tuple[str, ...]
    items: int
    as_of: datetime | None
    complete: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conflict as it is listed.

    Attributes:
        task: its items' keys, as they are called.
        field: the field in conflict.
        says: by tracker, what its item says.
        base: what they last agreed on; empty where they never met.
        because: why nobody wins by himself.
        since: since when it waits.
        settled: when it was settled; None while it waits.
        ending: how it was settled, in a sentence.
    """

    task: tuple[str, ...]
    field: FieldName
    says: Mapping[str, str]
    base: str
    because: str
    since: datetime
    settled: datetime | None = None
    ending: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A write that may have arrived or not, and the task it is about, by its items' keys."""

    task: tuple[str, ...]
    wrote: Wrote


@dataclass(frozen=True, slots=True)
class Rest:
    """A pause, and what it is of: a tracker's name, or a task by its items' keys."""

    name: str
    pause: Pause


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand, as far as the store tells.

    Attributes:
        now: the moment of telling.
        trackers: how fresh each one's picture is.
        last: the last run; None before the first.
        killed: runs that never ended and are not under way any more, whose doings the next run has not read back yet.
        holder: who holds the store just now, in words; empty: nobody.
        doubts: what is in doubt, oldest first.
        disputes: the conflicts that wait for a person, oldest first.
        rests: what people paused, oldest first.
        served: how a service does on this store; None where none ever ran.
        quiet: that nothing ran for too long; None where it did.
    """

    now: datetime
    trackers: tuple[Fresh, ...]
    last: Run | None
    killed: tuple[Run, ...] = ()
    holder: str = ""
    doubts: tuple[Doubt, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    rests: tuple[Rest, ...] = ()
    served: Served | None = None
    quiet: Quiet | None = None


@dataclass(frozen=True, slots=True)
class ChangeTold:
    """One change of a run: its task's keys, the item written first; and what became of it.

    ``wrote`` is None for a change that was held or not begun.
    """

    task: tuple[str, ...]
    field: FieldName
    step: str
    native: str
    because: str
    wrote: Wrote | None = None


@dataclass(frozen=True, slots=True)
class RunTold:
    """A run with all that it planned, in order."""

    run: Run
    changes: tuple[ChangeTold, ...]

"""How a service does: what came in, what waits, what was set aside, how timely it is, and what its schedule says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal


@dataclass(frozen=True, slots=True)
class Inflow:
    """What comes in of a tracker, and how soon it is reflected elsewhere.

    Attributes:
        tracker: its name.
        last: when its last delivery came that is still known.
        waiting: deliveries that nobody has read yet.
        aside: deliveries that could not be read.
        missed: changes of the last 24 hours that a read found and no delivery had told of.
        edits: edits that were reflected elsewhere, on this day (UTC) and the one before.
        timely: how many of them within ``fresh``.
        fresh: how soon an edit is to be reflected.
    """

    tracker: str
    last: datetime | None = None
    waiting: int = 0
    aside: int = 0
    missed: int = 0
    edits: int = 0
    timely: int = 0
    fresh: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Resting:
    """A look that is not taken: held by the guard, or set aside.

    Attributes:
        name: a task by its items' keys, or what else was to be looked at.
        tracker: whose.
        state: ``held`` or ``aside``.
        since: when it was asked for.
        tries: how often in a row it failed.
        why: the reason.
    """

    name: str
    tracker: str
    state: Literal["held", "aside"]
    since: datetime
    tries: int
    why: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A delivery that could not be read: its tracker, its id, when it came, and why."""

    tracker: str
    id: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Timed:
    """A job of the schedule.

    Attributes:
        name: its name.
        begun: when its last run began; None before the first.
        ended: when that ended; None while it runs, or where it was killed.
        running: it is under way.
        outcome: what came of it, in a sentence; empty where all went well.
        next: when it is to run next; None: it is off.
        late: since when it is due that nobody has run it; None where it is not.
    """

    name: str
    begun: datetime | None = None
    ended: datetime | None = None
    running: bool = False
    outcome: str = ""
    next: datetime | None = None
    late: datetime | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """How a service does.

    Attributes:
        inflows: tracker by tracker.
        share: the part of the edits that is to be timely.
        since: the day the counting of edits begins.
        due: looks that are due.
        oldest: since when the one of them waits that has waited longest.
        numbers: how many looks are ``held`` and ``aside``.
        resting: those looks, a bounded number of each, oldest first.
        unread: deliveries that were set aside, a bounded number, latest first.
        jobs: the schedule.
    """

    inflows: tuple[Inflow, ...]
    share: float
    since: datetime
    due: int = 0
    oldest: datetime | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)
    resting: tuple[Resting, ...] = ()
    unread: tuple[Unread, ...] = ()
    jobs: tuple[Timed, ...] = ()

"""What a run saw and came to: the values that the road hands to the reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trackersync.core.checked import Before
from trackersync.core.diagnose import Case, Finding, Silenced
from trackersync.core.guard import Hold, Shrunk
from trackersync.core.link import Links
from trackersync.core.model import Change, Conflict, ItemRef, Receipt
from trackersync.core.plan import Plan
from trackersync.core.rest import Rests
from trackersync.core.terms import Task
from trackersync.errors import TrackersyncError


@dataclass(frozen=True, slots=True)
class Look:
    """How one tracker was read in this run.

    Attributes:
        tracker: its name.
        whole: everything was read from the start, not only what changed.
        changed: items that were new or different.
        own: items that came back just as our own last run left them.
        since: when it was read before; None for the first time.
        complete: every container has been read to its end at least once, so that absence means absence.
        unread: where that is not so, the containers that have not.
        seconds: how long it took.
        emptied: containers that suddenly show almost nothing.
        failure: why it, or some ``containers`` of it, could not be read to the end.
        news: the items that were new or different.
    """

    tracker: str
    whole: bool
    changed: int
    own: int
    since: datetime | None
    complete: bool
    seconds: float
    emptied: tuple[Shrunk, ...] = ()
    failure: TrackersyncError | None = None
    news: frozenset[ItemRef] = frozenset()
    unread: frozenset[str] = frozenset()

    @property
    def down(self) -> bool:
        """Whether nothing of it could be read to the end."""
        return self.failure is not None and not self.failure.containers

    def covers(self, container: str) -> bool:
        """Whether a container was read to its end, now and once whole: what its items show may be relied on."""
        if self.down or (self.failure is not None and container in self.failure.containers):
            return False
        return self.complete or (bool(self.unread) and container not in self.unread)


@dataclass(frozen=True, slots=True)
class Moved:
    """A change of a saved plan that no longer holds, and what the task's items say now, by key."""

    change: Change
    now: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class World:
    """All trackers as last observed, linked, classified and diagnosed.

    ``silenced`` is what the team wants to hear nothing of;
    ``resting`` counts the tasks with an item in a tracker that could not be read: they are not written this run.
    ``rests`` is what people, trackers and quarrels want left alone.
    """

    looks: Mapping[str, Look]
    links: Links
    tasks: tuple[Task, ...]
    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]
    resting: int = 0
    rests: Rests = field(default_factory=Rests)
    silenced: tuple[Silenced, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to.

    Attributes:
        world: what was observed; after writing, as it is then.
        plan: what was planned, None for a check.
        holds: why the plan was held; nothing was written then.
        moved: changes of a saved plan that no longer hold.
        receipts: one per change of the plan, once writing has begun.
        run: the run's number in the journal, once writing has begun.
        requests: tracker to requests sent, by kind.
        warnings: what a tracker lets us do less than the configuration wants.
        interrupted: stopped by the user while writing.
        raised: the conflicts that wait for a person since this run.
        before: what the check before this one found; None where it was the first.
        offline: nothing was looked at: all stands as last observed.
    """

    world: World
    plan: Plan | None = None
    holds: tuple[Hold, ...] = ()
    moved: tuple[Moved, ...] = ()
    receipts: tuple[Receipt | None, ...] = ()
    run: int | None = None
    requests: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    raised: tuple[Conflict, ...] = ()
    before: Before | None = None
    offline: bool = False

    @property
    def written(self) -> bool:
        """Whether writing has begun: nothing held it."""
        return self.run is not None

    @property
    def before_read(self) -> datetime | None:
        """When any tracker was last read before this run; None where none was, and where nothing was looked at."""
        if self.offline:
            return None
        return max((look.since for look in self.world.looks.values() if look.since is not None), default=None)

    @property
    def failures(self) -> tuple[TrackersyncError, ...]:
        """Why trackers could not be used."""
        return tuple(look.failure for look in self.world.looks.values() if look.failure is not None)

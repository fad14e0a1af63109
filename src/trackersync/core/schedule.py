"""When a job is due: at multiples of an interval, or at the moments of a cron expression.

A job's moments are counted from the last one that was served, so a restart shifts nothing: an interval goes on in the
same steps. However many moments went by with nobody there to serve them, the latest of them is served, once.

Cron expressions are read by cronsim in the team's time zone, after Debian's rules. An expression whose minute and hour
both name their times (``30 2 * * *``) is run once on a day when clocks change: a moment that is left out is served when
the clocks have gone forward, and one that comes twice is served the first time. All others (``*/5 * * * *``) follow the
time that passes.

A clock that was set forward makes a job due once. One that was set back by more than ``SKEW`` lets it count from the
present on, since the moment that was served last will not be past again for long; less than that is waited for, so that
a correction by a few seconds, or another machine's clock, serves no moment twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256

SKEW = timedelta(minutes=10)
"""How far the clocks of machines may differ, or one be corrected."""

LEASE = timedelta(minutes=3)
"""A run of which nothing was heard for so long counts as killed."""

_REACHES = tuple(timedelta(days=days) for days in (1 / 24, 1, 32, 367))
"""How far back the latest moment is looked for, before it is looked for in all the time that has passed."""


@dataclass(frozen=True, slots=True)
class Every:
    """At multiples of an interval."""

    span: timedelta

    def __str__(self) -> str:
        return f"every {self.span}"


@dataclass(frozen=True, slots=True)
class Cron:
    """At the moments of a cron expression, in a time zone."""

    expression: str
    zone: tzinfo

    def __str__(self) -> str:
        return f"{self.expression} in {self.zone}"


When = Every | Cron


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is done by itself, and when.

    Attributes:
        jobs: by name, when; None: never.
        jitter: a run begins up to so much later than it is due.
        machine: what spreads the runs of one machine from another's.
    """

    jobs: dict[str, When | None]
    jitter: timedelta = timedelta()
    machine: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A job as it was last run.

    Attributes:
        name: the job's.
        slot: the moment that is or was served; of one that was handed back, an earlier one.
        begun: when that run began; None for a job that is only being waited for.
        ended: when it ended; None while it runs, or when it was killed.
        outcome: what came of it, in a sentence; empty where all went well.
        place: the process and machine it ran on.
        beat: when it was last known to go on.
    """

    name: str
    slot: datetime
    begun: datetime | None = None
    ended: datetime | None = None
    outcome: str = ""
    place: str = ""
    beat: datetime | None = None

    @property
    def open(self) -> bool:
        """Its run has begun and not ended: it is under way, or was killed."""
        return self.begun is not None and self.ended is None


def set_back(kept: Kept, now: datetime) -> bool:
    """Whether the clock was set back so far that a job's moments are to be counted from now on."""
    return kept.slot > now + SKEW


def heard(kept: Kept, now: datetime) -> bool:
    """Whether a run is under way as far as clocks tell; for people, and for nobody who would run it again."""
    return kept.open and kept.beat is not None and abs(now - kept.beat) < LEASE


def due(schedule: Schedule, kept: Kept, now: datetime, *, alive: bool = False) -> datetime | None:
    """The moment that is to be served now, if there is one.

    Args:
        schedule: in force.
        kept: the job as it was last run.
        now: the present moment.
        alive: its run is under way, and was not killed.
    """
    when = schedule.jobs.get(kept.name)
    if when is None or (kept.open and alive) or set_back(kept, now):
        return None
    latest = latest_moment(when, kept.slot, now)
    if kept.open:
        return latest or kept.slot
    if latest is None or now < latest + delay(schedule, kept.name, latest):
        return None
    return latest


def handed_back(schedule: Schedule, claimed: Kept) -> datetime:
    """From when on a job's moments are to be counted so that the one of a run that was stopped is due again."""
    when = schedule.jobs[claimed.name]
    return claimed.slot - (when.span if isinstance(when, Every) else timedelta(seconds=1))


def next_run(schedule: Schedule, kept: Kept, now: datetime, *, alive: bool = False) -> datetime | None:
    """When a job is to run next, if nobody is late; now, where that is past; None: never.

    Args:
        schedule: in force.
        kept: the job as it was last run.
        now: the present moment.
        alive: its run is under way, and was not killed.
    """
    when = schedule.jobs.get(kept.name)
    if when is None:
        return None
    if kept.open and not alive:
        return now
    if set_back(kept, now):
        kept = replace(kept, slot=now)
    late = None if kept.open else latest_moment(when, kept.slot, now)
    moment = late or next_moment(when, max(kept.slot, now) if isinstance(when, Cron) else now, kept.slot)
    return None if moment is None else max(now, moment + delay(schedule, kept.name, moment))


def delay(schedule: Schedule, name: str, moment: datetime) -> timedelta:
    """How much later than a moment its run begins, on one machine always the same.

    At most half of the time to the next moment, so that a long jitter never lets a job wait for ever.
    """
    when = schedule.jobs[name]
    following = None if when is None else next_moment(when, moment, moment)
    most = schedule.jitter if following is None else min(schedule.jitter, (following - moment) / 2)
    digest = sha256(f"{schedule.machine} {name} {moment.astimezone(UTC).isoformat()}".encode()).digest()
    return most * (int.from_bytes(digest[:4]) / 2**32)


def next_moment(when: When, after: datetime, served: datetime) -> datetime | None:
    """The first moment after another; None where none will ever be.

    Args:
        when: the interval or expression.
        after: the other moment.
        served: one of the interval's own moments.
    """
    if isinstance(when, Cron):
        return next(_moments(when, after), None)
    return served + max(1, (after - served) // when.span + 1) * when.span


def latest_moment(when: When, served: datetime, now: datetime) -> datetime | None:
    """The latest moment that has come since the one that was served last."""
    if isinstance(when, Every):
        times = (now - served) // when.span
        return served + times * when.span if times > 0 else None
    for reach in _REACHES:
        since = max(served, now - reach)
        if (found := _last(when, since, now)) is not None or since == served:
            return found
    return _last(when, served, now)


def _last(when: Cron, since: datetime, until: datetime) -> datetime | None:
    last = None
    for moment in _moments(when, since):
        if moment > until:
            break
        last = moment
    return last


def _moments(when: Cron, after: datetime) -> Iterator[datetime]:
    """The moments of an expression after another one, in order, each once."""
    # Needed where an expression is written, and nowhere else.
    from cronsim import CronSim  # noqa: PLC0415

    # A moment that comes twice on the clock, or is left out, may be named again when one begins in the middle of it.
    for local in CronSim(when.expression, after.astimezone(when.zone)):
        moment = local.astimezone(UTC)
        if moment > after:
            yield moment
            after = moment

"""Moments as people read them, in local time, and as machines do, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from trackersync.report.names import ago

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(at: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """The day: ``Tue  3 Mar``, and its year where that is not this year's.

    Args:
        at: the moment.
        now: the moment of telling.
        zone: where the reader is; None: where this machine is.
    """
    here = at.astimezone(zone)
    year = "" if here.year == now.astimezone(zone).year else f" {here.year}"
    return f"{DAYS[here.weekday()]} {here.day:>2} {MONTHS[here.month - 1]}{year}"


def clock(at: datetime, zone: tzinfo | None = None) -> str:
    """The time of day: ``09:12``."""
    return f"{at.astimezone(zone):%H:%M}"


def when(at: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """A moment: ``09:12`` today, else with its day."""
    told = day(at, now, zone)
    return clock(at, zone) if told == day(now, now, zone) else f"{' '.join(told.split())} {clock(at, zone)}"


def fresh(at: datetime | None, now: datetime, zone: tzinfo | None = None) -> str:
    """How fresh something is: ``10:15, 4 min ago``; ``never``."""
    if at is None:
        return "never"
    span = max(now - at, timedelta(0))
    return f"{when(at, now, zone)}, {ago(span)} ago" if span >= timedelta(minutes=1) else f"{when(at, now, zone)}, now"


def utc(at: datetime | None) -> str | None:
    """A moment for machines: ISO 8601 in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")

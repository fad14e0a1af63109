"""The moment of looking, and when what was seen may change by itself.

Rules know time only through it: whatever they ask is noted with the moment at which the answer will be another one, so
that a task that nobody touches is looked at again just when time alone can change what is said of it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from trackersync.core.diagnose.calendar import Calendar

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_NONE = timedelta(0)
_EVER = 1_000_000
"""So many days are never over: more than two thousand years."""


@lru_cache(maxsize=256)
def _span(days: float) -> timedelta | None:
    """So many days; None for longer than anything lasts."""
    return timedelta(days=max(days, 0)) if days < _EVER else None


class Watch:
    """Tells rules the time.

    Attributes:
        now: the moment of looking, UTC.
        calendar: the team's days.
        again: the earliest moment at which anything that was asked since ``begin`` would be answered otherwise; None
            where nothing was asked.
    """

    def __init__(self, now: datetime, calendar: Calendar | None = None) -> None:
        """Begin at a moment, under a calendar; without one five days of the week count, in UTC."""
        self.now = now.astimezone(UTC)
        self.calendar = calendar or Calendar()
        self.again: datetime | None = None

    def begin(self) -> None:
        """Forget what was asked."""
        self.again = None

    def passed(self, moment: datetime) -> bool:
        """Whether a moment has come."""
        if self.now >= moment:
            return True
        self._note(moment)
        return False

    def over(self, since: datetime, days: float) -> bool:
        """Whether more than so many working days lie between a moment and now."""
        span = _span(days)
        if span is None:
            return False
        # All days count at most as days of work, so within so many of them it cannot be.
        if self.now - since <= span:
            self._note(since + span + _INSTANT)
            return False
        left = span - self.calendar.working(since, self.now)
        if left < timedelta(0):
            return True
        self._note(self._soonest(left + _INSTANT))
        return False

    def days(self, since: datetime) -> int:
        """The whole days between a moment and now, all of them counted."""
        whole = max(self.now - since, timedelta(0)) // _DAY
        self._note(since + (whole + 1) * _DAY)
        return whole

    def working_days(self, since: datetime) -> int:
        """The whole working days between a moment and now."""
        worked = self.calendar.working(since, self.now)
        whole = worked // _DAY
        self._note(self._soonest((whole + 1) * _DAY - worked))
        return whole

    @property
    def today(self) -> date:
        """The team's day."""
        day = self.calendar.day(self.now)
        self._note(self.calendar.begins(day + _DAY))
        return day

    def _soonest(self, left: timedelta) -> datetime:
        """When so much working time can have passed at the earliest, though clocks may be put forward on the way."""
        zone, target = self.calendar.zone, self.calendar.next_work(self.now) + left
        ahead = (target.astimezone(zone).utcoffset() or _NONE) - (self.now.astimezone(zone).utcoffset() or _NONE)
        return target if ahead <= _NONE else max(target - ahead, self.now + timedelta(minutes=1))

    def _note(self, moment: datetime) -> None:
        if self.again is None or moment < self.again:
            self.again = moment

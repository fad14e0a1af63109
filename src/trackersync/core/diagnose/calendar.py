"""Which days count: how much working time lies between two moments."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

_MONDAY = date(1900, 1, 1)
_DAY = timedelta(days=1)
_YEAR = 366


@dataclass(frozen=True)
class Calendar:
    """A team's days of work.

    Attributes:
        weekend: the days of the week that do not count, Monday is 0.
        holidays: further days that do not count.
        zone: where the team's days begin and end.
    """

    weekend: frozenset[int] = frozenset({5, 6})
    holidays: frozenset[date] = frozenset()
    zone: tzinfo = UTC
    _off: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _known: dict[date, tuple[int, bool]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep the holidays that fall on days of work, in order."""
        off = tuple(sorted(day for day in self.holidays if day.weekday() not in self.weekend))
        object.__setattr__(self, "_off", off)

    @property
    def every_day(self) -> bool:
        """Whether all days count."""
        return not self.weekend and not self.holidays

    def working(self, since: datetime, until: datetime) -> timedelta:
        """The working time between two moments; none where the second is not later."""
        if until <= since:
            return timedelta(0)
        # Where clocks are put back, an hour comes twice.
        return max(self._upto(until) - self._upto(since), timedelta(0))

    def day(self, moment: datetime) -> date:
        """The team's day at a moment."""
        return moment.astimezone(self.zone).date()

    def begins(self, day: date) -> datetime:
        """The moment at which a day of the team's begins, UTC."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def works(self, day: date) -> bool:
        """Whether a day counts."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def next_work(self, moment: datetime) -> datetime:
        """The moment itself on a day of work, else when the next one begins; within a year where there is none."""
        day = self.day(moment)
        if self.works(day):
            return moment
        days = (day + ahead * _DAY for ahead in range(1, _YEAR))
        return self.begins(next((day for day in days if self.works(day)), day + _YEAR * _DAY))

    def _upto(self, moment: datetime) -> timedelta:
        """The working time from a Monday long ago."""
        local = moment.astimezone(self.zone)
        today = local.date()
        known = self._known.get(today)
        if known is None:
            known = self._known[today] = (self._days_upto(today), self.works(today))
        days, works = known
        if not works:
            return timedelta(days)
        return timedelta(days, local.hour * 3600 + local.minute * 60 + local.second, local.microsecond)

    def _days_upto(self, today: date) -> int:
        weeks, rest = divmod((today - _MONDAY).days, 7)
        days = weeks * (7 - len(self.weekend)) + sum(day not in self.weekend for day in range(rest))
        return days - bisect_right(self._off, today - _DAY)


EVERY_DAY = Calendar(frozenset())

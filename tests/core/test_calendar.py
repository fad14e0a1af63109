"""Days of work counted against an oracle that looks at each hour, and a watch that tells when its answers change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackersync.core.diagnose.calendar import EVERY_DAY, Calendar
from trackersync.core.diagnose.watch import Watch

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES: tuple[tzinfo, ...] = (UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-7)))
DAYS = st.integers(0, 40).map(lambda days: date(2026, 2, 23) + timedelta(days=days))
CALENDARS = st.builds(
    Calendar, st.frozensets(st.integers(0, 6), max_size=6), st.frozensets(DAYS, max_size=8), st.sampled_from(ZONES)
)
MOMENTS = st.integers(0, 30 * 24).map(lambda hours: MONDAY + hours * HOUR)


def counted(calendar: Calendar, since: datetime, until: datetime) -> timedelta:
    """Hour by hour."""
    total, at = timedelta(0), since
    while at < until:
        local = at.astimezone(calendar.zone).date()
        total += HOUR if local.weekday() not in calendar.weekend and local not in calendar.holidays else timedelta(0)
        at += HOUR
    return total


@settings(max_examples=150, deadline=None)
@given(CALENDARS, MOMENTS, MOMENTS)
def test_working_time_is_what_counting_by_hand_gives(calendar: Calendar, since: datetime, until: datetime) -> None:
    assert calendar.working(since, until) == counted(calendar, since, until)


@pytest.mark.parametrize(
    ("calendar", "since", "until", "hours"),
    [
        pytest.param(Calendar(), 0, 7 * 24, 5 * 24, id="a week has five days of work"),
        pytest.param(Calendar(), 5 * 24, 7 * 24, 0, id="a weekend has none"),
        pytest.param(Calendar(), 4 * 24 + 12, 7 * 24 + 6, 18, id="from Friday noon to Monday at six"),
        pytest.param(Calendar(frozenset({4, 5})), 4 * 24, 7 * 24, 24, id="another weekend"),
        pytest.param(EVERY_DAY, 0, 7 * 24, 7 * 24, id="all days count"),
        pytest.param(Calendar(holidays=frozenset({date(2026, 3, 4)})), 0, 7 * 24, 4 * 24, id="a holiday"),
        pytest.param(Calendar(holidays=frozenset({date(2026, 3, 7)})), 0, 7 * 24, 5 * 24, id="a holiday on a Saturday"),
        pytest.param(Calendar(), 24, 24, 0, id="no time"),
        pytest.param(Calendar(), 24, 0, 0, id="the wrong way round"),
    ],
)
def test_working_time(calendar: Calendar, since: int, until: int, hours: int) -> None:
    assert calendar.working(MONDAY + since * HOUR, MONDAY + until * HOUR) == hours * HOUR


def test_days_begin_where_the_team_is() -> None:
    tokyo = Calendar(zone=ZoneInfo("Asia/Tokyo"))
    friday_evening = datetime(2026, 3, 6, 20, tzinfo=UTC)
    assert tokyo.day(friday_evening) == date(2026, 3, 7)
    assert tokyo.begins(date(2026, 3, 7)) == datetime(2026, 3, 6, 15, tzinfo=UTC)
    assert tokyo.working(friday_evening - DAY, friday_evening) == 19 * HOUR


def test_no_time_runs_backwards_where_clocks_are_put_back() -> None:
    berlin = Calendar(frozenset(), zone=ZoneInfo("Europe/Berlin"))
    before = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    assert berlin.working(before, before + timedelta(minutes=20)) == timedelta(0)
    assert Watch(before + timedelta(minutes=20), berlin).working_days(before) == 0


def asked(watch: Watch, since: datetime, days: float) -> tuple[object, ...]:
    watch.begin()
    return watch.over(since, days), watch.days(since), watch.working_days(since), watch.today, watch.passed(since + DAY)


@settings(max_examples=100, deadline=None)
@given(CALENDARS, MOMENTS, MOMENTS, st.floats(0, 12), st.integers(1, 59))
def test_nothing_changes_before_the_watch_says_so(
    calendar: Calendar, since: datetime, now: datetime, days: float, minutes: int
) -> None:
    watch = Watch(now, calendar)
    first = asked(watch, since, days)
    again = watch.again
    assert again is not None
    assert again > now
    last = again - timedelta(microseconds=1)
    for later in (last, min(last, now + (again - now) * minutes / 60)):
        assert asked(Watch(later, calendar), since, days) == first


@settings(max_examples=100, deadline=None)
@given(CALENDARS, MOMENTS, MOMENTS, st.integers(0, 10))
def test_over_is_what_counting_by_hand_gives(calendar: Calendar, since: datetime, now: datetime, days: int) -> None:
    assert Watch(now, calendar).over(since, days) == (counted(calendar, since, now) > days * DAY)


def test_a_team_that_never_works_is_looked_at_once_a_year() -> None:
    never = Calendar(frozenset(range(7)))
    assert Watch(MONDAY, never).working_days(MONDAY - 9 * DAY) == 0
    assert never.next_work(MONDAY) == MONDAY + 366 * DAY


def test_what_is_over_is_looked_at_again_just_then() -> None:
    watch = Watch(MONDAY + 4 * DAY, Calendar())
    assert not watch.over(MONDAY, 5)
    # Not again and again through a weekend on which nothing can change.
    for _ in range(4):
        assert watch.again is not None
        watch.now = watch.again
        watch.begin()
        if watch.over(MONDAY, 5):
            break
    assert watch.now == MONDAY + 7 * DAY + timedelta(microseconds=1)


def test_it_is_looked_at_again_in_time_where_clocks_are_put_forward() -> None:
    berlin = Calendar(frozenset(), zone=ZoneInfo("Europe/Berlin"))
    since = datetime(2026, 3, 27, 12, tzinfo=UTC)
    watch = Watch(since + 2 * DAY - 20 * HOUR, berlin)
    whole = watch.working_days(since)
    assert watch.again is not None
    assert Watch(watch.again - timedelta(microseconds=1), berlin).working_days(since) == whole


@pytest.mark.parametrize("days", [1e6, 1e9, 1e300, float("inf"), float("nan")])
def test_what_is_expected_to_take_for_ever_is_never_over(days: float) -> None:
    watch = Watch(MONDAY)
    assert not watch.over(MONDAY - 400 * DAY, days)
    assert watch.again is None


def test_less_than_no_time_is_over_at_once() -> None:
    assert Watch(MONDAY + HOUR).over(MONDAY, -1e12)

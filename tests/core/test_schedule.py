"""When a job is due: intervals, cron expressions, days when clocks change, clocks that are set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from trackersync.core.schedule import (
    Cron,
    Every,
    Kept,
    Schedule,
    When,
    delay,
    due,
    latest_moment,
    next_moment,
    next_run,
    set_back,
)

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    """A moment of 2026 in UTC: ``03-29 01:00``."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def moments(when: When, since: str, until: str) -> list[str]:
    """The moments after one and up to another, as next_moment names them one after the other."""
    found, moment = [], at(since)
    while (coming := next_moment(when, moment, at(since))) is not None and coming <= at(until):
        found.append(f"{coming:%m-%d %H:%M}")
        moment = coming
    return found


# In Berlin clocks go from 02:00 to 03:00 on 29 March (01:00 UTC), and from 03:00 to 02:00 on 25 October (01:00 UTC).
DAYS = {
    "an interval": (
        Every(timedelta(hours=7)),
        "03-28 20:00",
        "03-29 20:00",
        ["03-29 03:00", "03-29 10:00", "03-29 17:00"],
    ),
    "every half hour as clocks go forward": (
        Cron("*/30 * * * *", BERLIN),
        "03-29 00:00",
        "03-29 02:00",
        ["03-29 00:30", "03-29 01:00", "03-29 01:30", "03-29 02:00"],
    ),
    "every half hour as clocks go back": (
        Cron("*/30 * * * *", BERLIN),
        "10-25 00:00",
        "10-25 02:00",
        ["10-25 00:30", "10-25 01:00", "10-25 01:30", "10-25 02:00"],
    ),
    "at 02:30, which is left out": (
        Cron("30 2 * * *", BERLIN),
        "03-27 12:00",
        "03-30 12:00",
        ["03-28 01:30", "03-29 01:00", "03-30 00:30"],
    ),
    "at 02:30, which comes twice": (
        Cron("30 2 * * *", BERLIN),
        "10-23 12:00",
        "10-26 12:00",
        ["10-24 00:30", "10-25 00:30", "10-26 01:30"],
    ),
    "at 02:00 and 02:30, both left out: once": (
        Cron("0,30 2 * * *", BERLIN),
        "03-28 12:00",
        "03-30 12:00",
        ["03-29 01:00", "03-30 00:00", "03-30 00:30"],
    ),
    "at 03:00 on the day of 23 hours": (
        Cron("0 3 * * *", BERLIN),
        "03-28 12:00",
        "03-30 12:00",
        ["03-29 01:00", "03-30 01:00"],
    ),
    "in UTC nothing is left out": (
        Cron("30 1 * * *", UTC),
        "03-28 12:00",
        "03-30 12:00",
        ["03-29 01:30", "03-30 01:30"],
    ),
    "on the last Friday": (
        Cron("0 9 * * 5L", UTC),
        "01-01 00:00",
        "03-31 00:00",
        ["01-30 09:00", "02-27 09:00", "03-27 09:00"],
    ),
}


@pytest.mark.parametrize(("when", "since", "until", "wanted"), DAYS.values(), ids=DAYS.keys())
def test_the_moments_of_a_job(when: When, since: str, until: str, wanted: list[str]) -> None:
    assert moments(when, since, until) == wanted


@pytest.mark.parametrize(("when", "since", "until", "wanted"), DAYS.values(), ids=DAYS.keys())
def test_the_latest_moment_is_the_last_of_them(when: When, since: str, until: str, wanted: list[str]) -> None:
    latest = latest_moment(when, at(since), at(until))
    assert latest is not None
    assert f"{latest:%m-%d %H:%M}" == wanted[-1]
    assert latest_moment(when, latest, at(until)) is None


def test_from_within_the_hour_that_comes_twice_a_moment_is_not_named_again() -> None:
    second = at("10-25 01:15")  # 02:15 in Berlin, for the second time
    assert next_moment(Cron("30 2 * * *", BERLIN), second, second) == at("10-26 01:30")


def test_after_a_year_away_the_latest_moment_is_found_at_once() -> None:
    away = at("11-28 12:00")
    assert latest_moment(Cron("* * * * *", BERLIN), away - timedelta(days=400), away) == away
    assert latest_moment(Cron("0 0 29 2 *", UTC), away - timedelta(days=2000), away) == datetime(
        2024, 2, 29, tzinfo=UTC
    )


FIVE = Schedule({"sync": Every(5 * MINUTE)})
NOON = at("03-05 12:00")

DUES = {
    "before its moment": (Kept("sync", NOON), 4.9, False, None),
    "at its moment": (Kept("sync", NOON), 5, False, 5),
    "four were missed: the latest": (Kept("sync", NOON), 21, False, 20),
    "under way": (Kept("sync", NOON, NOON), 21, True, None),
    "killed, before the next moment: the same again": (Kept("sync", NOON, NOON), 1, False, 0),
    "killed, after later moments: the latest": (Kept("sync", NOON, NOON), 11, False, 10),
    "ended, before the next moment": (Kept("sync", NOON, NOON, NOON), 4, False, None),
    "the clock was corrected by a little: waited for": (Kept("sync", NOON), -9, False, None),
    "the clock was set back: counted anew": (Kept("sync", NOON), -11, False, None),
    "the clock was set forward by a day: once": (Kept("sync", NOON), 1441, False, 1440),
}


@pytest.mark.parametrize(("kept", "after", "alive", "wanted"), DUES.values(), ids=DUES.keys())
def test_what_is_due(kept: Kept, after: float, alive: bool, wanted: float | None) -> None:
    moment = due(FIVE, kept, NOON + after * MINUTE, alive=alive)
    assert moment == (None if wanted is None else NOON + wanted * MINUTE)


def test_a_job_that_is_off_is_never_due() -> None:
    off = Schedule({"sync": None})
    assert due(off, Kept("sync", NOON), NOON + timedelta(days=3)) is None
    assert next_run(off, Kept("sync", NOON), NOON) is None
    assert due(FIVE, Kept("an older version's", NOON), NOON + timedelta(days=3)) is None


def test_only_a_clock_that_was_set_back_far_counts_as_set_back() -> None:
    assert not set_back(Kept("sync", NOON), NOON - 10 * MINUTE)
    assert set_back(Kept("sync", NOON), NOON - 10.1 * MINUTE)


NEXT = {
    "between two": (Kept("sync", NOON), 2, False, 5),
    "late": (Kept("sync", NOON), 7, False, 7),
    "under way": (Kept("sync", NOON, NOON), 2, True, 5),
    "under way for long": (Kept("sync", NOON, NOON), 12, True, 15),
    "killed: now": (Kept("sync", NOON, NOON), 2, False, 2),
    "the clock was set back": (Kept("sync", NOON), -60, False, -55),
}


@pytest.mark.parametrize(("kept", "after", "alive", "wanted"), NEXT.values(), ids=NEXT.keys())
def test_the_next_run(kept: Kept, after: float, alive: bool, wanted: float) -> None:
    assert next_run(FIVE, kept, NOON + after * MINUTE, alive=alive) == NOON + wanted * MINUTE


def test_jitter_delays_a_start_and_never_moves_a_moment() -> None:
    spread = Schedule({"sync": Every(5 * MINUTE)}, jitter=MINUTE, machine="build-3")
    moment = NOON + 5 * MINUTE
    late = delay(spread, "sync", moment)
    assert timedelta() < late < MINUTE
    assert late == delay(spread, "sync", moment)
    assert due(spread, Kept("sync", NOON), moment + late - timedelta(microseconds=1)) is None
    assert due(spread, Kept("sync", NOON), moment + late) == moment
    assert next_run(spread, Kept("sync", NOON), NOON) == moment + late


def test_jitter_differs_by_machine_job_and_moment() -> None:
    jobs: dict[str, When | None] = {"sync": Every(5 * MINUTE), "check": Every(5 * MINUTE)}
    one, other = (Schedule(jobs, MINUTE, machine) for machine in ("build-3", "build-4"))
    delays = [delay(one, "sync", NOON), delay(other, "sync", NOON), delay(one, "check", NOON)]
    delays += [delay(one, "sync", NOON + times * 5 * MINUTE) for times in range(1, 200)]
    assert len(set(delays)) == len(delays)
    mean = sum(delays, timedelta()) / len(delays)
    assert timedelta(seconds=25) < mean < timedelta(seconds=35)


def test_a_jitter_longer_than_the_interval_does_not_starve_a_job() -> None:
    eager = Schedule({"sync": Every(timedelta(seconds=10))}, jitter=timedelta(hours=1))
    for times in range(100):
        assert delay(eager, "sync", NOON + times * timedelta(seconds=10)) <= timedelta(seconds=5)

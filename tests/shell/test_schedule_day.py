"""24 hours of schedule in virtual time, with restarts, kills and two workers: every job ran as often as it should.

The service is the real ``Jobs`` on a real store. The judge knows nothing of ``core.schedule``: it lists each job's
moments for itself, and from when who was up it tells which of them had to be served, and which could not be.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from virtual_time import passing

from trackersync.core.schedule import LEASE, Cron, Every, Schedule
from trackersync.errors import StoreError
from trackersync.store import Store, open_store
from trackersync.worker.jobs import Jobs

BERLIN = ZoneInfo("Europe/Berlin")
DAY = 86_400.0
TICK = 150.0
"""Seconds between two ticks at most; an engine's are closer."""
SLACK = 2.0
"""Seconds that a run may begin late beside a tick."""
SCHEDULE = Schedule(
    {
        "sync": Every(timedelta(minutes=10)),
        "check": Cron("*/15 * * * *", BERLIN),
        "full_scan": Cron("30 2 * * *", BERLIN),
    },
    jitter=timedelta(seconds=10),
    machine="build-3",
)
LATEST_START = 10.0 + TICK + SLACK
"""Seconds after its moment within which a job begins where somebody is up and free all the time."""

# By the day it begins: the moments of `full_scan`, which runs at 02:30 in Berlin, as hours since midnight in UTC.
DAYS = {
    "any day": (datetime(2026, 3, 5, tzinfo=UTC), 1.5),
    "02:30 is left out": (datetime(2026, 3, 29, tzinfo=UTC), 1.0),
    "02:30 comes twice": (datetime(2026, 10, 25, tzinfo=UTC), 0.5),
}


class Cut:
    """A store as a process sees it: nothing is written or read any more once the process was killed."""

    def __init__(self, store: Store) -> None:
        self._store, self.dead = store, False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        if self.dead:
            raise StoreError("killed")
        return getattr(self._store, name)


@dataclass
class Ran:
    """A run of a job, in seconds since the beginning."""

    slot: float
    begun: float
    ended: float | None = None
    whole: bool = False


@dataclass
class Day:
    """What happened."""

    start: datetime
    store: Store
    runs: dict[str, list[Ran]] = field(default_factory=lambda: {name: [] for name in SCHEDULE.jobs})
    up: list[tuple[float, float]] = field(default_factory=list)
    asked: int = 0

    def now(self) -> datetime:
        """The time, as a ``connector.Clock`` tells it."""
        self.asked += 1
        assert self.asked < 100_000, "a storm"
        return self.start + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def process(day: Day, place: str, rng: Random, until: float, *, killed: bool) -> None:
    """A process from its start to its end, which is a kill or a stop; it reads its configuration again now and then."""
    loop = asyncio.get_running_loop()
    cut = Cut(day.store)
    jobs = Jobs(cast("Store", cut), day, SCHEDULE, place)
    begun = loop.time()

    async def run(name: str) -> str:
        ran = Ran((day.store.kept()[name].slot - day.start).total_seconds(), loop.time())
        day.runs[name].append(ran)
        try:
            await asyncio.sleep(rng.choice([0.0, 0.5, 5.0, 40.0]) if name != "full_scan" else rng.uniform(60, 1500))
            ran.whole = True
            if rng.random() < 0.1:
                raise ValueError("a job that fails is over, and hinders nobody")
        finally:
            ran.ended = loop.time()
        return ""

    async def live() -> None:
        nonlocal jobs
        while True:
            await jobs.run_due(run)
            if rng.random() < 0.05:
                jobs = Jobs(cast("Store", cut), day, SCHEDULE, place)
            coming = jobs.next()
            assert coming is not None
            await asyncio.sleep(max(0.001, min(TICK, (coming - day.now()).total_seconds())))

    living = asyncio.create_task(live())
    await asyncio.sleep(max(0.0, until - loop.time()))
    cut.dead = killed
    living.cancel()
    with suppress(asyncio.CancelledError, StoreError):
        await living
    day.up.append((begun, loop.time()))


async def lives(day: Day, name: str, rng: Random) -> None:
    """One process after another, some of them killed, with a pause between two; each has another id."""
    loop, number = asyncio.get_running_loop(), 0
    while loop.time() < DAY:
        number += 1
        until = loop.time() + rng.choice([5, 100, 3_000, 20_000]) * rng.uniform(0.5, 1.5)
        if rng.random() < 0.7:  # in the middle of a run
            until += 600 - until % 600 + rng.uniform(0, 30)
        until = min(DAY, until)
        await process(day, f"process {number} on {name}", rng, until, killed=rng.random() < 0.5)
        await asyncio.sleep(rng.choice([0.2, 10, 400, 5_000]) * rng.uniform(0.5, 1.5))


def moments(name: str, day: Day, first: float, scan: float) -> list[float]:
    """The moments of a job, in seconds since midnight, listed by hand; an interval's count from the first start."""
    if name == "sync":
        return [first + 600.0 * times for times in range(1, int((DAY - first) / 600) + 1)]
    if name == "check":
        return [900.0 * times for times in range(1, 96)]
    return [scan * 3600]


def free(day: Day, name: str, since: float, until: float) -> float:
    """For how long at a stretch somebody was up and the job was not under way, or held to be, in a span of time."""
    blocked = []
    for ran in day.runs[name]:
        assert ran.ended is not None
        blocked.append((ran.begun, ran.ended if ran.whole else ran.ended + SLACK))
        if not ran.whole and day.store.file is None:
            after = next((one.begun for one in day.runs[name] if one.begun > ran.begun), DAY)
            blocked.append((ran.ended, after))
    cuts = sorted({since, until, *(edge for span in [*day.up, *blocked] for edge in span if since < edge < until)})
    longest = stretch = 0.0
    for one, other in pairwise(cuts):
        middle = (one + other) / 2
        could = any(a < middle < b for a, b in day.up) and not any(a < middle < b for a, b in blocked)
        stretch = stretch + other - one if could else 0.0
        longest = max(longest, stretch)
    return longest


def wrongs(day: Day, scan: float) -> Iterator[str]:
    """What was not as it should be."""
    first = min(begun for begun, _ in day.up)
    for name, runs in day.runs.items():
        all_moments = moments(name, day, first, scan)
        served = [ran.slot for ran in runs if ran.whole]
        if len(served) != len(set(served)):
            yield f"{name}: a moment was served twice"
        if not {round(slot, 3) for slot in served} <= {round(moment, 3) for moment in all_moments}:
            yield f"{name}: no moment of its own was served: {set(served) - set(all_moments)}"
        for ran, following in pairwise(runs):
            if ran.ended is None or following.begun < ran.ended:
                yield f"{name}: two runs at one time, at {following.begun}"
        for ran in runs:
            latest = all_moments[bisect_right(all_moments, ran.begun + 0.001) - 1]
            # A run that begins within the jitter of the next moment waits for it; a killed one is run again at once.
            if ran.begun - latest > 0.001 and round(latest, 3) != round(ran.slot, 3):
                yield f"{name}: at {ran.begun} not the latest moment {latest} was served, but {ran.slot}"
        for moment, coming in zip(all_moments, [*all_moments[1:], DAY], strict=True):
            if round(moment, 3) not in {round(slot, 3) for slot in served}:
                could = free(day, name, moment, coming)
                if could > LATEST_START:
                    yield f"{name}: {moment} was not served, though somebody was free for {could} s"
        for ran, following in pairwise(runs):
            if not ran.whole and ran.ended is not None:
                waits = max(
                    (b - max(a, ran.ended) for a, b in day.up if b > ran.ended and a < following.begun), default=0
                )
                late = min(following.begun - ran.ended, waits)
                if (
                    late > LEASE.total_seconds() + 2 * TICK + SLACK
                    and free(day, name, ran.ended, following.begun) > LEASE.total_seconds() + 2 * TICK
                ):
                    yield f"{name}: what was killed at {ran.ended} was taken over only at {following.begun}"


def play(start: datetime, store: Store, seed: int, *, workers: int) -> Day:
    """A day of a service."""
    day = Day(start, store)

    async def story() -> Day:
        rng = Random(seed)  # noqa: S311 - a test's dice
        dice = [Random(rng.random()) for _ in range(workers)]  # noqa: S311 - the same
        await asyncio.gather(*(lives(day, f"build-{number}", one) for number, one in enumerate(dice)))
        return day

    played: Day = passing(story())
    return played


@pytest.mark.parametrize(
    ("name", "workers"), [("any day", 1), ("any day", 2), ("02:30 is left out", 2), ("02:30 comes twice", 1)]
)
def test_a_day(name: str, workers: int, tmp_path: Path) -> None:
    start, scan = DAYS[name]
    # A file has one worker, and whoever begins knows that the others are dead; of a server, that is told by its beats.
    with open_store(str(tmp_path / "trackersync.db") if workers == 1 else "sqlite://") as store:
        day = play(start, store, start.month * 10 + workers, workers=workers)
        assert list(wrongs(day, scan)) == []
    # It was a day on which something happened.
    assert sum(not ran.whole for runs in day.runs.values() for ran in runs) >= 3
    assert len(day.runs["sync"]) > 100

"""The runner of scheduled jobs: what fails, is stopped, killed, changed, or out of time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from virtual_time import NOON, VirtualClock, passing

from trackersync.core.schedule import LEASE, Cron, Every, Schedule, When
from trackersync.store import Store, open_store
from trackersync.worker.jobs import STOPPED, Jobs

MINUTE = timedelta(minutes=1)
HERE, THERE = "process 1 on build-3", "process 2 on build-4"


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://") as opened:
        yield opened


class Done:
    """What was run, and when, in minutes since noon; a run takes as long as ``takes`` says."""

    def __init__(self, clock: VirtualClock, **takes: float) -> None:
        self.clock, self.takes = clock, takes
        self.runs: list[tuple[str, float]] = []

    async def __call__(self, name: str) -> str:
        self.runs.append((name, round((self.clock.now() - NOON) / MINUTE, 2)))
        await asyncio.sleep(self.takes.get(name, 0.0) * 60)
        return ""


def jobs_on(store: Store, clock: VirtualClock, place: str = HERE, jitter: float = 0, **jobs: When | None) -> Jobs:
    return Jobs(store, clock, Schedule(jobs, timedelta(seconds=jitter)), place)


async def live(jobs: Jobs, done: Done, minutes: float, tick: float = 10.0) -> None:
    """Tick for so long."""
    until = asyncio.get_running_loop().time() + minutes * 60
    while asyncio.get_running_loop().time() < until:
        await jobs.run_due(done)
        await asyncio.sleep(tick)


def test_a_new_job_is_run_for_the_first_time_after_its_interval(store: Store) -> None:
    async def story() -> list[tuple[str, float]]:
        clock = VirtualClock()
        done = Done(clock)
        await live(jobs_on(store, clock, sync=Every(5 * MINUTE), check=None), done, 11)
        return done.runs

    assert passing(story()) == [("sync", 5.0), ("sync", 10.0)]


def test_a_job_that_fails_is_written_down_and_hinders_no_other(store: Store) -> None:
    async def run(name: str) -> str:
        if name == "sync":
            raise ValueError("the tracker has gone")
        return "jira: not reached"

    async def story() -> None:
        clock = VirtualClock()
        jobs = jobs_on(store, clock, sync=Every(MINUTE), check=Every(MINUTE))
        await jobs.run_due(run)
        await asyncio.sleep(60)
        await jobs.run_due(run)

    passing(story())
    kept = store.kept()
    assert kept["sync"].outcome == "the tracker has gone"
    assert kept["check"].outcome == "jira: not reached"
    assert all(one.ended is not None for one in kept.values())


def test_others_that_come_due_beside_a_long_run_are_run(store: Store) -> None:
    async def story() -> list[tuple[str, float]]:
        clock = VirtualClock()
        done = Done(clock, full_scan=12)
        jobs = jobs_on(store, clock, sync=Every(5 * MINUTE), full_scan=Every(6 * MINUTE))
        await live(jobs, done, 19)
        return done.runs

    runs = passing(story())
    assert [at for name, at in runs if name == "sync"] == [5.0, 10.0, 15.0, 20.0, 25.0, 30.0]
    # Not begun again while it goes on; of what it missed meanwhile, the latest once.
    assert [at for name, at in runs if name == "full_scan"] == [6.0, pytest.approx(18, abs=0.2)]


def test_what_is_stopped_is_run_again_at_once_by_the_next(store: Store) -> None:
    async def story() -> list[tuple[str, float]]:
        clock = VirtualClock()
        done = Done(clock, sync=1)
        jobs = jobs_on(store, clock, sync=Every(5 * MINUTE))
        living = asyncio.create_task(live(jobs, done, 9))
        await asyncio.sleep(5.5 * 60)
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
        assert store.kept()["sync"].outcome == STOPPED
        await live(jobs_on(store, clock, THERE, sync=Every(5 * MINUTE)), done, 5)
        return done.runs

    assert passing(story()) == [("sync", 5.0), ("sync", 5.5), ("sync", 10.0)]


def test_a_run_that_beats_is_left_alone_and_one_that_does_not_is_taken_over(store: Store) -> None:
    async def story() -> list[tuple[str, float]]:
        clock = VirtualClock()
        mine, theirs = Done(clock, full_scan=30), Done(clock)
        slow = asyncio.create_task(live(jobs_on(store, clock, full_scan=Every(10 * MINUTE)), mine, 30))
        other = jobs_on(store, clock, THERE, full_scan=Every(10 * MINUTE))
        await asyncio.sleep(10.5 * 60)
        await live(other, theirs, 15)
        assert theirs.runs == []
        killed = store.kept()["full_scan"]
        store.beat_job = lambda *_: None  # type: ignore[method-assign]  # the process hangs: nothing of it is heard
        await live(other, theirs, LEASE / MINUTE + 1)
        assert theirs.runs != []
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        # Whoever hung and comes back writes nothing over what was taken from it.
        assert store.kept()["full_scan"].place == THERE != killed.place
        return theirs.runs

    [(_, at)] = passing(story())
    assert 25.5 + LEASE / MINUTE - 0.5 <= at <= 25.5 + LEASE / MINUTE + 0.5


def test_on_a_file_whoever_begins_knows_that_others_are_dead(tmp_path: Path) -> None:
    async def story(store: Store) -> list[tuple[str, float]]:
        clock = VirtualClock()
        store.await_job("sync", NOON - 6 * MINUTE)
        store.claim_job(store.kept()["sync"], NOON - MINUTE, NOON - MINUTE, "process 7 on build-3")
        done = Done(clock)
        await live(jobs_on(store, clock, sync=Every(5 * MINUTE)), done, 1)
        return done.runs

    with open_store(str(tmp_path / "trackersync.db")) as store:
        store.remember("schedule of sync", str(Every(5 * MINUTE)))
        assert passing(story(store)) == [("sync", 0.0)]


def test_a_killed_run_that_is_taken_over_and_stopped_is_still_to_be_run(tmp_path: Path) -> None:
    async def story(store: Store) -> list[tuple[str, float]]:
        clock = VirtualClock()
        store.await_job("sync", NOON - 6 * MINUTE)
        store.claim_job(store.kept()["sync"], NOON - MINUTE, NOON - MINUTE, "process 7 on build-3")
        done = Done(clock, sync=1)
        stopped = asyncio.create_task(live(jobs_on(store, clock, sync=Every(5 * MINUTE)), done, 3))
        await asyncio.sleep(30)
        stopped.cancel()
        await asyncio.gather(stopped, return_exceptions=True)
        await live(jobs_on(store, clock, THERE, sync=Every(5 * MINUTE)), done, 2)
        return done.runs

    with open_store(str(tmp_path / "trackersync.db")) as store:
        store.remember("schedule of sync", str(Every(5 * MINUTE)))
        assert passing(story(store)) == [("sync", 0.0), ("sync", 0.5)]
        assert store.kept()["sync"].slot == NOON - MINUTE


def test_another_schedule_holds_from_now_on_and_runs_nothing_at_once(store: Store) -> None:
    async def story() -> list[tuple[str, float]]:
        clock = VirtualClock()
        done = Done(clock)
        slow, quick = Every(600 * MINUTE), Every(5 * MINUTE)
        await live(jobs_on(store, clock, sync=slow, full_scan=slow, check=slow), done, 60)
        await live(jobs_on(store, clock, sync=quick, full_scan=Cron("0 3 * * *", UTC), check=None), done, 8)
        # Read again without a change, nothing is shifted.
        await live(jobs_on(store, clock, sync=quick, full_scan=Cron("0 3 * * *", UTC), check=None), done, 4)
        return done.runs

    assert passing(story()) == [("sync", 65.0), ("sync", 70.0)]


def test_one_that_was_retired_begins_nothing_more(store: Store) -> None:
    async def story() -> list[tuple[str, float]]:
        clock = VirtualClock()
        done = Done(clock)
        jobs = jobs_on(store, clock, sync=Every(5 * MINUTE))
        await live(jobs, done, 6)
        jobs.retire()
        await live(jobs, done, 10)
        return done.runs

    assert passing(story()) == [("sync", 5.0)]


@pytest.mark.parametrize("seed", range(4))
def test_a_clock_that_is_set_to_and_fro_brings_neither_storm_nor_silence(store: Store, seed: int) -> None:
    async def story() -> list[float]:
        dice, clock, jumps = Random(seed), VirtualClock(), 0  # noqa: S311 - a test's dice
        loop = asyncio.get_running_loop()
        began: list[float] = []

        async def run(_: str) -> str:
            began.append(loop.time() / 60)
            return ""

        jobs = jobs_on(store, clock, sync=Every(5 * MINUTE), jitter=20)
        while loop.time() < 12 * 3600:
            await jobs.run_due(run)
            if dice.random() < 0.005:
                clock.back(dice.choice([-1, 1]) * dice.choice([2, 400, 4_000, 90_000]) * dice.uniform(0.5, 1.5))
                jumps += 1
            await asyncio.sleep(60)
        assert jumps > 1
        # As many as fit in, and one more for each time the clock was set forward or back.
        assert len(began) <= 12 * 60 / 5 + jumps
        return began

    began = passing(story())
    silences = [other - one for one, other in zip([0.0, *began], [*began, 720.0], strict=True)]
    # An interval, what clocks may differ, a tick and the jitter; once more where the clock was set back in between.
    assert max(silences) <= 2 * (5 + 10) + 2


def test_the_next_run_is_the_earliest_of_all(store: Store) -> None:
    async def story() -> tuple[datetime | None, datetime | None]:
        clock = VirtualClock()
        jobs = jobs_on(store, clock, sync=Every(5 * MINUTE), check=Every(3 * MINUTE), full_scan=None)
        first = jobs.next()
        return first, jobs_on(store, clock, sync=None).next()

    assert passing(story()) == (NOON + 3 * MINUTE, None)

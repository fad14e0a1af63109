"""The kept schedule: who claims a run, who takes it over, and what is not written any more by whoever lost it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from trackersync.core.schedule import Kept
from trackersync.store import Store

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def awaited(store: Store) -> Kept:
    store.await_job("sync", NOON)
    return store.kept()["sync"]


def test_a_job_is_awaited_from_the_first_time_on(store: Store) -> None:
    awaited(store)
    store.await_job("sync", NOON + MINUTE)
    assert store.kept() == {"sync": Kept("sync", NOON)}


def test_a_run_is_claimed_beats_and_ends(store: Store) -> None:
    claimed = store.claim_job(awaited(store), NOON + MINUTE, NOON + MINUTE, "process 1 on build-3")
    assert claimed is not None
    assert store.kept()["sync"] == claimed
    assert claimed.open
    store.beat_job(claimed, NOON + 2 * MINUTE)
    assert store.kept()["sync"] == replace(claimed, beat=NOON + 2 * MINUTE)
    store.end_job(claimed, NOON + 3 * MINUTE, "GitHub is down")
    ended = store.kept()["sync"]
    assert (ended.ended, ended.outcome, ended.open) == (NOON + 3 * MINUTE, "GitHub is down", False)


def test_of_many_that_claim_a_run_one_has_it(store: Store) -> None:
    kept = awaited(store)
    with ThreadPoolExecutor(8) as pool:
        claims = list(
            pool.map(lambda number: store.claim_job(kept, NOON + MINUTE, NOON + MINUTE, f"process {number}"), range(8))
        )
    [claimed] = [one for one in claims if one is not None]
    assert store.kept()["sync"] == claimed


def test_a_killed_run_of_the_same_moment_is_taken_over_by_one(store: Store) -> None:
    killed = store.claim_job(awaited(store), NOON + MINUTE, NOON + MINUTE, "process 1")
    assert killed is not None
    store.beat_job(killed, NOON + 2 * MINUTE)
    seen = store.kept()["sync"]
    # A container that begins anew is called as before.
    taken = store.claim_job(seen, NOON + MINUTE, NOON + 5 * MINUTE, "process 1")
    assert taken is not None
    assert store.claim_job(seen, NOON + MINUTE, NOON + 5 * MINUTE, "process 3") is None
    store.end_job(killed, NOON + 6 * MINUTE, "late")
    assert store.kept()["sync"] == taken


def test_whoever_lost_a_run_writes_nothing_to_it(store: Store) -> None:
    lost = store.claim_job(awaited(store), NOON + MINUTE, NOON + MINUTE, "process 1")
    assert lost is not None
    taken = store.claim_job(lost, NOON + MINUTE, NOON + 5 * MINUTE, "process 2")
    store.beat_job(lost, NOON + 6 * MINUTE)
    store.end_job(lost, NOON + 6 * MINUTE, "late")
    store.hand_back_job(lost, NOON, NOON + 6 * MINUTE, "stopped")
    store.recount_job(lost, NOON + 9 * MINUTE)
    assert store.kept()["sync"] == taken


def test_a_run_that_has_ended_is_not_taken_over(store: Store) -> None:
    claimed = store.claim_job(awaited(store), NOON + MINUTE, NOON + MINUTE, "process 1")
    assert claimed is not None
    store.end_job(claimed, NOON + 2 * MINUTE)
    assert store.claim_job(claimed, NOON + MINUTE, NOON + 5 * MINUTE, "process 2") is None


def test_a_run_that_was_stopped_leaves_its_moment_to_be_served(store: Store) -> None:
    claimed = store.claim_job(awaited(store), NOON + MINUTE, NOON + MINUTE, "process 1")
    assert claimed is not None
    store.hand_back_job(claimed, NOON, NOON + 2 * MINUTE, "stopped")
    kept = store.kept()["sync"]
    assert (kept.slot, kept.ended, kept.outcome) == (NOON, NOON + 2 * MINUTE, "stopped")


def test_a_job_is_counted_anew_with_what_is_known_of_its_last_run(store: Store) -> None:
    claimed = store.claim_job(awaited(store), NOON + MINUTE, NOON + MINUTE, "process 1")
    assert claimed is not None
    store.end_job(claimed, NOON + 2 * MINUTE)
    ended = store.kept()["sync"]
    store.recount_job(ended, NOON - 60 * MINUTE)
    assert store.kept()["sync"] == replace(ended, slot=NOON - 60 * MINUTE)

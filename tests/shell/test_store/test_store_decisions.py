"""Conflicts wait with their first moment; refusals, approvals and overruled moves are remembered."""

from __future__ import annotations

from dataclasses import replace

from trackersync.core.model import Conflict, Overruled, Side
from trackersync.store import Rejection, Ruling, Store, Waiting

from .values import NOON, at, ref

OWNERS = Conflict(
    "github:17",
    "owners",
    (Side(ref(42, "jira"), "SHOP-42", "alan-t"), Side(ref(17), "acme/shop#17", "grace-h")),
    "both had moved",
)
STAGE = replace(OWNERS, task="github:16", field="stage")


def test_a_conflict_waits_since_it_was_first_seen(store: Store) -> None:
    store.put_conflicts(1, [OWNERS], NOON)
    later = replace(OWNERS, because="both had moved again")

    store.put_conflicts(2, [later, STAGE], at(60))

    assert store.conflicts() == (Waiting(later, NOON, 2), Waiting(STAGE, at(60), 2))


def test_a_conflict_not_seen_any_more_is_settled(store: Store) -> None:
    store.put_conflicts(1, [OWNERS, STAGE], NOON)

    store.put_conflicts(2, [STAGE], at(60))

    assert [each.conflict for each in store.conflicts()] == [STAGE]
    assert store.conflicts(settled_since=at(60)) == (Waiting(OWNERS, NOON, 2, at(60)),)
    assert store.conflicts(settled_since=at(61)) == ()


def test_a_conflict_of_a_task_that_was_not_looked_at_stays(store: Store) -> None:
    store.put_conflicts(1, [OWNERS, STAGE], NOON)

    store.put_conflicts(2, [], at(60), looked=[STAGE.task])

    assert store.conflicts() == (Waiting(OWNERS, NOON, 1),)


def test_a_conflict_that_comes_back_waits_anew(store: Store) -> None:
    for run, conflicts, seconds in ((1, [OWNERS], 0), (2, [], 60), (3, [OWNERS], 120)):
        store.put_conflicts(run, conflicts, at(seconds))

    assert store.conflicts() == (Waiting(OWNERS, at(120), 3),)
    assert store.conflicts(settled_since=NOON) == (Waiting(OWNERS, NOON, 2, at(60)),)


def test_the_last_refusal_counts(store: Store) -> None:
    store.put_rejection(ref(17), "stage", Rejection("k1", "the workflow forbids it", NOON))
    store.put_rejection(ref(17), "stage", Rejection("k2", "a field is required \x00", at(60)))

    assert store.rejections() == {(ref(17), "stage"): Rejection("k2", "a field is required \x00", at(60))}


def test_a_configuration_is_approved_for_good_and_for_itself_only(store: Store) -> None:
    store.approve("f1", "--yes", NOON)
    store.approve("f1", "--approve 7c1e44b9", at(60))

    assert store.approved("f1")
    assert not store.approved("f2")


def test_an_overruled_move_is_kept_with_its_run(store: Store) -> None:
    moves = [Overruled("github:17", ref(17), "acme/shop#17", "stage", said, "jira") for said in ("build", "verify")]
    store.put_overruled(1, moves, NOON)
    store.put_overruled(2, moves[:1], at(60))
    store.put_overruled(3, [], at(90))

    assert store.overruled(run=2) == (Ruling(2, at(60), moves[0]),)
    assert store.overruled() == (Ruling(1, NOON, moves[0]), Ruling(1, NOON, moves[1]), Ruling(2, at(60), moves[0]))

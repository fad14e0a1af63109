"""What people told us is remembered until it holds no more."""

from __future__ import annotations

from dataclasses import replace

from trackersync.core.model import Outcome, Receipt
from trackersync.core.told import Pause, Settlement, TakenBack
from trackersync.store import Place, Store

from .values import BUILD, IDEA, NOON, VERIFY, at, change, ref

A, B = ref(17), ref(42, "jira")
PLACE: Place = (A, "stage")
SETTLED = Settlement("github:17", "stage", B, {"status": ("In Progress",)}, NOON)
TAKEN = TakenBack("github:17", "owners", ((A, {"owners": ("ada-l",)}), (B, {"owners": ()})), 12)


def test_a_settlement_comes_with_the_base_of_the_side_it_overrules(store: Store) -> None:
    store.put_settlements([SETTLED], {PLACE: [IDEA, BUILD]})

    assert store.settlements() == {("github:17", "stage"): SETTLED}
    assert set(map(str, store.bases()[PLACE])) == {str(IDEA), str(BUILD)}


def test_a_settlement_narrows_no_base_that_a_change_in_doubt_may_still_reach(store: Store) -> None:
    number = store.intend(store.begin_run("sync", "f", "d", NOON), change(), [IDEA, VERIFY], NOON)
    store.settle(number, Receipt(Outcome.IN_DOUBT), None, None, at(1))

    store.put_settlements([SETTLED], {PLACE: [BUILD]})

    assert {native["labels"][0] for native in store.bases()[PLACE]} == {"stage: idea", "stage: verify", "stage: build"}


def test_the_last_settlement_of_a_field_counts(store: Store) -> None:
    other = replace(SETTLED, take=A, at=at(60))
    store.put_settlements([SETTLED, replace(SETTLED, field="owners")], {})
    store.put_settlements([other], {})

    assert store.settlements() == {
        ("github:17", "stage"): other,
        ("github:17", "owners"): replace(SETTLED, field="owners"),
    }


def test_what_was_taken_back_is_remembered_by_task_and_field(store: Store) -> None:
    store.put_taken_back([TAKEN, replace(TAKEN, field="stage")])
    store.put_taken_back([replace(TAKEN, run=13)])
    store.put_taken_back([])

    assert store.taken_back() == {
        ("github:17", "owners"): replace(TAKEN, run=13),
        ("github:17", "stage"): replace(TAKEN, field="stage"),
    }


def test_only_what_is_named_is_forgotten(store: Store) -> None:
    store.put_settlements([SETTLED, replace(SETTLED, field="owners")], {})
    store.put_taken_back([TAKEN, replace(TAKEN, field="stage")])

    store.forget_told(settlements=[("github:17", "stage")], taken_back=[("github:17", "owners")])
    store.forget_told()

    assert list(store.settlements()) == [("github:17", "owners")]
    assert list(store.taken_back()) == [("github:17", "stage")]


def test_a_pause_ends_and_is_kept_with_its_end(store: Store) -> None:
    first, second = Pause("task", "github:17", NOON, "release freeze"), Pause("tracker", "github", at(1))
    store.put_pause(first)
    store.put_pause(second)

    assert store.end_pauses("task", "github:17", at(60)) == 1
    assert store.end_pauses("task", "github:17", at(90)) == 0

    pauses = store.pauses()
    assert pauses.open == (second,)
    assert pauses.every == (replace(first, ended=at(60)), second)
    assert pauses.resumed("github:17") == at(60)


def test_a_task_is_paused_again_after_it_was_resumed(store: Store) -> None:
    store.put_pause(Pause("task", "github:17", NOON))
    store.end_pauses("task", "github:17", at(60))
    store.put_pause(Pause("task", "github:17", at(120), "again"))

    assert store.pauses().of("task", "github:17") == Pause("task", "github:17", at(120), "again")
    assert len(store.pauses().every) == 2

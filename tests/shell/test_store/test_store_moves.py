"""What others did to an item is noted once, and our own write is no move."""

from __future__ import annotations

from dataclasses import replace

from trackersync.connector import Page
from trackersync.core.model import Absence, Outcome, Receipt
from trackersync.core.told import Move
from trackersync.store import Store

from .values import BUILD, IDEA, NOON, SHOP, at, change, item, look, ref


def test_an_item_seen_with_other_facts_was_moved(store: Store) -> None:
    first, second = item(17), item(17, 60, says="stage: build")
    look(store, first, item(18))
    scan = store.begin_scan("github", SHOP, at(90))
    store.put_page("github", Page((second, item(18, 60)), container=SHOP), scan=scan)

    assert store.moves([ref(17), ref(18)]) == (Move(ref(17), at(60), at(90), first.facts, second.facts),)


def test_an_item_seen_for_the_first_time_or_again_as_it_was_was_not_moved(store: Store) -> None:
    for _ in range(2):
        look(store, item(17))
    look(store, replace(item(17, 60), title="Checkout rejects gift cards"))
    store.mark_missing(ref(17), Absence.HIDDEN)
    look(store, item(17, 60))

    assert store.moves([ref(17)]) == ()


def test_our_own_write_is_no_move_when_it_comes_back(store: Store) -> None:
    look(store, item(17))
    number = store.intend(store.begin_run("sync", "f", "d", NOON), change(), [IDEA, BUILD], NOON)
    written = item(17, 60, says="stage: build")
    store.settle(number, Receipt(Outcome.APPLIED), [BUILD], written, at(60))
    look(store, written)

    assert store.moves([ref(17)]) == ()


def test_an_older_page_moves_nothing(store: Store) -> None:
    look(store, item(17, 60, says="stage: build"))
    look(store, item(17))

    assert store.moves([ref(17)]) == ()


def test_moves_are_told_in_the_order_they_were_seen_and_by_item(store: Store) -> None:
    said = ("stage: idea", "stage: build", "stage: verify", "stage: idea")
    for seconds, says in enumerate(said):
        look(store, item(17, seconds, says=says), item(18, seconds, says=says))

    moves = store.moves([ref(17), ref(17, "jira")])
    assert [move.after["labels"][0] for move in moves] == list(said[1:])
    assert {move.ref for move in moves} == {ref(17)}
    assert store.moves([]) == ()


def test_a_look_that_was_overtaken_still_tells_when_the_item_changed(store: Store) -> None:
    look(store, item(17))
    slow = store.begin_scan("github", SHOP, at(10))
    look(store, complete=True)

    store.put_page("github", Page((item(17, 60, says="stage: build"),), container=SHOP), scan=slow)

    (move,) = store.moves([ref(17)])
    assert (move.updated, move.seen) == (at(60), at(60))

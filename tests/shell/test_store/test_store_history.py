"""What trackers tell of items' past: kept as told, asked for again only where something moved since."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from trackersync.core.history import Past
from trackersync.core.model import Absence, Event
from trackersync.store import Store

from .values import NOON, at, item, look, ref

A, B = ref(17), ref(18)


def event(id_: str, seconds: float, by: str = "ada-l") -> Event:
    return Event(id_, at(seconds), by, "labels", ("stage: build",), ("stage: idea",))


MOVES = (event("9-labels", 1), event("10-labels", 1, ""), event("11-labels", 5))


def put(store: Store, events: Sequence[Event] = MOVES, *, upto: float = 0, read: float = 60) -> None:
    """Read an item's history, as a run does: whatever was owed until then is paid."""
    owed = store.owed_histories("github").get(A)
    store.put_history(A, events, upto=at(upto), at=at(read), owed=owed)


def owed(store: Store) -> list[str]:
    return [one.id for one in store.owed_histories("github")]


def test_a_history_is_told_as_the_tracker_told_it(store: Store) -> None:
    look(store, item(17))
    put(store)
    assert store.histories([A, B]) == {A: Past(MOVES, at(60), NOON)}


def test_an_item_whose_history_was_read_and_is_empty_differs_from_one_that_was_not(store: Store) -> None:
    look(store, item(17), item(18))
    put(store, ())
    assert store.histories([A, B]) == {A: Past((), at(60), NOON)}


def test_what_is_told_again_takes_the_place_of_what_was_told_before(store: Store) -> None:
    look(store, item(17))
    put(store)
    for _ in range(2):
        put(store, (MOVES[1], event("12-labels", 9)), upto=9, read=70)
    assert store.histories([A]) == {A: Past((MOVES[1], event("12-labels", 9)), at(70), at(9))}


def test_nothing_is_owed_of_what_is_seen_for_the_first_time(store: Store) -> None:
    look(store, item(17), item(18), complete=True)
    assert owed(store) == []


def test_an_item_seen_moved_is_owed_until_its_history_is_read(store: Store) -> None:
    look(store, item(17), item(18))
    look(store, item(17, 5, says="stage: build"))
    assert owed(store) == ["17"]
    put(store)
    assert owed(store) == []
    assert not store.histories([A])[A].owed

    look(store, item(17, 9, says="stage: verify"))
    assert owed(store) == ["17"]
    assert store.histories([A])[A].owed


def test_our_own_write_owes_nothing(store: Store) -> None:
    look(store, item(17))
    store.put_item(item(17, 5, says="stage: build"))
    look(store, item(17, 5, says="stage: build"))
    assert owed(store) == []


def test_another_title_owes_nothing(store: Store) -> None:
    look(store, item(17))
    look(store, item(17, 5))
    assert owed(store) == []


def test_what_moves_while_its_history_is_read_stays_owed(store: Store) -> None:
    look(store, item(17))
    look(store, item(17, 5, says="stage: build"))
    asked = store.owed_histories("github")[A]
    look(store, item(17, 9, says="stage: verify"))
    store.put_history(A, MOVES, upto=at(5), at=at(60), owed=asked)
    assert owed(store) == ["17"]


def test_those_that_moved_last_come_first(store: Store) -> None:
    look(store, *(item(n) for n in range(3)))
    for n in (1, 0, 2):
        look(store, item(n, 5, says="stage: build"))
    assert owed(store) == ["2", "0", "1"]


def test_what_is_not_there_is_not_asked_for(store: Store) -> None:
    look(store, item(17))
    look(store, item(17, 5, says="stage: build"))
    store.mark_missing(A, Absence.HIDDEN)
    assert owed(store) == []


def test_a_history_that_is_not_to_be_had_is_let_be_until_the_item_moves_again(store: Store) -> None:
    look(store, item(17))
    look(store, item(17, 5, says="stage: build"))
    store.waive_history(A, store.owed_histories("github")[A])
    assert owed(store) == []
    look(store, item(17, 9, says="stage: verify"))
    assert owed(store) == ["17"]


def test_an_item_can_be_owed_that_nobody_was_seen_moving(store: Store) -> None:
    look(store, item(17), item(18))
    put(store)
    store.owe_histories([A, B])
    assert owed(store) == ["18"], "the other one was read already"


def test_many_histories_are_told_at_once(store: Store) -> None:
    refs = [ref(n) for n in range(1_200)]
    look(store, *(item(n) for n in range(1_200)))
    for one in (refs[0], refs[700], refs[-1]):
        store.put_history(one, MOVES, upto=NOON, at=NOON)
    assert set(store.histories(refs)) == {refs[0], refs[700], refs[-1]}


# A transfer, and what is old


def test_a_transferred_item_takes_its_past_along_and_is_read_once_more(store: Store) -> None:
    new = ref(99)
    look(store, item(17))
    put(store)
    look(store, item(99))
    for _ in range(2):
        store.follow({A: new})
    assert store.histories([A, new]) == {new: Past(MOVES, at(60), NOON, owed=True)}
    assert owed(store) == ["99"]


def test_a_transferred_item_that_was_owed_stays_owed(store: Store) -> None:
    look(store, item(17))
    look(store, item(17, 5, says="stage: build"))
    look(store, item(99))
    store.follow({A: ref(99)})
    assert owed(store) == ["99"]


def test_the_past_of_the_new_ref_is_kept_where_it_has_one(store: Store) -> None:
    new = ref(99)
    look(store, item(17), item(99))
    put(store)
    store.put_history(new, MOVES[2:], upto=NOON, at=at(90))
    store.follow({A: new})
    assert store.histories([A, new]) == {new: Past(MOVES[2:], at(90), NOON)}


@pytest.mark.parametrize(("there", "kept"), [(True, 3), (False, 0)], ids=["there", "deleted"])
def test_only_the_past_of_what_is_not_there_any_more_is_forgotten(store: Store, *, there: bool, kept: int) -> None:
    look(store, item(17))
    put(store)
    if not there:
        store.mark_missing(A, Absence.GONE)
    store.forget_before(at(86_400))
    assert len(store.histories([A]).get(A, Past((), NOON, NOON)).events) == kept
    assert store.stats().rows["history"] == (1 if there else 0)

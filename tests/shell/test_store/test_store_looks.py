"""How far a tracker has been read, and what a whole look at it did not show."""

from __future__ import annotations

from trackersync.connector import Page
from trackersync.core.model import Absence
from trackersync.store import Count, Store

from .values import NOON, SHOP, at, item, look, ref


def test_a_container_is_complete_only_when_a_whole_look_reached_its_end(store: Store) -> None:
    assert store.complete("github") == {}

    look(store, item(1), cursor="1")
    assert (store.complete("github"), store.freshness("github")) == ({SHOP: False}, None)

    look(store, item(2), cursor="2", complete=True)
    assert (store.complete("github"), store.freshness("github")) == ({SHOP: True}, NOON)


def test_a_page_without_a_cursor_leaves_the_cursor(store: Store) -> None:
    look(store, cursor="1")
    look(store)

    assert store.cursors("github") == {SHOP: "1"}


def test_a_killed_whole_look_that_is_taken_up_counts_from_where_the_first_began(store: Store) -> None:
    look(store, item(0), complete=True)
    store.reset_cursor("github", SHOP)

    look(store, item(1), item(2), cursor="2")  # killed here
    look(store, item(3), cursor="3", complete=True)

    assert store.absent("github", SHOP) == (ref(0),)
    assert store.counts("github") == {SHOP: Count(shown=3, accepted=3)}


def test_an_incremental_look_makes_nothing_absent(store: Store) -> None:
    look(store, item(1), item(2), cursor="2", complete=True)

    look(store, item(3), cursor="3", complete=True)

    assert store.absent("github", SHOP) == ()


def test_a_whole_look_under_way_makes_nothing_absent(store: Store) -> None:
    look(store, item(1), item(2), complete=True)
    store.reset_cursor("github", SHOP)

    look(store, item(1), cursor="1")

    assert store.absent("github", SHOP) == ()
    assert store.complete("github") == {SHOP: True}


def test_an_absent_item_that_was_looked_up_and_found_is_absent_no_more(store: Store) -> None:
    look(store, item(1), item(2), complete=True)
    store.reset_cursor("github", SHOP)
    look(store, item(1), complete=True)
    assert store.absent("github", SHOP) == (ref(2),)

    look(store, item(2), container="")

    assert store.absent("github", SHOP) == ()


def test_an_item_listed_with_older_content_than_we_know_is_not_absent(store: Store) -> None:
    look(store, item(1, 5), complete=True)
    store.reset_cursor("github", SHOP)

    look(store, item(1, 4), complete=True)

    assert store.absent("github", SHOP) == ()


def test_two_whole_looks_at_once_make_nothing_absent(store: Store) -> None:
    first = store.begin_scan("github", SHOP, NOON)
    second = store.begin_scan("github", SHOP, NOON)

    store.put_page("github", Page((item(1), item(2)), container=SHOP, complete=True), scan=first)
    assert store.absent("github", SHOP) == ()
    store.put_page("github", Page((item(1),), container=SHOP, complete=True), scan=second)
    assert store.absent("github", SHOP) == ()


def test_an_emptied_container_is_remembered_until_somebody_believes_it(store: Store) -> None:
    look(store, item(1), item(2), complete=True)
    for _ in range(2):
        store.reset_cursor("github", SHOP)
        look(store, complete=True)
        assert store.counts("github") == {SHOP: Count(shown=0, accepted=2)}

    store.accept_counts("github")

    assert store.counts("github") == {SHOP: Count(shown=0, accepted=0)}


def test_a_tracker_is_as_fresh_as_the_container_furthest_behind(store: Store) -> None:
    for seconds, container in ((60, "acme/till"), (0, SHOP), (120, "acme/till")):
        scan = store.begin_scan("github", container, at(seconds))
        store.put_page("github", Page((), container=container, complete=True), scan=scan)

    assert store.freshness("github") == at(0)
    assert store.freshness("jira") is None


def test_a_container_taken_from_the_configuration_is_out_of_scope_until_it_is_back(store: Store) -> None:
    look(store, item(1), complete=True, cursor="1")
    till = item(2, container="acme/till")
    look(store, till, container="acme/till", complete=True, cursor="2")

    store.retain("github", [SHOP])
    assert list(store.items()) == [item(1)]
    assert store.missing() == {ref(2): Absence.OUT_OF_SCOPE}
    assert store.cursors("github") == {SHOP: "1"}
    assert store.complete("github") == {SHOP: True}

    look(store, till, container="acme/till")
    assert list(store.items()) == [item(1), till]


def test_look_numbers_are_never_given_twice(store: Store) -> None:
    numbers = []
    for container in (SHOP, "", "", SHOP, "acme/till", "", SHOP):
        numbers.append(store.begin_scan("github", container, NOON))
        store.put_page("github", Page((), container=container, complete=bool(container)), scan=numbers[-1])

    assert numbers == sorted(set(numbers))
    assert store.stats().rows["look"] <= 4


def test_a_look_that_began_before_a_whole_one_ends_nothing_of_it(store: Store) -> None:
    before = store.begin_scan("github", SHOP, NOON)
    items = tuple(item(n, n) for n in (17, 18, 19))
    store.put_page("github", Page(items, container=SHOP, cursor="c1", complete=True), scan=before)
    news = store.begin_scan("github", SHOP, at(1))
    store.reset_cursor("github", SHOP)
    whole = store.begin_scan("github", SHOP, at(2))
    store.put_page("github", Page((), container=SHOP, cursor="c9", complete=True), scan=news)
    assert store.counts("github")[SHOP] == Count(3, 3)
    assert SHOP not in store.cursors("github")
    store.put_page("github", Page(items, container=SHOP, cursor="c2", complete=True), scan=whole)
    assert store.counts("github")[SHOP] == Count(3, 3)
    assert store.cursors("github")[SHOP] == "c2"

"""Whom items may be linked with, found by the index: linking among these is linking among all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trackersync.connector import Page
from trackersync.core.link import Link, link
from trackersync.core.mentions import Mentioning
from trackersync.core.model import LINKS, Absence, Item, ItemRef
from trackersync.core.remote import RemoteLink
from trackersync.store import Claim, Store, open_store, task_id
from trackersync.store.narrow import Narrow
from trackersync.store.neighbours import neighbours

sys.path.append(str(Path(__file__).parents[2] / "core"))
from world import ADDRESSES, NOON, bo, gh, ji

MENTIONING = Mentioning.by(ADDRESSES)
HUB, SHOP = "https://github.com/acme/shop/issues/", "https://acme.atlassian.net/browse/SHOP-"
CARD = "https://board.acme.example/card/"
NUMBERS = range(1, 5)
KEYS = [key for n in NUMBERS for key in (f"SHOP-{n}", f"acme/shop#{n}", f"CARD-{n}")] + ["UTF-8", "shop-2"]
URLS = [url for n in NUMBERS for url in (f"{HUB}{n}", f"{SHOP}{n}", f"{CARD}{n}")] + ["https://example.org/"]
MAKERS: Sequence[Callable[..., Item]] = (gh, ji, bo)
PAIRS = [("SHOP-1", "acme/shop#2"), ("shop#3", "SHOP-3"), ("CARD-1", "shop#1"), ("SHOP-9", "shop#4")]


@pytest.fixture
def store() -> Store:
    return open_store("sqlite://")


def put(store: Store, *items: Item) -> None:
    for item in items:
        tracker, container = item.ref.tracker, item.container
        scan = store.begin_scan(tracker, container, NOON)
        store.put_page(tracker, Page((item,), container=container), scan=scan)


@st.composite
def worlds(draw: st.DrawFn) -> list[Item]:
    made = [make("idea", number=n) for make in MAKERS for n in NUMBERS]
    refs = [item.ref for item in made]
    bases = {address.tracker: address.bases[0] for address in ADDRESSES}
    items = []
    for item in draw(st.lists(st.sampled_from(made), min_size=2, unique_by=lambda item: item.ref)):
        lead = draw(st.sampled_from(["", "", "", *KEYS]))
        remote = [
            RemoteLink.to(bases[ref.tracker], ref.id, "https://x.example/", "x").text
            for ref in draw(st.lists(st.sampled_from(refs), max_size=1))
            if draw(st.integers(0, 3)) == 0
        ]
        items.append(
            replace(
                item,
                title=f"{lead}: x" if lead else "x",
                urls=tuple(draw(st.lists(st.sampled_from(URLS), max_size=1))),
                keys=tuple(draw(st.lists(st.sampled_from(KEYS), max_size=1))),
                facts={**item.facts, **({LINKS: tuple(remote)} if remote else {})},
            )
        )
    return items


@settings(
    max_examples=60,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(data=st.data(), items=worlds())
def test_linking_among_neighbours_is_linking_among_all(data: st.DataObject, items: list[Item]) -> None:
    pairs = data.draw(st.lists(st.sampled_from(PAIRS), max_size=2, unique=True))
    linked = data.draw(st.booleans())
    one = data.draw(st.sampled_from(items)).ref
    with open_store("sqlite://") as store:
        store.mentioning = MENTIONING
        if data.draw(st.booleans()):
            # The index begins with what was there before it.
            store.mentioning = None
            put(store, *items)
            store.mentioning = MENTIONING
        else:
            assert store.renew_mentions()
            # An item that named others once, and does so no longer.
            put(store, *(replace(item, keys=tuple(KEYS[:3])) for item in items))
            put(store, *(replace(item, updated=item.updated.replace(year=2030)) for item in items))
        if linked:
            made = link(items, {}, ADDRESSES).made
            some = made[: data.draw(st.integers(0, len(made)))]
            store.put_links(Claim(task_id(each.refs), each.refs, each.reason) for each in some)
        refs = st.sampled_from([item.ref for item in items])
        apart = {frozenset(two) for two in data.draw(st.lists(st.tuples(refs, refs), max_size=1)) if two[0] != two[1]}
        if data.draw(st.booleans()):
            store.mark_missing(items[0].ref, Absence.MOVED)

        near = neighbours(store, {one}, pairs)
        assert near is not None
        assert one in near
        everything = link(store.items(), store.links(), ADDRESSES, pairs, apart)
        narrow = Narrow(store, near)
        found = link(narrow.items(), narrow.links(), ADDRESSES, pairs, apart)

        def here(made: Sequence[Link]) -> set[tuple[ItemRef, ...]]:
            return {each.refs for each in made if not near.isdisjoint(each.refs)}

        assert {each.refs for each in found.made} == here(everything.made)
        assert {each.refs for each in found.ties} == {each.refs for each in everything.ties if near & {*each.refs}}
        assert set(found.extras) == {each for each in everything.extras if each.ref in near or each.claimed in near}


def test_items_that_name_nothing_have_no_neighbours(store: Store) -> None:
    store.mentioning = MENTIONING
    put(store, gh(number=1), ji("Backlog", number=1), gh(number=2, title="SHOP-2: x"), ji("Backlog", number=2))
    one, _, two, shop2 = (gh(number=1).ref, None, gh(number=2).ref, ji("Backlog", number=2).ref)

    assert neighbours(store, {one}) == {one}
    assert neighbours(store, {two}) == {two, shop2}
    assert neighbours(store, {shop2}) == {two, shop2}
    assert neighbours(store, {one}, [("shop#1", "SHOP-2")]) == {one, two, shop2}


def test_where_too_many_are_near_all_have_to_be_known(store: Store) -> None:
    store.mentioning = MENTIONING
    put(store, ji("Backlog", number=1), *(gh(number=n, keys=["SHOP-1"]) for n in range(1, 6)))

    assert neighbours(store, {ji("Backlog", number=1).ref}, most=5) is None
    assert neighbours(store, {ji("Backlog", number=1).ref}, most=6) is not None


def test_the_index_holds_no_longer_when_somebody_writes_without_it(store: Store) -> None:
    assert not store.renew_mentions()
    assert neighbours(store, {gh(number=1).ref}) is None
    store.mentioning = MENTIONING
    put(store, gh(number=1))
    assert store.renew_mentions()
    put(store, gh(number=2))
    assert store.mentions_hold()

    store.mentioning = None
    put(store, gh(number=1))
    store.mentioning = MENTIONING
    assert store.mentions_hold(), "it came again as it was"
    store.mentioning = None
    put(store, gh(number=3, title="SHOP-1: x"))
    store.mentioning = MENTIONING
    assert not store.mentions_hold()
    put(store, ji("Backlog", number=1))
    assert neighbours(store, {ji("Backlog", number=1).ref}) == {ji("Backlog", number=1).ref, gh(number=3).ref}


def test_words_told_otherwise_take_back_that_it_holds_also_while_it_is_renewed(store: Store) -> None:
    other = Mentioning.by(ADDRESSES[:2])
    put(store, gh(number=1, title="CARD-1"))
    renewing = Mentioning(MENTIONING.words, MENTIONING.digest)

    store.mentioning = renewing
    begin = store._renew

    def renew(mentioning: Mentioning, after: tuple[str, str] | None) -> tuple[str, str] | None:
        last = begin(mentioning, after)
        if after is None:
            store.mentioning = other
            put(store, gh(number=2))
            store.mentioning = renewing
        return last

    store._renew = renew  # type: ignore[method-assign]
    assert not store.renew_mentions()
    store._renew = begin  # type: ignore[method-assign]
    assert store.renew_mentions()


def test_our_own_write_is_in_the_index(store: Store) -> None:
    store.mentioning = MENTIONING
    put(store, gh(number=1), ji("Backlog", number=1))
    assert store.renew_mentions()
    store.put_item(gh(number=1, title="SHOP-1: x"))

    assert neighbours(store, {ji("Backlog", number=1).ref}) == {ji("Backlog", number=1).ref, gh(number=1).ref}

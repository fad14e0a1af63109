"""Deliveries that were set aside: read again, or dropped; never taken in twice."""

from __future__ import annotations

from datetime import UTC, datetime

from trackersync.store import Received, Sorted, Store

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
ONE = Received("github", "72d3", NOON, {"x-github-event": "issues"}, b"{")


def set_aside(store: Store) -> None:
    store.receive([ONE, Received("github", "72d4", NOON, {}, b"{}")])
    store.sort([Sorted(one.number, (), "no JSON" if one.received == ONE else "") for one in store.unsorted()], NOON)


def test_what_was_set_aside_is_read_again_as_it_came(store: Store) -> None:
    set_aside(store)
    assert store.sort_again() == 1
    assert [(one.received, one.why) for one in store.unsorted()] == [(ONE, "")]
    assert store.deliveries_aside() == ()
    assert store.sort_again() == 0


def test_what_is_dropped_is_done_with_and_not_taken_in_again(store: Store) -> None:
    set_aside(store)
    assert store.drop_aside() == 1
    assert (store.unsorted(), store.deliveries_aside(), store.deliveries()) == ((), (), {})
    assert store.receive([ONE]) == 0
    assert store.drop_aside() == 0

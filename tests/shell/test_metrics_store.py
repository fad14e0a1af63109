"""What a store says in a scrape, with its age; and what a slow or broken one does to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from scraped import NOON, REQUESTS, shown

from trackersync.errors import StoreError
from trackersync.store import Ask, Received, Sorted, Store, Subject, open_store
from trackersync.testing.clock import VirtualClock
from trackersync.worker import watching
from trackersync.worker.metrics import Metrics


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as opened:
        yield opened


def test_what_waits_in_the_store_is_shown_with_its_age(store: Store) -> None:
    clock = VirtualClock(NOON)
    metrics = Metrics(clock)
    metrics.watch(store, REQUESTS)
    store.receive([Received("github", f"id-{n}", NOON - timedelta(seconds=30 * n), {}, b"{}") for n in (1, 2, 3)])
    number = store.unsorted()[0].number
    store.sort([Sorted(number, (), "no JSON")], NOON)
    store.owe([Ask(Subject("github", "item", "1:17"), "acme/shop")], NOON - timedelta(seconds=40))
    held = Subject("github", "item", "1:18")
    store.owe([Ask(held, "acme/shop")], NOON - timedelta(seconds=50))
    due = store.due_look(held)
    assert due is not None
    store.put_off(due, "held", "501 changes", NOON)
    found = shown(metrics)
    expected = {
        "trackersync_inbox_deliveries{state=waiting,tracker=github}": 2,
        "trackersync_inbox_deliveries{state=aside,tracker=github}": 1,
        "trackersync_inbox_deliveries{state=waiting,tracker=jira}": 0,
        "trackersync_looks_due{state=due,tracker=github}": 1,
        "trackersync_looks_due{state=held,tracker=github}": 1,
        "trackersync_looks_due{state=aside,tracker=github}": 0,
        "trackersync_looks_due{state=due,tracker=jira}": 0,
        "trackersync_looks_due_age_seconds{state=due,tracker=github}": 40,
        "trackersync_looks_due_age_seconds{state=held,tracker=github}": 50,
        "trackersync_missed_changes{tracker=github}": 0,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert found["trackersync_inbox_age_seconds"] >= 60


def test_what_one_process_found_is_shown_by_all_and_after_a_restart(store: Store) -> None:
    clock = VirtualClock(NOON)
    one, other = Metrics(clock), Metrics(clock)
    one.watch(store, REQUESTS)
    other.watch(store, REQUESTS)
    one.findings({"no-owner": 4, "two-owners": 1})
    assert shown(other)["trackersync_findings{rule=no-owner}"] == 4
    other.findings({"two-owners": 1})
    clock.advance(10)
    assert shown(one)["trackersync_findings{rule=no-owner}"] == 0
    assert shown(one)["trackersync_findings{rule=two-owners}"] == 1
    again = Metrics(clock)
    again.watch(store, REQUESTS)
    assert shown(again)["trackersync_findings{rule=two-owners}"] == 1


class Slow(Store):
    """A store whose answers are kept back, or that is broken."""

    gate: threading.Event
    broken = False

    def queue(self):  # noqa: ANN201 - as the one above
        self.gate.wait(10)
        if self.broken:
            raise StoreError("The store is locked.")
        return super().queue()


@pytest.fixture
def slow(store: Store) -> Iterator[Slow]:
    store.__class__ = Slow
    assert isinstance(store, Slow)
    store.gate = threading.Event()
    yield store
    store.gate.set()


def test_a_slow_store_keeps_no_scrape_waiting_and_its_last_words_are_shown(slow: Slow) -> None:
    clock = VirtualClock(NOON)
    metrics = Metrics(clock, patience=0.2)
    slow.owe([Ask(Subject("github", "item", "1:17"), "acme/shop")], NOON)
    metrics.watch(slow, REQUESTS)
    slow.gate.set()
    first = shown(metrics)
    assert first["trackersync_store_up"] == 1
    slow.gate.clear()
    clock.advance(60)
    threads = threading.active_count()
    began = time.monotonic()
    stalled = [shown(metrics) for _ in range(3)]
    assert time.monotonic() - began < 2
    assert threading.active_count() <= threads + 1, "every scrape began to ask anew"
    for one in stalled:
        assert one["trackersync_store_up"] == 0
        assert one["trackersync_store_asked_timestamp_seconds"] == NOON.timestamp()
        assert one["trackersync_looks_due{state=due,tracker=github}"] == 1
        assert one["trackersync_looks_due_age_seconds{state=due,tracker=github}"] == 60
    slow.gate.set()
    after = last_shown(metrics)
    assert after["trackersync_store_asked_timestamp_seconds"] == clock.now().timestamp()


def test_a_broken_store_fails_no_scrape_and_is_asked_again(slow: Slow) -> None:
    metrics = Metrics(VirtualClock(NOON))
    metrics.delivery("github", "accepted")
    metrics.watch(slow, REQUESTS)
    slow.broken = True
    slow.gate.set()
    found = shown(metrics)
    assert found["trackersync_store_up"] == 0
    assert found["trackersync_deliveries_total{outcome=accepted,tracker=github}"] == 1
    slow.broken = False
    assert last_shown(metrics)["trackersync_looks_due{state=due,tracker=github}"] == 0


def last_shown(metrics: Metrics) -> dict[str, float]:
    """What is shown once the store answers again, within a second or two."""
    until = time.monotonic() + 2
    while (found := shown(metrics))["trackersync_store_up"] == 0 and time.monotonic() < until:
        time.sleep(0.01)
    assert found["trackersync_store_up"] == 1
    return found


def test_the_store_is_asked_once_for_many_scrapes(store: Store) -> None:
    clock = VirtualClock(NOON)
    metrics = Metrics(clock)
    metrics.watch(store, REQUESTS)
    shown(metrics)
    store.owe([Ask(Subject("github", "item", "1:17"), "acme/shop")], NOON)
    series = "trackersync_looks_due{state=due,tracker=github}"
    clock.advance(watching.FRESH - 1)
    assert shown(metrics)[series] == 0
    clock.advance(1)
    assert shown(metrics)[series] == 1

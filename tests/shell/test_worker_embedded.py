"""The embedded engine: what drives the work of one process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from trackersync.errors import StoreError
from trackersync.http import SystemClock
from trackersync.store import Ask, Received, Sorted, Store, Subject, open_store
from trackersync.worker import embedded
from trackersync.worker.embedded import Embedded

CLOCK = SystemClock()


class Sorting:
    """Work whose deliveries each name the item that their body is, and whose looks take as long as is said."""

    def __init__(self, store: Store, seconds: float = 0.0) -> None:
        self.store, self.seconds = store, seconds
        self.looked: list[str] = []
        self.now: set[str] = set()
        self.most = 0
        self.ticks = 0
        self.breaks = 0
        self.cancelled: list[str] = []

    async def sort(self) -> int:
        if self.breaks:
            self.breaks -= 1
            raise StoreError("The store is locked.")
        waiting = self.store.unsorted()
        asks = [Sorted(one.number, (ask(one.received.body.decode()),)) for one in waiting]
        if asks:
            self.store.sort(asks, CLOCK.now())
        return len(waiting)

    async def look(self, subject: Subject) -> None:
        due = self.store.due_look(subject)
        if due is None:
            return
        begun = CLOCK.now()
        assert subject.name not in self.now, "two looks at one item at once"
        self.now.add(subject.name)
        self.most = max(self.most, len(self.now))
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cancelled.append(subject.name)
            raise
        finally:
            self.now.discard(subject.name)
        self.looked.append(subject.name)
        self.store.done(due, begun)

    async def tick(self) -> None:
        self.ticks += 1


def ask(name: str) -> Ask:
    return Ask(Subject("github", "item", name), "acme/shop")


def delivery(number: int, item: str, at: datetime | None = None) -> Received:
    return Received("github", f"d{number}", at or CLOCK.now(), {}, item.encode())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "it.db")) as opened:
        yield opened


async def driven(work: Sorting, engine: Embedded, until: Callable[[], bool], *, seconds: float = 5.0) -> None:
    """Let the engine drive until something holds; then stop it."""
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(work, stop))
    try:
        async with asyncio.timeout(seconds):
            while not until():
                assert not running.done()
                await asyncio.sleep(0.005)
    finally:
        stop.set()
        await running


async def test_a_delivery_becomes_a_look_without_waiting(store: Store) -> None:
    work, engine = Sorting(store), Embedded(store, CLOCK, 4)
    store.dispatch = engine
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(work, stop))
    await asyncio.sleep(0.1)
    for number in range(5):
        begun = asyncio.get_running_loop().time()
        await asyncio.to_thread(store.receive, [delivery(number, f"i{number}")])
        while f"i{number}" not in work.looked:  # noqa: ASYNC110 - another thread tells
            await asyncio.sleep(0.002)
        # Woken, and not found by the next poll.
        assert asyncio.get_running_loop().time() - begun < embedded.POLL / 2
    stop.set()
    await running


async def test_what_was_there_before_is_done_and_what_comes_meanwhile_too(store: Store) -> None:
    store.receive([delivery(number, f"i{number % 20}") for number in range(100)])
    store.owe([ask("early")], CLOCK.now())
    work, engine = Sorting(store, 0.01), Embedded(store, CLOCK, 4)
    store.dispatch = engine
    await driven(work, engine, lambda: len(set(work.looked)) == 21 and not store.queue())
    assert work.most == 4
    assert store.deliveries(done=True) == {("github", "done"): 100}


async def test_one_who_asks_during_a_look_gets_another(store: Store) -> None:
    work, engine = Sorting(store, 0.2), Embedded(store, CLOCK, 4)
    store.dispatch = engine
    store.owe([ask("i1")], CLOCK.now())

    again: list[Ask] = [ask("i1")]

    def asked_again() -> bool:
        if "i1" in work.now and again:
            store.owe([again.pop()], CLOCK.now())
        return len(work.looked) == 2 and not store.queue()

    await driven(work, engine, asked_again)
    assert work.looked == ["i1", "i1"]


async def test_a_store_in_trouble_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "POLL", 0.05)
    work, engine = Sorting(store), Embedded(store, CLOCK, 4)
    work.breaks = 3
    store.receive([delivery(1, "i1")])
    await driven(work, engine, lambda: work.looked == ["i1"])


async def test_a_fault_of_ours_ends_no_part_of_the_work(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    class Faulty(Sorting):
        faults = 3

        async def sort(self) -> int:
            if self.faults:
                self.faults -= 1
                raise ValueError("a fault of ours")
            return await super().sort()

    monkeypatch.setattr(embedded, "POLL", 0.05)
    work, engine = Faulty(store), Embedded(store, CLOCK, 4)
    store.receive([delivery(1, "i1")])
    await driven(work, engine, lambda: work.looked == ["i1"])


async def test_what_is_under_way_is_finished_at_the_end(store: Store) -> None:
    work, engine = Sorting(store, 0.3), Embedded(store, CLOCK, 4)
    store.owe([ask("i1"), ask("i2")], CLOCK.now())
    await driven(work, engine, lambda: len(work.now) == 2)
    assert sorted(work.looked) == ["i1", "i2"]
    assert not store.queue()


async def test_what_takes_too_long_at_the_end_is_given_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "GRACE", 0.2)
    work, engine = Sorting(store, 30), Embedded(store, CLOCK, 4)
    store.owe([ask("i1")], CLOCK.now())
    await driven(work, engine, lambda: bool(work.now))
    assert work.cancelled == ["i1"]
    assert store.due_look(Subject("github", "item", "i1")).state == "due"


async def test_a_flood_leaves_room_and_nothing_is_forgotten_afterwards(store: Store) -> None:
    work, engine = Sorting(store), Embedded(store, CLOCK, 8)
    store.dispatch = engine
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(work, stop))
    for number in range(40):
        await asyncio.to_thread(store.receive, [delivery(50 * number + n, f"i{50 * number + n}") for n in range(50)])
    async with asyncio.timeout(20):
        while len(work.looked) < 2000:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.01)
    stop.set()
    await running
    assert not store.queue()
    assert work.ticks

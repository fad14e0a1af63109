"""The guard counts alike for one item and for all, on both databases: tasks, and what was spent in its window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from attended import WIDE, Attended

from trackersync.core.guard import Limits, guard
from trackersync.core.model import Change, ItemRef, Outcome, Receipt
from trackersync.core.plan import Plan
from trackersync.pipeline.world import look_around, spent
from trackersync.store import Store, open_store
from trackersync.store.narrow import as_many_tasks, spent_besides, task_count

BECAME = (*Outcome, None)
WINDOW = timedelta(hours=1)


@pytest.fixture(params=["file", "server"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    url = "sqlite://" if request.param == "file" else request.getfixturevalue("postgres_url")
    with open_store(url) as store:
        yield store


def change(ref: ItemRef, number: int, *, adoption: bool = False) -> Change:
    """A change of an item; its words look like those of an adoption."""
    words = '"adoption":true' if number % 3 == 0 else "stage: build"
    return Change(
        ref, f"key {ref.id}", "stage", "labels", {"labels": ()}, {"labels": (words,)}, "why", adoption=adoption
    )


async def lived(store: Store, chance: Random) -> tuple[Attended, list[ItemRef]]:
    """A world with linked, unlinked, moved and missing items, and many runs on them, of which some were approved."""
    world = Attended(store, limits=replace(WIDE, window=WINDOW))
    refs = [ref for number in range(6) for ref in world.pair("build", number)]
    refs += [world.hub.create(f"alone {number}") for number in range(3)]
    await world.walk()
    for ref in chance.sample(refs[:-3], 3):
        world.trackers[ref.tracker].remove(ref)
    apart = chance.choice([ref for ref in refs[:-3] if ref.id not in world.trackers[ref.tracker].absent])
    others = [ref for ref, task in store.links().items() if task == store.links()[apart] and ref != apart]
    store.put_apart(apart, others, world.clock.now())
    gone = [ref for ref in refs if ref.tracker == "hub" and ref.id not in world.hub.absent]
    refs.append(world.hub.transfer(chance.choice(gone), "acme/pay"))
    await world.walk(full=True)
    for number in range(24):
        at = world.clock.now() - WINDOW * chance.choice((0.1, 0.5, 0.999, 1.001, 2))
        run = store.begin_run("sync", "print", "", at)
        some = [change(chance.choice(refs), number, adoption=chance.random() < 0.3) for _ in range(4)]
        store.plan_run(run, "digest", some, approved=chance.random() < 0.25)
        for one in some:
            intent = store.intend(run, one, (), at)
            if (became := chance.choice(BECAME)) is not None:
                store.settle(intent, Receipt(became, "said"), (), None, at)
    return world, refs


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_counted_holds_as_what_is_read(store: Store, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - dice for a test
    world, refs = await lived(store, chance)
    looks = (await world.walk()).world.looks
    whole = look_around(world.session, looks, judge=False)
    assert task_count(store) == len(whole.tasks)
    most = max(sum(item.ref.tracker == name for item in store.items()) for name in world.trackers)
    assert as_many_tasks(store, most, world.trackers)
    assert not as_many_tasks(store, most + 1, world.trackers)
    assert most <= len(whole.tasks)
    read = spent(world.session, whole.tasks)
    assert read.changes
    assert read.adoptions
    for _ in range(20):
        touched = frozenset(task.id for task in chance.sample(whole.tasks, chance.randint(1, 3)))
        counted = spent_besides(store, world.clock.now() - WINDOW, world.clock.now(), touched)
        assert (counted.changes, counted.adoptions) == (read.changes, read.adoptions)
        assert len(touched | counted.tasks) + counted.others == len(touched | read.tasks)
        plan = Plan(tuple(change(chance.choice(refs), 1, adoption=one == 0) for one in range(chance.randint(1, 3))))
        limits = Limits(read.changes + chance.randint(0, 2), chance.choice((0.4, 0.6, 0.8)), read.adoptions, WINDOW)
        held = [
            guard(plan, limits, tasks=tasks, touched=touched, spent=of, approved=True)
            for tasks, of in ((len(whole.tasks), read), (task_count(store), counted))
        ]
        assert [(hold.name, hold.kind) for hold in held[0]] == [(hold.name, hold.kind) for hold in held[1]]


async def test_what_others_are_about_to_write_is_counted_by_tasks(store: Store) -> None:
    """A task of which something is written and something else is under way is one, on whichever side it is."""
    world = Attended(store, limits=replace(WIDE, window=WINDOW))
    (here, there), (other, _), alone = world.pair("build", 1), world.pair("build", 2), world.hub.create("alone")
    await world.walk()
    now, links = world.clock.now(), store.links()

    def others(*touched: ItemRef) -> int:
        names = [links.get(ref, f"{ref.tracker}:{ref.id}") for ref in touched]
        return spent_besides(store, now - WINDOW, now, names).others

    def begin(*refs: ItemRef) -> int:
        run = store.begin_run("attend", "print", "", now)
        store.plan_run(run, "digest", [change(ref, 1) for ref in refs], approved=False)
        return run

    run = begin(here)
    store.settle(store.intend(run, change(here, 1), (), now), Receipt(Outcome.APPLIED, "said"), (), None, now)
    store.end_run(run, {}, now)
    assert others() == 1
    begin(there)
    begin(here)
    assert others() == 1
    assert others(there) == 0
    begin(other, alone)
    assert others() == 3
    assert others(here) == 2
    assert others(other, alone) == 1

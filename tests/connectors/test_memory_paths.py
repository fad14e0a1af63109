"""A path walked through a workflow in memory: what people and validators do to it on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from contract_memory_driver import PATH, in_a_line

from trackersync.connector import Change, ItemRef, RejectedError, StaleError
from trackersync.testing import MemoryConnector, MemoryTracker
from trackersync.testing.memory import Moment

STATUSES = tuple(facts["status"][0] for facts in PATH)


def walking(meanwhile: Callable[[MemoryTracker, int], None]) -> tuple[MemoryTracker, MemoryConnector, Change]:
    """A tracker, a connector that tells each time it has come one hop further, and a change over the whole path."""
    driver = in_a_line()
    tracker, seen = driver.tracker, 0

    def told(moment: Moment) -> None:
        nonlocal seen
        if moment == "on a hop":
            seen += 1
            driver.clock.advance(1)
            meanwhile(tracker, seen)

    tracker.token = ""
    ref = driver.create("A task", **PATH[0])
    connector = MemoryConnector(tracker, meanwhile=told)
    change = Change(
        ref, tracker.item(ref).key, "stage", "status", {"status": STATUSES[:1], "resolution": ()},
        {"status": STATUSES[-1:]}, "why", path=STATUSES[1:-1],
    )  # fmt: skip
    return tracker, connector, change


def statuses(tracker: MemoryTracker, ref: ItemRef) -> list[str]:
    return [edit.after["status"][0] for edit in tracker.history if edit.ref == ref]


async def test_each_hop_is_a_request_of_its_own() -> None:
    tracker, connector, change = walking(lambda *_: None)
    await connector.apply(change)
    assert statuses(tracker, change.ref) == list(STATUSES)


@pytest.mark.parametrize("hop", [1, 2])
@pytest.mark.parametrize("to", ["To Do", "Release", "Done", "Waiting"])
async def test_who_moves_it_off_a_hop_has_moved_it(hop: int, to: str) -> None:
    tracker, connector, change = walking(lambda tracker, at: at == hop and tracker.edit(change.ref, status=to) and None)
    with pytest.raises(StaleError, match=f'by way of "{STATUSES[hop]}" it was moved to "{to}" by somebody else'):
        await connector.apply(change)
    assert statuses(tracker, change.ref) == [*STATUSES[: hop + 1], to]


@pytest.mark.parametrize("hop", [1, 2])
async def test_a_hop_that_is_refused_on_the_way_is_partly_done(hop: int) -> None:
    tracker, connector, change = walking(lambda *_: None)
    tracker.locked = frozenset({(STATUSES[hop], STATUSES[hop + 1])})
    with pytest.raises(RejectedError, match=f'refuses to take it from "{STATUSES[hop]}"') as refused:
        await connector.apply(change)
    assert refused.value.partly
    assert statuses(tracker, change.ref) == list(STATUSES[: hop + 1])


async def test_a_hop_that_is_dropped_without_a_word_is_refused() -> None:
    tracker, connector, change = walking(lambda tracker, _: setattr(tracker, "deaf", frozenset({"status"})))
    tracker.deaf = frozenset({"status"})
    with pytest.raises(RejectedError, match='took the hop to "Design", but it is not there') as refused:
        await connector.apply(change)
    assert not refused.value.partly
    assert statuses(tracker, change.ref) == [STATUSES[0]]

"""How many histories a run reads, and what it does where they cannot be read."""

from __future__ import annotations

import pytest

from trackersync.pipeline import Order, Outcome, run_once
from trackersync.pipeline.history import MOST
from trackersync.testing import Trouble

from .shop import Setup, Shop, facts_of


@pytest.fixture
def shop() -> Shop:
    return Shop(Setup())


async def run(shop: Shop, command: str = "sync") -> Outcome:
    shop.clock.advance(20)
    return await run_once(shop.session(), Order("plan" if command == "plan" else "sync", yes=True))


def given(shop: Shop, tasks: int) -> None:
    for n in range(1, tasks + 1):
        shop.create(f"SHOP-{n}", facts_of("jira", "In Progress, ada-l"), f"Task {n}")


def move_all(shop: Shop, status: str) -> None:
    for item in list(shop.trackers["jira"].items.values()):
        shop.trackers["jira"].edit(item.ref, status=status)


def owed(shop: Shop) -> int:
    return len(shop.store.owed_histories("jira"))


async def test_a_run_reads_so_many_and_the_next_ones_the_rest(shop: Shop) -> None:
    given(shop, MOST + 5)
    await run(shop)
    assert owed(shop) == 0, "what is there from the first is not asked about"
    move_all(shop, "In Review")

    await run(shop)
    assert owed(shop) == 5

    await run(shop)
    assert owed(shop) == 0
    refs = [item.ref for item in shop.store.items("jira")]
    assert len(shop.store.histories(refs)) == MOST + 5
    shop.store.close()


async def test_a_tracker_that_fails_is_asked_no_more_in_this_run_and_again_in_the_next(shop: Shop) -> None:
    given(shop, 30)
    await run(shop)
    move_all(shop, "In Review")
    shop.faults.arm(Trouble.LOST_REQUEST, "history", "jira", skip=3)

    outcome = await run(shop, "plan")

    assert owed(shop) == 27
    (warning,) = outcome.warnings
    assert warning.startswith("jira: the history of 30 items could not be read whole, so who moved them is not known: ")
    assert not outcome.failures
    assert (await run(shop, "plan")).warnings == ()
    assert owed(shop) == 0
    shop.store.close()


async def test_a_tracker_that_is_down_is_not_asked_for_histories(shop: Shop) -> None:
    given(shop, 2)
    await run(shop)
    move_all(shop, "In Review")
    await run(shop, "plan")
    move_all(shop, "Release")
    shop.faults.arm(Trouble.LOST_REQUEST, "observe", "jira")
    shop.faults.arm(Trouble.REFUSED, "history", "jira")
    outcome = await run(shop, "plan")
    assert outcome.warnings == ()
    assert [str(failure) for failure in outcome.failures]
    shop.store.close()

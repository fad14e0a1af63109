"""How many histories a run reads, and what it does where they cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from trackersync.connector import Event, ItemRef
from trackersync.errors import NotFoundError, RejectedError, UnavailableError
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


@pytest.mark.parametrize(("status", "kept"), [("In Review", 1), ("Done", 0)])
async def test_the_history_of_open_work_stays_in_sight_however_long_nobody_touches_it(
    shop: Shop, status: str, kept: int
) -> None:
    given(shop, 1)
    await run(shop)
    move_all(shop, status)
    await run(shop)
    shop.clock.advance(90 * 86_400)
    session = shop.session()
    await run_once(session, Order("check"))
    (case,) = session.diagnosed["last"].cases
    assert len(case.known.pasts) == kept
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


class Together:
    """A connector that tells of many items at once, of every third one not, and notes what it is asked for alone."""

    def __init__(self, inner: Any, trouble: Exception | None = None) -> None:  # noqa: ANN401  # stands in for any
        self.inner = inner
        self.trouble = trouble
        self.alone: list[ItemRef] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever it is asked for besides
        return getattr(self.inner, name)

    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        self.alone.append(ref)
        if len(self.alone) == 1:
            raise NotFoundError("gone")
        if len(self.alone) == 2:
            raise RejectedError("not for us")
        events: tuple[Event, ...] = await self.inner.history(ref)
        return events

    async def histories(self, refs: Sequence[ItemRef]) -> Mapping[ItemRef, tuple[Event, ...]]:
        if self.trouble is not None:
            raise self.trouble
        return {ref: await self.inner.history(ref) for at, ref in enumerate(refs) if at % 3}


@pytest.mark.parametrize("trouble", [None, UnavailableError("not now")], ids=["told", "in trouble"])
async def test_what_is_told_together_is_not_asked_for_alone(shop: Shop, trouble: Exception | None) -> None:
    given(shop, 9)
    await run(shop)
    move_all(shop, "In Review")
    shop.clock.advance(20)
    session = shop.session()
    jira = Together(session.connectors["jira"], trouble)
    outcome = await run_once(replace(session, connectors={**session.connectors, "jira": jira}), Order("plan", yes=True))

    (warning,) = outcome.warnings
    items = [item.ref for item in shop.store.items("jira")]
    known = [past for past in shop.store.histories(items).values() if past.events]
    if trouble is None:
        assert (len(jira.alone), len(known), owed(shop)) == (3, 7, 0)
        assert "not for us" in warning, "the one that is gone is no trouble"
    else:
        assert (jira.alone, len(known), owed(shop)) == ([], 0, 9)
        assert "the history of 9 items could not be read whole" in warning
        assert "not now" in warning
    shop.store.close()

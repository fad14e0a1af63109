"""How issues are related, as facts that cost no request, and whom a duplicate is one of."""

from __future__ import annotations

import pytest
from github_doubles import opened, served, shop

from trackersync.connector import Item
from trackersync.sandbox import GitHub

FACTS = ("parent", "progress", "blocked", "duplicate_of")


@pytest.fixture
def model() -> GitHub:
    model = shop()
    for number in range(1, 7):
        model.create(f"Issue {number}", labels=["stage: idea"])
    return model


async def related(model: GitHub) -> dict[int, tuple[str, ...]]:
    """By number, what an issue shows of its relations, one after the other."""
    async with opened(served(model), evidence=["relations"]) as it:
        items = await it.items()
        assert [await it.item(item.ref) for item in items] == items
    return {int(item.key.rpartition("#")[2]): _shown(item) for item in items}


def _shown(item: Item) -> tuple[str, ...]:
    return tuple(value for fact in FACTS for value in item.facts[fact])


async def test_parents_and_progress(model: GitHub) -> None:
    for child in (2, 3, 4):
        model.ties.nest(child, 1)
    model.edit(2, state="closed")
    assert await related(model) == {
        1: ("1/3",), 2: ("acme/shop#1",), 3: ("acme/shop#1",), 4: ("acme/shop#1",), 5: (), 6: ()
    }  # fmt: skip


async def test_blocked_while_a_blocker_is_open_and_cleared_afterwards(model: GitHub) -> None:
    model.ties.block(1, by=2)
    model.ties.block(1, by=3)
    model.ties.block(4, by=5)
    model.edit(3, state="closed")
    model.edit(5, state="closed")
    shown = await related(model)
    assert (shown[1], shown[4], shown[2]) == (("open",), ("cleared",), ())


async def test_none_of_it_costs_a_request(model: GitHub) -> None:
    model.ties.nest(2, 1)
    async with opened(served(model)) as plain:
        await plain.items()
    before = len(model.requests)
    async with opened(served(model), evidence=["relations"]) as it:
        await it.items()
    assert len(model.requests) - before == before


async def test_a_duplicate_names_the_other_issue(model: GitHub) -> None:
    model.edit(3, state="closed", reason="duplicate")
    model.edit(4, state="closed", reason="duplicate")
    model.duplicates[3] = 1
    shown = await related(model)
    assert (shown[3], shown[4], shown[1]) == (("acme/shop#1",), (), ())


async def test_a_host_without_graphql_shows_no_duplicates_and_all_else(model: GitHub) -> None:
    model.edit(3, state="closed", reason="duplicate")
    model.duplicates[3] = 1
    model.ties.nest(3, 2)
    model.boards.graphql = False
    shown = await related(model)
    assert (shown[3], shown[2]) == (("acme/shop#2",), ("1/1",))

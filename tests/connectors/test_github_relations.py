"""How issues are related, as facts that cost no request, and whom a duplicate is one of."""

from __future__ import annotations

import json

import pytest
from github_doubles import opened, served, shop

from trackersync.connector import Item
from trackersync.sandbox import GitHub, answer

FACTS = ("parent", "progress", "blocked", "due", "blockers", "duplicate_of")


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
    assert (shown[4], shown[2]) == (("cleared", "acme/shop#5"), ())
    assert (shown[1][0], set(shown[1][1:])) == ("open", {"acme/shop#2", "acme/shop#3"})


async def test_what_stands_in_the_list_costs_no_request(model: GitHub) -> None:
    model.ties.nest(2, 1)
    model.milestones[1] = "Spring"
    model.due[1] = "2026-03-05T08:00:00Z"
    model.edit(3, milestone=1)
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


@pytest.mark.parametrize(("due", "shown"), [("2026-03-05T08:00:00Z", ("2026-03-05",)), (None, ()), ("some day", ())])
async def test_the_day_by_which_a_milestone_is_due(model: GitHub, due: str | None, shown: tuple[str, ...]) -> None:
    model.milestones[1] = "Spring"
    model.due |= {} if due is None else {1: due}
    model.edit(2, milestone=1)
    found = await related(model)
    assert (found[2], found[3]) == (shown, ())


def questions(model: GitHub) -> int:
    return sum(request.path.endswith("/graphql") for request in model.requests)


async def test_what_blocks_is_asked_once_for_all_that_wait_and_for_no_other(model: GitHub) -> None:
    for number in (1, 2, 3):
        model.ties.block(number, by=6)
    async with opened(served(model), evidence=["relations"]) as it:
        items = await it.items()
    assert [item.facts["blockers"] for item in items].count(("acme/shop#6",)) == 3
    assert questions(model) == 1


@pytest.mark.parametrize("status", [200, 404], ids=["no word for it", "no GraphQL"])
async def test_a_host_that_cannot_name_blockers_still_tells_that_there_are_some(model: GitHub, status: int) -> None:
    model.ties.block(1, by=2)
    model.edit(3, state="closed", reason="duplicate")
    model.duplicates[3] = 1
    unknown = {"message": "Field 'blockedBy' doesn't exist", "extensions": {"code": "undefinedField"}}
    body = json.dumps({"errors": [unknown]}) if status == 200 else ""
    for _ in range(4):
        model.faults.add(answer(status, body), method="POST", path="/graphql$")
    shown = await related(model)
    assert (shown[1], shown[3]) == (("open",), ())


async def test_a_blocker_that_is_hidden_is_not_named(model: GitHub) -> None:
    model.ties.block(1, by=2)
    known = {"number": 5, "repository": {"nameWithOwner": "acme/api", "databaseId": 9}}
    gaps = {"nodes": [{"number": 1, "blockedBy": {"nodes": [None, known, known]}}, None]}
    hidden = {"type": "FORBIDDEN", "message": "Resource not accessible"}
    for _ in range(2):
        model.faults.add(answer(200, json.dumps({"data": gaps, "errors": [hidden]})), method="POST", path="/graphql$")
    assert (await related(model))[1] == ("open", "acme/api#5")

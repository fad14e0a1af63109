"""Several projects and single issues of Jira: side by side, one error for all, and what is not there."""

from __future__ import annotations

import asyncio
import math
import re
from typing import Any

import httpx
import pytest
from jira_doubles import (
    CLOUD,
    FLAVOURS,
    ME,
    MYSELF,
    Script,
    many,
    opened,
    raw,
    ref,
    refuses,
    says,
    within,
)

from trackersync.connector import (
    Absence,
    AuthError,
    ItemRef,
    Lately,
    NotFoundError,
    These,
    UnavailableError,
)
from trackersync.sandbox import Options, answer, build
from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.shop import workflow


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


# Several projects.


async def test_projects_are_read_side_by_side_and_an_error_in_one_stops_no_other() -> None:
    model = Jira({"SHOP": workflow(), "OPS": workflow()})
    for project in ("SHOP", "OPS"):
        for n in range(3):
            model.create(f"Task {n}", project)
    async with opened(transport=within(model), projects=["NONE", "SHOP", "OPS"], **CLOUD) as at:
        seen, error = await at.until_error()

    assert isinstance(error, NotFoundError)
    assert re.search(r"project NONE does not exist.*Browse projects", str(error))
    assert {page.container for page in seen if page.complete} == {"SHOP", "OPS"}
    assert sum(len(page.items) for page in seen) == 6


async def test_several_errors_are_told_together_the_worst_first() -> None:
    model = Jira({"SHOP": workflow()})
    async with opened(transport=within(model), projects=["NONE", "SHOP", "NADA"], **CLOUD) as at:
        with pytest.raises(NotFoundError, match=r"NONE.*NADA"):
            await at.pages()


async def test_latency_is_paid_side_by_side() -> None:
    keys = [f"P{n}" for n in range(16)]
    model = Jira({key: workflow() for key in keys})
    for key in keys:
        model.create("Task", key)
    flying = most = 0

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0.01)
        flying -= 1
        return await within(model).handle_async_request(request)

    async with opened(transport=httpx.MockTransport(slow), projects=keys, **CLOUD) as at:
        assert len(await at.items()) == 16
    assert most == 8


async def test_a_reader_that_stops_early_leaves_nothing_under_way(shop: Jira) -> None:
    shop.create("Task")
    async with opened(transport=within(shop), **CLOUD) as at:
        pages = at.jira.observe(Lately())
        await anext(pages)
        await pages.aclose()

        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


# Single issues.


@FLAVOURS
async def test_refs_are_looked_up_by_id(shop: Jira, flavour: dict[str, Any]) -> None:
    here, ghost = ItemRef("jira", str(shop.issue("SHOP-42").id)), ItemRef("jira", "999999")
    async with opened(transport=within(shop), **flavour) as at:
        (page,) = await at.pages(These((here, ghost, here)))

    assert [item.ref for item in page.items] == [here]
    assert page.missing == {ghost: Absence.HIDDEN}
    assert not page.complete
    assert page.container == ""
    assert page.cursor is None


async def test_an_issue_that_search_does_not_show_yet_is_looked_up_fresh(shop: Jira) -> None:
    shop.lag = math.inf
    shop.edit("SHOP-42", status="In Review", by="ada-l")
    async with opened(transport=within(shop), **CLOUD) as at:
        (item,) = await at.items(These((ItemRef("jira", str(shop.issue("SHOP-42").id)),)))

    assert item.facts["status"] == ("In Review",)


@FLAVOURS
async def test_an_issue_of_another_project_is_out_of_scope(flavour: dict[str, Any]) -> None:
    model = Jira({"SHOP": workflow(), "OPS": workflow()})
    moved = ItemRef("jira", str(model.create("Task", "OPS").id))
    async with opened(transport=within(model), **flavour) as at:
        (page,) = await at.pages(These((moved,)))

    assert (page.items, page.missing) == ((), {moved: Absence.OUT_OF_SCOPE})


async def test_many_refs_cost_one_request_a_hundred_on_cloud() -> None:
    model = many(250)
    async with opened(transport=within(model), **CLOUD) as at:
        pages = await at.pages(These(tuple(ref(n) for n in range(1, 251))))

        assert at.reads == 3
    assert [len(page.items) for page in pages] == [100, 100, 50]


async def test_no_refs_cost_nothing(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        assert await at.pages(These(())) == []
        assert at.reads == 0


async def test_an_issue_that_the_bulk_fetch_failed_on_is_asked_for_by_itself() -> None:
    bulk = {"issues": [raw(1)], "issueErrors": [{"id": "10002", "errorMessage": "try again"}]}
    script = Script({("POST", "/bulkfetch"): says(bulk), ("GET", "/issue/10002"): says(raw(2))})
    async with opened(transport=script.transport, **CLOUD) as at:
        (page,) = await at.pages(These((ref(1), ref(2))))

    assert [item.key for item in page.items] == ["SHOP-1", "SHOP-2"]
    assert page.missing == {}


@pytest.mark.parametrize(
    "errors", [[{"errorMessage": "try again"}], [{"id": "SHOP-2"}], [{}, {"id": "10003"}]], ids=["none", "key", "some"]
)
async def test_where_a_bulk_fetch_does_not_say_which_it_failed_on_all_that_are_not_there_are_asked_for(
    errors: list[object],
) -> None:
    script = Script(
        {
            ME: says(MYSELF),
            ("POST", "/bulkfetch"): says({"issues": [raw(1)], "issueErrors": errors}),
            ("GET", "/issue/10002"): says(raw(2)),
            ("GET", "/issue/10003"): refuses(404),
        }
    )
    async with opened(transport=script.transport, **CLOUD) as at:
        (page,) = await at.pages(These((ref(1), ref(2), ref(3))))

    assert [item.key for item in page.items] == ["SHOP-1", "SHOP-2"]
    assert page.missing == {ref(3): Absence.HIDDEN}


@pytest.mark.parametrize(("status", "attempts"), [(404, 1), (405, 1), (501, 1)])
async def test_where_there_is_no_bulk_fetch_issues_are_asked_for_one_by_one_for_the_rest_of_the_run(
    status: int, attempts: int
) -> None:
    script = Script(
        {
            ME: says(MYSELF),
            ("POST", "/bulkfetch"): refuses(status, "null for uri"),
            ("GET", "/issue/10001"): says(raw(1)),
            ("GET", "/issue/10002"): says(raw(2)),
            ("GET", "/issue/10003"): refuses(404),
        }
    )
    async with opened(transport=script.transport, **CLOUD) as at:
        (page,) = await at.pages(These((ref(1), ref(2), ref(3))))
        (again,) = await at.pages(These((ref(2),)))

    assert [item.key for item in (*page.items, *again.items)] == ["SHOP-1", "SHOP-2", "SHOP-2"]
    assert page.missing == {ref(3): Absence.HIDDEN}
    assert len(script.bodies("/bulkfetch")) == attempts


async def test_what_is_hidden_from_a_stranger_is_not_missing() -> None:
    script = Script({("POST", "/bulkfetch"): says({"issues": []}), ME: refuses(401)})
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(AuthError):
            await at.pages(These((ref(1),)))


async def test_one_failing_lookup_stops_the_rest_and_is_told() -> None:
    model = many(30)
    model.faults.add(answer(500), path="/issue/10005", times=99)
    async with opened(transport=within(model)) as at:
        with pytest.raises(UnavailableError, match="500"):
            await at.pages(These(tuple(ref(n) for n in range(1, 31))))
        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

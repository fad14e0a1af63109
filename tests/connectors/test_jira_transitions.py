"""Moving Jira's issues along: which transition is taken, what is filled in, what is refused before it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from jira_doubles import (
    CLOUD,
    FLAVOURS,
    GRACE,
    Script,
    change,
    look,
    opened,
    raw,
    says,
    to,
    within,
)

from trackersync.connector import (
    ItemRef,
    RejectedError,
    StaleError,
    These,
)
from trackersync.sandbox import Options, build
from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.jira.workflow import Transition as Way
from trackersync.sandbox.jira.workflow import Workflow
from trackersync.sandbox.shop import workflow


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


# A transition.


@FLAVOURS
async def test_a_transition_is_taken_by_the_status_it_leads_to(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        before = await look(at, shop, "SHOP-42")
        reads = at.reads
        shown = await at.jira.apply(to(before, "In Review"))

        assert (at.reads - reads, at.writes) == (3, 1)
        assert shown == await look(at, shop, "SHOP-42")
    assert shop.issue("SHOP-42").status == "In Review"
    assert shown.facts["status"] == ("In Review",)
    assert shown.updated > before.updated


@FLAVOURS
async def test_done_takes_its_resolution_along(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        item = await look(at, shop, "SHOP-40")
        shown = await at.jira.apply(to(item, "done", "won't do"))

    assert (shop.issue("SHOP-40").status, shop.issue("SHOP-40").resolution) == ("Done", "Won't Do")
    assert shown.facts["resolution"] == ("Won't Do",)


async def test_a_change_made_twice_is_made_once(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        wanted = to(await look(at, shop, "SHOP-42"), "In Review")
        first = await at.jira.apply(wanted)
        second = await at.jira.apply(wanted)

        assert at.writes == 1
    assert first == second


async def test_an_issue_that_someone_moved_is_left_alone(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        wanted = to(await look(at, shop, "SHOP-42"), "In Review")
        shop.edit("SHOP-42", status="Design", by="ada-l")
        with pytest.raises(StaleError, match="status was In Progress, is Design now; nothing was written"):
            await at.jira.apply(wanted)

        assert at.writes == 0
    assert shop.issue("SHOP-42").status == "Design"


async def test_what_is_not_ours_stays_as_it_was(shop: Jira) -> None:
    old = shop.issue("SHOP-42")
    async with opened(transport=within(shop), **CLOUD) as at:
        await at.jira.apply(to(await look(at, shop, "SHOP-42"), "In Review"))
        await at.jira.apply(change(await look(at, shop, "SHOP-42"), "owners", {"owners": (GRACE,)}))

    new = shop.issue("SHOP-42")
    assert replace(new, status=old.status, assignee=old.assignee, updated=old.updated, history=old.history) == old


async def test_a_way_that_is_not_drawn_names_those_that_are(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        item = await look(at, shop, "SHOP-42")
        with pytest.raises(
            RejectedError,
            match=r"SHOP-42: no transition from In Progress to Done .*allowed: In Review, Design, Waiting for vendor",
        ) as caught:
            await at.jira.apply(to(item, "Done", "Done"))

        assert at.writes == 0
    assert not caught.value.partly


async def test_without_the_permission_nothing_can_be_moved_and_it_is_named(shop: Jira) -> None:
    shop.may_transition = False
    async with opened(transport=within(shop), **CLOUD) as at:
        item = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError, match='"Transition issues"'):
            await at.jira.apply(to(item, "In Review"))


@FLAVOURS
@pytest.mark.parametrize("conflicts", [1, 2])
async def test_a_conflicting_update_is_looked_at_and_sent_again(
    shop: Jira, flavour: dict[str, Any], conflicts: int
) -> None:
    shop.conflicts = conflicts
    async with opened(transport=within(shop), **flavour) as at:
        await at.jira.apply(to(await look(at, shop, "SHOP-42"), "In Review"))

        assert at.writes == conflicts + 1
    assert shop.issue("SHOP-42").status == "In Review"


async def test_conflicting_updates_without_an_end_are_stale(shop: Jira) -> None:
    shop.conflicts = 1000
    async with opened(transport=within(shop), **CLOUD) as at:
        wanted = to(await look(at, shop, "SHOP-42"), "In Review")
        with pytest.raises(StaleError, match=r"changed by someone else.*It was sent 3 times"):
            await at.jira.apply(wanted)

        assert at.writes == 3
    assert shop.issue("SHOP-42").status == "In Progress"


# Screens.


async def test_a_required_resolution_that_nobody_configured(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        item = await look(at, shop, "SHOP-40")
        with pytest.raises(
            RejectedError,
            match=r'"Accept" to Done requires Resolution.*set: \{resolution.*offered: Done, .*Nothing was written',
        ):
            await at.jira.apply(to(item, "Done"))

        assert at.writes == 0


async def test_a_resolution_that_is_not_on_offer(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        item = await look(at, shop, "SHOP-40")
        with pytest.raises(RejectedError, match=r'"Shipped" is not on offer.*Offered: Done'):
            await at.jira.apply(to(item, "Done", "Shipped"))

        assert at.writes == 0


@pytest.mark.parametrize(
    ("resolution", "ways", "taken"),
    [
        pytest.param(
            "Done",
            [Way("1", "Plain", "Done"), Way("2", "With screen", "Done", screen=("resolution",))],
            "2",
            id="one that can say the resolution",
        ),
        pytest.param(
            None,
            [
                Way("1", "Ask", "Done", screen=("resolution",), required=frozenset({"resolution"})),
                Way("2", "X", "Done"),
            ],
            "2",
            id="one that asks for nothing we lack",
        ),
        pytest.param(None, [Way("1", "First", "Done"), Way("2", "Second", "Done")], "1", id="the first among equals"),
        pytest.param(
            None,
            [Way("7", "Done", "Design"), Way("8", "Elsewhere", "Done")],
            "8",
            id="never one that is merely called so",
        ),
        pytest.param(
            None,
            [Way("1", "Titled", "Done", screen=("summary",), required=frozenset({"summary"}))],
            "1",
            id="a required field that the issue already holds",
        ),
    ],
)
async def test_of_several_transitions(resolution: str | None, ways: list[Way], taken: str) -> None:
    model = Jira({"SHOP": Workflow(workflow().statuses, tuple(ways))})
    model.resolutions["Done"] = "10000"
    issue = model.create("Task", status="In Review")
    # The stand-in insists on required fields in the request; the real one is content with what the issue holds.
    script = Script({("POST", "/transitions"): says(httpx.Response(204))})

    async def serve(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/transitions"):
            model.edit(issue.key, status="Done", resolution=resolution)
            return script(request)
        return await within(model).handle_async_request(request)

    async with opened(transport=httpx.MockTransport(serve)) as at:
        await at.jira.apply(to(await look(at, model, issue.key), "Done", resolution))

    fields = {"fields": {"resolution": {"id": "10000"}}} if resolution else {}
    assert script.bodies("/transitions") == [{"transition": {"id": taken}, **fields}]


@pytest.mark.parametrize("field", ["priority", "labels"])
async def test_a_required_field_that_is_empty_is_named(field: str) -> None:
    hop = {"id": "5", "name": "Finish", "to": {"name": "Done"}}
    hop["fields"] = {field: {"name": "Some field", "required": True}}  # type: ignore[assignment]  # JSON
    script = Script(
        {
            ("GET", "/transitions"): says({"transitions": [hop]}),
            ("GET", "/issue/10001"): says(raw(1, priority=None)),
            ("POST", "/bulkfetch"): says({"issues": [raw(1)]}),
        }
    )
    async with opened(transport=script.transport, **CLOUD) as at:
        (item,) = await at.items(These((ItemRef("jira", "10001"),)))
        with pytest.raises(RejectedError, match='transition "Finish" to Done requires Some field'):
            await at.jira.apply(to(item, "Done"))

    assert not [method for method, _, _ in script.asked if method != "GET"][1:]

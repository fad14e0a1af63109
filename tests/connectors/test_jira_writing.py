"""Writing to Jira: what is sent, what is refused before anything is sent, and what is noticed afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest
from jira_doubles import CLOUD, DATA_CENTER, TOKEN, Open, Script, change, opened, raw, refuses, says

from trackersync.connector import (
    Change,
    Item,
    ItemRef,
    NotFoundError,
    RejectedError,
    StaleError,
    These,
    Transition,
    UnavailableError,
)
from trackersync.sandbox import Fault, Options, answer, build, drop, jira_app, lose, running
from trackersync.sandbox.jira.model import Jira, User
from trackersync.sandbox.jira.workflow import Transition as Way
from trackersync.sandbox.jira.workflow import Workflow
from trackersync.sandbox.shop import workflow

FLAVOURS = pytest.mark.parametrize("flavour", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])
GRACE, MARGARET = "5b10ac8d82e05b22cc7d4ef5", "5b1099f30a7c4d6be8f1523c"


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


def within(model: Jira) -> httpx.ASGITransport:
    return httpx.ASGITransport(app=jira_app(model))


async def look(at: Open, model: Jira, key: str) -> Item:
    (item,) = await at.items(These((ItemRef("jira", str(model.issue(key).id)),)))
    return item


def to(item: Item, status: str, resolution: str | None = None, **but: object) -> Change:
    after = {"status": (status,)} | ({"resolution": (resolution,)} if resolution else {})
    return change(item, "stage", after, **but)


def paths(model: Jira) -> list[tuple[str, str]]:
    return [(request.method, request.path.rpartition("/")[2]) for request in model.requests]


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


async def test_the_workflow_as_far_as_it_is_known(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        known = await at.jira.workflow(await look(at, shop, "SHOP-42"))

    assert known.leaves == {
        "In Progress": (
            Transition("25", "Hand to review", "In Review"),
            Transition("26", "Back to the drawing board", "Design"),
            Transition("27", "Wait", "Waiting for vendor"),
        )
    }


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


async def test_a_conflicting_update_is_stale(shop: Jira) -> None:
    shop.conflicts = 1
    async with opened(transport=within(shop), **CLOUD) as at:
        wanted = to(await look(at, shop, "SHOP-42"), "In Review")
        with pytest.raises(StaleError, match="changed by someone else"):
            await at.jira.apply(wanted)
        assert shop.issue("SHOP-42").status == "In Progress"

        await at.jira.apply(wanted)
    assert shop.issue("SHOP-42").status == "In Review"


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

    fields = {"fields": {"resolution": {"name": "Done"}}} if resolution else {}
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


# Afterwards: what Jira made of it.


def world(shown: dict[str, Any], moved: object = None) -> Script:
    """An issue in To Do with one way to Done and no screen; after the write it shows something."""
    hop = {"id": "5", "name": "Finish", "to": {"name": "Done"}, "fields": {}}
    return Script(
        {
            ("GET", "/transitions"): says({"transitions": [hop]}),
            ("GET", "/issue/10001"): says(raw(1), raw(1, **shown)),
            ("POST", "/transitions"): says(moved or httpx.Response(204)),
            ("GET", "/assignable/search"): says([{"accountId": GRACE}]),
            ("PUT", "/assignee"): says(moved or httpx.Response(204)),
        }
    )


HERE = Item(
    ref=ItemRef("jira", "10001"),
    key="SHOP-1",
    url="",
    title="",
    container="SHOP",
    created=build(Options())[1].clock(),
    updated=build(Options())[1].clock(),
    facts={"status": ("To Do",), "resolution": (), "owners": ()},
)
DONE = {"name": "Done"}


@pytest.mark.parametrize(
    ("wanted", "shown", "partly", "words"),
    [
        pytest.param(to(HERE, "Done"), {}, False, "status is To Do now, not Done", id="dropped without a word"),
        pytest.param(
            to(HERE, "Done"),
            {"status": {"name": "Closed"}},
            True,
            "status is Closed now, not Done.*automation",
            id="moved on",
        ),
        pytest.param(
            to(HERE, "Done", "Fixed"),
            {"status": DONE},
            True,
            "resolution is nothing now, not Fixed.*screen",
            id="no resolution",
        ),
        pytest.param(
            change(HERE, "stage", {"status": ("Done",), "resolution": ()}),
            {"status": DONE, "resolution": {"name": "Fixed"}},
            True,
            "resolution is Fixed now, not nothing.*post function",
            id="a resolution that stays",
        ),
        pytest.param(
            change(HERE, "owners", {"owners": (GRACE,)}),
            {},
            False,
            f"owners is nothing now, not {GRACE}",
            id="no owner",
        ),
        pytest.param(
            change(HERE, "owners", {"owners": (GRACE,)}),
            {"assignee": {"accountId": MARGARET}},
            True,
            f"owners is {MARGARET} now",
            id="another owner",
        ),
    ],
)
async def test_what_became_of_it_is_noticed(wanted: Change, shown: dict[str, Any], partly: bool, words: str) -> None:
    async with opened(transport=world(shown).transport, **CLOUD) as at:
        with pytest.raises(RejectedError, match=words) as caught:
            await at.jira.apply(wanted)

    assert caught.value.partly is partly


async def test_a_resolution_set_by_the_workflow_itself_is_fine() -> None:
    script = world({"status": DONE, "resolution": {"name": "Fixed"}})
    async with opened(transport=script.transport, **CLOUD) as at:
        shown = await at.jira.apply(to(HERE, "Done", "Fixed"))

    assert shown.facts["resolution"] == ("Fixed",)
    assert script.bodies("/transitions")[-1] == {"transition": {"id": "5"}}


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (400, RejectedError, 'refuses transition "Finish" from To Do to Done: Not now. customfield_1: wrong'),
        (403, RejectedError, "Not now"),
        (404, NotFoundError, "Not now"),
        (409, StaleError, "Not now"),
        (413, RejectedError, "Not now"),
        (422, RejectedError, "Not now"),
        (418, UnavailableError, "Not now"),
    ],
)
async def test_a_refusal_in_jiras_words(status: int, error: type[Exception], words: str) -> None:
    body = {"errorMessages": ["Not now."], "errors": {"customfield_1": "wrong"}}
    async with opened(transport=world({}, httpx.Response(status, json=body)).transport, **CLOUD) as at:
        with pytest.raises(error, match=words) as caught:
            await at.jira.apply(to(HERE, "Done"))

    assert "Nothing was written" in str(caught.value)
    assert TOKEN not in str(caught.value)


async def test_a_refusal_for_people_is_no_traceback() -> None:
    refusal = httpx.Response(400, text="<html>Oops</html>")
    async with opened(transport=world({}, refusal).transport, **CLOUD) as at:
        with pytest.raises(RejectedError, match="no reason given"):
            await at.jira.apply(to(HERE, "Done"))


async def test_a_resolution_alone_cannot_be_written() -> None:
    async with opened(transport=world({}).transport, **CLOUD) as at:
        with pytest.raises(RejectedError, match="resolution only together with a status"):
            await at.jira.apply(change(HERE, "stage", {"resolution": ("Fixed",)}))


async def test_a_write_whose_look_back_fails_is_in_doubt() -> None:
    script = world({})
    script.answers[("GET", "/issue/10001")] = says(raw(1), "<html>Maintenance</html>")
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(UnavailableError, match="was written, but could not be read back") as caught:
            await at.jira.apply(to(HERE, "Done"))

    assert caught.value.in_doubt


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        pytest.param(lose(), 1, id="done, answer lost"),
        pytest.param(drop(), 0, id="not done, connection broken"),
        pytest.param(answer(502), 0, id="502"),
    ],
)
@pytest.mark.parametrize("field", ["stage", "owners"])
async def test_a_lost_answer_is_in_doubt_and_never_sent_twice(fault: Fault, done: int, field: str) -> None:
    with running(Options()) as sandbox:
        shop = sandbox.jira
        edits = len(shop.issue("SHOP-42").history)
        shop.faults.add(fault, kind="write")
        async with opened(url=sandbox.jira_url, **CLOUD) as at:
            item = await look(at, shop, "SHOP-42")
            wanted = to(item, "In Review") if field == "stage" else change(item, "owners", {"owners": (GRACE,)})
            with pytest.raises(UnavailableError) as caught:
                await at.jira.apply(wanted)
            assert caught.value.in_doubt
            assert (at.writes, len(shop.issue("SHOP-42").history) - edits) == (1, done)

            # The next look finds out, whichever way it went.
            again = await at.jira.apply(wanted)
    assert len(shop.issue("SHOP-42").history) - edits == 1
    assert again.facts[wanted.fact] == wanted.after[wanted.fact]


# The assignee.


@FLAVOURS
@pytest.mark.parametrize("owner", ["grace-h", None], ids=["somebody", "nobody"])
async def test_the_owner_is_set(shop: Jira, flavour: dict[str, Any], owner: str | None) -> None:
    account = (GRACE if flavour else "grace-h",) if owner else ()
    async with opened(transport=within(shop), **flavour) as at:
        shown = await at.jira.apply(change(await look(at, shop, "SHOP-42"), "owners", {"owners": account}))

    assert shop.issue("SHOP-42").assignee == (GRACE if owner else None)
    assert shown.facts["owners"] == account


async def test_nobody_is_never_the_projects_default() -> None:
    script = world({"assignee": None})
    script.answers[("GET", "/issue/10001")] = says(raw(1, assignee={"accountId": GRACE}), raw(1))
    owned = replace(HERE, facts=HERE.facts | {"owners": (GRACE,)})
    async with opened(transport=script.transport, **CLOUD) as at:
        await at.jira.apply(change(owned, "owners", {"owners": ()}))

    assert script.bodies("/assignee") == [{"accountId": None}]


async def test_the_person_found_beside_the_exact_one_is_never_assigned() -> None:
    """The jira library's ``assign_issue`` takes the first of several it finds (pycontribs/jira#1284)."""
    script = world({"assignee": {"accountId": GRACE}})
    script.answers[("GET", "/assignable/search")] = says([{"accountId": MARGARET}, {"accountId": GRACE}])
    async with opened(transport=script.transport, **CLOUD) as at:
        await at.jira.apply(change(HERE, "owners", {"owners": (GRACE,)}))
        assert script.bodies("/assignee") == [{"accountId": GRACE}]

    script = world({})
    script.answers[("GET", "/assignable/search")] = says([{"accountId": MARGARET}, {"accountId": None}])
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(RejectedError, match=f"{GRACE} is not assignable in SHOP"):
            await at.jira.apply(change(HERE, "owners", {"owners": (GRACE,)}))
    assert script.bodies("/assignee") == []


async def test_a_user_name_that_begins_like_another_is_another(shop: Jira) -> None:
    shop.welcome([User("5b10d", "grace", "Grace"), User("5b10e", "grace-hopper", "Grace")])
    async with opened(transport=within(shop)) as at:
        item = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError, match="grac is not assignable in SHOP"):
            await at.jira.apply(change(item, "owners", {"owners": ("grac",)}))
        shown = await at.jira.apply(change(item, "owners", {"owners": ("Grace-H",)}))

    assert shown.facts["owners"] == ("grace-h",)


async def test_a_deactivated_person_is_refused_before_the_write(shop: Jira) -> None:
    tim = next(user.account_id for user in shop.users.values() if not user.active)
    async with opened(transport=within(shop), **CLOUD) as at:
        item = await look(at, shop, "SHOP-42")
        with pytest.raises(RejectedError, match=f"{tim} is not assignable in SHOP: .*deactivated"):
            await at.jira.apply(change(item, "owners", {"owners": (tim,)}))

        assert at.writes == 0


async def test_two_owners_are_one_too_many() -> None:
    async with opened(transport=world({}).transport, **CLOUD) as at:
        with pytest.raises(RejectedError, match="one assignee, not 2"):
            await at.jira.apply(change(HERE, "owners", {"owners": (GRACE, MARGARET)}))


async def test_an_owner_may_be_written_where_the_stage_may_not(shop: Jira) -> None:
    async with opened(transport=within(shop), writes=["owners"], **CLOUD) as at:
        item = await look(at, shop, "SHOP-42")
        await at.jira.apply(change(item, "owners", {"owners": (GRACE,)}))
        with pytest.raises(RejectedError, match="stage may not be written"):
            await at.jira.apply(to(item, "In Review", before={"status": ("In Progress",)}))

    assert shop.issue("SHOP-42").status == "In Progress"


# Issues that are not where they were.


async def test_an_issue_that_is_gone(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        item = await look(at, shop, "SHOP-42")
        shop.delete("SHOP-42")
        with pytest.raises(NotFoundError, match="SHOP-42 is gone from jira, or hidden"):
            await at.jira.apply(to(item, "In Review"))
        with pytest.raises(NotFoundError, match="SHOP-42"):
            await at.jira.workflow(item)


async def test_an_issue_that_left_the_configured_projects_is_not_written() -> None:
    script = world({})
    script.answers[("GET", "/issue/10001")] = says(raw(1, project={"key": "OPS"}) | {"key": "OPS-9"})
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(StaleError, match="SHOP-1 is OPS-9 now, in project OPS"):
            await at.jira.apply(to(HERE, "Done"))

    assert [method for method, _, _ in script.asked] == ["GET"]


async def test_a_refusal_to_list_transitions() -> None:
    script = world({})
    script.answers[("GET", "/transitions")] = refuses(403, "You shall not pass.")
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(RejectedError, match="does not show its transitions: You shall not pass"):
            await at.jira.apply(to(HERE, "Done"))

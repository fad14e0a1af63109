"""Paths of several transitions through Jira's workflows: what is known of them, walking them, and what ends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from jira_doubles import (
    CLOUD,
    DATA_CENTER,
    FLAVOURS,
    HERE,
    Open,
    Script,
    look,
    opened,
    raw,
    says,
    to,
    within,
)

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
from trackersync.sandbox import Fault, Options, answer, build, drop, lose
from trackersync.sandbox.jira.customs import CustomField
from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.jira.workflow import Condition, Status, Workflow, drawn
from trackersync.sandbox.jira.workflow import Transition as Way
from trackersync_jira.drawing import (
    Drawn,
    DrawnLink,
    DrawnPlace,
    DrawnStatus,
    DrawnTransition,
    DrawnWorkflow,
    leaves,
)

Meddling = Callable[[], object]


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


def along(item: Item, *statuses: str, resolution: str | None = None) -> Change:
    """A change from where an item stands to the last of these, by way of the others."""
    return replace(to(item, statuses[-1], resolution), path=statuses[:-1])


def meddled(model: Jira, method: str, *meddlings: Meddling | None) -> httpx.MockTransport:
    """The stand-in, where before the first, second, … request to transitions something is done."""
    left = list(meddlings)

    async def serve(request: httpx.Request) -> httpx.Response:
        if request.method == method and request.url.path.endswith("/transitions") and left:
            meddling = left.pop(0)
            if meddling is not None:
                meddling()
        return await within(model).handle_async_request(request)

    return httpx.MockTransport(serve)


async def walked(
    at: Open, model: Jira, *statuses: str, resolution: str | None = None, key: str = "SHOP-42"
) -> Exception | Item:
    """What came of walking an issue along these statuses."""
    change = along(await look(at, model, key), *statuses, resolution=resolution)
    try:
        return await at.jira.apply(change)
    except (RejectedError, StaleError, NotFoundError, UnavailableError) as error:
        return error


# Walking.


@FLAVOURS
async def test_a_path_is_walked_hop_by_hop(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        before = await look(at, shop, "SHOP-42")
        reads = at.reads
        shown = await at.jira.apply(along(before, "In Review", "Release", "Distribution"))

        # A look before each hop and after the last; and what each of the three is offered.
        assert (at.reads - reads, at.writes) == (7, 3)
        assert shown == await look(at, shop, "SHOP-42")
    history = [entry.items[0][4] for entry in shop.issue("SHOP-42").history[-3:]]
    assert history == ["In Review", "Release", "Distribution"]


@FLAVOURS
async def test_the_last_hop_carries_the_resolution(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        assert isinstance(await walked(at, shop, "in review", "DONE", resolution="won't do"), Item)
    issue = shop.issue("SHOP-42")
    assert (issue.status, issue.resolution) == ("Done", "Won't Do")


async def test_no_hop_on_the_way_carries_it(shop: Jira) -> None:
    ways = shop.workflows["SHOP"].transitions
    shop.workflows["SHOP"] = Workflow(
        shop.workflows["SHOP"].statuses, tuple(replace(way, screen=("resolution",)) for way in ways)
    )
    sent: list[Any] = []

    async def serve(request: httpx.Request) -> httpx.Response:
        sent.extend(
            [json.loads(request.content)] if request.url.path.endswith("/transitions") and request.content else []
        )
        return await within(shop).handle_async_request(request)

    async with opened(transport=httpx.MockTransport(serve), **CLOUD) as at:
        assert isinstance(await walked(at, shop, "In Review", "Done", resolution="Done"), Item)
    # And where nothing is filled in, there are no `fields` at all.
    assert [sorted(body) for body in sent] == [["transition"], ["fields", "transition"]]


async def test_a_path_walked_twice_is_walked_once(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        change = along(await look(at, shop, "SHOP-42"), "In Review", "Release")
        once = await at.jira.apply(change)
        assert await at.jira.apply(change) == once
        assert at.writes == 2


async def test_who_stands_on_a_hop_is_stale(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        change = along(await look(at, shop, "SHOP-42"), "In Review", "Release")
        shop.edit("SHOP-42", status="In Review", by="ada-l")
        with pytest.raises(StaleError):
            await at.jira.apply(change)
        assert at.writes == 0


# What ends the walk.


async def test_a_hop_that_is_forbidden_tells_where_it_stopped(shop: Jira) -> None:
    def forbid() -> None:
        shop.may_transition = False

    async with opened(transport=meddled(shop, "GET", None, forbid), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release")

    assert isinstance(error, RejectedError)
    assert (error.partly, error.hop) == (True, ("In Review", "Release"))
    assert "no transition at all leaves In Review" in str(error)
    assert "It stands in In Review now" in str(error)


@pytest.mark.parametrize("hop", [0, 1])
async def test_a_validator_refuses_only_what_is_sent(shop: Jira, hop: int) -> None:
    ways = shop.workflows["SHOP"].transitions
    guard, words = Condition(label="tested"), "Test it first."
    names = ("Hand to review", "Hand to release")
    shop.workflows["SHOP"] = Workflow(
        shop.workflows["SHOP"].statuses,
        tuple(replace(way, validator=guard, objection=words) if way.name == names[hop] else way for way in ways),
    )
    async with opened(transport=within(shop), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release")

    stops = ("In Progress", "In Review", "Release")
    assert isinstance(error, RejectedError)
    assert (error.partly, error.hop) == (hop > 0, (stops[hop], stops[hop + 1]))
    assert f'transition "{names[hop]}" from {stops[hop]} to {stops[hop + 1]}: Test it first' in str(error)
    assert shop.issue("SHOP-42").status == stops[hop]


async def test_a_condition_hides_a_hop_of_some_issues(shop: Jira) -> None:
    ways = shop.workflows["SHOP"].transitions
    shop.workflows["SHOP"] = Workflow(
        shop.workflows["SHOP"].statuses,
        tuple(replace(way, condition=Condition(label="vip")) if way.to == "Release" else way for way in ways),
    )
    shop.edit("SHOP-40", labels=["vip"], status="In Progress", by="ada-l")
    async with opened(transport=within(shop), **CLOUD) as at:
        assert isinstance(await walked(at, shop, "In Review", "Release", key="SHOP-40"), Item)
        error = await walked(at, shop, "In Review", "Release")

    assert isinstance(error, RejectedError)
    assert (error.partly, error.hop) == (True, ("In Review", "Release"))
    assert "allowed: In Progress, Done" in str(error)


async def test_a_field_that_a_hop_on_the_way_lacks(shop: Jira) -> None:
    cause = CustomField("customfield_10040", "Root cause", options=("Unknown",))
    shop.custom_fields[cause.id] = cause
    ways = shop.workflows["SHOP"].transitions
    shop.workflows["SHOP"] = Workflow(
        shop.workflows["SHOP"].statuses,
        tuple(
            replace(way, screen=(cause.id,), required=frozenset({cause.id})) if way.to == "Release" else way
            for way in ways
        ),
    )
    async with opened(transport=within(shop), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release", "Distribution")
    assert isinstance(error, RejectedError)
    assert (error.partly, error.hop) == (True, ("In Review", "Release"))
    assert 'transition "Hand to release" to Release requires Root cause' in str(error)
    assert "Add `fill: {Release: {Root cause: …}}`" in str(error)

    async with opened(transport=within(shop), fill={"Release": {"Root cause": "Unknown"}}, **CLOUD) as at:
        assert isinstance(await walked(at, shop, "Release", "Distribution"), Item)
    assert shop.issue("SHOP-42").custom[cause.id]["value"] == "Unknown"


async def test_a_resolution_on_the_way_is_not_the_changes_own(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        item = await look(at, shop, "SHOP-42")
        error = await walked(at, shop, "In Review", "Done", "To Do")
        assert isinstance(error, RejectedError)
        assert (error.partly, error.hop) == (True, ("In Review", "Done"))
        assert "Add `fill: {Done: {Resolution: …}}`" in str(error)
        assert item.facts["status"] == ("In Progress",)


@pytest.mark.parametrize("hop", [0, 1])
async def test_an_issue_that_someone_moves_between_look_and_transition(shop: Jira, hop: int) -> None:
    def moves() -> None:
        shop.edit("SHOP-42", status="Support", by="ada-l")

    async with opened(transport=meddled(shop, "POST", *[None] * hop, moves), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release")
        assert at.writes == hop + 1

    assert isinstance(error, StaleError)
    assert "it was moved to Support by somebody else" in str(error)
    assert shop.issue("SHOP-42").status == "Support"


async def test_an_issue_that_someone_moves_off_its_hop(shop: Jira) -> None:
    async with opened(transport=moving_on(shop, "Support"), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release")
        assert at.writes == 1

    assert isinstance(error, StaleError)
    assert "on its way from In Progress to In Review it was moved to Support" in str(error)
    assert "Nothing more was written" in str(error)


async def test_a_hop_that_is_taken_back_at_once(shop: Jira) -> None:
    async with opened(transport=moving_on(shop, "In Progress"), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release")

    assert isinstance(error, RejectedError)
    assert (error.partly, error.hop) == (False, ("In Progress", "In Review"))
    assert "Jira took the transition from In Progress to In Review, but the status is In Progress still" in str(error)


async def test_the_last_hop_taken_back_at_once_names_the_hop(shop: Jira) -> None:
    async with opened(transport=moving_on(shop, "In Progress"), **CLOUD) as at:
        error = await walked(at, shop, "In Review")

    assert isinstance(error, RejectedError)
    assert (error.partly, error.hop) == (False, ("In Progress", "In Review"))


def moving_on(model: Jira, status: str) -> httpx.MockTransport:
    """The stand-in, where an automation moves SHOP-42 on as soon as it was moved."""

    async def serve(request: httpx.Request) -> httpx.Response:
        answered = await within(model).handle_async_request(request)
        if request.method == "POST" and request.url.path.endswith("/transitions"):
            model.edit("SHOP-42", status=status, by="ada-l")
        return answered

    return httpx.MockTransport(serve)


async def test_an_issue_that_is_deleted_on_the_way(shop: Jira) -> None:
    async with opened(transport=meddled(shop, "POST", None, lambda: shop.delete("SHOP-42")), **CLOUD) as at:
        assert isinstance(await walked(at, shop, "In Review", "Release"), NotFoundError)


@pytest.mark.parametrize("fault", [lose(), drop(), answer(503)], ids=["answer lost", "not done", "503"])
@pytest.mark.parametrize("hop", [0, 1])
async def test_a_hop_without_an_answer_is_in_doubt_and_not_sent_again(shop: Jira, fault: Fault, hop: int) -> None:
    shop.faults.add(fault, kind="write", skip=hop)
    async with opened(transport=within(shop), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release")
        assert at.writes == hop + 1

    assert isinstance(error, UnavailableError)
    assert error.in_doubt


async def test_a_look_on_the_way_without_an_answer_is_in_doubt(shop: Jira) -> None:
    def breaks() -> None:
        shop.faults.add(answer(503), kind="read", times=1000)

    async with opened(transport=meddled(shop, "POST", breaks), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release")
        assert at.writes == 1

    assert isinstance(error, UnavailableError)
    assert error.in_doubt
    assert "on its way from In Progress to In Review" in str(error)


async def test_a_question_on_the_way_without_an_answer_is_in_doubt(shop: Jira) -> None:
    def breaks() -> None:
        shop.faults.add(answer(503), kind="read", times=1000)

    async with opened(transport=meddled(shop, "GET", None, breaks), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release")
        assert at.writes == 1

    assert isinstance(error, UnavailableError)
    assert error.in_doubt
    assert "on its way from In Review to Release" in str(error)


async def test_a_conflict_on_the_way_is_sent_again(shop: Jira) -> None:
    def conflict() -> None:
        shop.conflicts = 2

    async with opened(transport=meddled(shop, "POST", None, conflict), **CLOUD) as at:
        assert isinstance(await walked(at, shop, "In Review", "Release"), Item)
        assert at.writes == 4


async def test_a_conflict_with_somebody_who_moved_it_is_stale(shop: Jira) -> None:
    def conflict() -> None:
        shop.conflicts = 1

    def moves() -> None:
        shop.edit("SHOP-42", status="Support", by="ada-l")

    async def serve(request: httpx.Request) -> httpx.Response:
        answered = await within(shop).handle_async_request(request)
        if answered.status_code == 409:
            moves()
        return answered

    conflict()
    async with opened(transport=httpx.MockTransport(serve), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release")
        assert at.writes == 1
    assert isinstance(error, StaleError)
    assert "moved to Support" in str(error)


# Names.


async def test_a_status_renamed_between_plan_and_apply_is_not_guessed(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        change = along(await look(at, shop, "SHOP-42"), "In Review", "Release")
        shop.rename_status("In Review", "Reviewing")
        with pytest.raises(RejectedError, match="allowed: Reviewing, Design") as caught:
            await at.jira.apply(change)
        assert at.writes == 0
    assert caught.value.hop == ("In Progress", "In Review")


async def test_a_status_renamed_while_an_issue_is_in_it_is_known_by_its_id(shop: Jira) -> None:
    async def serve(request: httpx.Request) -> httpx.Response:
        answered = await within(shop).handle_async_request(request)
        if request.method == "POST" and shop.issue("SHOP-42").status == "In Review":
            shop.rename_status("In Review", "Reviewing")
        return answered

    async with opened(transport=httpx.MockTransport(serve), **CLOUD) as at:
        assert isinstance(await walked(at, shop, "In Review", "Release"), Item)
    assert shop.issue("SHOP-42").status == "Release"


async def test_a_status_renamed_on_the_way_is_called_so_when_the_walk_ends(shop: Jira) -> None:
    async def serve(request: httpx.Request) -> httpx.Response:
        answered = await within(shop).handle_async_request(request)
        if request.method == "POST" and shop.issue("SHOP-42").status == "In Review":
            shop.rename_status("In Review", "Reviewing")
            shop.may_transition = False
        return answered

    async with opened(transport=httpx.MockTransport(serve), **CLOUD) as at:
        error = await walked(at, shop, "In Review", "Release")
    assert isinstance(error, RejectedError)
    assert (error.partly, error.hop) == (True, ("Reviewing", "Release"))


TRAPS = (
    Way("31", "31", "Wrong", sources=frozenset({"Start"})),
    Way("7", "Done", "Wrong", sources=frozenset({"Start"})),
    Way("8", "Erledigt", "31", sources=frozenset({"Start"})),
    Way("9", "31", "Done", sources=frozenset({"31"})),
    Way("32", "Done", "Wrong", sources=frozenset({"31"})),
)


@FLAVOURS
async def test_neither_numbers_nor_names_of_transitions_mislead(flavour: dict[str, Any]) -> None:
    """A transition called as another's status, a status called as another transition's number, in other languages."""
    names = ("Start", "31", "Wrong", "Done")
    model = Jira({"SHOP": Workflow(tuple(Status(str(n), name, "new") for n, name in enumerate(names)), TRAPS)})
    model.create("Task")
    async with opened(transport=within(model), **flavour) as at:
        assert isinstance(await walked(at, model, "31", "Done", key="SHOP-1"), Item)
    assert [entry.items[0][4] for entry in model.issue("SHOP-1").history] == ["31", "Done"]


async def test_of_statuses_that_are_called_alike_the_projects_own() -> None:
    hops = [
        {"id": "5", "name": "Theirs", "to": {"id": "900", "name": "Done"}},
        {"id": "6", "name": "Ours", "to": {"id": "3", "name": "Done"}},
    ]
    kinds = [
        {"id": "2", "name": "Bug", "statuses": [{"id": "900", "name": "Done"}]},
        {"id": "1", "name": "Task", "statuses": [{"id": "3", "name": "Done"}, {"id": "4", "name": "To Do"}]},
    ]
    script = Script(
        {
            ("GET", "/transitions"): says({"transitions": hops}),
            ("GET", "/issue/10001"): says(raw(1), raw(1, status={"id": "3", "name": "Done"})),
            ("GET", "/project/SHOP/statuses"): says(kinds),
            ("POST", "/transitions"): says(httpx.Response(204)),
        }
    )
    async with opened(transport=script.transport, **CLOUD) as at:
        await at.jira.apply(to(HERE, "Done"))

    assert script.bodies("/transitions")[-1] == {"transition": {"id": "6"}}


# What is known of a workflow.


SMALL = tuple(Status(str(100 + n), name, "new") for n, name in enumerate(("A", "B", "C", "D")))
WAYS = (
    Way("1", "On", "B", sources=frozenset({"A"})),
    Way("2", "Up", "C", sources=frozenset({"A", "B"})),
    Way("3", "Anywhere", "D"),
)


def small(**flags: object) -> Jira:
    model = Jira({"SHOP": Workflow(SMALL, WAYS)})
    for name, value in flags.items():
        setattr(model, name, value)
    model.create("Task")
    model.create("Task", status="B")
    return model


def shown(known: Any) -> dict[str, list[str]]:  # noqa: ANN401  # a workflow
    return {status: [hop.to for hop in hops] for status, hops in known.leaves.items()}


async def test_where_permitted_the_whole_workflow_is_known() -> None:
    model = small(may_see_workflows=True)
    async with opened(transport=within(model), **CLOUD) as at:
        known = await at.jira.workflow(await look(at, model, "SHOP-1"))
        reads = at.reads
        other = await at.jira.workflow(await look(at, model, "SHOP-2"))

        # The look, and the transitions: all else is known.
        assert at.reads - reads == 2
    assert shown(known) == {"A": ["B", "C", "D"], "B": ["C", "D"], "C": ["D"], "D": []}
    assert shown(other) == shown(known)


@pytest.mark.parametrize("may", [True, False])
async def test_it_is_asked_once_by_many_at_a_time(may: bool) -> None:
    model = small(may_see_workflows=may)
    async with opened(transport=within(model), **CLOUD) as at:
        items = [await look(at, model, key) for key in ("SHOP-1", "SHOP-2") * 4]
        await asyncio.gather(*(at.jira.workflow(item) for item in items))
    assert [request.path for request in model.requests].count("/rest/api/3/workflows") == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_where_it_is_not_permitted_it_is_asked_once(status: int) -> None:
    model = small(workflows_refusal=status)
    async with opened(transport=within(model), **CLOUD) as at:
        assert shown(await at.jira.workflow(await look(at, model, "SHOP-1"))) == {"A": ["B", "C", "D"]}
        assert shown(await at.jira.workflow(await look(at, model, "SHOP-2"))) == {"B": ["C", "D"]}
        model.create("Bug", kind="Bug")
        assert shown(await at.jira.workflow(await look(at, model, "SHOP-3"))) == {"A": ["B", "C", "D"]}
    assert [request.path for request in model.requests].count("/rest/api/3/workflows") == 1


async def test_data_center_shows_what_leaves_the_status() -> None:
    model = small(may_see_workflows=True)
    async with opened(transport=within(model), **DATA_CENTER) as at:
        item = await look(at, model, "SHOP-1")
        reads = at.reads
        known = await at.jira.workflow(item)
        assert at.reads - reads == 1
    assert known.leaves == {
        "A": (Transition("1", "On", "B"), Transition("2", "Up", "C"), Transition("3", "Anywhere", "D"))
    }


async def test_what_is_offered_outranks_the_drawing() -> None:
    ways = tuple(replace(way, condition=Condition(never=True)) if way.to == "C" else way for way in WAYS)
    model = small(may_see_workflows=True)
    model.workflows["SHOP"] = Workflow(SMALL, ways)
    async with opened(transport=within(model), **CLOUD) as at:
        first = await at.jira.workflow(await look(at, model, "SHOP-1"))
        second = await at.jira.workflow(await look(at, model, "SHOP-2"))

    assert shown(first) == {"A": ["B", "D"], "B": ["C", "D"], "C": ["D"], "D": []}
    # What another issue was offered is not forgotten either.
    assert shown(second) == {"A": ["B", "D"], "B": ["D"], "C": ["D"], "D": []}


async def test_each_type_has_its_own_workflow() -> None:
    model = small(may_see_workflows=True)
    model.kind_workflows["SHOP", "Bug"] = drawn(SMALL, (("A", "Fix", "D"),))
    model.create("Bug", kind="Bug")
    async with opened(transport=within(model), **CLOUD) as at:
        assert shown(await at.jira.workflow(await look(at, model, "SHOP-3"))) == {"A": ["D"], "B": [], "C": [], "D": []}
        known = await at.jira.workflow(await look(at, model, "SHOP-1"))
    assert shown(known) == {"A": ["B", "C", "D"], "B": ["C", "D"], "C": ["D"], "D": []}


async def test_an_issue_moved_since_it_was_seen_teaches_nothing_wrong() -> None:
    model = small(may_see_workflows=True)
    async with opened(transport=within(model), **CLOUD) as at:
        item = await look(at, model, "SHOP-1")
        model.edit("SHOP-1", status="C", by="ada-l")
        known = await at.jira.workflow(item)

    assert shown(known) == {"A": ["B", "C", "D"], "B": ["C", "D"], "C": ["D"], "D": []}


async def test_statuses_are_called_as_we_see_them() -> None:
    """Drawings have the names that administrators gave; transitions and statuses are translated for each account."""
    model = small(may_see_workflows=True)

    async def serve(request: httpx.Request) -> httpx.Response:
        answered = await within(model).handle_async_request(request)
        body = await answered.aread()
        if request.url.path.endswith("/workflows"):
            body = body.replace(b'"name":"C"', b'"name":"Untranslated"')
        return httpx.Response(answered.status_code, content=body)

    async with opened(transport=httpx.MockTransport(serve), **CLOUD) as at:
        known = await at.jira.workflow(await look(at, model, "SHOP-1"))
    assert shown(known) == {"A": ["B", "C", "D"], "B": ["C", "D"], "C": ["D"], "D": []}


async def test_a_drawing_that_cannot_be_read_is_done_without() -> None:
    model = small(may_see_workflows=True)

    async def serve(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/workflows"):
            return httpx.Response(200, json={"values": []})
        return await within(model).handle_async_request(request)

    async with opened(transport=httpx.MockTransport(serve), **CLOUD) as at:
        assert shown(await at.jira.workflow(await look(at, model, "SHOP-1"))) == {"A": ["B", "C", "D"]}


def test_a_drawing_is_read_by_its_references() -> None:
    statuses = [DrawnStatus("x", "1", "One"), DrawnStatus("y", "2", "Two"), DrawnStatus("z", "3", "Elsewhere")]
    ways = [
        DrawnTransition("1", "INITIAL", "Create", [], "x"),
        DrawnTransition("2", "GLOBAL", "Anywhere", [], "y"),
        DrawnTransition("3", "DIRECTED", "Back", [DrawnLink("y"), DrawnLink(None), None], "x"),
        DrawnTransition("4", "DIRECTED", "Loop", [DrawnLink("x")], "x"),
        DrawnTransition("5", "DIRECTED", "Nowhere", [DrawnLink("x")], None),
        DrawnTransition("6", "DIRECTED", "Out", [DrawnLink("x")], "z"),
    ]
    one = DrawnWorkflow([DrawnPlace("x"), DrawnPlace("y")], ways)

    assert leaves(Drawn(statuses, [one]), {"2": "Zwei"}) == {
        "One": (Transition("2", "Anywhere", "Zwei"),),
        "Zwei": (Transition("3", "Back", "One"),),
    }
    # Of several it is not known which one is meant.
    assert leaves(Drawn(statuses, [one, one]), {}) == {}
    assert leaves(Drawn(statuses, []), {}) == {}


async def test_a_ghost_has_no_workflow(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        (page,) = await at.pages(These((ItemRef("jira", "999999"),)))
        assert not page.items
        with pytest.raises(NotFoundError):
            await at.jira.workflow(replace(HERE, ref=ItemRef("jira", "999999")))


async def test_conflicts_without_end_after_a_hop_are_in_doubt(shop: Jira) -> None:
    """Told as stale, our own hop would pass for a person's move."""
    shop.faults.add(
        answer(409, '{"errorMessages": ["Conflict."]}'), method="POST", path="/transitions$", skip=1, times=3
    )
    async with opened(transport=within(shop), **CLOUD) as at:
        start = shop.issue("SHOP-42").status
        error = await walked(at, shop, "In Review", "Done", resolution="Done")
    assert start != shop.issue("SHOP-42").status == "In Review"
    assert isinstance(error, UnavailableError)
    assert error.in_doubt
    assert "half written; it was on its way from In Review to Done" in str(error)


async def test_conflicts_without_end_before_any_hop_are_stale(shop: Jira) -> None:
    shop.faults.add(answer(409, '{"errorMessages": ["Conflict."]}'), method="POST", path="/transitions$", times=3)
    async with opened(transport=within(shop), **CLOUD) as at:
        start = shop.issue("SHOP-42").status
        assert isinstance(await walked(at, shop, "In Review", "Done"), StaleError)
    assert shop.issue("SHOP-42").status == start

"""What a Jira shows before anybody has mapped it: projects, statuses, resolutions, boards, the order of the work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jira_doubles import CLOUD, COUNT, DATA_CENTER, FLAVOURS, ME, MYSELF, Script, opened, refuses, says, within

from trackersync.connector import AuthError, NotFoundError, Offering, RejectedError, Surveying, UnavailableError
from trackersync.sandbox import Options, answer, build
from trackersync.sandbox.jira.customs import CustomField
from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.jira.premises import Board
from trackersync.sandbox.jira.workflow import Status, Workflow, any_to_any, drawn
from trackersync_jira.boards import merged

OPEN, DOING, TESTED, DONE = (
    Status("1", "Open", "new"),
    Status("3", "In Progress", "indeterminate"),
    Status("4", "Tested", "indeterminate"),
    Status("5", "Done", "done"),
)
ALL = (OPEN, DOING, TESTED, DONE)
LINE = (("Open", "Start", "In Progress"), ("In Progress", "Test", "Tested"), ("Tested", "Accept", "Done"))
LIST = ("GET", "/project")
SEARCHED = ("GET", "/project/search")
AGILE = ("GET", "/agile/1.0/board")


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


def site(*ways: tuple[str, str, str], columns: tuple[tuple[str, ...], ...] = (), **more: Workflow) -> Jira:
    """A project SHOP of four statuses, and others; what is shown besides is the test's to say."""
    flow = drawn(ALL, ways) if ways else any_to_any(ALL)
    model = Jira({"SHOP": flow} | more)
    model.may_see_workflows = True
    if columns:
        titled = tuple((f"column {at}", names) for at, names in enumerate(columns))
        model.premises.boards.append(Board(1, "SHOP board", "SHOP", titled))
    return model


# Which projects there are


@FLAVOURS
async def test_projects_are_offered_those_first_in_which_something_happened(flavour: dict[str, Any]) -> None:
    model = Jira({key: any_to_any(ALL) for key in ("QUIET", "OLD", "SHOP", "GONE")})
    model.premises.titles["SHOP"] = "The shop"
    model.premises.archived = frozenset({"GONE"})
    for key in ("GONE", "OLD", "SHOP", "SHOP"):
        model.create("Task", key)
    model.edit("SHOP-1", status="Done")
    async with opened(transport=within(model), projects=["SHOP"], **flavour) as at:
        assert isinstance(at.jira, Offering)
        found = await at.jira.offered()

    assert [(one.name, one.title, one.items) for one in found] == [
        ("SHOP", "The shop", 1),
        ("OLD", "", 1),
        ("QUIET", "", 0),
    ]
    assert [one.latest is not None for one in found] == [True, True, False]


@FLAVOURS
async def test_a_stranger_is_not_taken_for_somebody_without_projects(flavour: dict[str, Any], shop: Jira) -> None:
    shop.faults.add(answer(200, '{"displayName": "Anonymous"}'), path="myself")
    async with opened(transport=within(shop), **flavour) as at:
        with pytest.raises(AuthError):
            await at.jira.offered()


@pytest.mark.parametrize(
    ("answering", "error"),
    [
        pytest.param(refuses(403, "No."), RejectedError, id="403"),
        pytest.param(says("<html>"), UnavailableError, id="no JSON"),
        pytest.param(says({"values": [{"name": "Shop"}]}), UnavailableError, id="a project without a key"),
    ],
)
@pytest.mark.parametrize(("flavour", "path"), [(CLOUD, SEARCHED), (DATA_CENTER, LIST)], ids=["Cloud", "Data Center"])
async def test_a_list_that_is_not_shown_is_an_error(
    flavour: dict[str, Any], path: tuple[str, str], answering: Callable[..., httpx.Response], error: type[Exception]
) -> None:
    async with opened(transport=Script({ME: says(MYSELF), path: answering}).transport, **flavour) as at:
        with pytest.raises(error):
            await at.jira.offered()


async def test_cloud_lists_page_after_page_and_ends() -> None:
    pages = [
        {"values": [{"key": f"P{n}", "name": "P"} for n in range(start, start + 100)], "isLast": False}
        for start in range(0, 5_000, 100)
    ]
    script = Script({ME: says(MYSELF), SEARCHED: says(*pages), COUNT: says({"count": 3})})
    async with opened(transport=script.transport, **CLOUD) as at:
        found = await at.jira.offered()

    assert len(found) == 1_000, "no more than anybody chooses from"
    assert [one.items for one in found] == [3] * 10 + [None] * 990
    assert at.reads == 1 + 10 + 10


async def test_cloud_says_404_of_no_project_at_all() -> None:
    async with opened(transport=Script({ME: says(MYSELF), SEARCHED: refuses(404)}).transport, **CLOUD) as at:
        assert await at.jira.offered() == ()


async def test_an_order_that_is_not_told_leaves_data_centers_own() -> None:
    script = Script(
        {ME: says(MYSELF), LIST: says([{"key": "B"}, {"key": "A"}]), ("GET", "/search"): refuses(400, "No.")}
    )
    async with opened(transport=script.transport, **DATA_CENTER) as at:
        assert [(one.name, one.items) for one in await at.jira.offered()] == [("B", None), ("A", None)]


# Statuses and resolutions


@FLAVOURS
async def test_the_shop_is_surveyed(flavour: dict[str, Any], shop: Jira) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        assert isinstance(at.jira, Surveying)
        survey = await at.jira.survey()

    statuses = [sign for sign in survey.signs if sign.place == "statuses"]
    assert [(sign.value, sign.category) for sign in statuses][:3] == [
        ("Backlog", "backlog"),
        ("To Do", "backlog"),
        ("Research", "started"),
    ]
    assert [sign.rank for sign in statuses] == [0, 0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10, 11]
    assert [sign.value for sign in survey.signs if sign.place == "resolutions"] == [
        "Done", "Won't Do", "Duplicate", "Cannot Reproduce",
    ]  # fmt: skip
    (board,) = survey.boards
    assert (board.name, board.settings) == ("SHOP board", {})
    assert [(sign.value, sign.note) for sign in board.signs][:3] == [
        ("Backlog", ""),
        ("To Do", "column Backlog"),
        ("Research", ""),
    ]
    assert survey.remarks == ()


@FLAVOURS
async def test_what_not_every_project_knows_says_which_do(flavour: dict[str, Any]) -> None:
    other = any_to_any((OPEN, Status("77", "Done", "done"), Status("9", "Live", "done")))
    model = site(PAY=other)
    model.premises.notes = {"Open": "open", "Live": "  In the\nhands of customers. ", "Tested": "x" * 300}
    async with opened(transport=within(model), projects=["SHOP", "PAY"], **flavour) as at:
        signs = {sign.value: sign for sign in (await at.jira.survey()).signs}

    assert {name: sign.containers for name, sign in signs.items()} == {
        "Open": (), "Done": (), "In Progress": ("SHOP",), "Tested": ("SHOP",), "Live": ("PAY",),
    }  # fmt: skip
    assert signs["Live"].note == "In the hands of customers."
    assert signs["Open"].note == "", "it says no more than the name"
    assert len(signs["Tested"].note) == 201


async def test_a_status_that_counts_differently_counts_for_nothing() -> None:
    model = site(PAY=any_to_any((OPEN, Status("90", "Tested", "done"))))
    async with opened(transport=within(model), projects=["SHOP", "PAY"], **CLOUD) as at:
        survey = await at.jira.survey()

    assert next(sign for sign in survey.signs if sign.value == "Tested").category == ""
    assert 'the status "Tested" counts differently: started in SHOP, done in PAY' in survey.remarks


@FLAVOURS
async def test_a_project_that_is_not_there_is_an_error(flavour: dict[str, Any], shop: Jira) -> None:
    async with opened(transport=within(shop), projects=["SHOP", "NOPE"], **flavour) as at:
        with pytest.raises(NotFoundError, match="NOPE does not exist, or is hidden"):
            await at.jira.survey()


@pytest.mark.parametrize("status", [401, 403, 500], ids=["401", "403", "500"])
async def test_resolutions_that_are_not_shown_are_a_remark(status: int, shop: Jira) -> None:
    shop.faults.add(answer(status), path="resolution", times=9)
    async with opened(transport=within(shop), **CLOUD) as at:
        survey = await at.jira.survey()

    assert {sign.place for sign in survey.signs} == {"statuses"}
    assert "resolutions are not shown" in survey.remarks


# The order


@pytest.mark.parametrize(
    ("model", "ranks"),
    [
        pytest.param(site(*LINE), (0, 1, 2, 3), id="as it is drawn"),
        pytest.param(
            site(*LINE, columns=(("Open", "In Progress"), ("Tested", "Done"))),
            (0, 0, 1, 1),
            id="a board says it better",
        ),
        pytest.param(site(*LINE, ("Open", "Drop", "Done")), (0, 1, 2, 3), id="a short cut to the end is no order"),
        pytest.param(site(*LINE, ("Done", "Reopen", "Open")), (0, 1, 2, 3), id="a way back"),
        pytest.param(site(columns=(("Open",), (), ("Done",))), (0, None, None, 1), id="some are on no board"),
        pytest.param(site(), (None, None, None, None), id="from any to any"),
    ],
)
async def test_the_order_of_the_work(model: Jira, ranks: tuple[int | None, ...]) -> None:
    async with opened(transport=within(model), **CLOUD) as at:
        survey = await at.jira.survey()

    found = {sign.value: sign.rank for sign in survey.signs if sign.place == "statuses"}
    assert tuple(found[status.name] for status in ALL) == ranks
    assert ("neither a board nor a workflow shows the order of the statuses" in survey.remarks) == (not any(ranks))


@pytest.mark.parametrize(
    ("flavour", "flags", "requests"),
    [
        pytest.param(CLOUD, {"may_see_workflows": False}, 1, id="may not see workflows"),
        pytest.param(CLOUD, {"may_see_workflows": False, "workflows_refusal": 403}, 1, id="403"),
        pytest.param(DATA_CENTER, {}, 0, id="Data Center has none"),
    ],
)
async def test_a_workflow_that_is_not_shown_gives_no_order(
    flavour: dict[str, Any], flags: dict[str, Any], requests: int
) -> None:
    model = site(*LINE)
    for name, value in flags.items():
        setattr(model, name, value)
    async with opened(transport=within(model), **flavour) as at:
        survey = await at.jira.survey()

    assert {sign.rank for sign in survey.signs} == {None}
    assert [sign.value for sign in survey.signs] == [status.name for status in ALL], "as Jira lists them"
    assert sum(request.path.endswith("/workflows") for request in model.requests) == requests


@FLAVOURS
@pytest.mark.parametrize(
    ("refusal", "said"), [(401, "SHOP: 401"), (403, "SHOP: 403"), (404, "SHOP: 404")], ids=["401", "403", "404"]
)
async def test_boards_that_are_not_shown_are_a_remark(flavour: dict[str, Any], refusal: int, said: str) -> None:
    model = site(*LINE, columns=(("Done",), ("Open",)))
    model.premises.boards_refusal = refusal
    async with opened(transport=within(model), **flavour) as at:
        survey = await at.jira.survey()

    assert survey.boards == ()
    assert f"boards are not shown ({said})" in survey.remarks


async def test_a_board_at_home_in_a_project_is_likelier_than_one_that_shows_some_of_it() -> None:
    def board(number: int, home: str) -> dict[str, Any]:
        return {"id": number, "name": f"of {home}", "type": "scrum", "location": {"projectKey": home}}

    def columns(*ids: str) -> dict[str, Any]:
        return {"columnConfig": {"columns": [{"name": one, "statuses": [{"id": one}]} for one in ids]}}

    statuses = [{"id": "1", "name": "Task", "statuses": [{"id": str(n), "name": f"S{n}"} for n in range(1, 5)]}]
    script = Script(
        {
            ME: says(MYSELF),
            AGILE: says({"values": [board(7, "OTHER"), board(8, "SHOP"), board(9, "SHOP")]}),
            ("GET", "/board/7/configuration"): says(columns("4", "3", "99")),
            ("GET", "/board/8/configuration"): says(columns("1", "2", "3")),
            ("GET", "/board/9/configuration"): refuses(403),
            ("GET", "/project/SHOP"): says({"key": "SHOP", "id": "10"}),
            ("GET", "/project/SHOP/statuses"): says(statuses),
            ("GET", "/resolution"): says([]),
            ("GET", "/field"): says([]),
        }
    )
    async with opened(transport=script.transport, **CLOUD) as at:
        survey = await at.jira.survey()

    assert [board.name for board in survey.boards] == ["of SHOP", "of OTHER"]
    assert [[sign.value for sign in board.signs] for board in survey.boards] == [["S1", "S2", "S3"], ["S4", "S3"]]
    assert {sign.value: sign.rank for sign in survey.signs} == {"S4": 0, "S1": 1, "S2": 2, "S3": 3}


@pytest.mark.parametrize(
    ("orders", "ranks"),
    [
        pytest.param([], {}, id="none"),
        pytest.param([(("A",), ("B", "C"))], {"A": 0, "B": 1, "C": 1}, id="one"),
        pytest.param([(("A",), ("C",)), (("A",), ("B",), ("C",))], {"A": 0, "B": 1, "C": 2}, id="between"),
        pytest.param([(("A",), ("C",)), (("A", "B"),)], {"A": 0, "B": 0, "C": 1}, id="beside"),
        pytest.param(
            [(("A",), ("C",)), (("A", "C"), ("B",))], {"A": 0, "C": 1, "B": 2}, id="behind the last of several"
        ),
        pytest.param([(("A",), ("B",)), (("B",), ("A",))], {"A": 0, "B": 1}, id="the first is believed"),
        pytest.param([(("A",),), (("X",), ("Y",))], {"X": 0, "Y": 1, "A": 2}, id="nothing in common"),
    ],
)
def test_several_orders_make_one(orders: list[tuple[tuple[str, ...], ...]], ranks: dict[str, int]) -> None:
    assert merged(orders) == ranks


# Fields in which a stage may live


@FLAVOURS
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param([("Delivery stage", "option", "select")], ["field: Delivery stage"], id="stage"),
        pytest.param([("Projektphase", "option", "select")], ["field: Projektphase"], id="a German word of two"),
        pytest.param([("Phase", "option", "radiobuttons")], ["field: Phase"], id="phase"),
        pytest.param([("工程", "option", "select")], ["field: 工程"], id="Japanese"),
        pytest.param(
            [("Stage", "option", "select"), ("stage", "option", "select")],
            ["field: customfield_10040", "field: customfield_10041"],
            id="two of one name",
        ),
        pytest.param(
            [("Stage", "array", "multiselect"), ("Stage notes", "string", "textarea")], [], id="no one choice"
        ),
        pytest.param([("Severity", "option", "select"), ("Backstage", "option", "select")], [], id="other names"),
    ],
)
async def test_a_field_that_looks_like_a_stage_is_told(
    flavour: dict[str, Any], fields: list[tuple[str, str, str]], said: list[str]
) -> None:
    model = site(*LINE)
    for at_, (name, kind, plugin) in enumerate(fields):
        number = f"customfield_{10_040 + at_}"
        model.custom_fields[number] = CustomField(number, name, kind, kind=plugin)
    async with opened(transport=within(model), **flavour) as at:
        remarks = [remark for remark in (await at.jira.survey()).remarks if "stage may live" in remark]

    assert [remark.partition("write ")[2] for remark in remarks] == said


async def test_a_field_of_another_team_managed_project_is_not_told(shop: Jira) -> None:
    schema = {"type": "option", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:select"}
    fields = [
        {
            "id": f"customfield_{n}",
            "name": f"Stage {n}",
            "schema": schema,
            "scope": {"type": "PROJECT", "project": {"id": i}},
        }
        for n, i in ((1, "10000"), (2, "10001"))
    ]
    shop.faults.add(answer(200, json.dumps(fields)), path="/field", times=9)
    async with opened(transport=within(shop), **CLOUD) as at:
        remarks = (await at.jira.survey()).remarks

    assert [remark.partition("write ")[2] for remark in remarks] == ["field: Stage 1"]


# What is asked


async def test_a_survey_of_many_projects_asks_no_more_than_eight_at_once() -> None:
    model = Jira({f"P{n}": any_to_any(ALL) for n in range(30)})
    most = now = 0
    inner = within(model)

    async def counted(request: httpx.Request) -> httpx.Response:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        try:
            return await inner.handle_async_request(request)
        finally:
            now -= 1

    transport = httpx.MockTransport(counted)
    async with opened(transport=transport, projects=[f"P{n}" for n in range(30)], **CLOUD) as at:
        await at.jira.survey()
        reads = at.reads

    assert 1 < most <= 8
    # Who we are, three lists for each project and its workflows, resolutions, fields.
    assert reads == 1 + 30 * 4 + 2


# Servers that stand in for Jira, and know less


@pytest.mark.parametrize("status", [404, 405, 410, 501])
@FLAVOURS
async def test_statuses_that_are_not_listed_are_a_remark(flavour: dict[str, Any], status: int, shop: Jira) -> None:
    shop.faults.add(answer(status), path="/project/SHOP/statuses", times=9)
    async with opened(transport=within(shop), **flavour) as at:
        survey = await at.jira.survey()

    assert {sign.place for sign in survey.signs} == {"resolutions"}
    assert survey.remarks[0].startswith("SHOP: statuses are not listed (Jira does not show the statuses")
    assert survey.remarks[0].endswith("; those are known that issues show")


async def test_statuses_that_are_not_listed_now_are_an_error(shop: Jira) -> None:
    shop.faults.add(answer(503), path="/project/SHOP/statuses", times=9)
    async with opened(transport=within(shop), **CLOUD) as at:
        with pytest.raises(UnavailableError, match="answered 503"):
            await at.jira.survey()


@pytest.mark.parametrize("status", [404, 405, 410, 501])
@FLAVOURS
async def test_a_server_that_does_not_say_who_we_are_is_read_and_surveyed(
    flavour: dict[str, Any], status: int, shop: Jira
) -> None:
    shop.faults.add(answer(status), path="/myself", times=99)
    async with opened(transport=within(shop), **flavour) as at:
        survey = await at.jira.survey()
        items = [item for page in await at.pages() for item in page.items]

    assert {sign.place for sign in survey.signs} == {"statuses", "resolutions"}
    assert items


async def test_of_a_server_that_says_nothing_at_all_the_address_is_doubted() -> None:
    nothing = httpx.MockTransport(lambda _: httpx.Response(404))
    async with opened(transport=nothing, **CLOUD) as at:
        with pytest.raises(NotFoundError, match=r"does not say who we are.*Check that `url`"):
            await at.jira.survey()


async def test_an_empty_list_is_not_believed_where_it_is_not_said_who_we_are() -> None:
    empty = {"issues": [], "total": 0, "startAt": 0, "maxResults": 100}
    script = Script({ME: refuses(404), ("POST", "/search/jql"): says(empty), COUNT: says({"count": 0})})
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(NotFoundError, match="does not say who we are"):
            await at.pages()

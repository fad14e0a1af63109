"""Looking at Jira: what is read, in how many requests, and what is never believed."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jira_doubles import CLOUD, DATA_CENTER, MYSELF, Script, opened, raw, ref, refuses, says

from trackersync.connector import (
    Absence,
    AuthError,
    ItemRef,
    Lately,
    NotFoundError,
    RejectedError,
    These,
    UnavailableError,
)
from trackersync.sandbox import Fault, Options, Sandbox, answer, build, cut, drop, jira_app, running
from trackersync.sandbox.jira.model import Issue, Jira
from trackersync.sandbox.shop import workflow

ARROW = Path(__file__).resolve().parents[3] / "shared" / "data" / "arrow" / "jira_source.jsonl.gz"
FLAVOURS = pytest.mark.parametrize("flavour", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])
SEARCH = ("POST", "/search/jql")
ME = ("GET", "/myself")
PROJECT = ("GET", "/project/SHOP")
COUNT = ("POST", "/approximate-count")


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as served:
        yield served


def within(model: Jira) -> httpx.ASGITransport:
    return httpx.ASGITransport(app=jira_app(model))


def many(count: int, *, together: bool = False, project: str = "SHOP") -> Jira:
    """A site with so many issues; all of one second, or one a minute."""
    model = Jira({project: workflow()})
    start = 1_700_000_000_000
    model.fill(
        Issue(10_000 + n, f"{project}-{n}", f"Task {n}", "To Do", start, start + (n % 1000 if together else n * 60_000))
        for n in range(1, count + 1)
    )
    return model


# Reading whole, and then what changed.


@FLAVOURS
async def test_the_shop_is_read_whole(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        pages = await at.pages()

    items = [item for page in pages for item in page.items]
    assert {item.key for item in items} == set(shop.keys)
    assert Counter(item.facts["status"][0] for item in items) == Counter(i.status for i in shop.issues.values())
    assert pages[-1].complete
    assert {page.expected for page in pages} == {len(shop.issues)}
    owners = {item.key: item.facts["owners"] for item in items}
    assert owners["SHOP-42"] == ((shop.issue("SHOP-42").assignee,) if flavour else ("ada-l",))
    assert {account.id for page in pages for account in page.accounts} == {
        o for owner in owners.values() for o in owner
    }


@FLAVOURS
async def test_an_incremental_read_that_finds_nothing_new_costs_one_request(
    shop: Jira, flavour: dict[str, Any]
) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        cursor = (await at.pages())[-1].cursor
        before = at.reads
        (page,) = await at.pages(Lately({"SHOP": str(cursor)}))

        assert at.reads - before == 1
    assert page.complete
    assert page.cursor == cursor
    assert page.expected is None
    assert page.items


@FLAVOURS
async def test_what_was_edited_is_seen_next_time(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        cursor = (await at.pages())[-1].cursor
        shop.edit("SHOP-42", status="In Review", assignee=None, by="ada-l")
        items = {item.key: item for item in await at.items(Lately({"SHOP": str(cursor)}))}

    assert items["SHOP-42"].facts["status"] == ("In Review",)
    assert items["SHOP-42"].facts["owners"] == ()


async def test_search_that_lags_loses_no_edit(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        cursor = (await at.pages())[-1].cursor
        shop.lag = math.inf
        shop.edit("SHOP-42", status="In Review", by="ada-l")
        late = shop.issue("SHOP-42").updated
        # Something newer is indexed first, and takes the cursor past the edit that is not.
        shop.lag = 0
        shop.clock = lambda: datetime.fromtimestamp(late / 1000, UTC) + timedelta(minutes=4)
        shop.edit("SHOP-40", summary="newer", by="ada-l")
        cursor = (await at.pages(Lately({"SHOP": str(cursor)})))[-1].cursor
        shop.catch_up()
        items = {item.key: item for item in await at.items(Lately({"SHOP": str(cursor)}))}

    assert int(cursor or 0) > late
    assert items["SHOP-42"].facts["status"] == ("In Review",)


@FLAVOURS
async def test_an_account_behind_utc_loses_nothing(shop: Jira, flavour: dict[str, Any]) -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # only here

    shop.time_zone = ZoneInfo("America/Los_Angeles")
    async with opened(transport=within(shop), **flavour) as at:
        cursor = (await at.pages())[-1].cursor
        shop.edit("SHOP-42", summary="changed", by="ada-l")
        assert "SHOP-42" in {item.key for item in await at.items(Lately({"SHOP": str(cursor)}))}


@FLAVOURS
async def test_more_than_a_page_of_one_second(flavour: dict[str, Any]) -> None:
    model = many(950, together=True)
    async with opened(transport=within(model), **flavour) as at:
        pages = await at.pages()
        found = [item.key for page in pages for item in page.items]
        again = await at.items(Lately({"SHOP": str(pages[-1].cursor)}))

        assert at.reads < 30
    assert sorted(found) == sorted(model.keys)
    assert {item.key for item in again} == set(model.keys)


async def test_data_center_is_read_beyond_its_window() -> None:
    model = many(250)
    model.window = 150
    async with opened(transport=within(model)) as at:
        assert len(await at.items()) == 250


async def test_more_issues_of_one_second_than_data_center_shows_are_an_error() -> None:
    async with opened(transport=within(many(10_050, together=True))) as at:
        with pytest.raises(UnavailableError, match="more than 10000 issues were updated in one second"):
            await at.pages()


@FLAVOURS
@pytest.mark.parametrize("key", ["AND", "ORDER", "NOT", "EMPTY"])
async def test_a_project_named_by_a_reserved_word(flavour: dict[str, Any], key: str) -> None:
    async with opened(transport=within(many(3, project=key)), projects=[key], **flavour) as at:
        assert len(await at.items()) == 3


async def test_a_cursor_that_is_none_of_ours_means_a_whole_read(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        assert len(await at.items(Lately({"SHOP": "2026-03-05"}))) == len(shop.issues)


async def test_fields_nobody_reads_are_not_asked_for() -> None:
    script = Script({ME: says(MYSELF), COUNT: says({"count": 1}), SEARCH: says({"issues": [raw(1)], "isLast": True})})
    async with opened(transport=script.transport, **CLOUD) as at:
        await at.pages()

    (asked,) = script.bodies("/search/jql")
    assert "*" not in str(asked["fields"])
    assert "comment" not in asked["fields"]
    assert asked["maxResults"] == 100


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


# Tokens that lead nowhere, short pages, half answers.

SAME = "2026-03-05T09:00:00.000+0000"


def two(token: str | None, *numbers: int, **more: object) -> dict[str, Any]:
    return {"issues": [raw(n, SAME) for n in numbers], **({"nextPageToken": token} if token else {}), **more}


def searching(*answers: object) -> Script:
    return Script({ME: says(MYSELF), COUNT: says({"count": 4}), SEARCH: says(*answers), PROJECT: says({"key": "SHOP"})})


REFUSED = httpx.Response(400, json={"errorMessages": ["The provided next page token is invalid or expired."]})


@pytest.mark.parametrize(
    ("answers", "keys"),
    [
        pytest.param([two("a", 1), two("a", 1), two("b", 2), two(None, 3)], {1, 2, 3}, id="short pages"),
        pytest.param([two("a"), two("b", 1), two(None, 2)], {1, 2}, id="an empty page is not the end"),
        pytest.param([two("a", 1), two("a", 1), REFUSED, two("b", 1), two(None, 2)], {1, 2}, id="a refused token"),
        pytest.param([two("a", 1), two("a", 1), two("a", 1), two("b", 1), two(None, 2)], {1, 2}, id="a repeated token"),
        pytest.param([two("a", 1, isLast=True)], {1}, id="isLast outranks a token"),
    ],
)
async def test_tokens(answers: list[object], keys: set[int]) -> None:
    script = searching(*answers)
    async with opened(transport=script.transport, **CLOUD) as at:
        pages = await at.pages()

    assert {item.ref.id for page in pages for item in page.items} == {str(10_000 + n) for n in keys}
    assert sum(len(page.items) for page in pages) == len(keys)
    assert [page.complete for page in pages][-1]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        pytest.param([two("a", 1)], "circle", id="the same token for ever"),
        pytest.param(
            [two("a", 1), two("a", 1), REFUSED, two("a", 1), REFUSED], "refuses the token", id="always refused"
        ),
        pytest.param([two(None, 1, isLast=False)], "no token", id="more, but no token"),
    ],
)
async def test_tokens_that_lead_nowhere_end_in_an_error_and_no_complete_page(answers: list[object], words: str) -> None:
    script = searching(*answers)
    async with opened(transport=script.transport, **CLOUD) as at:
        seen, error = await at.until_error()

    assert isinstance(error, UnavailableError)
    assert re.search(rf"project SHOP stops before its end: .*{words}", str(error))
    assert not any(page.complete for page in seen)
    assert len(script.asked) < 12


@pytest.mark.parametrize(
    ("answered", "words"),
    [
        pytest.param("<html>Log in</html>", "HTML page.*login page", id="HTML"),
        pytest.param('{"issues": [{"id": "1"', "where JSON was due", id="truncated"),
        pytest.param({}, "issues", id="another JSON"),
        pytest.param({"issues": None}, "issues", id="null"),
        pytest.param({"issues": [raw(1, project=None)]}, "project", id="null in an issue"),
    ],
)
async def test_an_answer_that_cannot_be_believed(answered: object, words: str) -> None:
    async with opened(transport=searching(answered).transport, **CLOUD) as at:
        with pytest.raises(UnavailableError, match=words):
            await at.pages()


@pytest.mark.parametrize("fault", [drop(), cut(), answer(503)], ids=["dropped", "cut short", "503"])
async def test_trouble_in_the_middle_is_waited_out_or_never_complete(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.jira.fill(many(350).issues.values())
    sandbox.jira.faults.add(fault, path="/search/jql", skip=2)
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        assert len(await at.items()) == 350

    sandbox.jira.faults.add(fault, path="/search/jql", skip=2, times=99)
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        seen, error = await at.until_error()
    assert isinstance(error, UnavailableError)
    assert sum(len(page.items) for page in seen) == 199
    assert not any(page.complete for page in seen)


# Who we are: an anonymous 200 is not success.


async def test_a_whole_read_asks_first_who_we_are() -> None:
    script = searching(two(None))
    script.answers[ME] = refuses(401, "Client must be authenticated to access this resource.")
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(AuthError):
            await at.pages()

    assert [path for _, path, _ in script.asked] == ["/rest/api/3/myself"]


@pytest.mark.parametrize("me", [{}, {"accountId": None, "displayName": "Anonymous"}], ids=["nobody", "no id"])
async def test_an_anonymous_myself_is_not_success(me: dict[str, Any]) -> None:
    script = searching(two(None))
    script.answers[ME] = says(me)
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(AuthError, match="as to a stranger"):
            await at.pages()


async def test_an_empty_incremental_answer_is_believed_only_after_asking() -> None:
    script = searching(two(None))
    async with opened(transport=script.transport, **CLOUD) as at:
        (page,) = await at.pages(Lately({"SHOP": "1772701200000"}))

    assert (page.complete, page.cursor) == (True, "1772701200000")
    assert [path for _, path, _ in script.asked] == [
        "/rest/api/3/search/jql",
        "/rest/api/3/myself",
        "/rest/api/3/project/SHOP",
    ]


async def test_an_empty_incremental_answer_to_a_stranger_is_refused() -> None:
    script = searching(two(None))
    script.answers[ME] = refuses(401)
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(AuthError):
            await at.pages(Lately({"SHOP": "1772701200000"}))


async def test_an_emptied_project_that_is_hidden_now_is_not_empty() -> None:
    script = searching(two(None))
    script.answers[PROJECT] = refuses(404, "No project could be found with key 'SHOP'.")
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(NotFoundError, match="SHOP does not exist, or is hidden"):
            await at.pages(Lately({"SHOP": "1772701200000"}))


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        pytest.param({"X-AUSERNAME": "anonymous"}, "stranger", id="X-AUSERNAME"),
        pytest.param({"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, "stranger", id="a failed login"),
        pytest.param({"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}, "CAPTCHA", id="a CAPTCHA"),
    ],
)
async def test_an_answer_to_a_stranger_says_so_in_its_headers(headers: dict[str, str], words: str) -> None:
    script = Script({("POST", "/search"): says({"issues": [raw(1)], "total": 1}, headers=headers)})
    async with opened(transport=script.transport) as at:
        with pytest.raises(AuthError, match=words):
            await at.pages(Lately({"SHOP": "1772701200000"}))


async def test_an_account_name_in_the_headers_is_no_trouble() -> None:
    known = {"X-AUSERNAME": "acme-bot", "X-Seraph-LoginReason": "OK"}
    script = Script({("POST", "/search"): says({"issues": [raw(1)], "total": 1}, headers=known)})
    async with opened(transport=script.transport) as at:
        assert len(await at.items(Lately({"SHOP": "1772701200000"}))) == 1


@FLAVOURS
async def test_a_refused_token_stops_everything(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), token="expired-hush", **flavour) as at:
        with pytest.raises(AuthError) as caught:
            await at.pages()

    assert "hush" not in str(caught.value)


# Projects that are not what they were.


async def test_a_search_that_is_refused_for_another_reason_says_it_in_jiras_words() -> None:
    script = searching(httpx.Response(400, json={"errorMessages": ["Field 'updated' does not exist."], "errors": {}}))
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(RejectedError, match=r"search of project SHOP: Field 'updated' does not exist\. \(400\)"):
            await at.pages()


@pytest.mark.parametrize(
    ("flavour", "status", "words"),
    [
        pytest.param(CLOUD, 404, "leave `email` out", id="Data Center taken for Cloud"),
        pytest.param(DATA_CENTER, 410, "add `email`", id="Cloud taken for Data Center"),
    ],
)
async def test_the_wrong_flavour_is_named(flavour: dict[str, Any], status: int, words: str) -> None:
    gone = refuses(status, "The requested API has been removed.")
    script = Script({ME: says(MYSELF), COUNT: gone, SEARCH: gone, ("POST", "/search"): gone})
    async with opened(transport=script.transport, **flavour) as at:
        with pytest.raises((NotFoundError, RejectedError), match=words):
            await at.pages()


async def test_a_renamed_project_is_named_by_its_new_key() -> None:
    script = searching({"issues": [raw(1, project={"key": "STORE"})], "isLast": True})
    script.answers[PROJECT] = says({"key": "STORE"})
    async with opened(transport=script.transport, **CLOUD) as at:
        with pytest.raises(NotFoundError, match=r"SHOP is called STORE now\. Write STORE under `projects`"):
            await at.pages()


async def test_an_issue_that_has_just_left_the_project_is_left_out() -> None:
    script = searching({"issues": [raw(1, project={"key": "OPS"}), raw(2)], "isLast": True})
    async with opened(transport=script.transport, **CLOUD) as at:
        assert [item.key for item in await at.items()] == ["SHOP-2"]


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


# Over real sockets, and at size.


@FLAVOURS
async def test_over_a_socket(sandbox: Sandbox, flavour: dict[str, Any]) -> None:
    async with opened(url=sandbox.jira_url, **flavour) as at:
        assert len(await at.items()) == len(sandbox.jira.issues)


@pytest.mark.skipif(not ARROW.exists(), reason="the recorded issues of Apache Arrow (../shared) are not here")
async def test_eighteen_thousand_issues() -> None:
    with running(Options(load_jira=ARROW)) as sandbox:
        async with opened(url=sandbox.jira_url, projects=["ARROW"], **CLOUD) as at:
            began = time.perf_counter()
            items = await at.items()
            print(f"{len(items)} issues, {at.reads} requests, {time.perf_counter() - began:.1f} s")

    assert Counter(item.facts["status"][0] for item in items) == Counter(i.status for i in sandbox.jira.issues.values())
    assert len({item.ref for item in items}) == 18_285

"""A user's own filter: what it shows is in scope, what leaves it is out of scope and never gone."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest
from jira_doubles import (
    CLOUD,
    COUNT,
    DATA_CENTER,
    FLAVOURS,
    ME,
    MYSELF,
    PROJECT,
    SEARCH,
    Answering,
    Script,
    many,
    opened,
    raw,
    refuses,
    says,
    within,
)
from pydantic import ValidationError

from trackersync.connector import Absence, ItemRef, Lately, NotFoundError, Page, RejectedError, These, UnavailableError
from trackersync.sandbox import Options, build
from trackersync.sandbox.jira.model import Jira
from trackersync_jira import JiraSettings
from trackersync_jira.keyset import Cursor

LABELLED = "labels in (gift-cards, checkout) OR type = Sub-task"
"""An OR, which would swallow the project and the bound without parentheses."""


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


def ref(shop: Jira, key: str) -> ItemRef:
    return ItemRef("jira", str(shop.issue(key).id))


def keys(pages: list[Page]) -> set[str]:
    return {item.key for page in pages for item in page.items}


def missing(pages: list[Page]) -> dict[ItemRef, Absence]:
    return {ref: why for page in pages for ref, why in page.missing.items()}


def settings(jql: str) -> JiraSettings:
    return JiraSettings.model_validate(
        {"connector": "jira", "url": "http://127.0.0.1", "projects": ["SHOP"], "jql": jql}
    )


@FLAVOURS
async def test_only_what_the_filter_shows_is_read(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), jql=LABELLED, **flavour) as at:
        pages = await at.pages()
        (again,) = await at.pages(Lately({"SHOP": str(pages[-1].cursor)}))

    assert keys(pages) == {"SHOP-35", "SHOP-42", "SHOP-46"}
    assert {page.expected for page in pages} == {3}
    assert missing(pages) == {}, "a whole read says itself what there is"
    assert again.complete


@FLAVOURS
async def test_what_leaves_the_filter_is_out_of_scope_and_what_enters_it_is_seen(
    shop: Jira, flavour: dict[str, Any]
) -> None:
    async with opened(transport=within(shop), jql=LABELLED, **flavour) as at:
        cursor = (await at.pages())[-1].cursor
        shop.edit("SHOP-42", labels=("other",), by="ada-l")
        shop.edit("SHOP-43", labels=("checkout",), by="ada-l")
        before = at.reads
        pages = await at.pages(Lately({"SHOP": str(cursor)}))

        assert at.reads - before == 2
    assert missing(pages)[ref(shop, "SHOP-42")] is Absence.OUT_OF_SCOPE
    assert ref(shop, "SHOP-43") not in missing(pages)
    assert "SHOP-43" in keys(pages)
    assert set(missing(pages).values()) == {Absence.OUT_OF_SCOPE}


@FLAVOURS
async def test_an_empty_field_leaves_a_filter_too(shop: Jira, flavour: dict[str, Any]) -> None:
    """``NOT (labels = refund)`` would not show it."""
    async with opened(transport=within(shop), jql="labels = refund", **flavour) as at:
        cursor = (await at.pages())[-1].cursor
        shop.edit("SHOP-31", labels=(), by="ada-l")
        pages = await at.pages(Lately({"SHOP": str(cursor)}))

    assert missing(pages)[ref(shop, "SHOP-31")] is Absence.OUT_OF_SCOPE


@FLAVOURS
async def test_a_quiet_filter_goes_on_from_what_others_changed(shop: Jira, flavour: dict[str, Any]) -> None:
    """Else each run would list again all that others changed since the filter last showed something."""
    async with opened(transport=within(shop), jql="labels = refund", **flavour) as at:
        cursor = (await at.pages())[-1].cursor
        shop.edit("SHOP-60", summary="changed", by="ada-l")
        after = (await at.pages(Lately({"SHOP": str(cursor)})))[-1].cursor

    assert str(after).split()[0] == str(shop.issue("SHOP-60").updated)


@FLAVOURS
@pytest.mark.parametrize("after", [1, 2], ids=["before the filter is asked", "after it was asked"])
async def test_one_that_leaves_while_we_read_is_told_now_or_next_time(flavour: dict[str, Any], after: int) -> None:
    model = many(3)
    for key in model.keys:
        model.edit(key, labels=("ours",), by="ada-l")
    leaving = Leaving(model)
    async with opened(transport=leaving, jql="labels = ours", **flavour) as at:
        cursor = (await at.pages())[-1].cursor
        leaving.left = after
        found = await at.pages(Lately({"SHOP": str(cursor)}))
        more = await at.pages(Lately({"SHOP": str(found[-1].cursor)}))

    assert leaving.left == 0
    assert ref(model, "SHOP-2") in missing(more)
    assert (ref(model, "SHOP-2") in missing(found)) is (after == 1)


class Leaving(httpx.AsyncBaseTransport):
    """After so many more searches somebody takes a label off."""

    def __init__(self, model: Jira) -> None:
        self.model, self.inner, self.left = model, within(model), 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        await answer.aread()
        if self.left and request.url.path.endswith(("/search", "/search/jql")):
            self.left -= 1
            if not self.left:
                self.model.edit("SHOP-2", labels=(), by="ada-l")
        return answer


@FLAVOURS
async def test_looked_up_by_id_the_filter_counts_too(shop: Jira, flavour: dict[str, Any]) -> None:
    wanted = tuple(ref(shop, key) for key in ("SHOP-42", "SHOP-43", "SHOP-44"))
    shop.delete("SHOP-44")
    async with opened(transport=within(shop), jql=LABELLED, **flavour) as at:
        pages = await at.pages(These(wanted))

    assert keys(pages) == {"SHOP-42"}
    assert missing(pages) == {wanted[1]: Absence.OUT_OF_SCOPE, wanted[2]: Absence.HIDDEN}


async def test_an_issue_looked_up_on_cloud_is_judged_as_it_is_and_not_as_the_index_has_it(shop: Jira) -> None:
    async with opened(transport=within(shop), jql=LABELLED, **CLOUD) as at:
        shop.lag = math.inf
        shop.edit("SHOP-42", labels=("other",), by="ada-l")
        shop.edit("SHOP-43", labels=("checkout",), by="ada-l")
        pages = await at.pages(These((ref(shop, "SHOP-42"), ref(shop, "SHOP-43"))))

    assert keys(pages) == {"SHOP-43"}
    assert missing(pages) == {ref(shop, "SHOP-42"): Absence.OUT_OF_SCOPE}


async def test_one_that_is_deleted_in_this_moment_takes_no_other_with_it() -> None:
    """Jira refuses a query whole that names an issue that is gone."""

    def search(request: httpx.Request) -> httpx.Response:
        gone = "10002" in request.url.params["jql"]
        words = {"errorMessages": ["A value with ID '10002' does not exist for the field 'id'."]}
        return httpx.Response(400, json=words) if gone else httpx.Response(200, json={"issues": [raw(1)], "total": 1})

    script = Script(
        {
            ("GET", "/issue/10001"): says(raw(1)),
            ("GET", "/issue/10002"): says(raw(2)),
            ("GET", "/search"): search,
        }
    )
    async with opened(transport=script.transport, jql="type = Task") as at:
        (page,) = await at.pages(These((ItemRef("jira", "10001"), ItemRef("jira", "10002"))))

    assert [item.key for item in page.items] == ["SHOP-1"]


@pytest.mark.parametrize(
    ("flavour", "answers"),
    [
        pytest.param(
            CLOUD,
            [{"issues": [raw(1)], "nextPageToken": "t", "isLast": False}, {"issues": [raw(2)], "isLast": True}],
            id="Cloud, a short page",
        ),
        pytest.param(
            CLOUD,
            [{"issues": [], "nextPageToken": "t"}, {"issues": [raw(1), raw(2)]}],
            id="Cloud, an empty page",
        ),
        pytest.param(
            DATA_CENTER,
            [{"issues": [raw(1)], "total": 2}, {"issues": [raw(2)], "total": 2}],
            id="Data Center, a cap",
        ),
        pytest.param(
            DATA_CENTER,
            [{"issues": [raw(1)], "total": 2}, {"issues": [raw(1)], "total": 2}, {"issues": [raw(2)], "total": 1}],
            id="Data Center, a cap and no numbers",
        ),
    ],
)
async def test_looked_up_by_id_the_filter_is_followed_to_its_last_page(
    flavour: dict[str, Any], answers: list[object]
) -> None:
    """Else what is on the second page would be out of scope."""
    script = _single(flavour, says(*answers))
    async with opened(transport=script.transport, jql="type = Task", **flavour) as at:
        (page,) = await at.pages(These((ItemRef("jira", "10001"), ItemRef("jira", "10002"))))

    assert [item.key for item in page.items] == ["SHOP-1", "SHOP-2"]
    assert page.missing == {}


@pytest.mark.parametrize(
    ("flavour", "answer"),
    [
        pytest.param(CLOUD, {"issues": [raw(1)], "nextPageToken": "t"}, id="Cloud"),
        pytest.param(DATA_CENTER, {"issues": [raw(1)], "total": 2}, id="Data Center"),
    ],
)
async def test_a_look_whose_pages_lead_nowhere_puts_nothing_out_of_scope(
    flavour: dict[str, Any], answer: object
) -> None:
    script = _single(flavour, says(answer))
    async with opened(transport=script.transport, jql="type = Task", **flavour) as at:
        with pytest.raises(UnavailableError, match="single issues stops before its end"):
            await at.pages(These((ItemRef("jira", "10001"), ItemRef("jira", "10002"))))
    assert len(script.asked) < 12


def _single(flavour: dict[str, Any], search: Answering) -> Script:
    return Script(
        {
            ("POST", "/bulkfetch"): says({"issues": [raw(1), raw(2)]}),
            ("GET", "/issue/10001"): says(raw(1)),
            ("GET", "/issue/10002"): says(raw(2)),
            SEARCH if "email" in flavour else ("GET", "/search"): search,
        }
    )


# Leavers, while a read is cut short or lasts.


def labelled(count: int) -> Jira:
    """So many issues, one a minute, with a label."""
    model = many(count)
    model.fill(replace(issue, labels=("ours",)) for issue in list(model.issues.values()))
    return model


@FLAVOURS
async def test_one_that_left_is_told_though_a_read_was_cut_short_before_its_last_page(flavour: dict[str, Any]) -> None:
    model = labelled(150)
    async with opened(transport=within(model), jql="labels = ours", **flavour) as at:
        cursor = str((await at.pages())[-1].cursor)
        model.edit("SHOP-2", labels=(), by="ada-l")
        for number in range(3, 150):
            model.edit(f"SHOP-{number}", summary="changed", by="ada-l")
            # Further than a run reads again.
            model.clock = partial(datetime.fromtimestamp, model.issue(f"SHOP-{number}").updated / 1000 + 60, UTC)
        reading = at.jira.observe(Lately({"SHOP": cursor}))
        first = await anext(reading)
        await reading.aclose()
        more = await at.pages(Lately({"SHOP": str(first.cursor)}))

    assert not first.complete
    assert ref(model, "SHOP-2") in missing(more)
    assert str(more[-1].cursor).split()[0] == str(model.issue("SHOP-149").updated)


@FLAVOURS
@pytest.mark.parametrize("whole", [True, False], ids=["a whole read", "an incremental one"])
async def test_one_that_leaves_while_a_read_lasts_is_told_by_the_next(flavour: dict[str, Any], whole: bool) -> None:
    """Others that change later than it, and are read, do not take the cursor past it."""
    model = labelled(250)
    start = {} if whole else {"SHOP": Cursor(model.issue("SHOP-1").updated).text("labels = ours")}
    async with opened(transport=within(model), jql="labels = ours", **flavour) as at:
        reading = at.jira.observe(Lately(start))
        found = [await anext(reading)]
        model.edit("SHOP-2", labels=(), by="ada-l")
        model.clock = partial(datetime.fromtimestamp, model.issue("SHOP-2").updated / 1000 + 3_600, UTC)
        model.edit("SHOP-250", summary="changed", by="ada-l")
        found += [page async for page in reading]
        more = await at.pages(Lately({"SHOP": str(found[-1].cursor)}))

    assert {"SHOP-2", "SHOP-250"} <= keys(found)
    assert found[-1].complete
    assert ref(model, "SHOP-2") in missing(more)


@FLAVOURS
async def test_a_filter_that_was_changed_is_read_whole(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), jql=LABELLED, **flavour) as at:
        cursor = str((await at.pages())[-1].cursor)
    async with opened(transport=within(shop), jql="labels = refund", **flavour) as at:
        pages = await at.pages(Lately({"SHOP": cursor}))
    async with opened(transport=within(shop), **flavour) as at:
        whole = await at.pages(Lately({"SHOP": str(pages[-1].cursor)}))

    assert keys(pages) == {"SHOP-31"}
    assert missing(pages)[ref(shop, "SHOP-42")] is Absence.OUT_OF_SCOPE, "the run does not take it for a whole look"
    assert keys(whole) == set(shop.keys)


@FLAVOURS
async def test_a_filter_that_jira_refuses_is_told_with_its_words_and_the_key(
    shop: Jira, flavour: dict[str, Any]
) -> None:
    async with opened(transport=within(shop), jql="colour = red", **flavour) as at:
        with pytest.raises(NotFoundError) as told:
            await at.pages()
        with pytest.raises(RejectedError) as looked_up:
            await at.pages(These((ref(shop, "SHOP-42"),)))

    for error in (told, looked_up):
        assert "Field 'colour' does not exist" in str(error.value)
        assert "`jql`" in str(error.value)


async def test_a_filter_that_shows_nothing_is_believed() -> None:
    script = Script(
        {
            ME: says(MYSELF),
            COUNT: refuses(400, "no"),
            SEARCH: says({"issues": [], "isLast": True}),
            PROJECT: says({"key": "SHOP"}),
        }
    )
    async with opened(transport=script.transport, jql="type = Bug", **CLOUD) as at:
        (page,) = await at.pages()

    assert page.complete
    assert page.expected is None


async def test_a_filter_too_long_for_an_address_is_sent_as_a_body(shop: Jira) -> None:
    long = " OR ".join(["labels = refund"] * 300)
    async with opened(transport=within(shop), jql=long, **DATA_CENTER) as at:
        assert [item.key for item in await at.items()] == ["SHOP-31"]
    assert [request.method for request in shop.requests if request.path.endswith("/search")] == ["POST"]


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        pytest.param("", "a condition is needed here", id="empty"),
        pytest.param("  ", "a condition is needed here", id="blank"),
        pytest.param("type = Bug ORDER BY created", "take ORDER BY out", id="ordered"),
        pytest.param("type = Bug order\n by created", "take ORDER BY out", id="ordered over lines"),
        pytest.param("type = Bug) OR (type = Epic", "parentheses do not match", id="reaches out"),
        pytest.param("(type = Bug", "parentheses do not match", id="open"),
        pytest.param('summary ~ "open', "a quotation in it has no end", id="quotation"),
    ],
)
def test_a_filter_that_cannot_be_put_in_parentheses_is_a_mistake(jql: str, words: str) -> None:
    with pytest.raises(ValidationError) as told:
        settings(jql)
    assert words in str(told.value)


@pytest.mark.parametrize(
    "jql",
    ["type = Bug", 'summary ~ "order by (name"', "summary ~ 'it\\'s :)'", "labels in (a, b) AND (x = 1 OR y = 2)"],
)
def test_a_condition_is_taken_as_it_is(jql: str) -> None:
    assert settings(jql).jql == jql

"""After a write to Jira: refusals in its words, lost answers, what it made of it, and issues that are elsewhere."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from jira_doubles import (
    CLOUD,
    DONE,
    GRACE,
    HERE,
    MARGARET,
    TOKEN,
    change,
    look,
    opened,
    raw,
    refuses,
    says,
    to,
    within,
    world,
)

from trackersync.connector import (
    Change,
    NotFoundError,
    RejectedError,
    StaleError,
    UnavailableError,
)
from trackersync.sandbox import Fault, Options, answer, build, drop, lose, running
from trackersync.sandbox.jira.model import Jira


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


# Afterwards: what Jira made of it.


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

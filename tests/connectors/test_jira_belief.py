"""What is never believed of Jira's answers: tokens in circles, half pages, and an empty list for a stranger."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    Script,
    many,
    opened,
    raw,
    refuses,
    says,
    searching,
    two,
    within,
)

from trackersync.connector import (
    AuthError,
    Lately,
    NotFoundError,
    RejectedError,
    UnavailableError,
)
from trackersync.sandbox import Fault, Options, Sandbox, answer, build, cut, drop, running
from trackersync.sandbox.jira.model import Jira


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as served:
        yield served


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
    script = Script({("GET", "/search"): says({"issues": [raw(1)], "total": 1}, headers=headers)})
    async with opened(transport=script.transport) as at:
        with pytest.raises(AuthError, match=words):
            await at.pages(Lately({"SHOP": "1772701200000"}))


async def test_an_account_name_in_the_headers_is_no_trouble() -> None:
    known = {"X-AUSERNAME": "acme-bot", "X-Seraph-LoginReason": "OK"}
    script = Script({("GET", "/search"): says({"issues": [raw(1)], "total": 1}, headers=known)})
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
        with pytest.raises(NotFoundError, match=r"search of project SHOP: Field 'updated' does not exist\. \(400\)"):
            await at.pages()


@pytest.mark.parametrize(
    ("flavour", "status", "words"),
    [
        pytest.param(CLOUD, 404, "deployment: data center", id="Data Center taken for Cloud"),
        pytest.param(DATA_CENTER, 410, "deployment: cloud", id="Cloud taken for Data Center"),
    ],
)
async def test_the_wrong_flavour_is_named(flavour: dict[str, Any], status: int, words: str) -> None:
    gone = refuses(status, "The requested API has been removed.")
    script = Script({ME: says(MYSELF), COUNT: gone, SEARCH: gone, ("GET", "/search"): gone})
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

"""Reading as nobody: what a public Jira shows, and what is said where it is not public."""

from __future__ import annotations

import json
from typing import Any, Literal

import httpx
import pytest
from jira_doubles import CLOUD, Script, many, opened, ref, refuses, says, to, two, within
from pydantic import ValidationError

from trackersync.connector import AuthError, NotFoundError, RejectedError, These
from trackersync.sandbox import Options, answer, build, running
from trackersync.sandbox.jira.model import Jira
from trackersync_jira import JiraSettings, connector

NOBODY: dict[str, Any] = {"token": None, "anonymous": True}
CENTER = NOBODY | {"deployment": "data center"}
Public = Literal["cloud", "data center"]
PUBLIC = pytest.mark.parametrize("public", ["cloud", "data center"])


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


def settings(**keys: object) -> JiraSettings:
    words = {"connector": "jira", "url": "https://jira.acme.example", "projects": ["SHOP"], "anonymous": True}
    return JiraSettings.model_validate(words | keys)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({}, id="a host of one's own"),
        pytest.param({"url": "https://acme.atlassian.net"}, id="Cloud by its address"),
        pytest.param({"deployment": "cloud"}, id="Cloud by the configuration"),
        pytest.param({"deployment": "data center"}, id="Data Center"),
    ],
)
async def test_nobody_says_nothing_of_himself(keys: dict[str, Any]) -> None:
    found = settings(**keys)
    assert await connector.authorization(found)() is None
    assert found.writes == ()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param({"email": "bot@acme.example"}, "leave `email` and `user` out", id="an e-mail"),
        pytest.param({"user": "acme-bot"}, "leave `email` and `user` out", id="a user name"),
        pytest.param({"token": "hush-hush"}, "take the token out", id="a token"),
        pytest.param({"token_file": "token"}, "take the token out", id="a file with one"),
        pytest.param({"writes": ["stage"]}, "nothing can be written", id="something to write"),
        pytest.param({"url": "https://acme.atlassian.net/x"}, "answers at its host", id="a path on Cloud"),
        pytest.param({"url": "https://acme.atlassian.net", "anonymous": False}, "add `email`", id="not anonymous"),
    ],
)
def test_nobody_has_no_credential(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**keys)
    assert words in str(caught.value)
    assert "hush" not in str(caught.value)


@PUBLIC
async def test_a_public_jira_is_read_by_nobody(public: Public) -> None:
    with running(Options()) as served:
        served.jira.premises.public = public
        async with opened(url=served.jira_url, **NOBODY) as at:
            assert len(await at.items()) == 44
            assert not any("myself" in request.path for request in served.jira.requests), "there is nobody to ask for"


@PUBLIC
async def test_everything_that_only_reads_works(public: Public, shop: Jira) -> None:
    shop.premises.public = public
    # Data Center's histories name people by keys, and who is behind one it does not tell everybody.
    shop.edit("SHOP-42", assignee="kath-j")
    shop.edit("SHOP-42", assignee="susan-k")
    async with opened(transport=within(shop), **NOBODY) as at:
        (page, *_) = await at.pages()
        item = next(item for item in page.items if item.key == "SHOP-42")
        gone = await at.pages(These((item.ref, ref(999_999))))
        assert [(len(one.items), len(one.missing)) for one in gone] == [(1, 1)]
        assert await at.jira.history(item.ref)
        assert item.ref in await at.jira.histories([item.ref]) or public == "data center"
        assert await at.jira.names()
        probe = await at.jira.probe()
        assert (probe.account, probe.containers, probe.missing) == ("", ("SHOP",), ())
        assert [one.name for one in await at.jira.offered()] == ["SHOP"]
        assert (await at.jira.survey()).signs
        assert at.writes == 0


@PUBLIC
@pytest.mark.parametrize("status", [404, 401], ids=["404", "401"])
async def test_a_project_that_is_not_public_is_told(
    public: Public,
    status: int,
) -> None:
    model = many(3)
    model.premises.public = public
    model.fill(())
    model.faults.add(answer(status, '{"errorMessages": []}'), path=r"/project/", times=99)
    async with opened(transport=within(model), **NOBODY) as at:
        pages, error = await at.until_error()
        with pytest.raises(NotFoundError):
            await at.jira.survey()
        probe = await at.jira.probe()

    assert (pages, type(error)) == ([], NotFoundError)
    assert "project SHOP does not exist, or is not public" in str(error)
    assert "set `token`" in str(error)
    assert probe.containers == ()
    assert probe.missing[0].startswith("project SHOP does not exist, or is not public")


async def test_one_project_that_is_not_public_hides_no_other() -> None:
    script = Script(
        {
            ("POST", "/approximate-count"): says({"count": 1}),
            ("POST", "/search/jql"): _search,
            ("GET", "/project/PAY"): refuses(404),
        }
    )
    async with opened(transport=script.transport, projects=["PAY", "SHOP"], **NOBODY | {"deployment": "cloud"}) as at:
        pages, error = await at.until_error()

    assert [item.key for page in pages for item in page.items] == ["SHOP-1"]
    assert "PAY does not exist, or is not public" in str(error)


def _search(request: httpx.Request) -> httpx.Response:
    found = two(None, 1) if '"SHOP"' in json.loads(request.content)["jql"] else {"issues": []}
    return httpx.Response(200, json=found | {"isLast": True})


@PUBLIC
async def test_a_site_that_shows_nothing_to_nobody_says_what_to_write(
    public: Public,
    shop: Jira,
) -> None:
    shop.premises.public = public
    shop.faults.add(answer(401), path="/search", times=99)
    async with opened(transport=within(shop), **NOBODY) as at:
        _, error = await at.until_error()

    assert isinstance(error, AuthError)
    assert "does not show this to everybody" in str(error)
    assert "set `token`" in str(error)


async def test_that_it_was_for_a_stranger_is_news_to_whoever_has_a_credential() -> None:
    script = Script({("GET", "/project/SHOP"): says({"key": "SHOP"}, headers={"X-AUSERNAME": "anonymous"})})
    script.answers["GET", "/search"] = says({"issues": [], "total": 0}, headers={"X-AUSERNAME": "anonymous"})
    script.answers["GET", "/myself"] = says({"name": "bot"})
    async with opened(transport=script.transport, **CENTER) as nobody:
        assert await nobody.items() == []
    async with opened(transport=script.transport, deployment="data center") as somebody:
        _, error = await somebody.until_error()
    assert isinstance(error, AuthError)
    assert "stranger" in str(error)


async def test_histories_that_are_not_shown_together_are_asked_for_one_by_one(shop: Jira) -> None:
    shop.premises.public = "cloud"
    shop.faults.add(answer(401), path="/changelog/bulkfetch", times=9)
    async with opened(transport=within(shop), **NOBODY) as at:
        item = next(item for item in await at.items() if item.key == "SHOP-42")
        assert await at.jira.histories([item.ref]) == {}
        assert await at.jira.history(item.ref)


async def test_the_same_refusal_is_an_error_for_whoever_has_a_credential(shop: Jira) -> None:
    shop.faults.add(answer(401), path="/changelog/bulkfetch", times=9)
    async with opened(transport=within(shop), **CLOUD) as at:
        with pytest.raises(AuthError):
            await at.jira.histories([ref(42)])


async def test_nothing_leaves_that_could_write(shop: Jira) -> None:
    shop.premises.public = "cloud"
    async with opened(transport=within(shop), **NOBODY) as at:
        (item,) = await at.items(These((ref(42),)))
        with pytest.raises(RejectedError, match="may not be written"):
            await at.jira.apply(to(item, "In Review"))
    assert shop.writes == 0

"""Which Jira it is, and with what credential it is asked: told by Jira, by its address, or by the configuration."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from jira_doubles import CLOUD, DATA_CENTER, Script, StoppedClock, opened, raw, says
from pydantic import ValidationError

from trackersync.connector import AuthError, UnavailableError
from trackersync.sandbox import Fault, Options, Sandbox, answer, running
from trackersync_jira import JiraSettings, connector

CENTER = {"deployment": "data center"}
MAIL = {"email": "bot@acme.example"}
NOW = StoppedClock().now()
GATE = "/ex/jira/11aa-22bb"
SCOPED = {"token": "scoped-hush-hush"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as served:
        yield served


def settings(**keys: object) -> JiraSettings:
    words = {"connector": "jira", "url": "https://jira.acme.example", "projects": ["SHOP"], "token": "hush-hush-123"}
    return JiraSettings.model_validate(words | keys)


# Cloud or Data Center


@pytest.mark.parametrize(
    ("keys", "told", "searched"),
    [
        pytest.param(MAIL, {"deploymentType": "Cloud"}, "/rest/api/3/search/jql", id="Cloud, it says"),
        pytest.param({}, {"deploymentType": "Server"}, "/rest/api/2/search", id="Server, it says"),
        pytest.param({}, {"deploymentType": "Data Center"}, "/rest/api/2/search", id="Data Center, it says"),
        pytest.param(MAIL, {"deploymentType": "Server"}, "/rest/api/2/search", id="an e-mail is a user name there"),
        pytest.param(MAIL, {}, "/rest/api/3/search/jql", id="it does not say: an e-mail is Cloud's custom"),
        pytest.param({}, {"version": "7.0"}, "/rest/api/2/search", id="it does not say: an access token is not"),
        pytest.param(MAIL, None, "/rest/api/3/search/jql", id="it has no such resource"),
        pytest.param({}, "<html>", "/rest/api/2/search", id="no JSON"),
        pytest.param(MAIL | CENTER, {"deploymentType": "Cloud"}, "/rest/api/2/search", id="the configuration says"),
    ],
)
async def test_which_jira_it_is(keys: dict[str, Any], told: object, searched: str) -> None:
    script = Script(
        {("GET", "/myself"): says({"accountId": "1", "name": "bot"}), ("GET", "/project/SHOP"): says({"key": "SHOP"})}
    )
    script.answers["POST", "/approximate-count"] = says({"count": 1})
    asked: list[str] = []

    def server(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path.endswith("/serverInfo"):
            if told is None:
                return httpx.Response(404)
            return httpx.Response(200, text=told) if isinstance(told, str) else httpx.Response(200, json=told)
        if "/search" in request.url.path and "count" not in request.url.path:
            return httpx.Response(200, json={"issues": [raw(42)], "isLast": True, "total": 1})
        return script(request)

    async with opened(transport=httpx.MockTransport(server), **keys) as at:
        await at.items()
        await at.items()

    assert searched in asked
    assert asked.count("/rest/api/2/serverInfo") == ("deployment" not in keys), "once, and not where it is known"


async def test_clouds_own_addresses_say_so_themselves() -> None:
    script = Script({("GET", "/myself"): says({"accountId": "1"}), ("POST", "/count"): says({"count": 0})})
    script.answers["POST", "/search/jql"] = says({"issues": [raw(42)], "isLast": True})
    script.answers["POST", "/approximate-count"] = says({"count": 1})
    for url in ("https://acme.atlassian.net", "https://api.atlassian.com/ex/jira/11"):
        async with opened(transport=script.transport, url=url, aliases=["https://acme.atlassian.net"], **MAIL) as at:
            assert len(await at.items()) == 1


async def test_a_jira_that_does_not_answer_which_it_is_is_not_guessed_at(sandbox: Sandbox) -> None:
    sandbox.jira.faults.add(answer(503, "", {"retry-after": "0"}), path="serverInfo", times=99)
    async with opened(url=sandbox.jira_url, **MAIL) as at:
        _, error = await at.until_error()
    assert isinstance(error, UnavailableError)
    assert not any("search" in request.path for request in sandbox.jira.requests)


# Credentials


@pytest.mark.parametrize(
    ("keys", "header"),
    [
        pytest.param(MAIL, "Basic bot@acme.example:hush-hush-123", id="Cloud: e-mail and API token"),
        pytest.param({"user": "acme-bot"}, "Basic acme-bot:hush-hush-123", id="Data Center: user name and password"),
        pytest.param({}, "Bearer hush-hush-123", id="Data Center: access token"),
    ],
)
async def test_who_we_say_we_are(keys: dict[str, Any], header: str) -> None:
    sent = await connector.authorization(settings(**keys))()
    assert sent is not None
    scheme, _, value = sent.get_secret_value().partition(" ")
    shown = b64decode(value).decode() if scheme == "Basic" else value
    assert f"{scheme} {shown}" == header
    assert "hush" not in repr(sent)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param(MAIL | {"user": "acme-bot"}, "leave one of them out", id="two accounts"),
        pytest.param({"user": "a:b"}, "match pattern", id="a colon in the user name"),
        pytest.param({"url": "https://acme.atlassian.net", "user": "bot"}, "add `email`", id="a user name on Cloud"),
        pytest.param(MAIL | CENTER | {"url": "https://acme.atlassian.net"}, "leave `deployment` out", id="no server"),
        pytest.param({"deployment": "cloud"}, "add `email`", id="Cloud without an e-mail"),
        pytest.param({"deployment": "cloud", "user": "bot"}, "add `email`", id="Cloud with a user name"),
        pytest.param({"deployment": "server"}, "'cloud' or 'data center'", id="another word"),
        pytest.param(MAIL | {"url": "https://api.atlassian.com"}, "/_edge/tenant_info", id="a bare gateway"),
        pytest.param({"url": "https://api.atlassian.com" + GATE, "user": "bot"}, "add `email`", id="a name there"),
        pytest.param(
            MAIL | {"url": "https://acme.atlassian.net/jira"}, "write https://acme.atlassian.net", id="a path"
        ),
    ],
)
def test_a_mistake_in_who_we_are(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**keys)
    assert words in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "keys", "api"),
    [
        pytest.param(GATE, MAIL | SCOPED, "/rest/api/3/", id="gateway: e-mail and a token with scopes"),
        pytest.param(GATE, SCOPED, "/rest/api/3/", id="gateway: a service account's token alone"),
        pytest.param("/context", MAIL, "/rest/api/3/", id="context path: e-mail and API token"),
        pytest.param("/context", {"user": "acme-bot"}, "/rest/api/2/", id="context path: a password"),
        pytest.param("/context", {}, "/rest/api/2/", id="context path: an access token"),
        pytest.param("/context/", CENTER, "/rest/api/2/", id="context path with a slash behind"),
    ],
)
async def test_below_a_prefix_everything_is_asked_there(
    sandbox: Sandbox, path: str, keys: dict[str, Any], api: str
) -> None:
    async with opened(url=sandbox.jira_url + path, **keys) as at:
        assert len(await at.items()) == len(sandbox.jira.issues)
        assert (await at.jira.probe()).containers == ("SHOP",)
    assert {request.path.startswith(path.rstrip("/") + "/rest/") for request in sandbox.jira.requests} == {True}
    me = [request.path for request in sandbox.jira.requests if request.path.endswith("/myself")]
    assert me, "asked who we are"
    assert all(api in asked for asked in me)


@pytest.mark.parametrize("keys", [MAIL, {"user": "acme-bot"}, {}], ids=["Cloud", "a password", "an access token"])
async def test_a_credential_that_is_refused_stops_the_tracker_at_once(sandbox: Sandbox, keys: dict[str, Any]) -> None:
    async with opened(url=sandbox.jira_url, token="revoked-hush", **keys) as at:
        pages, error = await at.until_error()
        with pytest.raises(AuthError):
            await at.jira.probe()
    assert (pages, type(error)) == ([], AuthError)
    assert "hush" not in str(error)


# What is missing, and what will be


@pytest.mark.parametrize(
    ("keys", "missing"),
    [
        pytest.param({}, [], id="not where nothing is edited"),
        pytest.param({"stages": {"verify": {"labels": ["in-qa"]}}}, ["stage"], id="a stage lives in labels"),
        pytest.param({"stages": {"verify": [{"statuses": "A"}, {"components": "QA"}]}}, ["stage"], id="in components"),
        pytest.param({"stages": {"verify": {"statuses": ["A"], "set": {"labels": "x"}}}}, ["stage"], id="set along"),
        pytest.param({"co_owners": "customfield_10070"}, ["owners"], id="co-owners"),
        pytest.param({"co_owners": "customfield_10070", "writes": ["stage"]}, [], id="which nobody writes"),
    ],
)
async def test_edit_issues_is_needed_where_something_is_edited(
    sandbox: Sandbox, keys: dict[str, Any], missing: list[str]
) -> None:
    sandbox.jira.may_edit = False
    async with opened(url=sandbox.jira_url, **CLOUD, **keys) as at:
        told = (await at.jira.probe()).missing
    assert [sentence.split(" out of ")[0].rsplit(" ", 1)[1] for sentence in told] == missing
    assert all('"Edit issues"' in sentence for sentence in told)


@pytest.mark.parametrize(
    ("tokens", "keys", "told"),
    [
        pytest.param({"sync": 3}, DATA_CENTER, ["sync"], id="in three days"),
        pytest.param({"sync": 14}, DATA_CENTER, ["sync"], id="in two weeks"),
        pytest.param({"sync": 15}, DATA_CENTER, [], id="later"),
        pytest.param({"sync": None}, DATA_CENTER, [], id="never"),
        pytest.param({"sync": -1, "new": 90}, DATA_CENTER, [], id="an old one that is not used any more"),
        pytest.param({"sync": 3, "other": 90}, DATA_CENTER, ["sync"], id="one of two"),
        pytest.param({"sync": 3}, DATA_CENTER | {"user": "acme-bot"}, [], id="a password is used"),
        pytest.param({"sync": 3}, CLOUD, [], id="Cloud does not tell"),
    ],
)
async def test_a_token_that_expires_soon(
    sandbox: Sandbox, tokens: dict[str, int | None], keys: dict[str, Any], told: list[str]
) -> None:
    sandbox.jira.tokens = {name: None if days is None else NOW + timedelta(days=days) for name, days in tokens.items()}
    async with opened(url=sandbox.jira_url, **keys) as at:
        missing = (await at.jira.probe()).missing
    assert [sentence.split('"')[1] for sentence in missing] == told
    for sentence in missing:
        assert "write it into `token`" in sentence
        assert ("if it is the one used here" in sentence) == (len(tokens) > 1), "Jira does not say which one it is"


@pytest.mark.parametrize(
    "fault",
    [answer(404), answer(403), answer(401), answer(500), answer(200, "<html>")],
    ids=["404", "403", "401", "500", "HTML"],
)
async def test_a_server_without_such_tokens_is_no_trouble(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.jira.faults.add(fault, path="/pat/", times=99)
    async with opened(url=sandbox.jira_url, **DATA_CENTER) as at:
        assert (await at.jira.probe()).missing == ()

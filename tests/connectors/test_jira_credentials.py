"""Credentials that are refused, and what is said of them; and the jira library's traps around them."""

from __future__ import annotations

import asyncio
import logging
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest
from jira_doubles import CLOUD, DATA_CENTER, Open, Script, opened, says
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from trackersync.connector import AuthError, NotFoundError, UnavailableError
from trackersync.sandbox import Options, Sandbox, answer, running
from trackersync.sandbox.server import _serving

MAIL = {"email": "bot@acme.example"}
GATE = "/ex/jira/11aa-22bb"
PASSWORD = "p\u00e4\u2019ss hush"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as served:
        yield served


class Heard:
    """A Jira that takes any credential, and keeps what it was sent."""

    def __init__(self, *, elsewhere: str = "") -> None:
        self.credentials: list[str] = []
        self.together = 0
        self.most = 0
        self._elsewhere = elsewhere
        self._lock = threading.Lock()

    async def me(self, request: Request) -> Response:
        self.credentials.append(request.headers.get("authorization", ""))
        return RedirectResponse(self._elsewhere) if self._elsewhere else JSONResponse({"accountId": "1", "name": "b"})

    async def permissions(self, request: Request) -> Response:
        self.credentials.append(request.headers.get("authorization", ""))
        asked = request.query_params["permissions"].split(",")
        return JSONResponse({"permissions": {name: {"havePermission": True} for name in asked}})

    @property
    def app(self) -> Starlette:
        asked = {"myself": self.me, "mypermissions": self.permissions}
        paths = [Route(f"/rest/api/{at}/{name}", ask) for at in (2, 3) for name, ask in asked.items()]
        return Starlette(routes=[*paths, Route("/login", self.me)])


async def _refusal(at: Open) -> str:
    with pytest.raises(AuthError) as caught:
        await at.jira.probe()
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None
    return str(caught.value)


# What is said of a refusal


@pytest.mark.parametrize(
    ("path", "keys", "said"),
    [
        pytest.param("", CLOUD, ["Check `token` and `email`", "url: https://api.atlassian.com" + GATE], id="Cloud"),
        pytest.param(GATE, CLOUD, ["read:jira-user, read:jira-work, write:jira-work"], id="gateway"),
        pytest.param("", DATA_CENTER, ["Check `token` of", "has not expired"], id="Data Center, access token"),
        pytest.param("", DATA_CENTER | {"user": "acme-bot"}, ["`token` and `user`"], id="Data Center, password"),
        pytest.param("", {}, ["Check that `token`", "neither expired nor revoked"], id="before it is known which"),
    ],
)
async def test_a_refused_credential_says_what_to_check(
    sandbox: Sandbox, path: str, keys: dict[str, Any], said: list[str]
) -> None:
    async with opened(url=sandbox.jira_url + path, token="revoked-hush", **keys) as at:
        told = await _refusal(at)
    assert all(words in told for words in said), told


async def test_a_token_with_scopes_at_the_site_is_told_where_it_belongs(sandbox: Sandbox) -> None:
    async with opened(url=sandbox.jira_url, token="scoped-hush", **CLOUD) as at:
        told = await _refusal(at)
        _, error = await at.until_error()
    for sentence in (told, str(error)):
        assert f"url: https://api.atlassian.com{GATE} and aliases: [{sandbox.jira_url}]." in sentence

    async with opened(url=sandbox.jira_url + GATE, token="scoped-hush", **CLOUD) as at:
        assert (await at.jira.probe()).containers == ("SHOP",)


@pytest.mark.parametrize(
    "body", ['{"cloudId": "x] https://evil.example"}', "<html>", "{}", "401"], ids=["no id", "HTML", "none", "refused"]
)
async def test_where_the_cloud_id_is_not_told_it_is_said_how_to_find_it(sandbox: Sandbox, body: str) -> None:
    sandbox.jira.faults.add(answer(401 if body == "401" else 200, body), path="tenant_info", times=9)
    async with opened(url=sandbox.jira_url, token="scoped-hush", **CLOUD) as at:
        told = await _refusal(at)
    assert "https://api.atlassian.com/ex/jira/CLOUDID" in told
    assert told.endswith(f"with the cloudId that {sandbox.jira_url}/_edge/tenant_info shows.")
    assert "evil" not in told


async def test_another_site_is_not_at_this_gateway(sandbox: Sandbox) -> None:
    async with opened(url=sandbox.jira_url + "/ex/jira/33cc", **CLOUD) as at:
        pages, error = await at.until_error()
    assert pages == []
    assert "address" in str(error)


@pytest.mark.parametrize(
    "keys", [CLOUD, DATA_CENTER | {"user": "acme-bot"}, MAIL], ids=["Cloud", "password", "unknown"]
)
async def test_a_captcha_is_told_as_one(sandbox: Sandbox, keys: dict[str, Any]) -> None:
    sandbox.jira.captcha = True
    async with opened(url=sandbox.jira_url, **keys) as at:
        told = await _refusal(at)
        assert len(sandbox.jira.requests) == 1, "each further one makes it worse"
        _, error = await at.until_error()
    assert "CAPTCHA" in told
    assert "scopes" not in told
    assert isinstance(error, AuthError)
    assert "CAPTCHA" in str(error)


async def test_a_captcha_may_be_told_in_another_header(sandbox: Sandbox) -> None:
    headers = {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=/login.jsp"}
    sandbox.jira.faults.add(answer(403, headers=headers), path="myself", times=2)
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        assert "CAPTCHA" in await _refusal(at)
        _, error = await at.until_error()
    assert "CAPTCHA" in str(error)


async def test_a_captcha_keeps_no_access_token_out(sandbox: Sandbox) -> None:
    sandbox.jira.captcha = True
    async with opened(url=sandbox.jira_url, **DATA_CENTER) as at:
        assert (await at.jira.probe()).containers == ("SHOP",)


@pytest.mark.parametrize(
    "headers",
    [{"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}, {"X-AUSERNAME": "anonymous"}],
    ids=["a failed login", "anonymous"],
)
async def test_permissions_that_are_told_to_a_stranger_are_not_ours(sandbox: Sandbox, headers: dict[str, str]) -> None:
    """The library keeps no headers of a good answer."""
    granted = '{"permissions": {"BROWSE_PROJECTS": {"havePermission": true}}}'
    sandbox.jira.faults.add(answer(200, granted, headers), path="mypermissions")
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        assert "stranger" in await _refusal(at)


@pytest.mark.parametrize("keys", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])
@pytest.mark.parametrize("path", ["/mypermissions", "/search(/jql)?"], ids=["probe", "observe"])
async def test_a_token_that_is_refused_in_the_middle_ends_it(sandbox: Sandbox, keys: dict[str, Any], path: str) -> None:
    sandbox.jira.faults.add(answer(401), path=path + "$", times=9)
    async with opened(url=sandbox.jira_url, **keys) as at:
        if "search" in path:
            pages, error = await at.until_error()
            assert (pages, type(error)) == ([], AuthError)
        else:
            await _refusal(at)
    assert sum(asked.status == 401 for asked in sandbox.jira.requests) == 1, "not repeated"


async def test_an_access_token_is_taken_until_it_expires(sandbox: Sandbox) -> None:
    now = sandbox.jira.clock()
    sandbox.jira.tokens = {"hush-hush-123": now + timedelta(hours=1)}
    async with opened(url=sandbox.jira_url, **DATA_CENTER) as at:
        await at.items()
        sandbox.jira.tokens = {"hush-hush-123": now - timedelta(hours=1)}
        _, error = await at.until_error()
    assert isinstance(error, AuthError)
    assert "neither expired nor revoked" in str(error)


# Cloud taken for Data Center, and the other way round


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        pytest.param({}, "add `email`", id="an access token"),
        pytest.param({"user": "acme-bot"}, "write it as `email` instead of `user`", id="a user name"),
    ],
)
async def test_cloud_needs_an_e_mail_address(keys: dict[str, Any], said: str) -> None:
    """Where the address does not say that it is Cloud, Jira does: a site under a name of one's own."""
    server = httpx.MockTransport(lambda _: httpx.Response(200, json={"deploymentType": "Cloud"}))
    async with opened(transport=server, url="https://jira.acme.example", **keys) as at:
        pages, error = await at.until_error()
    assert (pages, type(error)) == ([], AuthError)
    assert said in str(error)


@pytest.mark.parametrize(
    ("keys", "me", "said"),
    [
        pytest.param(CLOUD, {"name": "bot"}, "write `deployment: data center`", id="Data Center, taken for Cloud"),
        pytest.param(DATA_CENTER, {"accountId": "1"}, "write `deployment: cloud`", id="Cloud, taken for Data Center"),
    ],
)
async def test_the_wrong_flavour_is_told_by_how_we_are_named(keys: dict[str, Any], me: object, said: str) -> None:
    script = Script({("GET", "/myself"): says(me)})
    async with opened(transport=script.transport, **keys) as at:
        _, error = await at.until_error()
    assert isinstance(error, AuthError)
    assert said in str(error)
    assert len(script.asked) == 1


async def test_a_server_without_clouds_version_is_told_to_be_data_center(sandbox: Sandbox) -> None:
    sandbox.jira.faults.add(answer(404), path="/rest/api/3/", times=9)
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        _, error = await at.until_error()
        with pytest.raises(NotFoundError, match="write `deployment: data center`"):
            await at.jira.probe()
    assert "write `deployment: data center`" in str(error)


async def test_the_probe_tells_the_wrong_flavour_too(sandbox: Sandbox) -> None:
    sandbox.jira.faults.add(answer(200, '{"accountId": "1"}'), path="myself")
    async with opened(url=sandbox.jira_url, **DATA_CENTER) as at:
        assert "write `deployment: cloud`" in await _refusal(at)


# The library's traps


@pytest.mark.parametrize("keys", [CLOUD, DATA_CENTER | {"user": "b\u00f6t"}], ids=["e-mail", "name"])
async def test_the_library_bears_the_same_credential_as_the_wire(keys: dict[str, Any]) -> None:
    """By itself it writes names and passwords in Latin-1, which is another password, or none at all."""
    heard = Heard()
    with ExitStack() as stack:
        url = stack.enter_context(_serving(heard.app, 0))
        async with opened(url=url, token=PASSWORD, **keys) as at:
            await at.jira.probe()
            sent = await at.wire.authorization()
    assert sent is not None
    name = keys.get("email", keys.get("user"))
    assert set(heard.credentials) == {sent.get_secret_value()}
    assert sent.get_secret_value() == "Basic " + b64encode(f"{name}:{PASSWORD}".encode()).decode()


@pytest.mark.parametrize("token", ["hush\u2019hush", "hush hush", "hush\nhush"], ids=["no ASCII", "a space", "a line"])
async def test_an_access_token_that_no_header_holds_is_told_before_anything_is_sent(
    sandbox: Sandbox, token: str
) -> None:
    async with opened(url=sandbox.jira_url, token=token, **DATA_CENTER) as at:
        assert "holds a character" in await _refusal(at)
        _, error = await at.until_error()
    assert isinstance(error, AuthError)
    assert sandbox.jira.requests == []


async def test_a_redirect_to_another_host_is_not_followed() -> None:
    """A login page before Jira: the library would go there, and take what it finds for Jira's answer."""
    other = Heard()
    with ExitStack() as stack:
        there = stack.enter_context(_serving(other.app, 0)) + "/login"
        url = stack.enter_context(_serving(Heard(elsewhere=there).app, 0))
        async with opened(url=url, **CLOUD) as at:
            with pytest.raises(UnavailableError, match="no login page stands before it"):
                await at.jira.probe()
    assert other.credentials == []


async def test_what_is_no_json_is_not_logged(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """The library logs the whole body of what it cannot read."""
    caplog.set_level(logging.DEBUG)
    sandbox.jira.faults.add(answer(200, "a private text", {"content-type": "text/html; x"}), path="myself")
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        with pytest.raises(UnavailableError, match="text/html, and no JSON"):
            await at.jira.probe()
    assert "private" not in caplog.text


async def test_the_wait_that_the_library_is_asked_for_holds_back_the_wire(sandbox: Sandbox) -> None:
    sandbox.jira.faults.add(answer(429, headers={"retry-after": "300"}), path="myself")
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        with pytest.raises(UnavailableError, match="429") as caught:
            await at.jira.probe()
    assert caught.value.retry_after == 300


async def test_probes_side_by_side_do_not_share_a_client(sandbox: Sandbox) -> None:
    """Its sessions are not made for threads; and what one answer says must not become another's."""
    async with opened(url=sandbox.jira_url, **CLOUD) as one, opened(url=sandbox.jira_url, **DATA_CENTER) as two:
        probes = await asyncio.gather(*(at.jira.probe() for at in (one, two) * 4))
    assert [probe.id for probe in probes] == ["5d8c1f0e7a3b9200c4d5e6f7", "acme-bot"] * 4


# What a Jira does not tell


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        pytest.param({}, 1, id="told once"),
        pytest.param({"writes": ()}, 0, id="nothing is written"),
        pytest.param({"projects": ["OPS"]}, 1, id="no such project"),
    ],
)
async def test_a_server_that_does_not_say_what_we_may_do(sandbox: Sandbox, keys: dict[str, Any], told: int) -> None:
    sandbox.jira.faults.add(answer(404), path="mypermissions", times=9)
    async with opened(url=sandbox.jira_url, **DATA_CENTER, **keys) as at:
        probe = await at.jira.probe()
    assert len(probe.missing) == told
    hidden = keys.get("projects") == ["OPS"]
    assert probe.containers == (() if hidden else ("SHOP",))
    assert all(("does not exist" if hidden else "does not say") in sentence for sentence in probe.missing)

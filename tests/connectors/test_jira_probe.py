"""Who we are and what we may do, asked through the jira library: what it says, and the traps it must not spring."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from jira_doubles import CLOUD, DATA_CENTER, TOKEN, opened

from trackersync.connector import AuthError, UnavailableError
from trackersync.sandbox import Fault, Options, Sandbox, answer, cut, drop, running

FLAVOURS = pytest.mark.parametrize("flavour", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as served:
        yield served


@FLAVOURS
async def test_who_we_are_and_what_we_may_read(sandbox: Sandbox, flavour: dict[str, Any]) -> None:
    async with opened(url=sandbox.jira_url, **flavour) as at:
        probe = await at.jira.probe()

        # On Data Center also whether an access token expires soon.
        assert at.reads == len(sandbox.jira.requests) == (2 if "email" in flavour else 3)
    assert probe.account == "bot@acme.example"
    assert probe.containers == ("SHOP",)
    assert probe.missing == ()


async def test_missing_permissions_come_with_their_remedy(sandbox: Sandbox) -> None:
    sandbox.jira.may_transition = False
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        probe = await at.jira.probe()

    assert probe.containers == ("SHOP",)
    (missing,) = probe.missing
    assert missing.startswith('SHOP: the permission "Transition issues" is missing: give it to the account')
    assert missing.endswith("or leave stage out of this tracker's `writes`")


async def test_a_permission_that_is_not_used_is_not_missed(sandbox: Sandbox) -> None:
    sandbox.jira.may_transition = False
    async with opened(url=sandbox.jira_url, writes=["owners"], **CLOUD) as at:
        assert (await at.jira.probe()).missing == ()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(answer(404, '{"errorMessages": ["No project could be found with key"]}'), id="404"),
        pytest.param(answer(200, '{"permissions": {"BROWSE_PROJECTS": {"havePermission": false}}}'), id="no Browse"),
        pytest.param(answer(200, '{"permissions": {}}'), id="none told"),
    ],
)
async def test_a_hidden_project_is_missing(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.jira.faults.add(fault, path="mypermissions|/project/", times=2)
    async with opened(url=sandbox.jira_url, projects=["SHOP"], **CLOUD) as at:
        probe = await at.jira.probe()

    assert probe.containers == ()
    assert len(probe.missing) == 1
    assert probe.missing[0].startswith("SHOP does not exist, or is hidden")
    assert '"Browse projects"' in probe.missing[0]


@FLAVOURS
async def test_a_refused_token(sandbox: Sandbox, flavour: dict[str, Any]) -> None:
    async with opened(url=sandbox.jira_url, token="revoked-hush", **flavour) as at:
        with pytest.raises(AuthError, match="does not know us") as caught:
            await at.jira.probe()

        # On Cloud also where a token with scopes would be taken.
        assert at.reads == (2 if "email" in flavour else 1)
    assert "hush" not in str(caught.value)


async def test_an_anonymous_200_is_not_success(sandbox: Sandbox) -> None:
    sandbox.jira.faults.add(answer(200, '{"displayName": "Anonymous"}'), path="myself")
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        with pytest.raises(AuthError, match="does not know us"):
            await at.jira.probe()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(drop(), id="dropped"),
        pytest.param(cut(), id="cut short"),
        pytest.param(answer(503, headers={"retry-after": "300"}), id="503 that asks for five minutes"),
        pytest.param(answer(429, headers={"retry-after": "Thu, 05 Mar 2037 09:00:00 GMT"}), id="429 with a date"),
        pytest.param(answer(200, "<html>Log in</html>", {"content-type": "text/html"}), id="HTML"),
        pytest.param(answer(200, "[]"), id="another JSON"),
        pytest.param(answer(200, '{"accountId": 7}'), id="another type"),
    ],
)
async def test_trouble_is_told_at_once_and_never_slept_on(
    sandbox: Sandbox, fault: Fault, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """By itself the library repeats after up to twice Retry-After, and stumbles over a date."""
    sandbox.jira.faults.add(fault, path="myself", times=9)
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        began = time.monotonic()
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1") as caught:
            await at.jira.probe()

        assert time.monotonic() - began < 5
        assert at.reads == len(sandbox.jira.requests) == 1
    assert caught.value.__cause__ is None
    assert TOKEN not in str(caught.value) + caplog.text + "".join(capfd.readouterr())


async def test_a_silent_host_is_not_waited_for_for_ever() -> None:
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        async with opened(url=url, timeout=0.2, **CLOUD) as at:
            with pytest.raises(UnavailableError, match="ReadTimeout"):
                await asyncio.wait_for(at.jira.probe(), 5)


async def test_without_a_token_nothing_is_asked(sandbox: Sandbox) -> None:
    async with opened(url=sandbox.jira_url, token=None, **CLOUD) as at:
        with pytest.raises(AuthError, match="no token for"):
            await at.jira.probe()

        assert at.reads == len(sandbox.jira.requests) == 0


async def test_an_environments_proxy_is_for_the_outside(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with opened(url=sandbox.jira_url, **CLOUD) as at:
        assert (await at.jira.probe()).containers == ("SHOP",)

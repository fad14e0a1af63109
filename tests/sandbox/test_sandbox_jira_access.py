"""Who is let in where by the Jira stand-in: the gateway for tokens with scopes, CAPTCHAs, tokens that expire."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import httpx
import pytest

from trackersync.sandbox import Jira, jira_app

GATE = "/ex/jira/11aa-22bb"


def basic(name: str, token: str = "good") -> str:
    return "Basic " + b64encode(f"{name}:{token}".encode()).decode()


MAIL = basic("bot@acme.example")


async def ask(jira: Jira, path: str, credential: str = "") -> httpx.Response:
    transport = httpx.ASGITransport(app=jira_app(jira))
    headers = {"authorization": credential} if credential else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://jira.test", headers=headers) as client:
        return await client.get(path)


@pytest.mark.parametrize(
    ("path", "credential", "status"),
    [
        pytest.param("", MAIL, 200, id="site, API token"),
        pytest.param("", basic("bot@acme.example", "scoped-1"), 401, id="site, token with scopes"),
        pytest.param("", "Bearer scoped-1", 401, id="site, token with scopes as Bearer"),
        pytest.param("", "Bearer pat-1", 200, id="server, access token"),
        pytest.param("", basic("acme-bot"), 200, id="server, password"),
        pytest.param(GATE, basic("bot@acme.example", "scoped-1"), 200, id="gateway, token with scopes"),
        pytest.param(GATE, "Bearer scoped-1", 200, id="gateway, token with scopes as Bearer"),
        pytest.param(GATE, "Bearer scoped-expired", 401, id="gateway, expired"),
        pytest.param(GATE, "", 401, id="gateway, nobody"),
        pytest.param("/ex/jira/another", MAIL, 404, id="gateway, another site"),
        pytest.param("/context", "Bearer pat-1", 200, id="context path"),
    ],
)
async def test_who_is_let_in_where(jira: Jira, path: str, credential: str, status: int) -> None:
    assert (await ask(jira, path + "/rest/api/2/myself", credential)).status_code == status


@pytest.mark.parametrize(
    ("path", "credential", "flavour"),
    [
        pytest.param(GATE, "Bearer scoped-1", "Cloud", id="gateway"),
        pytest.param("/context", "Bearer pat-1", "Server", id="context path"),
        pytest.param("", MAIL, "Cloud", id="site"),
    ],
)
async def test_everybody_meets_cloud_at_the_gateway(jira: Jira, path: str, credential: str, flavour: str) -> None:
    shown = (await ask(jira, path + "/rest/api/2/serverInfo", credential)).json()
    assert (shown["deploymentType"], shown["baseUrl"]) == (flavour, "http://jira.test" + path)


async def test_anybody_is_told_what_the_site_is_called(jira: Jira) -> None:
    for credential in ("", MAIL, basic("bot@acme.example", "revoked")):
        assert (await ask(jira, "/_edge/tenant_info", credential)).json() == {"cloudId": "11aa-22bb"}


@pytest.mark.parametrize(
    ("credential", "status"),
    [(MAIL, 403), (basic("acme-bot"), 403), ("Bearer pat-1", 200)],
    ids=["API token", "password", "PAT"],
)
async def test_a_captcha_waits_for_a_person(jira: Jira, credential: str, status: int) -> None:
    jira.captcha = True
    refused = await ask(jira, "/rest/api/2/myself", credential)
    assert refused.status_code == status
    told: dict[str, Any] = {} if status == 200 else {"x-seraph-loginreason": "AUTHENTICATION_DENIED"}
    assert told.items() <= dict(refused.headers).items()


async def test_an_access_token_is_listed_and_expires(jira: Jira) -> None:
    jira.tokens = {"pat-1": jira.clock() + timedelta(hours=1), "pat-2": None, "pat-3": jira.clock()}

    (one, two, three) = (await ask(jira, "/rest/pat/latest/tokens", "Bearer pat-1")).json()
    assert (one["name"], two["name"], "expiringAt" in one, "expiringAt" in two) == ("pat-1", "pat-2", True, False)
    assert three["expiringAt"]
    assert (await ask(jira, "/rest/pat/latest/tokens", "Bearer pat-3")).status_code == 401
    assert (await ask(jira, "/rest/pat/latest/tokens", MAIL)).status_code == 404


@pytest.mark.parametrize(("project", "status"), [("SHOP", 200), ("NONE", 404)])
async def test_permissions_in_a_project_that_is_not_there(jira: Jira, project: str, status: int) -> None:
    path = f"/rest/api/3/mypermissions?projectKey={project}&permissions=BROWSE_PROJECTS"
    assert (await ask(jira, path, MAIL)).status_code == status

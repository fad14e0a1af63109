"""The Jira connector's settings: what they refuse, in which words, and what follows from them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from trackersync.connector import AuthError
from trackersync_jira import JiraSettings, connector

TOKEN = "hush-hush-123"


def settings(**keys: object) -> JiraSettings:
    words = {"connector": "jira", "url": "https://acme.atlassian.net", "projects": ["SHOP"], "token": TOKEN}
    return JiraSettings.model_validate(words | {"email": "bot@acme.example"} | keys)


@pytest.mark.parametrize(
    ("keys", "place", "words"),
    [
        pytest.param({"projects": []}, "projects", "at least 1 item", id="no project"),
        pytest.param({"projects": "SHOP"}, "projects", "valid list", id="no list"),
        pytest.param({"projects": ["shop"]}, "projects.0", "write SHOP", id="small letters"),
        pytest.param({"projects": ["SHOP-42"]}, "projects.0", "before the dash", id="an issue's key"),
        pytest.param({"projects": ['X" OR key = "Y']}, "projects.0", "no project key", id="JQL in a key"),
        pytest.param({"projects": ["SHOP", "SHOP"]}, "projects", "named twice", id="twice"),
        pytest.param({"url": "https://jira.acme.example/rest/api/2"}, "url", "without /rest/", id="an API path"),
        pytest.param({"url": "https://jira.acme.example/browse/SHOP-1"}, "url", "without /rest/", id="an issue's page"),
        pytest.param({"email": "acme-bot"}, "email", "leave `email` out on Data Center", id="a user name"),
        pytest.param({"email": "a:b@acme.example"}, "email", "e-mail address", id="a colon in the e-mail"),
        pytest.param({"email": None}, "", "add `email`", id="Cloud without e-mail"),
        pytest.param({"url": "https://api.atlassian.com/ex/jira/11"}, "", "add `aliases", id="gateway without a site"),
        pytest.param({"project": ["SHOP"]}, "project", "not permitted", id="unknown key"),
    ],
)
def test_a_mistake_is_named_where_it_stands(keys: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**keys)

    (error,) = caught.value.errors()
    assert ".".join(map(str, error["loc"])) == place
    assert words in error["msg"]
    assert TOKEN not in str(caught.value)


async def test_cloud_says_who_it_is_with_e_mail_and_token() -> None:
    header = await connector.authorization(settings())()

    assert header is not None
    assert header.get_secret_value() == "Basic Ym90QGFjbWUuZXhhbXBsZTpodXNoLWh1c2gtMTIz"
    assert TOKEN not in repr(header)


async def test_data_center_says_who_it_is_with_the_token_alone() -> None:
    header = await connector.authorization(settings(url="https://jira.acme.example", email=None))()

    assert header is not None
    assert header.get_secret_value() == f"Bearer {TOKEN}"


@pytest.mark.parametrize("token", [None, ""])
async def test_without_a_token_nothing_is_sent(token: str | None) -> None:
    with pytest.raises(AuthError, match="token_file"):
        await connector.authorization(settings(token=token))()


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        pytest.param({}, ("https://acme.atlassian.net",), id="the site"),
        pytest.param({"url": "https://jira.acme.example/jira/"}, ("https://jira.acme.example/jira",), id="a prefix"),
        pytest.param(
            {"aliases": ["https://jira.acme.example/", "https://acme.atlassian.net"]},
            ("https://acme.atlassian.net", "https://jira.acme.example"),
            id="aliases, each once",
        ),
        pytest.param(
            {"url": "https://api.atlassian.com/ex/jira/11", "aliases": ["https://acme.atlassian.net"]},
            ("https://acme.atlassian.net",),
            id="pages are not found at the gateway",
        ),
    ],
)
def test_addresses(keys: dict[str, Any], found: tuple[str, ...]) -> None:
    assert connector.addresses(settings(**keys)) == found


def test_the_settings_schema_tells_what_each_key_is_for() -> None:
    shown = connector.settings.model_json_schema()["properties"]

    assert all("description" in shown[key] for key in ("url", "projects", "email", "token", "writes"))
    assert connector.containers(settings(projects=["SHOP", "OPS"])) == ("SHOP", "OPS")

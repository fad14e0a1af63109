"""Bodies of webhook deliveries made up for the tests, and a connector that may ask nobody anything."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Never, cast
from urllib.parse import quote_plus

from github_doubles import Clock

from trackersync.connector import Delivery, ItemRef, Lately, These, Wire
from trackersync_github import GithubConnector, GithubSettings, connector

SECRET = "It's a Secret to Everybody"
SHOP = {"id": 681273514, "full_name": "acme/shop", "name": "shop", "owner": {"login": "acme"}}
API = {"id": 99, "full_name": "acme/api", "name": "api", "owner": {"login": "acme"}}
ELSEWHERE = {"id": 7, "full_name": "other/thing", "name": "thing", "owner": {"login": "other"}}
SENDER = {"login": "ada-l", "id": 1, "type": "User"}
EVERYTHING = Lately()
NOTHING = These(())


class NoWire:
    """A wire that a listener must not touch."""

    def __getattr__(self, name: str) -> Never:
        raise AssertionError(f"a delivery was judged by asking GitHub: {name}")


def listening(*repositories: str, **more: object) -> GithubConnector:
    """A connector of the tracker ``code``, without network and store."""
    settings = GithubSettings.model_validate(
        {
            "connector": "github",
            "repositories": list(repositories or ("acme/shop", "acme/api")),
            "webhook_secrets": [SECRET],
        }
        | more
    )
    made = connector.create("code", settings, cast("Wire", NoWire()), Clock())
    assert isinstance(made, GithubConnector)
    return made


def delivery(event: str, body: Mapping[str, Any] | bytes, *, form: bool = False, secret: str = SECRET) -> Delivery:
    """A delivery as GitHub sends it, in either content type. Signed by a second implementation, not by ours."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    if form:
        raw = b"payload=" + quote_plus(raw).encode()
    headers = {
        "content-type": "application/x-www-form-urlencoded" if form else "application/json",
        "x-github-event": event,
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest(),
        "x-hub-signature": "sha1=" + hmac.new(secret.encode(), raw, hashlib.sha1).hexdigest(),
    }
    return Delivery(headers, raw)


def issue(number: int, repository: Mapping[str, Any] = SHOP, **more: object) -> dict[str, Any]:
    """An issue as the newest version shows it: without the singular ``assignee``."""
    return {
        "id": 9000 + number,
        "number": number,
        "title": "Größe 💥",
        "repository_url": f"https://api.github.com/repos/{repository['full_name']}",
        "state": "open",
        "labels": [],
        "assignees": [],
        **more,
    }


def pull(number: int) -> dict[str, Any]:
    """A pull request, where an event takes it for an issue."""
    return issue(number, pull_request={"url": f"https://api.github.com/repos/acme/shop/pulls/{number}"})


def of(repository: Mapping[str, Any] | None, action: str | None = None, **more: object) -> dict[str, Any]:
    """A body with what every one has."""
    here = {} if repository is None else {"repository": dict(repository)}
    return ({} if action is None else {"action": action}) | here | {"sender": SENDER} | more


def refs(*ids: str) -> These:
    return These(tuple(ItemRef("code", one) for one in ids))


def news(*names: str) -> Lately:
    return Lately(only=names)

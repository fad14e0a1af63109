"""Bodies of webhook deliveries made up for the tests, and a connector that may ask nobody anything."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Never, cast

from jira_doubles import StoppedClock

from trackersync.connector import Delivery, ItemRef, Lately, These, Wire
from trackersync_jira import JiraConnector, JiraSettings, connector

SECRET = "It's a Secret to Everybody"
NOTHING = These(())


class NoWire:
    """A wire that a listener must not touch."""

    def __getattr__(self, name: str) -> Never:
        raise AssertionError(f"a delivery was judged by asking Jira: {name}")


def listening(*projects: str, **more: object) -> JiraConnector:
    """A connector of the tracker ``work``, without network and store."""
    words = {"connector": "jira", "url": "https://jira.acme.example", "projects": list(projects or ("SHOP", "TILL"))}
    settings = JiraSettings.model_validate(words | {"webhook_secrets": [SECRET]} | more)
    made = connector.create("work", settings, cast("Wire", NoWire()), StoppedClock())
    assert isinstance(made, JiraConnector)
    return made


def delivery(body: Mapping[str, Any] | bytes, secret: str = SECRET) -> Delivery:
    """A delivery as Jira sends it. Signed by a second implementation, not by ours."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    headers = {
        "content-type": "application/json; charset=UTF-8",
        "x-atlassian-webhook-identifier": "fcd7bd1c-0d2f-4f5e-a8b1-9d7f2c3f8f7a",
        "x-hub-signature": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest(),
    }
    return Delivery(headers, raw)


def issue(number: int = 1, project: str = "SHOP", **fields: object) -> dict[str, Any]:
    """An issue as events carry it."""
    shown = {"summary": "Größe 💥", "project": {"id": "10000", "key": project, "name": "Things"}} | fields
    return {"id": str(10_000 + number), "self": "https://x", "key": f"{project}-{number}", "fields": shown}


def of(event: str | None, **members: object) -> dict[str, Any]:
    """A body with what every one has."""
    named = {} if event is None else {"webhookEvent": event}
    return {"timestamp": 1_772_712_000_000} | named | members


def changed(*items: Mapping[str, object]) -> dict[str, Any]:
    return {"id": "7", "items": list(items)}


def refs(*ids: int) -> These:
    return These(tuple(ItemRef("work", str(one)) for one in ids))


def news(*projects: str) -> Lately:
    return Lately(only=projects)

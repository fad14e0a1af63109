"""What the Jira connector's tests share: a connector on a real wire, over a transport of the test's choice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from trackersync.connector import Change, FieldName, Item, ItemRef, Lately, Page, Scope, These
from trackersync.errors import TrackersyncError
from trackersync.http import HttpWire
from trackersync.sandbox import jira_app
from trackersync.sandbox.jira.model import Issue, Jira
from trackersync.sandbox.shop import workflow
from trackersync_jira import JiraConnector, JiraSettings, connector

TOKEN = "hush-hush-123"
CLOUD = {"email": "bot@acme.example", "deployment": "cloud"}
DATA_CENTER: dict[str, Any] = {"deployment": "data center"}
FLAVOURS = pytest.mark.parametrize("flavour", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])
SEARCH = ("POST", "/search/jql")
ME = ("GET", "/myself")
PROJECT = ("GET", "/project/SHOP")
COUNT = ("POST", "/approximate-count")
GRACE, MARGARET = "5b10ac8d82e05b22cc7d4ef5", "5b1099f30a7c4d6be8f1523c"
MYSELF = {"accountId": "5d8c1f0e", "displayName": "acme-bot", "name": "acme-bot"}


class StoppedClock:
    """A clock that nobody waits for."""

    def now(self) -> datetime:
        return datetime(2026, 3, 5, 9, 0, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        pass


@dataclass
class Open:
    """A connector at work: itself, and the wire that counts."""

    jira: JiraConnector
    wire: HttpWire

    async def pages(self, scope: Scope | None = None) -> list[Page]:
        return [page async for page in self.jira.observe(scope or Lately())]

    async def until_error(self, scope: Scope | None = None) -> tuple[list[Page], Exception]:
        """The pages that came, and the error that ended them."""
        seen: list[Page] = []
        try:
            async for page in self.jira.observe(scope or Lately()):
                seen += [page]
        except TrackersyncError as error:
            return seen, error
        raise AssertionError("it ended well")

    async def items(self, scope: Scope | None = None) -> list[Item]:
        return [item for page in await self.pages(scope) for item in page.items]

    @property
    def reads(self) -> int:
        return self.wire.counters.requests["read"]

    @property
    def writes(self) -> int:
        return self.wire.counters.requests["write"]


@asynccontextmanager
async def opened(
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    url: str = "http://127.0.0.1",
    besides: Collection[str] = (),
    **keys: object,
) -> AsyncIterator[Open]:
    """A connector as the pipeline opens one; ``besides`` may be written besides its `writes`."""
    words = {"connector": "jira", "url": url, "projects": ["SHOP"], "token": TOKEN} | keys
    settings = JiraSettings.model_validate(words)
    clock = StoppedClock()
    async with HttpWire(
        "jira",
        settings.url,
        connector.authorization(settings),
        connector.headers(settings),
        clock,
        writes=(*settings.writes, *besides),
        pace=0,
        # More than a connector may use, so that its own bound is what a test sees.
        in_flight=64,
        transport=transport,
    ) as wire:
        yield Open(JiraConnector("jira", settings, wire, clock), wire)


Answering = Callable[[httpx.Request], httpx.Response]


@dataclass
class Script:
    """A Jira of a few lines: answers by ``(method, end of the path)``, and a log of all that was asked."""

    answers: dict[tuple[str, str], Answering]
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/serverInfo"):
            # Asked once by whoever is not told; what a script is about comes after it.
            cloud = request.headers.get("authorization", "").startswith("Basic ")
            return httpx.Response(200, json={"deploymentType": "Cloud" if cloud else "Server"})
        if request.url.path.endswith("/_edge/tenant_info"):
            # Asked for a sentence only, where a token was refused.
            return httpx.Response(404)
        body = json.loads(request.content) if request.content else None
        self.asked.append((request.method, request.url.path, body))
        for (method, path), answer in self.answers.items():
            if method == request.method and request.url.path.endswith(path):
                return answer(request)
        raise AssertionError(f"not in the script: {request.method} {request.url}")

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)

    def bodies(self, path: str) -> list[Any]:
        """What was sent to a path."""
        return [body for _, asked, body in self.asked if asked.endswith(path)]


def says(*answers: object, status: int = 200, headers: dict[str, str] | None = None) -> Answering:
    """Answers these one after another, the last one for ever. A string is sent as it is, anything else as JSON."""
    left = list(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        body = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(body, httpx.Response):
            # A fresh one each time: a response can be read only once.
            return httpx.Response(body.status_code, headers=body.headers, content=body.content)
        if isinstance(body, str):
            return httpx.Response(status, text=body, headers=headers)
        return httpx.Response(status, json=body, headers=headers)

    return answer


def refuses(status: int, *words: str, errors: dict[str, str] | None = None) -> Answering:
    """Answers as Jira refuses."""
    return says({"errorMessages": list(words), "errors": errors or {}}, status=status)


def raw(number: int, updated: str = "2026-03-05T09:00:00.000+0000", **fields: object) -> dict[str, Any]:
    """An issue as Jira sends it."""
    shown: dict[str, Any] = {
        "summary": f"Task {number}",
        "description": None,
        "status": {"name": "To Do", "statusCategory": {"key": "new"}},
        "resolution": None,
        "assignee": None,
        "created": "2026-01-01T00:00:00.000+0000",
        "updated": updated,
        "issuetype": {"name": "Task"},
        "project": {"key": "SHOP"},
        "labels": [],
        "priority": {"name": "Medium"},
    }
    return {"id": str(10_000 + number), "key": f"SHOP-{number}", "fields": shown | fields}


def change(item: Item, field: FieldName, after: dict[str, tuple[str, ...]], **but: object) -> Change:
    """A change of an item from what it shows."""
    words: dict[str, Any] = {
        "ref": item.ref,
        "key": item.key,
        "field": field,
        "fact": "owners" if field == "owners" else "status",
        "before": {fact: item.facts[fact] for fact in after},
        "after": after,
        "because": "a test says so",
    }
    return Change(**(words | but))


def ref(number: int) -> ItemRef:
    return ItemRef("jira", str(10_000 + number))


def within(model: Jira) -> httpx.ASGITransport:
    return httpx.ASGITransport(app=jira_app(model))


def many(count: int, *, together: bool = False, project: str = "SHOP") -> Jira:
    """A site with so many issues; all of one second, or one a minute."""
    model = Jira({project: workflow()})
    start = 1_700_000_000_000
    model.fill(
        Issue(10_000 + n, f"{project}-{n}", f"Task {n}", "To Do", start, start + (n % 1000 if together else n * 60_000))
        for n in range(1, count + 1)
    )
    return model


async def look(at: Open, model: Jira, key: str) -> Item:
    (item,) = await at.items(These((ItemRef("jira", str(model.issue(key).id)),)))
    return item


def to(item: Item, status: str, resolution: str | None = None, **but: object) -> Change:
    after = {"status": (status,)} | ({"resolution": (resolution,)} if resolution else {})
    return change(item, "stage", after, **but)


SAME = "2026-03-05T09:00:00.000+0000"


def two(token: str | None, *numbers: int, **more: object) -> dict[str, Any]:
    return {"issues": [raw(n, SAME) for n in numbers], **({"nextPageToken": token} if token else {}), **more}


def searching(*answers: object) -> Script:
    return Script({ME: says(MYSELF), COUNT: says({"count": 4}), SEARCH: says(*answers), PROJECT: says({"key": "SHOP"})})


def world(shown: dict[str, Any], moved: object = None) -> Script:
    """An issue in To Do with one way to Done and no screen; after the write it shows something."""
    hop = {"id": "5", "name": "Finish", "to": {"name": "Done"}, "fields": {}}
    return Script(
        {
            ("GET", "/transitions"): says({"transitions": [hop]}),
            ("GET", "/issue/10001"): says(raw(1), raw(1, **shown)),
            ("POST", "/transitions"): says(moved or httpx.Response(204)),
            ("GET", "/assignable/search"): says([{"accountId": GRACE}]),
            ("PUT", "/assignee"): says(moved or httpx.Response(204)),
        }
    )


HERE = Item(
    ref=ItemRef("jira", "10001"),
    key="SHOP-1",
    url="",
    title="",
    container="SHOP",
    created=datetime(2026, 3, 5, 9, 0, tzinfo=UTC),
    updated=datetime(2026, 3, 5, 9, 0, tzinfo=UTC),
    facts={"status": ("To Do",), "resolution": (), "owners": ()},
)

DONE = {"name": "Done"}

"""What the GitHub connector's tests share: a connector on a real wire, over a transport of the test's choice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from trackersync.connector import Change, FieldName, Item, ItemRef, Lately, Page, Scope, These
from trackersync.errors import TrackersyncError
from trackersync.http import HttpWire
from trackersync.sandbox import GitHub, github_app
from trackersync_github import GithubConnector, GithubSettings, connector

TOKEN = "ghs_hush-hush.123"
API = "http://api.github.test"
NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
STAGES = ("stage: idea", "stage: design", "stage: build", "stage: verify")


class Clock:
    """Time that passes by waiting, or when a test says so."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class Open:
    """A connector at work: itself, and the wire that counts."""

    github: GithubConnector
    wire: HttpWire

    async def pages(self, scope: Scope | None = None) -> list[Page]:
        return [page async for page in self.github.observe(scope or Lately())]

    async def until_error(self, scope: Scope | None = None) -> tuple[list[Page], TrackersyncError]:
        """The pages that came, and the error that ended them."""
        seen: list[Page] = []
        try:
            async for page in self.github.observe(scope or Lately()):
                seen.append(page)  # noqa: PERF401  # what came before the error must be kept
        except TrackersyncError as error:
            return seen, error
        raise AssertionError("it ended well")

    async def items(self, scope: Scope | None = None) -> list[Item]:
        return [item for page in await self.pages(scope) for item in page.items]

    async def item(self, ref: ItemRef) -> Item:
        return (await self.items(These((ref,))))[0]

    @property
    def sent(self) -> tuple[int, int]:
        """Reads and writes so far."""
        return self.wire.counters.requests["read"], self.wire.counters.requests["write"]


@asynccontextmanager
async def opened(
    transport: httpx.AsyncBaseTransport | None,
    *,
    repositories: Iterable[str] = ("acme/shop",),
    clock: Clock | None = None,
    url: str = API,
    authorization: Callable[[], Awaitable[SecretStr | None]] | None = None,
    besides: Iterable[str] = (),
    **more: Any,  # noqa: ANN401  # whatever the settings take
) -> AsyncIterator[Open]:
    clock = clock or Clock()
    settings = GithubSettings.model_validate(
        {"connector": "github", "url": url, "repositories": list(repositories), "token": TOKEN} | more
    )
    async with HttpWire(
        "github", settings.url, authorization or connector.authorization(settings), connector.headers(settings), clock,
        writes=(*settings.writes, *besides), timeout=settings.timeout, transport=transport, chance=lambda: 0.5,
    ) as wire:  # fmt: skip
        github = connector.create("github", settings, wire, clock)
        assert isinstance(github, GithubConnector)
        yield Open(github, wire)
        await github.aclose()


def shop(clock: Clock | None = None, repository: str = "acme/shop") -> GitHub:
    """An empty repository with its labels and people; its times are the clock's."""
    model = GitHub(repository, clock=clock or Clock())
    for label in (*STAGES, "bug"):
        model.add_label(label)
    model.allow(["ada-l", "grace-h", "alan-t"])
    return model


def served(model: GitHub, *others: GitHub) -> httpx.ASGITransport:
    return httpx.ASGITransport(app=github_app(model, *others))


def scripted(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    return httpx.MockTransport(answer)


def row(number: int, updated: datetime, **more: object) -> dict[str, object]:
    """An issue as REST shows it, with the members the API requires and we use."""
    moment = updated.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": 9000 + number,
        "node_id": f"I_{number}",
        "number": number,
        "title": f"Issue {number}",
        "html_url": f"https://github.test/acme/shop/issues/{number}",
        "repository_url": f"{API}/repos/acme/shop",
        "state": "open",
        "labels": [],
        "assignees": [],
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": moment,
        **more,
    }


def stage_change(item: Item, to: str | None, **facts: tuple[str, ...]) -> Change:
    """From the stage labels an item shows to another one, or to none, with further facts to write."""
    mine = tuple(label for label in item.facts["labels"] if label in STAGES)
    before = {"labels": mine} | {fact: item.facts[fact] for fact in facts}
    after = {"labels": (to,) if to else ()} | facts
    ours = (*STAGES, *((to,) if to else ()))
    return change(item, "stage", "state" if facts else "labels", before, after, labels=ours)


def owner_change(item: Item, *owners: str) -> Change:
    return change(item, "owners", "owners", {"owners": item.facts["owners"]}, {"owners": owners})


def change(
    item: Item,
    field: FieldName,
    fact: str,
    before: dict[str, tuple[str, ...]],
    after: dict[str, tuple[str, ...]],
    **ours: tuple[str, ...],
) -> Change:
    return Change(item.ref, item.key, field, fact, before, after, "SHOP-42 moved", ours)

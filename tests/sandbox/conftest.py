"""A shop in-process, a clock that stands still until it is moved, and a shop over real HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from trackersync.sandbox import GitHub, Jira, Options, Sandbox, github_app, jira_app, running, shop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

TUESDAY = datetime(2026, 3, 3, 9, 12, tzinfo=UTC)


@dataclass
class Watch:
    """A clock that a test moves."""

    now: datetime = field(default=TUESDAY)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def github(watch: Watch) -> GitHub:
    model = GitHub(clock=watch)
    shop.fill_github(model)
    return model


@pytest.fixture
def jira(watch: Watch) -> Jira:
    model = Jira({"SHOP": shop.workflow()}, clock=watch)
    shop.fill_jira(model)
    return model


@pytest.fixture
async def hub(github: GitHub) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the GitHub stand-in."""
    transport = httpx.ASGITransport(app=github_app(github))
    headers = {"authorization": "Bearer good"}
    async with httpx.AsyncClient(transport=transport, base_url="http://github.test", headers=headers) as client:
        yield client


@pytest.fixture
async def cloud(jira: Jira) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the Jira stand-in, to which it is Cloud."""
    transport = httpx.ASGITransport(app=jira_app(jira))
    auth = ("bot@acme.example", "good")
    async with httpx.AsyncClient(transport=transport, base_url="http://jira.test/rest/api/3", auth=auth) as client:
        yield client


@pytest.fixture
async def center(jira: Jira) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the Jira stand-in, to which it is Data Center."""
    transport = httpx.ASGITransport(app=jira_app(jira))
    headers = {"authorization": "Bearer good"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://jira.test/rest/api/2", headers=headers
    ) as client:
        yield client


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as both:
        yield both

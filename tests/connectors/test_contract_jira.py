"""The Jira connector keeps the contract, as Cloud's and as Data Center's, over real HTTP to the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from contract_drivers import EMAIL, JiraDriver, Loopback, on_loopback

from trackersync.testing import ConnectorContract, TrackerDriver
from trackersync.testing.contract_history import HistoryContract
from trackersync.testing.contract_writing import WritingContract


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with on_loopback() as served:
        yield served


class TestCloud(ConnectorContract):
    @pytest.fixture
    async def driver(self, loopback: Loopback) -> AsyncIterator[TrackerDriver]:
        async with JiraDriver(loopback, EMAIL) as driver:
            yield driver


class TestDataCenter(ConnectorContract):
    @pytest.fixture
    async def driver(self, loopback: Loopback) -> AsyncIterator[TrackerDriver]:
        async with JiraDriver(loopback, None) as driver:
            yield driver


class TestLinks(ConnectorContract):
    """With links to other trackers besides, so that every look takes a request more."""

    @pytest.fixture
    async def driver(self, loopback: Loopback) -> AsyncIterator[TrackerDriver]:
        async with JiraDriver(loopback, None, links=True) as driver:
            yield driver


class TestCoOwners(WritingContract, HistoryContract):
    """With a field for co-owners besides, where only writing and histories are others."""

    pytestmark = pytest.mark.asyncio

    @pytest.fixture(params=[EMAIL, None], ids=["Cloud", "Data Center"])
    async def driver(self, loopback: Loopback, request: pytest.FixtureRequest) -> AsyncIterator[TrackerDriver]:
        async with JiraDriver(loopback, request.param, "customfield_10050") as driver:
            yield driver

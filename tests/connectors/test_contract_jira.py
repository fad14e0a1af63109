"""The Jira connector keeps the contract, as Cloud's and as Data Center's, over real HTTP to the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from contract_drivers import EMAIL, JiraDriver, Loopback, on_loopback

from trackersync.testing import ConnectorContract, TrackerDriver


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

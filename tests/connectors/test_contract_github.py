"""The GitHub connector keeps the contract, over real HTTP to the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from contract_drivers import GithubDriver, Loopback, on_loopback

from trackersync.testing import ConnectorContract, TrackerDriver


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with on_loopback() as served:
        yield served


class TestGithub(ConnectorContract):
    @pytest.fixture
    async def driver(self, loopback: Loopback) -> AsyncIterator[TrackerDriver]:
        async with GithubDriver(loopback) as driver:
            yield driver

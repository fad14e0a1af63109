"""The Jira connector keeps the contract where the stage lives in labels, or in every place at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from contract_drivers import EMAIL, Loopback, on_loopback
from contract_places_driver import EverywhereDriver, LabelsDriver

from trackersync.testing import ConnectorContract, TrackerDriver
from trackersync.testing.contract_writing import WritingContract


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with on_loopback() as served:
        yield served


class TestLabels(ConnectorContract):
    @pytest.fixture(params=[EMAIL, None], ids=["Cloud", "Data Center"])
    async def driver(self, loopback: Loopback, request: pytest.FixtureRequest) -> AsyncIterator[TrackerDriver]:
        async with LabelsDriver(loopback, request.param) as driver:
            yield driver


class TestEverywhere(WritingContract):
    pytestmark = pytest.mark.asyncio

    @pytest.fixture(params=[EMAIL, None], ids=["Cloud", "Data Center"])
    async def driver(self, loopback: Loopback, request: pytest.FixtureRequest) -> AsyncIterator[TrackerDriver]:
        async with EverywhereDriver(loopback, request.param) as driver:
            yield driver

"""The GitHub connector keeps the contract where the stage lives on a board, over REST and over GraphQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from contract_board_driver import BoardDriver, MixedDriver
from contract_drivers import Loopback, on_loopback

from trackersync.testing import ConnectorContract, TrackerDriver


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with on_loopback() as served:
        yield served


class _Board(ConnectorContract):
    # GitHub tells no history of what is moved on a board.
    test_a_history_names_who_did_what_and_when = None
    test_a_history_stays_as_it_was_and_grows = None
    test_a_history_leads_to_what_is_seen = None


class TestGithubBoard(_Board):
    @pytest.fixture(params=[True, False], ids=["rest", "graphql"])
    async def driver(self, loopback: Loopback, request: pytest.FixtureRequest) -> AsyncIterator[TrackerDriver]:
        async with BoardDriver(loopback, rest=request.param) as driver:
            yield driver


class TestGithubBoardAndLabels(_Board):
    @pytest.fixture
    async def driver(self, loopback: Loopback) -> AsyncIterator[TrackerDriver]:
        async with MixedDriver(loopback, rest=True) as driver:
            yield driver

"""The connector in memory keeps the contract, in both shapes."""

from __future__ import annotations

import pytest
from contract_drivers import GITHUB_STAGES
from contract_memory_driver import MemoryDriver, in_a_line

from trackersync.testing import GITHUB_LIKE, ConnectorContract, TrackerDriver


class TestGithubLike(ConnectorContract):
    @pytest.fixture
    def driver(self) -> TrackerDriver:
        return MemoryDriver(GITHUB_LIKE, GITHUB_STAGES, {"labels": ("bug", "customer")})


class TestJiraLike(ConnectorContract):
    @pytest.fixture
    def driver(self) -> TrackerDriver:
        return in_a_line()

"""``ConnectorContract``: the promise of ``trackersync.connector`` as tests that every connector inherits.

A connector's own tests say how to work on its tracker, and inherit the rest::

    class TestContract(ConnectorContract):
        @pytest.fixture
        def driver(self) -> Iterator[TrackerDriver]:
            with MyTrackersDriver() as driver:
                yield driver

Each test's docstring is the promise it proves, and each failure says in a sentence which part of it was broken. What a
tracker cannot do is left out by what its driver says of itself (no ``owners``, no ``stranger``, no ``path``, one
``write_requests``), or by its connector being no ``Historian``, and shows as a skipped test with the reason.

Needs pytest and pytest-asyncio in any of its modes; both come with the extra ``trackersync[testing]``.
"""

# ruff: noqa: S101 - asserting is what a contract does

from __future__ import annotations

import traceback

import pytest

from trackersync.connector import These
from trackersync.testing.contract_history import HistoryContract
from trackersync.testing.contract_reading import ReadingContract
from trackersync.testing.contract_routing import RoutingContract
from trackersync.testing.contract_writing import WritingContract, plan
from trackersync.testing.driver import TrackerDriver
from trackersync.testing.looks import NAMED, Named, error_of, until_error


class ConnectorContract(ReadingContract, WritingContract, RoutingContract, HistoryContract):
    """What every connector promises; inherit it in a class named ``Test…`` and give it a fixture ``driver``."""

    pytestmark = pytest.mark.asyncio

    @pytest.fixture
    def driver(self) -> TrackerDriver:
        """The tracker to work on, fresh for each test: the subclass's to supply."""
        raise NotImplementedError(
            f"{type(self).__name__} inherits ConnectorContract and has no fixture `driver`: add one to the class that "
            "returns a TrackerDriver for your tracker"
        )

    async def test_no_error_tells_the_credential(self, driver: TrackerDriver) -> None:
        """No error, nor what it came from, nor a connector's ``repr`` holds the credential in any of its forms."""
        troubles = await _troubles(driver)
        assert len(troubles) == 9, f"only {len(troubles)} of 9 troubles were errors: {troubles}"
        told = [repr(driver.connector()), *("".join(traceback.format_exception(error)) for error in troubles)]
        leaks = [text for text in told for secret in driver.secrets if secret in text]
        assert not leaks, f"the credential stands in what we say: {_hushed(leaks[0], driver.secrets)}"


async def _troubles(driver: TrackerDriver) -> list[Named]:
    """One error of each kind that can be had."""
    found: list[Named | None] = []
    for trouble in (driver.fail_next, driver.lose_next_answer, driver.ignore_next, driver.refuse_next):
        planned = await plan(driver, "stage")
        trouble()
        found.append(await error_of(planned.connector, planned.change))
        driver.mend()
    planned = await plan(driver, "stage")
    driver.edit(planned.ref, **driver.stages[2])
    found.append(await error_of(planned.connector, planned.change))
    driver.break_listing(0)
    found.append((await until_error(driver.connector()))[1])
    driver.mend()
    driver.revoke()
    found += [await error_of(planned.connector, planned.change), await _probing(driver)]
    found.append((await until_error(driver.connector(), These((planned.ref,))))[1])
    return [error for error in found if error is not None]


async def _probing(driver: TrackerDriver) -> Named | None:
    try:
        await driver.connector().probe()
    except NAMED as error:
        return error
    return None


def _hushed(text: str, secrets: tuple[str, ...]) -> str:
    """Even a failing test does not print a credential: it may be a real one, and the log of a test run is public."""
    for secret in secrets:
        text = text.replace(secret, "(credential)")
    return text

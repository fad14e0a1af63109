"""The part of ``ConnectorContract`` for trackers with workflows: the graph, and paths of several hops through it."""

# ruff: noqa: S101 - asserting is what a contract does

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from trackersync.connector import Change, Connector, Facts, Item, RejectedError, Routed, StaleError, Workflow
from trackersync.core.route import route
from trackersync.core.workflows import merged
from trackersync.testing.contract_writing import Planned, expect_untouched, says_half
from trackersync.testing.driver import TrackerDriver
from trackersync.testing.looks import change_of, error_of, look, shows


class RoutingContract:
    """What a connector promises of workflows; inherited by way of ``ConnectorContract``."""

    async def test_a_workflow_shows_the_way(self, driver: TrackerDriver) -> None:
        """Where there is a workflow, it shows the hops that leave an item's status.

        Asked of items along a path, it shows the whole of it; no tracker need show it whole for one item.
        """
        fact = _routed(driver)
        way = driver.path or driver.stages[:2]
        connector = driver.connector()
        workflow = Workflow({})
        for facts in reversed(way[:-1]):
            item = await look(connector, driver.create("A task", **facts))
            seen = await cast("Routed", connector).workflow(item)
            shown = {status.casefold() for status in seen.leaves}
            at = facts[fact][0]
            assert at.casefold() in shown, f"it stands in {at}, and is shown what leaves {shown}"
            workflow = merged(workflow.leaves, seen)
        here, *there = (facts[fact][0] for facts in way)
        found = route(workflow, here, there[-1:])
        told = "no way" if found is None else [hop.to for hop in found]
        assert told == there, f"from {here} one gets to {there[-1]} by way of {there}; it shows {told}: {workflow}"

    async def test_a_path_is_walked_to_its_end(self, driver: TrackerDriver) -> None:
        """``apply`` walks a path hop by hop, and returns the item as the next look shows it: at the end."""
        planned = await _walk(driver, _path(driver))
        shown = await planned.connector.apply(planned.change)
        seen = await look(driver.connector(), planned.ref)
        assert shown == seen, f"apply returned {shown}, and the next look shows {seen}"
        assert shows(planned.change, seen), f"{planned.change.after} was wanted, and it shows {seen.facts}"

    async def test_a_path_broken_off_is_noticed(self, driver: TrackerDriver) -> None:
        """What stops a path at a hop is in doubt or partly rejected, never applied; from the hop it can go on."""
        path = _path(driver)
        for hop in range(1, len(path) - 1):
            planned = await _walk(driver, path)
            driver.fail_next(skip=hop)
            error = await error_of(planned.connector, planned.change)
            driver.mend()
            seen = await look(driver.connector(), planned.ref)
            at = change_of(planned.connector, tuple(path), planned.item, "stage", path[hop])
            assert shows(at, seen), f"the driver's trouble left it at {seen.facts}, and not at hop {hop}, {path[hop]}"
            assert says_half(error), f"it stands on hop {hop}, and apply ended with {error!r}"
            again = await error_of(planned.connector, planned.change)
            assert isinstance(again, StaleError), f"it shows neither before nor after, and apply ended with {again!r}"
            rest = _change(planned.connector, seen, path[hop:])
            shown = await planned.connector.apply(rest)
            assert shows(rest, shown), f"from hop {hop} it was to go on to {rest.after}, and it shows {shown.facts}"

    async def test_a_path_that_cannot_be_walked_is_rejected(self, driver: TrackerDriver) -> None:
        """A change with a path that leads nowhere, or that this connector does not walk, is ``RejectedError``."""
        _routed(driver)
        one, two, three = (driver.path or driver.stages)[:3]
        planned = await _walk(driver, (one, three, two))
        error = await error_of(planned.connector, planned.change)
        assert isinstance(error, RejectedError), f"there is no such path, and apply ended with {error!r}"
        assert not error.partly, "nothing took effect, and the error says that something did"
        await expect_untouched(driver, planned.item, 0)


def _routed(driver: TrackerDriver) -> str:
    fact = driver.connector().vocabulary.routed
    if fact is None:
        pytest.skip("the tracker has no workflow")
    return fact


def _path(driver: TrackerDriver) -> Sequence[Facts]:
    _routed(driver)
    if not driver.path:
        pytest.skip("this connector walks no path of several hops")
    return driver.path


async def _walk(driver: TrackerDriver, path: Sequence[Facts]) -> Planned:
    """Make an item at the beginning of a path, and a change of it to the end."""
    connector = driver.connector()
    item = await look(connector, driver.create("A task", **path[0]))
    return Planned(connector, item, _change(connector, item, path))


def _change(connector: Connector, item: Item, path: Sequence[Facts]) -> Change:
    fact = connector.vocabulary.routed or ""
    change = change_of(connector, tuple(path), item, "stage", path[-1])
    return replace(change, fact=fact, path=tuple(facts[fact][0] for facts in path[1:-1]))

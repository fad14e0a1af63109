"""The part of ``ConnectorContract`` for trackers that tell who changed what: what ``Historian`` promises."""

# ruff: noqa: S101 - asserting is what a contract does

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from trackersync.connector import Chronicler, Event, Historian, Item, ItemRef, NotFoundError
from trackersync.testing.contract_writing import plan
from trackersync.testing.driver import TrackerDriver
from trackersync.testing.looks import look

NEAR = timedelta(seconds=5)
"""What the tracker says of an edit's time in two places is no further apart; the driver's edits are."""


class HistoryContract:
    """What a connector promises of histories; inherited by way of ``ConnectorContract``."""

    async def test_a_history_names_who_did_what_and_when(self, driver: TrackerDriver) -> None:
        """A person's edit is told with the values that came and went, its time, and the account that made it."""
        historian = _historian(driver)
        ref = driver.create("A task", **driver.stages[0])
        before = await look(driver.connector(), ref)
        driver.edit(ref, **driver.stages[1])
        after = await look(driver.connector(), ref)
        news = [event for event in await historian.history(ref) if event.at > before.updated]
        for fact in driver.stages[1]:
            came, went = _difference(before, after, fact)
            told = [event for event in news if event.fact == fact]
            assert _values(told, "added") == came, f"{fact} came to hold {sorted(came)}, and the history tells {told}"
            assert _values(told, "removed") <= went, f"{fact} lost {sorted(went)}, and the history tells {told}"
        for event in news:
            assert event.by == driver.person, f"{driver.person} did it, and the history tells {event}"
            assert abs(event.at - after.updated) < NEAR, (
                f"it was done at {after.updated}, and the history tells {event}"
            )

    async def test_a_history_tells_who_handed_over(self, driver: TrackerDriver) -> None:
        """Who came and who went is told of an item that is handed over, and who did it, which is neither of them."""
        historian = _historian(driver)
        if not driver.owners:
            pytest.skip("the tracker knows no owners")
        one, other = driver.owners
        ref = driver.create("A task", **driver.stages[0], owners=(one,))
        before = await look(driver.connector(), ref)
        driver.edit(ref, owners=(other,))
        told = [one for one in await historian.history(ref) if one.fact == "owners" and one.at > before.updated]
        assert (_values(told, "added"), _values(told, "removed")) == ({other.casefold()}, {one.casefold()}), (
            f"{one} handed over to {other}, and the history tells {told}"
        )
        assert {event.by for event in told} == {driver.person}, f"{driver.person} did it, and the history tells {told}"

    async def test_a_history_stays_as_it_was_and_grows(self, driver: TrackerDriver) -> None:
        """A history is told oldest first, alike each time, each event under an id of its own; later ones come last."""
        historian = _historian(driver)
        ref = driver.create("A task", **driver.stages[0])
        driver.edit(ref, **driver.stages[1])
        first = await historian.history(ref)
        assert await historian.history(ref) == first, "nothing happened, and the history is another"
        driver.edit(ref, **driver.stages[0])
        later = await historian.history(ref)
        assert later[: len(first)] == first, f"what was told first is not told any more: {first}, now {later}"
        assert len(later) > len(first), "there was another edit, and the history tells nothing of it"
        assert [event.at for event in later] == sorted(event.at for event in later), f"it is not in order: {later}"
        assert len({event.id for event in later}) == len(later), f"two events bear one id: {later}"
        for event in later:
            assert event.at.utcoffset() == timedelta(0), f"{event.at} is not UTC"

    async def test_a_history_leads_to_what_is_seen(self, driver: TrackerDriver) -> None:
        """What was told last of a value is what the item shows; our own writes are told too, under our account."""
        historian = _historian(driver)
        planned = await plan(driver, "stage")
        shown = await planned.connector.apply(planned.change)
        events = await historian.history(planned.ref)
        last: dict[tuple[str, str], bool] = {}
        for event in events:
            last |= {(event.fact, value.casefold()): False for value in event.removed}
            last |= {(event.fact, value.casefold()): True for value in event.added}
        for (fact, value), there in last.items():
            seen = value in {one.casefold() for one in shown.facts.get(fact, ())}
            assert seen is there, f"{fact} {value}: it shows {shown.facts.get(fact)}, and the history tells {events}"
        probe = await planned.connector.probe()
        ours = [event for event in events if event.by == (probe.id or probe.account)]
        assert ours, f"{driver.account} has written, and nothing of it is told: {events}"

    async def test_a_ghost_has_no_history(self, driver: TrackerDriver) -> None:
        """The history of an item that is not there, or not any more, is ``NotFoundError``."""
        historian = _historian(driver)
        gone = driver.create("Gone", **driver.stages[0])
        driver.delete(gone)
        for ref in (driver.ghost, gone):
            error = await _error(historian, ref)
            assert isinstance(error, NotFoundError), f"{ref} is not there, and its history ended with {error!r}"

    async def test_histories_told_together_are_those_told_alone(self, driver: TrackerDriver) -> None:
        """Of many items at once nothing else is told than of each, and of one that is not there nothing."""
        connector = driver.connector()
        if not isinstance(connector, Chronicler):
            pytest.skip("the connector tells one history at a time")
        refs = [driver.create(f"Task {n}", **driver.stages[0]) for n in range(4)]
        driver.edit(refs[0], **driver.stages[1])
        driver.edit(refs[1], **driver.stages[2])
        driver.edit(refs[0], **driver.stages[2])
        driver.delete(refs[3])
        alone = {ref: await connector.history(ref) for ref in refs[:3]}
        for ref, events in (await connector.histories([driver.ghost, *refs])).items():
            assert ref in alone, f"{ref} is not there, and its history is told: {events}"
            assert events == alone[ref], f"of {ref} by itself {alone[ref]} is told, and together {events}"


def _historian(driver: TrackerDriver) -> Historian:
    connector = driver.connector()
    if not isinstance(connector, Historian):
        pytest.skip("the connector tells no history")
    return connector


async def _error(historian: Historian, ref: ItemRef) -> Exception | None:
    try:
        await historian.history(ref)
    except NotFoundError as error:
        return error
    return None


def _difference(before: Item, after: Item, fact: str) -> tuple[set[str], set[str]]:
    was, now = ({value.casefold() for value in item.facts[fact]} for item in (before, after))
    return now - was, was - now


def _values(events: Sequence[Event], which: str) -> set[str]:
    return {value.casefold() for event in events for value in getattr(event, which)}

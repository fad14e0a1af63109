"""The writing half of ``ConnectorContract``: what ``apply`` promises, whatever goes wrong on the way."""

# ruff: noqa: S101 - asserting is what a contract does

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import pytest

from trackersync.connector import (
    Change,
    Connector,
    Facts,
    FieldName,
    Item,
    ItemRef,
    NotFoundError,
    RejectedError,
    StaleError,
    UnavailableError,
)
from trackersync.testing.driver import TrackerDriver
from trackersync.testing.looks import change_of, error_of, joined, look, shows

Trouble = Literal["fail_next", "refuse_next", "revoke"]
FIELDS = pytest.mark.parametrize("field", ["stage", "owners"])


@dataclass(frozen=True, slots=True)
class Planned:
    """A connector, an item as it was seen, and a change of it that can be made."""

    connector: Connector
    item: Item
    change: Change

    @property
    def ref(self) -> ItemRef:
        """The item's."""
        return self.item.ref


class WritingContract:
    """What a connector promises of writing; inherited by way of ``ConnectorContract``."""

    @FIELDS
    async def test_apply_returns_what_the_next_look_shows(self, driver: TrackerDriver, field: FieldName) -> None:
        """``apply`` makes the item show what the change wants, and returns it as the next look shows it."""
        for after in _wanted(driver, field):
            planned = await plan(driver, field, after)
            shown = await planned.connector.apply(planned.change)
            seen = await look(driver.connector(), planned.ref)
            assert shown == seen, f"apply returned {shown}, and the next look shows {seen}"
            assert shows(planned.change, seen), f"{after} was wanted, and it shows {seen.facts}"
            assert driver.written(), "the driver counts no request that writes"

    async def test_the_last_owner_can_be_taken_off(self, driver: TrackerDriver) -> None:
        """An item that was owned can be owned by nobody."""
        planned = await plan(driver, "owners", {"owners": ()}, owners=driver.owners[:1])
        shown = await planned.connector.apply(planned.change)
        assert shown.facts["owners"] == (), f"nobody was to own it, and it shows {shown.facts['owners']}"
        assert shown == await look(driver.connector(), planned.ref), "apply returned what the next look does not show"

    @FIELDS
    async def test_applying_twice_equals_once(self, driver: TrackerDriver, field: FieldName) -> None:
        """An item that already shows what is wanted is returned without a write, whoever asks."""
        planned = await plan(driver, field)
        once = await planned.connector.apply(planned.change)
        written = driver.written()
        for connector in (planned.connector, driver.connector()):
            twice = await connector.apply(planned.change)
            assert twice == once, f"once gave {once}, twice {twice}"
        assert driver.written() == written, f"applying again sent {driver.written() - written} requests that write"
        assert await look(driver.connector(), planned.ref) == once, "applying again changed the item"

    @FIELDS
    async def test_a_persons_move_is_stale_and_stays(self, driver: TrackerDriver, field: FieldName) -> None:
        """An item that shows neither ``before`` nor ``after`` is ``StaleError``, and nothing is sent."""
        planned = await plan(driver, field)
        driver.edit(planned.ref, **(driver.stages[2] if field == "stage" else {"owners": driver.owners[1:2]}))
        moved = await look(planned.connector, planned.ref)
        error = await error_of(planned.connector, planned.change)
        assert isinstance(error, StaleError), f"a person moved it, and apply ended with {error!r}"
        await expect_untouched(driver, moved, 0)

    @FIELDS
    async def test_what_is_not_ours_stays_as_it_was(self, driver: TrackerDriver, field: FieldName) -> None:
        """Title, other facts and other people's values stay, even those that came after the change was planned."""
        first, late = _halves(driver.foreign)
        other = driver.create("Another", **joined(driver.stages[0], driver.foreign))
        planned = await plan(driver, field, also=first)
        if late:
            now = {fact: planned.item.facts[fact] for fact in late}
            driver.edit(planned.ref, **joined(now, late))
        before = await look(planned.connector, planned.ref)
        neighbour = await look(planned.connector, other)
        shown = await planned.connector.apply(planned.change)
        lost = {
            fact: value
            for fact, values in driver.foreign.items()
            for value in values
            if value not in shown.facts.get(fact, ())
        }
        assert not lost, f"{lost} is not ours and was taken off"
        # Only these: a tracker may show facts that follow from others, as Jira's category does from the status.
        steady = (planned.connector.writes.keys() | driver.foreign.keys()) - planned.change.after.keys()
        touched = {fact for fact in steady if before.facts.get(fact) != shown.facts.get(fact)}
        assert not touched, f"{sorted(touched)} changed along with {sorted(planned.change.after)}"
        assert _frame(shown) == _frame(before), f"{_frame(before)} became {_frame(shown)}"
        assert await look(planned.connector, other) == neighbour, "another item was touched"

    @pytest.mark.parametrize("trouble", ["fail_next", "refuse_next", "revoke"])
    async def test_half_a_write_is_noticed(self, driver: TrackerDriver, trouble: Trouble) -> None:
        """Whatever stops a change after some of its requests, it is in doubt or rejected as partly done."""
        if driver.write_requests < 2:
            pytest.skip("a change of stage takes one request here, so there is no half of it")
        planned = await plan(driver, "stage")
        getattr(driver, trouble)(skip=1)
        error = await error_of(planned.connector, planned.change)
        driver.mend()
        assert await look(driver.connector(), planned.ref) != planned.item, "the driver's trouble left no half behind"
        assert says_half(error), f"half of it is done, and apply ended with {error!r}"

    @FIELDS
    async def test_a_write_that_never_arrived_is_unavailable(self, driver: TrackerDriver, field: FieldName) -> None:
        """A request that is not done is ``UnavailableError``; the item is as it was, and the next attempt succeeds."""
        planned = await plan(driver, field)
        driver.fail_next()
        error = await error_of(planned.connector, planned.change)
        assert isinstance(error, UnavailableError), f"the connection broke, and apply ended with {error!r}"
        driver.mend()
        await expect_untouched(driver, planned.item)
        assert shows(planned.change, await planned.connector.apply(planned.change)), "the next attempt does nothing"

    @FIELDS
    async def test_a_lost_answer_is_in_doubt_and_not_repeated(self, driver: TrackerDriver, field: FieldName) -> None:
        """A write whose answer was lost is in doubt and not sent again; applying again finds what is left to do."""
        planned = await plan(driver, field)
        driver.lose_next_answer()
        error = await error_of(planned.connector, planned.change)
        assert isinstance(error, UnavailableError), f"the answer was lost, and apply ended with {error!r}"
        assert error.in_doubt, f"it may have taken effect, and the error does not say so: {error}"
        most = driver.write_requests if field == "stage" else 1
        assert 1 <= driver.written() <= most, f"{driver.written()} requests that write were sent, of {most} needed"
        driver.mend()
        seen = await look(driver.connector(), planned.ref)
        assert seen != planned.item, "the driver lost the answer and the write as well"
        if shows(planned.change, seen):
            written = driver.written()
            assert await planned.connector.apply(planned.change) == seen, "what was done is not seen to be done"
            assert driver.written() == written, "what was done was sent again"

    @FIELDS
    async def test_a_write_that_is_ignored_is_noticed(self, driver: TrackerDriver, field: FieldName) -> None:
        """A write that the tracker took and dropped without a word is ``RejectedError``, never success."""
        planned = await plan(driver, field)
        driver.ignore_next()
        error = await error_of(planned.connector, planned.change)
        assert isinstance(error, RejectedError), f"the tracker did nothing, and apply ended with {error!r}"
        assert not error.partly, "nothing took effect, and the error says that something did"
        await expect_untouched(driver, planned.item)

    @FIELDS
    async def test_a_write_that_is_forbidden_is_rejected(self, driver: TrackerDriver, field: FieldName) -> None:
        """A write that the tracker forbids is ``RejectedError``, and the item is as it was."""
        planned = await plan(driver, field)
        driver.refuse_next()
        error = await error_of(planned.connector, planned.change)
        assert isinstance(error, RejectedError), f"the tracker forbids it, and apply ended with {error!r}"
        assert str(error), "the error has no words"
        await expect_untouched(driver, planned.item)

    async def test_a_stranger_is_not_made_owner(self, driver: TrackerDriver) -> None:
        """An account that may not own an item is ``RejectedError``, and nobody else is taken in its place."""
        if not driver.stranger:
            pytest.skip("anybody may own an item here")
        planned = await plan(driver, "owners", {"owners": (driver.stranger,)})
        error = await error_of(planned.connector, planned.change)
        assert isinstance(error, RejectedError), f"{driver.stranger} may not own it, and apply ended with {error!r}"
        await expect_untouched(driver, planned.item)

    @FIELDS
    async def test_a_ghost_is_not_found(self, driver: TrackerDriver, field: FieldName) -> None:
        """Applying to what never was, or is deleted, is ``NotFoundError``, and nothing is sent."""
        planned = await plan(driver, field)
        driver.delete(planned.ref)
        for gone in (planned.change, replace(planned.change, ref=driver.ghost)):
            error = await error_of(planned.connector, gone)
            assert isinstance(error, NotFoundError), f"{gone.ref} is not there, and apply ended with {error!r}"
        assert driver.written() == 0, f"{driver.written()} requests that write were sent to what is not there"


async def plan(
    driver: TrackerDriver,
    field: FieldName,
    after: Facts | None = None,
    *,
    also: Facts | None = None,
    **facts: tuple[str, ...],
) -> Planned:
    """Make an item in the first stage, and a change of it to the second, or to an owner.

    Args:
        driver: the tracker.
        field: what the change is of. A tracker without it skips the test.
        after: what it wants instead.
        also: facts the item has besides.
        facts: the same, by name.
    """
    if field == "owners" and not driver.owners:
        pytest.skip("the tracker knows no owners")
    ref = driver.create("A task", **joined(driver.stages[0], also or {}, facts))
    connector = driver.connector()
    item = await look(connector, ref)
    wanted = _wanted(driver, field)[0] if after is None else after
    change = change_of(connector, driver.stages, item, field, wanted)
    return Planned(connector, item, change)


def _wanted(driver: TrackerDriver, field: FieldName) -> tuple[Facts, ...]:
    return driver.stages[1:] if field == "stage" else ({"owners": driver.owners[:1]},)


def _halves(foreign: Facts) -> tuple[Facts, Facts]:
    """Of each fact the first value, and the others: what is there early, and what comes late."""
    return (
        {fact: values[:1] for fact, values in foreign.items()},
        {fact: values[1:] for fact, values in foreign.items() if values[1:]},
    )


def _frame(item: Item) -> tuple[object, ...]:
    """What of an item no change touches."""
    return (item.ref, item.key, item.url, item.title, item.container, item.created, item.urls, item.keys)


def says_half(error: Exception | None) -> bool:
    """Whether an error says that part of a change may have taken effect."""
    return (isinstance(error, UnavailableError) and error.in_doubt) or (
        isinstance(error, RejectedError) and error.partly
    )


async def expect_untouched(driver: TrackerDriver, before: Item, written: int | None = None) -> None:
    """The item is as it was, and so many requests that write were sent."""
    seen = await look(driver.connector(), before.ref)
    assert seen == before, f"nothing was to be changed; it was {before}, and is {seen}"
    if written is not None:
        assert driver.written() == written, f"{driver.written()} requests that write were sent"

"""A look at an item: what it reads, links and writes, and when it writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest
from attended import Attended, Counted

from trackersync.core.guard import Limits
from trackersync.core.model import Absence, ItemRef
from trackersync.errors import BusyError, UnavailableError
from trackersync.pipeline import Order, run_once
from trackersync.store import Store, open_store
from trackersync.testing import MemoryConnector


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://") as store:
        yield store


@pytest.fixture
def world(store: Store) -> Attended:
    return Attended(store)


def counted(world: Attended) -> dict[str, Counted]:
    """Count from here on what the trackers are asked."""
    watched = {name: Counted(MemoryConnector(one)) for name, one in world.trackers.items()}
    world.session = replace(world.session, connectors=watched)
    return watched


# Before everything was read once, and what is not there.


async def test_before_everything_was_read_once_nothing_is_linked_or_written(world: Attended) -> None:
    issue, ticket = world.pair("build")
    world.move(issue, "verify")
    for ref in (issue, ticket):
        outcome = await world.attend(ref)
        assert world.refreshes(ref)
        assert outcome.plan is not None
        assert not outcome.plan.changes
    assert not world.store.links()
    assert world.shows(ticket) == "build"
    await world.walk()
    assert world.shows(ticket) == "verify"


async def test_an_item_of_another_place_is_no_task(world: Attended) -> None:
    issue, ticket = world.pair("build")
    await world.walk()
    world.hub.containers = ("acme/shop", "acme/pay", "acme/other")
    stray = world.hub.create("SHOP-1: elsewhere", container="acme/other", labels="stage: verify")
    world.hub.containers = ("acme/shop", "acme/pay")
    outcome = await world.attend(stray)
    assert outcome.plan is not None
    assert not outcome.plan.changes
    assert set(world.store.links()) == {issue, ticket}
    assert world.shows(ticket) == "build"


async def test_an_item_that_is_gone_takes_nothing_along(world: Attended) -> None:
    issue, ticket = world.pair("build")
    await world.walk()
    world.hub.remove(issue)
    world.move(ticket, "verify")
    outcome = await world.attend(issue)
    assert outcome.plan is not None
    assert not outcome.plan.changes
    assert world.store.missing() == {issue: Absence.GONE}
    assert world.shows(ticket) == "verify"


async def test_a_partner_that_is_gone_is_found_out_by_a_look_at_the_other(world: Attended) -> None:
    issue, ticket = world.pair("build")
    await world.walk()
    world.hub.remove(issue)
    world.move(ticket, "verify")
    outcome = await world.attend(ticket)
    assert not [receipt for receipt in outcome.receipts if receipt is not None]
    assert world.store.missing() == {issue: Absence.GONE}


@pytest.mark.parametrize("told", ["old", "new", "partner"])
async def test_a_transferred_issue_keeps_its_partner_whichever_is_told(world: Attended, told: str) -> None:
    issue, ticket = world.pair("build")
    await world.walk()
    moved = world.hub.transfer(issue, "acme/pay")
    world.move(moved, "verify")
    await world.attend({"old": issue, "new": moved, "partner": ticket}[told])
    if told != "new":
        await world.attend(moved)
    assert set(world.store.links()) == {moved, ticket}
    assert world.shows(ticket) == "verify"
    # Not the other way round: the ticket did not move.
    assert world.shows(moved) == "verify"


async def test_one_that_only_claims_a_taken_place_is_left_alone(world: Attended) -> None:
    issue, ticket = world.pair("build")
    await world.walk()
    extra = world.hub.create("SHOP-1: also this", labels="stage: verify")
    outcome = await world.attend(extra)
    assert outcome.plan is not None
    assert not outcome.plan.changes
    assert set(world.store.links()) == {issue, ticket}


# Trackers that are down, and items that somebody else is at.


class _Down:
    """A connector whose tracker does not answer."""

    def __init__(self, inner: MemoryConnector) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def observe(self, _: object) -> object:
        raise UnavailableError("jira does not answer")
        yield


async def test_where_a_tracker_is_down_its_tasks_wait_and_others_go_on(world: Attended) -> None:
    issue, ticket = world.pair("build")
    alone = world.hub.create("alone", labels="stage: idea")
    await world.walk()
    whole = world.session
    world.session = replace(whole, connectors={**whole.connectors, "jira": _Down(MemoryConnector(world.jira))})
    world.move(issue, "verify")
    world.move(alone, "build")
    waiting, other = await world.attend(issue), await world.attend(alone)
    assert [str(look.failure) for look in waiting.world.looks.values() if look.failure] == ["jira does not answer"]
    assert waiting.plan is not None
    assert not waiting.plan.changes
    assert not [look for look in other.world.looks.values() if look.failure]
    assert world.refreshes(alone)
    world.session = whole
    await world.attend(issue)
    assert world.shows(ticket) == "verify"


class _Claims:
    """Notes what is claimed; refuses some."""

    def __init__(self, but: Collection[ItemRef] = ()) -> None:
        self.taken: list[frozenset[ItemRef]] = []
        self.held: set[ItemRef] = set()
        self._but = frozenset(but)

    def __call__(self, refs: Collection[ItemRef]) -> AbstractContextManager[bool]:
        @contextmanager
        def take() -> Iterator[bool]:
            self.taken.append(frozenset(refs))
            free = self._but.isdisjoint(refs)
            self.held |= set(refs) if free else set()
            yield free
            self.held -= set(refs)

        return take()


async def test_what_somebody_else_is_at_is_neither_read_nor_written(world: Attended) -> None:
    issue, ticket = world.pair("build")
    await world.walk()
    world.move(issue, "verify")
    watched, before = counted(world), world.store.runs()
    world.session = replace(world.session, claim=_Claims({ticket}))
    with pytest.raises(BusyError):
        await world.attend(issue)
    assert [one.asked for one in watched.values()] == [[], []]
    assert world.store.runs() == before
    assert world.shows(ticket) == "build"


async def test_a_partner_that_is_found_on_the_way_is_claimed_before_it_is_read(world: Attended) -> None:
    await world.walk()
    world.pair("idea", 7)
    await world.walk()
    ticket = world.jira.create("new", status="To Do", owners="ada-l")
    await world.attend(ticket)
    issue = world.hub.create(f"{world.jira.item(ticket).key}: new", labels="stage: build", owners="ada-l")
    claims, watched = _Claims(), counted(world)
    world.session = replace(world.session, claim=claims)
    await world.attend(issue)
    assert [one for one in claims.taken if one] == [{issue}, {ticket}]
    assert not claims.held
    assert {name: one.asked for name, one in watched.items()} == {"hub": [{issue}], "jira": [{ticket}]}
    assert set(world.store.links()) >= {issue, ticket}
    assert world.shows(ticket) == "build"


async def test_a_partner_that_somebody_else_is_at_is_not_linked(world: Attended) -> None:
    world.pair("idea", 7)
    await world.walk()
    ticket = world.jira.create("new", status="To Do")
    await world.attend(ticket)
    issue = world.hub.create(f"{world.jira.item(ticket).key}: new", labels="stage: build")
    world.session = replace(world.session, claim=_Claims({ticket}))
    with pytest.raises(BusyError):
        await world.attend(issue)
    assert not {issue, ticket} & set(world.store.links())
    assert world.shows(ticket) == "idea"


# What is held.


async def test_a_yes_to_a_look_approves_no_configuration(world: Attended) -> None:
    issue, _ = world.pair("build")
    await world.walk(yes=False)
    world.move(issue, "verify")
    await world.attend(issue)
    assert not world.store.approved(world.session.terms.fingerprint)


async def test_what_is_held_writes_nothing_and_comes_through_once_it_is_approved(store: Store) -> None:
    world = Attended(store, limits=Limits(1, 1.0, 100))
    two = [world.pair("idea", number) for number in range(2)]
    await world.walk()
    for issue, _ in two:
        world.move(issue, "verify")
    first, second = [await world.attend(issue) for issue, _ in two]
    assert first.run is not None
    assert [hold.name for hold in second.holds] == ["limits.changes"]
    assert second.run is None
    assert [world.shows(ticket) for _, ticket in two] == ["verify", "idea"]
    held = await world.walk()
    assert held.plan is not None
    assert [hold.name for hold in held.holds] == ["limits.changes"]
    await run_once(world.session, Order("sync", approve=held.plan.digest))
    assert [world.shows(ticket) for _, ticket in two] == ["verify", "verify"]


async def test_a_look_at_what_is_quiet_leaves_no_run(world: Attended) -> None:
    issue, ticket = world.pair("build")
    await world.walk()
    before = world.store.runs()
    watched = counted(world)
    await world.attend(issue)
    assert world.store.runs() == before
    assert {name: one.asked for name, one in watched.items()} == {"hub": [{issue}], "jira": [{ticket}]}
    assert not any(one.written for one in watched.values())


@pytest.mark.parametrize(("share", "through"), [(0.5, 6), (0.65, 7), (0.0, 5)], ids=["half", "two thirds", "none"])
async def test_the_share_of_tasks_counts_over_looks(store: Store, share: float, through: int) -> None:
    world = Attended(store, limits=Limits(100, share, 100))
    pairs = [world.pair("idea", number) for number in range(9)]
    world.hub.create("alone")
    world.jira.create("alone")
    # Twelve tasks are there, and one that is gone.
    gone = world.hub.create("gone")
    await world.walk()
    world.hub.remove(gone)
    world.jira.create("last", status="To Do")
    await world.walk(full=True)
    outcomes = []
    for issue, _ in pairs:
        world.move(issue, "verify")
        outcomes.append(await world.attend(issue))
    assert [bool(outcome.run) for outcome in outcomes] == [number < through for number in range(9)]
    assert {hold.name for hold in outcomes[-1].holds} == {"limits.share"}

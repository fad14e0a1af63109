"""Repositories that fail, vanish or are renamed, and what is read anew once a day: nothing else waits for them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from trackersync.connector import (
    Change,
    Discovery,
    Lately,
    NotFoundError,
    Page,
    Scope,
    Trouble,
    UnavailableError,
    abreast,
)
from trackersync.core.model import Absence
from trackersync.core.outcome import Look
from trackersync.pipeline import Order, Outcome, Session, run_once
from trackersync.store import schema
from trackersync.testing import MemoryConnector
from trackersync.testing.clock import MachineClock
from trackersync.testing.tracker import MemoryTracker

from .shop import Setup, Shop

SHOP, PAY = "acme/shop", "acme/pay"
DOWN: dict[str, Callable[[], Trouble]] = {
    "503": lambda: UnavailableError("github answered 503 (GET /repos/acme/pay/issues)"),
    "404": lambda: NotFoundError("acme/pay does not exist, or is hidden from us"),
}

LOOK = Look("github", whole=False, changed=0, own=0, since=None, complete=True, seconds=0.0)


class Partly:
    """Reads each container by itself, as connectors to real trackers do."""

    def __init__(self, tracker: MemoryTracker) -> None:
        self._world = tracker
        self._inner = MemoryConnector(tracker)
        self.tracker, self.writes, self.vocabulary = tracker.name, self._inner.writes, self._inner.vocabulary
        self.broken: dict[str, Callable[[], Trouble]] = {}
        self.whole: list[str] = []
        self.apply: Callable[[Change], object] = self._inner.apply
        self.probe: Callable[[], object] = self._inner.probe
        self.aclose: Callable[[], object] = self._inner.aclose

    def observe(self, scope: Scope) -> AsyncIterator[Page]:
        if not isinstance(scope, Lately):
            return self._inner.observe(scope)
        self.whole += [name for name in self._world.containers if name not in scope.cursors]
        return abreast({name: self._read(name, scope) for name in scope.wanted(self._world.containers)})

    async def _read(self, name: str, scope: Lately) -> AsyncGenerator[Page, None]:
        async for page in self._inner.observe(replace(scope, only=(name,))):
            if name in self.broken:
                trouble = self.broken[name]()
                raise trouble
            yield page


class Finding(Partly):
    """Finds its containers, and has put some aside."""

    aside: frozenset[str] = frozenset()

    async def discover(self) -> Discovery:
        return Discovery(self._world.containers, self.aside)


class Two:
    """Two repositories in github, one project in jira, and a task of each repository."""

    def __init__(self, connector: type[Partly] = Partly) -> None:
        self.shop = Shop(Setup())
        self.github, self.jira = self.shop.trackers["github"], self.shop.trackers["jira"]
        self.github.containers = (SHOP, PAY)
        self.connector = connector(self.github)
        for container in (SHOP, PAY):
            issue = self.github.create(f"In {container}", container=container)
            self.github.put(issue, {"labels": ("stage: build",)}, "ada-l")
            task = self.jira.create(f"{self.github.item(issue).key} again", f"See {self.github.item(issue).url}")
            self.jira.put(task, {"status": ("In Progress",)}, "ada-l")
        self.full_scan: dict[str, timedelta] = {}

    def session(self) -> Session:
        session = self.shop.session()
        return replace(
            session,
            containers={**session.containers, "github": self.github.containers},
            connectors={**session.connectors, "github": self.connector},
            full_scan=self.full_scan,
        )

    async def sync(self) -> Outcome:
        self.shop.clock.advance(60)
        return await run_once(self.session(), Order("sync"))

    def move_both(self, status: str) -> None:
        for item in list(self.jira.items.values()):
            self.jira.edit(item.ref, status=status)

    def labels(self, container: str) -> tuple[str, ...]:
        return next(item.facts["labels"] for item in self.github.items.values() if item.container == container)


@pytest.mark.parametrize("trouble", DOWN)
async def test_a_repository_that_fails_stops_no_other(trouble: str) -> None:
    two = Two()
    await two.sync()
    two.connector.broken = {PAY: DOWN[trouble]}
    two.move_both("In Review")

    failed = await two.sync()

    assert two.labels(SHOP) == ("stage: verify",), "the task of the repository that was read is written"
    assert two.labels(PAY) == ("stage: build",), "the other one rests"
    assert failed.world.resting == 1
    assert [failure.containers for failure in failed.failures] == [(PAY,)]

    two.connector.broken = {}
    assert (await two.sync()).failures == ()
    assert two.labels(PAY) == ("stage: verify",)


async def test_where_all_fail_the_tracker_does() -> None:
    two = Two()
    await two.sync()
    two.connector.broken = {SHOP: DOWN["503"], PAY: DOWN["503"]}
    two.move_both("In Review")
    failed = await two.sync()
    assert [failure.containers for failure in failed.failures] == [()]
    assert (two.labels(SHOP), two.labels(PAY)) == (("stage: build",), ("stage: build",))
    assert failed.world.looks["github"].down


async def test_before_all_was_read_once_nothing_is_linked_but_what_was_read_goes_on() -> None:
    """A counterpart that may only be unread is not looked for among those that are read."""
    two = Two()
    two.connector.broken = {PAY: DOWN["404"]}
    two.github.edit(next(iter(two.github.items.values())).ref, labels=("stage: build", "stage: idea"))
    first = await two.sync()
    assert first.world.links.made == ()
    looks = first.world.looks["github"]
    assert (looks.covers(SHOP), looks.covers(PAY), looks.complete) == (True, False, False)


async def test_a_repository_that_is_not_found_any_more_is_an_alarm_and_no_instruction() -> None:
    two = Two(Finding)
    await two.sync()
    two.github.containers = (SHOP,)
    two.move_both("In Review")

    alarmed = await two.sync()

    assert "acme/pay was found before and is not any more" in str(alarmed.failures[0])
    assert two.labels(SHOP) == ("stage: verify",)
    assert alarmed.world.resting == 1
    assert not two.shop.store.missing(), "absence is not deletion"

    # It comes back, and everything goes on.
    two.github.containers = (SHOP, PAY)
    assert (await two.sync()).failures == ()
    assert two.labels(PAY) == ("stage: verify",)


async def test_a_repository_that_was_put_aside_goes_out_of_scope_quietly() -> None:
    two = Two(Finding)
    await two.sync()
    two.github.containers = (SHOP,)
    two.connector.aside = frozenset({PAY})  # type: ignore[attr-defined]
    assert (await two.sync()).failures == ()
    assert set(two.shop.store.missing().values()) == {Absence.OUT_OF_SCOPE}


async def test_a_renamed_repository_is_the_same_one() -> None:
    two = Two(Finding)
    await two.sync()
    before = two.shop.store.links()
    for item in list(two.github.items.values()):
        if item.container == PAY:
            two.github.items[item.ref.id] = replace(item, container="acme/cash", key=item.key.replace("pay", "cash"))
    two.github.containers = (SHOP, "acme/cash")
    two.move_both("In Review")

    renamed = await two.sync()

    assert renamed.failures == ()
    assert two.shop.store.links() == before
    assert two.labels("acme/cash") == ("stage: verify",)
    assert set(two.shop.store.complete("github")) == {SHOP, "acme/cash"}
    assert (await two.sync()).receipts == ()


async def test_everything_is_read_anew_once_in_so_often() -> None:
    """What was deleted in silence is found, at the latest then."""
    two = Two()
    two.full_scan = {"github": timedelta(hours=24)}
    await two.sync()
    two.connector.whole.clear()
    # One of several: a repository that loses all it had is an alarm instead.
    gone, *_ = [two.github.create(f"Another {number}", container=PAY) for number in range(9)]
    await two.sync()
    two.github.remove(gone)
    two.shop.clock.advance(3 * 3600)
    await two.sync()
    assert (two.connector.whole, two.shop.store.missing()) == ([], {})

    two.shop.clock.advance(22 * 3600)
    await two.sync()
    assert two.connector.whole == [SHOP, PAY]
    assert two.shop.store.missing() == {gone: Absence.GONE}

    two.connector.whole.clear()
    await two.sync()
    assert two.connector.whole == []


async def test_a_clock_that_was_set_back_only_means_an_early_whole_read() -> None:
    two = Two()
    two.full_scan = {"github": timedelta(hours=24)}
    await two.sync()
    two.connector.whole.clear()
    machine = MachineClock(two.shop.clock)
    machine.jump(-48 * 3600)
    for _ in range(2):
        await run_once(replace(two.session(), clock=machine), Order("sync"))
    assert two.connector.whole == [SHOP, PAY]


@pytest.mark.parametrize(
    ("look", "relied_on"),
    [
        pytest.param(LOOK, {SHOP, PAY}, id="all was read"),
        pytest.param(replace(LOOK, complete=False, unread=frozenset({PAY})), {SHOP}, id="one was never read whole"),
        pytest.param(replace(LOOK, complete=False), set(), id="nobody knows which was not"),
        pytest.param(replace(LOOK, failure=NotFoundError("no")), set(), id="the tracker is down"),
    ],
)
def test_what_a_look_may_be_relied_on_for(look: Look, relied_on: set[str]) -> None:
    assert {name for name in (SHOP, PAY) if look.covers(name)} == relied_on


async def test_a_store_that_does_not_know_when_it_read_all_reads_all_once() -> None:
    """One that was upgraded; a whole read that was broken off goes on instead of beginning anew."""
    two = Two()
    two.full_scan = {"github": timedelta(hours=24)}
    await two.sync()
    with two.shop.store.write() as connection:
        connection.execute(update(schema.container).values(whole_at=None))
    two.connector.whole.clear()
    await two.sync()
    await two.sync()
    assert two.connector.whole == [SHOP, PAY]

"""One history by seed: people edit, networks fail, power is cut, runs come and go; then it is quiet.

Every history is judged as it goes (``promises``). It plays on a real store; the time is virtual, so a history takes a
few hundredths of a second, and the same seed plays the same history.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

from trackersync.connector import Absence, Connector
from trackersync.core.model import Change, ItemRef
from trackersync.core.terms import Terms
from trackersync.errors import ConfigError
from trackersync.pipeline import Order, Outcome, Session, run_once
from trackersync.store import Store
from trackersync.testing import Crash, FaultyConnector, MachineClock, MemoryConnector, MemoryTracker, Seeded, Trouble
from trackersync.testing.faulty_store import FaultyStore
from trackersync.testing.memory import Moment
from trackersync.testing.tracker import BOT, Edit

from . import people
from .bounds import Bounds
from .model_store import ModelStore, TwinStore
from .observed import Observed, last_edit
from .promises import Judge
from .weather import JUMPS, Mood, mend, mood, spell
from .witness import Witness
from .world import World, build, by_time

QUIET = 10
"""Runs that may be needed after people have stopped and all networks work, before nothing is planned any more."""

Wrap = Callable[[Connector, MemoryTracker], Connector]
Plant = Callable[[Seeded], ModelStore]


def as_it_is(connector: Connector, _: MemoryTracker) -> Connector:
    """No bug planted."""
    return connector


@dataclass(frozen=True, slots=True)
class Planted:
    """What a history plays with instead of the real thing, where a bug is planted.

    Attributes:
        near: put around each connector, between it and the trouble of the network.
        far: put around the trouble too.
        store: the model of the store.
        terms: what a session's decisions are made under.
        mood: how wild the histories are in which it is looked for, where it takes a special one.
        winding: it takes a Jira in which one goes step by step.
    """

    near: Wrap = as_it_is
    far: Wrap = as_it_is
    store: Plant = ModelStore
    terms: Callable[[Terms], Terms] = lambda terms: terms
    mood: Mood | None = None
    winding: bool = False


SOUND = Planted()


class History:
    """Plays and judges.

    Args:
        seed: names it.
        folder: where some histories may have their store in a file; none without.
        planted: a bug, where one is planted.
    """

    def __init__(self, seed: int, *, folder: Path | None = None, planted: Planted = SOUND) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - dice for a test
        self.log: list[str] = []
        self.world: World = build(self.dice, winding=planted.winding)
        if planted is SOUND and seed % 7 == 3:
            self.world = by_time(self.world)
        self.mood = planted.mood or mood(self.dice)
        self.faults = Seeded(seed, {})
        self.planted = planted
        self.file = folder / f"{seed}.db" if folder is not None and seed % 40 == 0 else None
        self.store = self._open(planted.store, twin=seed % 40 == 20)
        self.clock = MachineClock(self.world.clock)
        self.observed = Observed(self.world, Witness(self.store, lambda: last_edit(self.world)))
        self.judge = Judge(self.observed, Bounds(self.observed, self.clock))
        self.meddling = 0.0
        self.held = False
        self.alone: ItemRef | None = None
        self.upheaval = False
        self.session = self._start()
        self.say(f"seed {seed}: {self.world.words}")
        for tracker in self.world.trackers.values():
            for item in tracker.items.values():
                self.say(f"  {item.key} ({item.ref.id}) {item.title!r} {dict(item.facts)}")

    def say(self, line: str) -> None:
        self.log.append(f"{self.world.clock.now():%d %H:%M:%S} {line}")

    async def play(self) -> None:
        """The whole history. Raises ``BrokenPromise``."""
        try:
            if self.mood.steady:
                await self._quiet()
            for epoch in range(3 if self.mood.alone else self.dice.choice((1, 1, 2))):
                self.say(f"— people at work ({epoch + 1})")
                hot = sorted(self.observed.here(ref) for ref in self.world.hot)
                self.alone = self.dice.choice(hot) if self.mood.alone and hot else None
                self.judge.begin()
                await self._work()
                self.say("— quiet")
                await self._quiet()
            for _ in range(3):
                await self._resting()
        finally:
            self.store.close()

    async def _work(self) -> None:
        """People edit, runs come and go, things fail."""
        self.faults.rates, self.meddling = self.mood.rates, self.mood.meddling
        for _ in range(self.dice.randint(*self.mood.bursts)):
            for _ in range(self.dice.randint(0, self.mood.edits)):
                self.world.clock.advance(self.dice.choice((0.3, 2, 40)))
                self._meddle()
            self.world.clock.advance(self.dice.choice((1, 30, 300)))
            self._spells()
            await self._some_run()
        self.faults.rates, self.meddling = {}, 0.0
        self._mend()

    def _spells(self) -> None:
        """Trackers begin to misbehave or are mended; the machine's clock is set wrong."""
        if self.dice.random() < self.mood.jumps:
            jump = self.dice.choice(JUMPS)
            self.clock.jump(jump)
            self.say(f"the machine's clock jumps by {jump:.0f} s")
        for tracker in self.world.trackers.values():
            roll = self.dice.random()
            if roll < self.mood.spells:
                words = spell(tracker, self.dice, self.mood.ways)
                self.faults.down |= frozenset() if words else {tracker.name}
                self.say(words or f"{tracker.name} is down")
            elif roll < 3 * self.mood.spells:
                mend(tracker)
                self.faults.down -= {tracker.name}

    def _mend(self) -> None:
        """Everything works again; the machine's clock is set right, or goes on wrong."""
        self.faults.down = frozenset()
        for tracker in self.world.trackers.values():
            mend(tracker)
        if self.clock.wrong and self.dice.random() < 0.5:
            self.clock.wrong = timedelta(0)

    async def _some_run(self) -> None:
        way = self.dice.choices(("sync", "full", "only", "plan", "check", "saved", "emptied"), (10, 2, 2, 1, 1, 2, 1))[
            0
        ]
        if way == "saved":
            await self._saved()
        elif way == "emptied":
            await self._emptied()
        elif way == "only":
            shown = (one.shown(name) for one in self.world.trackers.values() for name in one.containers)
            known = {item.ref: item.key for item in self.store.items()}
            keys = [item.key for items in shown for item in items if known.get(item.ref) == item.key]
            if keys:
                # What is named may turn out to be gone.
                with suppress(ConfigError):
                    await self.run(Order("sync", yes=True, only=self.dice.choice(keys)))
        elif way in ("plan", "check"):
            await self.run(Order("plan" if way == "plan" else "check"))
        else:
            await self.run(Order("sync", yes=True, full=way == "full"))

    async def _saved(self) -> None:
        """A plan is made, kept, and applied later; meanwhile the world may move."""
        outcome = await self.run(Order("plan"))
        if outcome is None or outcome.plan is None or not outcome.plan.changes:
            return
        for _ in range(self.dice.choice((0, 0, 1, 2))):
            self.world.clock.advance(5)
            self._meddle()
        skip = self.dice.random() < 0.5
        await self.run(Order("apply", exactly=outcome.plan.changes, skip_stale=skip))

    async def _emptied(self) -> None:
        """A tracker suddenly shows nothing: an alarm, and nobody is written."""
        self.faults.rates, self.meddling = {}, 0.0
        self._mend()
        await self.run(Order("plan"))
        tracker = self.dice.choice(list(self.world.trackers.values()))
        known = {item.ref for item in self.store.items(tracker.name)}
        hidden = [item.ref for container in tracker.containers for item in tracker.shown(container)]
        for ref in hidden:
            tracker.remove(ref, Absence.HIDDEN)
        self.say(f"{tracker.name} shows nothing any more")
        outcome = await self.run(Order("sync", yes=True, full=True))
        self.judge.emptied(outcome, known=bool(known))
        for ref in hidden:
            tracker.restore(ref)
        self.faults.rates, self.meddling = self.mood.rates, self.mood.meddling

    async def _quiet(self) -> None:
        """Nobody edits and everything works: after finitely many runs nothing is planned."""
        # Only a whole look finds out that what is not shown any more was transferred or deleted, or is shown again.
        outcome = await self._resting_run(full=self.upheaval)
        self.upheaval = False
        for _ in range(QUIET - 1):
            if outcome.plan is not None and not outcome.plan.changes and not self.store.in_doubt() and not self.held:
                self.judge.settled(outcome)
                return
            outcome = await self._resting_run()
        self.judge.restless(outcome)

    async def _resting(self) -> None:
        """One more run in the quiet: plans nothing, writes nothing."""
        self.judge.still(await self._resting_run())

    async def _resting_run(self, *, full: bool = False) -> Outcome:
        self.world.clock.advance(120)
        outcome = await self.run(Order("sync", yes=True, full=full))
        self.held = outcome is not None and bool(outcome.holds)
        if self.held and outcome is not None and outcome.plan is not None:
            self.world.clock.advance(5)
            outcome = await self.run(Order("sync", approve=outcome.plan.digest))
        if outcome is None:
            raise AssertionError("nothing crashes in the quiet")
        return outcome

    # One run.

    async def run(self, order: Order) -> Outcome | None:
        """Walk the road once; None when the power was cut on the way."""
        told = {"full": order.full, "only": order.only, "approve": order.approve, "skip": order.skip_stale}
        self.say(f"run: {order.command} {' '.join(f'{name}={value}' for name, value in told.items() if value)}")
        begun = self.observed.last()
        struck = len(self.faults.struck)
        try:
            outcome = await run_once(self.session, order)
        except Crash:
            self._note_lags(struck)
            self.say(f"  crash; {self.faults.struck[struck:]}")
            await self._restart()
            self.judge.crashed(order, begun)
            return None
        self._note_lags(struck)
        self._tell(outcome, begun, struck)
        self.judge.ran(order, outcome, begun)
        return outcome

    def _note_lags(self, struck: int) -> None:
        for tracker, _, trouble in self.faults.struck[struck:]:
            if trouble in (Trouble.LAGGING, Trouble.SHORT, Trouble.OVERTAKEN):
                self.observed.lagged(tracker)

    def _tell(self, outcome: Outcome, begun: int, struck: int) -> None:
        for trouble in self.faults.struck[struck:]:
            self.say(f"  trouble: {' '.join(trouble)}")
        for failure in outcome.failures:
            self.say(f"  failed: {failure}")
        if outcome.plan is not None:
            receipts = outcome.receipts or (None,) * len(outcome.plan.changes)
            for change, receipt in zip(outcome.plan.changes, receipts, strict=True):
                came = f"{receipt.outcome} {receipt.message}" if receipt else "planned"
                self.say(f"  {told(change)} — {came}")
            for rest in (*outcome.plan.conflicts, *outcome.plan.left_alone, *outcome.plan.overruled):
                self.say(f"  {rest}")
        for hold in outcome.holds:
            self.say(f"  held: {hold.name}: {hold.sentence}")
        for edit in self.observed.since(begun):
            self.say(
                f"  wrote {edit.ref.id} {told_edit(edit)}" if edit.by == BOT else f"  meanwhile {edit.by} {edit.ref.id}"
            )

    def _open(self, plant: Plant, *, twin: bool) -> Store:
        if self.file is not None:
            return FaultyStore(str(self.file), self.faults)
        return cast(Store, TwinStore(Store("sqlite://"), self.faults) if twin else plant(self.faults))

    def _start(self) -> Session:
        """A process begins: it knows nothing but what the store does."""
        connectors = {
            name: FaultyConnector(
                self.planted.near(MemoryConnector(tracker, page=self.world.page, meanwhile=self._meanwhile), tracker),
                self.faults,
            )
            for name, tracker in self.world.trackers.items()
        }
        world = self.world
        return Session(
            terms=self.planted.terms(world.terms),
            limits=world.limits,
            links=world.links,
            containers=world.containers,
            addresses=world.addresses,
            connectors={name: self.planted.far(one, world.trackers[name]) for name, one in connectors.items()},
            store=cast(Store, self.observed.store),
            clock=self.clock,
            # Now and then within a history, and whenever somebody sets the clock.
            full_scan=dict.fromkeys(world.containers, timedelta(hours=1)),
        )

    async def _restart(self) -> None:
        """After a crash nothing of the process goes on; a new one opens the store."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self.faults.revive()
        if self.file is not None:
            self.store.close()
            self.store = self.observed.store.store = FaultyStore(str(self.file), self.faults)
        self.session = self._start()
        self.world.clock.advance(self.dice.choice((1, 100)))

    def _meanwhile(self, moment: Moment) -> None:
        self.world.clock.advance(0.05)
        if self.faults.dead or self.dice.random() >= self.meddling:
            return
        self._meddle(moment)

    def _spot(self) -> frozenset[ItemRef]:
        """The items that the next edit is of; none: of any."""
        if self.alone is not None:
            return frozenset({self.observed.here(self.alone)})
        return self.world.hot if self.dice.random() < self.mood.focus else frozenset()

    def _meddle(self, moment: Moment | None = None) -> None:
        tracker = self.dice.choice(list(self.world.trackers.values()))
        if self.alone is not None:
            tracker = self.world.trackers[self.alone.tracker]
        before, moved, links = len(tracker.history), dict(tracker.moved), self.store.links()
        shown = {item.ref for name in tracker.containers for item in tracker.shown(name)}
        gently = moment is not None or self.alone is not None
        words = people.meddle(tracker, self.dice, self._spot(), gently=gently)
        for edit in tracker.history[before:]:
            self.observed.note(edit, moment)
        self.upheaval |= shown != {item.ref for name in tracker.containers for item in tracker.shown(name)}
        for old in tracker.moved.keys() - moved.keys():
            ref = ItemRef(tracker.name, old)
            task = next((links[name] for name in self.observed.names(self.observed.here(ref)) if name in links), None)
            if task is not None:
                self.judge.carried[ref] = task
        if words:
            self.say(f"{words}{f' [{moment}]' if moment else ''}")
        self.world.clock.advance(0.01)


def told(change: Change) -> str:
    """A change in a line."""
    before = {fact: "+".join(values) for fact, values in change.before.items()}
    after = {fact: "+".join(values) for fact, values in change.after.items()}
    return f"{change.key} {change.field}: {before} → {after} ({change.because}){' adoption' if change.adoption else ''}"


def told_edit(edit: Edit) -> str:
    """An edit in a line."""
    return str(
        {
            fact: f"{'+'.join(edit.before[fact])} → {'+'.join(values)}"
            for fact, values in edit.after.items()
            if values != edit.before[fact]
        }
    )

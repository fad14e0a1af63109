"""One history by seed: people edit, networks fail, power is cut, runs come and go; then it is quiet.

Every history is judged as it goes (``promises``). It plays on a real store; the time is virtual, so a history takes a
few hundredths of a second, and the same seed plays the same history.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from trackersync.connector import Absence, Connector
from trackersync.core.model import Change, ItemRef
from trackersync.pipeline import Order, Outcome, Session, run_once
from trackersync.store import Store
from trackersync.testing import Crash, FaultyConnector, MemoryConnector, Seeded, Trouble
from trackersync.testing.faulty import Rates
from trackersync.testing.faulty_store import FaultyStore
from trackersync.testing.memory import Moment
from trackersync.testing.tracker import BOT, Edit

from . import people
from .model_store import ModelStore, TwinStore
from .promises import Judge
from .world import World, build

QUIET = 10
"""Runs that may be needed after people have stopped and all networks work, before nothing is planned any more."""

TROUBLES: Rates = {
    ("probe", Trouble.LOST_REQUEST): 0.02,
    ("probe", Trouble.REFUSED): 0.01,
    ("workflow", Trouble.LOST_REQUEST): 0.02,
    ("workflow", Trouble.CRASH_BEFORE): 0.01,
    ("observe", Trouble.LOST_REQUEST): 0.02,
    ("observe", Trouble.REFUSED): 0.01,
    ("observe", Trouble.LAGGING): 0.2,
    ("page", Trouble.LOST_REQUEST): 0.01,
    ("page", Trouble.CRASH_AFTER): 0.01,
    ("apply", Trouble.LOST_REQUEST): 0.03,
    ("apply", Trouble.LOST_ANSWER): 0.06,
    ("apply", Trouble.HALF_DONE): 0.06,
    ("apply", Trouble.REFUSED): 0.01,
    ("apply", Trouble.FORBIDDEN): 0.02,
    ("apply", Trouble.CRASH_BEFORE): 0.01,
    ("apply", Trouble.CRASH_HALF): 0.03,
    ("apply", Trouble.CRASH_AFTER): 0.03,
    ("store", Trouble.CRASH_BEFORE): 0.004,
    ("store", Trouble.CRASH_AFTER): 0.004,
}
"""How likely what goes wrong at which step, in a world of middling trouble."""

Wrap = Callable[[Connector], Connector]
Plant = Callable[[Seeded], ModelStore]


@dataclass(frozen=True, slots=True)
class Mood:
    """How wild one history is.

    Attributes:
        rates: how likely what goes wrong at which step.
        meddling: how likely somebody does something at each moment of a run.
        edits: how many edits there are at most between two runs.
        bursts: how often people work and then a run comes along, at least and at most.
        focus: how likely an edit is of the task that everybody is at, rather than of any.
        steady: everything agreed once before people begin to work.
        alone: all edits from one quiet to the next are of one item.
    """

    rates: Rates
    meddling: float
    edits: int
    bursts: tuple[int, int]
    focus: float
    steady: bool
    alone: bool = False


def mood(dice: random.Random) -> Mood:
    """From all is well to everything fails."""
    wild = dice.choice((0.0, 0.5, 1.0, 2.0))
    rates = {place: rate * wild for place, rate in TROUBLES.items()}
    if dice.random() < 0.3:
        # Many small moves of one task, most of them seen and followed: for what takes two coincidences in a row.
        few = {place: rate * (0.2 if place[0] == "store" else 1.0) for place, rate in rates.items()}
        return Mood(few, dice.choice((0.0, 0.1)), edits=1, bursts=(4, 7), focus=1.0, steady=True)
    if dice.random() < 0.3:
        # One person at one item, and nobody else anywhere: whatever fails, they never come into conflict with anybody.
        few = {place: rate * (0.2 if place[0] == "store" else 2.0) for place, rate in rates.items()}
        return Mood(few, dice.choice((0.0, 0.1)), edits=2, bursts=(2, 3), focus=1.0, steady=True, alone=True)
    steady = dice.random() < 0.5
    return Mood(rates, dice.choice((0.0, 0.05, 0.3)), dice.randint(1, 3), bursts=(1, 5), focus=0.7, steady=steady)


class History:
    """Plays and judges.

    Args:
        seed: names it.
        folder: where some histories may have their store in a file; none without.
        wrap: what to put around each connector, for planted bugs.
        plant: the model of the store, for planted bugs.
    """

    def __init__(
        self, seed: int, *, folder: Path | None = None, wrap: Wrap = lambda it: it, plant: Plant = ModelStore
    ) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - dice for a test
        self.log: list[str] = []
        self.world: World = build(self.dice)
        self.mood = mood(self.dice)
        self.faults = Seeded(seed, {})
        self.wrap = wrap
        self.file = folder / f"{seed}.db" if folder is not None and seed % 40 == 0 else None
        self.store = self._open(plant, twin=seed % 40 == 20)
        self.judge = Judge(self.world, self.store)
        self.meddling = 0.0
        self.held = False
        self.alone: ItemRef | None = None
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
                self.alone = self.dice.choice(sorted(self.world.hot)) if self.mood.alone and self.world.hot else None
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
            await self._some_run()
        self.faults.rates, self.meddling = {}, 0.0

    async def _some_run(self) -> None:
        way = self.dice.choices(("sync", "full", "only", "plan", "check", "saved", "emptied"), (10, 2, 2, 1, 1, 2, 1))[
            0
        ]
        if way == "saved":
            await self._saved()
        elif way == "emptied":
            await self._emptied()
        elif way == "only":
            items = [item for tracker in self.world.trackers.values() for item in tracker.items.values()]
            known = {item.ref for item in self.store.items()}
            keys = [item.key for item in items if item.ref in known]
            if keys:
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
        await self.run(Order("plan"))
        tracker = self.dice.choice(list(self.world.trackers.values()))
        known = {item.ref for item in self.store.items(tracker.name)}
        hidden = [item.ref for item in tracker.items.values() if item.ref.id not in tracker.absent]
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
        outcome = await self._resting_run()
        for _ in range(QUIET - 1):
            if outcome.plan is not None and not outcome.plan.changes and not self.store.in_doubt() and not self.held:
                self.judge.settled(outcome)
                return
            outcome = await self._resting_run()
        self.judge.restless(outcome)

    async def _resting(self) -> None:
        """One more run in the quiet: plans nothing, writes nothing."""
        self.judge.still(await self._resting_run())

    async def _resting_run(self) -> Outcome:
        self.world.clock.advance(120)
        outcome = await self.run(Order("sync", yes=True))
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
        begun = self.judge.edits()
        struck = len(self.faults.struck)
        try:
            outcome = await run_once(self.session, order)
        except Crash:
            self._note_lags(struck)
            self.say(f"  crash; {self.faults.struck[struck:]}")
            await self._restart()
            self.judge.crashed(begun)
            return None
        self._note_lags(struck)
        self._tell(outcome, begun, struck)
        self.judge.ran(order, outcome, begun)
        return outcome

    def _note_lags(self, struck: int) -> None:
        for tracker, _, trouble in self.faults.struck[struck:]:
            if trouble is Trouble.LAGGING:
                self.judge.lagged(tracker)

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
        for edit in self.judge.edits_since(begun):
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
                self.wrap(MemoryConnector(tracker, page=self.world.page, meanwhile=self._meanwhile)), self.faults
            )
            for name, tracker in self.world.trackers.items()
        }
        world = self.world
        return Session(
            terms=world.terms,
            limits=world.limits,
            links=world.links,
            containers=world.containers,
            addresses=world.addresses,
            connectors=connectors,
            store=self.store,
            clock=world.clock,
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
            self.store = self.judge.store = FaultyStore(str(self.file), self.faults)
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
            return frozenset({self.alone})
        return self.world.hot if self.dice.random() < self.mood.focus else frozenset()

    def _meddle(self, moment: Moment | None = None) -> None:
        tracker = self.dice.choice(list(self.world.trackers.values()))
        if self.alone is not None:
            tracker = self.world.trackers[self.alone.tracker]
        before = len(tracker.history)
        gently = moment is not None or self.alone is not None
        words = people.meddle(tracker, self.dice, self._spot(), gently=gently)
        for edit in tracker.history[before:]:
            self.judge.note(edit, moment)
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

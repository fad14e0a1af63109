"""Looks at items come to the same as whole runs do, whatever is lost on the way and wherever the power is cut."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from attended import PEOPLE, STATUSES, Attended
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from thorough import examples
from trackersync.core.merge import Policy
from trackersync.core.model import ItemRef
from trackersync.core.told import Pause
from trackersync.store import task_id
from trackersync.testing.faults import Crash, Scripted, Trouble
from trackersync.testing.faulty_store import FaultyStore


@dataclass(frozen=True, slots=True)
class Step:
    """An edit of a person, and what the service hears of it.

    Attributes:
        what: the edit.
        which: of which item, in the order they were made.
        stage: where it goes.
        who: whose it becomes.
        then: what happens next.
        cut: at which of the store's transactions the power is cut.
    """

    what: str
    which: int
    stage: str
    who: str
    then: str
    cut: int


EDITS = ("stage", "stage", "stage", "owner", "create", "name", "remove", "transfer", "unlink", "pause", "resume")
THEN = ("attend", "attend", "lose", "news", "cut before", "cut after")
STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(EDITS),
        which=st.integers(0, 30),
        stage=st.sampled_from(sorted(STATUSES)),
        who=st.sampled_from(PEOPLE),
        then=st.sampled_from(THEN),
        cut=st.integers(0, 12),
    ),
    min_size=3,
    max_size=8,
)
POLICIES = st.sampled_from([Policy("changed", "furthest"), Policy("jira", "furthest"), Policy("changed", "ask")])


class Lived:
    """A world, and the items that were made in it."""

    def __init__(self, stage: Policy) -> None:
        self.faults = Scripted()
        self.store = FaultyStore("sqlite://", self.faults)
        self.world = Attended(self.store, stage)
        # Those that nobody touches: no repository or project is ever taken for emptied.
        for tracker in self.world.trackers.values():
            for name in tracker.containers * 2:
                tracker.create("stays", container=name)
        self.made = [ref for number in range(3) for ref in self.world.pair("design", number)]
        self.made.append(self.world.hub.create("alone", labels="stage: build"))

    def edit(self, step: Step) -> ItemRef | None:
        """Do what a person does; the item that is told of, None where the trackers saw nothing."""
        world = self.world
        ref = self.made[step.which % len(self.made)]
        tracker = world.trackers[ref.tracker]
        ref = tracker.whereabouts(ref)
        if ref.id in tracker.absent:
            return None
        world.clock.advance(1)
        return {
            "stage": self._stage,
            "owner": self._owner,
            "create": self._create,
            "name": self._create,
            "remove": self._remove,
            "transfer": self._transfer,
            "unlink": self._unlink,
            "pause": self._pause,
            "resume": self._resume,
        }[step.what](ref, step)

    def _stage(self, ref: ItemRef, step: Step) -> ItemRef:
        self.world.move(ref, step.stage)
        return ref

    def _owner(self, ref: ItemRef, step: Step) -> ItemRef:
        self.world.trackers[ref.tracker].edit(ref, owners=step.who)
        return ref

    def _create(self, ref: ItemRef, step: Step) -> ItemRef:
        other = self.world.trackers["hub" if ref.tracker == "jira" else "jira"]
        lead = f"{self.world.trackers[ref.tracker].item(ref).key}: " if step.what == "name" else ""
        facts = {"status": STATUSES[step.stage]} if other.name == "jira" else {"labels": f"stage: {step.stage}"}
        new = other.create(f"{lead}new", owners=step.who, **facts)
        self.made.append(new)
        return new

    def _remove(self, ref: ItemRef, _: Step) -> ItemRef:
        self.world.trackers[ref.tracker].remove(ref)
        return ref

    def _transfer(self, ref: ItemRef, _: Step) -> ItemRef:
        tracker = self.world.trackers[ref.tracker]
        there = next(name for name in tracker.containers if name != tracker.item(ref).container)
        tracker.transfer(ref, there)
        return ref

    def _unlink(self, ref: ItemRef, _: Step) -> None:
        links = self.store.links()
        others = [one for one, task in links.items() if task == links.get(ref) and one != ref]
        if others:
            self.store.put_bases({place: () for place in self.store.bases() if place[0] == ref})
            self.store.put_apart(ref, others, self.world.clock.now())

    def _pause(self, ref: ItemRef, _: Step) -> None:
        name = self.store.links().get(ref, task_id((ref,)))
        self.store.put_pause(Pause("task", name, self.world.clock.now()))

    def _resume(self, ref: ItemRef, _: Step) -> None:
        for name in {self.store.links().get(ref, ""), task_id((ref,))}:
            self.store.end_pauses("task", name, self.world.clock.now())

    async def cut(self, step: Step) -> None:
        """Work until the power is cut in the middle of it, begin again, and work."""
        before = Trouble.CRASH_BEFORE if step.then == "cut before" else Trouble.CRASH_AFTER
        self.faults.arm(before, "store", skip=step.cut)
        try:
            await self.world.work()
        except Crash:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        self.faults.revive()
        # What was not reached is cut no more.
        self.store.faults = self.faults = Scripted()
        self.world.clock.advance(120)
        await self.world.timer()


@seed(20)
@settings(
    max_examples=examples(12),
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(steps=STEPS, stage=POLICIES)
def test_looks_come_to_the_same_as_runs(steps: list[Step], stage: Policy) -> None:
    asyncio.run(compared(steps, stage))


async def compared(steps: list[Step], stage: Policy) -> None:
    served, plain = Lived(stage), Lived(stage)
    await served.world.walk()
    await plain.world.walk()
    for step in steps:
        ref = served.edit(step)
        assert plain.edit(step) == ref
        if step.then == "lose" or ref is None:
            continue
        if step.then == "attend" and step.what in ("stage", "owner"):
            served.world.told(ref)
            await served.world.work()
            # A look by id also sees what is gone, which a plain run sees only where it reads everything.
            await plain.world.walk(full=True, only=plain.world.trackers[ref.tracker].item(ref).key)
            continue
        if step.then != "news":
            served.world.told(ref)
        if step.then == "attend":
            await served.world.work()
        elif step.then != "news":
            await served.cut(step)
        await served.world.timer()
        await plain.world.walk(full=step.what in ("remove", "transfer") and step.then != "news")
    await served.world.decide_all()
    for _ in range(3):
        await plain.world.walk(full=True)
    assert _told(served.world) == _told(plain.world)
    for _ in range(3):
        outcome = await served.world.walk(full=True)
        assert outcome.plan is not None
        assert not outcome.plan.changes
    assert _told(served.world) == _told(plain.world)


def _told(world: Attended) -> dict[str, object]:
    """What people see. Not the bases: who saw an agreement that did not last has another one, and both are right."""
    return {name: part for name, part in world.state().items() if name != "bases"}

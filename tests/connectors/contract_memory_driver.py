"""The people of a tracker in memory, and the weather on the way to it: its ``TrackerDriver``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from contract_drivers import EVER, TOKEN, jira_stages

from trackersync.connector import Change, Connector, Facts, ItemRef
from trackersync.testing import (
    Crash,
    FaultyConnector,
    MemoryConnector,
    MemoryTracker,
    Scripted,
    Shape,
    Trouble,
    VirtualClock,
    jira_like,
)
from trackersync.testing.faults import Step
from trackersync.testing.tracker import BOT

Wrap = Callable[[Connector, MemoryTracker], Connector]
PATH = tuple({"status": (status,)} for status in ("Backlog", "Design", "In Review", "Release"))


def unwrapped(connector: Connector, _: MemoryTracker) -> Connector:
    """The connector as it is."""
    return connector


class MemoryDriver:
    """Both shapes of ``MemoryTracker``, with ``FaultyConnector`` for the weather.

    ``wrap`` puts a connector around each one, so that a test can make it break its promise.
    """

    account = BOT
    person = "ada-l"
    secrets = (TOKEN,)
    owners = ("grace-h", "margaret-h")
    stranger = "nobody-knows"
    ghost = ItemRef("here", "999")
    bulk = 20

    def __init__(
        self,
        shape: Shape,
        stages: tuple[Facts, ...],
        foreign: Facts,
        wrap: Wrap = unwrapped,
        path: tuple[Facts, ...] = (),
    ) -> None:
        self.stages, self.foreign, self.path = stages, foreign, path
        self.write_requests = 2 if shape.stepwise else 1
        self.clock = VirtualClock()
        self.tracker = MemoryTracker("here", shape, ("acme/shop",), self.clock, token=TOKEN)
        self.tracker.unassignable = frozenset([self.stranger])
        self._scripted = Scripted()
        self._wrap = wrap

    def connector(self) -> Connector:
        inner = MemoryConnector(self.tracker, token=TOKEN)
        return self._wrap(FaultyConnector(inner, self), self.tracker)

    def create(self, title: str, **facts: tuple[str, ...]) -> ItemRef:
        self.clock.advance(60)
        ref = self.tracker.create(title)
        # Set whole and in one go, so that nobody has ever seen it otherwise.
        self.tracker.put(ref, facts, "ada-l")
        return ref

    def edit(self, ref: ItemRef, **facts: tuple[str, ...]) -> None:
        self.clock.advance(60)
        self.tracker.put(ref, facts, "ada-l")

    def delete(self, ref: ItemRef) -> None:
        self.tracker.remove(ref)

    def written(self) -> int:
        return sum(edit.by == BOT for edit in self.tracker.history)

    def fail_next(self, *, skip: int = 0) -> None:
        self._broken(Trouble.LOST_REQUEST, skip)

    def _broken(self, trouble: Trouble, skip: int) -> None:
        # Half-way there is one kind of trouble only.
        self._scripted.arm(Trouble.HALF_DONE if skip else trouble, "apply", hop=max(0, skip - 1))

    def lose_next_answer(self) -> None:
        self._scripted.arm(Trouble.LOST_ANSWER, "apply")

    def ignore_next(self) -> None:
        self.tracker.deaf = frozenset(self.tracker.shape.new)

    def refuse_next(self, *, skip: int = 0) -> None:
        self._broken(Trouble.FORBIDDEN, skip)

    def break_listing(self, after_pages: int) -> None:
        self._scripted.arm(Trouble.LOST_REQUEST, "page", skip=after_pages, times=EVER)

    def revoke(self, *, skip: int = 0) -> None:
        if skip:
            self.fail_next(skip=skip)
        else:
            self.tracker.token = "another"

    def mend(self) -> None:
        self.tracker.token = TOKEN
        self.tracker.deaf = frozenset()
        self._scripted = Scripted()

    # What ``FaultyConnector`` asks; here, so that mending mends the connectors that were made before.

    def strike(self, tracker: str, step: Step) -> Trouble | None:
        return self._scripted.strike(tracker, step)

    def die(self) -> Crash:
        return self._scripted.die()

    def choose(self, some: Sequence[Change]) -> Change:
        return self._scripted.choose(some)


def in_a_line(wrap: Wrap = unwrapped) -> MemoryDriver:
    """A tracker whose workflow leads through several statuses, one after another."""
    routes = {
        "To Do": ("In Progress", "Backlog", "Done"),
        "Backlog": ("To Do", "Design"),
        "Design": ("In Review",),
        "In Review": ("Release",),
    }
    shape = jira_like(("To Do", "Backlog", "Design", "In Progress", "In Review", "Release", "Done"), "Done", routes)
    return MemoryDriver(shape, jira_stages("Done"), {"labels": ("checkout", "gift-cards")}, wrap, path=PATH)

"""Any connector, with trouble on purpose: what networks, vendors, slow indexes and power cuts do.

``FaultyConnector`` asks its ``Faults`` before every step whether something goes wrong with it. ``Scripted`` is for a
test that wants one trouble in one place; ``Seeded`` rolls dice that fall the same way for the same seed.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, Protocol, cast

from trackersync.connector import (
    AuthError,
    Change,
    Connector,
    Item,
    ItemRef,
    Lately,
    Page,
    Probe,
    RejectedError,
    Routed,
    Scope,
    UnavailableError,
    Workflow,
)

Step = Literal["probe", "workflow", "observe", "page", "apply", "store"]
"""Where trouble can strike: asking who we are, the workflow, beginning to read, each page, a write, the store."""


class Trouble(StrEnum):
    """What goes wrong.

    ``LOST_REQUEST``: it never arrived. ``LOST_ANSWER``: it was done, and nobody told us. ``HALF_DONE``: the first of
    several requests was done, then the line broke; ``CRASH_HALF``: then the power was cut. ``LAGGING``: a listing shows
    items as they were before. ``REFUSED``: the credential is not accepted. ``FORBIDDEN``: the tracker forbids the
    change. ``CRASH_BEFORE`` and ``CRASH_AFTER``: the power is cut just before or just after the step.
    """

    LOST_REQUEST = "lost request"
    LOST_ANSWER = "lost answer"
    HALF_DONE = "half done"
    LAGGING = "lagging"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    CRASH_BEFORE = "crash before"
    CRASH_HALF = "crash half-way"
    CRASH_AFTER = "crash after"


POSSIBLE: Mapping[Step, tuple[Trouble, ...]] = {
    "probe": (Trouble.LOST_REQUEST, Trouble.REFUSED),
    "workflow": (Trouble.LOST_REQUEST, Trouble.REFUSED, Trouble.CRASH_BEFORE),
    "observe": (Trouble.LOST_REQUEST, Trouble.REFUSED, Trouble.LAGGING),
    "page": (Trouble.LOST_REQUEST, Trouble.CRASH_BEFORE, Trouble.CRASH_AFTER),
    "apply": tuple(trouble for trouble in Trouble if trouble is not Trouble.LAGGING),
    "store": (Trouble.CRASH_BEFORE, Trouble.CRASH_AFTER),
}
"""Which trouble makes sense where."""


Rates = Mapping[tuple[Step, Trouble], float]
"""How likely each trouble is at each step, 0 to 1."""


class Crash(BaseException):
    """The power is cut. Not an error: nothing may catch it, and nothing is tidied up."""


class Faults(Protocol):
    """Says what goes wrong. Once it has said a crash, the process is dead, and every further step crashes too."""

    def strike(self, tracker: str, step: Step) -> Trouble | None:
        """What goes wrong with this step of this tracker; None for nothing."""

    def die(self) -> Crash:
        """Remember that the process is dead; returns what to raise."""

    def choose(self, some: Sequence[Change]) -> Change:
        """Which of several half-done states it comes to."""


def _check(trouble: Trouble, step: Step) -> None:
    if trouble not in POSSIBLE[step]:
        raise ValueError(f"{trouble} cannot happen to {step}, only {', '.join(POSSIBLE[step])}")


class _Mortal:
    """What both kinds of faults share: dead is dead, until ``revive``."""

    def __init__(self) -> None:
        self.dead = False

    def die(self) -> Crash:
        """Remember that the process is dead; returns what to raise."""
        self.dead = True
        return Crash()

    def revive(self) -> None:
        """Start the process again."""
        self.dead = False

    def breathe(self) -> None:
        """Raise ``Crash`` if the process is dead: no task of it goes on."""
        if self.dead:
            raise Crash


@dataclass(slots=True)
class _Armed:
    trouble: Trouble
    step: Step
    tracker: str
    skip: int
    times: int


class Scripted(_Mortal):
    """Exactly the troubles that were armed. First armed, first served."""

    def __init__(self) -> None:
        super().__init__()
        self._armed: list[_Armed] = []

    def arm(self, trouble: Trouble, step: Step, tracker: str = "", *, skip: int = 0, times: int = 1) -> None:
        """Let the next ``times`` such steps go wrong, of one tracker or of any, after letting ``skip`` pass.

        Raises:
            ValueError: this cannot happen to such a step.
        """
        _check(trouble, step)
        self._armed.append(_Armed(trouble, step, tracker, skip, times))

    def strike(self, tracker: str, step: Step) -> Trouble | None:
        """What was armed for this step."""
        self.breathe()
        for armed in self._armed:
            if armed.step == step and armed.tracker in ("", tracker):
                if armed.skip:
                    armed.skip -= 1
                    continue
                armed.times -= 1
                if not armed.times:
                    self._armed.remove(armed)
                return armed.trouble
        return None

    def choose(self, some: Sequence[Change]) -> Change:
        """The first."""
        return some[0]


class Seeded(_Mortal):
    """Rolls dice.

    Args:
        seed: the same seed gives the same troubles for the same steps.
        rates: how likely each trouble is at each step, 0 to 1.

    Raises:
        ValueError: this cannot happen to such a step.
    """

    def __init__(self, seed: int, rates: Rates) -> None:
        super().__init__()
        for step, trouble in rates:
            _check(trouble, step)
        self.rates = rates
        self.struck: list[tuple[str, Step, Trouble]] = []
        self._dice = random.Random(seed)  # noqa: S311 - dice for a test, no secret

    def strike(self, tracker: str, step: Step) -> Trouble | None:
        """Roll for this step."""
        self.breathe()
        roll = self._dice.random()
        for trouble in POSSIBLE[step]:
            roll -= self.rates.get((step, trouble), 0.0)
            if roll < 0:
                self.struck.append((tracker, step, trouble))
                return trouble
        return None

    def choose(self, some: Sequence[Change]) -> Change:
        """One of them."""
        return self._dice.choice(some)


class FaultyConnector:
    """Wraps a connector; everything that goes right goes to it unchanged.

    Args:
        inner: the connector.
        faults: says what goes wrong.
    """

    def __init__(self, inner: Connector, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults
        self._seen: dict[ItemRef, Item] = {}
        self.tracker = inner.tracker
        self.writes = inner.writes
        self.vocabulary = inner.vocabulary

    async def probe(self) -> Probe:
        """As ``inner`` does, or not."""
        self._fail(self._faults.strike(self.tracker, "probe"), "GET /myself")
        return await self._inner.probe()

    async def aclose(self) -> None:
        """As ``inner`` does."""
        await self._inner.aclose()

    async def workflow(self, item: Item) -> Workflow:
        """As ``inner`` does, or not. Only for connectors with workflows."""
        self._fail(self._faults.strike(self.tracker, "workflow"), "GET transitions")
        return await cast(Routed, self._inner).workflow(item)

    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        """As ``inner`` does; or broken off at any page, or showing single items as they were."""
        trouble = self._faults.strike(self.tracker, "observe")
        self._fail(trouble, "GET list")
        # An item asked for by id is as fresh as can be, whatever an index does.
        late = scope.cursors if trouble is Trouble.LAGGING and isinstance(scope, Lately) else None
        async for page in self._inner.observe(scope):
            trouble = self._faults.strike(self.tracker, "page")
            self._fail(trouble, "GET list")
            yield self._known(page) if late is None else self._late(page, late)
            if trouble is Trouble.CRASH_AFTER:
                raise self._faults.die()

    async def apply(self, change: Change) -> Item:
        """As ``inner`` does; or not at all, half, or without a word afterwards."""
        trouble = self._faults.strike(self.tracker, "apply")
        if trouble is Trouble.FORBIDDEN:
            raise RejectedError(f"{change.key}: {self.tracker} forbids it")
        self._fail(trouble, f"PUT {change.key}")
        if trouble in (Trouble.HALF_DONE, Trouble.CRASH_HALF):
            halves = half_done(change, self.writes["owners"].most)
            if halves:
                await self._inner.apply(self._faults.choose(halves))
        else:
            shown = await self._inner.apply(change)
            if trouble is None:
                return shown
        if trouble in (Trouble.CRASH_AFTER, Trouble.CRASH_HALF):
            raise self._faults.die()
        raise self._unavailable(f"PUT {change.key}", in_doubt=True)

    def _fail(self, trouble: Trouble | None, request: str) -> None:
        """Raise what happens before a request is done."""
        if trouble is Trouble.CRASH_BEFORE:
            raise self._faults.die()
        if trouble is Trouble.REFUSED:
            raise AuthError(f"{self.tracker} does not accept the credential (401 on {request})")
        if trouble is Trouble.LOST_REQUEST:
            raise self._unavailable(request)

    def _unavailable(self, request: str, *, in_doubt: bool = False) -> UnavailableError:
        what = "sent no answer to" if in_doubt else "could not be reached for"
        return UnavailableError(f"{self.tracker} {what} {request}", in_doubt=in_doubt)

    def _known(self, page: Page) -> Page:
        self._seen |= {item.ref: item for item in page.items}
        return page

    def _late(self, page: Page, cursors: Mapping[str, str]) -> Page:
        """What an index shows that has not caught up: items as we saw them last, and no word of the new ones.

        The cursor stays where it was, as a connector's must whose vendor's index lags.
        """
        items = tuple(self._seen[item.ref] for item in page.items if item.ref in self._seen)
        return replace(page, items=items, cursor=cursors.get(page.container))


def half_done(change: Change, room: int) -> tuple[Change, ...]:
    """The changes that leave an item half-way through this one: no value taken off yet, or only part of the facts set.

    None for a change that takes a single request.

    Args:
        change: the whole one.
        room: how many owners an item holds.
    """
    halves = []
    for fact, after in change.after.items():
        both = tuple(dict.fromkeys((*change.before[fact], *after)))
        is_set = fact in change.ours or (fact == "owners" and len(both) <= room)
        if is_set and both not in (change.before[fact], after):
            halves.append(_only(change, fact, both))
        if is_set and len(change.after) > 1:
            halves.append(_only(change, fact, after))
    return tuple(halves)


def _only(change: Change, fact: str, values: tuple[str, ...]) -> Change:
    # All of ``before`` stays: the look before the first request compares the whole.
    return replace(change, after={fact: values})

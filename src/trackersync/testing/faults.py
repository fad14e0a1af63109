"""What goes wrong, and when: troubles by name, armed one by one or rolled by dice."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, TypeVar

T = TypeVar("T")

Step = Literal["probe", "workflow", "history", "observe", "page", "apply", "store"]
"""Where trouble can strike: asking who we are, the workflow, an item's history; beginning to read, each page, a write,
the store."""


class Trouble(StrEnum):
    """What goes wrong.

    ``LOST_REQUEST``: it never arrived. ``LOST_ANSWER``: it was done, and nobody told us. ``HALF_DONE``: the first of
    several requests were done, then the line broke; ``CRASH_HALF``: then the power was cut. ``LAGGING``: a listing
    shows items as they were before. ``REFUSED``: the credential is not accepted. ``FORBIDDEN``: the tracker forbids the
    change. ``CRASH_BEFORE`` and ``CRASH_AFTER``: the power is cut just before or just after the step. ``SWALLOWED``: a
    write never arrived, and nobody can tell. ``SHUFFLED``: the pages of several containers come one among another.
    ``TWICE``: a page comes twice. ``OVERTAKEN``: after a page comes an older one, as it was before. ``SHORT``: each
    page of a listing leaves an item out.
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
    SWALLOWED = "swallowed"
    SHUFFLED = "shuffled"
    TWICE = "twice"
    OVERTAKEN = "overtaken"
    SHORT = "short"


POSSIBLE: Mapping[Step, tuple[Trouble, ...]] = {
    "probe": (Trouble.LOST_REQUEST, Trouble.REFUSED),
    "workflow": (Trouble.LOST_REQUEST, Trouble.REFUSED, Trouble.CRASH_BEFORE),
    "history": (Trouble.LOST_REQUEST, Trouble.REFUSED, Trouble.CRASH_BEFORE),
    "observe": (Trouble.LOST_REQUEST, Trouble.REFUSED, Trouble.LAGGING, Trouble.SHUFFLED, Trouble.SHORT),
    "page": (
        Trouble.LOST_REQUEST,
        Trouble.CRASH_BEFORE,
        Trouble.CRASH_AFTER,
        Trouble.TWICE,
        Trouble.OVERTAKEN,
    ),
    "apply": (
        Trouble.LOST_REQUEST,
        Trouble.LOST_ANSWER,
        Trouble.SWALLOWED,
        Trouble.HALF_DONE,
        Trouble.REFUSED,
        Trouble.FORBIDDEN,
        Trouble.CRASH_BEFORE,
        Trouble.CRASH_HALF,
        Trouble.CRASH_AFTER,
    ),
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

    def choose(self, some: Sequence[T]) -> T:
        """Which of several it is: of half-done states, of items on a page, of pages."""


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
    hop: int


class Scripted(_Mortal):
    """Exactly the troubles that were armed. First armed, first served."""

    def __init__(self) -> None:
        super().__init__()
        self._armed: list[_Armed] = []
        self._hop = 0

    def arm(
        self, trouble: Trouble, step: Step, tracker: str = "", *, skip: int = 0, times: int = 1, hop: int = 0
    ) -> None:
        """Let the next ``times`` such steps go wrong, of one tracker or of any, after letting ``skip`` pass.

        Args:
            trouble: what goes wrong.
            step: with what.
            tracker: where; empty for anywhere.
            skip: how many such steps go well before.
            times: how many go wrong.
            hop: of what can be left half done, at which hop or part it stops, from 0.

        Raises:
            ValueError: this cannot happen to such a step.
        """
        _check(trouble, step)
        self._armed.append(_Armed(trouble, step, tracker, skip, times, hop))

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
                self._hop = armed.hop
                return armed.trouble
        return None

    def choose(self, some: Sequence[T]) -> T:
        """The one that was armed, or the last there is."""
        return some[min(self._hop, len(some) - 1)]


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
        self.down: frozenset[str] = frozenset()
        """The trackers that cannot be reached at all just now."""
        self.struck: list[tuple[str, Step, Trouble]] = []
        self._dice = random.Random(seed)  # noqa: S311 - dice for a test, no secret

    def strike(self, tracker: str, step: Step) -> Trouble | None:
        """Roll for this step."""
        self.breathe()
        if tracker in self.down:
            return Trouble.LOST_REQUEST
        roll = self._dice.random()
        for trouble in POSSIBLE[step]:
            roll -= self.rates.get((step, trouble), 0.0)
            if roll < 0:
                self.struck.append((tracker, step, trouble))
                return trouble
        return None

    def choose(self, some: Sequence[T]) -> T:
        """One of them."""
        return self._dice.choice(some)

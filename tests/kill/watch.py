"""The moment of a kill, and what goes on meanwhile: people who edit, and requests that go wrong."""

from __future__ import annotations

import math
import random
import time
from threading import Event, Lock
from typing import Literal

from trackersync.sandbox import Fault, Request, Sandbox, answer, cut, drop, lose

from .people import People

Phase = Literal["opening", "observing", "planning", "writing", "settling"]
PHASES: tuple[Phase, ...] = ("opening", "observing", "planning", "writing", "settling")


class Watch:
    """Stands in both stand-ins' doors: counts who comes, lets people edit meanwhile, and says when it is time to kill.

    Args:
        sandbox: the stand-ins.
        people: those who edit.
        dice: decides.
        log: where to write what happened.
        busy: how likely somebody edits something just before a request is served.
        trouble: how likely a write is to lose its answer, and, twelve times less, a read to be refused.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        people: People,
        dice: random.Random,
        log: list[str],
        *,
        busy: float,
        trouble: float,
    ) -> None:
        self.due = Event()
        self.faults = 0
        self._sandbox = sandbox
        self._people = people
        self._dice = dice
        self._busy = busy
        self._trouble = trouble
        self._log = log
        self._aim: Phase = "opening"
        self._left = 0
        self._early = False
        self._last = math.inf
        self._lists: set[str] = set()
        self._lock = Lock()
        sandbox.github.faults.decide = lambda request: self._comes("github", request)
        sandbox.jira.faults.decide = lambda request: self._comes("jira", request)

    def arm(self, aim: Phase) -> None:
        """Watch for the moment in which the next kill is due."""
        with self._lock:
            self._aim = aim
            self._left = self._dice.choice((1, 1, 2, 3))
            self._early = self._dice.random() < 0.5
            self._last = math.inf
            self._lists = set()
            self.due.clear()

    def silence(self) -> float:
        """The seconds since anybody last came, once something has been written; before that, none."""
        return max(0.0, time.monotonic() - self._last)

    def disarm(self) -> None:
        """Nobody edits and nothing goes wrong any more."""
        self._sandbox.github.faults.clear()
        self._sandbox.jira.faults.clear()

    def _comes(self, tracker: str, request: Request) -> Fault | None:
        with self._lock:
            if self._dice.random() < self._busy:
                self._log.append(f"    meanwhile {self._people.meddle(hot=True)}")
            self._count(tracker, request)
            return self._goes_wrong(tracker, request)

    def _count(self, tracker: str, request: Request) -> None:
        if request.path.endswith(("/issues", "/search/jql")):
            self._lists.add(tracker)
        if self._aim == "planning":
            passed = len(self._lists) == 2
        elif self._aim == "observing":
            passed = True
        elif self._early and request.kind == "read":
            # The look before a write: by then it is intended.
            passed = request.path.rpartition("/")[2].isdecimal()
        else:
            passed = request.kind == "write"
        self._left -= passed
        if request.kind == "write" or self._last < math.inf:
            self._last = time.monotonic()
        if self._left <= 0 and self._aim != "settling":
            self.due.set()

    def _goes_wrong(self, tracker: str, request: Request) -> Fault | None:
        chance = self._trouble if request.kind == "write" else self._trouble / 12
        if self._dice.random() >= chance:
            return None
        self.faults += 1
        self._log.append(f"    {tracker} has trouble with {request.method} {request.path}")
        if request.kind == "read":
            return self._dice.choice((answer(502), drop()))
        return self._dice.choice((lose(), lose(), cut(), drop(), answer(503)))

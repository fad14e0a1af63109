"""One round: a small shop, the program killed several times in a row while people work, then run to the end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from product import Ran, ran
from trackersync.config import load
from trackersync.pipeline.opening import terms_of
from trackersync.registry import discover
from trackersync.sandbox import Options, Sandbox, running
from trackersync.store import open_store
from trackersync.testing.tracker import BOT

from .fallen import STORE, Kill, fallen, newest_run
from .history import History
from .judge import Judge, expect
from .people import People
from .program import Program
from .small import configured, small
from .watch import PHASES, Phase, Watch

LONGEST = 20.0
"""Seconds after which a run that should have been killed long ago is killed in any case."""
PLENTY = 6
"""Runs to the end at most, before and again after the two minutes."""
AFTERWARDS = timedelta(minutes=2)
"""How much later the last runs are, so that a write that never arrived is not waited for any more."""


@dataclass
class Played:
    """What came of a round, for the summary."""

    seed: int
    kills: list[Kill] = field(default_factory=list)
    ends: int = 0
    edits: int = 0
    writes: int = 0
    faults: int = 0
    trouble: str = ""

    @property
    def phases(self) -> Counter[str]:
        """How many kills fell where."""
        return Counter(kill.fell for kill in self.kills)


class Round:
    """One round of a seed.

    Args:
        seed: draws everything that is decided.
        folder: an empty folder of its own.
        bug: the name of a planted bug, or nothing.
        aims: where the kills are aimed, one after the other; drawn where they are not given.
        busy: how likely somebody edits something at each request.
        trouble: how likely a write is to lose its answer; drawn where it is not given.
    """

    def __init__(
        self,
        seed: int,
        folder: Path,
        *,
        bug: str = "",
        aims: tuple[Phase, ...] = (),
        busy: float = 0.05,
        trouble: float | None = None,
    ) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - a test's dice
        self.folder = folder
        self.program = Program(folder, bug)
        self.log: list[str] = []
        self.played = Played(seed)
        self.aims = aims or tuple(self.dice.sample(PHASES, len(PHASES)))
        self.busy = busy
        self.trouble = self.dice.choice((0.0, 0.0, 0.05, 0.25)) if trouble is None else trouble
        self.starts: list[datetime] = []
        self.ended: list[datetime] = []
        self.latency = self.dice.choice((3.0, 6.0, 12.0))
        self.opening = 0.7
        self.met = False

    def play(self) -> Played:
        """Play it and judge it; raises ``BrokenPromise``."""
        try:
            with running(Options(latency=self.latency)) as sandbox:
                self._play(sandbox)
        except Exception as error:
            self.played.trouble = f"{type(error).__name__}: {error}"
            raise
        return self.played

    def _play(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        pairs = small(sandbox, self.dice)
        self.history = History(sandbox, pairs)
        self.people = People(sandbox, pairs, self.dice)
        self.shop = configured(sandbox, self.folder, self.dice)
        self.yes = self.shop.settings["limits"]["share"] == "100%"
        if self.dice.random() < 0.7:
            self._sync()
            self.met = True
        # With dice of its own: it is asked in the stand-ins' threads, in an order that is the machine's.
        dice = random.Random(self.dice.random())  # noqa: S311 - a test's dice
        watch = Watch(sandbox, People(sandbox, pairs, dice), dice, self.log, busy=self.busy, trouble=self.trouble)
        for aim in self.aims:
            self._edited(2, 5)
            self._killed(aim, watch)
        watch.disarm()
        self.played.faults = watch.faults
        self._edited(0, 3)
        self._to_the_end()
        self._afterwards()
        last = self._quiet()
        with open_store(str(self.folder / STORE)) as store:
            terms = terms_of(load(self.shop.file, registry=discover()))
            judge = Judge(self.history, terms, store, starts=self.starts, ended=self.ended, last=last, met=self.met)
            self.played.edits = sum(edit.by != BOT for edit in judge.edits)
            self.played.writes = len(judge.edits) - self.played.edits
            judge.judge()

    def _edited(self, least: int, most: int) -> None:
        for _ in range(self.dice.randint(least, most)):
            self.log.append(f"  {self.people.meddle()}")

    # Killed.

    def _killed(self, aim: Phase, watch: Watch) -> None:
        answer_to = ("--yes",)
        if not self.yes:
            answer_to = ("--approve", self._run("plan", "--format", "json").record["digest"])
        before = newest_run(self.folder)
        # Where nothing but silence tells that all is written, the way must not be what takes long.
        latency = 1.0 if aim == "settling" else self.latency
        self.sandbox.github.latency = self.sandbox.jira.latency = latency
        watch.arm(aim)
        start = self._starts()
        with self._child("sync", *answer_to) as child:
            self._strike(child, aim, watch, latency / 1000)
            code = child.wait(LONGEST)
        # What was on its way when it was killed arrives all the same.
        time.sleep(0.02 + 2 * latency / 1000)
        if code == -signal.SIGKILL:
            kill = fallen(self.history, self.folder, aim, start, before)
            self.played.kills.append(kill)
            self.log.append(f"  killed, aimed at {aim}, fell in {kill.fell} {kill.cut}")
        else:
            done = ran(code, *self.program.printed())
            self.log.append(f"  came to its end with {done.code} before it could be killed: {done.said[-200:]}")
            expect(done.code in (0, 3, 4, 5), 1, "a run ended as none should", done)
            if done.code == 0:
                self.ended.append(start)

    def _strike(self, child: subprocess.Popen[str], aim: Phase, watch: Watch, latency: float) -> None:
        """Wait for the moment and kill; a moment that does not come leaves the run to its end."""
        until = time.monotonic() + LONGEST
        if aim == "opening":
            time.sleep(self.dice.uniform(0.05, self.opening))
        else:
            quiet = self.dice.uniform(0.006, 0.03)
            while not watch.due.wait(0.001) and child.poll() is None and time.monotonic() < until:
                if aim == "settling" and watch.silence() > quiet:
                    watch.due.set()
            spans = {"observing": 2 * latency, "planning": latency + 0.03, "writing": 2.5 * latency}
            time.sleep(self.dice.uniform(0, spans.get(aim, 0)))
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)

    # To the end.

    def _to_the_end(self) -> None:
        """Sync, approving what is held, until a run has written all it wanted to."""
        done = None
        for _ in range(PLENTY):
            done = self._sync()
            self.played.ends += 1
            if done.code == 0:
                return
        expect(False, 1, "it never comes to its end", done)

    def _sync(self) -> Ran:
        """Sync, and approve what is held."""
        done = self._run("sync", "--yes", "--format", "json")
        if done.code != 3:
            return done
        return self._run("sync", "--approve", done.record["digest"], "--format", "json")

    def _afterwards(self) -> None:
        """Two minutes later, for both sides, until also nothing is in doubt any more."""
        self.program = Program(self.folder, self.program.bug, AFTERWARDS.total_seconds())
        for model in (self.sandbox.github, self.sandbox.jira):
            model.clock = lambda: datetime.now(UTC) + AFTERWARDS
        with open_store(str(self.folder / STORE)) as store:
            doubts = store.in_doubt()
        if doubts:
            self.log.append(f"  in doubt at the end: {[(entry.change.key, entry.change.field) for entry in doubts]}")
            self._to_the_end()

    def _quiet(self) -> Mapping[str, Any]:
        """Three more runs: nothing is planned, nothing written; answers what the last one said."""
        record: Mapping[str, Any] = {}
        for _ in range(3):
            begun = self.sandbox.github.clock()
            done = self._run("sync", "--yes", "--format", "json")
            record = done.record
            writes = [request for request in self.history.requests(begun) if request.kind == "write"]
            expect(done.code == 0 and not record["changes"], 1, "a quiet run planned something", record["changes"])
            expect(not writes, 1, "a quiet run wrote", writes)
        return record

    def _run(self, *words: str) -> Ran:
        start = self._starts()
        with self._child(*words) as child:
            self._time_opening(start, child)
            code = child.wait(3 * LONGEST)
        done = ran(code, *self.program.printed())
        self.log.append(f"  {' '.join(words)}: {done.code}, {_brief(done)}")
        expect(code in (0, 3, 4, 5), 1, "a run ended as none should", done)
        if code == 0 and words[0] == "sync":
            self.ended.append(start)
        return done

    @contextmanager
    def _child(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """The program at work; it does not outlive its block, whatever happens there."""
        child = self.program.start(*words)
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()

    def _time_opening(self, start: datetime, child: subprocess.Popen[str]) -> None:
        """Learn how long it takes until the first request."""
        begun = time.monotonic()
        while child.poll() is None and not self.history.requests(start):
            time.sleep(0.01)
        self.opening = time.monotonic() - begun

    def _starts(self) -> datetime:
        now: datetime = self.sandbox.github.clock()
        self.starts.append(now)
        return now


def _brief(done: Ran) -> str:
    if not done.out.startswith("{"):
        return done.said[-200:]
    record = done.record
    changes = [f"{c['key']} {c['field']} {c.get('receipt', '')}" for c in record.get("changes", ())]
    held = [hold["name"] for hold in record.get("held", ())]
    return f"{changes}, {len(record.get('conflicts', ()))} conflicts, held {held}"

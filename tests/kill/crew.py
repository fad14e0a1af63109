"""A crew on one PostgreSQL: receivers and workers as processes, killed at random moments, and what came of it.

The trackers are two tables beside the store, so that whoever writes is told to the millisecond: people edit side ``a``
of a task, a look at an item writes what it read there to side ``b`` where that differs. The engine, the claims and the
store are the real ones. ``PYTHONPATH=src:connectors:tests:. python -m tests.kill.crew 50`` plays 50 kills.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from trackersync.core.model import ItemRef
from trackersync.errors import StoreError
from trackersync.http import SystemClock
from trackersync.store import Ask, Received, Sorted, Store, Subject, open_store
from trackersync.worker.distributed import Distributed, Pace

if TYPE_CHECKING:
    from collections.abc import Sequence

TASKS = 12
RECEIVERS, WORKERS = 2, 3
PACE = Pace(beat=0.3, silent=1.5, every=1, poll=0.3, grace=1.0, again=0.2)
CLOCK = SystemClock()
TABLES = """
    CREATE TABLE side (task int, side text, value bigint, PRIMARY KEY (task, side));
    CREATE TABLE wrote (n bigserial, task int, value bigint, at timestamptz DEFAULT clock_timestamp(), place text);
    CREATE TABLE edited (value bigserial PRIMARY KEY, task int, accepted timestamptz);
"""


class Work:
    """What there is to do at one process of the crew."""

    def __init__(self, store: Store, url: str, engine: Distributed) -> None:
        self._store, self._engine = store, engine
        self._trackers = psycopg.connect(url, autocommit=True)
        self._place = f"process {os.getpid()}"

    async def sort(self) -> int:
        waiting = self._store.unsorted()
        if waiting:
            self._store.sort(
                [Sorted(one.number, (Ask(Subject("a", "item", one.received.body.decode()), "a"),)) for one in waiting],
                CLOCK.now(),
            )
        return len(waiting)

    async def look(self, subject: Subject) -> None:
        due = self._store.due_look(subject)
        if due is None or due.state != "due" or due.at > CLOCK.now():
            return
        begun = CLOCK.now()
        with self._engine.claims.take([ItemRef("a", subject.name), ItemRef("b", subject.name)]) as ours:
            if not ours:
                self._store.put_off(due, "due", "", begun, failed=False)
                return
            task = int(subject.name)
            sides = dict(self._trackers.execute("SELECT side, value FROM side WHERE task = %s", [task]).fetchall())
            await asyncio.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - a tracker's answer takes its time
            if sides["a"] != sides.get("b"):
                self._write(task, sides["a"])
                await asyncio.sleep(random.uniform(0.0, 0.02))  # noqa: S311 - killed between the write and its answer
            self._store.done(due, begun)

    def _write(self, task: int, value: int) -> None:
        self._trackers.execute(
            "WITH written AS (INSERT INTO side VALUES (%(task)s, 'b', %(value)s) "
            "ON CONFLICT (task, side) DO UPDATE SET value = excluded.value) "
            "INSERT INTO wrote (task, value, place) VALUES (%(task)s, %(value)s, %(place)s)",
            {"task": task, "value": value, "place": self._place},
        )

    async def tick(self) -> None:
        pass


def work(url: str) -> None:
    """Be a worker until told to stop."""

    async def run() -> None:
        with open_store(url) as store:
            engine = Distributed(store, CLOCK, 4, PACE)
            store.dispatch = engine
            stop = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
            await engine.run(Work(store, url, engine), stop)

    asyncio.run(run())


def receive(url: str) -> None:
    """Be a receiver, to whom people's edits are delivered."""
    with open_store(url) as store, closing(psycopg.connect(url, autocommit=True)) as trackers:
        store.dispatch = Distributed(store, CLOCK, 1, PACE)
        while True:
            task = random.randrange(TASKS)  # noqa: S311 - only to spread
            value = trackers.execute("INSERT INTO edited (task) VALUES (%s) RETURNING value", [task]).fetchone()[0]
            # Numbers are drawn before they are shown; the later one is to stay.
            trackers.execute(
                "INSERT INTO side VALUES (%s, 'a', %s) "
                "ON CONFLICT (task, side) DO UPDATE SET value = greatest(side.value, excluded.value)",
                [task, value],
            )
            try:
                store.receive([Received("a", f"d{value}", CLOCK.now(), {}, str(task).encode())])
            except StoreError as error:
                print(error, file=sys.stderr)
                continue
            trackers.execute("UPDATE edited SET accepted = clock_timestamp() WHERE value = %s", [value])
            time.sleep(random.uniform(0.0, 0.03))  # noqa: S311 - the same


@dataclass
class Came:
    """What came of a round."""

    accepted: int = 0
    writes: int = 0
    twice: list[tuple[int, int]] = field(default_factory=list)
    backwards: list[tuple[int, int]] = field(default_factory=list)
    lost: list[tuple[int, int, int | None]] = field(default_factory=list)
    left: object = None
    slowest: float = 0.0
    seconds: float = 0.0


def play(url: str, kills: int, seed: int, longest: float = 1.0) -> Came:
    """Let a crew work while its processes are killed; one worker is never started again. Then judge.

    Args:
        url: of an empty database.
        kills: how many.
        seed: draws who is killed, and when.
        longest: seconds between two kills.
    """
    with closing(psycopg.connect(url, autocommit=True)) as trackers, open_store(url) as store:
        trackers.execute(TABLES)
        drawn, begun = random.Random(seed), time.monotonic()  # noqa: S311 - to be played again
        roles = ["receive"] * RECEIVERS + ["work"] * WORKERS
        crew: dict[int, subprocess.Popen[bytes]] = {}
        try:
            for number, role in enumerate(roles):
                crew[number] = _started(role, url)
            _until(lambda: trackers.execute("SELECT count(*) FROM wrote").fetchone()[0] > 20)
            for kill in range(kills):
                time.sleep(drawn.uniform(0.1, longest))
                victim = RECEIVERS if kill == 0 else drawn.choice(sorted(crew))
                killed = crew.pop(victim)
                killed.kill()
                killed.wait()
                if kill:
                    crew[victim] = _started(roles[victim], url)
            time.sleep(1.0)
            for number in range(RECEIVERS):
                crew[number].kill()
            _until(lambda: not store.queue() and not store.unsorted(1))
            assert all(crew[number].poll() is None for number in crew if number >= RECEIVERS), "a worker ended"
        finally:
            for process in crew.values():
                process.kill()
                process.wait()
        came = _judged(trackers)
        came.left, came.seconds = store.queue(), time.monotonic() - begun
        return came


def _judged(trackers: psycopg.Connection) -> Came:
    came, last = Came(), dict[int, int]()
    for task, value in trackers.execute("SELECT task, value FROM wrote ORDER BY n").fetchall():
        came.writes += 1
        if last.get(task) == value:
            came.twice.append((task, value))
        elif last.get(task, 0) > value:
            came.backwards.append((task, value))
        last[task] = value
    rows = trackers.execute(
        "SELECT task, value, accepted, (SELECT min(at) FROM wrote WHERE wrote.task = edited.task AND "
        "wrote.value >= edited.value) FROM edited WHERE accepted IS NOT NULL"
    ).fetchall()
    for task, value, accepted, reflected in rows:
        came.accepted += 1
        if reflected is None:
            came.lost.append((task, value, last.get(task)))
        else:
            came.slowest = max(came.slowest, (reflected - accepted).total_seconds())
    return came


def _started(role: str, url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, role, url], stdin=subprocess.DEVNULL)  # noqa: S603 - ourselves


def _until(holds: object, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def main(words: Sequence[str]) -> None:
    """Be what one is told to be, or play."""
    if words[0] in ("work", "receive"):
        {"work": work, "receive": receive}[words[0]](words[1])
        return
    sys.path.append(str(Path(__file__).parents[1]))
    from postgres import running  # noqa: PLC0415 - who works needs no server of the tests'

    with running(durable=True) as server:
        seed = int(words[1]) if len(words) > 1 else random.randrange(10**6)  # noqa: S311 - only a number
        print(seed, play(server.database(), int(words[0]), seed, 5.0))


if __name__ == "__main__":
    main(sys.argv[1:])

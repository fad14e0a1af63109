"""The program itself on one PostgreSQL, two `serve` and three `worker`, killed while people edit; and what came of it.

Every pair of issues is moved through stages in an order of its own, on one side, while processes die and are started
again; one worker never is. A delivery that finds no receiver is lost, since GitHub sends none again, and the timer has
to find its edit. ``python -m tests.kill.fleet 50`` plays 50 kills by hand.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "shell")]

from served import SECRET, STAGES, STATUSES, Pairs, pairs  # noqa: E402

from product import MAIN, TOKENS, environment, spawn  # noqa: E402
from trackersync.sandbox.jira.premises import Hook  # noqa: E402
from trackersync.store import open_store  # noqa: E402

SERVES, WORKERS = 2, 3
WITHIN = 120.0
"""Seconds in which all has to be as it should after the last edit: a dead worker is missed after some of them."""


@dataclass
class Came:
    """What came of a round: how many edits and writes there were, and what was not as it should be."""

    edits: int = 0
    writes: int = 0
    lost_deliveries: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    settled: float = 0.0


class Fleet:
    """The processes, each by its number; the first serve."""

    def __init__(self, folder: Path, world: Pairs) -> None:
        self.folder, self.world = folder, world
        self.children: dict[int, subprocess.Popen[str]] = {}

    def start(self, number: int) -> None:
        """Start one, and let the trackers tell it of edits if it serves."""
        serves = number < SERVES
        log = (self.folder / f"{number}.log").open("a")
        child = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
            [sys.executable, "-c", MAIN, *(("serve", "--port", "0", "--yes") if serves else ("worker",))],
            cwd=self.folder, env=environment(**TOKENS), stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        log.close()
        self.children[number] = child
        if serves:
            assert child.stdout is not None
            line = next((line for line in child.stdout if "http://" in line), "")
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found is not None, (self.folder / f"{number}.log").read_text()
            self._register(number, found[0])

    def _register(self, number: int, address: str) -> None:
        """GitHub tells the first, Jira the second."""
        if number == 0:
            config = {"url": f"{address}/webhooks/github", "content_type": "json", "secret": SECRET}
            hook = {"id": 1, "active": True, "events": ["issues"], "config": config}
            self.world.github.hub.hooks[str(self.world.github.repository_id)] = {1: hook}
        else:
            self.world.jira.premises.hooks[:] = [
                Hook("t", f"{address}/webhooks/jira", events=("jira:issue_updated",), secret=SECRET)
            ]

    def kill(self, number: int) -> None:
        """End one without a word."""
        child = self.children.pop(number)
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()

    def end(self) -> None:
        """End all that are left."""
        for number in list(self.children):
            self.kill(number)


def play(url: str, folder: Path, kills: int, seed: int, *, pairs_: int = 6, every: float = 1.5) -> Came:
    """Let people edit and processes die; then wait, and judge.

    Args:
        url: of an empty database.
        folder: for the configuration and the logs.
        kills: how many.
        seed: draws who is killed, who edits what, and when.
        pairs_: how many pairs of issues.
        every: seconds between two kills, about.
    """
    drawn, begun, came = random.Random(seed), time.monotonic(), Came()  # noqa: S311 - to be played again
    with ExitStack() as stack:
        world = stack.enter_context(pairs(folder))
        numbers = [world.pair() for _ in range(pairs_)]
        sides = {number: drawn.choice(["github", "jira"]) for number in numbers}
        schedule = {"sync": "5 s", "full_scan": "off", "check": "off", "jitter": "0 s"}
        world.configure(store=url, service={"schedule": schedule})
        assert spawn(folder, "sync", "--yes").code == 0
        fleet = Fleet(folder, world)
        stack.callback(fleet.end)
        for number in range(SERVES + WORKERS):
            fleet.start(number)
        told = {number: _order(drawn) for number in numbers}
        left = [number for number in numbers for _ in told[number]]
        drawn.shuffle(left)
        asked = dict.fromkeys(numbers, 0)
        pause = max(0.05, kills * every / len(left))
        next_kill, killed = time.monotonic() + every, 0
        while left or killed < kills:
            time.sleep(pause * drawn.uniform(0.5, 1.5))
            if left:
                number = left.pop()
                world.move(sides[number], number, told[number][asked[number]])
                asked[number] += 1
                came.edits += 1
            if killed < kills and time.monotonic() >= next_kill:
                victim = SERVES if killed == 0 else drawn.choice(sorted(fleet.children))
                fleet.kill(victim)
                if killed:
                    fleet.start(victim)
                killed, next_kill = killed + 1, time.monotonic() + every * drawn.uniform(0.5, 1.5)
        last = time.monotonic()
        _wait(lambda: all(world.stages(number) == (told[number][-1],) * 2 for number in numbers))
        came.settled = time.monotonic() - last
        with open_store(url) as store:
            _wait(lambda: not store.queue() and not store.unsorted(1))
        _judge(world, sides, told, came)
        post = world.post
        came.lost_deliveries = sum(not any(200 <= answer < 300 for answer in one.answers) for one in post.made)
    came.seconds = time.monotonic() - begun
    return came


def _order(drawn: random.Random) -> list[str]:
    some = list(STAGES[1:])
    drawn.shuffle(some)
    return some


def _wait(so: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN
    while not so() and time.monotonic() < until:
        time.sleep(0.2)


def _judge(world: Pairs, sides: dict[int, str], told: dict[int, list[str]], came: Came) -> None:
    """What we wrote to a pair are stages that people gave it, in their order, each once, the last one at the end."""
    statuses = {name: stage for stage, name in STATUSES.items()}
    for number, side in sides.items():
        if side == "github":
            edits = [edit for edit in world.jira.edits if edit.after.key == f"SHOP-{number}"]
            wrote = [statuses[edit.after.status] for edit in edits if edit.before.status != edit.after.status]
        else:
            changed = [edit for edit in world.github.edits if edit.after.number == number]
            shown = [[one.removeprefix("stage: ") for one in edit.after.labels] for edit in changed]
            wrote = [some[0] for some in shown if len(some) == 1]
            wrote = [stage for place, stage in enumerate(wrote) if place == 0 or wrote[place - 1] != stage]
        came.writes += len(wrote)
        rest = iter(told[number])
        if not all(stage in rest for stage in wrote):
            came.wrong.append(f"pair {number}: people went {told[number]}, we wrote {wrote}")
        if world.stages(number) != (told[number][-1],) * 2:
            came.wrong.append(f"pair {number}: {told[number][-1]} was the last, it shows {world.stages(number)}")


def main() -> None:
    """Play by hand: how many kills, and the seed."""
    from postgres import running  # noqa: PLC0415 - the tests' own

    kills = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)  # noqa: S311 - only a number
    with running() as server, tempfile.TemporaryDirectory() as name:
        print(seed, play(server.database(), Path(name), kills, seed, pairs_=max(6, kills)))


if __name__ == "__main__":
    main()

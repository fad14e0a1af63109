"""How long an edit in one tracker takes to be written in the other, beside the requests that it needs.

The program itself serves, in a process of its own, between stand-ins that take 50 ms for every answer. One edit at a
time is made by a person; the clock runs until the other stand-in shows it written. What it needs are the requests that
both stand-ins saw until then, one after the other.
"""

from __future__ import annotations

import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.product import MAIN, TOKENS, Shop, environment, spawn

from trackersync.sandbox import Options, Sandbox, running
from trackersync.sandbox.jira.premises import Hook

SECRET = "a-secret-of-the-benchmark"
STAGES = {"stage: build": "In Progress", "stage: verify": "In Review"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit: the seconds until it was written, and the requests that were seen by then."""

    seconds: float
    requests: int


def latencies(folder: Path, edits: int, latency: float, arguments: tuple[str, ...] = ()) -> list[Edit]:
    """Time some edits, half of them in each tracker.

    Args:
        folder: for configuration and store.
        edits: how many.
        latency: of every answer, in milliseconds.
        arguments: of the command line, besides.
    """
    with running(Options()) as sandbox:
        shop = Shop(sandbox, folder)
        for name in ("github", "jira"):
            shop.tracker(name, webhook_secrets=[SECRET])
        shop.settings["limits"] = {"changes": 1_000_000, "share": "100%", "adoptions": 1_000_000, "undone": 0}
        shop.settings["service"] = {"schedule": {"sync": "off", "full_scan": "off", "check": "off"}}
        shop.configure()
        spawn(folder, "sync", "--yes", *arguments)
        with serving(folder, "--port", "0", *arguments) as address:
            register(sandbox, address)
            pairs = _pairs(sandbox)
            time.sleep(3)
            sandbox.github.latency = sandbox.jira.latency = latency
            return [_timed(sandbox, *pairs[place % len(pairs)], at_jira=bool(place % 2)) for place in range(edits)]


@contextmanager
def serving(folder: Path, *arguments: str, command: str = "serve") -> Iterator[str]:
    """The program as a service, until the block ends; where it takes deliveries in."""
    with (folder / f"{command}.log").open("w") as log:
        child = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
            [sys.executable, "-c", MAIN, command, *arguments],
            cwd=folder, env=environment(**TOKENS), stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        try:
            assert child.stdout is not None
            for line in child.stdout:
                if found := re.search(r"http://[0-9.]+:\d+", line):
                    yield found[0]
                    break
            else:
                raise AssertionError((folder / f"{command}.log").read_text())
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(30)


def register(sandbox: Sandbox, address: str) -> None:
    """Let both stand-ins tell the service of every edit."""
    hook = {"id": 1, "active": True, "events": ["issues"], "config": {"url": f"{address}/webhooks/github"}}
    hook["config"] |= {"content_type": "json", "secret": SECRET}  # type: ignore[operator]
    sandbox.github.hub.hooks[str(sandbox.github.repository_id)] = {1: hook}
    events = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted")
    sandbox.jira.premises.hooks.append(Hook("t", f"{address}/webhooks/jira", events=events, secret=SECRET))


def _pairs(sandbox: Sandbox) -> list[tuple[int, str]]:
    """The pairs that are being built, or verified: GitHub's number and Jira's key."""
    found = []
    for issue in sandbox.jira.issues.values():
        number = next(
            (one.number for one in sandbox.github.issues.values() if issue.key in one.title.split(":")[0]), None
        )
        if issue.status in STAGES.values() and number is not None and sandbox.github.issues[number].state == "open":
            found.append((number, issue.key))
    return found


def _timed(sandbox: Sandbox, number: int, key: str, *, at_jira: bool) -> Edit:
    before = _requests(sandbox)
    label = next(label for label in sandbox.github.issues[number].labels if label in STAGES)
    other = next(one for one in STAGES if one != label)
    begun = time.perf_counter()
    if at_jira:
        sandbox.jira.edit(key, status=STAGES[other], by="ada-l")
    else:
        labels = [one for one in sandbox.github.issues[number].labels if one != label]
        sandbox.github.edit(number, labels=[*labels, other], by="ada-l")
    until = begun + 30
    while not (other in sandbox.github.issues[number].labels and sandbox.jira.issue(key).status == STAGES[other]):
        assert time.perf_counter() < until, f"{key} was not written"
        time.sleep(0.001)
    took = time.perf_counter() - begun
    edit = Edit(took, _requests(sandbox) - before)
    time.sleep(1)
    return edit


def _requests(sandbox: Sandbox) -> int:
    return sum(model.reads + model.writes for model in (sandbox.github, sandbox.jira))


def ratios(edits: list[Edit], latency: float) -> tuple[float, float, float, float]:
    """The median and the 99th percentile in seconds, and of what the requests take by themselves."""
    seconds = sorted(edit.seconds for edit in edits)
    of = sorted(edit.seconds / (edit.requests * latency / 1000) for edit in edits)
    last = max(0, round(0.99 * len(edits)) - 1)
    return statistics.median(seconds), seconds[last], statistics.median(of), of[last]

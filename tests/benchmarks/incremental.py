"""What a sync costs when k of n issues have changed: time, CPU and requests of a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.made import configuration, options
from tests.product import MAIN, TOKENS, environment

from trackersync.sandbox import running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Cost(NamedTuple):
    """One sync: items there are, items people changed, seconds, seconds of CPU, reads, writes."""

    items: int
    changed: int
    seconds: float
    cpu: float
    reads: int
    writes: int


def costs(folder: Path, sizes: Sequence[int], changes: Sequence[int]) -> Iterator[Cost]:
    """Sync once whole, then after so many changes each."""
    for pairs in sizes:
        place = folder / str(pairs)
        place.mkdir()
        with running(options(place, pairs)) as sandbox:
            sandbox.github.allow(("ada-l", "grace-h", "alan-t", "kath-j", "radia-p"))
            text = configuration(sandbox.github_url, sandbox.jira_url, "github", "jira")
            text += "sync: {stage: {adopt: furthest}, owners: {adopt: ask}}\nlimits: {share: 100%, adoptions: 100000}\n"
            place.joinpath("trackersync.yaml").write_text(text, encoding="utf-8")
            yield _sync(place, pairs, -1)
            for number in changes:
                for key in range(1, number + 1):
                    # Every eighth issue is open; a person hands it to somebody else.
                    old = sandbox.github.issue(key * 8).assignees
                    sandbox.github.edit(key * 8, assignees=["grace-h" if old == ("ada-l",) else "ada-l"])
                yield _sync(place, pairs, number)


def _sync(folder: Path, pairs: int, changed: int) -> Cost:
    begun = time.monotonic()
    with (folder / "out.json").open("w+", encoding="utf-8") as out:
        child = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
            [sys.executable, "-c", MAIN, "sync", "--yes", "--format", "json"],
            cwd=folder, env=environment(**TOKENS), stdout=out,
        )  # fmt: skip
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        record = json.load(out)
    assert child.returncode == 0, record
    asked = record["requests"].values()
    reads, writes = (sum(kinds.get(kind, 0) for kinds in asked) for kind in ("read", "write"))
    return Cost(2 * pairs, changed, time.monotonic() - begun, usage.ru_utime + usage.ru_stime, reads, writes)

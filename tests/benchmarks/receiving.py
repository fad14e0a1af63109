"""The receiver under a flood, beside the bare application, in one run on one machine."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import bare, flooding

HERE = Path(__file__).parents[2]
SECRET = "It's a Secret to Everybody"
CONNECTIONS = 50


class Cost(NamedTuple):
    """One of the two, in one round: deliveries a second, microseconds of CPU for each, milliseconds at p50 and p99."""

    name: str
    rate: float
    cpu: float
    p50: float
    p99: float


class Growth(NamedTuple):
    """After so many deliveries, the receiver's memory in MB, and whether all that was accepted is stored."""

    deliveries: int
    resident: float
    kept: bool


def costs(folder: Path, number: int, rounds: int) -> Iterator[Cost]:
    """Flood both, by turns, each time with a new file; the first round of each warms up and is not told."""
    for each in range(rounds + 1):
        for name in ("bare", "receiver"):
            file = folder / f"{name}-{each}.db"
            with _running(name, file) as (child, port):
                _flood(port, 0, number // 5)
                before = _cpu(child.pid)
                got = _flood(port, number, number)
                cpu = (_cpu(child.pid) - before) / number * 1e6
            assert got.accepted == number
            assert _stored(file) == number + number // 5
            if each:
                yield Cost(name, got.rate, cpu, got.p50 * 1000, got.p99 * 1000)


def growth(folder: Path, number: int, step: int) -> Iterator[Growth]:
    """The receiver's memory while so many deliveries come in."""
    file = folder / "growth.db"
    with _running("receiver", file) as (child, port):
        yield Growth(0, _resident(child.pid), kept=True)
        for first in range(0, number, step):
            got = _flood(port, first, step)
            yield Growth(first + step, _resident(child.pid), got.accepted == step and _stored(file) == first + step)


def _flood(port: int, first: int, number: int) -> flooding.Flood:
    words = [sys.executable, flooding.__file__, *map(str, (port, SECRET, first, number, CONNECTIONS))]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE)  # noqa: S603  # our own words
    return flooding.Flood(**json.loads(done.stdout))


@contextmanager
def _running(name: str, file: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    taking = HERE / "tests" / "shell" / "taking.py"
    words = [bare.__file__, str(file), SECRET] if name == "bare" else [str(taking), str(file)]
    path = os.pathsep.join(str(HERE / one) for one in ("src", "connectors"))
    with subprocess.Popen(  # noqa: S603  # our own words
        [sys.executable, *words], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
    ) as child:
        try:
            assert child.stdout is not None
            yield child, int(child.stdout.readline())
        finally:
            child.terminate()
            child.wait(20)


def _stored(file: Path) -> int:
    with sqlite3.connect(file) as connection:
        return int(connection.execute("SELECT count(*) FROM delivery").fetchone()[0])


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used: proc(5), `stat`."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0

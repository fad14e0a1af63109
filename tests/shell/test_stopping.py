"""Stopped by Ctrl-C or SIGTERM at any moment: one sentence that says what is so, exit 130, and never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from product import MAIN, TOKENS, begin, environment, ran
from trackersync.sandbox import stall

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from product import Shop

NOTHING = "Stopped. Nothing was written to any tracker."
SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
AT_IMPORT = """
import os, sys
class Stops:
    def find_spec(self, name, *_):
        if name == "trackersync.cli.app":
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Stops())
{main}
"""


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    assert holds()


@SIGNALS
def test_stopped_while_it_starts_it_says_so(tmp_path: Path, number: signal.Signals) -> None:
    done = subprocess.run(  # noqa: S603  # our own interpreter and our own words
        [sys.executable, "-c", AT_IMPORT.format(number=int(number), main=MAIN), "rules"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"{NOTHING}\n")


@pytest.mark.parametrize(
    ("command", "number"),
    [("doctor", signal.SIGTERM), ("check", signal.SIGINT)],
    ids=["doctor-SIGTERM", "check-SIGINT"],
)
def test_stopped_while_a_tracker_keeps_it_waiting_it_says_so(shop: Shop, command: str, number: signal.Signals) -> None:
    shop.clear()
    shop.sandbox.github.faults.add(stall(20))
    child = begin(shop.folder, command)
    until(lambda: bool(shop.sandbox.github.requests))
    child.send_signal(number)
    out, err = child.communicate(timeout=30)

    done = ran(child.returncode, out, err)
    assert (done.code, done.err) == (130, f"{NOTHING}\n")


@pytest.mark.skipif(sys.platform != "linux", reason="the size of a pipe can be set on Linux only")
@pytest.mark.parametrize(("form", "before"), [("json", 4096), ("text", 7700)], ids=["json", "text"])
def test_stopped_while_its_report_is_printed_it_says_that_the_run_is_done(shop: Shop, form: str, before: int) -> None:
    import fcntl  # noqa: PLC0415  # not on every system

    digest = shop.json("plan")["digest"]
    reads, writes = os.pipe()
    fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 8192)
    # A pipe takes pages: what is written whole has to find an empty one, and lines fill one up.
    os.write(writes, b"x" * before)
    child = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words
        [sys.executable, "-c", MAIN, "sync", "--approve", digest, "--format", form],
        cwd=shop.folder, env=environment(**TOKENS), stdout=writes, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.close(writes)
    with open(reads, encoding="utf-8") as pipe:  # noqa: PTH123  # it has no path
        until(lambda: waiting(reads) > before)
        # It prints into a pipe that is full by now, and nobody reads.
        time.sleep(0.3)
        # After a run SIGTERM has to mean again what it meant before.
        child.send_signal(signal.SIGTERM)
        _, err = child.communicate(timeout=30)
        out = pipe.read()[before:]

    assert child.returncode == 130
    run = shop.json("runs")["runs"][0]["run"]
    assert err == f"Run {run} is done; trackersync runs {run} tells what it wrote.\n"
    assert '"error": {' not in out, "a second record would spoil the half of the first"
    if form == "json":
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            json.loads(out)


def waiting(pipe: int) -> int:
    """How many bytes stand in a pipe."""
    import fcntl  # noqa: PLC0415  # not on every system
    import termios  # noqa: PLC0415  # not on every system

    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4), sys.byteorder)


def test_a_demo_that_is_stopped_takes_no_further_step(tmp_path: Path) -> None:
    child = begin(tmp_path, "demo")
    assert child.stdout is not None
    told = ""
    for line in child.stdout:
        told += line
        if line.startswith("3  "):
            break
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)

    done = ran(child.returncode, told + out, err)
    assert done.code == 130
    assert err == "Stopped. The stand-ins are down; configuration and store are in .demo/\n"
    assert "5  Meanwhile" not in done.out

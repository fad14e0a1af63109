"""Stopped by Ctrl-C or SIGTERM in the middle of writing, it ends in order: says what is written; the next goes on."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest

from product import begin, ran
from trackersync.sandbox import stall

if TYPE_CHECKING:
    from product import Shop

WRITES = 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("form", ["text", "json"])
def test_stopped_while_writing_it_says_what_is_written_and_the_next_run_goes_on(
    shop: Shop, number: signal.Signals, form: str
) -> None:
    digest = shop.json("plan")["digest"]
    shop.clear()
    # The answer to this one does not come in time: whether it took effect the program cannot know.
    shop.sandbox.github.faults.add(stall(20), kind="write", skip=WRITES - 1)
    child = begin(shop.folder, "sync", "--approve", digest, "--format", form)
    until = time.monotonic() + 30
    while shop.sandbox.github.writes < WRITES and time.monotonic() < until:
        time.sleep(0.01)
    child.send_signal(number)
    if form == "text":
        # Who is impatient presses it again, and is told all the same.
        time.sleep(0.02)
        child.send_signal(number)
    out, err = child.communicate(timeout=30)
    done = ran(child.returncode, out, err)

    assert done.code == 130
    with sqlite3.connect(shop.folder / "trackersync.db") as store:
        outcomes = [outcome for (outcome,) in store.execute("SELECT outcome FROM change ORDER BY id")]
    applied = outcomes.count("applied")
    assert applied >= 1
    assert outcomes.count("applied") == len(outcomes) - 1, "one is left without an answer"
    if form == "text":
        assert f"had written {applied} of 13." in done.said
        assert "in doubt shop#" in done.said
        assert f"not begun {13 - applied - 1}" in done.said
    else:
        receipts = [change["receipt"] for change in json.loads(out)["changes"]]
        assert receipts.count("applied") == applied
        assert receipts.count("in doubt") == 1
        assert json.loads(out)["interrupted"] is True

    shop.clear()
    again = shop.approved()
    assert {change["receipt"] for change in again["changes"]} <= {"applied", "already so"}
    assert shop.sandbox.github.issue(39).assignees == ("radia-p",)
    shop.clear()
    assert shop.json("sync")["changes"] == []
    assert shop.writes == 0

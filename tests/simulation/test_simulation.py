"""2,000 histories keep the promises, and histories with a bug planted do not.

A failing history names its seed and prints its log; ``python -m tests.simulation SEED`` in the checkout plays it again.
``HISTORIES`` in the environment asks for more of them, as a nightly job may.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from .broken import BrokenPromise
from .history import History, Planted
from .planted import BUGS

HISTORIES = int(os.environ.get("HISTORIES", "2000"))
CHUNK = 50
ENOUGH = 300
"""Histories within which every planted bug must show itself."""


@pytest.mark.parametrize(
    "first", [pytest.param(first, id=f"{first}-{first + CHUNK - 1}") for first in range(0, HISTORIES, CHUNK)]
)
def test_every_history_keeps_the_promises(first: int, tmp_path: Path) -> None:
    for seed in range(first, min(first + CHUNK, HISTORIES)):
        history = History(seed, folder=tmp_path)
        try:
            asyncio.run(history.play())
        except Exception as error:  # noqa: BLE001 - whatever breaks a history is shown with its seed and its log
            log = "\n".join(history.log)
            pytest.fail(
                f"{log}\n\n{error}\n\nseed {seed}; play it again: python -m tests.simulation {seed}", pytrace=False
            )


@pytest.mark.parametrize("seed", [2446, 3351, 3707, 4181, 5948, 8281, 21456, 30195])
def test_histories_that_once_broke_a_promise(seed: int) -> None:
    """Each showed a fault of ours: transfers, a clock set back, lost look-ups, two edits in one second, refusals."""
    asyncio.run(History(seed).play())


def test_the_same_seed_plays_the_same_history() -> None:
    logs = []
    for _ in range(2):
        history = History(11)
        asyncio.run(history.play())
        logs.append(history.log)
    assert logs[0] == logs[1]


CONDITIONS = {(id(bug.mood), bug.winding): Planted(mood=bug.mood, winding=bug.winding) for bug in BUGS.values()}


@pytest.mark.parametrize("without", CONDITIONS.values(), ids=[str(number) for number in range(len(CONDITIONS))])
def test_where_bugs_are_looked_for_the_promises_are_kept_without_them(without: Planted) -> None:
    for seed in range(ENOUGH // 3):
        asyncio.run(History(seed, planted=without).play())


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_breaks_a_promise(name: str) -> None:
    for seed in range(ENOUGH):
        try:
            asyncio.run(History(seed, planted=BUGS[name]).play())
        except BrokenPromise:
            return
    pytest.fail(f"{ENOUGH} histories with this bug kept every promise: the simulation does not see it")


def test_there_are_many_bugs_and_each_says_who_makes_it() -> None:
    assert len(BUGS) >= 15
    planted = [one for bug in BUGS.values() for one in (bug.store, bug.near, bug.far) if isinstance(one, type)]
    assert all(one.__doc__ for one in planted)

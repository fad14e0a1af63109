"""2,000 histories keep the promises, and histories with a bug planted do not.

A failing history names its seed and prints its log; ``python -m tests.simulation SEED`` in the checkout plays it again.
``HISTORIES`` in the environment asks for more of them, as a nightly job may.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from trackersync.connector import Change, Connector, Item, Page
from trackersync.core.model import OWNERS, STAGE
from trackersync.store import Count, Written
from trackersync.testing import MemoryConnector

from .history import History, Plant, Wrap
from .model_store import ModelStore

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


def test_the_same_seed_plays_the_same_history() -> None:
    logs = []
    for _ in range(2):
        history = History(11)
        asyncio.run(history.play())
        logs.append(history.log)
    assert logs[0] == logs[1]


# Bugs, planted: each is one that was made, or nearly made, by somebody somewhere.


class HastyBase(ModelStore):
    """Lets base follow every page: a move whose counterpart write failed is forgotten."""

    def put_page(self, tracker: str, page: Page, *, scan: int) -> Written:
        for item in page.items:
            self.base_of[item.ref, STAGE] = (item.facts,)
            self.base_of[item.ref, OWNERS] = ({OWNERS: item.facts[OWNERS]},)
        return super().put_page(tracker, page, scan=scan)


class Trusting(ModelStore):
    """Believes a tracker that shows nothing."""

    def counts(self, tracker: str) -> Mapping[str, Count]:
        return {name: Count(count.shown, count.shown) for name, count in super().counts(tracker).items()}


class StaleWins(ModelStore):
    """Believes any page over what was read back after a write."""

    def put_page(self, tracker: str, page: Page, *, scan: int) -> Written:
        for item in page.items:
            self.kept.pop(item.ref, None)
        return super().put_page(tracker, page, scan=scan)


class Blind(MemoryConnector):
    """Writes over whatever is there, without comparing it with what the change expects."""

    async def apply(self, change: Change) -> Item:
        item = self._world.item(change.ref)
        now = {fact: _ours(change, item, fact) for fact in change.before}
        return await super().apply(replace(change, before=now))


class Greedy(MemoryConnector):
    """Sets the whole list of labels instead of its own ones."""

    async def apply(self, change: Change) -> Item:
        shown = await super().apply(change)
        if "labels" in change.after:
            return self._world.put(change.ref, {"labels": change.after["labels"]}, "trackersync")
        return shown


class Insistent(MemoryConnector):
    """Sends a change a second time although it went well."""

    async def apply(self, change: Change) -> Item:
        shown = await super().apply(change)
        if "labels" in change.after:
            return self._world.put(
                change.ref, {"labels": (*shown.facts["labels"], *change.after["labels"])}, "trackersync"
            )
        return shown


def _ours(change: Change, item: Item, fact: str) -> tuple[str, ...]:
    values = item.facts[fact]
    return tuple(value for value in values if value in change.ours[fact]) if fact in change.ours else values


def _as(kind: type[MemoryConnector]) -> Wrap:
    def wrap(inner: Connector) -> Connector:
        assert isinstance(inner, MemoryConnector)
        return kind(inner._world, page=inner._page, meanwhile=inner._meanwhile)

    return wrap


@pytest.mark.parametrize(
    ("plant", "wrap"),
    [
        pytest.param(HastyBase, _as(MemoryConnector), id="base follows every page"),
        pytest.param(Trusting, _as(MemoryConnector), id="absence taken for deletion"),
        pytest.param(StaleWins, _as(MemoryConnector), id="a late page over what was read back"),
        pytest.param(ModelStore, _as(Blind), id="written without comparing"),
        pytest.param(ModelStore, _as(Greedy), id="all labels set, not only ours"),
        pytest.param(ModelStore, _as(Insistent), id="a label twice"),
    ],
)
def test_a_planted_bug_breaks_a_promise(plant: Plant, wrap: Wrap) -> None:
    for seed in range(ENOUGH):
        try:
            asyncio.run(History(seed, plant=plant, wrap=wrap).play())
        except AssertionError:
            return
    pytest.fail(f"{ENOUGH} histories with this bug kept every promise: the simulation does not see it")

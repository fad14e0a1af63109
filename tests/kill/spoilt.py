"""The program with a clock that runs ahead, or with a bug planted: ``python spoilt.py SECONDS BUG WORDS…``.

A bug is a subclass of the part it spoils, put in that part's place before anything runs; nothing else is changed. Only
a round's own child ever runs this.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import trackersync_github
from trackersync.connector import Answer, Change, Facts, Item, These, UnavailableError
from trackersync.core.model import Receipt
from trackersync.http import HttpWire, SystemClock
from trackersync.pipeline import opening
from trackersync.store import Entry, Store
from trackersync_github import GithubConnector

# The bugs.


class LateJournal(Store):
    """Writes a change down when it is answered, and not before it is sent."""

    def intend(self, run: int, change: Change, natives: Iterable[Facts], at: datetime) -> int:
        self._pending = (run, change, tuple(natives), at)
        return 0

    def settle(
        self, change: int, receipt: Receipt, natives: Iterable[Facts] | None, item: Item | None, at: datetime
    ) -> None:
        super().settle(change or super().intend(*self._pending), receipt, natives, item, at)


class NarrowBase(Store):
    """Takes a write for done when it is intended: base holds only what the write is to lead to."""

    def intend(self, run: int, change: Change, natives: Iterable[Facts], at: datetime) -> int:
        return super().intend(run, change, tuple(natives)[-1:], at)


class EarlyBase(Store):
    """Takes a person's move for carried over when its write is intended: killed before it is sent, it is forgotten."""

    def intend(self, run: int, change: Change, natives: Iterable[Facts], at: datetime) -> int:
        links, bases = self.links(), self.bases()
        for ref, task in links.items():
            base = bases.get((ref, change.field))
            if base and ref != change.ref and task == links.get(change.ref):
                facts = self.item(ref).facts
                self.put_bases({(ref, change.field): ({fact: facts.get(fact, ()) for fact in base[0]},)})
        return super().intend(run, change, natives, at)


class Careless(Store):
    """Does not remember that a change is in doubt."""

    def in_doubt(self) -> tuple[Entry, ...]:
        return ()


class BlindRetry(HttpWire):
    """Sends a write again when its answer was lost."""

    async def write(self, method: str, path: str, *, fact: str, **rest: Any) -> Answer:  # noqa: ANN401 - passed on
        try:
            return await super().write(method, path, fact=fact, **rest)
        except UnavailableError as error:
            if not error.in_doubt:
                raise
            return await super().write(method, path, fact=fact, **rest)


class NoCompare(GithubConnector):
    """Writes over whatever is there, without comparing it with what the change expects."""

    async def apply(self, change: Change) -> Item:
        async for page in self.observe(These((change.ref,))):
            for item in page.items:
                change = replace(change, before={fact: _mine(change, item, fact) for fact in change.before})
        return await super().apply(change)


class AllLabels(GithubConnector):
    """Sets the whole list of labels, and not only its own."""

    async def apply(self, change: Change) -> Item:
        shown = await super().apply(change)
        if "labels" in change.after:
            path = f"/repos/{shown.container}/issues/{shown.ref.id.rpartition('/')[2]}/labels"
            await self._wire.write("PUT", path, fact=change.field, json={"labels": list(change.after["labels"])})
        return shown


def _mine(change: Change, item: Item, fact: str) -> tuple[str, ...]:
    values = item.facts[fact]
    return tuple(value for value in values if value in change.ours[fact]) if fact in change.ours else values


PLANTS: dict[str, type] = {
    "late-journal": LateJournal,
    "narrow-base": NarrowBase,
    "early-base": EarlyBase,
    "careless": Careless,
    "blind-retry": BlindRetry,
    "no-compare": NoCompare,
    "all-labels": AllLabels,
}


def plant(name: str) -> None:
    """Put a spoilt part in the place of the sound one, where the program looks for it."""
    bug = PLANTS[name]
    if issubclass(bug, Store):
        opening.open_store = bug
    elif issubclass(bug, HttpWire):
        opening.HttpWire = bug
    else:
        trackersync_github.connector = replace(trackersync_github.connector, create=bug)


def later(seconds: float) -> None:
    """Let the program's clock run ahead: what it waits for in minutes is over."""

    class Later(SystemClock):
        def now(self) -> datetime:
            return super().now() + timedelta(seconds=seconds)

    opening.SystemClock = Later


if __name__ == "__main__":
    from trackersync.cli import main

    _, ahead, bug, *words = sys.argv
    if float(ahead):
        later(float(ahead))
    if bug:
        plant(bug)
    sys.argv = ["trackersync", *words]
    main()

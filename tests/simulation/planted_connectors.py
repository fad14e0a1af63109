"""Bugs to plant in what is read and written; see ``planted``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from typing import cast

from trackersync.connector import (
    Absence,
    Change,
    Connector,
    Facts,
    Item,
    Lately,
    Page,
    Probe,
    RejectedError,
    Routed,
    Scope,
    UnavailableError,
    Workflow,
)
from trackersync.core.model import OWNERS
from trackersync.testing import MemoryTracker
from trackersync.testing.tracker import BOT


class Wrapped:
    """A connector that goes on to another one; those below do not always."""

    def __init__(self, inner: Connector, world: MemoryTracker) -> None:
        self.inner = inner
        self.world = world
        self.tracker = inner.tracker
        self.writes = inner.writes
        self.vocabulary = inner.vocabulary

    async def probe(self) -> Probe:
        return await self.inner.probe()

    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        async for page in self.inner.observe(scope):
            yield self.seen(page, scope)

    def seen(self, page: Page, scope: Scope) -> Page:
        return page

    async def workflow(self, item: Item, needs: Collection[str] = ()) -> Workflow:
        return await cast("Routed", self.inner).workflow(item, needs)

    async def apply(self, change: Change) -> Item:
        return await self.inner.apply(change)

    async def aclose(self) -> None:
        await self.inner.aclose()

    def ours(self, change: Change, facts: Facts, fact: str) -> tuple[str, ...]:
        mine = {value.casefold() for value in change.ours.get(fact, facts[fact])}
        return tuple(value for value in facts[fact] if value.casefold() in mine)


class Blind(Wrapped):
    """A PUT without a look: whoever writes last wins."""

    async def apply(self, change: Change) -> Item:
        facts = self.world.item(change.ref).facts
        before = {fact: self.ours(change, facts, fact) for fact in change.before}
        return await self.inner.apply(replace(change, before=before, path=()))


class Greedy(Wrapped):
    """``PATCH issue`` with a list of labels: GitHub replaces all of them."""

    async def apply(self, change: Change) -> Item:
        shown = await self.inner.apply(change)
        if "labels" in change.after:
            return self.world.put(change.ref, {"labels": change.after["labels"]}, BOT)
        return shown


class Insistent(Wrapped):
    """A queue that delivers at least once, and a worker that takes it for exactly once."""

    async def apply(self, change: Change) -> Item:
        shown = await self.inner.apply(change)
        if "labels" in change.after:
            return self.world.put(change.ref, {"labels": (*shown.facts["labels"], *change.after["labels"])}, BOT)
        return shown


class BlindRetry(Wrapped):
    """A client library that repeats a POST whose answer was lost, as PyGithub's default retry does."""

    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except UnavailableError as error:
            if not error.in_doubt:
                raise
            now = self.world.item(change.ref).facts
            added = {fact: (*now[fact], *of) if fact in change.ours else of for fact, of in change.after.items()}
            return self.world.put(change.ref, added, BOT)


class TakenAsDone(Wrapped):
    """Fire and forget: a request that was sent has been done."""

    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except UnavailableError as error:
            if not error.in_doubt:
                raise
            item = self.world.item(change.ref)
            facts = {
                fact: (*(one for one in item.facts[fact] if one not in self.ours(change, item.facts, fact)), *of)
                for fact, of in change.after.items()
            }
            return replace(item, facts={**item.facts, **facts})


class HalfAsDone(Wrapped):
    """Whoever asks after a lost answer whether the item has changed, and not whether it is as it should be."""

    async def apply(self, change: Change) -> Item:
        before = self.world.item(change.ref)
        try:
            return await self.inner.apply(change)
        except UnavailableError:
            shown = self.world.item(change.ref)
            if shown == before:
                raise
            return shown


class FirstHopAsDone(Wrapped):
    """Whoever takes the 204 for a transition as the whole of the way."""

    async def apply(self, change: Change) -> Item:
        first = replace(change, after={change.fact: change.path[:1]}, path=()) if change.path else change
        return await self.inner.apply(first)


class OneOwner(Wrapped):
    """A program made for one assignee, which sets the first of several."""

    async def apply(self, change: Change) -> Item:
        first = {fact: of[:1] if fact == OWNERS else of for fact, of in change.after.items()}
        return await self.inner.apply(replace(change, after=first))


class PartsForgotten(Wrapped):
    """Whoever takes a 403 on the second of two requests for a change that was not made."""

    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except RejectedError as error:
            raise RejectedError(str(error)) from error


class EchoByName(Wrapped):
    """The usual guard against loops: whatever our own account did last is an echo, and not looked at."""

    def seen(self, page: Page, scope: Scope) -> Page:
        if not isinstance(scope, Lately):
            return page
        last = {edit.ref: edit.by for edit in self.world.history}
        return replace(page, items=tuple(one for one in page.items if not last.get(one.ref, "").startswith(BOT)))


class TransferIsDeletion(Wrapped):
    """Whoever takes the 301 or 404 of a transferred issue for its end, and the issue elsewhere for a new one."""

    def seen(self, page: Page, scope: Scope) -> Page:
        return replace(page, moved={}, missing={**page.missing, **dict.fromkeys(page.moved, Absence.GONE)})


class CursorRunsAhead(Wrapped):
    """Whoever notes the time of the read as where to go on, and not what was read."""

    def seen(self, page: Page, scope: Scope) -> Page:
        if not page.container or not isinstance(scope, Lately):
            return page
        newest = max((one.updated for one in self.world.shown(page.container)), default=None)
        return page if newest is None else replace(page, cursor=newest.isoformat())

"""Connectors that break one promise each: what ``ConnectorContract`` must find."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import cast

from contract_drivers import TOKEN

from trackersync.connector import (
    Absence,
    AuthError,
    Change,
    Connector,
    Event,
    Historian,
    Item,
    ItemRef,
    Lately,
    NotFoundError,
    Page,
    Probe,
    RejectedError,
    Routed,
    Scope,
    StaleError,
    These,
    UnavailableError,
    Workflow,
)
from trackersync.testing import MemoryTracker
from trackersync.testing.tracker import BOT


class Sound:
    """A connector that keeps its promises; those below break one each."""

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
            yield page

    async def apply(self, change: Change) -> Item:
        return await self.inner.apply(change)

    async def workflow(self, item: Item, needs: Collection[str] = ()) -> Workflow:
        return await cast("Routed", self.inner).workflow(item, needs)

    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        return await cast("Historian", self.inner).history(ref)

    async def histories(self, refs: Sequence[ItemRef]) -> Mapping[ItemRef, tuple[Event, ...]]:
        told = {}
        for ref in refs:
            with suppress(NotFoundError):
                told[ref] = await self.history(ref)
        return told

    async def aclose(self) -> None:
        await self.inner.aclose()


class NamesNobody(Sound):
    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        return tuple(replace(event, by="") for event in await super().history(ref))


class NamesTheAssignee(Sound):
    """Whoever takes GitHub's ``actor`` for who did it."""

    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        events = await super().history(ref)
        return tuple(
            replace(event, by=(*event.added, *event.removed)[0]) if event.fact == "owners" else event
            for event in events
        )


class TellsBackwards(Sound):
    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        return (await super().history(ref))[::-1]


class LeavesUsOut(Sound):
    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        return tuple(event for event in await super().history(ref) if event.by != BOT)


class MixesThemUp(Sound):
    async def histories(self, refs: Sequence[ItemRef]) -> Mapping[ItemRef, tuple[Event, ...]]:
        told = await super().histories(refs)
        return dict(zip(told, reversed(told.values()), strict=True))


class GhostsHaveAPast(Sound):
    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        try:
            return await super().history(ref)
        except NotFoundError:
            return ()


class Nameless(Sound):
    async def probe(self) -> Probe:
        return replace(await self.inner.probe(), account="")


class ReadsAsStranger(Sound):
    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        try:
            async for page in self.inner.observe(scope):
                yield page
        except AuthError:
            yield Page((), container="acme/shop", complete=True)


class Unsteady(Sound):
    looks = 0

    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        Unsteady.looks += 1
        async for page in self.inner.observe(scope):
            later = timedelta(seconds=Unsteady.looks)
            yield replace(page, items=tuple(replace(item, updated=item.updated + later) for item in page.items))


class HidesEmptyFacts(Sound):
    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        async for page in self.inner.observe(scope):
            items = (replace(one, facts={f: v for f, v in one.facts.items() if v}) for one in page.items)
            yield replace(page, items=tuple(items))


class TellsNoAccounts(Sound):
    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        async for page in self.inner.observe(scope):
            yield replace(page, accounts=())


class SaysCompleteTooSoon(Sound):
    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        async for page in self.inner.observe(scope):
            yield replace(page, complete=True)


class EndsQuietly(Sound):
    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        last = Page(())
        try:
            async for page in self.inner.observe(scope):
                last = page
                yield page
        except UnavailableError:
            yield replace(last, items=(), complete=True)


class GhostIsAnError(Sound):
    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        async for page in self.inner.observe(scope):
            if page.missing:
                raise NotFoundError("there is no such item")
            yield page


class ForgetsTheDeleted(Sound):
    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        async for page in self.inner.observe(scope):
            yield replace(page, missing={ref: why for ref, why in page.missing.items() if why is not Absence.GONE})


class IgnoresCursors(Sound):
    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        async for page in self.inner.observe(Lately() if isinstance(scope, Lately) else scope):
            yield page


class CursorRunsAhead(Sound):
    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        async for page in self.inner.observe(scope):
            ahead = (self.world.clock.now() - timedelta(seconds=90)).isoformat()
            yield replace(page, cursor=page.cursor and ahead)


class PagesByNumber(Sound):
    """Reads by offset over a list that moves: what every tutorial shows."""

    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        if isinstance(scope, These) or scope.cursors:
            async for page in self.inner.observe(scope):
                yield page
            return
        start = 0
        while shown := self.world.shown("acme/shop")[start:]:
            start += 3
            cursor = shown[:3][-1].updated.isoformat()
            yield Page(tuple(shown[:3]), container="acme/shop", cursor=cursor, complete=len(shown) <= 3)


class WritesWhileLooking(Sound):
    async def probe(self) -> Probe:
        ref = next(iter(self.world.items.values())).ref
        self.world.put(ref, {"type": ("Seen",)}, BOT)
        return await self.inner.probe()


class Overwrites(Sound):
    """Writes without a look."""

    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except StaleError:
            return self.world.put(change.ref, change.after, BOT)


class SetsTheWholeSet(Sound):
    async def apply(self, change: Change) -> Item:
        await self.inner.apply(change)
        return self.world.put(change.ref, change.after, BOT)


class TouchesTheStage(Sound):
    async def apply(self, change: Change) -> Item:
        await self.inner.apply(change)
        return self.world.put(change.ref, {"state": ("closed",)}, BOT)


class WritesAnyway(Sound):
    """Does not see that it is so already."""

    async def apply(self, change: Change) -> Item:
        shown = await self.inner.apply(change)
        self.world.put(change.ref, {"type": ("Touched",)}, BOT)
        return self.world.put(change.ref, {"type": shown.facts["type"]}, BOT)


class ReturnsTheLookBefore(Sound):
    async def apply(self, change: Change) -> Item:
        before = self.world.item(change.ref)
        await self.inner.apply(change)
        return before


class SilentHalf(Sound):
    async def apply(self, change: Change) -> Item:
        before = self.world.items.get(change.ref.id)
        try:
            return await self.inner.apply(change)
        except UnavailableError:
            shown = self.world.item(change.ref)
            if shown == before:
                raise
            return shown


class SwallowsTrouble(Sound):
    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except UnavailableError:
            return self.world.item(change.ref)


class SendsAgain(Sound):
    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except UnavailableError:
            # What was done is undone first, since otherwise nothing would be left to send.
            self.world.put(change.ref, change.before, BOT)
            await self.inner.apply(change)
            raise


class NeverInDoubt(Sound):
    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except UnavailableError as error:
            raise UnavailableError(str(error)) from None


class BelievesTheTracker(Sound):
    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except RejectedError:
            return self.world.item(change.ref)


class TakesSomebodyElse(Sound):
    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except RejectedError:
            self.world.put(change.ref, {"owners": ("ada-l",)}, BOT)
            raise


class MakesGhosts(Sound):
    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except NotFoundError as error:
            raise StaleError(str(error)) from None


class KeepsTheOwner(Sound):
    async def apply(self, change: Change) -> Item:
        if change.after.get("owners") == ():
            return self.world.item(change.ref)
        return await self.inner.apply(change)


class Chatty(Sound):
    async def apply(self, change: Change) -> Item:
        try:
            return await self.inner.apply(change)
        except AuthError as error:
            raise AuthError("the credential is refused") from RuntimeError(f"{error}: {TOKEN}")


class ShowsTheFirstStatusOnly(Sound):
    async def workflow(self, item: Item, needs: Collection[str] = ()) -> Workflow:
        whole = await super().workflow(item, needs)
        return Workflow({"Backlog": whole.leaves["Backlog"]})


class HidesHops(Sound):
    async def workflow(self, item: Item, needs: Collection[str] = ()) -> Workflow:
        whole = await super().workflow(item, needs)
        return Workflow({here: hops if here == item.facts["status"][0] else () for here, hops in whole.leaves.items()})


class StopsAtTheFirstHop(Sound):
    async def apply(self, change: Change) -> Item:
        return await self.inner.apply(replace(change, after={change.fact: change.path[:1]}, path=()))


class Jumps(Sound):
    """Takes no heed of the way."""

    async def apply(self, change: Change) -> Item:
        return self.world.put(change.ref, change.after, BOT)

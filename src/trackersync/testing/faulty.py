"""Any connector, with trouble on purpose: what networks, vendors, slow indexes and power cuts do.

``FaultyConnector`` asks its ``Faults`` before every step whether something goes wrong with it. ``Scripted`` is for a
test that wants one trouble in one place; ``Seeded`` rolls dice that fall the same way for the same seed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from typing import cast

from trackersync.connector import (
    AuthError,
    Change,
    Connector,
    Event,
    Historian,
    Item,
    ItemRef,
    Lately,
    Page,
    Probe,
    RejectedError,
    Routed,
    Scope,
    UnavailableError,
    Workflow,
)
from trackersync.testing.faults import Faults, Trouble


class FaultyConnector:
    """Wraps a connector; everything that goes right goes to it unchanged.

    Args:
        inner: the connector.
        faults: says what goes wrong.
    """

    def __init__(self, inner: Connector, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults
        self._seen: dict[ItemRef, Item] = {}
        self.tracker = inner.tracker
        self.writes = inner.writes
        self.vocabulary = inner.vocabulary
        if isinstance(inner, Historian):
            # Only then, so that it is asked for none where there is none.
            self.history = self._history

    async def probe(self) -> Probe:
        """As ``inner`` does, or not."""
        self._fail(self._faults.strike(self.tracker, "probe"), "GET /myself")
        return await self._inner.probe()

    async def aclose(self) -> None:
        """As ``inner`` does."""
        await self._inner.aclose()

    async def workflow(self, item: Item, needs: Collection[str] = ()) -> Workflow:
        """As ``inner`` does, or not. Only for connectors with workflows."""
        self._fail(self._faults.strike(self.tracker, "workflow"), "GET transitions")
        return await cast(Routed, self._inner).workflow(item, needs)

    async def _history(self, ref: ItemRef) -> tuple[Event, ...]:
        """As ``inner`` does, or not."""
        self._fail(self._faults.strike(self.tracker, "history"), "GET history")
        return await cast(Historian, self._inner).history(ref)

    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        """As ``inner`` does; or broken off, repeated, mixed up, incomplete, or showing single items as they were."""
        trouble = self._faults.strike(self.tracker, "observe")
        self._fail(trouble, "GET list")
        pages = self._inner.observe(scope)
        async for page in self._shuffled(pages) if trouble is Trouble.SHUFFLED else pages:
            struck = self._faults.strike(self.tracker, "page")
            self._fail(struck, "GET list")
            # An item asked for by id is as fresh as can be, whatever an index does.
            if isinstance(scope, Lately):
                for shown in self._listed(page, scope.cursors, trouble, struck):
                    yield shown
            else:
                yield self._known(page)
            if struck is Trouble.CRASH_AFTER:
                raise self._faults.die()

    def _listed(
        self, page: Page, cursors: Mapping[str, str], trouble: Trouble | None, struck: Trouble | None
    ) -> list[Page]:
        """One page as a listing shows it, which may be more than once.

        An index that has not caught up shows items as we saw them last, or not at all. The cursor then stays where it
        was, as a connector's must whose vendor's index lags.
        """
        older = tuple(self._seen[item.ref] for item in page.items if item.ref in self._seen)
        if trouble is Trouble.LAGGING:
            return [replace(page, items=older, cursor=cursors.get(page.container))]
        self._known(page)
        if trouble is Trouble.SHORT and page.items:
            left_out = self._faults.choose(page.items)
            fewer = tuple(item for item in page.items if item is not left_out)
            return [replace(page, items=fewer, cursor=cursors.get(page.container))]
        if struck is Trouble.TWICE:
            return [page, page]
        if struck is Trouble.OVERTAKEN:
            return [page, replace(page, items=older, cursor=None, complete=False)]
        return [page]

    async def _shuffled(self, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
        """The pages of several containers one among another; those of one container stay in order."""
        by_container: dict[str, list[Page]] = {}
        async for page in pages:
            by_container.setdefault(page.container, []).append(page)
        while by_container:
            container = self._faults.choose(sorted(by_container))
            yield by_container[container].pop(0)
            if not by_container[container]:
                del by_container[container]

    async def apply(self, change: Change) -> Item:
        """As ``inner`` does; or not at all, half, or without a word afterwards."""
        trouble = self._faults.strike(self.tracker, "apply")
        if trouble is Trouble.FORBIDDEN:
            raise RejectedError(f"{change.key}: {self.tracker} forbids it")
        self._fail(trouble, f"PUT {change.key}")
        if trouble is Trouble.SWALLOWED:
            raise self._unavailable(f"PUT {change.key}", in_doubt=True)
        if trouble in (Trouble.HALF_DONE, Trouble.CRASH_HALF):
            halves = half_done(change, self.writes["owners"].most)
            if halves:
                await self._inner.apply(self._faults.choose(halves))
        else:
            shown = await self._inner.apply(change)
            if trouble is None:
                return shown
        if trouble in (Trouble.CRASH_AFTER, Trouble.CRASH_HALF):
            raise self._faults.die()
        raise self._unavailable(f"PUT {change.key}", in_doubt=True)

    def _fail(self, trouble: Trouble | None, request: str) -> None:
        """Raise what happens before a request is done."""
        if trouble is Trouble.CRASH_BEFORE:
            raise self._faults.die()
        if trouble is Trouble.REFUSED:
            raise AuthError(f"{self.tracker} does not accept the credential (401 on {request})")
        if trouble is Trouble.LOST_REQUEST:
            raise self._unavailable(request)

    def _unavailable(self, request: str, *, in_doubt: bool = False) -> UnavailableError:
        what = "sent no answer to" if in_doubt else "could not be reached for"
        return UnavailableError(f"{self.tracker} {what} {request}", in_doubt=in_doubt)

    def _known(self, page: Page) -> Page:
        self._seen |= {item.ref: item for item in page.items}
        return page


def half_done(change: Change, room: int) -> tuple[Change, ...]:
    """The changes that leave an item half-way through this one: on a hop, no value taken off yet, or part of it set.

    None for a change that takes a single request.

    Args:
        change: the whole one.
        room: how many owners an item holds.
    """
    halves = [
        replace(change, after={change.fact: (hop,)}, path=change.path[:place]) for place, hop in enumerate(change.path)
    ]
    for fact, after in change.after.items():
        both = tuple(dict.fromkeys((*change.before[fact], *after)))
        is_set = fact in change.ours or (fact == "owners" and len(both) <= room)
        if is_set and both not in (change.before[fact], after):
            halves.append(_only(change, fact, both))
        if is_set and len(change.after) > 1:
            halves.append(_only(change, fact, after))
    return tuple(halves)


def _only(change: Change, fact: str, values: tuple[str, ...]) -> Change:
    # All of ``before`` stays: the look before the first request compares the whole.
    return replace(change, after={fact: values}, path=())

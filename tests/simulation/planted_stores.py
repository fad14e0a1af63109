"""Bugs to plant in what is remembered; see ``planted``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from trackersync.connector import (
    Absence,
    Change,
    Facts,
    Item,
    ItemRef,
    Page,
)
from trackersync.core.model import OWNERS, STAGE, FieldName, Outcome, Receipt
from trackersync.store import Count, Entry, Rejection, Written
from trackersync.store.items import Finding

from .model_store import ModelStore


class NoIntent(ModelStore):
    """A script that logs what it has done, after it has done it."""

    def intend(self, run: int, change: Change, natives: Iterable[Facts], at: datetime) -> int:
        number = super().intend(run, change, self.base_of.get((change.ref, change.field), ()), at)
        self.entries[number - 1] = replace(self.entries[number - 1], intended=datetime.max.replace(tzinfo=at.tzinfo))
        return number

    def journal(
        self,
        *,
        run: int | None = None,
        refs: Collection[ItemRef] | None = None,
        since: datetime | None = None,
        approved: bool | None = None,
    ) -> tuple[Entry, ...]:
        some = super().journal(run=run, refs=refs, since=since, approved=approved)
        return tuple(entry for entry in some if entry.receipt is not None)

    def in_doubt(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in super().in_doubt() if entry.receipt is not None)


class NeverArrived(ModelStore):
    """Whoever takes a time-out for a request that failed: the write is forgotten, and nobody looks."""

    def settle(
        self, change: int, receipt: Receipt, natives: Iterable[Facts] | None, item: Item | None, at: datetime
    ) -> None:
        if receipt.outcome is Outcome.IN_DOUBT:
            receipt, natives = Receipt(Outcome.FAILED, receipt.message), None
        super().settle(change, receipt, natives, item, at)


class NotWidened(ModelStore):
    """Our first draft: base is what was agreed last, whatever we are about to write."""

    def intend(self, run: int, change: Change, natives: Iterable[Facts], at: datetime) -> int:
        return super().intend(run, change, self.base_of.get((change.ref, change.field), ()), at)


class HopsForgotten(ModelStore):
    """Whoever plans a path and remembers only where it begins and ends."""

    def intend(self, run: int, change: Change, natives: Iterable[Facts], at: datetime) -> int:
        passed = {hop.casefold() for hop in change.path}
        ends = [one for one in natives if not passed & {value.casefold() for value in one.get(change.fact, ())}]
        return super().intend(run, change, ends, at)


class NeverNarrowed(ModelStore):
    """Whoever widens base before a write, and never finds out what became of it."""

    def _put_base(self, place: tuple[ItemRef, FieldName], natives: Iterable[Facts]) -> None:
        natives = tuple(natives)
        super()._put_base(place, (*natives, *self.base_of.get(place, ())) if natives else ())


class HastyBase(ModelStore):
    """A cache of the last state seen, taken for a base: a move whose counterpart write failed is forgotten."""

    def put_page(self, tracker: str, page: Page, *, scan: int, found: Finding | None = None) -> Written:
        for item in page.items:
            self.base_of[item.ref, STAGE] = (item.facts,)
            self.base_of[item.ref, OWNERS] = ({OWNERS: item.facts[OWNERS]},)
        return super().put_page(tracker, page, scan=scan, found=found)


class Trusting(ModelStore):
    """Mirrors that follow an account which has lost its rights: what it shows is believed, be it nothing."""

    def counts(self, tracker: str) -> Mapping[str, Count]:
        return {name: Count(count.shown, count.shown) for name, count in super().counts(tracker).items()}


class ShortIsDeleted(ModelStore):
    """Whoever takes a listing for the whole truth: what is not on it has been deleted."""

    def absent(self, tracker: str, container: str) -> tuple[ItemRef, ...]:
        for ref in super().absent(tracker, container):
            self.known_items[ref].missing = Absence.GONE
        return ()


class StaleWins(ModelStore):
    """Whoever believes a page that comes last over what was read back: indexes lag."""

    def put_page(self, tracker: str, page: Page, *, scan: int, found: Finding | None = None) -> Written:
        for item in page.items:
            self.known_items.pop(item.ref, None)
        return super().put_page(tracker, page, scan=scan, found=found)


class OwnClock(ModelStore):
    """Whoever compares the tracker's times with their own machine's."""

    def settle(
        self, change: int, receipt: Receipt, natives: Iterable[Facts] | None, item: Item | None, at: datetime
    ) -> None:
        super().settle(change, receipt, natives, None if item is None else replace(item, updated=at), at)


class ForgetsRefusals(ModelStore):
    """A queue that puts back what failed, whatever it failed of."""

    def put_rejection(self, ref: ItemRef, field: FieldName, rejection: Rejection) -> None:
        pass


class NoWindow(ModelStore):
    """A limit that counts each run by itself, while every webhook is a run."""

    def journal(
        self,
        *,
        run: int | None = None,
        refs: Collection[ItemRef] | None = None,
        since: datetime | None = None,
        approved: bool | None = None,
    ) -> tuple[Entry, ...]:
        return () if since is not None else super().journal(run=run, refs=refs, approved=approved)

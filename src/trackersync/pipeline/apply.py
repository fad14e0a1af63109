"""Intend, apply, settle: one change after the other per tracker, trackers side by side.

The intent is on the disk before a request leaves, and the receipt before the next change begins, so that a crash
between any two steps costs nothing but a look. A tracker that becomes unreachable stops its own changes only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from trackersync.core.express import landed, passing
from trackersync.core.model import Change, Facts, Item, ItemRef, Outcome, Receipt, Workflow
from trackersync.core.plan import attempt
from trackersync.core.terms import meaning, native_of
from trackersync.errors import (
    TRACKER_TROUBLES,
    AuthError,
    NotFoundError,
    RejectedError,
    StaleError,
    StoreError,
    UnavailableError,
)
from trackersync.http import trail
from trackersync.pipeline.again import look_again
from trackersync.pipeline.session import Session
from trackersync.pipeline.workflows import stumbled
from trackersync.store import Rejection


@dataclass(slots=True)
class Receipts:
    """The receipts of a run as they come in, by the change's place in the plan."""

    total: int
    by_place: dict[int, Receipt] = field(default_factory=dict)
    under_way: set[int] = field(default_factory=set)

    def stop(self) -> None:
        """Say of what was under way that it is in doubt: it was written down, and may have been sent."""
        for place in self.under_way:
            self.by_place[place] = Receipt(Outcome.IN_DOUBT, "stopped while it was under way")

    @property
    def in_order(self) -> tuple[Receipt | None, ...]:
        """One for each change of the plan; None for a change not begun."""
        return tuple(self.by_place.get(place) for place in range(self.total))


async def apply(
    session: Session, run: int, changes: Sequence[Change], receipts: Receipts, workflows: Mapping[ItemRef, Workflow]
) -> None:
    """Carry out the changes, writing each receipt into ``receipts`` as it comes.

    Args:
        session: what to work with.
        run: the run's number in the journal.
        changes: the plan's, in its order.
        receipts: filled as the answers come, so that an interrupted run still knows them.
        workflows: as they were when the plan was made; a refusal holds as long as they are so.

    Raises:
        StoreError: a change or its receipt could not be written down; no tracker is sent another one.
    """
    troubles: list[StoreError] = []

    async def one_tracker(tracker: str) -> None:
        try:
            await changes_of(tracker)
        except StoreError as error:
            troubles.append(error)

    async def changes_of(tracker: str) -> None:
        stopped: Receipt | None = None
        for place, change in enumerate(changes):
            if change.ref.tracker != tracker or troubles:
                continue
            if stopped is not None:
                receipt = stopped
            else:
                receipts.under_way.add(place)
                receipt, stopped = await _one(session, run, change, workflows.get(change.ref))
            receipts.under_way.discard(place)
            receipts.by_place[place] = receipt
            session.progress.applied(change, receipt, len(receipts.by_place), receipts.total)

    await asyncio.gather(*map(one_tracker, dict.fromkeys(change.ref.tracker for change in changes)))
    if troubles:
        raise troubles[0]


async def _one(session: Session, run: int, change: Change, workflow: Workflow | None) -> tuple[Receipt, Receipt | None]:
    """Carry out one change; also say with what receipt the tracker's others end, when it cannot be used any more."""
    store, terms, clock = session.store, session.terms, session.clock
    stages = terms.maps[change.ref.tracker]
    item = planned = store.item(change.ref)
    facts = tuple(native_of(item, change.field, terms))
    natives = passing(item, change, facts, stages.vocabulary.follows)
    if change.tidies:
        natives = store.bases().get((change.ref, change.field), ())
    number = store.intend(run, change, natives, clock.now())
    with trail() as sent:
        try:
            shown = await session.connectors[change.ref.tracker].apply(change)
        except StaleError as error:
            return _settled(session, number, Receipt(Outcome.STALE, str(error), tuple(sent)), None), None
        except NotFoundError as error:
            # Perhaps between two requests, and not for ever: base stays as wide as the write.
            receipt = _settled(session, number, Receipt(Outcome.GONE, str(error), tuple(sent)), natives)
            # Found out why and remembered, or the same change would be planned for ever.
            await _look_again(session, change)
            return receipt, None
        except RejectedError as error:
            # What took effect before the refusal stays ours: base keeps every state it may have reached.
            receipt = Receipt(Outcome.REJECTED, str(error), tuple(sent))
            _settled(session, number, receipt, natives if error.partly else None)
            if error.partly:
                # Or our own half would count as a change of the item, and the refused one be tried for ever.
                await _look_again(session, change)
                item = store.item(change.ref)
                _set_out(session, change, planned, natives)
            key = attempt(change, item, terms, workflow)
            hops, state = await stumbled(session, change, planned, error)
            store.put_rejection(
                change.ref, change.field, Rejection(key, str(error), clock.now(), hops=hops, stopped=state)
            )
            return receipt, None
        except AuthError as error:
            # A change may take several requests, of which the first was let through: base stays as wide as the write.
            receipt = _settled(session, number, Receipt(Outcome.FAILED, str(error), tuple(sent)), natives)
            return receipt, Receipt(Outcome.FAILED, f"not begun: {error}")
        except UnavailableError as error:
            outcome = Outcome.IN_DOUBT if error.in_doubt else Outcome.FAILED
            receipt = _settled(session, number, Receipt(outcome, str(error), tuple(sent)), natives)
            return receipt, Receipt(Outcome.FAILED, f"not begun: {error}")
    means = meaning(change.ref.tracker, change.field, terms)
    ours = landed(change, natives, native_of(shown, change.field, terms), means)
    # A tracker that does not count an edit shows the same `updated` before and after: nothing was sent.
    outcome = Outcome.ALREADY_SO if shown.updated == item.updated and shown.facts == item.facts else Outcome.APPLIED
    receipt = Receipt(outcome, "", tuple(sent))
    _supersede(session, number, change)
    # Where nothing was written it was somebody else's doing, and base stays what it was until all items agree.
    settled = natives if change.tidies else None if outcome is Outcome.ALREADY_SO else ours
    store.settle(number, receipt, settled, shown, clock.now())
    return receipt, None


def _settled(session: Session, number: int, receipt: Receipt, natives: Iterable[Facts] | None) -> Receipt:
    """Write down the receipt of a change that did not go well."""
    session.store.settle(number, receipt, natives, None, session.clock.now())
    return receipt


def _set_out(session: Session, change: Change, planned: Item, natives: Iterable[Facts]) -> None:
    """Once an item was seen on its way, where it set out from is no doing of ours: who takes it back there moves it."""
    terms = session.terms
    means = meaning(change.ref.tracker, change.field, terms)
    start, now = (means(native_of(item, change.field, terms)) for item in (planned, session.store.item(change.ref)))
    ours = [native for native in natives if means(native) != start]
    if now != start and len(ours) > 1:
        session.store.put_bases({(change.ref, change.field): ours})


async def _look_again(session: Session, change: Change) -> None:
    """Look at a change's item by id; where that does not work now either, the next run does it."""
    with suppress(*TRACKER_TROUBLES):
        await look_again(session, change.ref.tracker, (change.ref,))


def _supersede(session: Session, number: int, change: Change) -> None:
    """Older changes of the same field that are still in doubt can do no harm any more: this one has been read back."""
    for entry in session.store.in_doubt():
        if entry.id != number and entry.change.ref == change.ref and entry.change.field == change.field:
            sent = entry.receipt.requests if entry.receipt else ()
            receipt = Receipt(Outcome.FAILED, "written again later", sent)
            session.store.settle(entry.id, receipt, None, None, session.clock.now())

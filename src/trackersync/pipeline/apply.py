"""Intend, apply, settle: one change after the other per tracker, trackers side by side.

The intent is on the disk before a request leaves, and the receipt before the next change begins, so that a crash
between any two steps costs nothing but a look. A tracker that becomes unreachable stops its own changes only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from trackersync.core.express import landed, passing
from trackersync.core.model import OWNERS, Change, Outcome, Receipt
from trackersync.core.plan import attempt, meaning, native_of
from trackersync.errors import AuthError, NotFoundError, RejectedError, StaleError, UnavailableError
from trackersync.pipeline.observe import TRACKER_TROUBLES, look_again
from trackersync.pipeline.session import Session


@dataclass(slots=True)
class Receipts:
    """The receipts of a run as they come in, by the change's place in the plan."""

    total: int
    by_place: dict[int, Receipt] = field(default_factory=dict)


async def apply(session: Session, run: int, changes: Sequence[Change], receipts: Receipts) -> None:
    """Carry out the changes, writing each receipt into ``receipts`` as it comes.

    Args:
        session: what to work with.
        run: the run's number in the journal.
        changes: the plan's, in its order.
        receipts: filled as the answers come, so that an interrupted run still knows them.
    """
    trackers = dict.fromkeys(change.ref.tracker for change in changes)
    await asyncio.gather(*(_one_tracker(session, run, tracker, changes, receipts) for tracker in trackers))


async def _one_tracker(session: Session, run: int, tracker: str, changes: Sequence[Change], receipts: Receipts) -> None:
    stopped: Receipt | None = None
    for place, change in enumerate(changes):
        if change.ref.tracker != tracker:
            continue
        if stopped is not None:
            receipt = stopped
        else:
            receipt, stopped = await _one(session, run, change)
        receipts.by_place[place] = receipt
        session.progress.applied(change, receipt, len(receipts.by_place), receipts.total)


async def _one(session: Session, run: int, change: Change) -> tuple[Receipt, Receipt | None]:
    """Carry out one change; also say with what receipt the tracker's others end, when it cannot be used any more."""
    store, terms, clock = session.store, session.terms, session.clock
    stages = terms.maps[change.ref.tracker]
    item = store.item(change.ref)
    facts = (OWNERS,) if change.field == OWNERS else tuple(stages.native(item.facts))
    natives = passing(item, change, facts, stages.vocabulary.follows)
    if change.tidies:
        natives = store.bases().get((change.ref, change.field), ())
    number = store.intend(run, change, natives, clock.now())
    try:
        shown = await session.connectors[change.ref.tracker].apply(change)
    except StaleError as error:
        receipt = Receipt(Outcome.STALE, str(error))
        store.settle(number, receipt, None, None, clock.now())
        return receipt, None
    except NotFoundError as error:
        receipt = Receipt(Outcome.GONE, str(error))
        store.settle(number, receipt, None, None, clock.now())
        # Found out why and remembered, or the same change would be planned for ever.
        with suppress(*TRACKER_TROUBLES):
            await look_again(session, change.ref.tracker, (change.ref,))
        return receipt, None
    except RejectedError as error:
        receipt = Receipt(Outcome.REJECTED, str(error))
        # What took effect before the refusal stays ours: base keeps every state it may have reached.
        store.settle(number, receipt, natives if error.partly else None, None, clock.now())
        store.put_rejection(change.ref, change.field, attempt(change, item, terms), str(error), clock.now())
        return receipt, None
    except AuthError as error:
        # A change may take several requests, of which the first was let through: base stays as wide as the write.
        receipt = Receipt(Outcome.FAILED, str(error))
        store.settle(number, receipt, natives, None, clock.now())
        return receipt, Receipt(Outcome.FAILED, f"not begun: {error}")
    except UnavailableError as error:
        outcome = Outcome.IN_DOUBT if error.in_doubt else Outcome.FAILED
        receipt = Receipt(outcome, str(error))
        store.settle(number, receipt, natives, None, clock.now())
        return receipt, Receipt(Outcome.FAILED, f"not begun: {error}")
    ours = landed(change, natives, native_of(shown, change.field, terms), meaning(change, terms))
    # A tracker that does not count an edit shows the same `updated` before and after: nothing was sent.
    outcome = Outcome.ALREADY_SO if shown.updated == item.updated and shown.facts == item.facts else Outcome.APPLIED
    receipt = Receipt(outcome)
    _supersede(session, number, change)
    # Where nothing was written it was somebody else's doing, and base stays what it was until all items agree.
    settled = natives if change.tidies else None if outcome is Outcome.ALREADY_SO else ours
    store.settle(number, receipt, settled, shown, clock.now())
    return receipt, None


def _supersede(session: Session, number: int, change: Change) -> None:
    """Older changes of the same field that are still in doubt can do no harm any more: this one has been read back."""
    for entry in session.store.in_doubt():
        if entry.id != number and entry.change.ref == change.ref and entry.change.field == change.field:
            receipt = Receipt(Outcome.FAILED, "written again later")
            session.store.settle(entry.id, receipt, None, None, session.clock.now())

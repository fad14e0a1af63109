"""Histories: who moved what, read from the trackers themselves, and only of what has changed.

An item that somebody was seen moving costs one request more, or a share of one where the tracker tells of many at once,
and its story then says who did it and when. Our own writes, coming back, cost none. What cannot be read now is read in
a later run, and stops nobody: a history explains, and decides only where the policy says ``latest``; then the items in
dispute are read before anything is planned, and a time that is not known leaves the dispute to people.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from trackersync.connector import Chronicler, Historian
from trackersync.core.decide import Settlements, decide, untimed
from trackersync.core.doing import Doing, Own
from trackersync.core.history import last_edit
from trackersync.core.merge import LastEdit
from trackersync.core.model import OWNERS, STAGE, FieldName, Item, ItemRef
from trackersync.core.outcome import Look
from trackersync.core.terms import Bases, Task
from trackersync.errors import (
    TRACKER_TROUBLES,
    AuthError,
    NotFoundError,
    RejectedError,
    TrackersyncError,
    UnavailableError,
)
from trackersync.pipeline.session import Session
from trackersync.report.names import count

FIELDS: tuple[FieldName, ...] = (STAGE, OWNERS)
IN_FLIGHT = 8
MOST = 200
"""So many histories are read of one tracker in one run; the others' turn comes with the next runs."""


async def read_histories(session: Session, looks: Mapping[str, Look]) -> tuple[str, ...]:
    """Read the history of the items that others moved, those that moved last first.

    After a look that was not whole this is also done for items that are new.

    Returns:
        A sentence for each tracker whose history could not be read.
    """
    if not session.history:
        return ()
    warnings: list[str] = []
    for tracker, look in looks.items():
        if not look.down and isinstance(session.connectors[tracker], Historian):
            if look.news and not look.whole:
                session.store.owe_histories(look.news)
            owed = session.store.owed_histories(tracker)
            warnings += await _read(session, tracker, list(owed)[:MOST], owed)
    return tuple(warnings)


async def timed(
    session: Session, tasks: Sequence[Task], bases: Bases, settlements: Settlements, looks: Mapping[str, Look]
) -> tuple[tuple[Task, ...], tuple[str, ...]]:
    """The tasks, those in dispute under ``latest`` with the times of their last edits; and what could not be read."""
    terms = session.terms
    if not (terms.stage.timed or terms.owners.timed):
        return tuple(tasks), ()
    disputed = {task.id: refs for task in tasks if (refs := untimed(decide(task, bases, terms, settlements), terms))}
    items = {item.ref: item for task in tasks for item in task.items if item.ref in disputed.get(task.id, ())}
    if not items:
        return tuple(tasks), ()
    warnings = await _catch_up(session, items, looks)
    own = Own(session.store.journal(refs=items))
    doubtful = _strangers(session, items, own)
    own = replace(own, accounts=await _accounts(session, doubtful))
    sure = {ref: item for ref, item in items.items() if ref.tracker not in doubtful - own.accounts.keys()}
    edits = _edits(session, sure, own)
    return tuple(replace(task, edits=edits) if task.id in disputed else task for task in tasks), warnings


async def _catch_up(session: Session, items: Mapping[ItemRef, Item], looks: Mapping[str, Look]) -> tuple[str, ...]:
    """Read the histories of items in dispute, as far as they are not known up to now."""
    pasts = session.store.histories(items)
    stale = [ref for ref, item in items.items() if ref not in pasts or not pasts[ref].current(item)]
    warnings: list[str] = []
    for tracker in dict.fromkeys(ref.tracker for ref in stale):
        if not looks[tracker].down and isinstance(session.connectors.get(tracker), Historian):
            owed = session.store.owed_histories(tracker)
            warnings += await _read(session, tracker, [ref for ref in stale if ref.tracker == tracker], owed)
    return tuple(warnings)


def _strangers(session: Session, items: Mapping[ItemRef, Item], own: Own) -> frozenset[str]:
    """The trackers in whose histories an account stands that may be ours.

    It does where the journal was lost, or put down by a clock that was wrong: our own write would pass for a person's.
    """
    pasts = session.store.histories(items)
    return frozenset(
        ref.tracker
        for ref, past in pasts.items()
        for name in FIELDS
        if Doing(ref, name, past.events, session.terms, own).strangers
    )


async def _accounts(session: Session, trackers: frozenset[str]) -> dict[str, str]:
    """By tracker, the account that we use there; a tracker that does not say is left out."""
    known = {}
    for tracker in sorted(trackers & session.connectors.keys()):
        with suppress(*TRACKER_TROUBLES):
            probe = await session.connectors[tracker].probe()
            if account := probe.id or probe.account:
                known[tracker] = account
    return known


def _edits(session: Session, items: Mapping[ItemRef, Item], own: Own) -> dict[tuple[ItemRef, FieldName], LastEdit]:
    """When people last changed each field of some items, where a history that is known up to now tells."""
    pasts = session.store.histories(items)
    found = {
        (ref, name): last_edit(item, pasts[ref].events, name, session.terms, own)
        for ref, item in items.items()
        if ref in pasts and pasts[ref].current(item)
        for name in FIELDS
    }
    return {place: edit for place, edit in found.items() if edit is not None}


async def _read(
    session: Session, tracker: str, refs: Sequence[ItemRef], owed: Mapping[ItemRef, int]
) -> tuple[str, ...]:
    """Read the histories of some items of one tracker, and remember them; a tracker in trouble is asked no more."""
    store, historian = session.store, session.connectors[tracker]
    gate = asyncio.Semaphore(IN_FLIGHT)
    troubles: list[TrackersyncError] = []
    down = False
    told: frozenset[ItemRef] = frozenset()
    if isinstance(historian, Chronicler):
        try:
            told = await _together(session, historian, refs, owed)
        except (AuthError, UnavailableError) as error:
            down = True
            troubles.append(error)

    async def read(ref: ItemRef) -> None:
        nonlocal down
        async with gate:
            if down:
                return
            at, upto = session.clock.now(), store.item(ref).updated
            try:
                events = await historian.history(ref)  # type: ignore[attr-defined]  # Historian, as was asked before
            except (NotFoundError, RejectedError) as error:
                store.waive_history(ref, owed.get(ref, 0))
                if isinstance(error, RejectedError):
                    troubles.append(error)
            except (AuthError, UnavailableError) as error:
                down = True
                troubles.append(error)
            else:
                store.put_history(ref, events, upto=upto, at=at, owed=owed.get(ref))

    await asyncio.gather(*(read(ref) for ref in refs if ref not in told))
    if not troubles:
        return ()
    which = count(len(refs), "item")
    return (
        f"{tracker}: the history of {which} could not be read whole, so who moved them is not known: {troubles[0]}",
    )


async def _together(
    session: Session, historian: Chronicler, refs: Sequence[ItemRef], owed: Mapping[ItemRef, int]
) -> frozenset[ItemRef]:
    """Read and remember the histories that are told of many items at once.

    Returns:
        The items they are of; the others are to be asked for one by one.
    """
    if len(refs) < 2:
        return frozenset()
    at, upto = session.clock.now(), {ref: session.store.item(ref).updated for ref in refs}
    told = await historian.histories(refs)
    for ref, events in told.items():
        session.store.put_history(ref, events, upto=upto[ref], at=at, owed=owed.get(ref))
    return frozenset(told)

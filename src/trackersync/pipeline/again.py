"""Items are looked up by id: those that a search may not show, those whose place others claim, those in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from trackersync.connector import These, compare
from trackersync.core.express import landed
from trackersync.core.model import Absence, Change, Item, ItemRef, Outcome, Receipt
from trackersync.core.naming import Names, renewed
from trackersync.core.outcome import Look, World
from trackersync.core.terms import meaning, native_of
from trackersync.errors import TRACKER_TROUBLES, StaleError
from trackersync.pipeline.names import met
from trackersync.pipeline.news import News
from trackersync.pipeline.session import Session
from trackersync.store import Entry

LATE = timedelta(seconds=60)
"""A write that was not seen this long after it was sent will not turn up any more."""


async def look_again(
    session: Session, tracker: str, refs: Iterable[ItemRef], *, news: News | None = None
) -> Mapping[ItemRef, Absence]:
    """Look items up by id, and remember how they are, under which ref they go on, or why they are not there."""
    refs = tuple(refs)
    missing: dict[ItemRef, Absence] = {}
    if refs:
        scan = session.store.begin_scan(tracker, "", session.clock.now())
        async for page in session.connectors[tracker].observe(These(refs)):
            await met(session, tracker, page)
            session.store.put_page(tracker, page, scan=scan, found=None if news is None else news.of(""))
            if page.moved:
                session.store.follow(page.moved)
            missing |= page.missing
        if news is not None:
            session.store.dispatch.committed()
    return missing


async def look_at_changed(session: Session, looks: Mapping[str, Look], changes: Sequence[Change]) -> dict[str, Look]:
    """Look a saved plan's items up by id, since a search may lag behind."""
    now = dict(looks)
    for tracker, look in looks.items():
        refs = {change.ref for change in changes if change.ref.tracker == tracker}
        if refs and not look.down:
            try:
                await look_again(session, tracker, refs)
            except TRACKER_TROUBLES as error:
                now[tracker] = replace(look, failure=error)
    return now


async def look_at_rivals(session: Session, world: World) -> bool:
    """Look up by id whose place a new item claims: an issue that was transferred is a new one, and the old one is gone.

    Returns:
        Whether anything turned out to have gone or moved, so that the world must be looked at anew.
    """
    looks = world.looks
    extras = [
        extra
        for extra in world.links.extras
        if extra.ref in looks[extra.ref.tracker].news and not looks[extra.ref.tracker].down
    ]
    if not extras:
        return False
    before = session.store.missing()
    members = {item.ref: task for task in world.tasks for item in task.items}
    for extra in extras:
        rivals = [item.ref for item in members[extra.claimed].items if item.ref.tracker == extra.ref.tracker]
        # Found or not: whoever cannot be asked now is looked up by the next whole look.
        with suppress(*TRACKER_TROUBLES):
            await look_again(session, extra.ref.tracker, rivals)
    return session.store.missing() != before


async def read_back(session: Session, tracker: str) -> None:
    """Read the items of changes whose answer was lost, by id, and settle what is now known."""

    def doubted() -> list[Entry]:
        alike = Names(session.store.names(tracker)).alike()
        return [
            replace(entry, change=renewed(entry.change, alike))
            for entry in session.store.in_doubt()
            if entry.change.ref.tracker == tracker
        ]

    missing = await look_again(session, tracker, {entry.change.ref for entry in doubted()})
    # Asked again: an item that goes on under another ref took its changes along; and names may be others now.
    entries = doubted()
    session = session.refreshed() if entries else session
    for entry in entries:
        if entry.change.ref in missing:
            receipt = Receipt(Outcome.GONE, f"{entry.change.key} is {missing[entry.change.ref]}", _sent(entry))
            # It may be hidden for a while only, with half of our write on it: base stays as wide as the write.
            session.store.settle(entry.id, receipt, entry.natives, None, session.clock.now())
        else:
            _conclude(session, entry, session.store.item(entry.change.ref))


def _conclude(session: Session, entry: Entry, item: Item) -> None:
    """Say what became of a change in doubt, from how its item looks now. A young one may still turn up."""
    now = session.clock.now()
    # However far apart: a clock that was set back would keep it young for as long as it had been ahead.
    late = abs(now - entry.intended) > LATE
    native = native_of(item, entry.change.field, session.terms)
    try:
        shown = compare(entry.change, item)
    except StaleError:
        # Half done, or moved by a person since: base stays as wide as the write, and the next plan sorts it out.
        if late:
            session.store.settle(
                entry.id, Receipt(Outcome.STALE, "moved since; read back", _sent(entry)), entry.natives, None, now
            )
        return
    if shown == "after":
        ours = landed(
            entry.change, entry.natives, native, meaning(entry.change.ref.tracker, entry.change.field, session.terms)
        )
        settled = entry.natives if entry.change.tidies else ours
        session.store.settle(entry.id, Receipt(Outcome.APPLIED, "read back", _sent(entry)), settled, None, now)
    elif late:
        session.store.settle(entry.id, Receipt(Outcome.FAILED, "it never arrived; read back"), None, None, now)


def _sent(entry: Entry) -> tuple[str, ...]:
    """The requests that were sent for a change whose answer was lost."""
    return entry.receipt.requests if entry.receipt else ()

"""Observe: read what changed into the store, page by page, and find out what became of what is no longer there.

Trackers are read side by side. A tracker that fails stops nobody else: its look carries the failure, and the caller
lets the tasks with an item there rest. Absence is not deletion: an item that a whole look did not show is looked up by
id before anything is concluded, unless its container looks emptied, which is an alarm instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from trackersync.connector import Lately, Page, These, compare
from trackersync.core.express import landed
from trackersync.core.guard import Shrunk, shrunk
from trackersync.core.model import Absence, Change, Item, ItemRef, Outcome, Receipt
from trackersync.core.naming import Names, renewed
from trackersync.core.outcome import Look, World
from trackersync.core.terms import meaning, native_of
from trackersync.errors import (
    AuthError,
    NotFoundError,
    RejectedError,
    StaleError,
    TrackersyncError,
    UnavailableError,
)
from trackersync.pipeline.containers import Containers, containers_of, due, gone
from trackersync.pipeline.names import met
from trackersync.pipeline.session import Session
from trackersync.store import Ask, Entry, Subject, Written, note_missed, owe
from trackersync.store.items import Finding
from trackersync.store.rows import micros

TRACKER_TROUBLES = (AuthError, UnavailableError, NotFoundError, RejectedError)
"""What stops one tracker and no other."""
LATE = timedelta(seconds=60)
"""A write that was not seen this long after it was sent will not turn up any more."""


async def observe(session: Session, *, full: bool = False) -> dict[str, Look]:
    """Read every tracker's news into the store, and read back what is in doubt.

    Where a service works on the store, what is found is due to be looked at by it, from the same transaction on: news
    are seen once, and whoever sees them may be stopped before anything came of it.

    Args:
        session: what to work with.
        full: read everything, not only what changed.
    """
    served = bool(session.store.kept())
    looks = await asyncio.gather(
        *(
            look_at(
                session,
                tracker,
                full=full,
                news=News(session, tracker, counts=True) if served else None,
            )
            for tracker in session.connectors
        )
    )
    return {look.tracker: look for look in looks}


class News:
    """Makes the items due that a look finds changed, in the transaction that stores them.

    Not those of a repository or project that is read for the first time: there everything is new.

    Args:
        session: what to work with.
        tracker: whose.
        counts: count those that no delivery told of.
    """

    def __init__(self, session: Session, tracker: str, *, counts: bool = False) -> None:
        self._session, self._tracker, self._counts = session, tracker, counts
        self._known = {name for name, whole in session.store.complete(tracker).items() if whole}

    def of(self, container: str) -> Finding | None:
        """What is told of the pages of a container, or of items that are looked up (empty); None: of nothing."""
        return self._found if not container or container in self._known else None

    def _found(self, connection: Connection, refs: Sequence[ItemRef]) -> None:
        if not refs:
            return
        now = micros(self._session.clock.now())
        if self._counts:
            note_missed(connection, refs, now)
        asks = [(Ask(Subject(ref.tracker, "item", ref.id)), now) for ref in refs]
        self._session.store.dispatch.owed(connection, owe(connection, asks, now))


async def look_at(
    session: Session,
    tracker: str,
    *,
    full: bool = False,
    only: str = "",
    news: News | None = None,
) -> Look:
    """Read one tracker's news, or those of one repository or project.

    Args:
        session: what to work with.
        tracker: its name.
        full: read everything, not only what changed.
        only: of this repository or project alone, which is known; empty: of all, and of which there are.
        news: told what is found.
    """
    store = session.store
    begun = session.clock.now()
    since = store.freshness(tracker)
    if only and only in store.complete(tracker):
        found = Containers((only,))
    else:
        try:
            found = await containers_of(session, tracker)
        except TRACKER_TROUBLES as error:
            return _looked(session, tracker, begun, _Tally(since), failure=error)
        store.retain(
            tracker,
            (*found.names, *found.lost, *(name for failure in found.failures for name in failure.containers)),
        )
    containers, failures = found.names, found.failures
    for name in due(session, tracker, full=full):
        if name in containers:
            store.reset_cursor(tracker, name)
    cursors = {name: at for name, at in store.cursors(tracker).items() if name in containers}
    whole = frozenset(containers) - cursors.keys() | {
        name for name, done in store.complete(tracker).items() if not done
    }
    tally = _Tally(since)
    emptied: tuple[Shrunk, ...] = ()
    try:
        ended = await _read(session, tracker, cursors, containers, tally, failures, news=news, only=only)
        if found.lost and (sentence := gone(session, tracker, found.lost)):
            failures.append(sentence)
        emptied = emptied_of(session, tracker)
        alarmed = {gone.container for gone in emptied}
        for name in sorted(ended & whole - alarmed):
            await look_again(session, tracker, store.absent(tracker, name), news=news)
        await look_again(session, tracker, tally.written.unsure, news=news)
        if not session.serves:  # else it may be under way in a look of the service
            await read_back(session, tracker)
    except TRACKER_TROUBLES as error:
        failures.append(error)
    return _looked(
        session, tracker, begun, tally, whole=bool(whole), emptied=emptied, failure=_one(failures) if failures else None
    )


async def _read(  # noqa: PLR0917  # one look's state, in the order it is come by
    session: Session,
    tracker: str,
    cursors: Mapping[str, str],
    containers: Sequence[str],
    tally: _Tally,
    failures: list[TrackersyncError],
    *,
    news: News | None,
    only: str,
) -> frozenset[str]:
    """Read the news of the containers into the store; those that fail stop no other, and are told in ``failures``.

    Returns:
        The containers that were read to their end.
    """
    store = session.store
    scans = {name: store.begin_scan(tracker, name, session.clock.now()) for name in containers}
    ended: set[str] = set()
    try:
        async for page in session.connectors[tracker].observe(Lately(cursors, (only,) if only else ())):
            await met(session, tracker, page)
            found = None if news is None else news.of(page.container)
            tally.add(page, store.put_page(tracker, page, scan=scans[page.container], found=found))
            if found is not None:
                store.dispatch.committed()
            session.progress.observed(tracker, page.container, tally.read[page.container], page.expected)
            if page.complete:
                ended.add(page.container)
    except TRACKER_TROUBLES as error:
        if not error.containers or not set(containers) - set(error.containers):
            # All of it failed, so it is no matter of some of its containers.
            error.containers = ()
            raise
        failures.append(error)
    return frozenset(ended)


def _one(failures: Sequence[TrackersyncError]) -> TrackersyncError:
    """Several failures of one tracker as one; if one of them concerns all of it, the whole does."""
    if len(failures) == 1:
        return failures[0]
    if down := next((error for error in failures if not error.containers), None):
        return down
    error = UnavailableError("; ".join(dict.fromkeys(map(str, failures))))
    error.containers = tuple(dict.fromkeys(name for failure in failures for name in failure.containers))
    return error


def _looked(
    session: Session,
    tracker: str,
    begun: datetime,
    tally: _Tally,
    *,
    whole: bool = False,
    emptied: tuple[Shrunk, ...] = (),
    failure: TrackersyncError | None = None,
) -> Look:
    return Look(
        tracker=tracker,
        whole=whole,
        changed=tally.written.new + tally.written.changed,
        own=len(tally.own),
        since=tally.since,
        complete=session.complete(tracker),
        unread=frozenset(name for name, done in session.store.complete(tracker).items() if not done),
        seconds=(session.clock.now() - begun).total_seconds(),
        emptied=emptied,
        failure=failure,
        news=frozenset(tally.news),
    )


class _Tally:
    """Counts what the pages brought."""

    def __init__(self, since: datetime | None) -> None:
        self.read: dict[str, int] = {}
        self.written = Written()
        self.own: set[ItemRef] = set()
        self.news: set[ItemRef] = set()
        self.since = since

    def add(self, page: Page, written: Written) -> None:
        self.read[page.container] = self.read.get(page.container, 0) + len(page.items)
        self.written += written
        news = set(written.changed_refs)
        self.news |= news
        if self.since is not None:
            # Changed since we last looked, and yet as we know it: it came back from our own write.
            self.own |= {item.ref for item in page.items if item.updated >= self.since and item.ref not in news}
            self.own -= news


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


def emptied_of(session: Session, tracker: str) -> tuple[Shrunk, ...]:
    """The repositories or projects whose last whole look showed almost nothing of what was there before."""
    counts = session.store.counts(tracker)
    now = {(tracker, name): count.shown for name, count in counts.items()}
    return shrunk(now, {(tracker, name): count.accepted for name, count in counts.items()})


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

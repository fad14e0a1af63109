"""Observe: read what changed into the store, page by page, and find out what became of what is no longer there.

Trackers are read side by side. A tracker that fails stops nobody else: its look carries the failure, and the caller
lets the tasks with an item there rest. Absence is not deletion: an item that a whole look did not show is looked up by
id before anything is concluded, unless its container looks emptied, which is an alarm instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from trackersync.connector import Lately, Page
from trackersync.core.guard import Shrunk, shrunk
from trackersync.core.model import ItemRef
from trackersync.core.outcome import Look
from trackersync.errors import TRACKER_TROUBLES, TrackersyncError, UnavailableError
from trackersync.pipeline.again import look_again, read_back
from trackersync.pipeline.containers import Containers, containers_of, due, gone
from trackersync.pipeline.names import met
from trackersync.pipeline.news import News
from trackersync.pipeline.session import Session
from trackersync.store import Written


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


def emptied_of(session: Session, tracker: str) -> tuple[Shrunk, ...]:
    """The repositories or projects whose last whole look showed almost nothing of what was there before."""
    counts = session.store.counts(tracker)
    now = {(tracker, name): count.shown for name, count in counts.items()}
    return shrunk(now, {(tracker, name): count.accepted for name, count in counts.items()})

"""What a listing asks next: pure decisions over what was asked and what came.

A repository is read by keyset: ordered by ``updated`` ascending, always the first page, from a little before the last
row seen. Page numbers over a list that moves lose rows: an issue edited meanwhile jumps to the end, everything behind
it shifts left by one, and the row at the next page's boundary is never shown. Keyset reads do not lose rows, whatever
is edited or deleted meanwhile.

Where more issues than a page share a second, a keyset page makes no progress; then its ``Link: next`` is followed,
verbatim, until one does. Where that is refused or goes in a circle, the rest is read by page number, newest first: in
that order edits only show rows twice. A listing that makes no progress even so is given up, never repeated for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from trackersync.connector import UnavailableError

FULL = 100
"""Rows of a full page, the most GitHub gives ("List repository issues")."""

OVERLAP = timedelta(minutes=2)
"""Before the last row seen, on the first request of a run: ``since`` may mean "after", and clocks of servers differ."""

STEP = timedelta(seconds=1)
"""Before the last row seen, within a run: GitHub counts in whole seconds."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The last row seen of a repository that had none."""


_FORM = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a repository has been read: its database id, and when the last row seen was updated.

    With the id at hand an incremental read needs no request to learn it. Written ``681273514 2026-03-05T09:12:00Z``.
    """

    repository: int
    updated: datetime = NEVER

    def __str__(self) -> str:
        return f"{self.repository} {written(self.updated)}"


def cursor_of(text: str) -> Cursor:
    """Read a cursor.

    Raises:
        ValueError: it is none of ours; the repository is to be read whole.
    """
    repository, _, updated = text.partition(" ")
    try:
        return Cursor(int(repository), datetime.strptime(updated, _FORM).replace(tzinfo=UTC))
    except ValueError as error:
        raise ValueError(f"{text!r} is no cursor of a GitHub listing") from error


def written(moment: datetime) -> str:
    """A time as GitHub writes it; fractions of a second, which it does not have, are left behind."""
    return moment.astimezone(UTC).strftime(_FORM)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a listing.

    Attributes:
        since: rows updated then or later; None for all.
        link: instead of parameters, a ``Link: next`` to be followed verbatim.
        page: instead of the keyset, this page, newest first; 0 for the keyset.
    """

    since: datetime | None = None
    link: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class Got:
    """What came.

    Attributes:
        rows: how many, pull requests included.
        earliest: when the earliest of them was updated.
        latest: when the latest of them was updated.
        fresh: how many had not been seen since the last progress, or since reading by page number began.
        link: the answer's ``Link: next``.
    """

    rows: int
    earliest: datetime | None
    latest: datetime | None
    fresh: int
    link: str = ""


def first(cursor: Cursor | None) -> Ask:
    """The first question of a run."""
    if cursor is None or cursor.updated == NEVER:
        return Ask()
    return Ask(since=cursor.updated - OVERLAP)


def meets(cursor: Cursor, got: Got) -> bool:
    """Tell whether the first page of a run shows a row that had been read before, or as little as there was then."""
    if cursor.updated == NEVER:
        return not got.rows
    return got.earliest is not None and got.earliest <= cursor.updated


def parameters(ask: Ask) -> dict[str, str | int] | None:
    """The query of a question; None for a link, whose own query stands."""
    if ask.link:
        return None
    query: dict[str, str | int] = {
        "state": "all",
        "sort": "updated",
        "direction": "desc" if ask.page else "asc",
        "per_page": FULL,
    }
    if ask.since is not None:
        query["since"] = written(ask.since)
    if ask.page:
        query["page"] = ask.page
    return query


def following(ask: Ask, got: Got, container: str) -> Ask | None:
    """The next question; None when the listing has been read to its end. ``container`` is for the sentence.

    Raises:
        UnavailableError: even page numbers make no progress.
    """
    if ask.page:
        return _next_page(ask, got, container)
    if got.rows < FULL and not got.link:
        return None
    since = None if got.latest is None else got.latest - STEP
    if since is not None and (ask.since is None or since > ask.since):
        return Ask(since=since)
    if got.link and (got.fresh or not ask.link):
        return Ask(since=ask.since, link=got.link)
    return Ask(since=ask.since, page=1)


def _next_page(ask: Ask, got: Got, container: str) -> Ask | None:
    if got.rows < FULL:
        return None
    if not got.fresh:
        raise UnavailableError(
            f"{container}: the list of issues goes in a circle: page {ask.page} shows only rows that were shown before"
        )
    return Ask(since=ask.since, page=ask.page + 1)


def otherwise(ask: Ask) -> Ask | None:
    """The question to ask instead of one that GitHub refused as invalid; None where there is no other."""
    if ask.page:
        return None
    if ask.link:
        return Ask(since=ask.since, page=1)
    return None if ask.since is None else Ask(page=1)

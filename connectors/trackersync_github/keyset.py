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
class Cursor:
    """How far a repository has been read.

    Written ``681273514 2026-03-05T09:12:00Z 2026-03-01T00:00:00Z 2026-03-05T10:00:00Z W/"4f5…"``, ``-`` for what is
    None and shorter where the end says nothing.

    Attributes:
        repository: its database id; with it at hand an incremental read needs no request to learn it.
        updated: when the last row seen was updated.
        anchor: what the last question of the read asked for, so that the next read can ask just the same.
        swept: GitHub's time when the last read that came to its end began: what changes without a trace in
            ``updated`` (a board, a release) has been seen up to then.
        tag: the ETag of the answer to ``anchor``; empty where there is none.
    """

    repository: int
    updated: datetime = NEVER
    anchor: Ask | None = None
    swept: datetime | None = None
    tag: str = ""

    def __str__(self) -> str:
        """Spell it, for the store."""
        anchor = "" if self.anchor is None else _spelt(self.anchor.since)
        swept = "" if self.swept is None else written(self.swept)
        words = [str(self.repository), written(self.updated), anchor, swept or (self.tag and "-"), self.tag]
        if (swept or self.tag) and not anchor:
            words[2] = "?"
        return " ".join(filter(None, words))


def cursor_of(text: str) -> Cursor:
    """Read a cursor.

    Raises:
        ValueError: it is none of ours; the repository is to be read whole.
    """
    repository, updated, anchor, swept, tag = (*text.split(" ", 4), "", "", "", "")[:5]
    try:
        return Cursor(
            int(repository),
            _read(updated),
            None if anchor in ("", "?") else Ask(since=_moment(anchor)),
            _moment(swept),
            tag,
        )
    except ValueError as error:
        raise ValueError(f"{text!r} is no cursor of a GitHub listing") from error


def _spelt(moment: datetime | None) -> str:
    return "-" if moment is None else written(moment)


def _moment(text: str) -> datetime | None:
    return None if text in ("", "-") else _read(text)


def _read(text: str) -> datetime:
    return datetime.strptime(text, _FORM).replace(tzinfo=UTC)


def written(moment: datetime) -> str:
    """A time as GitHub writes it; fractions of a second, which it does not have, are left behind."""
    return moment.astimezone(UTC).strftime(_FORM)


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
    """The first question of a run: the last one of the run before, where that reaches back far enough.

    It is answered by one page, since the last question was; and where nothing has changed, with 304 and at no cost.
    """
    if cursor is None or cursor.updated == NEVER:
        return Ask()
    reaching = cursor.updated - OVERLAP
    anchor = cursor.anchor
    if anchor is not None and (anchor.since is None or anchor.since <= reaching):
        return anchor
    return Ask(since=reaching)


def known(cursor: Cursor | None) -> str:
    """The ETag to send with the first question of a run; empty where none belongs to it."""
    return cursor.tag if cursor is not None and cursor.anchor == first(cursor) else ""


def meets(cursor: Cursor, got: Got) -> bool:
    """Tell whether the first page of a run shows a row that had been read before, or as little as there was then."""
    if cursor.updated == NEVER:
        return not got.rows
    # In whole seconds, as a cursor remembers it: a server other than GitHub's may show fractions.
    return got.earliest is not None and got.earliest.replace(microsecond=0) <= cursor.updated


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

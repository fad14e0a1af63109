"""Reads one repository page by page. What to ask next is ``keyset``'s decision; here it is asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime

from requests.utils import parse_header_links

from trackersync.connector import Answer, NotFoundError, Page, RejectedError, UnavailableError, Wire, decode
from trackersync_github import keyset
from trackersync_github.keyset import Ask, Cursor, Got
from trackersync_github.names import Names, hidden
from trackersync_github.wire import Issue, accounts_of, item_of, refused

MOST_PAGES = 100_000
"""Of one repository in one run; far above any that exists, so that no broken server keeps us for ever."""

_Key = tuple[int, datetime]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One question and what came: ``fresh`` are the issues that had not come before."""

    ask: Ask
    got: Got
    fresh: tuple[Issue, ...]
    keys: frozenset[_Key]


class Listing:
    """One read of one repository: from a cursor, or whole.

    Args:
        wire: to GitHub.
        names: the ids of repositories.
        tracker: the tracker's name.
        container: the repository as configured.
        cursor: where an earlier read came to; one that cannot be read means the whole repository.
    """

    def __init__(self, wire: Wire, names: Names, tracker: str, container: str, cursor: str | None) -> None:
        self._wire = wire
        self._names = names
        self._tracker = tracker
        self._container = container
        self._cursor = _readable(cursor)
        if self._cursor is not None:
            names.note(self._cursor.repository, container)

    async def read(self) -> AsyncGenerator[Page, None]:
        """Yield the pages; the last one, and only that, is complete.

        Raises:
            NotFoundError: the repository does not exist, is hidden, or has its issues switched off.
            UnavailableError: no usable answer, or a listing that goes in a circle.
        """
        cursor, turn = await self._begin()
        seen: frozenset[_Key] = frozenset()
        for _ in range(MOST_PAGES):
            ask = keyset.following(turn.ask, turn.got, self._container)
            cursor = Cursor(cursor.repository, max(filter(None, (cursor.updated, turn.got.latest))))
            # Newest first, the rows still to come are older: until they have come there is nothing to go on from.
            resumable = ask is None or not turn.ask.page
            yield self._page(turn.fresh, cursor, resumable=resumable, complete=ask is None)
            if ask is None:
                return
            seen = _remembered(turn, ask, seen)
            turn = await self._turn(ask, seen)
        raise UnavailableError(f"{self._container}: the list of issues did not end after {MOST_PAGES:,} pages")

    async def _begin(self) -> tuple[Cursor, _Turn]:
        """The first turn, and the cursor it belongs to.

        The overlap shows the last row seen once more. Where it does not, that issue was edited or deleted since; or the
        repository was deleted and another made under its name, whose issues must not pass for the old ones.
        """
        if self._cursor is not None:
            turn = await self._turn(keyset.first(self._cursor))
            if keyset.meets(self._cursor, turn.got):
                return self._cursor, turn
            if await self._names.learn(self._container) == self._cursor.repository:
                return self._cursor, turn
        return Cursor(await self._names.learn(self._container)), await self._turn(keyset.first(None))

    async def _turn(self, ask: Ask, seen: frozenset[_Key] = frozenset()) -> _Turn:
        path = ask.link or f"/repos/{self._container}/issues"
        try:
            answer = await self._wire.read("GET", path, params=keyset.parameters(ask))
        except RejectedError as error:
            # To another host, where the credential does not go: without it there is no listing.
            raise UnavailableError(f"{self._container} cannot be listed: {error}") from error
        if answer.status == 422 and (instead := keyset.otherwise(ask)) is not None:
            return await self._turn(instead)
        if answer.status != 200:
            raise self._unlisted(answer)
        issues = decode(answer, list[Issue])
        moments = [issue.updated_at for issue in issues]
        fresh = tuple(issue for issue in issues if (issue.id, issue.updated_at) not in seen)
        got = Got(len(issues), min(moments, default=None), max(moments, default=None), len(fresh), _next_link(answer))
        return _Turn(ask, got, fresh, frozenset((issue.id, issue.updated_at) for issue in issues))

    def _page(self, rows: tuple[Issue, ...], cursor: Cursor, *, resumable: bool, complete: bool) -> Page:
        issues = [issue for issue in rows if not issue.is_pull_request]
        return Page(
            items=tuple(item_of(issue, self._tracker, cursor.repository, self._container) for issue in issues),
            accounts=accounts_of(issues, self._tracker),
            container=self._container,
            cursor=str(cursor) if resumable else None,
            complete=complete,
        )

    def _unlisted(self, answer: Answer) -> NotFoundError | RejectedError | UnavailableError:
        error = refused(answer, f"listing the issues of {self._container}")
        if answer.status in {403, 404, 451}:
            return hidden(self._container, str(error))
        if answer.status == 410:
            return NotFoundError(
                f"{self._container} has its issues switched off. Switch them on in the repository's settings, or take "
                "it out of `repositories`."
            )
        return UnavailableError(str(error))


def _remembered(turn: _Turn, ask: Ask, seen: frozenset[_Key]) -> frozenset[_Key]:
    """The rows that are not fresh when they come again with the next question.

    Rows come twice within the overlap only, so what came before the last progress is forgotten; and reading by page
    number begins anew, since it shows everything once more.
    """
    if ask.page == 1:
        return frozenset()
    if ask.page == 2 or ask.since != turn.ask.since:
        return turn.keys
    return seen | turn.keys


def _readable(cursor: str | None) -> Cursor | None:
    if cursor is None:
        return None
    try:
        return keyset.cursor_of(cursor)
    except ValueError:
        return None


def _next_link(answer: Answer) -> str:
    links = parse_header_links(answer.headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), "")

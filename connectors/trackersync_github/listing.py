"""Reads one repository page by page. What to ask next is ``keyset``'s decision; here it is asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import datetime

from trackersync.connector import (
    Answer,
    Clock,
    ItemRef,
    NotFoundError,
    Page,
    RejectedError,
    UnavailableError,
    Wire,
    decode,
)
from trackersync_github import keyset
from trackersync_github.completing import Completing
from trackersync_github.keyset import Ask, Cursor, Got
from trackersync_github.lookup import Lookup
from trackersync_github.names import Names, hidden
from trackersync_github.paging import next_link
from trackersync_github.wire import Issue, Place, accounts_of, refused, told_time

MOST_PAGES = 100_000
"""Of one repository in one run; far above any that exists, so that no broken server keeps us for ever."""

_Key = tuple[int, datetime]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One question and what came, at GitHub's time: ``fresh`` are the issues that had not come before."""

    ask: Ask
    got: Got
    fresh: tuple[Issue, ...]
    keys: frozenset[_Key]
    at: datetime
    tag: str = ""
    unchanged: bool = False


class Listing:
    """One read of one repository: from a cursor, or whole.

    Args:
        wire: to GitHub.
        names: the ids of repositories.
        lookup: looks at single issues.
        completing: makes items.
        clock: the time, where an answer does not say GitHub's.
        container: the repository as configured.
        cursor: where an earlier read came to; one that cannot be read means the whole repository.
    """

    def __init__(  # noqa: PLR0917  # each is one part of the connector, told apart by its type
        self,
        wire: Wire,
        names: Names,
        lookup: Lookup,
        completing: Completing,
        clock: Clock,
        container: str,
        cursor: str | None,
    ) -> None:
        self._wire = wire
        self._names = names
        self._lookup = lookup
        self._completing = completing
        self._clock = clock
        self._container = container
        self._cursor = _readable(cursor)
        self._pulls: list[Issue] = []
        self._shown: set[int] = set()
        if self._cursor is not None:
            names.note(self._cursor.repository, container)

    async def read(self) -> AsyncGenerator[Page, None]:
        """Yield the pages; the last one, and only that, is complete.

        Raises:
            NotFoundError: the repository does not exist, is hidden, or has its issues switched off.
            UnavailableError: no usable answer, or a listing that goes in a circle.
        """
        cursor, turn = await self._begin()
        began = turn.at
        seen: frozenset[_Key] = frozenset()
        for _ in range(MOST_PAGES):
            ask = keyset.following(turn.ask, turn.got, self._container)
            cursor = replace(cursor, updated=max(filter(None, (cursor.updated, turn.got.latest))), anchor=None, tag="")
            if ask is None:
                async for page in self._end(turn, cursor, began):
                    yield page
                return
            # Newest first, the rows still to come are older: until they have come there is nothing to go on from.
            yield await self._page(turn.fresh, None if ask.page else cursor)
            seen = _remembered(turn, ask, seen)
            turn = await self._turn(ask, seen)
        raise UnavailableError(f"{self._container}: the list of issues did not end after {MOST_PAGES:,} pages")

    async def _end(self, turn: _Turn, cursor: Cursor, began: datetime) -> AsyncGenerator[Page, None]:
        """The last rows, and before them the issues that changed without the list showing it."""
        since = cursor.swept
        # A question that was asked by link or by page number is not one that the next read can begin with.
        anchor = turn.ask if not turn.ask.link and not turn.ask.page else None
        cursor = replace(cursor, anchor=anchor, tag=turn.tag if anchor else "")
        if self._completing.supplements:
            cursor = replace(cursor, swept=began)
        rows = await self._page(turn.fresh, cursor)
        if since is not None and self._completing.supplements:
            numbers = await self._completing.stirred(self._container, since - keyset.OVERLAP, self._pulls)
            refs = [
                ItemRef(self._completing.tracker, str(Place(cursor.repository, number)))
                for number in sorted(numbers - self._shown)
            ]
            async for page in self._lookup.pages(refs):
                yield replace(page, container=self._container)
        yield replace(rows, complete=True)

    async def _begin(self) -> tuple[Cursor, _Turn]:
        """The first turn, and the cursor it belongs to.

        The overlap shows the last row seen once more. Where it does not, that issue was edited or deleted since; or the
        repository was deleted and another made under its name, whose issues must not pass for the old ones.
        """
        if self._cursor is not None:
            turn = await self._turn(keyset.first(self._cursor), tag=keyset.known(self._cursor))
            if turn.unchanged or keyset.meets(self._cursor, turn.got):
                return self._cursor, turn
            if await self._names.learn(self._container) == self._cursor.repository:
                return self._cursor, turn
        return Cursor(await self._names.learn(self._container)), await self._turn(keyset.first(None))

    async def _turn(self, ask: Ask, seen: frozenset[_Key] = frozenset(), tag: str = "") -> _Turn:
        path = ask.link or f"/repos/{self._container}/issues"
        try:
            answer = await self._wire.read(
                "GET", path, params=keyset.parameters(ask), headers={"If-None-Match": tag} if tag else None
            )
        except RejectedError as error:
            # To another host, where the credential does not go: without it there is no listing.
            raise UnavailableError(f"{self._container} cannot be listed: {error}") from error
        at = told_time(answer.headers) or self._clock.now()
        if answer.status == 304 and tag:
            return _Turn(ask, Got(0, None, None, 0), (), frozenset(), at, tag, unchanged=True)
        if answer.status == 422 and (instead := keyset.otherwise(ask)) is not None:
            return await self._turn(instead)
        if answer.status != 200:
            raise self._unlisted(answer)
        issues = decode(answer, list[Issue])
        moments = [issue.updated_at for issue in issues]
        fresh = tuple(issue for issue in issues if (issue.id, issue.updated_at) not in seen)
        got = Got(len(issues), min(moments, default=None), max(moments, default=None), len(fresh), next_link(answer))
        keys = frozenset((issue.id, issue.updated_at) for issue in issues)
        return _Turn(ask, got, fresh, keys, at, answer.headers.get("etag", ""))

    async def _page(self, rows: tuple[Issue, ...], cursor: Cursor | None) -> Page:
        self._pulls += [issue for issue in rows if issue.is_pull_request]
        issues = [issue for issue in rows if self._completing.wanted(issue)]
        self._shown |= {issue.number for issue in issues}
        repository = self._names.id_of(self._container)
        return Page(
            items=await self._completing.items(issues, repository, self._container),
            accounts=accounts_of(issues, self._completing.tracker),
            container=self._container,
            cursor=None if cursor is None else str(cursor),
        )

    def _unlisted(self, answer: Answer) -> NotFoundError | RejectedError | UnavailableError:
        error = refused(answer, f"listing the issues of {self._container}")
        if answer.status in {403, 404, 451}:
            return hidden(self._container, str(error), anonymous=self._names.anonymous)
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

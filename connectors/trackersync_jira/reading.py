"""Looking at a project of Jira, from its cursor on or whole."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from trackersync.connector import Answer, NotFoundError, Page, UnavailableError, decode
from trackersync_jira import keyset
from trackersync_jira.api import Api, Ask
from trackersync_jira.items import accounts, item, milliseconds, moment
from trackersync_jira.keyset import Place, Stuck
from trackersync_jira.refusals import refused
from trackersync_jira.shapes import Found, Issue

PAGES = 1_000_000
"""Pages of one project before a read is given up: an end to a list that grows as fast as we read it."""

Version = tuple[str, str]
"""An issue's id and its ``updated``: the same pair is the same state."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One page as read.

    Attributes:
        fresh: its issues that the page before did not have.
        last: ``updated`` of its last issue, epoch milliseconds; None for an empty page.
        seen: what its newest second holds; asked for again, they need no second telling.
    """

    fresh: tuple[Issue, ...]
    last: int | None
    seen: frozenset[Version]


async def pages(api: Api, project: str, cursor: str | None) -> AsyncGenerator[Page, None]:
    """Yield a project's issues from a cursor on, or whole, in the order of ``updated``.

    The cursor of a page is the ``updated`` of its last issue, epoch milliseconds. A given one that is not of this form
    is none of ours, and the project is read whole.

    Raises:
        NotFoundError: the project does not exist or is hidden.
        UnavailableError: Jira gave no usable answer, or no way to the rest of the list.
    """
    reached = int(cursor) if cursor is not None and cursor.isdecimal() else None
    expected = await api.about(f'project = "{project}"') if reached is None and api.site.cloud else None
    whole, place, seen = reached is None, keyset.begin(reached), frozenset[Version]()
    for number in range(PAGES):
        answer = await api.search(Ask(keyset.jql(project, place.since), place.token, place.start))
        if answer.status == 400 and place.token:
            # Tokens expire; times do not.
            place = _onward(api, project, keyset.again(place, "it refuses the token it gave"))
            continue
        found = await _found(api, project, answer)
        complete = keyset.ended(place, found, cloud=api.site.cloud)
        if number == 0 and complete and not found.issues:
            await _believe_nothing(api, project)
        batch = _batch(found, seen, place.reached)
        if batch.last is not None:
            reached = max(batch.last, reached or 0)
        if whole and expected is None:
            expected = found.total
        if batch.fresh or complete:
            yield await _page(api, project, batch, reached, complete=complete, expected=expected)
        if complete:
            return
        seen = batch.seen
        place = _onward(api, project, keyset.after(place, found, batch.last, cloud=api.site.cloud))
    raise UnavailableError(f"{api.site.tracker}: project {project} was not at its end after {PAGES} pages.")


def _onward(api: Api, project: str, following: Place | Stuck) -> Place:
    if isinstance(following, Place):
        return following
    raise UnavailableError(
        f"{api.site.tracker}: the search of project {project} stops before its end: {following.because}. "
        "What was read is kept; the next run goes on from there."
    )


async def _found(api: Api, project: str, answer: Answer) -> Found:
    """A page of the search, or the reason there is none, in the words that help most."""
    if answer.status == 200:
        return decode(answer, Found)
    if answer.status == 400:
        # Jira refuses a query for a project it does not show; it does so for other reasons too, so ask for the project.
        await api.project(project)
    flavour, remedy = (
        ("Cloud", "If this is a Data Center, leave `email` out")
        if api.site.cloud
        else ("Data Center", "If this is Jira Cloud, add `email`")
    )
    raise refused(
        answer,
        f"{api.site.tracker}: Jira refuses the search of project {project}",
        f"{remedy}; it is read as {flavour}, at {answer.request}." if answer.status in {404, 405, 410} else "",
    )


async def _believe_nothing(api: Api, project: str) -> None:
    """Make sure that an empty answer is one: the overlap finds at least the last issue again, so it hardly ever is.

    Raises:
        AuthError: it was an answer for strangers.
        NotFoundError: the project is gone or hidden.
    """
    await api.authenticate()
    await api.project(project)


def _batch(found: Found, seen: frozenset[Version], reached: int | None) -> Batch:
    times = [milliseconds(moment(issue, issue.fields.updated)) for issue in found.issues]
    if not times:
        return Batch((), None, seen)
    versions = [(issue.id, issue.fields.updated) for issue in found.issues]
    fresh = tuple(issue for issue, version in zip(found.issues, versions, strict=True) if version not in seen)
    newest = keyset.second(times[-1])
    if reached is not None and newest < reached:
        return Batch(fresh, times[-1], seen)
    held = frozenset(v for v, time in zip(versions, times, strict=True) if keyset.second(time) == newest)
    return Batch(fresh, times[-1], held | seen if newest == reached else held)


async def _page(
    api: Api, project: str, batch: Batch, reached: int | None, *, complete: bool, expected: int | None
) -> Page:
    ours = tuple(issue for issue in batch.fresh if issue.fields.project.key == project)
    if len(ours) < len(batch.fresh):
        await _renamed(api, project)
    return Page(
        items=tuple(item(api.site, issue) for issue in ours),
        accounts=accounts(api.site, ours),
        container=project,
        cursor=None if reached is None else str(reached),
        complete=complete,
        expected=expected,
    )


async def _renamed(api: Api, project: str) -> None:
    """An issue of another project was found: it has just moved and is left out, or the project has another key now.

    Raises:
        NotFoundError: Jira still finds the project under its old key, but every issue bears the new one.
    """
    now = (await api.project(project)).key
    if now != project:
        raise NotFoundError(
            f"{api.site.tracker}: project {project} is called {now} now. Write {now} under `projects` of this tracker."
        )

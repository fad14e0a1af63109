"""Looking at a project of Jira, from its cursor on or whole.

With a filter of the user's own (``jql``) an issue that leaves it is just not found any more. What changed in the
project at all is therefore listed first, by ids alone, and what of it the filter then does not show is out of scope:
in this order nothing falls between the two, since what leaves the filter later was changed later. ``NOT (filter)``
would not do, since in JQL a field that is empty is not "not something".
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from trackersync.connector import Absence, ItemRef, Page
from trackersync_jira import keyset, names, remote
from trackersync_jira.api import Api
from trackersync_jira.crawl import THIN, Batch, Wanted, believe_nothing, latest, renamed, walk
from trackersync_jira.items import accounts
from trackersync_jira.keyset import Cursor, Place


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed in a project at all, whatever the filter says.

    Attributes:
        ids: of its issues.
        reached: ``updated`` of the latest one, epoch milliseconds.
    """

    ids: frozenset[str] = frozenset()
    reached: int | None = None


async def pages(api: Api, project: str, cursor: str | None, only: str = "") -> AsyncGenerator[Page, None]:
    """Yield a project's issues from a cursor on, or whole, in the order of ``updated``.

    Args:
        api: Jira.
        project: its key.
        cursor: as a page bore it. One that is not of our form, or was read with another filter, is none of ours, and
            the project is read whole.
        only: the user's own filter; empty for every issue.

    Raises:
        NotFoundError: the project does not exist or is hidden.
        RejectedError: Jira refuses the filter.
        UnavailableError: Jira gave no usable answer, or no way to the rest of the list.
    """
    at = Cursor.read(cursor, only)
    place = keyset.written(keyset.begin(at.reached), at.form)
    changed = await _changed(api, project, place) if only and cursor is not None else Changed()
    expected = None
    if at.reached is None and api.site.cloud:
        expected = await api.about(keyset.jql(project, only))
    reached, newest, matched, first = at.reached, at.reached, set[str](), True
    limit: int | None = None
    # A filter that shows nothing is nothing strange where Jira has just shown something without it.
    doubted = not changed.ids
    async for batch in walk(api, Wanted(project, only), place):
        if first and batch.complete and batch.newest is None and doubted:
            await believe_nothing(api, project)
        if first and only and at.reached is None:
            # A whole read may last, and what leaves the filter meanwhile must be among what changed for the next one.
            limit = batch.newest if batch.complete else await latest(api, Wanted(project, fields=THIN))
        first = False
        matched |= {issue.id for issue in batch.fresh}
        reached, newest = _later(reached, batch.last), _later(newest, batch.newest)
        if batch.complete:
            reached = newest
        if only:
            reached = _filtered(at, reached, changed, limit, complete=batch.complete)
        if at.reached is None and expected is None:
            expected = batch.total
        if batch.fresh or batch.complete:
            after = None if reached is None else Cursor(reached, api.ways.form).text(only)
            yield await _page(api, project, batch, after, expected, changed.ids - matched)


def _later(*times: int | None) -> int | None:
    return max((time for time in times if time is not None), default=None)


def _filtered(at: Cursor, reached: int | None, changed: Changed, limit: int | None, *, complete: bool) -> int | None:
    """How far a read with a filter has come.

    Who left it is told on the last page, so that until then nothing is done; and who left it while it was read is told
    next time, if that begins no later than what we know of it.
    """
    if at.reached is not None:
        return _later(at.reached, changed.reached) if complete else at.reached
    return None if reached is None or limit is None else min(reached, limit)


async def _changed(api: Api, project: str, place: Place) -> Changed:
    ids, reached = set[str](), None
    async for batch in walk(api, Wanted(project, fields=THIN), place):
        ids |= {issue.id for issue in batch.fresh}
        reached = _later(reached, batch.newest)
    return Changed(frozenset(ids), reached)


async def _page(  # noqa: PLR0917  # a page as far as it is known
    api: Api, project: str, batch: Batch, cursor: str | None, expected: int | None, left: frozenset[str]
) -> Page:
    ours = tuple(issue for issue in batch.fresh if issue.fields.project.key == project)
    if len(ours) < len(batch.fresh):
        await renamed(api, project)
    # Those of them that nobody has heard of are passed over by the store.
    gone = {ItemRef(api.site.tracker, id_): Absence.OUT_OF_SCOPE for id_ in sorted(left)} if batch.complete else {}
    return Page(
        items=await remote.items(api, ours),
        accounts=accounts(api.site, ours),
        named=names.seen(ours),
        container=project,
        cursor=cursor,
        complete=batch.complete,
        missing=gone,
        expected=expected,
    )

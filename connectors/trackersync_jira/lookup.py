"""Looking at single issues of Jira by id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from trackersync.connector import Absence, Answer, ItemRef, NotFoundError, Page, RejectedError, UnavailableError
from trackersync_jira import keyset, names, remote
from trackersync_jira.api import Api
from trackersync_jira.crawl import THIN, Wanted, filter_refused, walk
from trackersync_jira.items import accounts
from trackersync_jira.keyset import Place, Stuck
from trackersync_jira.query import PAGE, Ask
from trackersync_jira.refusals import UnservedError
from trackersync_jira.shapes import Issue

RECONCILED = 50
"""As many issues Cloud looks at past its index (Atlassian, "Search and reconcile issues using JQL")."""

TURNS = 4 * RECONCILED
"""Pages of an answer about so many issues before it is given up: it has one for each and some that are empty."""


async def pages(api: Api, refs: Sequence[ItemRef], projects: Sequence[str], only: str = "") -> AsyncGenerator[Page]:
    """Yield these issues, 100 a page, with those that are not there named as missing.

    A moved issue is found under its id, whatever its key is now; one that has left the configured projects or the
    user's filter is out of scope. Jira does not tell a deleted issue from a hidden one.

    Raises:
        AuthError: something is missing because Jira does not know us.
        RejectedError: Jira refuses the filter.
        UnavailableError: Jira gave no usable answer.
    """
    wanted = tuple(dict.fromkeys(refs))
    ours = frozenset(projects)
    for at in range(0, len(wanted), PAGE):
        chunk = wanted[at : at + PAGE]
        found = await (_fetch(api, chunk) if api.site.cloud else _get_or_learn(api, chunk, projects))
        by_id = {issue.id: issue for issue in found}
        if any(ref.id not in by_id for ref in chunk):
            # To a stranger Jira hides what it shows to us.
            await api.authenticate()
        inside = [issue for issue in found if issue.fields.project.key in ours]
        shown = await _matching(api, inside, only) if only else {issue.id for issue in inside}
        missing = {ref: _absence(by_id.get(ref.id)) for ref in chunk if ref.id not in shown}
        kept = [by_id[ref.id] for ref in chunk if ref not in missing]
        yield Page(
            items=await remote.items(api, kept),
            accounts=accounts(api.site, kept),
            named=names.seen(kept),
            missing=missing,
        )


def _absence(issue: Issue | None) -> Absence:
    return Absence.HIDDEN if issue is None else Absence.OUT_OF_SCOPE


async def _matching(api: Api, issues: Sequence[Issue], only: str) -> frozenset[str]:
    """The ids of those that the user's filter shows.

    Only issues that were there a moment ago are asked for: Jira refuses a query whole that names one that is gone. If
    one goes in this moment they are asked for one by one. Cloud looks at them past its index, which may lag.
    """
    shown: set[str] = set()
    for at in range(0, len(issues), RECONCILED):
        chunk = [issue.id for issue in issues[at : at + RECONCILED]]
        answer = await _filtered(api, chunk, only)
        if not isinstance(answer, Answer):
            shown |= answer
            continue
        alone = [await _filtered(api, [id_], only) for id_ in chunk]
        if all(isinstance(one, Answer) for one in alone):
            raise filter_refused(api, answer)
        shown |= {id_ for one in alone if not isinstance(one, Answer) for id_ in one}
    return frozenset(shown)


async def _filtered(api: Api, ids: Sequence[str], only: str) -> frozenset[str] | Answer:
    """Those of some issues that the filter shows, on however many pages; the answer itself where it is a refusal.

    Raises:
        UnavailableError: Jira has more of them, and no way there.
    """
    field = "key" if api.ways.keyed else "id"
    jql = f"{field} in ({', '.join(map(api.ways.address, ids))}) AND ({only})"
    shown, told, place = frozenset[str](), set[str](), Place()
    for _ in range(TURNS):
        answer = await api.search(Ask(jql, place.token, place.start, THIN, tuple(ids)))
        if answer.status != 200:
            return answer
        found = api.page_of(answer)
        told |= {issue.id for issue in found.issues}
        # A server that passes over what it does not know in a query shows others too.
        shown = frozenset(ids) & told
        if len(shown) == len(ids) or keyset.ended(place, found, cloud=api.site.cloud):
            if len(told) >= (found.total or 0):
                return shown
            if len(ids) == 1:
                raise _endless(api, f"it counts {found.total} issues, but shows {len(told)}")
            return shown | await _alone(api, [id_ for id_ in ids if id_ not in shown], only)
        following = keyset.onward(place, found, cloud=api.site.cloud)
        if isinstance(following, Stuck):
            raise _endless(api, following.because)
        place = following
    raise _endless(api, f"it was not at its end after {TURNS} pages")


async def _alone(api: Api, ids: Sequence[str], only: str) -> frozenset[str]:
    """Those of some issues that the filter shows, each asked for by itself: numbers did not lead to all it counts."""
    answers = [await _filtered(api, [id_], only) for id_ in ids]
    return frozenset(id_ for one in answers if not isinstance(one, Answer) for id_ in one)


def _endless(api: Api, because: str) -> UnavailableError:
    return UnavailableError(
        f"{api.site.tracker}: the search for single issues stops before its end: {because}. "
        "Nothing is known of the rest; the next run asks again."
    )


async def _fetch(api: Api, refs: Sequence[ItemRef]) -> list[Issue]:
    """Ask for a hundred at once (Cloud), and one by one for those that Jira could not give this time."""
    ids = [ref.id for ref in refs]
    if api.ways.singly:
        return await _get(api, ids)
    try:
        fetched = await api.fetch(ids)
    except (NotFoundError, UnservedError, UnavailableError) as trouble:
        if isinstance(trouble, UnavailableError) and trouble.retry_after is not None:
            raise
        return await _singly(api, ids, trouble)
    answered = {issue.id for issue in fetched.issues}
    failed = [error.id for error in fetched.issue_errors or ()]
    if not answered.union(ids).issuperset(failed):
        # It does not say which of them it could not give, so any that is not there may be one.
        failed = [id_ for id_ in ids if id_ not in answered]
    return [*fetched.issues, *await _get(api, [id_ for id_ in failed if id_ not in answered])]


async def _singly(
    api: Api, ids: Sequence[str], trouble: NotFoundError | UnservedError | UnavailableError
) -> list[Issue]:
    """Ask one by one from now on, where a server is asked for many in vain (404, 405, 501) and answers to one.

    Raises:
        NotFoundError, UnservedError, UnavailableError: the trouble itself, where it answers to one no better.
    """
    try:
        first = await _get(api, ids[:1])
    except (RejectedError, UnavailableError):
        raise trouble from None
    # If it was a passing trouble with many, the rest of the run is slower and no less right.
    api.ways.singly = True
    return [*first, *await _get(api, ids[1:])]


async def _get(api: Api, ids: Sequence[str]) -> list[Issue]:
    """Ask one by one; the wire has no more than eight under way at once. The first error stops the rest."""

    async def one(issue_id: str) -> list[Issue]:
        answer = await api.issue(issue_id)
        return [api.issue_of(answer)] if answer.status == 200 else []

    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(one(issue_id)) for issue_id in ids]
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from group_error
    return [issue for task in asked for issue in task.result()]


async def _get_or_learn(api: Api, refs: Sequence[ItemRef], projects: Sequence[str]) -> list[Issue]:
    """Ask one by one (Data Center); where a server knows issues by their keys alone, these are found out first."""
    ids = [ref.id for ref in refs]
    found = await _get(api, ids)
    if len(found) == len(ids) or not await _keyed(api):
        return found
    there = {issue.id for issue in found}
    left = [id_ for id_ in ids if id_ not in there]
    if any(id_ not in api.ways.keys for id_ in left):
        for project in projects:
            # The walk notes the keys of all that it passes.
            async for _ in walk(api, Wanted(project, fields=THIN), Place()):
                pass
    return [*found, *await _get(api, [id_ for id_ in left if id_ in api.ways.keys])]


async def _keyed(api: Api) -> bool:
    """Whether this server knows issues by their keys alone, told by one that a search has just shown."""
    if not api.ways.keyed and not api.ways.asked and api.ways.keys:
        api.ways.asked = True
        await api.issue(next(reversed(api.ways.keys)))
    return api.ways.keyed

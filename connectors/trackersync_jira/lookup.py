"""Looking at single issues of Jira by id."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence

from trackersync.connector import Absence, ItemRef, Page, decode
from trackersync_jira.api import PAGE, Api
from trackersync_jira.items import accounts, item
from trackersync_jira.shapes import Issue


async def pages(api: Api, refs: Sequence[ItemRef], projects: Iterable[str]) -> AsyncGenerator[Page]:
    """Yield these issues, 100 a page, with those that are not there named as missing.

    A moved issue is found under its id, whatever its key is now; one that has left the configured projects is out of
    scope. Jira does not tell a deleted issue from a hidden one.

    Raises:
        AuthError: something is missing because Jira does not know us.
        UnavailableError: Jira gave no usable answer.
    """
    wanted = tuple(dict.fromkeys(refs))
    ours = frozenset(projects)
    for at in range(0, len(wanted), PAGE):
        chunk = wanted[at : at + PAGE]
        found = await (_fetch(api, chunk) if api.site.cloud else _get(api, [ref.id for ref in chunk]))
        by_id = {issue.id: issue for issue in found}
        if any(ref.id not in by_id for ref in chunk):
            # To a stranger Jira hides what it shows to us.
            await api.authenticate()
        missing = {ref: _absence(by_id.get(ref.id)) for ref in chunk if _out(by_id.get(ref.id), ours)}
        kept = [by_id[ref.id] for ref in chunk if ref not in missing]
        yield Page(
            items=tuple(item(api.site, issue) for issue in kept),
            accounts=accounts(api.site, kept),
            missing=missing,
        )


def _out(issue: Issue | None, ours: frozenset[str]) -> bool:
    return issue is None or issue.fields.project.key not in ours


def _absence(issue: Issue | None) -> Absence:
    return Absence.HIDDEN if issue is None else Absence.OUT_OF_SCOPE


async def _fetch(api: Api, refs: Sequence[ItemRef]) -> list[Issue]:
    """Ask for a hundred at once (Cloud), and one by one for those that Jira could not give this time."""
    fetched = await api.fetch([ref.id for ref in refs])
    failed = [error.id for error in fetched.issue_errors or () if error.id]
    return [*fetched.issues, *await _get(api, failed)]


async def _get(api: Api, ids: Sequence[str]) -> list[Issue]:
    """Ask one by one; the wire has no more than eight under way at once. The first error stops the rest."""

    async def one(issue_id: str) -> list[Issue]:
        answer = await api.issue(issue_id)
        return [decode(answer, Issue)] if answer.status == 200 else []

    try:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(one(issue_id)) for issue_id in ids]
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from group_error
    return [issue for task in asked for issue in task.result()]

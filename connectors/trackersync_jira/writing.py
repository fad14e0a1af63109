"""Writing to Jira: look, compare with ``before``, write, read back.

Both looks ask for the issue by its id: search lags behind writes by up to minutes, an issue asked for by id does not.
"""

from __future__ import annotations

from trackersync.connector import Change, Item, RejectedError, StaleError, UnavailableError, compare
from trackersync_jira import owners, places, remote
from trackersync_jira.api import Api
from trackersync_jira.filling import Filling
from trackersync_jira.intended import expect_intended


async def apply(api: Api, change: Change, projects: frozenset[str], filling: Filling) -> Item:
    """Carry out one change of a stage or an owner; see ``connector.Connector.apply``."""
    issue = await api.expect_issue(change.ref.id, change.key)
    before = await remote.shown(api, issue)
    if before.container not in projects:
        raise StaleError(
            f"{change.key} is {before.key} now, in project {before.container}, which is none of the configured ones; "
            "nothing was written"
        )
    if compare(change, before) == "after":
        return before
    hop: tuple[str, str] | None = None
    if change.field == "owners":
        await owners.write(api, change, issue)
    elif change.field == "links":
        await remote.write(api, change, before)
    else:
        hop = await places.write(api, change, before, filling)
    shown = await _read_back(api, change)
    expect_intended(change, before, shown, hop)
    return shown


# Afterwards.


async def _read_back(api: Api, change: Change) -> Item:
    """Look again. Without this look the write is in doubt: Jira took it, but what it shows now is not known."""
    try:
        return await remote.shown(api, await api.expect_issue(change.ref.id, change.key))
    except RejectedError as error:
        raise RejectedError(f"{change.key} was written, but could not be read back: {error}", partly=True) from error
    except (StaleError, UnavailableError) as error:
        raise UnavailableError(
            f"{change.key} was written, but could not be read back: {error}",
            retry_after=error.retry_after if isinstance(error, UnavailableError) else None,
            in_doubt=True,
        ) from error

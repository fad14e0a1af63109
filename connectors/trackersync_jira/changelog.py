"""Jira's changelogs: where they are asked for on Cloud and on Data Center, and the parts of their JSON we read.

Sources: Atlassian, "The Jira Cloud platform REST API" v3 ("Bulk fetch changelogs", "Get changelogs"); the Jira Data
Center REST API v2, which has neither: there a changelog comes whole with its issue (``expand=changelog``). Cloud would
cut that one off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from trackersync.connector import Answer, AuthError, ItemRef, NotFoundError, RejectedError, UnavailableError, decode
from trackersync_jira.api import Api
from trackersync_jira.refusals import ABSENT, known, refused

MOST_ISSUES = 1000
"""Of one bulk request."""
ENTRIES = 1000
"""Asked for at once of many issues; Jira's own measure, a tenth of what it allows."""
OF_ONE = 100
"""Asked for at once of a single issue; Jira gives no more."""
MOST_PAGES = 100
"""Of one issue's entries, or of those of the issues of one bulk request."""

_NO_BULK = ABSENT | {400, 403, 409, 413, 422}
"""Not there, not for us, or not for these issues: each is asked for by itself then, and says what is the matter."""


class Author(msgspec.Struct, frozen=True, rename="camel"):
    """Who did it: named by ``account_id`` on Cloud, by ``name`` on Data Center, whose histories say ``key``."""

    account_id: str | None = None
    name: str | None = None
    key: str | None = None


class Detail(msgspec.Struct, frozen=True, rename="camel"):
    """One field that was changed: ids in ``before`` and ``after``, and what people read in the texts.

    ``tmp_…`` are account ids, from the years in which Cloud went over from user keys to them; Data Center has no
    ``field_id`` in older versions.
    """

    field: str = ""
    field_id: str | None = None
    fieldtype: str | None = None
    before: str | None = msgspec.field(name="from", default=None)
    before_text: str | None = msgspec.field(name="fromString", default=None)
    after: str | None = msgspec.field(name="to", default=None)
    after_text: str | None = msgspec.field(name="toString", default=None)
    tmp_from_account_id: str | None = None
    tmp_to_account_id: str | None = None


class Entry(msgspec.Struct, frozen=True):
    """One entry: what somebody changed in one go. ``created`` is a text; Atlassian's own example shows a number."""

    id: str
    created: str | int
    author: Author | None = None
    items: list[Detail] = []


class Log(msgspec.Struct, frozen=True, rename="camel"):
    """What a page of a bulk answer holds of one issue."""

    issue_id: str
    change_histories: list[Entry] = []


class Logs(msgspec.Struct, frozen=True, rename="camel"):
    """One page of a bulk answer."""

    issue_change_logs: list[Log] = []
    next_page_token: str | None = None


class Values(msgspec.Struct, frozen=True, rename="camel"):
    """One page of a single issue's entries."""

    values: list[Entry] = []
    total: int | None = None
    is_last: bool | None = None


class Histories(msgspec.Struct, frozen=True):
    """What an issue bears with ``expand=changelog``."""

    histories: list[Entry] = []
    total: int | None = None


class Expanded(msgspec.Struct, frozen=True):
    """An issue of Data Center with its history, its fields as they come, and what those are called."""

    changelog: Histories
    fields: dict[str, Any] = {}
    names: dict[str, str] = {}


async def bulk(api: Api, ids: Sequence[str], fields: Sequence[str]) -> dict[str, list[Entry]] | None:
    """The entries of many issues, by issue id, as far as they are about some fields; None where they cannot be asked.

    An issue without any is not among them, and neither is one that is gone or hidden.

    Args:
        api: Cloud.
        ids: up to ``MOST_ISSUES``.
        fields: up to ten.

    Raises:
        AuthError, UnavailableError: Jira cannot be asked now.
    """
    body: dict[str, object] = {"issueIdsOrKeys": list(ids), "fieldIds": list(fields), "maxResults": ENTRIES}
    found: dict[str, list[Entry]] = {}
    for _ in range(MOST_PAGES):
        try:
            answer = known(await api.wire.read("POST", f"{api.root}/changelog/bulkfetch", json=body))
        except AuthError:
            # To nobody in particular it is not promised, and a single issue's is.
            if not api.site.anonymous:
                raise
            return None
        except UnavailableError as error:
            # A server in trouble says so again of a single issue.
            if error.retry_after is not None:
                raise
            return None
        if answer.status in _NO_BULK:
            return None
        if answer.status != 200:
            raise refused(answer, f"{api.site.tracker}: Jira does not show the histories of {len(ids)} issues")
        page = decode(answer, Logs)
        for log in page.issue_change_logs:
            # An issue comes again on later pages: they are sorted by time, and by issue only within that.
            found.setdefault(log.issue_id, []).extend(log.change_histories)
        if not page.next_page_token:
            return found
        body["nextPageToken"] = page.next_page_token
    # Each by itself has an end that is told apart.
    return None


async def single(api: Api, ref: ItemRef) -> list[Entry]:
    """The entries of one issue on Cloud.

    Raises:
        NotFoundError: it is gone, or hidden from us.
        RejectedError: it may not be asked by us, or there are more entries than are read.
        AuthError, UnavailableError: Jira cannot be asked now.
    """
    found: list[Entry] = []
    for _ in range(MOST_PAGES):
        params = {"startAt": len(found), "maxResults": OF_ONE}
        answer = known(await api.wire.read("GET", f"{_issue(api, ref)}/changelog", params=params))
        page = decode(await _there(api, ref, answer), Values)
        found += page.values
        if page.is_last or not page.values or (page.total is not None and len(found) >= page.total):
            return found
    # Later it will be no shorter; and it stops no other item's.
    raise RejectedError(f"{api.site.tracker}: issue {ref.id} has more changes than are read ({MOST_PAGES} pages).")


async def expanded(api: Api, ref: ItemRef, fields: Sequence[str]) -> Expanded:
    """One issue of Data Center with its history.

    Raises:
        NotFoundError: it is gone, or hidden from us.
        RejectedError: its history is not shown whole.
        AuthError, UnavailableError: Jira cannot be asked now.
    """
    params = {"expand": "changelog,names", "fields": ",".join(fields)}
    answer = known(await api.wire.read("GET", _issue(api, ref), params=params))
    issue = decode(await _there(api, ref, answer), Expanded)
    shown, total = len(issue.changelog.histories), issue.changelog.total
    if total is not None and shown < total:
        raise RejectedError(
            f"{api.site.tracker}: Jira shows {shown} of the {total} changes of issue {ref.id}, so that its history is "
            "not known. If this is Jira Cloud, add `deployment: cloud`."
        )
    return issue


async def _there(api: Api, ref: ItemRef, answer: Answer) -> Answer:
    if answer.status == 404:
        # To strangers everything is hidden.
        await api.authenticate()
        raise NotFoundError(f"{api.site.tracker}: issue {ref.id} is gone, or hidden from this account.")
    if answer.status != 200:
        raise refused(answer, f"{api.site.tracker}: Jira does not show the history of issue {ref.id}")
    return answer


def _issue(api: Api, ref: ItemRef) -> str:
    return api.path(ref.id)

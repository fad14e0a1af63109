"""Jira's paths about who changed what: of one issue, and of many at once. Cloud's alone.

Data Center has neither ("Jira Data Center REST API" v2): there a history comes with its issue, as ``expand=changelog``.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from trackersync.sandbox.jira.call import Answer, Call, RefusalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackersync.sandbox.jira.model import History, Issue

MOST_ISSUES: Final = 1000
MOST_FIELDS: Final = 10
MOST_ENTRIES: Final = 10_000
_KNOWN: Final = frozenset({"issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"})


def whole(call: Call) -> Answer:
    """Show who changed what of an issue, oldest first."""
    _cloud(call)
    found = call.issue()
    start, size = call.number("startAt", 0), min(call.number("maxResults", 100), 100)
    entries = [call.render.history(entry) for entry in found.history[start : start + size]]
    total, last = len(found.history), start + size >= len(found.history)
    url = f"{call.render.api}/issue/{found.id}/changelog"
    page = {"startAt": start, "maxResults": size, "total": total, "isLast": last, "values": entries}
    return Answer(200, {"self": url} | page)


def bulk(call: Call) -> Answer:
    """Show who changed what of up to a thousand issues, the oldest change first and the smallest issue id.

    Issues that are not there, or whose fields nobody changed, are in no page.
    """
    _cloud(call)
    asked = call.fields()
    if set(asked) - _KNOWN:
        raise RefusalError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    wanted = _texts(asked, "issueIdsOrKeys", MOST_ISSUES)
    fields = _texts(asked, "fieldIds", MOST_FIELDS) if asked.get("fieldIds") else []
    size = call.number("maxResults", 1000, asked)
    if not wanted or not 1 <= size <= MOST_ENTRIES or len(set(fields)) < len(fields):
        raise RefusalError(400, "The request names no issue, or asks for a page that is too large.")
    found = sorted(
        ((entry.created, issue.id, entry) for issue in _issues(call, wanted) for entry in issue.history),
        key=lambda one: one[:2],
    )
    rows = [(number, shown) for _, number, entry in found if (shown := _shown(call, entry, fields))["items"]]
    text = f"{sorted(wanted)} {sorted(fields)} {size}"
    start = _start(str(asked.get("nextPageToken") or ""), text)
    page: dict[int, list[dict[str, Any]]] = {}
    for number, row in rows[start : start + size]:
        page.setdefault(number, []).append(row)
    logs = [{"issueId": str(number), "changeHistories": entries} for number, entries in page.items()]
    more = {"nextPageToken": _token(start + size, text)} if start + size < len(rows) else {}
    return Answer(200, {"issueChangeLogs": logs} | more)


def _cloud(call: Call) -> None:
    if not call.cloud:
        raise RefusalError(404, "null for uri: Data Center has no such resource.")


def _texts(asked: dict[str, Any], name: str, most: int) -> list[str]:
    values = asked.get(name)
    if not isinstance(values, list) or len(values) > most or not all(isinstance(value, str) for value in values):
        raise RefusalError(400, f"The field '{name}' must be a list of up to {most} texts.")
    return values


def _issues(call: Call, wanted: Sequence[str]) -> list[Issue]:
    model = call.model
    numbers = {int(name) if name.isdecimal() else model.keys.get(name.upper(), -1) for name in wanted}
    return [] if call.blind else [model.issues[number] for number in numbers if number in model.issues]


def _shown(call: Call, entry: History, fields: Sequence[str]) -> dict[str, Any]:
    """An entry with those of its items that are asked for."""
    shown = call.render.history(entry)
    if fields:
        shown["items"] = [item for item in shown["items"] if item["fieldId"] in fields]
    return shown


def _token(start: int, text: str) -> str:
    return urlsafe_b64encode(f"{start}:{crc32(text.encode())}".encode()).decode()


def _start(token: str, text: str) -> int:
    try:
        start, _, check = urlsafe_b64decode(token).decode().partition(":") if token else ("0", "", "")
    except (Base64Error, ValueError) as trouble:
        raise RefusalError(400, "The provided next page token is invalid or expired.") from trouble
    if not start.isdecimal() or (token and check != str(crc32(text.encode()))):
        raise RefusalError(400, "The provided next page token is invalid or expired.")
    return int(start)

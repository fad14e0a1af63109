"""Jira's search paths: Cloud's token paging, Data Center's offsets, counting, and fetching many by key."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from trackersync.sandbox.jira import jql
from trackersync.sandbox.jira.call import Answer, Call, RefusalError
from trackersync.sandbox.jira.search import found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackersync.sandbox.jira.model import Issue

MOST_IDS: Final = 5_000
MOST_FULL: Final = 100
MOST_DATA_CENTER: Final = 1_000
_TOKEN_REFUSED: Final = "The provided next page token is invalid or expired."  # noqa: S105  # a sentence
_GONE: Final = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
_CLOUD_PARAMETERS: Final = frozenset(
    [
        "jql",
        "nextPageToken",
        "maxResults",
        "fields",
        "expand",
        "properties",
        "fieldsByKeys",
        "failFast",
        "reconcileIssues",
    ]
)
_DATA_CENTER_PARAMETERS: Final = frozenset(["jql", "startAt", "maxResults", "validateQuery", "fields", "expand"])


def cloud_search(call: Call) -> Answer:
    """Page by token: no total, no offset, the id alone by default, and no query without a restriction.

    Whether the real token survives edits between two pages is not documented, so this one does not: it is a place in
    the list, and rows that move past it are missed, as with an offset.
    """
    if not call.cloud:
        raise RefusalError(404, "null for uri: /rest/api/2/search/jql")
    asked = _asked(call, _CLOUD_PARAMETERS)
    if call.blind:
        return Answer(200, {"issues": [], "isLast": True})
    query = _query(call, asked)
    if not query.bounded:
        raise RefusalError(
            400, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
        )
    fields = call.wanted(asked.get("fields"), "id")
    most = MOST_IDS if set(fields) <= {"id", "key"} else MOST_FULL
    size = min(call.number("maxResults", 50, asked), most)
    start = _read_token(str(asked.get("nextPageToken") or ""), str(asked.get("jql")))
    issues = _issues(call, query, _reconciled(asked))
    body: dict[str, Any] = {"issues": _rendered(call, issues[start : start + size], fields, asked)}
    if start + size < len(issues) and size:
        body["nextPageToken"] = _write_token(start + size, str(asked.get("jql")))
    return Answer(200, body | {"isLast": "nextPageToken" not in body})


def data_center_search(call: Call) -> Answer:
    """Page by offset with a total; the window behind which it refuses is the model's to set."""
    if call.cloud or call.version == "3":
        raise RefusalError(410, _GONE)
    asked = _asked(call, _DATA_CENTER_PARAMETERS)
    start, size = call.number("startAt", 0, asked), min(call.number("maxResults", 50, asked), MOST_DATA_CENTER)
    if call.model.window is not None and start + size > call.model.window:
        raise RefusalError(
            call.model.window_status, f"Search limit exceeded: startAt + maxResults is over {call.model.window}."
        )
    issues = _issues(call, _query(call, asked), frozenset())
    fields = call.wanted(asked.get("fields"), "*navigable")
    shown = _rendered(call, issues[start : start + size], fields, asked)
    page = {"startAt": start, "maxResults": size, "total": len(issues), "issues": shown}
    return Answer(200, {"expand": "schema,names"} | page)


def count(call: Call) -> Answer:
    """Count what a query would find."""
    if call.blind:
        return Answer(200, {"count": 0})
    asked = _asked(call, frozenset(["jql"]))
    query = _query(call, asked)
    if not query.bounded:
        raise RefusalError(
            400, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
        )
    return Answer(200, {"count": len(_issues(call, query, frozenset()))})


def bulk_fetch(call: Call) -> Answer:
    """Fetch up to a hundred by key or id, by ascending id; what is missing is just absent."""
    asked = call.fields()
    names = asked.get("issueIdsOrKeys")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise RefusalError(400, "The field 'issueIdsOrKeys' must be a list of issue ids or keys.")
    if len(names) > 100:
        raise RefusalError(400, "The number of issues requested exceeds the maximum limit of 100.")
    model = call.model
    numbers = {int(name) if name.isdecimal() else model.keys.get(name.upper(), -1) for name in names}
    issues = [] if call.blind else [model.issues[number] for number in sorted(numbers) if number in model.issues]
    fields = call.wanted(asked.get("fields"), "*navigable")
    return Answer(200, {"issues": _rendered(call, issues, fields, asked), "issueErrors": []})


def _asked(call: Call, known: frozenset[str]) -> Mapping[str, Any]:
    asked = call.query if call.method == "GET" else call.fields()
    unknown = sorted(set(asked) - known)
    if unknown and call.method != "GET":
        raise RefusalError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    if unknown:
        raise RefusalError(400, f"The sandbox does not serve the parameter '{unknown[0]}' and will not ignore it.")
    return asked


def _query(call: Call, asked: Mapping[str, Any]) -> jql.Query:
    try:
        return jql.read(str(asked.get("jql") or ""), call.model.time_zone, call.model.clock)
    except jql.JqlError as trouble:
        raise RefusalError(400, str(trouble)) from trouble


def _issues(call: Call, query: jql.Query, fresh: frozenset[int]) -> list[Issue]:
    if call.blind:
        return []
    model = call.model
    # A crawl asks the same query again for each page; only a change of the site makes the answer another.
    model.searched(fresh)
    key = (query, fresh, model.version)
    if model.last_search is None or model.last_search[0] != key:
        try:
            model.last_search = (key, found(model, query, fresh))
        except jql.JqlError as trouble:
            raise RefusalError(400, str(trouble)) from trouble
    return model.last_search[1]


def _rendered(call: Call, issues: list[Issue], fields: list[str], asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    expand = asked.get("expand") or ""
    names = set(expand.split(",") if isinstance(expand, str) else expand)
    if names - {"changelog", "names", "schema", ""}:
        raise RefusalError(400, "The sandbox expands changelog, names and schema, and will not ignore another.")
    shown = [call.render.issue(issue, fields) for issue in issues]
    if "changelog" in names:
        for issue, row in zip(issues, shown, strict=True):
            row["changelog"] = call.render.changelog(issue)
    return shown


def _reconciled(asked: Mapping[str, Any]) -> frozenset[int]:
    value = asked.get("reconcileIssues") or []
    numbers = value.split(",") if isinstance(value, str) else value
    if not isinstance(numbers, list) or len(numbers) > 50 or not all(str(number).isdecimal() for number in numbers):
        raise RefusalError(400, "reconcileIssues takes up to 50 issue ids.")
    return frozenset(int(number) for number in numbers)


def _write_token(start: int, text: str) -> str:
    return urlsafe_b64encode(f"{start}:{crc32(text.encode())}".encode()).decode()


def _read_token(token: str, text: str) -> int:
    if not token:
        return 0
    try:
        start, check = urlsafe_b64decode(token).decode().split(":")
    except (Base64Error, ValueError) as trouble:
        raise RefusalError(400, _TOKEN_REFUSED) from trouble
    if not start.isdecimal() or check != str(crc32(text.encode())):
        raise RefusalError(400, _TOKEN_REFUSED)
    return int(start)

"""The list of issues: its filters, its order, and its pages.

Strict where GitHub is strict (422 for a value it does not know) and where a silent answer would hide a caller's
mistake: a filter that the stand-in does not serve is refused, never ignored.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from trackersync.sandbox import moments
from trackersync.sandbox.github.call import RefusalError, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trackersync.sandbox.github.model import GitHub, Issue

    Test = Callable[[Issue], bool]

_PAGING: Final = ("per_page", "page", "after", "before")
_KNOWN: Final = frozenset(
    ("state", "sort", "direction", "since", "labels", "assignee", "creator", "milestone", *_PAGING)
)
_CHOICES: Final = {
    "state": ("open", "closed", "all"),
    "sort": ("created", "updated", "comments"),
    "direction": ("asc", "desc"),
}
DEEPEST: Final = 10_000
_TOO_DEEP: Final = (
    "Pagination with the page parameter is not supported for large datasets, "
    "please use cursor based pagination (after/before)"
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One page, and the query of the next one, if there is one."""

    issues: tuple[Issue, ...]
    next_query: str | None


def page_size(query: Mapping[str, str]) -> int:
    """Return the page size asked for; GitHub caps it at 100 and takes 30 where it is missing."""
    return min(_positive(query, "per_page", 30), 100)


def page_number(query: Mapping[str, str]) -> int:
    """Return the page asked for, counted from 1."""
    return _positive(query, "page", 1)


def listed(model: GitHub, query: Mapping[str, str]) -> Listed:
    """Answer a list request, or refuse it."""
    unknown = sorted(set(query) - _KNOWN)
    if unknown:
        raise RefusalError(422, f"The sandbox does not serve the parameter {unknown[0]!r} and will not ignore it")
    for name, choices in _CHOICES.items():
        if query.get(name, choices[0]) not in choices:
            raise invalid(name, value=query[name])
    size, page = page_size(query), page_number(query)
    if query.get("before"):
        raise RefusalError(422, "The sandbox pages forward only: follow rel=next")
    cursor = query.get("after")
    if cursor is None and page * size > DEEPEST:
        raise RefusalError(422, _TOO_DEEP)
    skip = 0 if cursor is not None else (page - 1) * size
    found = _matching(model, query, _read_cursor(cursor) if cursor is not None else None)
    for _ in range(skip):
        if next(found, None) is None:
            return Listed((), None)
    issues: list[Issue] = []
    for issue in found:
        if len(issues) == size:
            last = _place(issues[-1], query.get("sort", "created"))
            again = {**query, "after": _write_cursor(last), "page": str(page + 1)}
            return Listed(tuple(issues), urlencode(again))
        issues.append(issue)
    return Listed(tuple(issues), None)


def _matching(model: GitHub, query: Mapping[str, str], after: tuple[int, int] | None) -> Iterator[Issue]:
    sort = query.get("sort", "created")
    descending = query.get("direction", "desc") == "desc"
    since = _since(query)
    tests = list(_tests(model, query))
    if sort == "updated":
        numbers: Iterator[int] = model.by_updated.walk(since=since, after=after, descending=descending)
    elif sort == "created":
        numbers = model.by_created.walk(after=after, descending=descending)
    else:
        numbers = _by_comments(model, after, descending=descending)
    for number in numbers:
        issue = model.issues[number]
        if (since is None or issue.updated >= since) and all(test(issue) for test in tests):
            yield issue


def _by_comments(model: GitHub, after: tuple[int, int] | None, *, descending: bool) -> Iterator[int]:
    places = sorted(((issue.comments, number) for number, issue in model.issues.items()), reverse=descending)
    for place in places:
        if after is None or (place < after if descending else place > after):
            yield place[1]


def _tests(model: GitHub, query: Mapping[str, str]) -> Iterator[Test]:
    state = query.get("state", "open")
    if state != "all":
        yield lambda issue: issue.state == state
    wanted = {name.strip().casefold() for name in query.get("labels", "").split(",") if name.strip()}
    if wanted:
        yield lambda issue: wanted <= {name.casefold() for name in issue.labels}
    creator = query.get("creator")
    if creator is not None:
        yield lambda issue: issue.author.casefold() == creator.casefold()
    if "assignee" in query:
        yield _assignee(model, query["assignee"])
    if "milestone" in query:
        yield _milestone(model, query["milestone"])


def _assignee(model: GitHub, asked: str) -> Test:
    if asked == "none":
        return lambda issue: not issue.assignees
    if asked == "*":
        return lambda issue: bool(issue.assignees)
    login = asked.casefold()
    if login not in {known.casefold() for known in model.accounts}:
        raise invalid("assignee", value=asked)
    return lambda issue: login in {name.casefold() for name in issue.assignees}


def _milestone(model: GitHub, asked: str) -> Test:
    if asked == "none":
        return lambda issue: issue.milestone is None
    if asked == "*":
        return lambda issue: issue.milestone is not None
    if not asked.isdecimal() or int(asked) not in model.milestones:
        raise invalid("milestone", value=asked)
    return lambda issue: issue.milestone == int(asked)


def _since(query: Mapping[str, str]) -> int | None:
    text = query.get("since")
    if text is None:
        return None
    try:
        return moments.seconds(moments.parse(text))
    except ValueError as trouble:
        raise invalid("since", value=text) from trouble


def _positive(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise invalid(name, value=text)
    return int(text)


def _place(issue: Issue, sort: str) -> tuple[int, int]:
    moment = {"updated": issue.updated, "created": issue.created}.get(sort, issue.comments)
    return moment, issue.number


def _write_cursor(place: tuple[int, int]) -> str:
    return urlsafe_b64encode(f"cursor:v2:{place[0]}:{place[1]}".encode()).decode()


def _read_cursor(text: str) -> tuple[int, int]:
    try:
        kind, version, moment, number = urlsafe_b64decode(text).decode().split(":")
    except (Base64Error, ValueError) as trouble:
        raise invalid("after", value=text) from trouble
    if (kind, version) != ("cursor", "v2"):
        raise invalid("after", value=text)
    return int(moment), int(number)

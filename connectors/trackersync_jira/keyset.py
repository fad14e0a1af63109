"""Where a project's read stands, and where it goes next: pure decisions.

A project is read in the order of ``updated``, and each page is asked for from the last time seen ("key set"): an issue
edited meanwhile moves ahead of us, and can never push another past us. Tokens (Cloud) and page numbers (Data Center)
are used only inside one second that fills more than a page: numbers skip issues of a list that moves, and whether
tokens are proof against that is not documented. There is no upper bound on ``updated``: an issue edited every few
minutes would fall out for ever.

Sources: Atlassian, "Search and reconcile issues using JQL" (Cloud; a page may be short or empty, only a missing token
ends the list), "JQL date time formats" (an unquoted number is milliseconds; a quoted date is read in the user's time
zone), "max_result_window" (Data Center refuses to page beyond 10,000).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from trackersync_jira.api import PAGE
from trackersync_jira.shapes import Found

OVERLAP = 5 * 60 * 1000
"""Milliseconds re-read at the start of an incremental read: Jira's search lags by up to minutes."""

WINDOW = 10_000
"""Data Center answers no search beyond this many issues."""

IDLE = 1_000
"""Pages in a row that bring nothing later before we give up: nothing edits a hundred thousand issues in a second."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project's read stands.

    Attributes:
        since: the time asked for, epoch milliseconds of a whole second; None for everything. Whole seconds, because
            Data Center's index keeps no finer ones, so that inside a second its order is not that of ``updated``.
        reached: the second of the last issue seen in this read.
        token: how far after this bound, on Cloud.
        start: how far after this bound, on Data Center.
        used: the tokens followed after this bound.
        idle: how many pages in a row brought nothing later.
        anew: whether the bound was already asked for a second time, because the way on from it was lost.
    """

    since: int | None = None
    reached: int | None = None
    token: str = ""
    start: int = 0
    used: frozenset[str] = frozenset()
    idle: int = 0
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Stuck:
    """There is more, and no way to it; the reason, as the end of a sentence."""

    because: str


def begin(cursor: int | None) -> Place:
    """Where a read starts: the cursor less the overlap, or the beginning."""
    return Place() if cursor is None else Place(since=max(0, second(cursor - OVERLAP)))


def second(moment: int) -> int:
    """The whole second a moment lies in, in milliseconds."""
    return moment // 1000 * 1000


def jql(project: str, since: int | None) -> str:
    """The query. The key is quoted, since keys may be reserved words (``AND``, ``ORDER``); ties go by key."""
    bound = "" if since is None else f" AND updated >= {since}"
    return f'project = "{project}"{bound} ORDER BY updated ASC, key ASC'


def ended(place: Place, found: Found, *, cloud: bool) -> bool:
    """Whether a page is the last. A short or empty page is not, by itself."""
    if cloud:
        return found.is_last is True or (not found.next_page_token and found.is_last is None)
    if found.total is None:
        return not found.issues
    return place.start + len(found.issues) >= found.total


def after(place: Place, found: Found, last: int | None, *, cloud: bool) -> Place | Stuck:
    """Where to go on after a page that is not the last.

    Args:
        place: where the page was asked for.
        found: the page.
        last: ``updated`` of its last issue, epoch milliseconds; None for an empty page.
        cloud: whether pages inside a second hang together by token; else by number.
    """
    here = _reach(place, last)
    if here.reached is not None and (here.since is None or here.reached > here.since):
        return Place(since=here.reached, reached=here.reached)
    if here.idle >= IDLE:
        return Stuck(f"{IDLE} pages in a row brought nothing later")
    return _by_token(here, found) if cloud else _by_number(here, found)


def again(place: Place, because: str) -> Place | Stuck:
    """Ask from the last time seen once more, where the way on from it is lost; a second loss there ends the read."""
    if place.anew:
        return Stuck(because)
    return Place(since=place.since, reached=place.reached, idle=place.idle, anew=True)


def _reach(place: Place, last: int | None) -> Place:
    if last is not None and (place.reached is None or second(last) > place.reached):
        return replace(place, reached=second(last), idle=0)
    return replace(place, idle=place.idle + 1)


def _by_token(place: Place, found: Found) -> Place | Stuck:
    token = found.next_page_token
    if not token:
        return again(place, "it says there is more, but gives no token to go on with")
    if token in place.used:
        return again(place, "its tokens lead in a circle")
    return replace(place, token=token, used=place.used | {token})


def _by_number(place: Place, found: Found) -> Place | Stuck:
    if not found.issues:
        return again(place, f"it counts {found.total} issues, but gives none after {place.start}")
    start = place.start + len(found.issues)
    if start + PAGE > WINDOW:
        return Stuck(f"more than {WINDOW} issues were updated in one second, and Data Center pages no further")
    return replace(place, start=start)

"""Where a project's read stands, and where it goes next: pure decisions.

A project is read in the order of ``updated``, and each page is asked for from the last time seen ("key set"): an issue
edited meanwhile moves ahead of us, and can never push another past us. Tokens (Cloud) and page numbers (Data Center)
are used only inside one second that fills more than a page: numbers skip issues of a list that moves, and whether
tokens are proof against that is not documented. There is no upper bound on ``updated``: an issue edited every few
minutes would fall out for ever.

A bound is written as milliseconds, which mean the same to everybody. A server that refuses those is asked in quoted
minutes of our account's time zone, and one that refuses these too without any bound, by page number alone. One that
takes a bound and answers with older issues is paged through by number or token from there on: it reads bounds more
coarsely, or not at all. So is one that answers in no order.

Sources: Atlassian, "Search and reconcile issues using JQL" (Cloud; a page may be short or empty, only a missing token
ends the list), "JQL date time formats" (an unquoted number is milliseconds; a quoted date is read in the user's time
zone), "max_result_window" (Data Center refuses to page beyond 10,000).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from itertools import pairwise

from trackersync_jira.query import PAGE
from trackersync_jira.shapes import Found
from trackersync_jira.ways import Form

OVERLAP = 5 * 60 * 1000
"""Milliseconds re-read at the start of an incremental read: Jira's search lags by up to minutes."""

WINDOW = 10_000
"""Data Center answers no search beyond this many issues."""

IDLE = 1_000
"""Pages in a row that bring nothing later before we give up: nothing edits a hundred thousand issues in a second."""

COARSE = 60_000
"""An issue that is older than the bound by more than these milliseconds was not kept out by it."""

SHARED = 10
"""Of how many issues a page shares one with the page before, where numbers are all there is.

While they have one in common nothing was skipped: issues that are edited leave, and those behind them move up.
"""

SPARED = 20
"""How many issues a page has for each of its last ones that are read again, besides two: see ``proven``."""

WESTERNMOST = timedelta(hours=12)
"""No time zone is further behind UTC, so that this much earlier is early enough in all of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a project's read stands.

    Attributes:
        since: the time asked for, epoch milliseconds of a whole second; None for everything. Whole seconds, because
            Data Center's index keeps no finer ones, so that inside a second its order is not that of ``updated``.
        reached: the second of the last issue seen in this read.
        token: how far after this bound, on Cloud.
        start: how far after this bound, where issues are counted, as on Data Center.
        used: the tokens followed after this bound.
        idle: how many pages in a row brought nothing later.
        anew: whether the bound was already asked for a second time, because the way on from it was lost.
        form: how the bound is written.
        fixed: whether the bound stays where it is, because the server reads it more coarsely than it is written, or
            knows no order.
        shares: how many issues of the page before come first again, where numbers lead on.
    """

    since: int | None = None
    reached: int | None = None
    token: str = ""
    start: int = 0
    used: frozenset[str] = frozenset()
    idle: int = 0
    anew: bool = False
    form: Form = Form.MILLISECONDS
    fixed: bool = False
    shares: int = 0


@dataclass(frozen=True, slots=True)
class Stuck:
    """There is more, and no way to it; the reason, as the end of a sentence."""

    because: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a run leaves to the next one: how far a project was read, and how this Jira wants to be asked.

    Attributes:
        reached: ``updated`` of the last issue seen, epoch milliseconds; None for a project to be read whole.
        form: how bounds are written.
    """

    reached: int | None = None
    form: Form = Form.MILLISECONDS

    def text(self, only: str = "") -> str:
        """As it is kept: ``1732877091000``, ``1732877091000 minutes``, with a filter ``1732877091000 jql:1f3a…``."""
        return " ".join([str(self.reached), *([self.form.name.lower()] if self.form else []), *_mark(only)])

    @classmethod
    def read(cls, text: str | None, only: str = "") -> Cursor:
        """One that was kept; an empty one if it is not of this form, or was read with another filter."""
        reached, *words = (text or "").split(" ")
        forms = {form.name.lower(): form for form in Form}
        form = forms[words.pop(0)] if words and words[0] in forms else Form.MILLISECONDS
        if not (reached.isascii() and reached.isdecimal()) or words != _mark(only):
            return cls()
        return cls(int(reached), form)


def _mark(only: str) -> list[str]:
    """What tells one filter from another: what has been read with one says nothing of what another shows."""
    return ["jql:" + sha256(only.encode()).hexdigest()[:12]] if only else []


def begin(cursor: int | None) -> Place:
    """Where a read starts: the cursor less the overlap, or the beginning."""
    return Place() if cursor is None else Place(since=max(0, second(cursor - OVERLAP)))


def second(moment: int) -> int:
    """The whole second a moment lies in, in milliseconds."""
    return moment // 1000 * 1000


def written(place: Place, form: Form) -> Place:
    """The same place with its bound in another form; what was left of the way after the old one is lost."""
    if place.form is form:
        return place
    since = None if place.since is None else place.since // form.step * form.step
    return Place(since=since, reached=place.reached, idle=place.idle, form=form, fixed=form is Form.NUMBERS)


def refusable(place: Place, tried: bool, *, cloud: bool) -> bool:
    """Whether a refusal may be one of the bound's form: Cloud documents it, and what was taken once is taken again."""
    return not cloud and place.since is not None and place.start == 0 and not tried and place.form < max(Form)


def bound(place: Place, zone: tzinfo | None) -> str:
    """The part of the query that leaves out what is older; empty for everything.

    Args:
        place: where the read stands.
        zone: the time zone of our account, in which Jira reads what is quoted; None where that is not known.
    """
    if place.since is None or place.form is Form.NUMBERS:
        return ""
    if place.form is Form.MILLISECONDS:
        return f"updated >= {place.since}"
    return f'updated >= "{_wall(place.since, zone):%Y-%m-%d %H:%M}"'


def _wall(since: int, zone: tzinfo | None) -> datetime:
    """What a clock on the wall shows at a moment, or earlier where that could be read as a later one.

    An hour that the end of summer time repeats is read as the first or the second, we do not know which.
    """
    moment = datetime.fromtimestamp(since / 1000, UTC)
    if zone is None:
        return moment - WESTERNMOST
    local = moment.astimezone(zone)
    behind = local.replace(fold=1).utcoffset(), local.replace(fold=0).utcoffset()
    first, second_ = (offset or timedelta() for offset in behind)
    return local.replace(tzinfo=None) - abs(second_ - first)


def jql(project: str, only: str = "", since: str = "", *, latest: bool = False) -> str:
    """The query. The key is quoted, since keys may be reserved words (``AND``, ``ORDER``); ties go by key.

    Args:
        project: the project's key.
        only: the user's own filter, without order.
        since: the bound; see ``bound``.
        latest: whether the latest come first.
    """
    parts = (f'project = "{project}"', f"({only})" if only else "", since)
    return " AND ".join(filter(None, parts)) + f" ORDER BY updated {'DESC' if latest else 'ASC'}, key ASC"


def ended(place: Place, found: Found, *, cloud: bool) -> bool:
    """Whether a page is the last. A short or empty page is not, by itself, nor is one that is not all it counts."""
    if cloud:
        if found.is_last is not None or found.next_page_token:
            return found.is_last is True
        return found.total is None or place.start + len(found.issues) >= found.total
    if found.total is None:
        return not found.issues
    return place.start + len(found.issues) >= found.total


def after(
    place: Place, found: Found, last: int | None, *, cloud: bool, oldest: int | None = None, unsorted: bool = False
) -> Place | Stuck:
    """Where to go on after a page that is not the last.

    Args:
        place: where the page was asked for.
        found: the page.
        last: how far it proves to be read, epoch milliseconds; None for an empty page, or one in no order.
        cloud: whether pages inside a second hang together by token; else by number.
        oldest: the earliest ``updated`` on it; None where that tells nothing.
        unsorted: whether it is in no order, so that no time on it is a bound to go on from.
    """
    here = _reach(place, last)
    if unsorted or (place.since is not None and oldest is not None and oldest < place.since - COARSE):
        here = replace(here, fixed=True)
    later = None if here.reached is None else here.reached // here.form.step * here.form.step
    if later is not None and not here.fixed and (here.since is None or later > here.since):
        return Place(since=later, reached=here.reached, form=here.form)
    if here.idle >= IDLE and not here.fixed:
        return Stuck(f"{IDLE} pages in a row brought nothing later")
    return onward(here, found, cloud=cloud)


def onward(place: Place, found: Found, *, cloud: bool) -> Place | Stuck:
    """The next page after the same bound: by token on Cloud, by number on Data Center and where one counts like it."""
    counts = found.total is not None and not found.next_page_token and found.is_last is None
    return _by_token(place, found) if cloud and not counts else _by_number(place, found)


def proven(place: Place, times: Sequence[int]) -> int | None:
    """How far a page proves that nothing earlier is still to come; None where it is in no order at all.

    An issue that was edited since it was indexed stands at its old place and shows its new time, most likely alone. So
    a page's last rows are not taken at their word where times leap, but read again, unless nothing else leads on. Where
    they are out of order the earliest of them counts.

    Args:
        place: where the page was asked for.
        times: ``updated`` of its issues as they come, epoch milliseconds.
    """
    if not times:
        return None
    steps = [time // place.form.step for time in times]
    back = sum(later < earlier for earlier, later in pairwise(steps))
    if back > max(1, len(times) // SHARED):
        return None
    if any(later < earlier for earlier, later in pairwise(steps[-SHARED:])):
        return min(times[-SHARED:])
    deep = min(2 + len(times) // SPARED, len(times))
    # Two cost little on every page; more are doubted where they lie further apart than all before them.
    apart = times[-1] - times[-deep] > times[-deep] - times[0]
    doubted = times[-(deep if apart else 2) :] if len(times) > 2 else times[-1:]
    if all(later - earlier <= COARSE for earlier, later in pairwise(doubted)):
        # What a leap of a minute passes over was changed in this minute, which the next run reads again.
        return times[-1]
    step, since = place.form.step, place.since
    return min((time for time in doubted if since is None or time // step * step > since), default=times[-1])


def again(place: Place, because: str) -> Place | Stuck:
    """Ask from the last time seen once more, where the way on from it is lost; a second loss there ends the read."""
    if place.anew:
        return Stuck(because)
    return replace(place, token="", start=0, shares=0, used=frozenset(), anew=True)


def back(place: Place) -> Place | Stuck:
    """Where to go on after a page that has nothing in common with the one before: some in between were passed over."""
    if place.idle >= IDLE:
        return Stuck(f"{IDLE} pages in a row brought nothing later")
    return replace(place, start=max(0, place.start - PAGE), shares=0, idle=place.idle + 1)


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
    # Where pages are counted too, the count tells how many were shown.
    shown = place.start + len(found.issues) if found.total is not None else place.start
    return replace(place, token=token, used=place.used | {token}, start=shown)


def _by_number(place: Place, found: Found) -> Place | Stuck:
    if not found.issues:
        return again(place, f"it counts {found.total} issues, but gives none after {place.start}")
    shares = len(found.issues) // SHARED
    start = place.start + len(found.issues) - shares
    if start + PAGE > WINDOW and not place.fixed:
        return Stuck(f"more than {WINDOW} issues were updated in one second, and Data Center pages no further")
    return replace(place, token="", start=start, shares=shares)

"""Walking through a search of one project to its end, page by page, whatever moves meanwhile.

The decisions are in ``keyset``; here they are carried out, and here a server's refusals of a way of asking are told
apart from its refusals of a question.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from trackersync.connector import Answer, NotFoundError, RejectedError, UnavailableError
from trackersync_jira import keyset
from trackersync_jira.api import Api
from trackersync_jira.items import milliseconds, moment
from trackersync_jira.keyset import Place, Stuck
from trackersync_jira.query import Ask
from trackersync_jira.refusals import ABSENT, refused
from trackersync_jira.shapes import Found, Issue
from trackersync_jira.ways import Form, zone_of

PAGES = 1_000_000
"""Pages of one project before a read is given up: an end to a list that grows as fast as we read it."""

THIN = ("project", "created", "updated")
"""The fields of a list of ids: what any issue is known by here, and nothing else."""

Version = tuple[str, str]
"""An issue's id and its ``updated``: the same pair is the same state."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to walk through.

    Attributes:
        project: its key.
        only: the user's own filter; empty for every issue.
        fields: what is wanted of each issue; empty for all that we read.
    """

    project: str
    only: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """One page as read.

    Attributes:
        fresh: its issues that the page before did not have.
        last: how far it proves the list to be read, epoch milliseconds; None for an empty page, or one in no order.
        oldest: the earliest ``updated`` on it.
        newest: the latest one.
        held: what it holds, with the times; asked for again, they need no second telling.
        tail: the last of its issues, with which the next page begins where numbers lead on.
        complete: whether it is the last one.
        total: how many issues the search finds, on Data Center.
    """

    fresh: tuple[Issue, ...]
    last: int | None
    oldest: int | None
    newest: int | None
    held: Mapping[Version, int]
    tail: frozenset[Version] = frozenset()
    complete: bool = False
    total: int | None = None


async def walk(api: Api, wanted: Wanted, place: Place) -> AsyncGenerator[Batch, None]:
    """Yield the pages of a search from a place on, in the order of ``updated``, until there is no more.

    Raises:
        NotFoundError: the project does not exist or is hidden.
        RejectedError: Jira refuses the search.
        UnavailableError: Jira gave no usable answer, or no way to the rest of the list.
    """
    seen: Mapping[Version, int] = {}
    latest, tail, before, unsorted = seen, frozenset[Version](), 0, False
    for _ in range(PAGES):
        answer, place = await _asked(api, wanted, place)
        if answer.status == 400 and place.token:
            # Tokens expire; times do not.
            place = _onward(api, wanted, keyset.again(place, "it refuses the token it gave"))
            continue
        found = await _found(api, wanted, answer)
        if place.shares and not any((issue.id, issue.fields.updated) in tail for issue in found.issues):
            # Nothing is told of this page yet: what lies before it must come first.
            place = _onward(api, wanted, keyset.back(place))
            continue
        complete = keyset.ended(place, found, cloud=api.site.cloud)
        batch = _batch(found, seen, place, complete=complete)
        # One page in no order says of the others that theirs is chance.
        unsorted |= batch.last is None and bool(found.issues)
        batch = replace(batch, last=None) if unsorted else batch
        if place.start > before and next(iter(latest), None) in batch.held:
            # In an order of times an issue never falls back: numbers lead nowhere here.
            _onward(api, wanted, Stuck(f"it counts {found.total} issues, but shows the same ones again and again"))
        api.ways.keys.update({issue.id: issue.key for issue in batch.fresh})
        yield batch
        if complete:
            return
        going = keyset.after(place, found, batch.last, cloud=api.site.cloud, oldest=batch.oldest, unsorted=unsorted)
        following = _onward(api, wanted, going)
        seen = _kept(seen, batch.held, place, following)
        tail, latest, before, place = batch.tail, batch.held, place.start, following
    raise UnavailableError(f"{api.site.tracker}: project {wanted.project} was not at its end after {PAGES} pages.")


async def latest(api: Api, wanted: Wanted) -> int | None:
    """When a project was last changed, as far as a search shows, epoch milliseconds; None where it shows nothing.

    Raises:
        NotFoundError: the project does not exist or is hidden.
        UnavailableError: Jira gave no usable answer.
    """
    answer = await api.search(Ask(keyset.jql(wanted.project, latest=True), fields=wanted.fields))
    found = await _found(api, wanted, answer)
    return max((milliseconds(moment(issue, issue.fields.updated)) for issue in found.issues), default=None)


def _onward(api: Api, wanted: Wanted, following: Place | Stuck) -> Place:
    if isinstance(following, Place):
        return following
    raise UnavailableError(
        f"{api.site.tracker}: the search of project {wanted.project} stops before its end: {following.because}. "
        "What was read is kept; the next run goes on from there."
    )


# How it is asked.


async def _asked(api: Api, wanted: Wanted, place: Place) -> tuple[Answer, Place]:
    """Ask for a page, and if the server refuses the form of the bound, in the next form.

    Returns:
        The answer, and the place that it is of.
    """
    ways = api.ways
    ways.form = max(place.form, ways.form)
    place = keyset.written(place, ways.form)
    try:
        answer = await _search(api, wanted, place)
    except UnavailableError as trouble:
        # 500 is such a refusal too; a tracker that asks for patience says something else.
        if trouble.retry_after is not None or not keyset.refusable(place, ways.tried, cloud=api.site.cloud):
            raise
        if (other := await _in_another_form(api, wanted, place)) is None:
            raise
        return other
    if answer.status == 400 and keyset.refusable(place, ways.tried, cloud=api.site.cloud):
        return await _in_another_form(api, wanted, place) or (answer, place)
    ways.tried |= answer.status == 200 and place.since is not None
    return answer, place


async def _in_another_form(api: Api, wanted: Wanted, place: Place) -> tuple[Answer, Place] | None:
    """What comes of the next forms of a bound; None where it is no matter of the form, so that the refusal stands.

    Raises:
        AuthError: Jira does not know us.
    """
    ways = api.ways
    try:
        ways.zone = zone_of((await api.authenticate()).time_zone)
    except (UnavailableError, NotFoundError, RejectedError):
        # It is down, or no Jira: the first trouble is the one to tell.
        return None
    for form in (form for form in Form if form > place.form):
        coarser = keyset.written(place, form)
        # What is said of this form is not told either.
        with suppress(UnavailableError):
            answer = await _search(api, wanted, coarser)
            if answer.status == 200:
                ways.form, ways.tried = form, True
                return answer, coarser
    return None


async def _search(api: Api, wanted: Wanted, place: Place) -> Answer:
    if place.form is Form.MINUTES and place.since is not None and api.ways.zone is None:
        api.ways.zone = zone_of((await api.authenticate()).time_zone)
    jql = keyset.jql(wanted.project, wanted.only, keyset.bound(place, api.ways.zone))
    return await api.search(Ask(jql, place.token, place.start, wanted.fields))


# What is answered.


async def _found(api: Api, wanted: Wanted, answer: Answer) -> Found:
    """A page of the search, or the reason there is none, in the words that help most."""
    if answer.status == 200:
        return api.page_of(answer)
    if answer.status == 400:
        # Jira refuses a query for a project it does not show; it does so for other reasons too, so ask for the project.
        await api.project(wanted.project)
    if answer.status == 400 and wanted.only:
        raise filter_refused(api, answer)
    flavour, remedy = (
        ("Cloud", "If this is a Data Center, add `deployment: data center`")
        if api.site.cloud
        else ("Data Center", "If this is Jira Cloud, add `deployment: cloud`")
    )
    raise refused(
        answer,
        f"{api.site.tracker}: Jira refuses the search of project {wanted.project}",
        f"{remedy}; it is read as {flavour}, at {answer.request}." if answer.status in ABSENT else "",
    )


def filter_refused(api: Api, answer: Answer) -> RejectedError:
    """The error for a filter that Jira does not take."""
    error = refused(
        answer, f"{api.site.tracker}: Jira refuses the filter", "Correct `jql` of this tracker; nothing was read."
    )
    return RejectedError(str(error))


async def believe_nothing(api: Api, project: str) -> None:
    """Make sure that an empty answer is one: the overlap finds at least the last issue again, so it hardly ever is.

    Raises:
        AuthError: it was an answer for strangers.
        NotFoundError: the project is gone or hidden.
    """
    await api.authenticate()
    await api.project(project)


async def renamed(api: Api, project: str) -> None:
    """An issue of another project was found: it has just moved and is left out, or the project has another key now.

    Raises:
        NotFoundError: Jira still finds the project under its old key, but every issue bears the new one.
    """
    now = (await api.project(project)).key
    if now != project:
        raise NotFoundError(
            f"{api.site.tracker}: project {project} is called {now} now. Write {now} under `projects` of this tracker."
        )


def _batch(found: Found, seen: Mapping[Version, int], place: Place, *, complete: bool) -> Batch:
    times = [milliseconds(moment(issue, issue.fields.updated)) for issue in found.issues]
    versions = [(issue.id, issue.fields.updated) for issue in found.issues]
    return Batch(
        fresh=tuple(issue for issue, version in zip(found.issues, versions, strict=True) if version not in seen),
        last=keyset.proven(place, times),
        oldest=min(times, default=None),
        newest=max(times, default=None),
        held=dict(zip(versions, times, strict=True)),
        tail=frozenset(versions[-keyset.SHARED :]),
        complete=complete,
        total=found.total,
    )


def _kept(
    seen: Mapping[Version, int], held: Mapping[Version, int], place: Place, following: Place
) -> Mapping[Version, int]:
    """What may come again on the next page: all after its bound, or where that leaves out nothing the page before."""
    if following.fixed:
        return held
    both = {**seen, **held}
    if following.since is None or following.since == place.since:
        return both
    return {version: time for version, time in both.items() if time >= following.since}

"""Taking an issue along a path of transitions: before each hop a look at where it stands, and what it is offered there.

Nobody can lock an issue, so what was planned is compared with what is before every request. A hop that cannot be made
ends the walk; the error says whether hops were made before, and between which statuses it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from trackersync.connector import Change, Item, NotFoundError, RejectedError, StaleError, UnavailableError
from trackersync_jira import screens
from trackersync_jira.api import Api
from trackersync_jira.filling import Filling
from trackersync_jira.refusals import refused
from trackersync_jira.screens import Leg, Step
from trackersync_jira.shapes import Issue, Status

SENDS = 3
"""A transition that meets a conflicting update is sent so often at most."""


async def walk(api: Api, change: Change, before: Item, filling: Filling, *, begun: bool = False) -> tuple[str, str]:
    """Make every hop of a change.

    Args:
        api: what to ask.
        change: says which hops.
        before: the issue as it was just looked at.
        filling: what is configured for screens.
        begun: something else of the change was written before.

    Returns:
        The statuses of the last hop.

    Raises:
        RejectedError, StaleError, NotFoundError, UnavailableError: see ``connector.Connector.apply``.
    """
    here = next(iter(before.facts["status"]), "nothing")
    leg = Leg(change.key, here, here)
    for planned in screens.legs(change, here):
        leg = replace(planned, here=here, place=planned.place + begun)
        try:
            target = await _make(api, change, leg, before, filling)
        except UnavailableError as error:
            raise (_in_doubt(leg, error) if leg.place else error) from error
        except RejectedError as error:
            raise _named(leg, error) from error
        except StaleError as error:
            # Who moved it off a hop is told as somebody who was faster; all else leaves a part of ours standing.
            if not leg.place or (isinstance(error, _MovedError) and leg.place > begun):
                raise
            raise _in_doubt(leg, error) from error
        here = target.name if leg.last else await _arrived(api, change, leg, target)
    return leg.here, leg.to


async def rehearse(api: Api, change: Change, before: Item, filling: Filling) -> None:
    """Find out whether the first hop of a change can be made, before anything else of it is written.

    Raises:
        RejectedError: it cannot.
        NotFoundError, UnavailableError: Jira does not tell.
    """
    leg = screens.legs(change, next(iter(before.facts["status"]), "nothing"))[0]
    await _choose(api, change, leg, before, filling, {})


async def _make(api: Api, change: Change, leg: Leg, before: Item, filling: Filling) -> Status:
    """Send an issue along one transition; the status it leads to."""
    why, sent, tried = "", 0, dict[str, RejectedError]()
    while sent < SENDS:
        step = await _choose(api, change, leg, before, filling, tried)
        answer = await api.move(change.ref.id, step.body, fact=change.field)
        if 200 <= answer.status < 300:
            return step.hop.to
        words = f'{leg.key}: Jira refuses transition "{step.hop.name}" from {leg.here} to {step.hop.to.name}'
        error = refused(answer, words, _rest(leg))
        if answer.status != 409:
            await _expect_unmoved(api, change, leg, error)
            if not isinstance(error, RejectedError):
                raise error
            # Another one may lead there too; when none is left, the first refusal is what is told.
            tried[step.hop.id] = error
            continue
        why, sent = str(error), sent + 1
        now = await api.expect_issue(change.ref.id, change.key)
        if _is(now, step.hop.to):
            return step.hop.to
        if not _stands(now, leg.here):
            raise _moved(leg, now, _rest(leg))
    raise StaleError(f"{why} It was sent {SENDS} times, and others changed the issue each time.")


async def _choose(  # noqa: PLR0917  # what a hop is made of
    api: Api, change: Change, leg: Leg, before: Item, filling: Filling, tried: Mapping[str, RejectedError]
) -> Step:
    """The transition to take, among those that are offered now and were not refused before."""
    shown = await api.hops(change.ref.id, change.key)
    hops = screens.leading(leg, [hop for hop in shown if hop.id not in tried], next(iter(tried.values()), None))
    if len({hop.to.id for hop in hops}) > 1:
        own = await _own(api, before)
        hops = tuple(hop for hop in hops if hop.to.id in own) or hops
    asked = screens.questions(leg, hops, filling)
    held = await api.held(change.ref.id, asked) if asked else frozenset[str]()
    return screens.best(leg, hops, filling, held)


async def _own(api: Api, item: Item) -> frozenset[str]:
    """The ids of the statuses that an issue's project has for its type: names may be those of another one's too."""
    try:
        kinds = await api.statuses(item.container)
    except (RejectedError, NotFoundError):
        # Where it is not told, names have to do.
        return frozenset()
    return frozenset(status.id for kind in kinds if kind.name in item.facts.get("type", ()) for status in kind.statuses)


async def _arrived(api: Api, change: Change, leg: Leg, target: Status) -> str:
    """Look before going on: the issue must be where the hop has brought it. What that status is called now.

    An administrator may call it otherwise while the issue is on its way.
    """
    try:
        now = await api.expect_issue(change.ref.id, change.key)
    except UnavailableError as error:
        raise _in_doubt(leg, error) from error
    except RejectedError as error:
        words = f"{leg.key} was taken from {leg.here} to {leg.to}, and could not be looked at there: {error}"
        raise RejectedError(words, partly=True) from error
    if _is(now, target) and now.fields.status is not None:
        return now.fields.status.name
    if _stands(now, leg.here):
        raise RejectedError(
            f"{leg.key}: Jira took the transition from {leg.here} to {leg.to}, but the status is {leg.here} still. A "
            "rule or automation of the project sets it otherwise; look at the issue's history. Nothing more was "
            "written.",
            partly=leg.place > 0,
            hop=(leg.here, leg.to),
        )
    raise _moved(leg, now, "Nothing more was written.")


async def _expect_unmoved(api: Api, change: Change, leg: Leg, error: Exception) -> None:
    """Whether a refusal is only that somebody was faster: then the issue stands elsewhere by now."""
    if not isinstance(error, RejectedError):
        return
    # Without this look the refusal is what is known.
    with suppress(UnavailableError):
        now = await api.expect_issue(change.ref.id, change.key)
        if not _stands(now, leg.here):
            raise _moved(leg, now, _rest(leg))


def _is(issue: Issue, status: Status) -> bool:
    """Whether an issue is in a status: the id tells, where there is one, whatever it is called."""
    shown = issue.fields.status
    if shown is None:
        return False
    if shown.id and status.id:
        return shown.id == status.id
    return shown.name.casefold() == status.name.casefold()


def _stands(issue: Issue, name: str) -> bool:
    return issue.fields.status is not None and issue.fields.status.name.casefold() == name.casefold()


class _MovedError(StaleError):
    """Somebody moved the issue meanwhile."""


def _moved(leg: Leg, now: Issue, rest: str) -> _MovedError:
    shown = now.fields.status.name if now.fields.status else "nothing"
    return _MovedError(
        f"{leg.key}: on its way from {leg.here} to {leg.to} it was moved to {shown} by somebody else. {rest}"
    )


def _rest(leg: Leg) -> str:
    return "Nothing more was written." if leg.place else "Nothing was written."


def _named(leg: Leg, error: RejectedError) -> RejectedError:
    """The refusal with the hop it is about, and whether others were made before."""
    return RejectedError(str(error), partly=error.partly or leg.place > 0, hop=error.hop or (leg.here, leg.to))


def _in_doubt(leg: Leg, error: StaleError | UnavailableError) -> UnavailableError:
    """After a hop the issue is not where it was, whether the next one was made or not."""
    later = error.retry_after if isinstance(error, UnavailableError) else None
    words = f"{leg.key} is half written; it was on its way from {leg.here} to {leg.to}: {error}"
    return UnavailableError(words, retry_after=later, in_doubt=True)

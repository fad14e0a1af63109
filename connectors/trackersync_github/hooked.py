"""Whether webhooks tell of edits, and whether they arrive; seen, never changed.

GitHub shows webhooks to those only who may manage them (403 or 404 else). Which of them is ours it cannot say, so those
count that tell of issues. REST API, "Repository webhooks", "Organization webhooks", "Webhook deliveries".
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from trackersync.connector import Check, Grade, NotFoundError, RejectedError, UnavailableError, Wire, decode
from trackersync_github.paging import every
from trackersync_github.wire import Moment, refused

NAME: Final = "webhooks"
MOST: Final = 10
"""Repositories whose webhooks are looked at, and webhooks whose last delivery is asked for."""

_TELLING: Final = frozenset({"issues", "*"})
_RIGHT: Final = "fine-grained token or App: Webhooks: read; classic token: read:repo_hook"


class _Response(msgspec.Struct, frozen=True):
    code: int | None = None
    status: str | None = None


class _Hook(msgspec.Struct, frozen=True):
    id: int
    active: bool = True
    events: list[str] = []
    # A repository's only; null where nothing was delivered for a month.
    last_response: _Response | None = None


class Delivered(msgspec.Struct, frozen=True):
    """A delivery as GitHub lists it: when, what it came to, and which it was."""

    delivered_at: Moment
    status: str = ""
    status_code: int = 0
    id: int = 0
    guid: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A webhook that tells of issues, where it is, and what became of its last delivery."""

    place: str
    hook: _Hook
    last: Delivered | None = None

    @property
    def code(self) -> int | None:
        """What the last delivery was answered; 0 for nothing, None where none is known."""
        if self.last is not None:
            return self.last.status_code
        return None if self.hook.last_response is None else self.hook.last_response.code

    @property
    def words(self) -> str:
        """What the last delivery came to."""
        told = self.last.status if self.last is not None else (self.hook.last_response or _Response()).status
        return f"answered {self.code}" if self.code else f"not answered{f' ({told})' if told else ''}"


async def webhooks(wire: Wire, repositories: Sequence[str], page: str, now: datetime) -> tuple[Check, ...]:
    """What is seen of the webhooks of repositories and their owners.

    Args:
        wire: to GitHub.
        repositories: those that are looked at.
        page: the address of GitHub's pages, for remedies.
        now: the time.

    Raises:
        AuthError: the credential is not accepted.
    """
    owners = dict.fromkeys(one.partition("/")[0] for one in repositories)
    places = [*repositories[:MOST], *owners]
    answers = await asyncio.gather(*(_listed(wire, place) for place in places))
    seen = [_Seen(place, hook) for place, hooks in zip(places, answers, strict=True) for hook in hooks or ()]
    telling = [one for one in seen if not _TELLING.isdisjoint(one.hook.events)]
    if not telling:
        return (_none(len(seen), hidden=all(answer is None for answer in answers)),)
    active = [one for one in telling if one.hook.active]
    known = [await _delivered(wire, one) for one in active[:MOST]]
    failed = [one for one in known if one.code is not None and not 200 <= one.code < 300]
    if failed:
        return tuple(
            Check(
                NAME,
                Grade.WARNING,
                f"{one.place}: the last delivery{_when(one, now)} was {one.words}",
                _address(one, page),
            )
            for one in failed
        )
    if not active:
        one = telling[0]
        said = f"{_number(len(telling))} of issues, and none is active; an edit crosses at the next run"
        return (Check(NAME, Grade.NOTE, said, _address(one, page)),)
    latest = max((one for one in known if one.last is not None), key=_moment, default=None)
    told = "nothing delivered lately" if latest is None else f"last delivery{_when(latest, now)}, {latest.words}"
    return (Check(NAME, Grade.GOOD, f"{_number(len(active))} of issues ({', '.join(_places(active))}); {told}"),)


def _none(others: int, *, hidden: bool) -> Check:
    if hidden:
        return Check(
            NAME, Grade.NOTE, f"this token may not see them ({_RIGHT}); without any, an edit crosses at the next run"
        )
    there = f"none that tells of issues, of {others}" if others else "none"
    return Check(NAME, Grade.NOTE, f"{there}; an edit crosses at the next run")


async def _listed(wire: Wire, place: str) -> list[_Hook] | None:
    """The webhooks of a repository or an organisation; None where they may not be seen, or cannot be now."""
    path = path_of(place)
    try:
        return await every(wire, path, _Hook, lambda answer: refused(answer, f"listing the webhooks of {place}"))
    except (NotFoundError, RejectedError, UnavailableError):
        return None


async def _delivered(wire: Wire, one: _Seen) -> _Seen:
    """With its last delivery, as far as that is told; GitHub keeps them for some days."""
    rows = await latest(wire, one.place, one.hook.id)
    return _Seen(one.place, one.hook, rows[0]) if rows else one


async def latest(wire: Wire, place: str, hook: int, number: int = 1) -> list[Delivered]:
    """A webhook's last deliveries, the latest first; none where they are not told."""
    try:
        answer = await wire.read("GET", f"{path_of(place)}/{hook}/deliveries", params={"per_page": number})
        return decode(answer, list[Delivered]) if answer.status == 200 else []
    except UnavailableError:
        return []


def path_of(place: str) -> str:
    """Where the webhooks of a repository or an organisation are listed."""
    return f"/repos/{place}/hooks" if "/" in place else f"/orgs/{place}/hooks"


def _address(one: _Seen, page: str) -> str:
    """The page on which its deliveries are seen."""
    settings = f"{one.place}/settings/hooks" if "/" in one.place else f"organizations/{one.place}/settings/hooks"
    return f"{page}/{settings}/{one.hook.id}"


def _number(hooks: int) -> str:
    return "1 tells" if hooks == 1 else f"{hooks} tell"


def _places(seen: Sequence[_Seen]) -> list[str]:
    return list(dict.fromkeys(one.place for one in seen))[:MOST]


def _moment(one: _Seen) -> datetime:
    return one.last.delivered_at if one.last is not None else datetime.min.replace(tzinfo=UTC)


def _when(one: _Seen, now: datetime) -> str:
    return "" if one.last is None else f" {ago(now - one.last.delivered_at)}"


def ago(span: timedelta) -> str:
    """How long ago something was: ``3 min ago``."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} d ago"

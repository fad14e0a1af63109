"""What an answer says about rates, and how long to wait before asking again: pure decisions over status and headers.

Sources: GitHub, "Rate limits for the REST API", "Best practices for using the REST API" and "Rate limits and query
limits for the GraphQL API"; Atlassian, "Jira Cloud rate limiting" and "Adjusting your code for rate limiting" (Data
Center); RFC 9110, section 10.2.3 (``Retry-After``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import msgspec

from trackersync.connector import CORE

SILENT = 60.0
"""Seconds to wait after a secondary limit that names no time ("wait for at least one minute", GitHub)."""

LONGEST_BACKOFF = 30.0
"""Seconds; Atlassian advises the same cap."""

LONGEST_ASKED = 30 * 86_400.0
"""Seconds; whoever asks for more does not mean it, and a date so far away may not exist."""

_LOCAL_LIMITS = frozenset({"jira-burst-based", "jira-per-issue-on-write"})
"""Values of Jira's ``RateLimit-Reason`` that concern one endpoint or one issue, not the whole tracker."""

_RATE_TYPES = frozenset({"RATE_LIMITED", "RATE_LIMIT", "graphql_rate_limit"})
_LAST_MOMENT = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


def refused_for_rate(status: int, headers: Mapping[str, str], body: bytes = b"") -> bool:
    """Tell whether an answer is an explicit refusal for rate, so that nothing was done and asking again is right.

    429 always is. 403 is when it says when to come back, when the budget is used up, or when its ``documentation_url``
    is GitHub's page on rate limits (the secondary limit may come without any header). A plain 403 is a missing right:
    also from a Jira Data Center that counts tokens, which says when to come back in every answer, and refuses by 429.
    """
    if status == 429:
        return True
    if status != 403 or tokens(headers) is not None:
        return False
    return "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or _cites_rate_limits(body)


def veiled_refusal(headers: Mapping[str, str], body: bytes) -> Literal["", "primary", "secondary"]:
    """Tell whether a 200 of GraphQL is a refusal for rate after all, and for which limit.

    "Primary" where an error's ``type`` says so: ``RATE_LIMITED`` is what GitHub documents, ``RATE_LIMIT`` with the code
    ``graphql_rate_limit`` what it has been sending (githubkit, issue 271). "Secondary" where it names a time to come
    back, or its page on rate limits. With any data, it is no refusal: some of it was done, and that is the caller's.
    """
    try:
        reply = msgspec.json.decode(body, type=_Reply)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    if reply.data is not None and (not isinstance(reply.data, dict) or any(reply.data.values())):
        return ""
    if any(fault.type in _RATE_TYPES or fault.code in _RATE_TYPES for fault in reply.errors):
        return "primary"
    trouble = reply.errors or reply.documentation_url
    return "secondary" if trouble and ("retry-after" in headers or "rate-limits" in reply.documentation_url) else ""


def concerns_all(headers: Mapping[str, str]) -> bool:
    """Tell whether a refusal for rate concerns every request to this tracker, and not one endpoint or issue only."""
    return headers.get("ratelimit-reason", "") not in _LOCAL_LIMITS


def concerns_resource(headers: Mapping[str, str], *, primary: bool = False) -> bool:
    """Tell whether a refusal for rate concerns one part of the API only, of which the headers count what is left."""
    used_up = primary or headers.get("x-ratelimit-remaining") == "0"
    return used_up and "retry-after" not in headers and count(headers) is not None


def asked_wait(status: int, headers: Mapping[str, str], now: datetime, *, primary: bool = False) -> float | None:
    """The seconds an answer asks us to wait, never negative; None where it does not say.

    ``Retry-After`` (seconds or an HTTP date) comes first. The reset header (epoch seconds at GitHub, ISO 8601 at Jira)
    counts only where the budget is used up: GitHub sends it with every answer, also when another limit struck.

    Args:
        status: of the answer.
        headers: of the answer.
        now: the time, best by the tracker's own clock.
        primary: the budget is used up, whatever the number says that is left.
    """
    wait = _retry_after(headers.get("retry-after", ""), now)
    if wait is None and (primary or (status in {403, 429} and headers.get("x-ratelimit-remaining", "0") == "0")):
        wait = _until_reset(headers.get("x-ratelimit-reset", ""), now)
    return wait if wait is None else min(max(0.0, wait), LONGEST_ASKED)


def told_time(headers: Mapping[str, str], otherwise: datetime) -> datetime:
    """The time by the tracker's clock, whose resets are by it too; by ours where it does not tell."""
    try:
        return _aware(parsedate_to_datetime(headers["date"]))
    except (KeyError, ValueError, OverflowError):
        return otherwise


@dataclass(frozen=True, slots=True)
class Count:
    """What an answer tells of the number of requests that are left.

    Attributes:
        resource: the part of the API that is counted.
        limit: how many there are in all.
        left: how many are left.
        reset: when it begins anew, in seconds since the epoch.
    """

    resource: str
    limit: int
    left: int
    reset: float


def count(headers: Mapping[str, str]) -> Count | None:
    """What the ``x-ratelimit`` headers tell; None where they are not all there."""
    numbers = [_number(headers.get(f"x-ratelimit-{name}", "")) for name in ("limit", "remaining", "reset")]
    if None in numbers:
        return None
    limit, left, reset = (number or 0.0 for number in numbers)
    if not 0 <= reset < _LAST_MOMENT:
        return None
    return Count(headers.get("x-ratelimit-resource", CORE), int(limit), int(left), reset)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an answer of Jira Data Center tells of its token bucket ("Adjusting your code for rate limiting").

    Attributes:
        limit: how many it holds at most.
        left: how many are left.
        interval: every so many seconds comes a batch of new ones.
        wait: seconds until new ones come; 0 while some are left.
    """

    limit: int
    left: int
    interval: float
    wait: float


def tokens(headers: Mapping[str, str]) -> Tokens | None:
    """What the headers tell of a token bucket; None where they do not."""
    names = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-interval-seconds")
    numbers = [_number(headers.get(name, "")) for name in names]
    if None in numbers:
        return None
    limit, left, interval = (number or 0.0 for number in numbers)
    if not 0 < interval <= LONGEST_ASKED:
        return None
    wait = _number(headers.get("retry-after", "")) or 0.0
    return Tokens(int(limit), int(left), interval, min(max(0.0, wait), LONGEST_ASKED))


def near_limit(headers: Mapping[str, str]) -> bool:
    """Whether less than a fifth of one of its limits is left, as Jira Cloud says with ``X-RateLimit-NearLimit``."""
    return headers.get("x-ratelimit-nearlimit", "").casefold() == "true"


def backoff(attempt: int, chance: float) -> float:
    """Seconds to wait after ``attempt`` failures where the tracker names no time: doubling from 1, spread by chance.

    Args:
        attempt: how many attempts have failed, from 1.
        chance: a random number from 0 to 1; the wait is spread over 0.7 to 1.3 of its length, as Atlassian advises, so
            that runs on several machines do not come back together.
    """
    return min(LONGEST_BACKOFF, 2.0 ** (attempt - 1)) * (0.7 + 0.6 * chance)


def spoken(seconds: float) -> str:
    """A length of time for people: ``41 s``, ``2 min``, ``3 h``."""
    if seconds < 90:
        return f"{math.ceil(seconds)} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"


def _retry_after(text: str, now: datetime) -> float | None:
    seconds = _number(text)
    if seconds is not None or not text:
        return seconds
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (_aware(moment) - now).total_seconds()


def _until_reset(text: str, now: datetime) -> float | None:
    epoch = _number(text)
    if epoch is not None:
        return epoch - now.timestamp()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (_aware(moment) - now).total_seconds()


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class _Refusal(msgspec.Struct):
    documentation_url: str = ""


class _Fault(msgspec.Struct):
    type: str = ""
    code: str = ""


class _Reply(msgspec.Struct):
    data: Any = None
    errors: list[_Fault] = []
    documentation_url: str = ""


def _cites_rate_limits(body: bytes) -> bool:
    """Whether GitHub's error names its page on rate limits: a field for machines, unlike the message beside it."""
    try:
        return "rate-limits" in msgspec.json.decode(body, type=_Refusal).documentation_url
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False

"""The limits of a Jira, as data, enforced before any path is reached: Cloud's three, or Data Center's token bucket.

Sources: Atlassian, "Rate limiting" (Jira Cloud platform) and "Adjusting your code for rate limiting" (Data Center).
What is too much is answered 429 with the documented headers, and nothing of it is done. Written from the documentation
and independently of the client's budget, so that the two can be held against each other.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from trackersync.sandbox.moments import Clock

QUOTA: Final = "jira-quota-tenant-based"
BURST: Final = "jira-burst-based"
ISSUE: Final = "jira-per-issue-on-write"

_ISSUE_PATH: Final = re.compile(r"/issue/([^/]+)")
_IDS: Final = re.compile(r"(?<=/issue/)[^/]+|(?<=/project/)[^/]+")
_WRITES: Final = frozenset({"POST", "PUT", "DELETE"})
_QUESTIONS: Final = re.compile(r"/(search(/jql|/approximate-count)?|bulkfetch)$")


@dataclass(frozen=True, slots=True)
class CloudLimits:
    """Cloud's numbers; by default those that are documented.

    Attributes:
        burst: requests a second of one endpoint, by method. A bucket that fills evenly.
        issue: so many writes to one issue in so many seconds, counted back from every moment.
        hourly: points, a request each, until the top of the hour; None for an API token, which has no such limit.
    """

    burst: Mapping[str, int] = field(default_factory=lambda: {"GET": 100, "POST": 100, "PUT": 50, "DELETE": 50})
    issue: tuple[tuple[int, float], ...] = ((20, 2.0), (100, 30.0))
    hourly: int | None = None


@dataclass(frozen=True, slots=True)
class BucketLimits:
    """Data Center's numbers, as an administrator sets them.

    Attributes:
        limit: tokens that can be saved up.
        fill: tokens that come at once every interval.
        interval: seconds.
    """

    limit: int = 10
    fill: int = 5
    interval: float = 2.0


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a request: whether it is too much, what is told with its answer, and which of Cloud's limits."""

    refused: bool
    headers: Mapping[str, str]
    reason: str = ""


class CloudCounter:
    """What of Cloud's limits is used up."""

    def __init__(self, limits: CloudLimits) -> None:
        self._limits = limits
        self._buckets: dict[tuple[str, str], tuple[float, datetime]] = {}
        self._issues: dict[str, deque[datetime]] = {}
        self._hour = (0, datetime.min.replace(tzinfo=UTC))

    def judge(self, method: str, path: str, now: datetime) -> Said:
        """Count a request that may pass, or say which limit refuses it and until when."""
        endpoint = (method, _IDS.sub("*", path))
        most = self._limits.burst.get(method, 100)
        tokens, at = self._buckets.get(endpoint, (float(most), now))
        tokens = min(float(most), tokens + (now - at).total_seconds() * most)
        points, hour = self._hour
        if hour <= now:
            points, hour = 0, now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        self._hour = (points, hour)
        found = _ISSUE_PATH.search(path)
        issue = found[1] if found and method in _WRITES and not _QUESTIONS.search(path) else ""
        free = max((self._free(issue, most, span, now) for most, span in self._limits.issue), default=now)
        if self._limits.hourly is not None and points >= self._limits.hourly:
            return _no(QUOTA, hour, self._limits.hourly, now)
        if tokens < 1:
            return _no(BURST, now + timedelta(seconds=(1 - tokens) / most), most, now)
        if issue and free > now:
            return _no(ISSUE, free, most, now)
        self._hour = (points + 1, hour)
        self._buckets[endpoint] = (tokens - 1, now)
        if issue:
            self._issues.setdefault(issue, deque(maxlen=max(many for many, _ in self._limits.issue))).append(now)
        left = {"x-ratelimit-limit": str(most), "x-ratelimit-remaining": str(int(tokens - 1))}
        return Said(False, left | ({"x-ratelimit-nearlimit": "true"} if tokens - 1 < most / 5 else {}))

    def _free(self, issue: str, most: int, span: float, now: datetime) -> datetime:
        """When another write to an issue fits into one of its windows."""
        past = self._issues.get(issue, ())
        return past[-most] + timedelta(seconds=span) if len(past) >= most else now


class BucketCounter:
    """What of Data Center's tokens is left; a batch comes at each whole interval since the first request."""

    def __init__(self, limits: BucketLimits) -> None:
        self._limits = limits
        self._left = limits.limit
        self._next: datetime | None = None

    def judge(self, method: str, path: str, now: datetime) -> Said:
        """Take a token for a request, or refuse it where none is left."""
        del method, path
        limits = self._limits
        self._next = self._next or now + timedelta(seconds=limits.interval)
        while self._next <= now:
            self._left = min(limits.limit, self._left + limits.fill)
            self._next += timedelta(seconds=limits.interval)
        refused = self._left < 1
        self._left -= not refused
        # Whole seconds, cut off, so that whoever takes them for the truth comes too early.
        wait = 0 if self._left else int((self._next - now).total_seconds())
        told = {
            "x-ratelimit-limit": limits.limit,
            "x-ratelimit-remaining": self._left,
            "x-ratelimit-interval-seconds": int(limits.interval),
            "x-ratelimit-fillrate": limits.fill,
            "retry-after": wait,
        }
        return Said(refused, {name: str(value) for name, value in told.items()})


Counter = CloudCounter | BucketCounter


class Limited(Protocol):
    """What a model offers to its limits; None where it has none. Others may be set at any time, and count from then."""

    @property
    def limits(self) -> CloudLimits | BucketLimits | None:
        """The limits."""

    @property
    def clock(self) -> Clock:
        """Tells the time."""


class Limiting:
    """An ASGI application that refuses what is too much, and tells of the rest how much is left.

    Args:
        app: what answers the requests that may pass.
        model: says which limits there are, and the time by which they are counted.
    """

    def __init__(self, app: ASGIApp, model: Limited) -> None:
        self.app = app
        self.model = model
        self.refused: list[str] = []
        self.taken = 0
        self._counter: tuple[CloudLimits | BucketLimits, Counter] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or refuse it."""
        if scope["type"] != "http" or self.model.limits is None:
            await self.app(scope, receive, send)
            return
        said = self._judge(str(scope["method"]), str(scope["path"]), self.model.limits)
        pairs = [(name.encode(), value.encode()) for name, value in said.headers.items()]
        if said.refused:
            self.refused.append(said.reason)
            await send({"type": "http.response.start", "status": 429, "headers": pairs})
            await send({"type": "http.response.body", "body": b""})
            return
        self.taken += 1

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *pairs]
            await send(message)

        await self.app(scope, receive, told)

    def _judge(self, method: str, path: str, limits: CloudLimits | BucketLimits) -> Said:
        if self._counter is None or self._counter[0] is not limits:
            counter = CloudCounter(limits) if isinstance(limits, CloudLimits) else BucketCounter(limits)
            self._counter = (limits, counter)
        return self._counter[1].judge(method, path, self.model.clock())


def _no(reason: str, until: datetime, limit: int, now: datetime) -> Said:
    """Word a refusal: whole seconds, rounded up, and the moment in the form of ISO 8601."""
    wait = -int(-(until - now).total_seconds() // 1)
    reset = (now + timedelta(seconds=wait)).astimezone(UTC)
    return Said(
        True,
        {
            "ratelimit-reason": reason,
            "retry-after": str(wait),
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": f"{reset:%Y-%m-%dT%H:%M:%SZ}",
        },
        reason,
    )

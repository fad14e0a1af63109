"""What has been spent of one limit: a rolling window of points, and the numbers that the tracker itself counts down.

All are bookkeeping alone: they are told the time, and say how long to wait. ``budget`` waits.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from trackersync.connector import Allowance
from trackersync.http.rates import Count, Tokens

UNTIL_ANSWERED: Final = None
"""Instead of seconds to wait: it depends on an answer that is under way."""

MARGIN = 1.0
"""Seconds after a tracker's reset, since it names whole ones."""

STALE = 100
"""By how many requests an answer may lag behind another that overtook it: as many as GitHub lets be under way."""

SAME = 5.0
"""Seconds by which the reset of one period may differ from answer to answer: they come from many machines."""


class Window:
    """The points of one allowance that are spent.

    The tracker counts a request when it arrives, which is at some moment between our sending it and its answer. So the
    points are taken before it is sent, and leave the window its whole length after the answer: then they have left the
    tracker's own window too, however slow the line was. Until the limit is reached nothing waits; then whatever is sent
    waits until the oldest points have left. Memory is bounded by the allowance's points.
    """

    def __init__(self, allowance: Allowance) -> None:
        """Nothing is spent yet."""
        self.allowance = allowance
        self._span = timedelta(seconds=allowance.seconds)
        self._spent = 0
        self._leaving: deque[tuple[datetime, int]] = deque()
        self._closed_until: datetime | None = None

    def wait(self, cost: int, now: datetime) -> float | None:
        """The seconds until so many points more may be taken; ``UNTIL_ANSWERED`` where that is not known yet."""
        if self._closed_until is not None and now < self._closed_until:
            return (self._closed_until - now).total_seconds()
        self._pass(now)
        missing = self._spent + cost - self.allowance.points
        if missing <= 0:
            return 0.0
        # Whatever is under way leaves after all that has been answered. Every entry holds a point at least, so this
        # looks at no more entries than the request has points.
        for moment, points in self._leaving:
            missing -= points
            if missing <= 0:
                return (moment - now).total_seconds()
        return UNTIL_ANSWERED

    def take(self, cost: int) -> None:
        """Spend points on a request that is about to be sent."""
        self._spent += cost

    def give_back(self, cost: int) -> None:
        """The request was not sent after all."""
        self._spent -= cost

    def answered(self, cost: int, now: datetime) -> None:
        """The answer is there, or will never be."""
        self._leaving.append((now + self._span, cost))

    def close(self, until: datetime) -> None:
        """The tracker says that nothing may be spent until then, whatever has been spent by us."""
        self._closed_until = until if self._closed_until is None else max(self._closed_until, until)

    def idle(self, now: datetime) -> bool:
        """Whether it is as good as a new one."""
        self._pass(now)
        return not self._spent and (self._closed_until is None or self._closed_until <= now)

    def _pass(self, now: datetime) -> None:
        while self._leaving and self._leaving[0][0] <= now:
            self._spent -= self._leaving.popleft()[1]


class Quota:
    """What is left of the number of requests that the tracker counts down itself until it begins anew.

    It tells with every answer. Answers overtake each other, so of the same period the lowest number counts; and what is
    under way is taken off as well.
    """

    def __init__(self) -> None:
        """Nothing is known yet, so nothing is held back."""
        self.under_way = 0
        self._count: Count | None = None
        self._anew: datetime | None = None

    def wait(self, now: datetime) -> float | None:
        """The seconds until another request may be sent; ``UNTIL_ANSWERED`` where that depends on those under way."""
        if self._count is None or self._anew is None:
            return 0.0
        if now >= self._anew:
            self._count = self._anew = None
            return 0.0
        if self._count.left <= 0:
            return (self._anew - now).total_seconds()
        return 0.0 if self._count.left > self.under_way else UNTIL_ANSWERED

    def unheard(self) -> None:
        """A request was sent whose answer told nothing, or not to us: it is counted all the same."""
        if self._count is not None:
            self._count = replace(self._count, left=self._count.left - 1)

    @property
    def because(self) -> str:
        """Why it waits: which limit, and until when."""
        if self._count is None:
            return "the rate limit is used up"
        anew = datetime.fromtimestamp(self._count.reset, UTC)
        return f"all {self._count.limit:,} requests ({self._count.resource}) are used up until {anew:%H:%M} UTC"

    def heard(self, count: Count, now: datetime, left: float) -> None:
        """An answer told.

        Args:
            count: what it told.
            now: the time.
            left: seconds until it begins anew, by the tracker's own clock where it told the time.
        """
        known = self._count
        if known is not None:
            later = count.reset - known.reset
            overtaken = abs(later) <= SAME and 0 < count.left - known.left <= STALE
            if later < -SAME or overtaken:
                return
        self._count = count
        self._anew = now + timedelta(seconds=max(0.0, left) + MARGIN)


class Bucket:
    """What is left of the tokens that the tracker hands out in batches, a request each: Jira Data Center's limit.

    It tells with every answer. An answer to a request that was sent before the last one was heard may be older than
    that, so it counts only where it tells of fewer; and what is under way is taken off as well.
    """

    def __init__(self) -> None:
        """Nothing is known yet, so nothing is held back."""
        self.under_way = 0
        self._tokens: Tokens | None = None
        self._heard_at: datetime | None = None
        self._next: datetime | None = None

    def wait(self, now: datetime) -> float | None:
        """The seconds until another request may be sent; ``UNTIL_ANSWERED`` where that depends on those under way."""
        if self._tokens is None or self._next is None:
            return 0.0
        if self._tokens.left <= 0 and now >= self._next:
            # At least one has come by now. How many, the answer to the next request tells.
            self._tokens = replace(self._tokens, left=1 + self.under_way)
            self._next = now + timedelta(seconds=self._tokens.interval)
        if self._tokens.left > self.under_way:
            return 0.0
        return (self._next - now).total_seconds() if self._tokens.left <= 0 else UNTIL_ANSWERED

    def unheard(self) -> None:
        """A request was sent whose answer told nothing, or not to us: it took a token all the same."""
        if self._tokens is not None:
            self._tokens = replace(self._tokens, left=self._tokens.left - 1)

    @property
    def because(self) -> str:
        """Why it waits."""
        if self._tokens is None:
            return "the rate limit is used up"
        return f"all {self._tokens.limit:,} requests are used up; every {self._tokens.interval:g} s there are new ones"

    def heard(self, tokens: Tokens, sent: datetime, now: datetime) -> None:
        """An answer told.

        Args:
            tokens: what it told.
            sent: when its request was sent.
            now: the time.
        """
        older = self._heard_at is not None and sent < self._heard_at
        if older and self._tokens is not None and tokens.left >= self._tokens.left:
            return
        self._tokens, self._heard_at = tokens, now
        # It names whole seconds, cut off perhaps; but a batch comes in every interval.
        asked = tokens.wait + MARGIN if tokens.wait > 0 else tokens.interval
        self._next = now + timedelta(seconds=min(asked, tokens.interval))

"""What has been spent of one limit: a rolling window of points, and the number that the tracker itself counts down.

Both are bookkeeping alone: they are told the time, and say how long to wait. ``budget`` waits.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from trackersync.connector import Allowance
from trackersync.http.rates import Count

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

    def wait(self, cost: int, now: datetime) -> float | None:
        """The seconds until so many points more may be taken; ``UNTIL_ANSWERED`` where that is not known yet."""
        while self._leaving and self._leaving[0][0] <= now:
            self._spent -= self._leaving.popleft()[1]
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

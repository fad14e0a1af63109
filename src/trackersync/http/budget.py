"""One budget of requests for all who share a host and a credential: two trackers, several wires, and client libraries.

``Budget.turn`` is the one gate through which every request goes. It waits for, in this order:

1. the windows of content, for a request that makes any, and those of its issue or endpoint alone;
2. that the tracker is open: nobody was told to come back later, and its own count of requests is not used up;
3. the turn of a write, since writes go one at a time and at a distance;
4. a place among the requests under way, and the points of the minute.

Each queue is first come, first served, so that a write, which costs more, is not starved by reads. What waits for an
hour, in the first two, holds no place that others could use: meanwhile they write and read what is allowed them. So
does whoever waits for the windows of one issue.

Limits are used up greedily: there is no spreading of requests over a minute, which would cost time and never be
allowed more. Nothing here is remembered beyond the process; what another process spends shows in the tracker's count.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from trackersync.connector import Allowance, Clock, RateLimits
from trackersync.http import rates
from trackersync.http.clock import Steady
from trackersync.http.errand import Errand
from trackersync.http.exchange import Heard
from trackersync.http.window import UNTIL_ANSWERED, Bucket, Quota, Window
from trackersync.http.windows import Windows

CLOSED = "its rate limit is used up"
BUSY = "its secondary limit is reached"


@dataclass(slots=True)
class _Taken:
    """What an errand has taken of the windows, to be given back or to leave them after its answer."""

    sent: datetime | None = None
    heard: bool = False
    told: bool = False
    points: list[tuple[Window, int]] = field(default_factory=list)


class Budget:
    """The limits of those who share a host and a credential, and what they have spent.

    Belongs to one event loop. A request that is cancelled while it waits has taken nothing; one that is cancelled under
    way counts as sent.

    Args:
        clock: the time, and waiting. It may be set back.
        limits: the vendor's; by default none is known, and only what the tracker says is followed.
    """

    def __init__(self, clock: Clock, limits: RateLimits | None = None) -> None:
        self.limits = limits or RateLimits()
        self._clock = clock
        self._time = Steady(clock)
        self._windows = Windows(self.limits, self.now)
        self._quotas: dict[str, Quota] = {}
        self._bucket = Bucket()
        self._under_way = asyncio.Semaphore(self.limits.concurrent) if self.limits.concurrent else None
        self._one_write = asyncio.Lock()
        self._plain_writes = asyncio.Lock()
        self._last_write: datetime | None = None
        self._closed_until: datetime | None = None
        self._closed_because = CLOSED
        self._strikes = 0
        self._struck: datetime | None = None
        self._answer = asyncio.Event()

    def now(self) -> datetime:
        """The time by which waits are measured; never set back."""
        return self._time.now()

    @asynccontextmanager
    async def turn(self, errand: Errand, places: asyncio.Semaphore) -> AsyncIterator[Heard]:
        """A request's turn: entered when it may be sent, to be left when its answer is there or will never be.

        Args:
            errand: the request.
            places: those for requests under way that the caller has.

        Yields:
            To be called with the headers of the answer.

        Raises:
            TooLongError: nothing was sent.
        """
        taken = _Taken()
        async with AsyncExitStack() as held:
            held.callback(self._left, errand, taken)
            await self._take(errand, self._windows.contents, taken)
            await held.enter_async_context(await self._placed(errand, places, taken))
            errand.sent = taken.sent = self.now()
            self._quota(errand.resource).under_way += 1
            self._bucket.under_way += 1
            if errand.kind == "write":
                self._last_write = errand.sent
            yield partial(self._heard, errand, taken, errand.sent)

    def wrote(self) -> None:
        """A write was sent past this budget just now: the next one keeps its distance from it."""
        self._last_write = self.now()

    def close(self, seconds: float, because: str = CLOSED) -> None:
        """The tracker told one of us to come back later, which holds for all."""
        until = self.now() + timedelta(seconds=seconds)
        if self._closed_until is None or until > self._closed_until:
            self._closed_until, self._closed_because = until, because

    def close_for(self, errand: Errand, reason: str, seconds: float) -> None:
        """The tracker told one of us to come back later for one issue or endpoint; nothing else is held back."""
        self._windows.close(errand.request, reason, seconds)

    def strike(self, errand: Errand) -> float:
        """The tracker refused for rate and named no time; the seconds to wait, for which it is closed to all.

        "Wait for at least one minute"; if it goes on, "an exponentially increasing amount of time" (GitHub, "Best
        practices"). Of several requests that were under way together, the refusals are one.
        """
        base = self.limits.silent or rates.SILENT
        together = self._struck is not None and errand.sent is not None and errand.sent <= self._struck
        if not together:
            self._strikes += 1
            self._struck = self.now()
            self.close(min(base * 2 ** (self._strikes - 1), rates.LONGEST_ASKED), BUSY)
        return self._closed_for()

    def passed(self, errand: Errand) -> None:
        """The tracker did not refuse this request for rate."""
        if self._strikes and errand.sent is not None and self._struck is not None and errand.sent > self._struck:
            self._strikes = 0

    def because(self, resource: str) -> str:
        """Why the tracker is closed to requests of this resource now."""
        hindrance = self._hindrance(resource)
        return CLOSED if hindrance is None else hindrance[0]

    # Waiting.

    async def _placed(self, errand: Errand, places: asyncio.Semaphore, taken: _Taken) -> AsyncExitStack:
        """Take the turn, a place and the points, for as long as what is given back is open."""
        contents = len(taken.points)
        # What may make content may not for long again, so it goes before all the plain writes but one.
        turns = [self._one_write] if contents else [self._plain_writes, self._one_write]
        rooms = [places] if self._under_way is None else [places, self._under_way]
        while True:
            await self._open(errand)
            async with AsyncExitStack() as place:
                for one in (*(turns if errand.kind == "write" else ()), *rooms):
                    await place.enter_async_context(one)
                await self._keep_pace(errand)
                await self._take(errand, self._windows.points, taken)
                if self._hindrance(errand.resource) is None:
                    return place.pop_all()
                # Closed meanwhile: whoever waits for that holds nothing that others could use.
                for window, cost in taken.points[contents:]:
                    window.give_back(cost)
                del taken.points[contents:]
                self._wake()

    async def _open(self, errand: Errand) -> None:
        while (hindrance := self._hindrance(errand.resource)) is not None:
            because, seconds = hindrance
            await self._wait(errand, because, seconds)

    def _hindrance(self, resource: str) -> tuple[str, float | None] | None:
        """Why nothing of this resource may be sent now, and for how long."""
        closed = self._closed_for()
        if closed > 0:
            return self._closed_because, closed
        quota = self._quota(resource)
        for count in (quota, self._bucket):
            if (seconds := count.wait(self.now())) != 0:
                return f"{count.because}{self.limits.remedy and f'; {self.limits.remedy}'}", seconds
        return None

    async def _take(self, errand: Errand, allowances: Sequence[Allowance], taken: _Taken) -> None:
        for allowance in allowances:
            cost = allowance.cost(errand.kind, errand.resource, creates=errand.creates)
            found = self._windows.of(allowance, errand.request) if cost else None
            if found is None:
                continue
            window, queue = found
            async with queue:
                while (seconds := window.wait(cost, self.now())) != 0:
                    await self._wait(errand, f"{allowance.words} are used up", seconds)
                window.take(cost)
                taken.points.append((window, cost))

    async def _wait(self, errand: Errand, because: str, seconds: float | None) -> None:
        if seconds is UNTIL_ANSWERED:
            # It comes soon or never, and either way this wakes.
            await self._answer.wait()
        else:
            errand.wait(because, seconds)
            await self._clock.sleep(seconds)

    async def _keep_pace(self, errand: Errand) -> None:
        if errand.kind == "write" and self._last_write is not None:
            left = errand.pace - (self.now() - self._last_write).total_seconds()
            if left > 0:
                await self._clock.sleep(left)

    def _closed_for(self) -> float:
        return 0.0 if self._closed_until is None else max(0.0, (self._closed_until - self.now()).total_seconds())

    # Bookkeeping.

    def _quota(self, resource: str) -> Quota:
        return self._quotas.setdefault(resource, Quota())

    def _heard(self, errand: Errand, taken: _Taken, sent: datetime, headers: Mapping[str, str]) -> None:
        if (tokens := rates.tokens(headers)) is not None:
            taken.told = True
            self._bucket.heard(tokens, sent, self.now())
        if rates.near_limit(headers):
            self._windows.slow(errand.request)
        count = rates.count(headers) if self.limits.counted else None
        if count is not None:
            taken.heard = True
            now = self.now()
            left = count.reset - rates.told_time(headers, self._clock.now()).timestamp()
            self._quota(count.resource).heard(count, now, min(left, rates.LONGEST_ASKED))

    def _left(self, errand: Errand, taken: _Taken) -> None:
        now = self.now()
        for window, cost in taken.points:
            if taken.sent is not None:
                window.answered(cost, now)
            else:
                window.give_back(cost)
        if taken.sent is not None:
            quota = self._quota(errand.resource)
            quota.under_way -= 1
            self._bucket.under_way -= 1
            if not taken.heard:
                quota.unheard()
            if not taken.told:
                self._bucket.unheard()
        self._wake()

    def _wake(self) -> None:
        """Something has been answered or given back: whoever waited for that looks again."""
        answer, self._answer = self._answer, asyncio.Event()
        answer.set()

"""One budget of requests for all who share a host and a credential: two trackers, several wires, and client libraries.

``Budget.turn`` is the one gate through which every request goes. It waits for, in this order:

1. the windows of content, for a request that makes any;
2. that the tracker is open: nobody was told to come back later, and its own count of requests is not used up;
3. the turn of a write, since writes go one at a time and at a distance;
4. a place among the requests under way, and the points of the minute.

Each queue is first come, first served, so that a write, which costs more, is not starved by reads. What waits for an
hour, in the first two, holds no place that others could use: meanwhile they write and read what is allowed them.

Limits are used up greedily: there is no spreading of requests over a minute, which would cost time and never be
allowed more. Nothing here is remembered beyond the process; what another process spends shows in the tracker's count.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from trackersync.connector import Clock, RateLimits
from trackersync.http import rates
from trackersync.http.clock import Steady
from trackersync.http.exchange import Heard, Kind
from trackersync.http.window import MARGIN, UNTIL_ANSWERED, Quota, Window

Told = Callable[[str, float], None]
"""Told of a wait when it begins: why, and how many seconds."""

CLOSED = "its rate limit is used up"
BUSY = "its secondary limit is reached"

BUDGET = 60.0
"""Seconds one request may spend waiting after failures."""


class TooLongError(Exception):
    """The limits allow a request only after longer than it may wait.

    Attributes:
        because: which limit.
        seconds: how long it would be.
    """

    def __init__(self, because: str, seconds: float) -> None:
        super().__init__(because)
        self.because = because
        self.seconds = seconds


@dataclass(slots=True)
class Errand:
    """One request on its way, with every attempt at it.

    Attributes:
        kind: whether it changes anything.
        resource: the part of the API it is counted for.
        creates: it makes content that people are told of.
        pace: the least distance in seconds from the write before it.
        patience: the seconds it may still wait for the tracker's limits.
        told: of its waits.
        failing: the seconds it may still wait after failures that are no limit.
        sent: when it was last sent.
    """

    kind: Kind
    resource: str
    creates: bool
    pace: float
    patience: float
    told: Told
    failing: float = BUDGET
    sent: datetime | None = None

    def wait(self, because: str, seconds: float) -> None:
        """Take a wait off its patience, and tell.

        Raises:
            TooLongError: it may not wait for so long.
        """
        if seconds - MARGIN > self.patience:
            raise TooLongError(because, seconds)
        self.patience = max(0.0, self.patience - seconds)
        self.told(because, seconds)


@dataclass(slots=True)
class _Taken:
    """What an errand has taken of the windows, to be given back or to leave them after its answer."""

    sent: bool = False
    heard: bool = False
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
        # The shortest first: what has passed that begins to wait for the longest when it is really its turn.
        windows = [Window(allowance) for allowance in sorted(self.limits.allowances, key=lambda one: one.seconds)]
        self._contents = [window for window in windows if not (window.allowance.read or window.allowance.write)]
        self._points = [window for window in windows if window not in self._contents]
        self._queues = {window: asyncio.Lock() for window in windows}
        self._quotas: dict[str, Quota] = {}
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
            await self._take(errand, self._contents, taken)
            await held.enter_async_context(await self._placed(errand, places, taken))
            errand.sent = self.now()
            taken.sent = True
            self._quota(errand.resource).under_way += 1
            if errand.kind == "write":
                self._last_write = errand.sent
            yield partial(self._heard, taken)

    def wrote(self) -> None:
        """A write was sent past this budget just now: the next one keeps its distance from it."""
        self._last_write = self.now()

    def close(self, seconds: float, because: str = CLOSED) -> None:
        """The tracker told one of us to come back later, which holds for all."""
        until = self.now() + timedelta(seconds=seconds)
        if self._closed_until is None or until > self._closed_until:
            self._closed_until, self._closed_because = until, because

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
                await self._take(errand, self._points, taken)
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
        seconds = quota.wait(self.now())
        return None if seconds == 0 else (quota.because, seconds)

    async def _take(self, errand: Errand, windows: Iterable[Window], taken: _Taken) -> None:
        for window in windows:
            cost = window.allowance.cost(errand.kind, errand.resource, creates=errand.creates)
            if not cost:
                continue
            async with self._queues[window]:
                while (seconds := window.wait(cost, self.now())) != 0:
                    await self._wait(errand, f"{window.allowance.words} are used up", seconds)
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

    def _heard(self, taken: _Taken, headers: Mapping[str, str]) -> None:
        count = rates.count(headers) if self.limits.counted else None
        if count is not None:
            taken.heard = True
            now = self.now()
            left = count.reset - rates.told_time(headers, self._clock.now()).timestamp()
            self._quota(count.resource).heard(count, now, min(left, rates.LONGEST_ASKED))

    def _left(self, errand: Errand, taken: _Taken) -> None:
        now = self.now()
        for window, cost in taken.points:
            if taken.sent:
                window.answered(cost, now)
            else:
                window.give_back(cost)
        if taken.sent:
            quota = self._quota(errand.resource)
            quota.under_way -= 1
            if not taken.heard:
                quota.unheard()
        self._wake()

    def _wake(self) -> None:
        """Something has been answered or given back: whoever waited for that looks again."""
        answer, self._answer = self._answer, asyncio.Event()
        answer.set()

"""The real time, and a time that is never set back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from trackersync.connector import Clock


class SystemClock:
    """The real time, and real waiting."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Steady:
    """A clock's time for measuring waits: where the clock is set back, this one stands still and then goes on.

    A moment in the future, "not before", would otherwise move away by as much as the clock was set back.
    """

    def __init__(self, clock: Clock) -> None:
        """Follow a clock."""
        self._clock = clock
        self._ahead = timedelta()
        self._latest: datetime | None = None

    def now(self) -> datetime:
        """The present moment; never before one that was told earlier."""
        moment = self._clock.now() + self._ahead
        if self._latest is not None and moment < self._latest:
            self._ahead += self._latest - moment
            moment = self._latest
        self._latest = moment
        return moment

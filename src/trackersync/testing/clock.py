"""A clock that stands still until it is told to go on: a test takes no time and comes out the same each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 3, 9, 12, tzinfo=UTC)
"""When a virtual clock begins: a Tuesday morning."""


class VirtualClock:
    """Implements ``connector.Clock``: waiting ends at once, and the time has passed.

    Args:
        start: where it begins; aware.
    """

    def __init__(self, start: datetime = START) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The present moment, UTC."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass; returns at once."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass everywhere.

        Raises:
            ValueError: time does not go back.
        """
        if seconds < 0:
            raise ValueError(f"time does not go back: {seconds} seconds")
        self._now += timedelta(seconds=seconds)


class MachineClock:
    """The clock of the machine we run on: it goes with the world's, and may be set wrong.

    Args:
        world: the time trackers keep.
    """

    def __init__(self, world: VirtualClock) -> None:
        self._world = world
        self.wrong = timedelta(0)
        """How far it is ahead of the world's; behind where negative."""

    def now(self) -> datetime:
        """What the machine takes for the present moment, UTC."""
        return self._world.now() + self.wrong

    async def sleep(self, seconds: float) -> None:
        """Let the time pass; returns at once."""
        self._world.advance(seconds)

    def jump(self, seconds: float) -> None:
        """Set the machine's clock forwards, or back where negative; the world goes on as before."""
        self.wrong += timedelta(seconds=seconds)

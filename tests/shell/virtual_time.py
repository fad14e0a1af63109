"""A loop whose time passes only when everybody waits, and then at once to the next moment somebody waits for."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)

T = TypeVar("T")


class _Skipping(selectors.DefaultSelector):
    """Waits for nothing: what would be slept is added to the time."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AssertionError("everybody waits for somebody else")
        self.passed += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Every timer of asyncio runs in virtual time: sleeping, time-outs, and the tracker's latency alike."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.passed


class VirtualClock:
    """The loop's time as a ``connector.Clock``; ``back`` sets it back, as an administrator does."""

    def __init__(self) -> None:
        self._off = timedelta()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=asyncio.get_running_loop().time()) + self._off

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def back(self, seconds: float) -> None:
        self._off -= timedelta(seconds=seconds)


def passing(story: Coroutine[Any, Any, T]) -> T:
    """Run a story in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)

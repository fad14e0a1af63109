"""An answer that costs something, and is worked out once for all who ask at about the same time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Asks at most once at a time, and not again within some seconds, however many want to know.

    Args:
        ask: what is asked.
        seconds: for which the answer holds.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._ask, self._seconds = ask, seconds
        self._asking: asyncio.Future[T] | None = None
        self._until = 0.0

    async def answer(self) -> T:
        """What is known, or will be. Whoever gives up waiting does not take it from the others."""
        if self._asking is None or (self._asking.done() and time.monotonic() >= self._until):
            self._asking = asyncio.ensure_future(self._ask())
            self._asking.add_done_callback(self._known)
        return await asyncio.shield(self._asking)

    def _known(self, asked: asyncio.Future[T]) -> None:
        self._until = time.monotonic() + self._seconds
        if not asked.cancelled():
            asked.exception()  # whoever waits for it is told

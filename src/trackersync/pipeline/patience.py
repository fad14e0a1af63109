"""How long one tracker is waited for that answers slowly, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Patience:
    """How long one tracker is waited for: every answer renews the patience, to an end that nothing moves.

    Args:
        patience: seconds without any answer.
        longest: seconds altogether.
    """

    def __init__(self, patience: float, longest: float) -> None:
        self.patience = patience
        self._longest = longest
        self._end = 0.0
        self._timeout: asyncio.Timeout | None = None

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Wait for so long. Raises ``TimeoutError``."""
        now = asyncio.get_running_loop().time()
        self._end = now + self._longest
        try:
            async with asyncio.timeout_at(min(now + self.patience, self._end)) as self._timeout:
                yield
        finally:
            # What is answered after the end, to a request that nobody waits for any more, renews nothing.
            self._timeout = None

    def heard(self) -> None:
        """Something was answered."""
        now = asyncio.get_running_loop().time()
        if self._timeout is not None and not self._timeout.expired() and now < self._end:
            self._timeout.reschedule(min(now + self.patience, self._end))

    @property
    def said(self) -> str:
        """Why it was over."""
        if asyncio.get_running_loop().time() >= self._end:
            return f"not through with it after {self._longest:g} s; what was found by then is told"
        return f"no answer for {self.patience:g} s; what was found by then is told"

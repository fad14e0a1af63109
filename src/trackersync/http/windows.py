"""The windows of a budget: one for each allowance, or for each issue or endpoint that an allowance counts by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from trackersync.connector import Allowance, RateLimits
from trackersync.http.window import Window

TIDY = 1_000
"""Windows of issues and endpoints at which those that are not needed any more are looked for."""

NEAR = 0.2
"""The part of a limit that is left when Jira says that it is near; so much of its time brings as much again."""


class Windows:
    """The windows there are by now. Those of single issues and endpoints come and go, so that memory is bounded.

    Attributes:
        contents: the allowances to be waited for while nothing is held that others could use, in this order.
        points: those to be waited for at last.

    Args:
        limits: the vendor's.
        now: the time.
    """

    def __init__(self, limits: RateLimits, now: Callable[[], datetime]) -> None:
        # The shortest first: what has passed that begins to wait for the longest when it is really its turn.
        allowances = sorted(limits.allowances, key=lambda one: one.seconds)
        contents = [one for one in allowances if not (one.per or one.read or one.write)]
        # The other way round: an issue's windows are the longest, and who waits there holds nothing of other issues.
        self.contents = (*contents, *(one for one in reversed(allowances) if one.per))
        self.points = tuple(one for one in allowances if one not in self.contents)
        self._now = now
        self._windows: dict[tuple[Allowance, tuple[str, ...]], tuple[Window, asyncio.Lock]] = {}
        self._tidy_at = TIDY

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._windows)

    def of(self, allowance: Allowance, request: str) -> tuple[Window, asyncio.Lock] | None:
        """The window that a request is counted in, and the queue before it; None where it is not counted there."""
        counted_for = allowance.counted_for(request)
        if counted_for is None:
            return None
        key = (allowance, counted_for)
        if key not in self._windows:
            self._tidy()
            self._windows[key] = (Window(allowance), asyncio.Lock())
        return self._windows[key]

    def close(self, request: str, reason: str, seconds: float) -> None:
        """The tracker refused a request for this reason: what is counted with it waits, and nothing else."""
        for allowance in self.contents:
            if allowance.reason == reason:
                self._close(allowance, request, seconds)

    def slow(self, request: str) -> None:
        """A fifth of a limit is left, and others may be spending it too: let that endpoint rest until it has grown.

        It does not say which limit, so the shortest is meant: of the others we know best ourselves what is left.
        """
        for allowance in reversed(self.contents):
            if allowance.reason and self._close(allowance, request, NEAR * allowance.seconds):
                return

    def _close(self, allowance: Allowance, request: str, seconds: float) -> bool:
        found = self.of(allowance, request)
        if found is not None:
            found[0].close(self._now() + timedelta(seconds=seconds))
        return found is not None

    def _tidy(self) -> None:
        """Forget the windows of issues that were written long ago; nobody waits for what is idle."""
        if len(self._windows) < self._tidy_at:
            return
        now = self._now()
        for key, (window, queue) in list(self._windows.items()):
            if window.idle(now) and not queue.locked():
                del self._windows[key]
        self._tidy_at = max(TIDY, 2 * len(self._windows))

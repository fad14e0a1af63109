"""The budgets of a process: who shares one."""

from __future__ import annotations

import asyncio
import secrets
from hashlib import blake2b
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from trackersync.connector import Clock, RateLimits
from trackersync.http.budget import Budget

Key = tuple[asyncio.AbstractEventLoop, str, bytes, RateLimits]


class Budgets:
    """Gives everybody in a process with the same host and credential the same budget.

    A budget lives as long as a wire that uses it, so nothing is left over from one session to another that begins later
    and would find a clock or a loop of its own; sessions that are open together share.
    """

    def __init__(self) -> None:
        """None is open."""
        self._open: WeakValueDictionary[Key, Budget] = WeakValueDictionary()
        # What is kept of a credential must not be good for finding it out.
        self._salt = secrets.token_bytes(32)

    def of(self, url: str, whose: str, clock: Clock, limits: RateLimits) -> Budget:
        """The budget of a host and a credential; to be called within the event loop it is for.

        Args:
            url: where the API answers; its origin counts.
            whose: the credential, or what stands for it where it changes; only a digest of it is kept.
            clock: the time, if there is none yet.
            limits: the vendor's.
        """
        split = urlsplit(url)
        digest = blake2b(whose.encode(), key=self._salt).digest()
        key = (asyncio.get_running_loop(), f"{split.scheme}://{split.netloc}".casefold(), digest, limits)
        budget = self._open.get(key)
        if budget is None:
            budget = self._open[key] = Budget(clock, limits)
        return budget


BUDGETS = Budgets()
"""This process's."""

"""The small port between what there is to do and what drives it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Protocol

from trackersync.core.model import ItemRef
from trackersync.store import Dispatch, Subject


class Work(Protocol):
    """What there is to do. Every part may be done twice, by anybody, at any time, and does no harm."""

    async def sort(self) -> int:
        """Read the deliveries that wait in the inbox, and make due what they ask for; how many were read.

        Raises:
            StoreError: nothing can be remembered just now; try again.
        """

    async def look(self, subject: Subject) -> None:
        """Take the look at a subject that is due, if there is one, and remember what came of it.

        A look that fails is put off or set aside in the store, and raises nothing.

        Raises:
            StoreError: nothing can be remembered just now; try again.
        """

    async def tick(self) -> None:
        """Run the jobs of the schedule that are due.

        Raises:
            StoreError: nothing can be remembered just now; try again.
        """


class Claims(Protocol):
    """Who works at which items: nobody takes what somebody else has, in this process or in another."""

    def take(self, refs: Collection[ItemRef]) -> AbstractContextManager[bool]:
        """Take items for as long as the context lasts; ``False``, and none of them, where somebody has one.

        Never waits. What a process held that was killed is free again. Taking one's own once more is refused too.
        """


class Engine(Dispatch, Protocol):
    """Drives the work."""

    claims: Claims

    async def run(self, work: Work, stop: asyncio.Event) -> None:
        """Drive the work until told to stop; then what is under way is finished, or given back after 10 seconds.

        Raises:
            StoreError: the store cannot be used, and that will not change by itself.
        """

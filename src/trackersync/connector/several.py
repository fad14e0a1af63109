"""Asking the same of several: side by side, and no more at once than a connector may."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from trackersync.connector.abreast import MOST

K = TypeVar("K")
T = TypeVar("T")


async def each(ask: Callable[[K], Coroutine[Any, Any, T]], of: Iterable[K]) -> dict[K, T]:
    """What is answered of each, in the order given.

    Raises:
        TrackersyncError: the first trouble; what is still being asked then is given up.
    """
    turns = asyncio.Semaphore(MOST)

    async def turn(one: K) -> T:
        async with turns:
            return await ask(one)

    try:
        async with asyncio.TaskGroup() as group:
            asked = {one: group.create_task(turn(one)) for one in dict.fromkeys(of)}
    except ExceptionGroup as trouble:
        raise trouble.exceptions[0] from None
    return {one: task.result() for one, task in asked.items()}

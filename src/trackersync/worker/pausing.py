"""Waiting that ends when one is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress


async def unless(stop: asyncio.Event, work: Awaitable[None]) -> None:
    """Do something that may be left in the middle where one is told to stop: it is taken up again later."""
    doing = asyncio.ensure_future(work)
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([doing, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        if not doing.done():
            doing.cancel()
        with suppress(asyncio.CancelledError):
            await doing

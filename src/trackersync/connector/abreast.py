"""Several reads side by side: pages as they come, and one error at the end for all that went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence

from trackersync.connector.asked import Page
from trackersync.errors import NotFoundError, RejectedError, UnavailableError

MOST = 8
"""Reads under way at once."""

Read = AsyncGenerator[Page, None]
Trouble = UnavailableError | NotFoundError | RejectedError


async def abreast(reads: Mapping[str, Read]) -> AsyncGenerator[Page, None]:
    """Yield the pages of several reads, by the container each is of, in the order in which they come.

    What a read raised is raised when all the others are done, so that everything that can be read is. A page is asked
    for only when the one before it was taken, so memory stays flat.

    Raises:
        AuthError: at once: the other requests would be refused as well, and vendors lock out who keeps on trying.
        UnavailableError, NotFoundError: at the end, ``together``, with the ``containers`` that failed.
    """
    waiting = list(reads.values())[::-1]
    running: dict[asyncio.Task[Page | None], Read] = {}
    troubles: dict[Read, Trouble] = {}
    try:
        while waiting or running:
            while waiting and len(running) < MOST:
                read = waiting.pop()
                running[_turn(read)] = read
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                read = running.pop(task)
                try:
                    page = task.result()
                except (UnavailableError, NotFoundError, RejectedError) as trouble:
                    troubles[read] = trouble
                    continue
                if page is not None:
                    running[_turn(read)] = read
                    yield page
    finally:
        # Here too when the caller stops in the middle: nothing may go on asking behind its back.
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for read in running.values():
            await read.aclose()
    if troubles:
        # In the order they were given, whichever came first.
        failed = {name: troubles[read] for name, read in reads.items() if read in troubles}
        error = together(list(failed.values()))
        error.containers = tuple(failed)
        raise error


def together(troubles: Sequence[Trouble]) -> UnavailableError | NotFoundError:
    """One error for several: "try later" before "gone", since then nothing may be concluded; every sentence once.

    What a read was refused is hidden from us.
    """
    later = [trouble for trouble in troubles if isinstance(trouble, UnavailableError)]
    said = "; ".join(dict.fromkeys(str(trouble) for trouble in [*later, *troubles]))
    if not later:
        return NotFoundError(said)
    wait = max((one.retry_after or 0.0 for one in later), default=0.0) or None
    return UnavailableError(said, retry_after=wait, passing=all(one.passing for one in later))


def _turn(read: Read) -> asyncio.Task[Page | None]:
    async def turn() -> Page | None:
        return await anext(read, None)

    return asyncio.create_task(turn())

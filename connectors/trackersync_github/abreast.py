"""Readers side by side: pages as they come, and one reader's trouble does not stop the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from itertools import islice

from trackersync.connector import NotFoundError, Page, RejectedError, UnavailableError

MOST = 8
"""Readers at work at once."""

Trouble = NotFoundError | RejectedError | UnavailableError


async def abreast(readers: Iterable[AsyncGenerator[Page, None]]) -> AsyncIterator[Page]:
    """The pages of several readers as they come.

    What a reader raised is raised when all the others are done, so that everything that can be read is. A page is asked
    for only when the one before it was taken, so memory stays flat.

    Raises:
        AuthError: at once: the other requests would be refused as well, and GitHub locks out who keeps on trying.
        NotFoundError, UnavailableError: at the end, one for all.
    """
    todo = iter(readers)
    working: dict[asyncio.Task[Page | None], AsyncGenerator[Page, None]] = {}
    troubles: list[Trouble] = []
    try:
        while True:
            working |= {_turn(reader): reader for reader in islice(todo, MOST - len(working))}
            if not working:
                break
            done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                reader = working.pop(task)
                try:
                    page = task.result()
                except (NotFoundError, RejectedError, UnavailableError) as trouble:
                    troubles.append(trouble)
                    continue
                if page is not None:
                    working[_turn(reader)] = reader
                    yield page
    finally:
        # Here too when the caller stops in the middle: nothing may go on asking behind its back.
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        for reader in working.values():
            await reader.aclose()
    if troubles:
        raise together(troubles) from troubles[0]


def together(troubles: Sequence[Trouble]) -> NotFoundError | UnavailableError:
    """One error for several: "try later" before "gone", since then nothing may be concluded; all sentences in it."""
    said = "; ".join(dict.fromkeys(str(trouble) for trouble in troubles))
    later = [trouble for trouble in troubles if isinstance(trouble, UnavailableError)]
    if not later:
        return NotFoundError(said)
    return UnavailableError(said, retry_after=max(trouble.retry_after or 0.0 for trouble in later) or None)


def _turn(reader: AsyncGenerator[Page, None]) -> asyncio.Task[Page | None]:
    async def turn() -> Page | None:
        return await anext(reader, None)

    return asyncio.create_task(turn())

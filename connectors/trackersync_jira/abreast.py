"""Several reads at once, at most eight: pages as they come, and one error at the end for all that went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from trackersync.connector import AuthError, NotFoundError, Page, RejectedError, UnavailableError

ABREAST = 8

Read = AsyncIterator[Page]
T = TypeVar("T")
S = TypeVar("S")

_WORST_FIRST = (AuthError, UnavailableError, NotFoundError, RejectedError)


async def merged(reads: Iterable[Read]) -> AsyncGenerator[Page]:
    """Yield the pages of several reads in the order in which they come.

    A read that ends in an error does not stop the others; the error is raised when they are done. Each read is one page
    ahead at most, so that memory stays flat.

    Raises:
        AuthError, UnavailableError, NotFoundError, RejectedError: the worst of what was raised, telling of all.
    """
    reads = list(reads)
    waiting = reads[::-1]
    running: dict[asyncio.Task[Page | None], Read] = {}
    failures: dict[Read, Exception] = {}
    try:
        while waiting or running:
            while waiting and len(running) < ABREAST:
                read = waiting.pop()
                running[asyncio.create_task(_next(read))] = read
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                read = running.pop(task)
                try:
                    page = task.result()
                except _WORST_FIRST as failure:
                    failures[read] = failure
                    continue
                if page is not None:
                    running[asyncio.create_task(_next(read))] = read
                    yield page
    finally:
        await _stop(running)
    if failures:
        # In the order of the configuration, whichever came first.
        raise _together([failures[read] for read in reads if read in failures])


async def gathered(ask: Callable[[S], Awaitable[T]], things: Sequence[S]) -> list[T]:
    """What ``ask`` answers for each thing, in their order. The first error stops the rest."""
    slots = asyncio.Semaphore(ABREAST)

    async def one(thing: S) -> T:
        async with slots:
            return await ask(thing)

    tasks = [asyncio.create_task(one(thing)) for thing in things]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _next(read: Read) -> Page | None:
    return await anext(read, None)


async def _stop(running: dict[asyncio.Task[Page | None], Read]) -> None:
    """End what is under way when nobody waits for it any more."""
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def _together(failures: Sequence[Exception]) -> Exception:
    """One error for several: the worst kind, every sentence once."""
    worst = min(failures, key=_rank)
    if len(failures) == 1:
        return worst
    sentence = " ".join(dict.fromkeys(str(failure) for failure in [worst, *failures]))
    if isinstance(worst, UnavailableError):
        waits = [f.retry_after for f in failures if isinstance(f, UnavailableError) and f.retry_after is not None]
        return UnavailableError(sentence, retry_after=max(waits, default=None))
    return type(worst)(sentence)


def _rank(failure: Exception) -> int:
    return next(place for place, kind in enumerate(_WORST_FIRST) if isinstance(failure, kind))

"""Play histories by seed: one with its whole log, or very many, side by side.

    python -m tests.simulation SEED                       one history, and all that happened in it
    python -m tests.simulation FIRST-LAST [--jobs N]      many: progress as it goes, and each seed that broke a promise

The long run is ``nice python -m tests.simulation 0-999999 --jobs 2``; give it a night. It may be stopped at any time
and gone on with later: seeds do not depend on each other.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from .history import History

CHUNK = 200
"""Histories that one process plays at a time."""


def main(words: list[str]) -> int:
    """Play the seeds. Returns 1 when any broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Play seeded histories.")
    parser.add_argument("seeds", nargs="+", type=_range, metavar="SEED|FIRST-LAST")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side; 1 by default")
    given = parser.parse_args(words)
    if len(given.seeds) == 1 and len(given.seeds[0]) == 1:
        return _one(given.seeds[0][0])
    return _many(given.seeds, given.jobs)


def _one(seed: int) -> int:
    with TemporaryDirectory() as folder:
        history, trouble = _play(seed, Path(folder))
    print("\n".join(history.log))
    print(trouble or "every promise was kept")
    return 1 if trouble else 0


def _many(ranges: Iterable[range], jobs: int) -> int:
    chunks = [some[at : at + CHUNK] for some in ranges for at in range(0, len(some), CHUNK)]
    total, played, failed = sum(map(len, chunks)), 0, 0
    begun = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        for count, troubles in _in_order(pool, chunks, jobs):
            played += count
            failed += len(troubles)
            for trouble in troubles:
                print(trouble[:400], flush=True)
            took = time.monotonic() - begun
            left = took / played * (total - played)
            print(f"{played:,} of {total:,}, {failed} failed, {took:,.0f} s, {left:,.0f} s left", flush=True)
    return 1 if failed else 0


def _in_order(pool: ProcessPoolExecutor, chunks: Iterable[range], jobs: int) -> Iterator[tuple[int, list[str]]]:
    """What came of the chunks, in order; never many more under way than there are processes."""
    coming = iter(chunks)
    waiting = [pool.submit(_chunk, chunk) for chunk in islice(coming, 2 * jobs)]
    while waiting:
        yield waiting.pop(0).result()
        waiting += [pool.submit(_chunk, chunk) for chunk in islice(coming, 1)]


def _chunk(seeds: range) -> tuple[int, list[str]]:
    with TemporaryDirectory() as folder:
        troubles = [trouble for seed in seeds if (trouble := _play(seed, Path(folder))[1])]
    return len(seeds), troubles


def _play(seed: int, folder: Path) -> tuple[History, str]:
    history = History(seed, folder=folder)
    try:
        asyncio.run(history.play())
    except Exception as error:  # noqa: BLE001 - whatever breaks a history is shown with its seed
        return history, f"seed {seed}: {type(error).__name__} {error}"
    return history, ""


def _range(word: str) -> range:
    first, _, last = word.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Replay histories by seed: ``python -m tests.simulation SEED [SEED …]``, or ``FIRST-LAST``; prints each failing log."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter

from .history import History


def main(words: list[str]) -> int:
    seeds = [seed for word in words for seed in _range(word)]
    begun = time.monotonic()
    failed: Counter[str] = Counter()
    for seed in seeds:
        history = History(seed)
        try:
            asyncio.run(history.play())
        except Exception as error:  # noqa: BLE001 - whatever breaks a history is shown with its seed
            failed[f"{type(error).__name__} {str(error)[:60]}"] += 1
            if len(seeds) > 1:
                print(f"seed {seed}: {type(error).__name__} {str(error)[:300]}")
        if len(seeds) == 1:
            print("\n".join(history.log))
            if failed:
                print(f"seed {seed}: {error!r}" if (error := sys.exc_info()[1]) else failed)
    took = time.monotonic() - begun
    print(
        f"{len(seeds)} histories, {sum(failed.values())} failed, {took:.1f} s, {1000 * took / len(seeds):.0f} ms each"
    )
    return 1 if failed else 0


def _range(word: str) -> range:
    first, _, last = word.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Replay histories by seed: ``python -m tests.simulation SEED [SEED …]``, or ``FIRST-LAST``."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from .history import History


def main(words: list[str]) -> int:
    """Play the seeds; show the whole log of a single one, and what broke of many."""
    seeds = [seed for word in words for seed in _range(word)]
    begun = time.monotonic()
    failed = 0
    with TemporaryDirectory() as folder:
        for seed in seeds:
            history = History(seed, folder=Path(folder))
            trouble = ""
            try:
                asyncio.run(history.play())
            except Exception as error:  # noqa: BLE001 - whatever breaks a history is shown with its seed
                failed += 1
                trouble = f"seed {seed}: {type(error).__name__} {error}"
            if len(seeds) == 1:
                print("\n".join(history.log))
            if trouble:
                print(trouble if len(seeds) == 1 else trouble[:300])
    took = time.monotonic() - begun
    print(f"{len(seeds)} histories, {failed} failed, {took:.1f} s, {1000 * took / len(seeds):.0f} ms each")
    return 1 if failed else 0


def _range(word: str) -> range:
    first, _, last = word.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

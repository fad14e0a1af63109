"""Play rounds by seed: ``python -m tests.kill FIRST-LAST``; see the package's docstring."""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from product import TOKENS, declared

from .round import Played, Round
from .spoilt import PLANTS
from .watch import PHASES


def main() -> int:
    """Play the seeds; show the whole log of a single one, and one line for each failing one of many."""
    asked = argparse.ArgumentParser("python -m tests.kill", description=__doc__)
    asked.add_argument("seeds", nargs="+", metavar="SEED|FIRST-LAST")
    asked.add_argument("--plant", choices=PLANTS, default="", help="a bug to plant")
    asked.add_argument("--abreast", type=int, default=1, help="how many rounds to play at a time")
    given = asked.parse_args()
    seeds = [seed for word in given.seeds for seed in _range(word)]
    os.environ.update(TOKENS)
    begun = time.monotonic()
    with TemporaryDirectory() as folder, ThreadPoolExecutor(given.abreast) as pool:
        found = declared(Path(folder))
        if found is not None:
            sys.path.append(str(found))
        rounds = [_round(seed, Path(folder), given.plant) for seed in seeds]
        played = list(pool.map(lambda one: _play(one, alone=len(seeds) == 1), rounds))
    _summary(played, time.monotonic() - begun)
    return 1 if any(one.trouble for one in played) else 0


def _round(seed: int, folder: Path, bug: str) -> Round:
    own = folder / str(seed)
    own.mkdir()
    return Round(seed, own, bug=bug)


def _play(one: Round, *, alone: bool) -> Played:
    try:
        one.play()
    except Exception as error:  # noqa: BLE001 - whatever breaks a round is shown with its seed
        trouble = one.played.trouble
        shown = trouble if alone or len(trouble) <= 700 else f"{trouble[:500]} … {trouble[-200:]}"
        print(f"seed {one.played.seed}: {shown}", flush=True)
        if alone and not isinstance(error, AssertionError):
            traceback.print_exc()
    if alone:
        print("\n".join(one.log))
    return one.played


def _summary(played: list[Played], seconds: float) -> None:
    kills = [kill for one in played for kill in one.kills]
    fell, cut = Counter(kill.fell for kill in kills), Counter(kill.cut for kill in kills if kill.cut)
    ends = Counter(one.ends for one in played)
    print(
        f"{len(played)} rounds, {sum(bool(one.trouble) for one in played)} failed, {seconds:.0f} s; "
        f"{len(kills)} kills, {sum(one.edits for one in played)} edits by people, "
        f"{sum(one.writes for one in played)} by us, {sum(one.faults for one in played)} faults"
    )
    most = max(fell.values(), default=1)
    for phase in (*PHASES, *sorted(fell.keys() - set(PHASES))):
        print(f"  {phase:<10} {fell[phase]:>5}  {'#' * (50 * fell[phase] // most)}")
    for words, count in sorted(cut.items()):
        print(f"  {words}: {count}")
    print("  runs it took to the end: " + ", ".join(f"{n}: {ends[n]}" for n in sorted(ends)))


def _range(word: str) -> range:
    first, _, last = word.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(main())

"""What one look at an edited item costs, by how many pairs the store holds: it must not grow with them.

The trackers are in memory, so what is timed is our own work and the store's.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from trackersync.core.model import ItemRef
from trackersync.store import open_store

sys.path.append(str(Path(__file__).parents[1] / "shell"))
from attended import STATUSES, Attended


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one look at an item that was edited, in the middle of several.

    Attributes:
        pairs: how many the store holds.
        linked: of an item that has its partner, which is written.
        alone: of one that is linked with nothing.
    """

    pairs: int
    linked: float
    alone: float


async def cost(folder: Path, pairs: int, times: int = 15) -> Cost:
    """Fill a store on a file with pairs, and as many unlinked items as there are tenths of them; look at some."""
    with open_store(f"sqlite:///{folder / f'{pairs}.db'}") as store:
        world = Attended(store, page=1000)
        made = [world.pair("design", number) for number in range(pairs)]
        alone = [world.hub.create(f"alone {number}", labels="stage: idea") for number in range(pairs // 10)]
        await world.walk()
        linked = [await _look(world, ref, number) for number, (ref, _) in enumerate(made[:times])]
        unlinked = [await _look(world, ref, number) for number, ref in enumerate(alone[:times])]
        return Cost(pairs, median(linked), median(unlinked))


async def _look(world: Attended, ref: ItemRef, number: int) -> float:
    world.move(ref, sorted({*STATUSES} - {"design", "done", world.shows(ref)})[number % 2])
    begun = time.perf_counter()
    await world.attend(ref)
    return time.perf_counter() - begun

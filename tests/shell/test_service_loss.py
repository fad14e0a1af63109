"""Webhooks lost, doubled and out of order: both trackers agree after the timer, and what was lost is counted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random

from served import CLOCK, STAGES, pairs, served, shuffled


async def test_what_webhooks_lose_the_timer_finds(folder: Path) -> None:
    await lossy(folder, 1, pairs_=12, rounds=3)


async def lossy(folder: Path, seed: int, *, pairs_: int, rounds: int) -> None:
    """So many rounds in which every pair is edited once, on one side; the loss of the issue's acceptance."""
    chance = Random(seed)  # noqa: S311 - a test's dice
    with pairs(folder) as world:
        numbers = [world.pair() for _ in range(pairs_)]
        stage = dict.fromkeys(numbers, "idea")
        async with served(world) as one:
            untold, before = 0, 0
            for turn in range(rounds):
                for number in numbers:
                    stage[number] = chance.choice([other for other in STAGES[1:] if other != stage[number]])
                    world.move(chance.choice(["github", "jira"]), number, stage[number])
                coming, lost = shuffled(chance, world, lost=0.3, doubled=0.2)
                untold += lost
                for tracker, sent in coming:
                    await one.take_in(tracker, sent)
                await one.quiet()
                await one.timer()
                # What we wrote ourselves is told by webhooks too, and some of those are lost.
                for tracker, sent in shuffled(chance, world, lost=0.3, doubled=0.2)[0]:
                    await one.take_in(tracker, sent)
                await one.timer()
                assert {number: world.stages(number) for number in numbers} == {
                    number: (want, want) for number, want in stage.items()
                }
                missed = sum(one.store.missed(CLOCK.now() - timedelta(days=1)).values())
                assert missed - before == lost, f"round {turn}: {missed - before} counted, {lost} lost"
                before = missed
            assert before == untold > 0
            assert not one.store.queue()

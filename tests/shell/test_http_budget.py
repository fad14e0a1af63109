"""The budget: all that the limits allow is used, and never more, whoever sends it and however slow the line is."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable

import httpx
import pytest
from limited_github import LimitedGithub
from pydantic import SecretStr
from virtual_time import VirtualClock, passing

from trackersync.http import Budget, HttpWire
from trackersync_github.limits import CLOUD

HOUR = 3_600.0
MANY = 10_000
SOME = 2_500
"""Enough for a limit of each kind to be met again and again; three of the mixes are of ten thousand."""


async def credential() -> SecretStr | None:
    return SecretStr("Bearer hush-hush")


def wire_to(github: LimitedGithub, clock: VirtualClock, budget: Budget, pace: float) -> HttpWire:
    return HttpWire(
        "github", "https://api.github.com", credential, {}, clock, writes={"stage"}, pace=pace, budget=budget,
        patience=HOUR, transport=httpx.MockTransport(github), chance=lambda: 0.5,
    )  # fmt: skip


def least(requests: int, *, pace: float = 0.0, creates: bool = False, hourly: int = 5_000) -> float:
    """When the last of so many writes can be sent at the earliest, by the limits alone: no latency, nothing to know."""
    sent: list[float] = []
    begun = 0
    for number in range(requests):
        at = sent[-1] + pace if sent else 0.0
        for most, seconds in [(900 // 5, 60), *([(80, 60), (500, 3_600)] if creates else [])]:
            if number >= most:
                at = max(at, sent[number - most] + seconds)
        if sent and at >= sent[begun] + HOUR:
            begun = number
        elif number - begun >= hourly:
            at, begun = sent[begun] + HOUR, number
        sent.append(at)
    return sent[-1]


async def plain(wire: HttpWire) -> None:
    answer = await wire.write("PATCH", "/repos/acme/shop/issues/1", fact="stage", json={"state": "open"})
    assert answer.status == 200


async def content(wire: HttpWire) -> None:
    answer = await wire.write(
        "POST", "/repos/acme/shop/issues/1/comments", fact="stage", json={"body": "creates"}, creates=True
    )
    assert answer.status == 200


async def look(wire: HttpWire) -> None:
    assert (await wire.read("GET", "/repos/acme/shop/issues")).status == 200


async def past(wire: HttpWire, github: LimitedGithub) -> None:
    async with wire.admit("write"):
        assert (await github.arrive(changes=True)).status_code == 200


async def writes(github: LimitedGithub, kinds: Iterable[int], pace: float, readers: int = 0, looks: int = 0) -> None:
    """Writes pending all at once, over two wires with one budget: plain ones (0), content (1), past the wires (2)."""
    clock = VirtualClock()
    budget = Budget(clock, CLOUD)
    async with wire_to(github, clock, budget, pace) as one, wire_to(github, clock, budget, pace) as other:

        async def read_on() -> None:
            for _ in range(looks // readers):
                await look(one)

        ways = (plain, content, lambda wire: past(wire, github))
        pending = [ways[kind](other if number % 2 else one) for number, kind in enumerate(kinds)]
        await asyncio.gather(*pending, *(read_on() for _ in range(readers)))


MIXES = [
    pytest.param([0] * MANY, 0.0, least(MANY), id="labels, as fast as allowed"),
    pytest.param([0] * SOME, 1.0, least(SOME, pace=1.0), id="labels, a second apart"),
    pytest.param([1] * SOME, 0.0, least(SOME, creates=True), id="comments, as fast as allowed"),
    pytest.param([1] * SOME, 1.0, least(SOME, creates=True, pace=1.0), id="comments, a second apart"),
    pytest.param([0, 1] * (MANY // 2), 0.0, least(MANY // 2, creates=True), id="both"),
    pytest.param([0, 0, 2, 2] * (MANY // 4), 0.0, least(MANY), id="labels, and a client library"),
]


@pytest.mark.parametrize(("kinds", "pace", "allowed"), MIXES)
def test_thousands_of_pending_writes_take_what_the_limits_allow(kinds: list[int], pace: float, allowed: float) -> None:
    github = LimitedGithub()
    passing(writes(github, kinds, pace))

    assert github.refused == []
    assert github.taken == len(kinds)
    assert github.most_writes == 1, "one write at a time, whoever sends it"
    assert allowed <= github.last < 1.05 * allowed


def test_readers_and_writers_share_the_points_and_neither_starves() -> None:
    github, looks = LimitedGithub(hourly=15_000), 4_000
    passing(writes(github, [0] * MANY, 0.0, readers=8, looks=looks))
    allowed = (math.ceil((5 * MANY + looks) / 900) - 1) * 60.0

    assert github.refused == []
    assert github.taken == MANY + looks
    assert allowed <= github.last < 1.05 * allowed


def test_two_budgets_for_one_token_would_break_the_limits() -> None:
    """What the others prove, they prove against a GitHub that does refuse."""
    github = LimitedGithub()

    async def story() -> None:
        clock = VirtualClock()
        async with (
            wire_to(github, clock, Budget(clock, CLOUD), 0.0) as one,
            wire_to(github, clock, Budget(clock, CLOUD), 0.0) as other,
        ):
            await asyncio.gather(*(plain(other if number % 2 else one) for number in range(500)))

    passing(story())
    assert "points" in github.refused

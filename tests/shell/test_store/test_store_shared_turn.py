"""The turn that a service's looks share, and those who want to write alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from trackersync.errors import StoreError
from trackersync.store import Store, open_store, turn


@pytest.fixture
def stores(url: str) -> Iterator[tuple[Store, Store, Store]]:
    """One store, opened by two services and by somebody at a command line."""
    with open_store(url) as one, open_store(url) as other, open_store(url) as alone:
        yield one, other, alone


async def test_looks_of_one_service_are_in_together_and_others_wait(stores: tuple[Store, Store, Store]) -> None:
    one, _, alone = stores
    shared = one.shared_turn("serve")
    async with shared, shared:
        with pytest.raises(StoreError, match=r"in use by .*serve"):
            async with alone.turn("sync", wait=0.3):
                pass
    async with alone.turn("sync", wait=0.3):
        coming = asyncio.create_task(_in(shared))
        await asyncio.sleep(0.2)
        assert not coming.done()
    await asyncio.wait_for(coming, 2)
    shared.close()


async def test_services_share_a_server_and_not_a_file(stores: tuple[Store, Store, Store]) -> None:
    one, other, _ = stores
    mine, theirs = one.shared_turn("serve"), other.shared_turn("worker")
    async with mine:
        coming = asyncio.create_task(_in(theirs))
        await asyncio.sleep(0.3)
        assert coming.done() is (one.dialect == "postgresql")
    await asyncio.wait_for(coming, 2)
    mine.close()
    theirs.close()


async def test_who_wants_to_be_alone_gets_in_however_busy_the_services_are(
    stores: tuple[Store, Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "LONGEST", 0.4)
    one, other, alone = stores
    services = [one.shared_turn("serve")] + ([other.shared_turn("worker")] if one.dialect == "postgresql" else [])
    over = False
    looks = 0

    async def busy(service: turn.SharedTurn) -> None:
        nonlocal looks
        while not over:
            async with service:
                await asyncio.sleep(0.03)
                looks += 1

    working = [asyncio.create_task(busy(service)) for service in services for _ in range(4)]
    await asyncio.sleep(0.2)
    before = looks
    async with alone.turn("sync", wait=10):
        during = looks
        await asyncio.sleep(0.2)
        assert looks == during
    await asyncio.sleep(0.8)
    assert looks > during >= before > 0
    over = True
    await asyncio.gather(*working)
    for service in services:
        service.close()


def test_one_service_works_on_a_file_and_any_number_on_a_server(stores: tuple[Store, Store, Store]) -> None:
    one, other, _ = stores
    with one.sole("serve"):
        if one.dialect == "postgresql":
            with other.sole("serve"):
                return
        with pytest.raises(StoreError, match=r"in use by serve, process .* PostgreSQL"), other.sole("serve"):
            pass
    with other.sole("serve"):
        pass


async def _in(shared: turn.SharedTurn) -> None:
    async with shared:
        pass

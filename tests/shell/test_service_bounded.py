"""A service among its bounds: many looks at once, plans that are held, clocks that were wrong, the file it works on."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from served import CLOCK, pairs, served
from sqlalchemy import inspect

from trackersync.errors import StoreError
from trackersync.store import Ask, Store, Subject, open_store
from trackersync.store.database import Database
from trackersync.store.moving import move
from trackersync.worker import service
from trackersync.worker.embedded import Embedded
from trackersync.worker.metrics import Metrics
from trackersync.worker.worker import DECIDED

SUBJECT = Subject("github", "item", "1/17")


async def test_looks_at_one_moment_are_counted_together(folder: Path) -> None:
    with pairs(folder) as world:
        numbers = [world.pair() for _ in range(8)]
        async with served(world, limits={"changes": 3}) as one:
            world.github.latency = world.jira.latency = 60
            for number in numbers:
                world.move("github", number, "build")
            for tracker, _, sent in world.news():
                for delivery in sent:
                    await one.take_in(tracker, delivery)
            await one.quiet()
            written = [number for number in numbers if world.stages(number)[1] == "build"]
            assert len(written) == 3
            assert len(one.store.not_due("held")) == 5


@pytest.mark.parametrize(
    ("state", "off", "ripe"),
    [
        ("held", timedelta(minutes=-1), True),
        ("held", timedelta(minutes=1), False),
        ("due", timedelta(minutes=10), False),
        # Put off while the clock was a day ahead.
        ("due", timedelta(days=1), True),
        ("held", timedelta(days=1), True),
        ("aside", timedelta(minutes=-1), False),
    ],
    ids=["held long enough", "held", "put off", "put off astray", "held astray", "aside"],
)
def test_what_is_ripe_is_tried_again(tmp_path: Path, state: str, off: timedelta, ripe: bool) -> None:
    with open_store(str(tmp_path / "it.db")) as store:
        now = CLOCK.now()
        store.owe([Ask(SUBJECT)], now)
        due = store.due_look(SUBJECT)
        assert due is not None
        store.put_off(due, state, "why", now + off, failed=False)  # type: ignore[arg-type]
        assert store.ripen(now) == int(ripe)
        assert bool(store.due(now, 5)) is ripe


def test_a_store_that_a_service_works_on_is_not_moved_away(tmp_path: Path, postgres_url: str) -> None:
    file = str(tmp_path / "it.db")
    with open_store(file) as store, store.sole("serve"), pytest.raises(StoreError, match="in use by serve"):
        move(file, postgres_url, CLOCK.now(), wait=0.2)
    assert _tables(postgres_url) == 0


def _tables(url: str) -> int:
    with closing(Database(url)) as database, database.read() as connection:
        return len(inspect(connection).get_table_names())


class Faulty(Store):
    """A store that breaks in a way that nobody has thought of, twice."""

    faults = 2

    def remembered(self, name: str) -> str | None:
        if name == DECIDED and self.faults:
            self.faults -= 1
            raise KeyError("a fault of ours")
        return super().remembered(name)


async def test_a_fault_while_it_begins_is_said_and_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "_AGAIN", 0.05)
    with pairs(folder) as world:
        world.pair()
        async with served(world):
            pass  # all was read once
        configuration = world.configure()
        with Faulty(configuration.store) as store:
            one = service.Service(lambda: configuration, store, Embedded(store, CLOCK, 2), Metrics())
            stop = asyncio.Event()
            running = asyncio.create_task(one.run(configuration, stop, lambda: None))
            async with asyncio.timeout(10):
                while one.ready():  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(0.02)
            stop.set()
            await running
        assert not store.faults
    assert "it could not begin" in caplog.text

"""A service that is given another configuration: what it takes over, what it names, what a person has to approve."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import yaml
from served import CLOCK, Pairs, Served, pairs, served

from trackersync.sandbox import answer
from trackersync.worker import worker
from trackersync.worker.worker import DECIDED

OFF = {"sync": "off", "full_scan": "off", "check": "off"}


@pytest.fixture(autouse=True)
def _no_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tracker that did not answer is asked again soon."""
    monkeypatch.setattr(worker, "_PEACE", 0.1)


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    said = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    caplog.clear()
    return [sentence for sentence in said if "restart" in sentence]


async def test_what_only_a_new_start_takes_over_is_named(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pairs(folder) as world:
        async with served(world) as one:
            world.configure(service={"schedule": OFF, "port": 9999, "host": "127.0.0.2", "abreast": 3, "tries": 9})
            for _ in range(2):  # also where it was loaded before: it still is not so
                await one.service.reload()
                assert warned(caplog) == [
                    f"`service.{name}` is another one now; restart to take it over"
                    for name in ("host", "port", "abreast")
                ]
            world.configure()
            await one.service.reload()
            assert warned(caplog) == []
            world.configure(store=f"sqlite:///{folder / 'another.db'}")
            await one.service.reload()
            assert "`store` is another one now" in caplog.text
            assert one.service._now is not None
            assert one.service._now.configuration.store == one.configuration.store


async def test_yes_is_said_of_the_first_configuration_only(folder: Path) -> None:
    with pairs(folder) as world:
        number = world.pair()
        async with served(world) as one:
            await edited(world, one, number, "build")
            assert world.stages(number) == ("build", "build")
            world.configure(**mapped_anew(world))
            await one.service.reload()
            await edited(world, one, number, "verify")
            assert world.stages(number) == ("verify", "build")
            # Told of while it was looked at, it was looked at once more, and not put off for as long as what is held.
            assert len(one.store.not_due("held")) == 2


async def test_a_reload_while_a_tracker_is_down_is_decided_by_the_next_sync(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pairs(folder) as world:
        number = world.pair("build")
        async with served(world) as one:
            configuration = world.configure(**mapped_anew(world))
            one.store.approve(configuration.fingerprint, "yes", CLOCK.now())
            world.jira.faults.add(answer(401, "{}"), times=1_000)
            await one.service.reload()
            assert one.store.remembered(DECIDED) != configuration.fingerprint
            world.jira.faults.clear()
            await one.service._worker._sync()
            assert one.store.remembered(DECIDED) == configuration.fingerprint
            await one.quiet(5)
            assert world.github.issues[number].labels == ("stage: prototype",)


def mapped_anew(world: Pairs) -> dict[str, Any]:
    """Settings by which two labels of GitHub mean each other's stage."""
    world.configure()
    trackers = yaml.safe_load(world.file.read_text(encoding="utf-8"))["trackers"]
    stages = trackers["github"]["stages"]
    stages["build"], stages["prototype"] = stages["prototype"], stages["build"]
    return {"trackers": trackers}


async def edited(world: Pairs, one: Served, number: int, stage: str) -> None:
    """A person moves the GitHub side of a pair; the service is told, and does what it may."""
    world.move("github", number, stage)
    for tracker, _, sent in world.news():
        for delivery in sent:
            await one.take_in(tracker, delivery)
    await one.quiet(5)


async def test_who_names_whom_is_indexed_by_the_time_it_has_begun(folder: Path) -> None:
    with pairs(folder) as world:
        world.pair("build")
        async with served(world) as one:
            with one.store.write() as connection:  # as a store of before has it
                connection.exec_driver_sql("DELETE FROM remembered WHERE name = 'mentions'")
            assert not one.store.mentions_hold()
        async with served(world) as one:
            assert one.store.mentions_hold()

"""A service that has to wait: for a tracker that is down, for another command; and what it counts and says of that."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from served import CLOCK, Pairs, Served, pairs, served

from trackersync.pipeline import attending
from trackersync.sandbox import answer
from trackersync.store import Ask, Freshness, Received, Subject
from trackersync.worker import verdict, worker

SOON = timedelta(seconds=0.4)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for a tracker is tried again soon."""
    monkeypatch.setattr(worker, "_PEACE", SOON.total_seconds())
    monkeypatch.setattr(verdict, "SHUT", SOON)


async def tell(world: Pairs, one: Served) -> None:
    """Let in the deliveries of what people did, and wait until they are read."""
    for tracker, person, sent in world.news():
        for delivery in sent if person else ():
            await one.take_in(tracker, delivery)
    async with asyncio.timeout(5):
        while one.store.unsorted(1):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


async def put_off(one: Served, number: int) -> None:
    """Wait until the look at an issue has been put off."""
    subject = Subject("github", "item", f"681273514/{number}")
    async with asyncio.timeout(5):
        while (due := one.store.due_look(subject)) is None or due.at <= CLOCK.now():  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.01)
    assert (due.state, due.tries) == ("due", 0)


async def test_what_belongs_with_a_tracker_that_is_down_waits_and_is_not_lost(folder: Path) -> None:
    with pairs(folder) as world:
        first, second = world.pair(), world.pair()
        async with served(world) as one:
            world.jira.faults.add(answer(401, "{}"), times=1_000)
            world.move("github", first, "build")
            await tell(world, one)
            await put_off(one, first)
            asked = len(world.github.requests)
            world.move("github", second, "verify")
            await tell(world, one)
            await put_off(one, second)
            assert len(world.github.requests) == asked, "nothing is read that cannot be decided"
            world.jira.faults.clear()
            await one.quiet(5)
            assert (world.stages(first), world.stages(second)) == (("build", "build"), ("verify", "verify"))


async def test_an_edit_that_took_two_tries_is_counted_once(folder: Path) -> None:
    with pairs(folder) as world:
        number = world.pair()
        async with served(world) as one:
            before = one.store.timeliness(CLOCK.now()).get("github", Freshness())
            world.jira.faults.add(answer(401, "{}"), times=1_000)
            world.move("github", number, "build")
            await tell(world, one)
            await put_off(one, number)
            world.jira.faults.clear()
            await one.quiet(5)
            assert world.stages(number) == ("build", "build")
            now = one.store.timeliness(CLOCK.now())["github"]
            assert (now.edits - before.edits, now.timely - before.timely) == (1, 1)


async def test_edits_that_the_timer_read_while_they_waited_are_counted(folder: Path) -> None:
    with pairs(folder) as world:
        first, second = world.pair(), world.pair()
        async with served(world) as one:
            before = one.store.timeliness(CLOCK.now()).get("github", Freshness())
            world.jira.faults.add(answer(401, "{}"), times=1_000)
            for number in (first, second):
                world.move("github", number, "build")
                await tell(world, one)
                await put_off(one, number)
            one.service._worker.owe_news()
            async with asyncio.timeout(5):
                while one.store.due_look(Subject("github", "news", "")) is not None:  # noqa: ASYNC110 - the same
                    await asyncio.sleep(0.01)
            world.jira.faults.clear()
            await one.quiet(5)
            assert (world.stages(first), world.stages(second)) == (("build", "build"), ("build", "build"))
            await one.timer()
            now = one.store.timeliness(CLOCK.now())["github"]
            assert now.edits - before.edits == 2, "each once, however long it waited and whoever read it first"
            assert one.store.missed(CLOCK.now() - timedelta(days=1)) == {}


async def test_an_edit_that_a_look_at_the_other_side_came_upon_is_counted_once(folder: Path) -> None:
    with pairs(folder) as world:
        number = world.pair()
        async with served(world) as one:
            before = one.store.timeliness(CLOCK.now()).get("github", Freshness())
            world.move("github", number, "build")
            one.store.owe([Ask(Subject("jira", "item", str(world.jira.issue(f"SHOP-{number}").id)))], CLOCK.now())
            await one.quiet(5)
            assert world.stages(number) == ("build", "build")
            await tell(world, one)
            await one.quiet(5)
            now = one.store.timeliness(CLOCK.now())["github"]
            assert now.edits - before.edits == 1


async def test_who_waited_for_another_command_looks_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attending, "SOON", timedelta(seconds=0.1))
    with pairs(folder) as world:
        number = world.pair()
        async with served(world) as one:
            world.move("github", number, "build")
            async with one.store.turn("sync"):
                await tell(world, one)
                await asyncio.sleep(0.6)  # it has read them, and waits to write
                writes = world.jira.writes
                world.move("github", number, "verify")
            await one.quiet(5)
            assert world.stages(number) == ("verify", "verify")
            assert world.jira.writes - writes == 1, "what was decided before the wait is not written"
            assert 'outcome="busy"' in one.metrics.exposition().decode()


async def test_a_delivery_is_told_of_by_its_number(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pairs(folder) as world:
        async with served(world) as one:
            body = b'{"issue": "words of the sender"'
            headers = {"x-github-event": "issues", "x-github-delivery": "an id of the sender"}
            one.store.receive([Received("github", "an id of the sender", CLOCK.now(), headers, body)])
            await tell(world, one)
            (number,) = [said.args[0] for said in caplog.records if "is set aside" in said.msg and said.args]  # type: ignore[index]
            assert f"delivery {number} of github is set aside" in caplog.text
            assert "of the sender" not in caplog.text

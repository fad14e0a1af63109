"""A hundred deliveries of one new pair at once: one task, one link, each effect once; on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from served import CLOCK, SECRET, Pairs, Served, pairs, served

from trackersync.sandbox.github.deliveries import Webhook as GitHubHook
from trackersync.sandbox.jira.deliveries import Webhook as JiraHook
from trackersync.sandbox.sent import Sent
from trackersync.store import Store
from trackersync.worker.distributed import Distributed, Pace
from trackersync.worker.engine import Engine


async def test_a_hundred_at_once_on_a_file(folder: Path) -> None:
    await a_hundred(folder, None, None, services=1)


async def test_a_hundred_at_once_on_a_server_with_two_services(folder: Path, postgres_url: str) -> None:
    def engine(store: Store) -> Engine:
        return Distributed(store, CLOCK, 4, Pace(beat=0.5, silent=5, every=1, poll=0.3, grace=1, again=0.2))

    await a_hundred(folder, postgres_url, engine, services=2)


async def a_hundred(folder: Path, url: str | None, engine: Callable[[Store], Engine] | None, services: int) -> None:
    with pairs(folder) as world:
        world.pair()
        async with AsyncExitStack() as stack:
            crew = [await stack.enter_async_context(served(world, url, engine)) for _ in range(services)]
            before = len(world.jira.edits) + len(world.github.edits)
            sent = _opened(world)
            await asyncio.gather(
                *(_take_in(crew[place % services], tracker, one) for place, (tracker, one) in enumerate(sent))
            )
            for one in crew:
                await one.quiet()
            store = crew[0].store
            tasks = [task for ref, task in store.links().items()]
            assert len(tasks) == 4
            assert len(set(tasks)) == 2
            assert world.stages(2) == ("build", "build")
            wrote = [edit for edit in (*world.jira.edits, *world.github.edits)[before:] if edit.by != "ada-l"]
            assert len(wrote) == 1, wrote
            assert store.deliveries(done=True)["github", "done"] == 50


def _opened(world: Pairs) -> list[tuple[str, Sent]]:
    """Deliveries of a pair that is new: its GitHub side says which stage it is in."""
    issue = world.jira.create("Pay by invoice", by="ada-l", status="To Do")
    made = world.github.create(f"{issue.key}: pay by invoice", by="ada-l", labels=("stage: build",))
    told = [
        ("github", GitHubHook(world.github, SECRET).opened(made)),
        ("jira", JiraHook(world.jira, SECRET).created(issue)),
    ]
    names = {"github": "x-github-delivery", "jira": "x-atlassian-webhook-identifier"}
    return [
        (tracker, replace(one, headers={**one.headers, names[tracker]: str(uuid4())}))
        for _ in range(50)
        for tracker, one in told
    ]


async def _take_in(one: Served, tracker: str, sent: Sent) -> None:
    assert await one.take_in(tracker, sent)

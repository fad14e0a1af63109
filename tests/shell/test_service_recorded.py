"""Deliveries that GitHub and Jira recorded, signed, over a socket: answered, and looked at what they name, at once.

What each names is the business of the connectors' own tests (``test_github_webhooks_recorded``, ``test_jira_…``). Here
every pair they may name has moved in silence before each comes in, so that it shows whether it was looked at.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from served import CLOCK, SECRET, STATUSES, Served, pairs, served

from recorded_jira import ISSUES, OURS
from trackersync.connector import Delivery, These
from trackersync.sandbox import moments
from trackersync.sandbox.jira.model import Issue
from trackersync.webhook.serving import Receiver

HELLO, HELLO_ID = "Codertocat/Hello-World", 186853002


@asynccontextmanager
async def receiving(one: Served) -> AsyncIterator[httpx.AsyncClient]:
    """The service's receiver, and whoever sends to it."""
    receiver = Receiver(
        one.store, one.service.listeners, CLOCK, one.metrics, one.service.ready, host="127.0.0.1", port=0
    )
    stop = asyncio.Event()
    address = receiver.bind()
    running = asyncio.create_task(receiver.run(stop))
    try:
        async with httpx.AsyncClient(base_url=address, timeout=10) as client:
            yield client
    finally:
        stop.set()
        await running


def recorded(shared: Path, tracker: str) -> Path:
    """The folder of a tracker's bodies."""
    folder = shared / "data" / "webhooks" / tracker
    if not folder.is_dir():
        pytest.skip("recorded deliveries are not beside the checkout")
    return folder


def signed(raw: bytes, header: str) -> dict[str, str]:
    return {header: "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()}


async def looked_at(
    one: Served, client: httpx.AsyncClient, tracker: str, headers: Mapping[str, str], raw: bytes
) -> bool:
    """Send one, and see whether it named an item, or the news of all there is; it was done with in any case."""
    answer = await client.post(f"/webhooks/{tracker}", content=raw, headers=dict(headers))
    assert answer.status_code == 202
    await one.quiet()
    scope = one.service.listeners()[tracker].scope_of(
        Delivery({name.lower(): value for name, value in headers.items()}, raw)
    )
    return not isinstance(scope, These) or bool(scope.refs)


async def test_what_github_recorded_is_followed(shared: Path, folder: Path) -> None:
    files = recorded(shared, "github").glob("*.json")
    bodies = {path.stem: json.loads(path.read_bytes())["examples"] for path in files}
    with pairs(folder, HELLO) as world:
        world.github.repository_id = HELLO_ID
        world.pair()
        world.pair()
        async with served(world) as one, receiving(one) as client:
            stages = cycle(["build", "verify", "design"])
            followed = 0
            for event, some in bodies.items():
                for body in some:
                    before, stage = world.stages(1)[1], next(stages)
                    world.move("github", 1, stage)
                    raw = json.dumps(body).encode()
                    headers = {
                        "x-github-event": event,
                        "x-github-delivery": str(uuid4()),
                        "content-type": "application/json",
                    }
                    named = await looked_at(one, client, "github", headers | signed(raw, "x-hub-signature-256"), raw)
                    wanted = stage if named and _tells_of_first(body, event) else before
                    assert world.stages(1)[1] == wanted, (event, body.get("action"))
                    followed += wanted == stage
                    if wanted != stage:
                        world.move("github", 1, before)
            assert followed > 30
            assert not one.store.deliveries_aside()


def _tells_of_first(body: Mapping[str, object], event: str) -> bool:
    """Whether a body that names something names the first issue, or news in which it is found."""
    issue = body.get("issue")
    return not isinstance(issue, dict) or event not in {"issues", "issue_comment"} or issue.get("number") == 1


async def test_what_jira_recorded_is_followed(shared: Path, folder: Path) -> None:
    bodies = {path.stem: path.read_bytes() for path in recorded(shared, "jira").glob("*.json")}
    homes = {id_: project for project, id_ in ISSUES.values() if project}
    with pairs(folder, projects=OURS) as world:
        numbers = {}
        for place, (id_, project) in enumerate(homes.items(), 1):
            now = moments.milliseconds(world.jira.clock())
            world.jira.put(Issue(id_, f"{project}-{900 + place}", "Pay by invoice", "To Do", now, now))
            made = world.github.create(f"{project}-{900 + place}: pay by invoice", by="ada-l")
            numbers[id_] = (made.number, f"{project}-{900 + place}")
        async with served(world) as one, receiving(one) as client:
            stages = cycle(["build", "verify", "design"])
            for name, raw in sorted(bodies.items()):
                number, key = numbers[ISSUES[name][1]]
                stage = next(stages)
                world.jira.edit(key, status=STATUSES[stage], by="ada-l")
                headers = {"x-atlassian-webhook-identifier": str(uuid4()), "content-type": "application/json"}
                assert await looked_at(one, client, "jira", headers | signed(raw, "x-hub-signature"), raw)
                assert world.github.issues[number].labels == (f"stage: {stage}",), name

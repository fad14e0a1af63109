"""A service at work in this process on stand-ins over HTTP, whose webhooks a test loses, doubles and shuffles.

``Pairs`` is a world of pairs: issue ``n`` of the repository leads its title with the key of issue ``n`` of the project.
A test edits it as people do; ``news`` gives the deliveries of all that has happened since it was asked last, people's
edits and our own writes alike; ``Served`` takes them in and works on them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import yaml

from trackersync.cli.running import Common, configured
from trackersync.config import Configuration
from trackersync.http import SystemClock
from trackersync.sandbox import configuration as shop_yaml
from trackersync.sandbox.github.app import github_app
from trackersync.sandbox.github.deliveries import Webhook as GitHubHook
from trackersync.sandbox.github.model import GitHub
from trackersync.sandbox.jira.app import jira_app
from trackersync.sandbox.jira.deliveries import Webhook as JiraHook
from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.jira.workflow import any_to_any
from trackersync.sandbox.posting import Post
from trackersync.sandbox.sent import Sent
from trackersync.sandbox.server import _serving
from trackersync.sandbox.shop import workflow
from trackersync.store import Received, Store, open_store
from trackersync.worker.embedded import Embedded
from trackersync.worker.engine import Engine
from trackersync.worker.metrics import Metrics
from trackersync.worker.service import Service

SECRET = "sesame-sesame"
STAGES = ("idea", "research", "requirements", "design", "prototype", "build", "verify", "release")
STATUSES = {
    "idea": "To Do", "research": "Research", "requirements": "Requirements", "design": "Design",
    "prototype": "Prototype", "build": "In Progress", "verify": "In Review", "release": "Release",
}  # fmt: skip
CLOCK = SystemClock()


@dataclass
class Pairs:
    """Pairs of issues in two stand-ins that serve."""

    github: GitHub
    jira: Jira
    github_url: str
    jira_url: str
    folder: Path
    post: Post
    _seen: dict[str, int] = field(default_factory=lambda: {"github": 0, "jira": 0})

    @property
    def file(self) -> Path:
        """The configuration's file."""
        return self.folder / "trackersync.yaml"

    def configure(self, **more: Any) -> Configuration:  # noqa: ANN401 - parts of a YAML file
        """Write the configuration, and read it as the program does."""
        text = shop_yaml().replace("${GITHUB_URL}", self.github_url).replace("${JIRA_URL}", self.jira_url)
        settings = yaml.safe_load(text)
        for tracker in settings["trackers"].values():
            tracker.update(webhook_secrets=[SECRET], token="a-token-of-the-tests")
        settings["trackers"]["jira"].pop("evidence")
        settings["trackers"]["github"]["repositories"] = [self.github.repository]
        settings["trackers"]["jira"]["projects"] = list(self.jira.projects)
        settings["limits"] = {"changes": 1_000_000, "share": "100%", "adoptions": 1_000_000, "undone": 0}
        schedule = {"sync": "off", "full_scan": "off", "check": "off"}
        settings["service"] = {"schedule": schedule}
        settings["store"] = f"sqlite:///{self.folder / 'trackersync.db'}"
        for key, part in more.items():
            settings[key] = {**settings[key], **part} if isinstance(part, dict) and key in settings else part
        self.file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        return configured(Common(self.file, None, "text"))

    def pair(self, stage: str = "idea") -> int:
        """Open a pair of issues; its number in both."""
        issue = self.jira.create("Pay by invoice", by="ada-l", status=STATUSES[stage])
        labels = () if stage == "idea" else (f"stage: {stage}",)
        made = self.github.create(f"{issue.key}: pay by invoice", by="ada-l", labels=labels)
        return made.number

    def move(self, tracker: str, number: int, stage: str) -> None:
        """Let a person move one side of a pair."""
        if tracker == "jira":
            self.jira.edit(f"SHOP-{number}", status=STATUSES[stage], by="ada-l")
        else:
            self.github.edit(number, labels=[f"stage: {stage}"], by="ada-l")

    def stages(self, number: int) -> tuple[str, str]:
        """The stages that the two sides of a pair show: GitHub's, Jira's."""
        labels = [label.removeprefix("stage: ") for label in self.github.issues[number].labels]
        status = self.jira.issue(f"SHOP-{number}").status
        return labels[0] if labels else "idea", next(key for key, name in STATUSES.items() if name == status)

    def news(self) -> list[tuple[str, bool, list[Sent]]]:
        """By edit that happened since: its tracker, whether a person did it, and the deliveries that tell of it."""
        hooks = {"github": GitHubHook(self.github, SECRET), "jira": JiraHook(self.jira, SECRET)}
        found: list[tuple[str, bool, list[Sent]]] = []
        for tracker, model in (("github", self.github), ("jira", self.jira)):
            edits = model.edits[self._seen[tracker] :]
            self._seen[tracker] += len(edits)
            for edit in edits:
                sent = hooks[tracker].edited(edit)
                mine = list(sent) if isinstance(sent, tuple) else [sent]
                found.append((tracker, "ada-l" in edit.by or edit.by.startswith("5b10a2"), mine))
        return found


@contextmanager
def pairs(folder: Path, repository: str = "acme/shop", projects: tuple[str, ...] = ("SHOP",)) -> Iterator[Pairs]:
    """An empty world, served on loopback."""
    github = GitHub(repository)
    jira = Jira({project: any_to_any(workflow().statuses) for project in projects})
    post = github.hub.notices.post = jira.premises.post = Post()
    with ExitStack() as stack:
        stack.callback(post.close)
        github_url = stack.enter_context(_serving(github_app(github), 0))
        jira_url = stack.enter_context(_serving(jira_app(jira), 0))
        yield Pairs(github, jira, github_url, jira_url, folder, post)


class Served:
    """A service in this event loop, its engine the embedded one."""

    def __init__(
        self, configuration: Configuration, store: Store, load: Callable[[], Configuration], engine: Engine | None
    ) -> None:
        self.configuration, self.store, self.metrics = configuration, store, Metrics()
        self.engine = engine or Embedded(store, CLOCK, configuration.settings.service.abreast)
        self.service = Service(load, store, self.engine, self.metrics, yes=True, fixed=("host", "port", "abreast"))
        self._number = 0

    async def take_in(self, tracker: str, sent: Sent) -> bool:
        """Let a delivery come in, as the receiver does once it knows that it is genuine; whether it was new."""
        listener = self.service.listeners()[tracker]
        from trackersync.connector import Delivery  # noqa: PLC0415

        delivery = Delivery(sent.headers, sent.body)
        listener.verify(delivery)
        received = Received(tracker, listener.delivery_id(delivery), CLOCK.now(), dict(sent.headers), sent.body)
        return bool(await asyncio.to_thread(self.store.receive, [received]))

    async def quiet(self, seconds: float = 600.0) -> None:
        """Wait until nothing is left to be done."""
        async with asyncio.timeout(seconds):
            while not self.service._begun or self.store.unsorted(1) or self._due():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    def _due(self) -> bool:
        return any(state == "due" for _, state in self.store.queue())

    async def timer(self) -> None:
        """Let the schedule's `sync` be due, and wait until all of it is done."""
        self.service._worker.owe_news()
        await self.quiet()


@asynccontextmanager
async def served(
    world: Pairs,
    url: str | None = None,
    engine: Callable[[Store], Engine] | None = None,
    **more: Any,  # noqa: ANN401 - parts of a YAML file
) -> AsyncIterator[Served]:
    """A service that has begun, on a world as it is, its engine the embedded one unless another is made."""
    configuration = world.configure(**({"store": url} if url else {}), **more)

    def load() -> Configuration:
        return configured(Common(world.file, None, "text"))

    with open_store(configuration.store) as store:
        one = Served(configuration, store, load, None if engine is None else engine(store))
        stop, began = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(one.service.run(configuration, stop, began.set))
        try:
            waiting = asyncio.create_task(began.wait())
            await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if running.done():
                running.result()
            await one.quiet()
            world.news()
            yield one
        finally:
            stop.set()
            await running


def shuffled(chance: Random, world: Pairs, lost: float, doubled: float) -> tuple[list[tuple[str, Sent]], int]:
    """What comes in of all that has happened since: in any order, some twice, some never.

    Returns:
        The deliveries with their trackers, and of how many edits of people nothing comes in.
    """
    coming: list[tuple[str, Sent]] = []
    untold = 0
    for tracker, person, sent in world.news():
        told = [one for one in sent if chance.random() >= lost]
        untold += person and not told
        coming += [(tracker, one) for one in told for _ in range(1 + (chance.random() < doubled))]
    chance.shuffle(coming)
    return coming, untold

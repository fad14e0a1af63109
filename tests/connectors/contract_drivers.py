"""The people of our stand-ins, and the weather on the way to them: what ``ConnectorContract`` needs of each tracker."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from trackersync.connector import Connector, Facts, ItemRef, Plugin, TrackerSettings
from trackersync.http import HttpWire
from trackersync.sandbox import Fault, Faults, GitHub, Jira, answer, drop, github_app, jira_app, lose, powerless
from trackersync.sandbox.github.model import BOT as GITHUB_BOT
from trackersync.sandbox.jira.customs import CustomField, shown_user
from trackersync.sandbox.jira.model import User
from trackersync.sandbox.server import _serving
from trackersync.sandbox.shop import ACCOUNTS, workflow
from trackersync.testing.looks import joined
from trackersync_github import connector as github_plugin
from trackersync_jira import connector as jira_plugin

TOKEN = "hush-hush-123"
EMAIL = "bot@acme.example"
EVER = 1_000_000


GITHUB_STAGES: tuple[Facts, ...] = (
    {"labels": ("stage: idea",), "state": ("open",)},
    {"labels": ("stage: build",), "state": ("open",)},
    {"labels": ("stage: verify",), "state": ("open",)},
    {"labels": (), "state": ("closed",), "reason": ("completed",)},
    {"labels": ("stage: support",), "state": ("closed",), "reason": ("not_planned",)},
)


def jira_stages(resolution: str) -> tuple[Facts, ...]:
    return (
        {"status": ("To Do",)},
        {"status": ("In Progress",)},
        {"status": ("Backlog",)},
        {"status": ("Done",), "resolution": (resolution,)},
    )


class Loopback:
    """One port for many tests, each of which puts a fresh stand-in there."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is None:
            raise AssertionError("nothing is served here yet")
        await self.app(scope, receive, send)


@contextmanager
def on_loopback() -> Iterator[Loopback]:
    loopback = Loopback()
    with _serving(loopback, 0) as loopback.url:
        yield loopback


class SandboxClock:
    """The stand-in's time and the connector's: it passes by waiting, and when something happens."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def pass_on(self) -> None:
        self.time += timedelta(seconds=20)


class HttpDriver:
    """What GitHub and Jira have in common: a stand-in, and connectors on real wires to it.

    The wires lead to it in-process. The client libraries that the connectors use besides need a port to go to.
    """

    bulk = 230
    secrets: tuple[str, ...] = (TOKEN,)
    path: tuple[Facts, ...] = ()

    def __init__(
        self, loopback: Loopback, model: GitHub | Jira, plugin: Plugin, settings: dict[str, Any], listing: str
    ) -> None:
        self._app = loopback.app = github_app(model) if isinstance(model, GitHub) else jira_app(model)
        self.clock = SandboxClock()
        model.clock = self.clock
        self.faults: Faults = model.faults
        self._model = model
        self._plugin = plugin
        self._settings: TrackerSettings = plugin.settings.model_validate(
            {"url": loopback.url, "token": TOKEN} | settings
        )
        self._listing = listing
        self._opened: list[HttpWire] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        async with AsyncExitStack() as stack:
            for wire in self._opened:
                stack.push_async_callback(wire.aclose)

    def connector(self) -> Connector:
        plugin, settings = self._plugin, self._settings
        wire = HttpWire(
            settings.connector, settings.url, plugin.authorization(settings), plugin.headers(settings), self.clock,
            writes=settings.writes, timeout=settings.timeout, in_flight=plugin.in_flight, chance=lambda: 0.5,
            transport=httpx.ASGITransport(app=self._app),
        )  # fmt: skip
        self._opened.append(wire)
        return plugin.create("here", settings, wire, self.clock)

    def written(self) -> int:
        return self._model.writes

    def fail_next(self, *, skip: int = 0) -> None:
        self.faults.add(drop(), kind="write", skip=skip)

    def lose_next_answer(self) -> None:
        self.faults.add(lose(), kind="write")

    def ignore_next(self) -> None:
        self.faults.add(self._ignoring(), kind="write")

    def refuse_next(self, *, skip: int = 0) -> None:
        self.faults.add(answer(403, self._echo()), kind="write", skip=skip)

    def break_listing(self, after_pages: int) -> None:
        self.faults.add(answer(503), path=self._listing, skip=after_pages, times=EVER)

    def revoke(self, *, skip: int = 0) -> None:
        self.faults.add(answer(401, self._echo()), kind="write" if skip else None, skip=skip, times=EVER)

    def mend(self) -> None:
        self.faults.clear()

    def _ignoring(self) -> Fault:
        raise NotImplementedError

    def _echo(self) -> str:
        """An error page that repeats the credential as we sent it, as some proxies do, in both vendors' members."""
        words = f"No. You sent {self.secrets[-1]}"
        told = {
            "message": "Requires authentication",
            "documentation_url": words,
            "errorMessages": [words],
            "errors": {},
        }
        return json.dumps(told)


class GithubDriver(HttpDriver):
    """A GitHub repository, worked on through the stand-in's model."""

    account = GITHUB_BOT
    person = "ada-l"
    stages = GITHUB_STAGES
    write_requests = 2
    owners = ("grace-h", "margaret-h")
    stranger = "nobody-knows"

    def __init__(self, loopback: Loopback) -> None:
        self._github = model = GitHub()
        for label in (*joined(*self.stages).get("labels", ()), "bug", "customer"):
            model.add_label(label)
        model.allow(self.owners)
        settings = {"connector": "github", "repositories": [model.repository]}
        super().__init__(loopback, model, github_plugin, settings, "/issues$")
        self.foreign: Facts = {"labels": ("bug", "customer")}
        self.ghost = self._ref(999_999)

    def create(self, title: str, **facts: tuple[str, ...]) -> ItemRef:
        self.clock.pass_on()
        issue = self._github.create(title, labels=facts.get("labels", ()), assignees=facts.get("owners", ()))
        return self._ref(issue.number)

    def edit(self, ref: ItemRef, **facts: tuple[str, ...]) -> None:
        self.clock.pass_on()
        self._github.edit(
            _number(ref),
            by="ada-l",
            labels=facts.get("labels"),
            assignees=facts.get("owners"),
            state=next(iter(facts.get("state", ())), None),
            reason=next(iter(facts.get("reason", ())), None),
        )

    def delete(self, ref: ItemRef) -> None:
        self._github.delete(_number(ref))

    def _ref(self, number: int) -> ItemRef:
        return ItemRef("here", f"{self._github.repository_id}/{number}")

    def _ignoring(self) -> Fault:
        return powerless()


class JiraDriver(HttpDriver):
    """A Jira project, worked on through the stand-in's model. With an e-mail address it is Cloud's, else Data Center's.

    Args:
        loopback: where to serve it.
        email: Cloud's, or none.
        co_owners: the id of a field for further owners, if there shall be one.
        links: whether links to other trackers are read and may be written.
    """

    account = EMAIL
    stages = jira_stages("Won't Do")
    path: tuple[Facts, ...] = ({"status": ("To Do",)}, {"status": ("In Progress",)}, {"status": ("In Review",)})
    write_requests = 1
    ghost = ItemRef("here", "999999")

    def __init__(
        self, loopback: Loopback, email: str | None, co_owners: str | None = None, *, links: bool = False
    ) -> None:
        self._co_owners = co_owners
        self._jira = model = Jira({"SHOP": workflow()})
        model.administers = True
        model.welcome(User(number, name, name) for name, number in ACCOUNTS.items())
        model.named(model.resolutions, "Won't Do")
        settings = {"connector": "jira", "projects": ["SHOP"], "email": email, "co_owners": co_owners}
        settings |= {"writes": ("stage", "owners", "links")} if links else {}
        if co_owners:
            model.custom_fields[co_owners] = CustomField(co_owners, "Pair", "array", "user", "multiuserpicker")
        super().__init__(loopback, model, jira_plugin, settings, r"/search(/jql)?$")
        self.foreign: Facts = {"labels": ("checkout", "gift-cards")}
        people = ("grace-h", "margaret-h")
        self.person = ACCOUNTS["ada-l"] if email else "ada-l"
        self.owners = tuple(ACCOUNTS[name] for name in people) if email else people
        # Data Center finds people by the beginnings of their names: whoever takes the first one found takes grace-h.
        self.stranger = self.owners[0][:5]
        if email:
            self.secrets = (TOKEN, b64encode(f"{email}:{TOKEN}".encode()).decode())

    def create(self, title: str, **facts: tuple[str, ...]) -> ItemRef:
        self.clock.pass_on()
        issue = self._jira.create(
            title,
            status=facts["status"][0],
            assignee=next(iter(facts.get("owners", ())), None),
            labels=facts.get("labels", ()),
        )
        self._share(issue.key, facts.get("owners", ()))
        return ItemRef("here", str(issue.id))

    def edit(self, ref: ItemRef, **facts: tuple[str, ...]) -> None:
        self.clock.pass_on()
        self._jira.edit(
            ref.id,
            by="ada-l",
            status=next(iter(facts.get("status", ())), None),
            resolution=next(iter(facts.get("resolution", ())), None),
            assignee=next(iter(facts["owners"]), None) if "owners" in facts else "",
            labels=facts.get("labels"),
            custom=self._shared(facts["owners"]) if "owners" in facts else None,
        )

    def delete(self, ref: ItemRef) -> None:
        self._jira.delete(ref.id)

    def _share(self, key: str, owners: tuple[str, ...]) -> None:
        if owners[1:]:
            self._jira.edit(key, by="ada-l", custom=self._shared(owners))

    def _shared(self, owners: tuple[str, ...]) -> dict[str, Any]:
        """All but the first, in the field of co-owners."""
        users = [user for one in owners[1:] if (user := self._jira.user(one)) is not None]
        return {self._co_owners: [shown_user(user) for user in users] or None} if self._co_owners else {}

    def _ignoring(self) -> Fault:
        return answer(204)


def _number(ref: ItemRef) -> int:
    return int(ref.id.partition("/")[2])

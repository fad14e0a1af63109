"""Jira and GitHub, as somebody types it: the latest edit decides between them, by what each tells of who did what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hours_ago import HoursAgo

from product import Ran, invoke
from trackersync.sandbox import GitHub, Jira, github_app, jira_app
from trackersync.sandbox.jira.model import BOT, User
from trackersync.sandbox.jira.workflow import Status, any_to_any
from trackersync.sandbox.server import _serving
from trackersync.sandbox.shop import ACCOUNTS

STAGES = {"idea": "Backlog", "build": "In Progress", "verify": "In Review", "release": "Release"}
LATEST = {"stage": {"authority": "latest"}, "owners": {"authority": "latest"}}
PEOPLE = ("ada-l", "grace-h")


@dataclass
class Pair:
    """A project and a repository, each issue the same work as the one of its number there."""

    clock: HoursAgo
    jira: Jira
    hub: GitHub
    settings: dict[str, Any]

    def configure(self, **sync: dict[str, str]) -> None:
        Path("trackersync.yaml").write_text(yaml.safe_dump({**self.settings, "sync": sync}), encoding="utf-8")

    def run(self, *arguments: str) -> Ran:
        return invoke(*arguments)

    def move(self, number: int, by: str, stage: str, *, at: str) -> None:
        """Let somebody move an issue, and time pass."""
        self.clock.pass_on(7)
        if at == "jira":
            self.jira.edit(f"SHOP-{number}", by=by, status=STAGES[stage])
        else:
            self.hub.edit(number, by=by, labels=[f"stage: {stage}"])

    def shown(self, number: int) -> tuple[str, str]:
        """The stage of both."""
        named = {status: stage for stage, status in STAGES.items()}
        return (
            named[self.jira.issue(f"SHOP-{number}").status],
            self.hub.issue(number).labels[0].removeprefix("stage: "),
        )

    def histories(self) -> list[str]:
        """What Jira was asked of histories since the last time this was asked."""
        asked = [
            f"{request.method} {request.path.rpartition('/rest/api/')[2]}"
            for request in self.jira.requests
            if "changelog" in request.path + request.query
        ]
        self.jira.requests.clear()
        return asked


@pytest.fixture(params=["Cloud", "Data Center"])
def pair(request: pytest.FixtureRequest, folder: Path) -> Iterator[Pair]:
    del folder
    cloud = request.param == "Cloud"
    clock = HoursAgo(5)
    statuses = tuple(Status(str(at), name, "indeterminate") for at, name in enumerate(STAGES.values(), start=10_000))
    jira, hub = Jira({"SHOP": any_to_any(statuses)}, clock=clock), GitHub("acme/shop", clock=clock)
    jira.administers = True
    jira.welcome(User(number, name, name) for name, number in ACCOUNTS.items())
    for stage in STAGES:
        hub.add_label(f"stage: {stage}")
    hub.allow(list(PEOPLE))
    for n in (1, 2, 3):
        jira.create(f"Task {n}", status="In Progress", assignee=ACCOUNTS["ada-l"], by="ada-l")
        hub.create(f"Task {n}", labels=["stage: build"], assignees=["ada-l"], by="ada-l")
    with ExitStack() as stack:
        trackers = {
            "jira": {
                "connector": "jira",
                "url": stack.enter_context(_serving(jira_app(jira), 0)),
                "projects": ["SHOP"],
                "token": "${JIRA_TOKEN}",
                "stages": {stage: {"statuses": [status]} for stage, status in STAGES.items()},
            }
            | ({"email": "bot@acme.example"} if cloud else {}),
            "hub": {
                "connector": "github",
                "url": stack.enter_context(_serving(github_app(hub), 0)),
                "repositories": ["acme/shop"],
                "token": "${GITHUB_TOKEN}",
                "stages": {stage: {"labels": [f"stage: {stage}"]} for stage in STAGES},
            },
        }
        people = [{"name": name, "hub": name, "jira": ACCOUNTS[name] if cloud else name} for name in PEOPLE]
        links = [[f"SHOP-{n}", f"acme/shop#{n}"] for n in (1, 2, 3)]
        settings = {"trackers": trackers, "people": people, "links": links, "limits": {"share": "100%"}}
        found = Pair(clock, jira, hub, settings)
        clock.pass_on(5)
        yield found


def begin(pair: Pair) -> None:
    pair.configure(**LATEST)
    assert pair.run("sync", "--yes").code == 0
    assert pair.histories() == [], "nothing is asked of what is read for the first time"


def test_the_latest_edit_decides_wherever_it_was_made(pair: Pair) -> None:
    begin(pair)
    pair.move(1, "ada-l", "verify", at="hub")
    pair.move(2, "ada-l", "idea", at="jira")
    pair.move(1, "grace-h", "release", at="jira")
    pair.move(2, "grace-h", "verify", at="hub")
    # Both of these at one moment; and the owner of the first.
    pair.move(3, "ada-l", "verify", at="hub")
    pair.jira.edit("SHOP-3", by="grace-h", status="Release")
    pair.hub.edit(1, by="ada-l", assignees=[])
    pair.clock.pass_on(7)
    pair.jira.edit("SHOP-1", by="ada-l", assignee=ACCOUNTS["grace-h"])
    # Noise, later than all.
    pair.clock.pass_on(1)
    pair.jira.edit("SHOP-2", by="ada-l", labels=["customer"], summary="Another title")

    done = pair.run("sync", "--yes", "--format", "json")

    assert (pair.shown(1), pair.shown(2)) == (("release", "release"), ("verify", "verify"))
    assert {(one["key"], one["authority"]) for one in done.record["overruled"]} == {
        ("acme/shop#1", "latest"),
        ("SHOP-2", "latest"),
    }
    assert [conflict["field"] for conflict in done.record["conflicts"]] == ["stage"]
    assert pair.shown(3) == ("release", "verify"), "people have to say"
    assert pair.hub.issue(1).assignees == ("grace-h",)
    assert pair.jira.issue("SHOP-1").assignee == ACCOUNTS["grace-h"]
    told = pair.run("explain", "SHOP-1").said
    assert "grace-h moved SHOP-1 to Release: stage release." in told


def test_what_we_wrote_is_no_edit_even_where_the_journal_does_not_know_it(pair: Pair) -> None:
    """An edit of our account, later than all: it is known as ours by the name that histories have for us."""
    begin(pair)
    pair.move(1, "grace-h", "release", at="jira")
    pair.move(1, "ada-l", "verify", at="hub")
    pair.move(1, BOT, "idea", at="jira")

    assert pair.run("sync", "--yes").code == 0

    assert pair.shown(1) == ("verify", "verify")


def test_histories_are_asked_of_what_people_changed_and_together_where_that_goes(pair: Pair) -> None:
    begin(pair)
    cloud = "email" in pair.settings["trackers"]["jira"]
    for n in (1, 2, 3):
        pair.move(n, "ada-l", "verify", at="jira")

    assert pair.run("sync", "--yes").code == 0
    ids = [pair.jira.issue(f"SHOP-{n}").id for n in (1, 2, 3)]
    one_by_one = sorted(f"GET 2/issue/{number}" for number in ids)
    assert sorted(pair.histories()) == (["POST 3/changelog/bulkfetch"] if cloud else one_by_one)
    assert pair.shown(3) == ("verify", "verify")

    pair.move(1, "ada-l", "release", at="hub")
    pair.run("sync", "--yes")
    pair.run("sync")
    assert pair.histories() == [], "our own writes come back, and are no news"

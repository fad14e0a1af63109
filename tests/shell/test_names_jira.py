"""Administrators rename statuses: the configuration goes on meaning what it meant, and nobody has moved anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hours_ago import HoursAgo

from product import Ran, invoke
from trackersync.core.model import ItemRef
from trackersync.sandbox import Fault, GitHub, Jira, answer, github_app, jira_app
from trackersync.sandbox.jira.model import User
from trackersync.sandbox.jira.workflow import Status, any_to_any
from trackersync.sandbox.server import _serving
from trackersync.sandbox.shop import ACCOUNTS
from trackersync.store import Store

STATUSES = ("Backlog", "In Progress", "In Review", "Waiting")
IDS = {name: str(at) for at, name in enumerate(STATUSES, start=3)}
STAGES = {"idea": "Backlog", "build": "In Progress", "verify": "In Review"}
TASKS = {1: "build", 2: "idea", 3: "verify"}


@dataclass
class Pair:
    """A project and a repository, each issue the same work as the one of its number there."""

    clock: HoursAgo
    jira: Jira
    hub: GitHub
    settings: dict[str, Any]
    by: str

    def configure(self, by: str) -> None:
        """Name the statuses by what they are called, or by their ids."""
        said = {status: status if by == "name" else IDS[status] for status in STATUSES}
        self.settings["trackers"]["jira"] |= {
            "stages": {stage: {"statuses": [said[status]]} for stage, status in STAGES.items()},
            "hands_off": {"statuses": [said["Waiting"]]},
        }
        Path("trackersync.yaml").write_text(yaml.safe_dump(self.settings), encoding="utf-8")

    def sync(self, *more: str) -> Ran:
        """Run once, some time after whatever happened before."""
        self.clock.pass_on(60)
        self.jira.requests.clear()
        self.hub.requests.clear()
        return invoke("sync", *more)

    def swap(self, one: str, other: str) -> None:
        """Let two statuses change names."""
        self.jira.rename_status(one, "(aside)")
        self.jira.rename_status(other, one)
        self.jira.rename_status("(aside)", other)

    def move(self, number: int, stage: str) -> None:
        """Move a task on GitHub, as a person does."""
        self.clock.pass_on(5)
        self.hub.edit(number, by="ada-l", labels=[f"stage: {stage}"])

    @property
    def writes(self) -> int:
        """Requests of the last run that could have changed something."""
        return self.jira.writes + self.hub.writes

    @property
    def shown(self) -> dict[int, tuple[str, str]]:
        """The status and the stage label of each task."""
        return {n: (self.jira.issue(f"SHOP-{n}").status, self.hub.issue(n).labels[0]) for n in TASKS}

    @property
    def asked(self) -> list[str]:
        """What the last run asked Jira of names."""
        paths = [request.path.partition("/rest/api/")[2][2:] for request in self.jira.requests]
        return sorted(path for path in paths if path.endswith(("/statuses", "resolution")))

    def moves(self) -> int:
        """How many moves of people are remembered."""
        with Store("trackersync.db") as store:
            return len(store.moves([ItemRef("jira", str(issue)) for issue in self.jira.issues]))

    def quiet(self, runs: int = 2) -> None:
        """Expect that the next runs find nothing to do, wait for nobody, and take nothing for a move."""
        for _ in range(runs):
            done = self.sync()
            assert (done.code, self.writes) == (0, 0), done.said
            assert "nothing to do" in done.said
        assert self.moves() == 0


CLOUD = pytest.mark.parametrize("pair", ["Cloud"], indirect=True)
"""For what the flavours have in common."""


@pytest.fixture(params=["Cloud", "Data Center"])
def pair(request: pytest.FixtureRequest, folder: Path) -> Iterator[Pair]:
    del folder
    cloud = request.param == "Cloud"
    clock = HoursAgo(20)
    statuses = tuple(Status(id_, name, "indeterminate") for name, id_ in IDS.items())
    jira, hub = Jira({"SHOP": any_to_any(statuses)}, clock=clock), GitHub("acme/shop", clock=clock)
    jira.administers = True
    jira.welcome(User(number, name, name) for name, number in ACCOUNTS.items())
    for stage in STAGES:
        hub.add_label(f"stage: {stage}")
    hub.allow(["ada-l"])
    for n, stage in TASKS.items():
        clock.pass_on(60)
        jira.create(f"Task {n}", status=STAGES[stage], assignee=ACCOUNTS["ada-l"], by="ada-l")
        # One owner is missing, so that the first run has something to write.
        hub.create(f"Task {n}", labels=[f"stage: {stage}"], assignees=["ada-l"] if n < 3 else [], by="ada-l")
    with ExitStack() as stack:
        trackers = {
            "jira": {
                "connector": "jira",
                "url": stack.enter_context(_serving(jira_app(jira), 0)),
                "projects": ["SHOP"],
                "token": "${JIRA_TOKEN}",
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
        people = [{"name": "ada-l", "hub": "ada-l", "jira": ACCOUNTS["ada-l"] if cloud else "ada-l"}]
        links = [[f"SHOP-{n}", f"acme/shop#{n}"] for n in TASKS]
        settings = {
            "trackers": trackers,
            "people": people,
            "links": links,
            "limits": {"share": "100%"},
            "store": "sqlite:///trackersync.db",
        }
        # Both ways to name a status, one with each flavour.
        yield Pair(clock, jira, hub, settings, "id" if cloud else "name")


def begin(pair: Pair, by: str) -> None:
    """Get going: everything agrees, and yes has been said."""
    pair.configure(by)
    assert pair.sync("--yes").code == 0
    assert pair.writes == 1
    # Waiting, which no issue has, is named in the configuration: so all names were asked for, and are now known.
    assert pair.asked == ["project/SHOP/statuses", "resolution"]
    pair.quiet(1)
    assert pair.asked == []


def test_a_renamed_status_is_followed_and_nobodys_move(pair: Pair) -> None:
    begin(pair, pair.by)
    pair.jira.rename_status("In Progress", "Building")
    pair.quiet()
    assert pair.shown == {1: ("Building", "stage: build"), 2: ("Backlog", "stage: idea"),
                          3: ("In Review", "stage: verify")}  # fmt: skip

    # The item in it has not been read since; another one goes there.
    pair.move(1, "verify")
    pair.move(2, "build")
    done = pair.sync()
    assert done.code == 0, done.said
    assert pair.shown == {1: ("In Review", "stage: verify"), 2: ("Building", "stage: build"),
                          3: ("In Review", "stage: verify")}  # fmt: skip
    assert pair.moves() == 0
    for number in (1, 2):
        told = invoke("explain", f"SHOP-{number}")
        assert told.code == 0
        assert "Building" in told.said

    # What is taken back goes back to what is called otherwise by now.
    pair.jira.rename_status("Backlog", "Later")
    pair.jira.rename_status("Building", "Making")
    with Store("trackersync.db") as store:
        (run,) = {entry.run for entry in store.journal() if entry.change.key == "SHOP-2"}
    digest = invoke("undo", str(run), "--format", "json").record["digest"]
    assert invoke("undo", str(run), "--approve", digest).code == 0
    assert pair.shown == {1: ("Making", "stage: verify"), 2: ("Later", "stage: build"),
                          3: ("In Review", "stage: verify")}  # fmt: skip


@CLOUD
def test_two_statuses_that_change_names_are_not_confused(pair: Pair) -> None:
    begin(pair, "id")
    pair.swap("In Progress", "In Review")
    pair.quiet()
    swapped = {1: ("In Review", "stage: build"), 2: ("Backlog", "stage: idea"), 3: ("In Progress", "stage: verify")}
    assert pair.shown == swapped
    pair.move(2, "verify")
    pair.move(3, "build")
    assert pair.sync().code == 0
    assert pair.shown == {**swapped, 2: ("In Progress", "stage: verify"), 3: ("In Review", "stage: build")}
    pair.quiet()


@CLOUD
def test_what_waits_for_a_person_waits_under_its_new_name(pair: Pair) -> None:
    pair.jira.edit("SHOP-1", status="Waiting")
    begin(pair, pair.by)
    pair.jira.rename_status("Waiting", "Ask Ada")
    pair.move(1, "verify")
    assert pair.sync().code == 0
    assert pair.writes == 0
    assert pair.jira.issue("SHOP-1").status == "Ask Ada"


@CLOUD
def test_names_that_may_not_be_asked_stop_nothing(pair: Pair) -> None:
    refusal: Fault = answer(403, json.dumps({"errorMessages": ["No."]}))
    pair.jira.faults.add(refusal, path="/resolution", times=100)
    pair.configure("name")
    assert pair.sync("--yes").code == 0
    pair.jira.rename_status("In Review", "Checking")
    pair.quiet()
    pair.move(1, "verify")
    assert pair.sync().code == 0
    assert pair.shown[1] == ("Checking", "stage: verify")

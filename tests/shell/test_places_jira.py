"""A Jira whose stages live in statuses and labels, otherwise for bugs than for tasks, kept in step with GitHub."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hours_ago import HoursAgo

from product import Ran, invoke
from trackersync.sandbox import GitHub, Jira, github_app, jira_app
from trackersync.sandbox.jira.model import User
from trackersync.sandbox.jira.workflow import Status, any_to_any
from trackersync.sandbox.server import _serving
from trackersync.sandbox.shop import ACCOUNTS
from trackersync.store import Store

STAGES = ("idea", "build", "verify", "done")
STATUSES = {"Backlog": "new", "In Progress": "indeterminate", "In Review": "indeterminate", "Done": "done"}
KINDS = {1: "Bug", 2: "Task", 3: "Bug"}
JIRA_STAGES = {
    "idea": {"statuses": ["Backlog"]},
    "build": {"statuses": ["In Progress"]},
    "verify": [
        {"statuses": ["In Progress"], "labels": ["in-qa"], "types": ["Bug"]},
        {"statuses": ["In Review"], "types": ["Task"]},
    ],
    "done": {"statuses": ["Done"]},
}


@dataclass
class Pair:
    """A project and a repository, each issue the same work as the one of its number there."""

    clock: HoursAgo
    jira: Jira
    hub: GitHub

    def sync(self) -> Ran:
        """Run once, some time after whatever happened before; the first write of a configuration is asked about."""
        self.clock.time += timedelta(hours=1)
        self.jira.requests.clear()
        self.hub.requests.clear()
        return invoke("sync", "--yes")

    def label(self, number: int, stage: str) -> None:
        """Move a task on GitHub, as a person does."""
        self.hub.edit(number, by="ada-l", labels=[f"stage: {stage}"])

    def shown(self, number: int) -> tuple[str, set[str], str]:
        """The status and labels in Jira, and the stage on GitHub."""
        issue = self.jira.issue(f"SHOP-{number}")
        return issue.status, set(issue.labels), " ".join(self.hub.issue(number).labels)

    def quiet(self) -> None:
        """Expect that the next run finds nothing to do."""
        done = self.sync()
        assert (done.code, self.jira.writes + self.hub.writes) == (0, 0), done.said


@pytest.fixture(params=["Cloud", "Data Center"])
def pair(request: pytest.FixtureRequest, folder: Path) -> Iterator[Pair]:
    cloud = request.param == "Cloud"
    clock = HoursAgo(20)
    statuses = tuple(Status(str(at), name, category) for at, (name, category) in enumerate(STATUSES.items(), start=3))
    jira, hub = Jira({"SHOP": any_to_any(statuses)}, clock=clock), GitHub("acme/shop", clock=clock)
    jira.welcome(User(number, name, name) for name, number in ACCOUNTS.items())
    for stage in STAGES[:3]:
        hub.add_label(f"stage: {stage}")
    hub.allow(["ada-l"])
    for number, kind in KINDS.items():
        labels = ["in-qa"] if number == 3 else ["customer"]
        owner = ACCOUNTS["ada-l"]
        jira.create(f"Task {number}", kind=kind, status="In Progress", labels=labels, assignee=owner, by="ada-l")
        stage = "verify" if number == 3 else "build"
        hub.create(f"Task {number}", labels=[f"stage: {stage}"], assignees=["ada-l"], by="ada-l")
    with ExitStack() as stack:
        trackers = {
            "jira": {
                "connector": "jira",
                "url": stack.enter_context(_serving(jira_app(jira), 0)),
                "projects": ["SHOP"],
                "token": "${JIRA_TOKEN}",
                "stages": JIRA_STAGES,
            }
            | ({"email": "bot@acme.example"} if cloud else {}),
            "hub": {
                "connector": "github",
                "url": stack.enter_context(_serving(github_app(hub), 0)),
                "repositories": ["acme/shop"],
                "token": "${GITHUB_TOKEN}",
                "stages": {stage: {"labels": [f"stage: {stage}"]} for stage in STAGES[:3]},
            },
        }
        settings = {
            "trackers": trackers,
            "people": [{"name": "ada-l", "hub": "ada-l", "jira": ACCOUNTS["ada-l"] if cloud else "ada-l"}],
            "links": [[f"SHOP-{n}", f"acme/shop#{n}"] for n in KINDS],
            "limits": {"share": "100%"},
            "store": "sqlite:///trackersync.db",
        }
        (folder / "trackersync.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        yield Pair(clock, jira, hub)


def test_bugs_and_tasks_are_moved_each_in_their_own_words(pair: Pair) -> None:
    assert pair.sync().code == 0
    assert pair.shown(3) == ("In Progress", {"in-qa"}, "stage: verify")
    for number in KINDS:
        pair.label(number, "verify")
    done = pair.sync()
    assert done.code == 0, done.said
    assert pair.shown(1) == ("In Progress", {"customer", "in-qa"}, "stage: verify")
    assert pair.shown(2) == ("In Review", {"customer"}, "stage: verify")
    pair.quiet()

    # A person takes the label off one bug, and finishes another with its label left on.
    pair.jira.edit("SHOP-1", by="ada-l", labels=["customer"])
    pair.jira.edit("SHOP-3", by="ada-l", status="Done")
    assert pair.sync().code == 0
    assert pair.shown(1) == ("In Progress", {"customer"}, "stage: build")
    assert pair.hub.issue(3).state == "closed"
    assert pair.shown(3)[:2] == ("Done", {"in-qa"}), "nothing of Jira's had to be written"

    # Reopened on GitHub, it comes back without the label that was left behind.
    pair.hub.edit(3, by="ada-l", state="open", labels=["stage: build"])
    assert pair.sync().code == 0
    assert pair.shown(3) == ("In Progress", set(), "stage: build")
    pair.quiet()


@pytest.mark.parametrize("pair", ["Data Center"], indirect=True)
def test_another_type_is_no_move_unless_the_stage_is_another(pair: Pair) -> None:
    assert pair.sync().code == 0
    retype(pair, 1, "Task")
    done = pair.sync()
    assert (done.code, pair.jira.writes + pair.hub.writes) == (0, 0), done.said
    with Store("trackersync.db") as store:
        assert not store.journal()

    # A task shows no stage by that label, so what was in verify is in build by its new type.
    retype(pair, 3, "Task")
    assert pair.sync().code == 0
    assert pair.shown(3) == ("In Progress", {"in-qa"}, "stage: build"), "its label is nobody's business now"
    pair.quiet()


def retype(pair: Pair, number: int, kind: str) -> None:
    """Make an issue one of another type, as people do in Jira by moving it."""
    pair.clock.time += timedelta(minutes=5)
    old = pair.jira.issue(f"SHOP-{number}")
    pair.jira.put(replace(old, kind=kind, updated=int(pair.clock.time.timestamp() * 1000)))


@pytest.mark.parametrize("pair", ["Cloud"], indirect=True)
def test_a_change_of_a_label_can_be_taken_back(pair: Pair) -> None:
    assert pair.sync().code == 0
    pair.label(1, "verify")
    assert pair.sync().code == 0
    told = invoke("explain", "SHOP-1")
    assert "in-qa" in told.said
    with Store("trackersync.db") as store:
        (run,) = {entry.run for entry in store.journal() if entry.change.key == "SHOP-1"}
    digest = invoke("undo", str(run), "--format", "json").record["digest"]
    done = invoke("undo", str(run), "--approve", digest)
    assert done.code == 0, done.said
    assert pair.shown(1)[:2] == ("In Progress", {"customer"})

"""Issues of Jira that show their counterparts, as somebody types it: ``writes: [stage, owners, links]``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from product import Ran, invoke
from trackersync.sandbox import GitHub, Jira, github_app, jira_app
from trackersync.sandbox.jira import links
from trackersync.sandbox.jira.workflow import Status, any_to_any
from trackersync.sandbox.server import _serving

STAGES = {"idea": "Backlog", "build": "In Progress"}
FOREIGN = {
    "globalId": "appId=456&pageId=123",
    "application": {"type": "com.atlassian.confluence", "name": "Wiki"},
    "relationship": "mentioned in",
    "object": {"url": "https://wiki.example/pages/123", "title": "Minutes", "summary": "of the meeting"},
}


@dataclass
class Pair:
    """A project and a repository, and the configuration that keeps them in step."""

    jira: Jira
    hub: GitHub
    settings: dict[str, Any]

    def configure(self, *pairs: int, writes: tuple[str, ...] = ("stage", "owners", "links")) -> None:
        self.settings["trackers"]["jira"]["writes"] = list(writes)
        self.settings["links"] = [[f"SHOP-{n}", f"acme/shop#{n}"] for n in pairs]
        Path("trackersync.yaml").write_text(yaml.safe_dump(self.settings), encoding="utf-8")

    def sync(self) -> dict[str, Any]:
        done = invoke("sync", "--yes", "--format", "json")
        assert done.code == 0, done.said
        return done.record

    def remote(self, number: int) -> list[dict[str, Any]]:
        """What an issue shows of remote links."""
        return list(self.jira.ties.remote.get(self.jira.issue(f"SHOP-{number}").id, {}).values())

    @property
    def leading_to(self) -> dict[int, list[str]]:
        """By number of an issue, the titles of its links."""
        return {n: [link["object"]["title"] for link in self.remote(n)] for n in (1, 2)}


def run(*arguments: str) -> Ran:
    return invoke(*arguments)


BOTH = pytest.mark.parametrize("pair", ["Cloud", "Data Center"], indirect=True)


@pytest.fixture
def pair(request: pytest.FixtureRequest, folder: Path) -> Iterator[Pair]:
    del folder
    flavour = getattr(request, "param", "Cloud")
    statuses = tuple(Status(str(at), name, "indeterminate") for at, name in enumerate(STAGES.values(), start=10_000))
    jira, hub = Jira({"SHOP": any_to_any(statuses)}), GitHub("acme/shop")
    # Atlassian does not say which of the two it is.
    jira.ties.touches = flavour == "Cloud"
    for stage in STAGES:
        hub.add_label(f"stage: {stage}")
    for n in (1, 2):
        jira.create(f"Task {n}", status="In Progress")
        hub.create(f"A private title {n}", labels=["stage: build"])
    with ExitStack() as stack:
        trackers = {
            "jira": {
                "connector": "jira",
                "url": stack.enter_context(_serving(jira_app(jira), 0)),
                "projects": ["SHOP"],
                "token": "${JIRA_TOKEN}",
                "stages": {stage: {"statuses": [status]} for stage, status in STAGES.items()},
            }
            | ({"email": "bot@acme.example"} if flavour == "Cloud" else {}),
            "hub": {
                "connector": "github",
                "url": stack.enter_context(_serving(github_app(hub), 0)),
                "repositories": ["acme/shop"],
                "token": "${GITHUB_TOKEN}",
                "stages": {stage: {"labels": [f"stage: {stage}"]} for stage in STAGES},
            },
        }
        yield Pair(jira, hub, {"trackers": trackers, "limits": {"share": "100%"}})


@BOTH
def test_an_issue_shows_its_counterpart_once_and_nothing_of_it_but_key_and_address(pair: Pair) -> None:
    pair.jira.ties.put(pair.jira.issue("SHOP-1").id, dict(FOREIGN))
    pair.configure(1, 2)
    planned = run("plan").said
    assert "links - 2" in planned
    assert "no link -> acme/shop#1" in planned

    done = pair.sync()

    assert [(one["key"], one["field"], one["receipt"]) for one in done["changes"]] == [
        ("SHOP-1", "links", "applied"),
        ("SHOP-2", "links", "applied"),
    ]
    foreign, ours = pair.remote(1)
    assert foreign == FOREIGN
    assert ours["object"]["title"] == "acme/shop#1"
    assert ours["object"]["url"].endswith("/acme/shop/issues/1")
    assert "private" not in str(pair.remote(2))
    assert pair.sync()["changes"] == []
    assert run("explain", "SHOP-1").said.count("links no link -> acme/shop#1") == 1


def test_without_being_told_so_no_link_is_read_or_written(pair: Pair) -> None:
    pair.configure(1, writes=("stage", "owners"))
    pair.sync()
    assert not [request for request in pair.jira.requests if "remotelink" in request.path]


@BOTH
def test_tasks_meet_again_after_the_store_was_lost(pair: Pair) -> None:
    pair.configure(1, 2)
    pair.sync()
    Path("trackersync.db").unlink()
    # No text names the other, and no configuration any more.
    pair.configure()

    done = pair.sync()

    assert done["changes"] == []
    said = run("explain", "SHOP-2").said
    assert "a remote link of SHOP-2 names" in said
    assert pair.leading_to == {1: ["acme/shop#1"], 2: ["acme/shop#2"]}


def test_a_renamed_repository_updates_the_link_in_place(pair: Pair) -> None:
    pair.configure(1)
    pair.sync()
    (before,) = pair.jira.ties.remote[pair.jira.issue("SHOP-1").id].items()
    pair.hub.rename("acme/store")
    pair.settings["trackers"]["hub"]["repositories"] = ["acme/store"]
    pair.configure()

    pair.sync()

    (after,) = pair.jira.ties.remote[pair.jira.issue("SHOP-1").id].items()
    assert (after[0], after[1]["globalId"]) == (before[0], before[1]["globalId"])
    assert after[1]["object"]["title"] == "acme/store#1"


def test_what_is_taken_apart_loses_its_link(pair: Pair) -> None:
    pair.configure()
    pair.sync()
    for n in (1, 2):
        assert run("link", f"SHOP-{n}", f"acme/shop#{n}").code == 0
    pair.sync()
    assert pair.leading_to == {1: ["acme/shop#1"], 2: ["acme/shop#2"]}
    assert run("unlink", "SHOP-1").code == 0
    pair.jira.ties.put(pair.jira.issue("SHOP-1").id, dict(FOREIGN))

    done = pair.sync()

    assert [(one["key"], one["because"].partition(":")[0]) for one in done["changes"]] == [("SHOP-1", "unlinked")]
    assert pair.leading_to == {1: ["Minutes"], 2: ["acme/shop#2"]}
    assert pair.sync()["changes"] == []


@BOTH
def test_a_link_that_somebody_took_off_is_not_put_back(pair: Pair) -> None:
    pair.configure(1)
    pair.sync()
    (number,) = pair.jira.ties.remote[pair.jira.issue("SHOP-1").id]
    links.drop(pair.jira, "SHOP-1", number)
    pair.jira.edit("SHOP-1", summary="Another title")

    done = pair.sync()

    assert done["changes"] == []
    assert [left["because"] for left in done["left_alone"]] == ["somebody took its link to acme/shop#1 off"]
    assert pair.leading_to[1] == []


def test_undo_takes_links_back_and_they_stay_off(pair: Pair) -> None:
    pair.configure(1)
    pair.sync()
    number = next(one["run"] for one in run("runs", "--format", "json").record["runs"])

    assert run("undo", str(number), "--yes").code == 0

    assert pair.leading_to[1] == []
    assert pair.sync()["changes"] == []
    assert run("resume", "SHOP-1").code == 0
    pair.sync()
    assert pair.leading_to[1] == ["acme/shop#1"]


def test_a_paused_task_gets_no_link(pair: Pair) -> None:
    pair.configure(1, 2)
    assert run("check").code in {0, 1}
    assert run("pause", "SHOP-1").code == 0
    assert [one["key"] for one in pair.sync()["changes"]] == ["SHOP-2"]


def test_who_may_not_link_is_refused_once(pair: Pair) -> None:
    pair.jira.ties.may_link = False
    pair.configure(1)
    first = run("sync", "--yes", "--format", "json").record
    assert [one["receipt"] for one in first["changes"]] == ["rejected"]
    assert 'the permission "Link issues"' in first["changes"][0]["message"]
    again = run("sync", "--yes", "--format", "json").record
    assert again["changes"] == []


def test_a_tracker_that_has_no_place_for_links_says_so(pair: Pair) -> None:
    pair.settings["trackers"]["hub"]["writes"] = ["stage", "links"]
    pair.configure(1)
    ran = run("sync")
    assert ran.code != 0
    assert 'github has no place for "links"' in ran.said


def test_a_saved_plan_carries_out_the_links_it_names(pair: Pair) -> None:
    pair.configure(1)
    assert run("plan", "--out", "plan.json").code == 0
    assert run("apply", "plan.json").code == 0
    assert pair.leading_to[1] == ["acme/shop#1"]
    assert run("apply", "plan.json").said.count("stale") == 0

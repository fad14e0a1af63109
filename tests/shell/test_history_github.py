"""Two GitHub trackers, as somebody types it: history is asked only of what changed, and the latest edit decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hours_ago import HoursAgo

from product import Ran, invoke
from trackersync.sandbox import GitHub, answer, github_app
from trackersync.sandbox.server import _serving

STAGES = ("idea", "build", "verify", "release")


@dataclass
class Pair:
    """A repository and its mirror at another GitHub, each issue the same work as the one of its number there."""

    clock: HoursAgo
    hub: GitHub
    forge: GitHub
    settings: dict[str, Any] = field(default_factory=dict)

    def configure(self, **sync: dict[str, str]) -> None:
        Path("trackersync.yaml").write_text(yaml.safe_dump({**self.settings, "sync": sync}), encoding="utf-8")

    def run(self, *arguments: str) -> Ran:
        return invoke(*arguments)

    def histories(self) -> list[str]:
        """Which histories were asked for since the last time this was asked."""
        asked = [
            f"{name}#{request.path.split('/')[-2]}"
            for name, model in (("hub", self.hub), ("forge", self.forge))
            for request in model.requests
            if request.path.endswith("/events")
        ]
        for model in (self.hub, self.forge):
            model.requests.clear()
        return sorted(asked)


@pytest.fixture
def pair(folder: Path) -> Iterator[Pair]:
    clock = HoursAgo(5)
    hub, forge = GitHub("acme/shop", clock=clock), GitHub("acme/mirror", clock=clock)
    with ExitStack() as stack:
        trackers = {}
        for name, model in (("hub", hub), ("forge", forge)):
            for stage in STAGES:
                model.add_label(f"stage: {stage}")
            model.allow(["ada-l", "grace-h"])
            trackers[name] = {
                "connector": "github",
                "url": stack.enter_context(_serving(github_app(model), 0)),
                "repositories": [model.repository],
                "token": "${GITHUB_TOKEN}",
                "stages": {stage: {"labels": [f"stage: {stage}"]} for stage in STAGES},
            }
        people = [{"name": name, "hub": name, "forge": name} for name in ("ada-l", "grace-h")]
        links = [[f"acme/shop#{n}", f"acme/mirror#{n}"] for n in (1, 2, 3)]
        limits = {"share": "100%"}
        found = Pair(clock, hub, forge, {"trackers": trackers, "people": people, "links": links, "limits": limits})
        for n in (1, 2, 3):
            for model in (hub, forge):
                model.create(f"Task {n}", labels=["stage: build"], assignees=["ada-l"], by="ada-l")
        clock.pass_on(5)
        yield found


def test_the_latest_edit_decides_and_the_other_is_overruled(pair: Pair) -> None:
    pair.configure(stage={"authority": "latest"})
    assert pair.run("sync", "--yes").code == 0
    pair.clock.pass_on(30)
    pair.hub.edit(1, by="ada-l", labels=["stage: verify", "bug"])
    pair.forge.edit(2, by="ada-l", labels=["stage: idea"])
    pair.clock.pass_on(7)
    pair.forge.edit(1, by="grace-h", labels=["stage: release"])
    pair.hub.edit(2, by="grace-h", labels=["stage: verify"])
    # Noise, later than all.
    pair.clock.pass_on(1)
    pair.hub.edit(1, by="ada-l", labels=["stage: verify", "bug", "customer"])
    at = (pair.clock.time - timedelta(minutes=1)).strftime("%H:%M")

    planned = pair.run("plan").said
    assert "overruled - 2 edits that are taken back" in planned
    assert "hub says verify (stage: verify); another edit is the latest" in planned
    done = pair.run("sync", "--yes", "--format", "json")

    assert done.code == 0, done.said
    assert [change["because"] for change in done.record["changes"]] == [f"latest edit: grace-h, {at} UTC"] * 2
    assert {(one["key"], one["authority"]) for one in done.record["overruled"]} == {
        ("acme/shop#1", "latest"),
        ("acme/mirror#2", "latest"),
    }
    assert pair.hub.issue(1).labels == ("bug", "customer", "stage: release")
    assert pair.forge.issue(2).labels == ("stage: verify",)
    told = pair.run("explain", "shop#1").said
    assert 'ada-l moved shop#1 to "stage: verify": stage verify.' in told
    assert "That took back what ada-l had set there: verify (stage: verify)." in told
    assert "Nothing to do" in pair.run("sync").said or "nothing to do" in pair.run("sync").said


def test_at_first_contact_the_latest_edit_decides(pair: Pair) -> None:
    pair.forge.edit(3, by="grace-h", labels=["stage: verify"])
    pair.clock.pass_on(7)
    pair.hub.edit(3, by="ada-l", labels=["stage: idea"])
    pair.configure(stage={"adopt": "latest"})

    assert pair.run("sync", "--yes").code == 0

    assert pair.forge.issue(3).labels == ("stage: idea",)
    # Of all that was read for the first time, only what is in dispute was asked for.
    assert pair.histories() == ["forge#3", "hub#3"]


def test_a_history_costs_one_read_of_each_item_that_people_changed(pair: Pair) -> None:
    pair.configure(stage={"authority": "changed"})
    pair.run("sync", "--yes")
    assert pair.histories() == [], "nothing is asked of what is read for the first time"
    pair.clock.pass_on(30)
    pair.hub.edit(1, by="ada-l", labels=["stage: verify"])
    pair.forge.edit(2, by="grace-h", assignees=["grace-h"])

    pair.run("sync", "--yes")
    assert pair.histories() == ["forge#2", "hub#1"]
    assert pair.forge.issue(1).labels == ("stage: verify",)

    pair.run("sync")
    assert pair.histories() == [], "our own writes come back, and are no news"
    told = pair.run("explain", "mirror#2").said
    assert "grace-h took mirror#2 over from ada-l." in told


def test_a_check_asks_too_and_an_unchanged_world_costs_nothing(pair: Pair) -> None:
    pair.configure()
    pair.run("check")
    pair.hub.edit(1, by="ada-l", labels=["stage: verify"])
    pair.histories()
    pair.run("check")
    assert pair.histories() == ["hub#1"]
    pair.run("check")
    assert pair.histories() == []


def test_a_new_issue_is_asked_about_once(pair: Pair) -> None:
    pair.configure()
    pair.run("sync", "--yes")
    pair.clock.pass_on(30)
    pair.hub.create("New", labels=["stage: build"], by="grace-h")
    pair.histories()
    pair.run("sync")
    assert pair.histories() == ["hub#4"]
    pair.run("sync")
    assert pair.histories() == []


def test_history_can_be_switched_off_and_is_read_all_the_same_where_it_decides(pair: Pair) -> None:
    pair.settings["journal"] = {"history": False}
    pair.configure(stage={"authority": "latest"})
    pair.run("sync", "--yes")
    pair.clock.pass_on(30)
    pair.hub.edit(1, by="ada-l", labels=["stage: verify"])
    pair.hub.edit(2, by="ada-l", labels=["stage: verify"])
    pair.clock.pass_on(7)
    pair.forge.edit(2, by="grace-h", labels=["stage: release"])

    pair.run("sync", "--yes")

    assert pair.histories() == ["forge#2", "hub#2"], "only what is in dispute"
    assert pair.hub.issue(2).labels == ("stage: release",)
    assert pair.forge.issue(1).labels == ("stage: verify",)


def test_a_history_that_is_refused_stops_nobody_and_is_said(pair: Pair) -> None:
    pair.configure()
    pair.run("sync", "--yes")
    pair.clock.pass_on(30)
    pair.hub.edit(1, by="ada-l", labels=["stage: verify"])
    pair.hub.faults.add(answer(403), path="/events$", times=100)

    done = pair.run("sync", "--yes")

    assert done.code == 0, done.said
    assert pair.forge.issue(1).labels == ("stage: verify",)
    assert "hub: the history of 1 item could not be read whole" in done.said
    pair.histories()
    pair.run("sync")
    assert pair.histories() == [], "it is not asked again until the item has changed"

"""A team that has GitHub and nothing else, on the 18,217 real issues of Apache Arrow: what each command is good for.

The raw file has no labels for stages, so people put some on; that is as much as is made up here. What a team on its own
gets: what is wrong, its labels kept tidy, and not one word of another tracker.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from acceptance.arrow import Project, settings
from product import Ran, spawn
from trackersync.sandbox import Options, Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trackersync.sandbox.github.model import Issue

# With xdist all of it in one worker: the load is paid for once.
pytestmark = pytest.mark.xdist_group("arrow alone")

ELSEWHERE = re.compile(r"jira|ARROW-|\b(both|pairs?|tracker only|had moved)\b", re.IGNORECASE)
BUILD, IDEA = "stage: build", "stage: idea"


@dataclass(frozen=True)
class Alone:
    """The project after its first runs, and what they said and asked.

    Attributes:
        still: the numbers of the open issues, the oldest first.
        untouched: whether every issue was as before when the first runs were over.
    """

    project: Project
    sandbox: Sandbox
    still: tuple[int, ...]
    untouched: bool
    runs: dict[str, tuple[Ran, list[tuple[str, int]]]]

    def run(self, name: str, *words: str) -> Ran:
        """Run a command in a process of its own, keep what it said and asked, and hear no word of another tracker."""
        github = self.sandbox.github
        github.requests.clear()
        said = spawn(self.project.folder, *words)
        # What follows a key is an issue's own title.
        lines = [line for line in said.out.splitlines() if "arrow#" not in line]
        assert not [line for line in lines if ELSEWHERE.search(line)], said.out
        self.runs[name] = said, [(request.method, request.status) for request in github.requests]
        return said

    def issue(self, place: int) -> Issue:
        """The issue at a place among those that were open at first."""
        return self.sandbox.github.issues[self.still[place]]

    def label(self, place: int, *labels: str) -> None:
        """Put labels on as a person, beside those that are there."""
        issue = self.issue(place)
        self.sandbox.github.edit(issue.number, labels=[*issue.labels, *labels], by="ada-l")


@pytest.fixture(scope="session")
def alone(shared: Path, tmp_path_factory: pytest.TempPathFactory, connectors_declared: None) -> Iterator[Alone]:
    file = shared / "data" / "arrow" / "github_staged.jsonl.gz"
    with running(Options(repository="apache/arrow", project="ARROW", load_github=file)) as sandbox:
        github = sandbox.github
        config = settings(sandbox.github_url, "", {})
        config["trackers"] = {"github": config["trackers"]["github"]}
        del config["sync"], config["people"]
        project = Project(tmp_path_factory.mktemp("alone"), config)
        project.configure()
        github.allow(["ada-l", "grace-h"])
        for name in (IDEA, BUILD):
            github.add_label(name)
        still = tuple(number for number, issue in sorted(github.issues.items()) if issue.state == "open")
        it = Alone(project, sandbox, still, True, {})
        for place in range(20):
            it.label(place, BUILD)
        for place in (0, 1, 2):
            github.edit(still[place], assignees=["ada-l"], by="ada-l")
        github.edit(still[3], assignees=["ada-l", "grace-h"], by="ada-l")
        it.label(30, BUILD, IDEA)
        before = dict(github.issues)
        for name in ("check", "plan", "sync", "again"):
            it.run(name, {"again": "sync"}.get(name, name))
        yield replace(it, untouched=github.issues == before)


def test_check_finds_what_the_raw_file_and_the_people_say(alone: Alone, shared: Path) -> None:
    with gzip.open(shared / "data" / "arrow" / "github_staged.jsonl.gz") as lines:
        still = sum(not json.loads(line)["issue"]["closed"] for line in lines)
    done, asked = alone.runs["check"]

    assert still == len(alone.still) == 2_910
    assert done.code == 1
    assert "observed   github apache/arrow 18,217 items; complete; " in done.out
    assert "2,910 open tasks no owner 2,906 duplicate owner 1 stage drift 1 duplicate task 0" in done.said
    assert "ada-l + grace-h   many-owners" in done.out
    assert "which name different stages" in done.said
    # 16 of those in build have nobody, which is worse than that nobody has begun.
    assert "5,797 findings: 16 errors, 2,891 warnings, 2,890 notes" in done.said
    assert len(asked) <= 18_217 // 100 + 10


def test_plan_and_sync_have_nothing_to_write_and_say_so(alone: Alone) -> None:
    plan, sync, again = (alone.runs[name][0] for name in ("plan", "sync", "again"))
    assert (plan.code, sync.code, again.code) == (0, 0, 0)
    assert "0 changes in 0 of 18,217 tasks    0 conflicts    1 left alone" in plan.out
    assert "two stage labels (stage: build + stage: idea), and no base that tells which is new" in plan.said
    assert "nothing to do; 0 writes, 1 read" in sync.out
    assert alone.untouched, "four commands, and every issue is what it was"


def test_after_the_first_look_a_run_costs_one_request_that_is_free(alone: Alone) -> None:
    for name in ("plan", "sync", "again"):
        assert alone.runs[name][1] == [("GET", 304)], name


def test_what_people_leave_untidy_is_set_right_and_nothing_else(alone: Alone) -> None:
    """A tracker on its own is written for two things: of two labels the older one goes; reopened, it is back."""
    github = alone.sandbox.github
    github.edit(alone.still[10], state="closed", reason="completed", by="grace-h")
    alone.run("closed", "sync")
    alone.label(0, IDEA)  # moved by putting the new label on, and forgetting the old one
    github.edit(alone.still[1], state="closed", reason="not_planned", by="grace-h")  # with its label on
    github.edit(alone.still[2], labels=[label for label in alone.issue(2).labels if label != BUILD], by="grace-h")
    github.edit(alone.still[10], state="open", labels=[], by="grace-h")
    github.edit(alone.still[11], labels=[label for label in alone.issue(11).labels if label != BUILD] + [IDEA])
    before = dict(github.issues)

    held = alone.run("held", "sync")
    assert held.code == 3
    assert "this configuration has not written before" in held.said
    assert github.issues == before

    done = alone.run("written", "sync", "--yes")
    assert done.code == 0, done.said
    changed = {number for number, issue in github.issues.items() if issue != before[number]}
    assert changed == {alone.still[0], alone.still[10]}
    assert BUILD not in alone.issue(0).labels
    assert IDEA in alone.issue(0).labels
    assert alone.issue(10).labels == (BUILD,)
    for place in (0, 10):
        now, was = alone.issue(place), before[alone.still[place]]
        assert (now.title, now.body, now.assignees, now.state) == (was.title, was.body, was.assignees, was.state)
        assert {*now.labels} - {BUILD, IDEA} == {*was.labels} - {BUILD, IDEA}
    assert alone.issue(1).state == "closed"
    assert BUILD in alone.issue(1).labels, "a closed issue's labels say nothing, and stay"

    # What it wrote itself comes back once; then nothing does.
    alone.run("echo", "sync")
    assert "nothing to do; 0 writes" in alone.runs["echo"][0].out
    alone.run("quiet", "sync")
    assert alone.runs["quiet"][1] == [("GET", 304)]

    # Why, in the words of a team that has one tracker.
    alone.label(5, IDEA)
    done = alone.run("tidy", "plan")
    assert "moved by hand; the old value goes" in done.out
    assert "github   1 change: labels 1. No other label, field or text." in done.out
    assert alone.run("taken", "sync").code == 0
    story = alone.run("explain", "explain", f"apache/arrow#{alone.still[5]}")
    assert "Moved by hand; the old value goes." in story.said
    for words in (["conflicts"], ["people"], ["status"], ["runs"]):
        assert alone.run(words[0], *words).code == 0

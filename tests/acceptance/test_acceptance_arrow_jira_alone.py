"""A team that has Jira and nothing else, on the 18,285 real issues of Apache Arrow: what each command is good for.

Nothing is made up: the stages are the project's own statuses. What a team on its own gets: what is wrong with its
process, runs that cost next to nothing, and not one word of another tracker. This Jira is a Data Center.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from acceptance.arrow import Fact, Measured, Project, facts, settings
from product import Ran, spawn
from trackersync.sandbox import Options, Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# With xdist all of it in one worker: the load is paid for once.
pytestmark = pytest.mark.xdist_group("arrow jira alone")

ELSEWHERE = re.compile(r"github|#\d|\b(both|pairs?|tracker only|had moved)\b", re.IGNORECASE)
PAGE = 100


@dataclass(frozen=True)
class Alone:
    """The project after its first runs, and what they said and asked.

    Attributes:
        facts: what the raw file says, by key.
        first: what the first look cost.
        untouched: whether every issue was as before when the first runs were over.
    """

    project: Project
    sandbox: Sandbox
    facts: Mapping[str, Fact]
    first: Measured
    runs: dict[str, tuple[Ran, list[str]]]
    untouched: bool = True

    def run(self, name: str, *words: str) -> Ran:
        """Run a command in a process of its own, keep what it said and asked, and hear no word of another tracker."""
        self.sandbox.jira.requests.clear()
        said = spawn(self.project.folder, *words)
        # What follows a key is an issue's own title.
        lines = [line for line in said.out.splitlines() if "ARROW-" not in line]
        assert not [line for line in lines if ELSEWHERE.search(line)], said.out
        asked = [f"{one.path.partition('/rest/api/')[2]} {one.status}" for one in self.sandbox.jira.requests]
        self.runs[name] = said, asked
        return said


def configured(url: str) -> dict[str, object]:
    """The configuration of a team that has this Jira alone."""
    config = settings("", url, {})
    config["trackers"] = {"jira": config["trackers"]["jira"]}
    del config["sync"], config["people"]
    return config


@pytest.fixture(scope="session")
def alone(shared: Path, tmp_path_factory: pytest.TempPathFactory, connectors_declared: None) -> Iterator[Alone]:
    file = shared / "data" / "arrow" / "jira_source.jsonl.gz"
    with running(Options(repository="apache/arrow", project="ARROW", load_jira=file)) as sandbox:
        project = Project(tmp_path_factory.mktemp("jira alone"), configured(sandbox.jira_url))
        project.configure()
        before = dict(sandbox.jira.issues)
        first = project.run("first", "check")
        it = Alone(project, sandbox, {fact.key: fact for fact in facts(file)}, first, {})
        for name in ("plan", "sync"):
            it.run(name, name)
        it = Alone(it.project, sandbox, it.facts, first, it.runs, untouched=sandbox.jira.issues == before)
        yield it


def test_the_first_look_finds_what_the_raw_file_says(alone: Alone) -> None:
    still = [fact for fact in alone.facts.values() if fact.open]
    nobodys = Counter(fact.stage for fact in still if fact.assignee is None)
    assert (len(alone.facts), len(still), nobodys) == (18_285, 2_889, {"idea": 2_612, "build": 50})

    record = alone.first.record
    assert alone.first.code == 1
    assert (record["items"], record["tasks"]) == ({"jira": 18_285}, 18_285)
    # What else is wrong is counted in test_acceptance_arrow_rules; by now all that is open has waited for years.
    assert record["counts"] == {"no-owner": 2_662, "owner-overloaded": 1, "stuck-in-stage": len(still)}
    unowned = [finding for finding in record["findings"] if finding["rule"] == "no-owner"]
    found = {item["key"]: item["stage"] for finding in unowned for item in finding["items"]}
    assert found == {fact.key: fact.stage for fact in still if fact.assignee is None}
    severe = Counter(finding["severity"] for finding in unowned)
    # What somebody should be working on is worse than what nobody has begun.
    assert severe == {"error": 50, "note": 2_612}


def test_it_costs_a_request_per_hundred_issues_and_little_memory(alone: Alone) -> None:
    assert alone.first.record["requests"]["jira"]["read"] <= 18_285 // PAGE + 10
    assert alone.first.record["requests"]["jira"].get("write", 0) == 0
    assert alone.first.peak < 250


def test_plan_and_sync_have_nothing_to_write_and_say_so(alone: Alone) -> None:
    plan, sync = (alone.runs[name][0] for name in ("plan", "sync"))
    assert (plan.code, sync.code) == (0, 0)
    assert plan.out.endswith("\n\nNothing to do.\n")
    assert "nothing to do; 0 writes" in sync.out
    assert alone.untouched, "three commands, and every issue is what it was"


def test_after_the_first_look_a_run_costs_one_search(alone: Alone) -> None:
    for name in ("plan", "sync"):
        # Beside it, which Jira it is.
        assert alone.runs[name][1] == ["2/serverInfo 200", "2/search 200"], name


def test_people_go_on_and_nothing_is_written(alone: Alone) -> None:
    """A status says one stage only, so a tracker on its own has nothing to be set right in."""
    jira = alone.sandbox.jira
    key = next(fact.key for fact in alone.facts.values() if fact.stage == "build" and fact.assignee is None)
    jira.edit(key, status="Open", by="ada-l")
    before = dict(jira.issues)
    done = alone.run("moved", "sync")
    assert done.code == 0
    assert "jira 1 changed" in done.out
    assert jira.issues == before
    # One search, and who did it: from the history of the one that moved, since nobody else is asked about.
    assert alone.runs["moved"][1][:2] == ["2/serverInfo 200", "2/search 200"]
    assert len(alone.runs["moved"][1]) <= 3

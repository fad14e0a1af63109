"""A real project of 18,000 issues in each tracker: what trackersync finds and does there, judged by the raw data.

Jira leads, owners of finished work are left alone, and a first run is answered with ``--yes``. The trackers are the
sandbox's, loaded with what Apache Arrow had; trackersync runs in a process of its own, as for a user.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from acceptance.arrow import Fact, Project, facts, logins, measured, settings
from product import CHECKOUT
from trackersync.sandbox import Options, Sandbox, running
from trackersync.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# With xdist all of it in one worker: the load and the first run are paid for once.
pytestmark = pytest.mark.xdist_group("arrow")


@dataclass(frozen=True)
class Arrow:
    """The project after its first two runs, with the trackers as they were before and are now."""

    project: Project
    sandbox: Sandbox
    facts: Mapping[str, Fact]
    logins: Mapping[str, str]
    before: Mapping[int, Any]
    jira_before: Mapping[int, Any]
    writes: tuple[int, int]

    def issue(self, number: int) -> Any:  # noqa: ANN401  # a stand-in's issue
        return self.sandbox.github.issues[number]


@pytest.fixture(scope="session")
def arrow(shared: Path, tmp_path_factory: pytest.TempPathFactory, connectors_declared: None) -> Iterator[Arrow]:
    data = shared / "data" / "arrow"
    people = logins(data / "jira-to-github-user-mapping.csv")
    options = Options(
        repository="apache/arrow",
        project="ARROW",
        load_jira=data / "jira_source.jsonl.gz",
        load_github=data / "github_staged.jsonl.gz",
        user_map=data / "jira-to-github-user-mapping.csv",
    )
    with running(options) as sandbox:
        before, jira_before = dict(sandbox.github.issues), dict(sandbox.jira.issues)
        folder = tmp_path_factory.mktemp("arrow")
        project = Project(folder, settings(sandbox.github_url, sandbox.jira_url, people))
        project.configure()
        project.run("check", "check")
        # A store of its own for those who look at the world before the first sync; nobody writes to it any more.
        shutil.copytree(folder, folder / "before")
        project.run("first", "sync", "--yes")
        writes = sandbox.github.writes, sandbox.jira.writes
        project.run("second", "sync", "--yes")
        raw = {fact.key: fact for fact in facts(data / "jira_source.jsonl.gz")}
        yield Arrow(project, sandbox, raw, people, before, jira_before, writes)


def pairs(arrow: Arrow, file: Path) -> dict[int, set[str]]:
    """By GitHub's number, the Jira keys of the same task in a store."""
    with open_store(f"sqlite:///{file}") as store:
        tasks: dict[str, tuple[set[int], set[str]]] = {}
        for ref, task in store.links().items():
            numbers, keys = tasks.setdefault(task, (set(), set()))
            if ref.tracker == "github":
                numbers.add(int(ref.id.rpartition("/")[2]))
            else:
                keys.add(arrow.sandbox.jira.issues[int(ref.id)].key)
    return {number: keys for numbers, keys in tasks.values() for number in numbers if keys}


def test_the_raw_file_says_what_is_said_of_it(arrow: Arrow) -> None:
    unowned = Counter(fact.category for fact in arrow.facts.values() if fact.open and fact.assignee is None)
    assert unowned == {"new": 2_612, "indeterminate": 50}
    assert sum(fact.status == "In Progress" for fact in arrow.facts.values()) == 147


def test_check_finds_exactly_the_open_issues_without_an_owner(arrow: Arrow) -> None:
    done = arrow.project.runs["check"]
    found = [finding for finding in done.record["findings"] if finding["rule"] == "no-owner"]
    keys = {item["key"] for finding in found for item in finding["items"] if item["tracker"] == "jira"}

    assert done.code == 1
    assert len(found) == done.record["counts"]["no-owner"] == 2_662
    assert keys == {key for key, fact in arrow.facts.items() if fact.open and fact.assignee is None}
    assert Counter((finding["stage"], finding["severity"]) for finding in found) == {
        ("idea", "note"): 2_612,
        ("build", "error"): 50,
    }


def test_the_first_run_links_every_pair_rightly(arrow: Arrow) -> None:
    found, truth = pairs(arrow, arrow.project.folder / "trackersync.db"), arrow.sandbox.github.truth
    right = sum(found.get(number) == {key} for number, key in truth.items())
    wrong = {number: keys for number, keys in found.items() if keys != {truth[number]}}

    assert not wrong
    assert right >= 0.999 * len(truth) == 0.999 * 18_217


def test_check_counts_the_pairs_as_one_task(arrow: Arrow) -> None:
    record = arrow.project.runs["check"].record
    assert record["items"] == {"github": 18_217, "jira": 18_285}
    assert 18_285 <= record["tasks"] <= 18_285 + 0.001 * 18_217


def test_afterwards_the_stages_agree(arrow: Arrow) -> None:
    def shows(number: int, stage: str) -> bool:
        issue = arrow.issue(number)
        if stage in {"idea", "build"}:
            ours = {label for label in issue.labels if label.startswith("stage: ")}
            # An open issue without a label is taken to be in the first stage.
            return issue.state == "open" and (ours == {f"stage: {stage}"} or (stage == "idea" and not ours))
        # A closed issue without a reason satisfies any closed stage.
        reasons = {"done": {None, "completed"}, "cancelled": {None, "not_planned", "duplicate"}}[stage]
        return issue.state == "closed" and issue.reason in reasons

    stages = {number: arrow.facts[key].stage for number, key in arrow.sandbox.github.truth.items()}
    assert not {number: stage for number, stage in stages.items() if not shows(number, stage)}
    assert sum(stage == "build" for stage in stages.values()) > 140


def test_afterwards_the_owners_of_open_work_agree(arrow: Arrow) -> None:
    named = {number: arrow.facts[key] for number, key in arrow.sandbox.github.truth.items()}
    wanted = {
        number: (arrow.logins[fact.assignee],) if fact.assignee else ()
        for number, fact in named.items()
        if fact.open and (fact.assignee is None or fact.assignee in arrow.logins)
    }

    def folded(logins: tuple[str, ...]) -> list[str]:
        return [login.casefold() for login in logins]

    shown = {number: folded(arrow.issue(number).assignees) for number in wanted}
    assert not {n: (shown[n], who) for n, who in wanted.items() if shown[n] != folded(who)}


def test_an_owner_nobody_knows_is_left_alone_and_named(arrow: Arrow) -> None:
    paired = set(arrow.sandbox.github.truth.values())
    strangers = {
        key: fact.assignee
        for key, fact in arrow.facts.items()
        if key in paired and fact.open and fact.assignee and fact.assignee not in arrow.logins
    }
    left = {one["key"]: one["because"] for one in arrow.project.runs["first"].record["left_alone"]}
    assert left.keys() == strangers.keys()
    assert all(str(name) in left[key] for key, name in strangers.items())


def test_nothing_else_was_touched(arrow: Arrow) -> None:
    assert arrow.sandbox.jira.issues == arrow.jira_before
    assert arrow.writes[1] == 0, "jira leads: nothing is written to it"
    first = arrow.project.runs["first"].record
    planned = {int(change["key"].rpartition("#")[2]) for change in first["changes"]}
    touched = {number for number, issue in arrow.sandbox.github.issues.items() if issue != arrow.before[number]}
    assert touched == planned
    for number in touched:
        was, now = arrow.before[number], arrow.issue(number)
        assert (now.title, now.body, now.milestone) == (was.title, was.body, was.milestone)
        assert set(was.labels) <= set(now.labels), "no label of theirs was taken off"
        assert all(label.startswith("stage: ") for label in set(now.labels) - set(was.labels))
        if not arrow.facts[arrow.sandbox.github.truth[number]].open:
            assert now.assignees == was.assignees, "owners of finished work are left alone"


def test_the_first_run_wrote_all_that_it_planned(arrow: Arrow) -> None:
    done = arrow.project.runs["first"]
    assert done.code == 0
    assert {change["receipt"] for change in done.record["changes"]} == {"applied"}
    assert done.record["conflicts"] == []
    assert done.record["adoptions"] == len(done.record["changes"]) > 200
    assert done.peak < 500


def test_the_second_run_writes_nothing_and_reads_a_handful(arrow: Arrow) -> None:
    done, sandbox = arrow.project.runs["second"], arrow.sandbox
    asked = done.record["requests"]

    assert (done.code, done.record["changes"], done.record["conflicts"]) == (0, [], [])
    assert {tracker: kinds.get("write", 0) for tracker, kinds in asked.items()} == {"github": 0, "jira": 0}
    assert (sandbox.github.writes, sandbox.jira.writes) == arrow.writes
    # The issues it has written itself come back once, a hundred a page.
    written = len({change["key"] for change in arrow.project.runs["first"].record["changes"]})
    assert sum(kinds["read"] for kinds in asked.values()) <= 8 + written // 100


@pytest.fixture(scope="session")
def without_alias(arrow: Arrow) -> dict[int, set[str]]:
    """The pairs that are linked where nobody said that issues.apache.org is this Jira; nothing may be written."""
    folder = arrow.project.folder / "before"
    project = Project(folder, {**arrow.project.settings, "trackers": {
        name: {**{key: value for key, value in tracker.items() if key != "aliases"}, "writes": "none"}
        for name, tracker in arrow.project.settings["trackers"].items()
    }})  # fmt: skip
    project.configure()
    done = measured(folder, "sync")
    assert done.code == 0
    assert done.record["changes"] == []
    return pairs(arrow, folder / "trackersync.db")


def test_without_the_alias_only_what_the_evidence_says_is_linked(
    arrow: Arrow, without_alias: dict[int, set[str]]
) -> None:
    """URLs count only for configured hosts; so what is left is a key that leads the title, or stands alone in the body.

    Where the title names another issue than the body, the title wins by the order of evidence, since nothing told
    us to believe the URL: those links, and no others, are wrong.
    """
    truth = arrow.sandbox.github.truth
    wrong = {number: keys for number, keys in without_alias.items() if keys != {truth[number]}}
    print(f"without the alias: {len(without_alias)} linked of {len(truth)}, {len(wrong)} of them wrongly: {wrong}")
    for number, keys in wrong.items():
        assert any(arrow.issue(number).title.lstrip("[( ").startswith(key) for key in keys)
    assert arrow.writes == (arrow.sandbox.github.writes, arrow.sandbox.jira.writes)


def test_the_data_is_none_of_ours() -> None:
    """Nothing of the shared folder is in the checkout."""
    assert not [path for path in CHECKOUT.rglob("*.jsonl.gz") if ".git" not in path.parts]

"""Rules of check on Apache Arrow's real issues: each finds what the raw files say by themselves, key by key.

Three teams: one with Jira alone, one with GitHub alone that pulls its work, and one with both. ``arrow_counts`` counts
beside, without a line of trackersync; ``pytest -s`` prints the numbers.
"""

from __future__ import annotations

import gzip
import os
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import yaml

from acceptance.arrow_counts import (
    BUSY,
    LIMITS,
    NOT_DONE,
    NOW,
    Jira,
    Staged,
    github_alone,
    labelled,
    logins,
    staged,
    together,
)
from product import TOKENS
from trackersync.config.load import load
from trackersync.core.diagnose import Diagnosis, Finding, diagnose
from trackersync.core.terms import Task, Terms
from trackersync.pipeline.opening import terms_of
from trackersync.registry import discover
from trackersync_github.wire import Issue as GitHubIssue
from trackersync_github.wire import item_of
from trackersync_jira.items import accounts, item
from trackersync_jira.relations import ties
from trackersync_jira.shapes import Found
from trackersync_jira.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from trackersync.core.model import Account, Item

# With xdist all of it in one worker: the files are read once.
pytestmark = pytest.mark.xdist_group("arrow rules")

SITE = "https://issues.apache.org/jira"
FINISHED = {
    "cancelled": {"statuses": ["Closed", "Resolved"], "resolutions": list(NOT_DONE)},
    "done": {"statuses": ["Resolved", "Closed"], "set": {"resolution": "Fixed"}},
}
JIRA: dict[str, Any] = {
    "connector": "jira",
    "url": SITE,
    "projects": ["ARROW"],
    "token": "${JIRA_TOKEN}",
    "evidence": ["relations"],
    "link_types": {"blocks": ["Blocker"], "duplicate": ["Duplicate"]},
    "stages": {"idea": {"statuses": ["Open"]}, "build": {"statuses": ["In Progress"]}, **FINISHED},
}
# Nobody marks an issue as blocked there, so every open status passes for a mark: what counts is what it waits for.
MARKS = ["Open", "Reopened", "In Progress"]
ALONE = {
    "blocked-by-done": {"marks": MARKS},
    "closed-without-reason": {"within": "0 d"},
    "owner-overloaded": {"most": BUSY},
    "wip-over-limit": {"stages": {stage: {"most": most} for stage, most in LIMITS.items()}},
}
SHIPPING = {
    "release": {"statuses": ["Resolved", "Closed"], "resolutions": ["Fixed"], "released": "unreleased"},
    "launch": {"statuses": ["In Progress"]},
}
GITHUB = {
    "connector": "github",
    "repositories": ["apache/arrow"],
    "token": "${GITHUB_TOKEN}",
    "stages": {"in progress": {"labels": ["in progress"]}},
}


@dataclass(frozen=True)
class Files:
    """Both raw files as the connectors read them, and what is counted over them without the product."""

    jira: Sequence[Item]
    people: tuple[Account, ...]
    github: Sequence[Item]
    raw: Jira
    staged: Sequence[Staged]
    logins: Mapping[str, str]


@pytest.fixture(scope="module")
def files(shared: Path) -> Files:
    folder = shared / "data" / "arrow"
    if not (folder / "jira_source.jsonl.gz").is_file():
        pytest.skip("the issues of Apache Arrow are not at hand: shared/data/arrow")
    with gzip.open(folder / "jira_source.jsonl.gz") as lines:
        found = msgspec.json.decode(b'{"issues": [' + b",".join(lines) + b"]}", type=Found).issues
    site = Site("jira", SITE, cloud=False, ties=ties(JIRA["link_types"]))
    people = logins(folder / "jira-to-github-user-mapping.csv")
    imported = staged(folder / "github_staged.jsonl.gz", folder / "jira_source.jsonl.gz", people)
    return Files(
        [item(site, issue) for issue in found],
        accounts(site, found),
        [github_item(one) for one in imported],
        Jira(folder / "jira_source.jsonl.gz"),
        imported,
        people,
    )


def github_item(one: Staged) -> Item:
    """An issue as GitHub would show it, read by the connector; who wrote its pull request is evidence of its own."""
    shown = {
        "id": one.number,
        "number": one.number,
        "html_url": f"https://github.com/apache/arrow/issues/{one.number}",
        "repository_url": "https://api.github.com/repos/apache/arrow",
        "state": "open" if one.open else "closed",
        "title": one.raw["title"],
        "created_at": one.raw["created_at"],
        "updated_at": one.raw["updated_at"],
        "labels": list(one.labels),
        "assignees": [{"login": login} for login in one.assignees],
    }
    found = item_of(msgspec.convert(shown, GitHubIssue), "github", 1, "apache/arrow")
    return replace(found, facts={**found.facts, "authors": one.authors})


@dataclass(frozen=True)
class Team:
    """Writes a configuration and asks its rules."""

    folder: Path

    def found(
        self, tasks: Iterable[Task], seen: Iterable[Account] = (), **configuration: object
    ) -> Mapping[str, set[str]]:
        """By rule, what is found: the key of the item at fault, or what a total is about."""
        file = self.folder / "trackersync.yaml"
        file.write_text(yaml.safe_dump(configuration, sort_keys=False, allow_unicode=True), encoding="utf-8")
        compiled = load(file, registry=discover(), folder=self.folder, environ={**os.environ, **TOKENS})
        terms: Terms = terms_of(compiled, seen)
        found: Diagnosis = diagnose(tasks, terms, NOW, rulebook=compiled.rulebook)
        by_rule: dict[str, set[str]] = defaultdict(set)
        for one in found.findings:
            by_rule[one.rule].add(named(one))
        return by_rule


def named(one: Finding) -> str:
    if one.subject:
        return one.subject.removeprefix("stage ")
    key = one.items[0].key
    return f"{one.stage or '-'} {key}" if one.rule == "no-owner" and key.startswith("ARROW-") else key


@pytest.fixture
def team(tmp_path: Path, connectors_declared: None) -> Team:
    return Team(tmp_path)


def alone(items: Iterable[Item]) -> list[Task]:
    return [Task(one.key, (one,)) for one in items]


def same(title: str, raw: Mapping[str, set[str]], found: Mapping[str, set[str]]) -> None:
    """Print both counts of every rule, then compare them key by key."""
    print(f"\n{title:<34} {'ours':>7} {'raw':>7}")
    for rule, keys in raw.items():
        print(f"  {rule:<32} {len(found.get(rule, ())):>7,} {len(keys):>7,}")
    for rule, keys in raw.items():
        assert found.get(rule, set()) == keys, rule


def test_jira_alone(files: Files, team: Team) -> None:
    found = team.found(alone(files.jira), files.people, delivery="delivery", trackers={"jira": JIRA}, rules=ALONE)
    raw = files.raw.alone()
    same("jira alone", raw, found)
    assert not found.keys() - raw.keys(), "what else is found stands in no raw file"


def test_jira_alone_whose_fixes_wait_for_a_release(files: Files, team: Team) -> None:
    jira = {**JIRA, "stages": {"idea": {"statuses": ["Open"]}, **SHIPPING, **FINISHED}}
    rules = {"feedback-unlinked": {"raised": ["support", "release"]}}
    found = team.found(alone(files.jira), files.people, delivery="delivery", trackers={"jira": jira}, rules=rules)
    same("jira, fixes wait for a release", files.raw.shipping(), found)


def test_github_alone_with_kanban(files: Files, team: Team) -> None:
    """An open-source repository is not a shop: nobody owns what nobody has begun, and pairs and authors count."""
    tasks = alone(files.github)
    rules: dict[str, Any] = {"closed-without-reason": {"within": "0 d"}}
    kanban = {"delivery": "kanban", "trackers": {"github": GITHUB}}
    strict = team.found(tasks, **kanban, rules=rules)
    lenient = {"no-owner": {"pull_authors": True}, "many-owners": {"projects": {"apache/*": {"most": 2}}}}
    found = team.found(tasks, **kanban, rules={**rules, **lenient})
    both = {
        **strict,
        "no-owner": found.get("no-owner", set()),
        "no-owner, authors do not count": strict["no-owner"],
        "many-owners, 2 at most there": found.get("many-owners", set()),
    }
    raw = github_alone(files.staged)
    same("github alone, kanban", raw, both)
    assert not strict.keys() - raw.keys(), "what else is found stands in no raw file"
    assert raw["no-owner"] < raw["no-owner, authors do not count"]
    assert len(raw["no-owner, authors do not count"]) < sum(one.open and not one.assignees for one in files.staged)
    assert raw["many-owners"]


def test_github_alone_as_its_file_labels_it(files: Files, team: Team) -> None:
    done = [{"state": "closed", "reason": "completed"}, {"labels": ["Type: test"]}]
    github = {**GITHUB, "stages": {"in progress": {"labels": ["Type: task"]}, "done": done}}
    found = team.found(alone(files.github), delivery="kanban", trackers={"github": github})
    same("github alone, its own labels", labelled(files.staged), found)


def test_both_trackers(files: Files, team: Team) -> None:
    partner = {one.jira: found for one, found in zip(files.staged, files.github, strict=True)}
    tasks = [Task(one.key, (one, partner[one.key]) if one.key in partner else (one,)) for one in files.jira]
    jira = {**JIRA, "stages": {**JIRA["stages"], "idea": {"statuses": ["Open", "Reopened"]}}}
    named_twice: dict[str, list[str]] = defaultdict(list)
    for name, login in files.logins.items():
        named_twice[login].append(name)
    found = team.found(
        tasks,
        delivery="delivery",
        trackers={"jira": jira, "github": {**GITHUB, "stages": {"idea": {"labels": ["stage: idea"]}}}},
        people=[{"name": login, "github": login, "jira": names} for login, names in named_twice.items()],
        rules={"unlinked-task": {"trackers": ["jira", "github"]}},
    )
    same("both", together(files.raw, files.staged, files.logins), found)

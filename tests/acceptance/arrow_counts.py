"""What Apache Arrow's raw files say by themselves of each rule of check: counted without a line of trackersync.

Nothing here imports the product, so that it can be the judge. Every count is a set of keys, or of what
a total is about.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

NOW = datetime(2022, 12, 31, 12, tzinfo=UTC)
NOT_DONE = (
    "Won't Do", "Won't Fix", "Abandoned", "Auto Closed", "Cannot Reproduce", "Duplicate", "Feedback Received",
    "Incomplete", "Information Provided", "Invalid", "Later", "Not A Bug", "Not A Problem", "REMIND", "Workaround",
    "Works for Me",
)  # fmt: skip
EXPECTED = {"idea": 30, "build": 10}
LIMITS = {"idea": 5_000, "build": 100}
BUSY = 2
DEPLOYMENT = ("release", "launch")
_URL = re.compile(r"https?://\S+")
_KEY = re.compile(r"ARROW-\d+(?![\w-])")


def moment(text: str) -> datetime:
    """A time as either file writes it."""
    return datetime.strptime(text.removesuffix("Z") + ("+0000" if text.endswith("Z") else ""), "%Y-%m-%dT%H:%M:%S.%f%z")


def working(since: datetime, until: datetime) -> timedelta:
    """The time between two moments that lies on Mondays to Fridays, day by day."""
    spent, day = timedelta(0), since
    while day < until:
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        if day.weekday() < 5:
            spent += min(midnight, until) - day
        day = midnight
    return spent


def logins(file: Path) -> dict[str, str]:
    """Jira's user name to GitHub's login."""
    with file.open(encoding="utf-8", newline="") as rows:
        return {jira.strip(): github.strip() for _, jira, github in csv.reader(rows) if jira.strip() and github.strip()}


@dataclass(frozen=True)
class Issue:
    """One issue of Jira's file, as far as rules ask."""

    key: str
    status: str
    done: bool
    resolution: str
    assignee: str
    active: bool
    type: str
    labels: tuple[str, ...]
    unreleased: bool
    due: str
    updated: datetime
    parent: str
    parts: tuple[bool, ...]
    """Of its sub-tasks, as it shows them, whether each is done."""
    blockers: dict[str, bool] = field(hash=False)
    """Of those that block it, as it shows them, whether each is done."""
    linked: frozenset[str] = frozenset()
    mentioned: frozenset[str] = frozenset()

    @property
    def stage(self) -> str:
        """Its stage where Reopened is mapped to none."""
        if self.done:
            return "cancelled" if self.resolution in NOT_DONE else "done"
        return {"Open": "idea", "In Progress": "build"}.get(self.status, "")

    @property
    def shipping(self) -> str:
        """Its stage where what is fixed and in no released version is in release, and what is begun in launch."""
        if self.done and self.resolution == "Fixed" and self.unreleased:
            return "release"
        return "launch" if self.stage == "build" else self.stage

    @property
    def defect(self) -> bool:
        """Whether it is one by its type or its labels."""
        return self.type == "Bug" or any(label.casefold() in ("bug", "regression", "defect") for label in self.labels)


def _done(other: Mapping[str, Any]) -> bool:
    return bool(other["fields"]["status"]["statusCategory"]["key"] == "done")


def issues(file: Path) -> dict[str, Issue]:
    """Read Jira's file."""
    with gzip.open(file) as lines:
        return {issue.key: issue for issue in map(_issue, lines)}


def _issue(line: bytes) -> Issue:
    raw = json.loads(line)
    fields = raw["fields"]
    links, versions = fields["issuelinks"], fields["fixVersions"]
    text = _URL.sub(" ", fields["description"] or "")
    return Issue(
        key=raw["key"],
        status=fields["status"]["name"],
        done=_done(raw),
        resolution=(fields["resolution"] or {}).get("name", ""),
        assignee=(fields["assignee"] or {}).get("name", ""),
        active=(fields["assignee"] or {}).get("active", True),
        type=fields["issuetype"]["name"],
        labels=tuple(fields["labels"]),
        unreleased=bool(versions) and not any(version["released"] for version in versions),
        due=fields["duedate"] or "",
        updated=moment(fields["updated"]),
        parent=(fields.get("parent") or {}).get("key", ""),
        parts=tuple(_done(part) for part in fields["subtasks"]),
        blockers={
            link["inwardIssue"]["key"]: _done(link["inwardIssue"])
            for link in links
            if link["type"]["name"] == "Blocker" and "inwardIssue" in link
        },
        linked=frozenset((link.get("inwardIssue") or link["outwardIssue"])["key"] for link in links),
        mentioned=frozenset(_KEY.findall(text)),
    )


class Jira:
    """What Jira's file says. ``Reopened`` is a status that nobody mapped."""

    def __init__(self, file: Path) -> None:
        """Read it."""
        self.issues = issues(file)
        self.still = [issue for issue in self.issues.values() if not issue.done]
        self.parts: dict[str, list[Issue]] = defaultdict(list)
        for issue in self.issues.values():
            self.parts[issue.parent].append(issue)

    def alone(self) -> dict[str, set[str]]:
        """By rule, what it finds where the team has this Jira and nothing else."""
        started = Counter(issue.assignee for issue in self.still if issue.stage == "build" and issue.assignee)
        crowded = Counter(issue.stage for issue in self.still)
        return {
            "no-owner": {f"{issue.stage or '-'} {issue.key}" for issue in self.still if not issue.assignee},
            "many-owners": set(),
            "owner-inactive": {issue.key for issue in self.still if issue.assignee and not issue.active},
            "owner-overloaded": {name for name, count in started.items() if count > BUSY},
            "unknown-status": {issue.key for issue in self.still if not issue.stage},
            "stuck-in-stage": {issue.key for issue in self.still if _stuck(issue.updated, EXPECTED.get(issue.stage))},
            "overdue": {issue.key for issue in self.still if issue.due and issue.due < NOW.date().isoformat()},
            "wip-over-limit": {stage for stage, most in LIMITS.items() if crowded[stage] > most},
            "done-but-open": {issue.key for issue in self.still if issue.stage and issue.resolution},
            "closed-without-reason": {i.key for i in self.issues.values() if i.done and not i.resolution},
            "parent-done-child-open": {i.key for i in self.issues.values() if i.done and self._unfinished(i)},
            "blocked-by-done": {issue.key for issue in self.still if self._freed(issue)},
            "linked-twice": set(),
        }

    def shipping(self) -> dict[str, set[str]]:
        """The same under the stages of ``Issue.shipping``: rules about what comes after development."""
        release = [issue for issue in self.issues.values() if issue.shipping == "release"]
        deployed = [issue for issue in self.issues.values() if issue.shipping in DEPLOYMENT]
        return {
            "deployment-before-development": {issue.key for issue in deployed if self._early(issue)},
            "feedback-unlinked": {
                issue.key
                for issue in release
                if issue.defect and not any(_develops(self.issues[key]) for key in self._around[issue.key])
            },
        }

    def _unfinished(self, issue: Issue) -> bool:
        """Whether a part of it that stands in the file is open; where none stands there, whether it shows one."""
        parts = self.parts.get(issue.key)
        return any(not part.done for part in parts) if parts else not all(issue.parts)

    def _freed(self, issue: Issue) -> bool:
        """Whether it has blockers and all are done, those of the file as they are there."""
        known = [self.issues[key] for key in issue.blockers if key in self.issues]
        whole = len(known) == len(issue.blockers) or all(issue.blockers.values())
        return bool(issue.blockers) and whole and all(other.done for other in known)

    def _early(self, issue: Issue) -> bool:
        blockers = [self.issues[key] for key in issue.blockers if key in self.issues]
        if any(other.shipping == "idea" for other in (*self.parts.get(issue.key, ()), *blockers)):
            return True
        finished = all(other.shipping in ("done", "cancelled") for other in blockers)
        return finished and not all(issue.blockers.values())

    @cached_property
    def _around(self) -> dict[str, set[str]]:
        """By key, the issues that it names in any way or that name it."""
        found: dict[str, set[str]] = defaultdict(set)
        for issue in self.issues.values():
            for key in {issue.parent} | issue.linked | issue.mentioned:
                if key not in self.issues or key == issue.key:
                    continue
                found[issue.key].add(key)
                found[key].add(issue.key)
        return found


def _stuck(updated: datetime, days: int | None) -> bool:
    return days is not None and working(updated, NOW) > timedelta(days=days)


def _develops(issue: Issue) -> bool:
    """Whether it may be the work that mends a defect."""
    return issue.shipping != "cancelled" and not (issue.shipping in DEPLOYMENT and issue.defect)


@dataclass(frozen=True)
class Staged:
    """One issue of GitHub's file: as it was imported, and what Jira said of it beside.

    The file has neither assignees nor labels of stages, so those come from Jira's: its assignee is the first, whoever
    made it the second while it is in progress, and with a pull request but no assignee whoever made it is its author.
    """

    number: int
    jira: str
    raw: dict[str, Any] = field(hash=False)
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    authors: tuple[str, ...]

    @property
    def open(self) -> bool:
        """Whether it is open on GitHub."""
        return not self.raw["closed"]

    @property
    def working(self) -> bool:
        """Whether it is labelled as in progress."""
        return "in progress" in self.labels


def staged(file: Path, jira_file: Path, people: Mapping[str, str]) -> list[Staged]:
    """Read GitHub's file."""
    with gzip.open(jira_file) as lines:
        fields = {raw["key"]: raw["fields"] for raw in map(json.loads, lines)}
    with gzip.open(file) as lines:
        return [_staged(number, json.loads(line), fields, people) for number, line in enumerate(lines, 1)]


def _staged(number: int, line: dict[str, Any], fields: Mapping[str, Any], people: Mapping[str, str]) -> Staged:
    jira = fields.get(line["_jira_key"])
    names = {role: people.get(((jira or {}).get(role) or {}).get("name", ""), "") for role in ("assignee", "creator")}
    working_on = jira is not None and jira["status"]["name"] == "In Progress"
    who = (names["assignee"], names["creator"] if working_on and names["assignee"] else "")
    pull = working_on and not names["assignee"] and "pull-request-available" in jira["labels"]
    return Staged(
        number,
        line["_jira_key"],
        line["issue"],
        (*line["issue"]["labels"], *(["in progress"] if working_on else [])),
        tuple(dict.fromkeys(name for name in who if name)),
        (names["creator"],) if pull and names["creator"] else (),
    )


def github_alone(some: Iterable[Staged]) -> dict[str, set[str]]:
    """By rule, what GitHub's file says where the team has GitHub and nothing else, and pulls its work."""
    some = list(some)
    still = [one for one in some if one.open]
    stuck = [one for one in still if one.working and _stuck(moment(one.raw["updated_at"]), 30)]
    free = [one for one in still if one.working and not one.assignees]
    begun = Counter(who for one in still if one.working for who in one.assignees)
    return {
        "no-owner": set(_numbers(one for one in free if not one.authors)),
        "no-owner, authors do not count": set(_numbers(free)),
        "many-owners": set(_numbers(one for one in still if len(one.assignees) > 1)),
        "many-owners, 2 at most there": set(),
        "owner-overloaded": {who for who, count in begun.items() if count > 10},
        "stuck-in-stage": set(_numbers(stuck)),
        "closed-without-reason": set(_numbers(one for one in some if not one.open)),
        "stale-stage-label": set(_numbers(one for one in some if not one.open and one.working)),
        "done-but-open": set(),
    }


def labelled(some: Iterable[Staged]) -> dict[str, set[str]]:
    """The same where labels that the file itself has are stages: tasks are in progress, and tests are done."""
    some = list(some)
    tasks = [one for one in some if "Type: task" in one.labels]
    return {
        "no-owner": set(_numbers(one for one in tasks if one.open and not one.assignees)),
        "stale-stage-label": set(_numbers(one for one in tasks if not one.open)),
        "done-but-open": set(_numbers(one for one in some if one.open and "Type: test" in one.labels)),
    }


def _numbers(some: Iterable[Staged]) -> Iterator[str]:
    return (f"apache/arrow#{one.number}" for one in some)


def together(jira: Jira, some: Iterable[Staged], people: Mapping[str, str]) -> dict[str, set[str]]:
    """By rule, what both files say of each other; here Reopened is an idea, and the first key is Jira's."""
    imported = {one.jira: one for one in some}
    known = {name.casefold() for name in people}
    return {
        "unlinked-task": {issue.key for issue in jira.still if issue.key not in imported},
        "stages-disagree": {i.key for i in jira.still if i.key in imported and not imported[i.key].open},
        "owner-unknown": {i.key for i in jira.still if i.assignee and i.assignee.casefold() not in known},
    }

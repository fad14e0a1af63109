"""The proposal is right for every status of Jira's usual workflow templates, and for the usual labels of GitHub.

Categories are as Jira ships them. Where two stages are as good for a status (a change that waits for its board may be
verified or about to be released) both are written down; everywhere else there is one. Sources of the labels are named
beside them; `None` is "says nothing of a stage".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from trackersync.config.lexicon import lexicon
from trackersync.config.process import process
from trackersync.core.propose import Sighting, propose
from trackersync_github.vocabulary import VOCABULARY as LABELS
from trackersync_jira.vocabulary import VOCABULARY as STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trackersync.core.propose import Lexicon


@pytest.fixture(scope="module")
def words() -> Lexicon:
    return lexicon()


@dataclass(frozen=True, slots=True)
class Status:
    """A status of a template with the stages that are right for it."""

    name: str
    category: str
    delivery: str
    kanban: str
    scrum: str


OPEN = Status("Open", "backlog", "idea", "backlog", "product backlog")
TO_DO = Status("To Do", "backlog", "idea", "backlog|ready", "product backlog|sprint backlog")
BACKLOG = Status("Backlog", "backlog", "idea", "backlog", "product backlog")
IN_PROGRESS = Status("In Progress", "started", "build", "in progress", "in progress")
WORK_IN_PROGRESS = Status("Work in progress", "started", "build", "in progress", "in progress")
REVIEW = Status("In Review", "started", "verify", "review", "review")
DONE = Status("Done", "done", "done", "done", "done")
RESOLVED = Status("Resolved", "done", "done", "done", "done")
CLOSED = Status("Closed", "done", "done", "done", "done")
COMPLETED = Status("Completed", "done", "done", "done", "done")
CANCELED = Status("Canceled", "done", "cancelled", "cancelled", "cancelled")
PENDING = Status("Pending", "started", "build|support", "in progress", "in progress")
ESCALATED = Status("Escalated", "started", "build|support", "in progress", "in progress")
FOR_SUPPORT = Status("Waiting for support", "started", "build|support", "in progress", "in progress")
FOR_CUSTOMER = Status(
    "Waiting for customer", "started", "build|support|verify", "in progress|review", "in progress|review"
)

TEMPLATES: Mapping[str, tuple[Status, ...]] = {
    "simplified": (TO_DO, IN_PROGRESS, DONE),
    "simplified in capitals": (
        Status("TO DO", "backlog", "idea", "backlog|ready", "product backlog|sprint backlog"),
        Status("IN PROGRESS", "started", "build", "in progress", "in progress"),
        Status("DONE", "done", "done", "done", "done"),
    ),
    "classic": (
        OPEN,
        IN_PROGRESS,
        Status("Reopened", "backlog", "idea", "backlog|ready", "product backlog|sprint backlog"),
        RESOLVED,
        CLOSED,
    ),
    "scrum": (TO_DO, IN_PROGRESS, REVIEW, DONE),
    "kanban": (
        BACKLOG,
        Status("Selected for Development", "backlog", "idea", "ready", "sprint backlog"),
        IN_PROGRESS,
        DONE,
    ),
    "kanban of older sites": (
        BACKLOG,
        Status(
            "Selected for Development",
            "started",
            "build|requirements|design",
            "ready|in progress",
            "sprint backlog|in progress",
        ),
        IN_PROGRESS,
        DONE,
    ),
    "bug tracking": (TO_DO, IN_PROGRESS, REVIEW, DONE),
    "task tracking": (TO_DO, IN_PROGRESS, DONE),
    "content management": (
        BACKLOG,
        Status("Draft", "started", "build|requirements|design", "in progress", "in progress"),
        REVIEW,
        Status("Approved", "done", "done", "done", "done"),
        Status("Published", "done", "done", "done", "done"),
        Status("Rejected", "done", "cancelled", "cancelled", "cancelled"),
    ),
    "IT support": (FOR_SUPPORT, FOR_CUSTOMER, PENDING, ESCALATED, IN_PROGRESS, RESOLVED, CLOSED, CANCELED),
    "service request": (
        Status(
            "Waiting for approval",
            "started",
            "requirements|verify|release|build|support",
            "in progress|review",
            "in progress|review",
        ),
        FOR_SUPPORT,
        FOR_CUSTOMER,
        PENDING,
        IN_PROGRESS,
        ESCALATED,
        Status("Declined", "done", "cancelled", "cancelled", "cancelled"),
        RESOLVED,
        CLOSED,
        CANCELED,
    ),
    "incident": (OPEN, WORK_IN_PROGRESS, PENDING, COMPLETED, CLOSED, CANCELED),
    "problem": (
        OPEN,
        Status("Under investigation", "started", "research", "in progress", "in progress"),
        Status("Under review", "started", "verify", "review", "review"),
        WORK_IN_PROGRESS,
        PENDING,
        COMPLETED,
        CLOSED,
        CANCELED,
    ),
    "change": (
        OPEN,
        Status("Planning", "started", "requirements|design", "in progress", "in progress"),
        Status("Peer review", "started", "verify|build", "review", "review"),
        Status("Peer review / change manager approval", "started", "verify", "review", "review"),
        Status(
            "Awaiting CAB approval",
            "started",
            "verify|release|requirements",
            "review|in progress",
            "review|in progress",
        ),
        Status(
            "Awaiting implementation",
            "started",
            "build|requirements|design",
            "in progress|ready",
            "in progress|sprint backlog",
        ),
        Status("Implementing", "started", "build", "in progress", "in progress"),
        Status("Review", "started", "verify", "review", "review"),
        Status("Failed", "done", "cancelled|done", "cancelled|done", "cancelled|done"),
        Status("Declined", "done", "cancelled", "cancelled", "cancelled"),
        COMPLETED,
        CLOSED,
        CANCELED,
    ),
    "general service": (OPEN, PENDING, WORK_IN_PROGRESS, DONE, CANCELED),
    "simplified in German": (
        Status("Zu erledigen", "backlog", "idea", "backlog|ready", "product backlog|sprint backlog"),
        Status("In Arbeit", "started", "build", "in progress", "in progress"),
        Status("Fertig", "done", "done", "done", "done"),
    ),
    "simplified in Japanese": (
        Status("作業前", "backlog", "idea", "backlog|ready", "product backlog|sprint backlog"),
        Status("進行中", "started", "build", "in progress", "in progress"),
        Status("完了", "done", "done", "done", "done"),
    ),
}


def statuses() -> Iterator[object]:
    for template, rows in TEMPLATES.items():
        for row in rows:
            for key in ("delivery", "kanban", "scrum"):
                yield pytest.param(template, row.name, key, getattr(row, key), id=f"{template}: {row.name} in {key}")


@pytest.mark.parametrize(("template", "name", "key", "right"), list(statuses()))
def test_a_status_of_a_template(words: Lexicon, template: str, name: str, key: str, right: str) -> None:
    shown = [Sighting("statuses", row.name, row.category) for row in TEMPLATES[template]]
    found = {line.value: line for line in propose(process(key), STATUSES, shown, words).lines}
    assert found[name].stage in right.split("|"), found[name]


RESOLUTIONS = {
    "Done": "done", "Fixed": "done", "Won't Do": "cancelled", "Won't Fix": "cancelled", "Duplicate": "cancelled",
    "Cannot Reproduce": "cancelled", "Incomplete": "cancelled", "Declined": "cancelled",
    "Known Error": "cancelled|done",
}  # fmt: skip
"""Those that come with Jira and with its service desk; what says no more than its status may say nothing."""


@pytest.mark.parametrize(("name", "right"), RESOLUTIONS.items(), ids=RESOLUTIONS)
def test_a_resolution(words: Lexicon, name: str, right: str) -> None:
    shown = [Sighting("statuses", "Done", "done"), Sighting("resolutions", name)]
    found = {(line.place, line.value): line for line in propose(process("delivery"), STATUSES, shown, words).lines}
    stage = found["resolutions", name].stage
    assert stage in right.split("|") or (stage is None and "done" in right), found["resolutions", name]


# Of GitHub's labels a person reads most as "no stage"; those are near misses, and as many as the hits. A label that
# only tells of a wait says nothing either: it stands beside the label of a stage.
SETS: Mapping[str, Mapping[str, str | None]] = {
    # https://docs.github.com/en/issues/using-labels-and-milestones-to-track-work/managing-labels
    "the nine defaults": {
        "bug": None, "documentation": None, "duplicate": "-|cancelled", "enhancement": None, "good first issue": None,
        "help wanted": None, "invalid": "-|cancelled", "question": None, "wontfix": "-|cancelled",
    },
    # https://gist.github.com/RyanMillerC/18d1e40eb9d5283ceebf74484aa0d928 and five more of the same
    "git-labelmaker": {
        "Priority: Important": None, "Priority: Critical": None, "Status: Abandoned": "cancelled",
        "Status: Accepted": "idea|requirements|build|-", "Status: Available": "idea|-", "Status: Blocked": None,
        "Status: Completed": "done", "Status: In Progress": "build", "Status: On Hold": None,
        "Status: Pending": "-|idea", "Status: Review Needed": "verify", "Status: Revision Needed": "build|verify",
        "Status: Wontfix": "cancelled", "Type: Bug": None, "Type: Maintenance": None, "Type: Enhancement": None,
        "Type: Question": None, "Type: Docs": None,
    },
    # https://github.com/adonisjs/logger/labels
    "AdonisJS": {
        "Status: Awaiting More Information": "-|idea|requirements", "Status: Need Contributors": "-|idea",
        "Type: Security": None,
    },
    # https://gitlab.com/gitlab-org/container-registry/-/labels?page=174
    "GitLab's product development flow": {
        "workflow::validation backlog": "idea|research",
        "workflow::ready for development": "requirements|design|idea|build",
        "workflow::in dev": "build", "workflow::in review": "verify|build", "workflow::verification": "verify",
        "workflow::refinement": "requirements|research", "workflow::blocked": None, "frontend": None,
        "golang": None,
    },
    # https://github.com/kubernetes-csi/external-snapshot-metadata/labels?page=2 and kubernetes/website
    "Kubernetes": {
        "kind/bug": None, "kind/cleanup": None, "kind/failing-test": None, "kind/regression": None,
        "lifecycle/active": "build|-", "lifecycle/frozen": None, "lifecycle/stale": None, "lifecycle/rotten": None,
        "priority/awaiting-more-evidence": None, "priority/critical-urgent": None, "needs-triage": "idea|-",
        "triage/accepted": "idea|requirements|-", "triage/needs-information": "-|idea",
        "triage/not-reproducible": "-|cancelled", "triage/duplicate": "-|cancelled", "sig/docs": None,
        "sig/cluster-lifecycle": None, "area/release-eng": None,
    },
    # https://github.com/zcash/librustzcash/labels?page=2, after rust-lang/rust
    "S- labels of Rust projects": {
        "S-committed": "requirements|idea|build|-", "S-in-progress": "build", "S-waiting-on-review": "verify",
        "S-blocked": None, "A-docs": None, "C-bug": None,
    },
    # https://gist.github.com/YmerejRedienhcs/6ceba65d1cfb970bb57413669824b893
    "numbered": {"0 - New": "idea", "1 - In Progress": "build", "2 - Resolved": "done|verify"},
    # https://gist.github.com/Berkmann18/f0fd1ac3e5ee9bc90bae86b122381140
    "with emoji": {
        "Status: In Progress :gear:": "build", "Status: In Review 🕵": "verify", "🚧 In Progress": "build",
        "Status: Left Out :left_luggage:": "-|cancelled",
    },
    # https://github.com/QuantEcon/lectures/labels
    "QuantEcon": {"in-work": "build", "ready": "-|idea|requirements|verify|build", "editor": None, "maintenance": None},
    "our own": {
        "stage: idea": "idea", "stage: research": "research", "stage: requirements": "requirements",
        "stage: design": "design", "stage: prototype": "prototype", "stage: build": "build", "stage: verify": "verify",
        "stage: release": "release", "stage: distribute": "distribute", "stage: launch": "launch",
        "stage: support": "support", "stage: done": "done", "stage: cancelled": "cancelled",
    },
}  # fmt: skip


def labels() -> Iterator[object]:
    for title, rows in SETS.items():
        for label, right in rows.items():
            yield pytest.param(title, label, right or "-", id=f"{title}: {label}")


@pytest.mark.parametrize(("title", "label", "right"), list(labels()))
def test_a_label_of_a_usual_set(words: Lexicon, title: str, label: str, right: str) -> None:
    shown = [Sighting("labels", each) for each in SETS[title]]
    found = {line.value: line for line in propose(process("delivery"), LABELS, shown, words).lines}
    assert (found[label].stage or "-") in right.split("|"), found[label]

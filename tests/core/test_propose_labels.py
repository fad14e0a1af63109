"""The stage proposed for labels: by their families, and alone only where all of a name is a stage word."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

import pytest
from world import GITHUB, JIRA

from trackersync.config import process
from trackersync.config.lexicon import lexicon
from trackersync.core.propose import Sighting, propose

DELIVERY, KANBAN = process("delivery"), process("kanban")
SILENT = "says nothing of a stage"


def told(preset: str, *labels: str) -> dict[str, str]:
    lines = propose(process(preset), GITHUB, [Sighting("labels", one) for one in labels], lexicon()).lines
    return {line.value: f"{line.stage}{'' if line.sure else ' ?'}" for line in lines}


def silent(found: dict[str, str]) -> set[str]:
    return {label for label, stage in found.items() if stage == "None"}


def test_githubs_nine_labels_say_nothing_but_what_is_cancelled() -> None:
    nine = ("bug", "documentation", "enhancement", "good first issue", "help wanted", "question")
    assert told("delivery", *nine, "duplicate", "invalid", "wontfix") == {
        **dict.fromkeys(nine, "None"),
        **dict.fromkeys(("duplicate", "invalid", "wontfix"), "cancelled"),
    }


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param(
            ("Status: Abandoned", "Status: Accepted", "Status: Available", "Status: Completed", "Status: In Progress", "Status: Review Needed", "Status: Revision Needed", "Status: Blocked", "Priority: High", "Type: Maintenance"),
            "cancelled, ready, ready, done, in progress, review, in progress, None ?, None, None",
            id="status: of Dave Lunny's set",
        ),
        pytest.param(
            ("triage/accepted", "triage/duplicate", "triage/not-reproducible", "lifecycle/active", "lifecycle/stale", "kind/design", "area/release-eng", "priority/backlog", "needs-triage", "do-not-merge/work-in-progress", "approved", "lgtm"),
            "ready, cancelled, cancelled, in progress, None ?, None, None, None, backlog, None, None, None",
            id="Kubernetes",
        ),
        pytest.param(
            ("S-waiting-on-review", "S-waiting-on-author", "S-blocked", "A-testing", "T-release", "E-help-wanted", "C-feature-request", "needs-triage"),
            "review, None ?, None ?, None, None, None, None, backlog",
            id="Rust",
        ),
        pytest.param(
            ("workflow::ready for development", "workflow::in dev", "workflow::in review", "workflow::blocked", "workflow::complete", "type::bug", "group::ide", "Doing"),
            "ready, in progress, review, None ?, done, None, None, in progress",
            id="GitLab",
        ),
        pytest.param(
            ("*duplicate", "*as-designed", "*not-reproducible", "info-needed", "verified", "verification-needed", "backlog", "confirmed", "release-notes", "upstream"),
            "cancelled, cancelled, cancelled, None, None, review, backlog, None, None, None",
            id="VS Code",
        ),
        pytest.param(
            ("🚧 In Progress", "👀 needs review", "✅ Done", "🐛 bug", ":sparkles: feature", "status: 🔍 ready for review"),
            "in progress, review, done, None, None, review",
            id="emoji",
        ),
        pytest.param(
            ("[status] testing", "state=doing", "S-review", "stage - build", "state/QA ✔", "Zustand: In Arbeit"),
            "review, in progress, review, in progress, review, in progress",
            id="however a family is written",
        ),
        pytest.param(
            ("squad: todo", "squad: doing", "squad: reviewing", "crew/todo", "crew/doing", "crew/a", "crew/b", "crew/c"),
            "ready, in progress, review, None, None, None, None, None",
            id="a family nobody knows, known by its members: of one all are a workflow's, of the other few",
        ),
        pytest.param(
            ("resolution: wontfix", "closed: duplicate", "type: duplicate", "type: done"),
            "cancelled, cancelled, cancelled, None",
            id="what will not be done, in whatever family",
        ),
    ],
)  # fmt: skip
def test_usual_sets(labels: tuple[str, ...], expected: str) -> None:
    assert ", ".join(told("kanban", "backlog", *labels)[label] for label in labels) == expected


AREAS = (
    *("design", "documentation", "release", "support", "research", "tests", "build", "deployment", "ci", "ux", "idea"),
    *("discussion", "under discussion", "draft", "deprecated", "broken", "staging", "active", "テスト", "Entwicklung"),
)


def test_words_that_are_areas_as_often_say_nothing_alone() -> None:
    assert silent(told("delivery", *AREAS)) == set(AREAS)


def test_among_labels_of_a_workflow_they_are_stages_that_the_process_has_as_a_guess() -> None:
    workflow = ("ready", "in progress", "review", "done")
    assert told("delivery", *workflow, "design", "support", "frontend") == {
        "ready": "idea",
        "in progress": "build",
        "review": "verify",
        "done": "done",
        "design": "design ?",
        "support": "support ?",
        "frontend": "None",
    }
    assert told("kanban", *workflow, "design", "testing")["design"] == "None"


@pytest.mark.parametrize(
    ("label", "expected", "because"),
    [
        pytest.param("blocked", "None", f"{SILENT}: it waits, wherever it is", id="blocked stands beside a stage"),
        pytest.param("reopened", "None", SILENT, id="so does reopened"),
        pytest.param("needs review", "review", "its name", id="a whole name"),
        pytest.param("needs: review", "review", "its name", id="a colon inside a whole name"),
        pytest.param("needs review from docs squad", "None", SILENT, id="a word is left over"),
        pytest.param("in arbeit", "in progress", "its name, in German", id="another language"),
        pytest.param("in progess", "in progress", "its name", id="a slip that is well known"),
        pytest.param("in develompent", "None", SILENT, id="other slips are not looked for"),
        pytest.param("released", "done ?", "its name", id="released: a guess"),
        pytest.param("api-review", "None", SILENT, id="part of a name"),
        pytest.param("priority: high", "None", SILENT, id="a family that says something else"),
        pytest.param("   ", "None", "it is empty", id="an empty one"),
        pytest.param("a" * 300, "None", SILENT, id="an endless one"),
        pytest.param("\u202ereview\u202c", "review", "its name", id="marks of direction do not count"),
    ],
)
def test_a_label_alone(label: str, expected: str, because: str) -> None:
    line = propose(KANBAN, GITHUB, [Sighting("labels", label)], lexicon()).lines[0]
    assert (f"{line.stage}{'' if line.sure else ' ?'}", line.because) == (expected, because)


def test_every_stage_by_its_own_label() -> None:
    labels = {f"stage: {stage.key}": stage.key for stage in DELIVERY.stages}
    assert told("delivery", *labels) == labels


def test_where_the_status_tells_the_stage_labels_do_not() -> None:
    given = [Sighting("statuses", "In Progress", "started"), Sighting("labels", "in review")]
    lines = propose(KANBAN, JIRA_WITH_LABELS, given, lexicon()).lines
    assert [(line.stage, line.because) for line in lines] == [
        ("in progress", "its name"),
        (None, "the status tells the stage"),
    ]


JIRA_WITH_LABELS = JIRA.__class__(
    matchers=(*JIRA.matchers, *GITHUB.matchers[:1]), follows=JIRA.follows, routed=JIRA.routed
)

"""The file that `init` writes: whatever trackers call their values, it is read back as what was proposed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from trackersync.cli.aiming import Aim
from trackersync.cli.composing import text_of
from trackersync.cli.credentials import Credential
from trackersync.cli.drafting import Draft, Ground
from trackersync.config import load
from trackersync.config.document import read
from trackersync.config.writing import Part, Section, Variable, comment, configuration_text, plain_scalar, scalar
from trackersync.connector import Probe
from trackersync.core.propose import Line, Proposal
from trackersync.pipeline.surveying import Looked, Surveyed
from trackersync.registry import discover, rules

if TYPE_CHECKING:
    from trackersync.registry import Registry

NOW = datetime(2026, 3, 5, 10, 15, tzinfo=UTC)
ENVIRON = {"GITHUB_TOKEN": "ghp_sesame0123456789", "JIRA_TOKEN": "ATATTsesame9876543210"}
PLACES = {"github": ("labels",), "jira": ("statuses", "resolutions")}
PARTS = {
    "github": {"connector": "github", "url": "https://api.github.com", "repositories": ["acme/shop"]},
    "jira": {
        "connector": "jira",
        "url": "https://acme.atlassian.net",
        "projects": ["SHOP"],
        "email": "bot@acme.example",
    },
}
HOSTILE = (
    "stage: idea", "a, b", "[x]", "{x: y}", "#1", "x # y", "!important", "&a", "*a", "- x", "? x", "| x", "> x", "%x",
    "@x", "`x`", "yes", "No", "on", "null", "~", "1", "1.10", "0x1f", "1e3", "2026-03-05", "12:30", "it's", '"quoted"',
    "'quoted'", "back\\slash", "${GITHUB_TOKEN}", "$${x}", "${", "<<", "=", "🚧 In Progress", "レビュー中", "À valider",
    "e\u0301", "\ufeffbom", "zero\u200bwidth", "line\nbreak", "tab\there", "nel\x85", "sep\u2028arator", "\x00",
    " blank ", "x" * 300, "word " * 40, ":", "a: ", "a :b", "http://x/y#z", "!!str x", "---", "...", "\\n",
)  # fmt: skip


@pytest.fixture(scope="module")
def registry(connectors_declared: None) -> Registry:
    """The connectors there are."""
    return discover()


def drafted(registry: Registry, folder: Path, delivery: str, tracker: str, lines: list[Line]) -> Draft:
    """A draft of one tracker that shows these values, and no issues."""
    token = Credential(SecretStr(ENVIRON[f"{tracker.upper()}_TOKEN"]), f"{tracker.upper()}_TOKEN")
    part = {**PARTS[tracker], "token": token.token, "writes": []}
    aim = Aim({tracker: part}, {}, {tracker: token})
    ground = Ground(delivery, aim, folder, "sqlite://", registry, rules())
    known = {tracker: Surveyed(Probe("bot", ()), None)}
    return Draft(ground, known, looked={tracker: Looked((), Proposal(tuple(lines)))})


def rules_of(text: str, registry: Registry, folder: Path) -> dict[str, object]:
    """What a file means by its stages."""
    (folder / "x.yaml").write_text(text, encoding="utf-8", newline="\n")
    found = load(folder / "x.yaml", registry=registry, folder=folder, environ=ENVIRON)
    return dict(found.rules)


STAGES = {
    "kanban": ("backlog", "ready", "in progress", "review", "done", "cancelled"),
    "delivery": ("idea", "build", "verify", "support", "done", "cancelled"),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_the_proposal_the_file_means_it(registry: Registry, tmp_path: Path, data: st.DataObject) -> None:
    """The file loads without a fault, and its rules are those of the proposal, value by value."""
    tracker = data.draw(st.sampled_from(sorted(PLACES)))
    delivery = data.draw(st.sampled_from(sorted(STAGES)))
    stage = st.sampled_from((*STAGES[delivery], None))
    value = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=12))
    line = st.builds(
        Line,
        place=st.sampled_from(PLACES[tracker]),
        value=value,
        stage=stage,
        because=value,
        sure=st.booleans(),
        open=st.integers(0, 3),
        all=st.integers(0, 3),
        others=st.just(("ready", "#")),
    )
    lines = data.draw(st.lists(line, max_size=8, unique_by=lambda one: (one.place, one.value.casefold())))
    draft = drafted(registry, tmp_path, delivery, tracker, lines)
    text = text_of(draft, NOW, schema=data.draw(st.booleans()))
    assert rules_of(text, registry, tmp_path) == dict(draft.configuration.rules)
    claimed = {
        (rule.stage, word) for rule in draft.configuration.rules[tracker] for word in rule.when.get(_main(tracker), ())
    }
    for one in lines:
        if one.place in {"labels", "statuses"} and one.stage is not None and one.value.strip():
            assert (one.stage, one.value) in claimed, text


def _main(tracker: str) -> str:
    return {"github": "labels", "jira": "status"}[tracker]


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_a_hostile_value_is_read_back(value: str) -> None:
    found = read(f"a: {plain_scalar(value)}\nb: [{scalar(value)}, {{c: {scalar(value)}}}]\n", "x", {})
    assert found.faults == ()
    assert found.value == {"a": value, "b": [value, {"c": value}]}


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_a_comment_ends_nothing(value: str) -> None:
    """Whatever a tracker calls something, what is said of it stays a comment."""
    part = Part(
        "x", {"connector": "y"}, {}, said={"connector": value, "stages": value}, remarks=[value, f"{value} {value}"]
    )
    text = configuration_text(
        "kanban", [part], head=[value], said=value, sections=[Section("s", {"k": {"v": 1}}, [value])]
    )
    found = read(text, "x", {})
    assert (found.faults, found.value) == (
        (),
        {"delivery": "kanban", "trackers": {"x": {"connector": "y"}}, "s": {"k": {"v": 1}}},
    )


def test_what_fits_stands_on_a_line_and_what_does_not_is_folded() -> None:
    many = [f"status number {number}" for number in range(12)]
    part = Part(
        "jira",
        {"connector": "jira", "token": Variable("JIRA_TOKEN")},
        {
            "build": [{"statuses": ["In Progress"]}],
            "done": [{"statuses": many}, {"statuses": ["X"], "state": "closed"}],
        },
        counted={"build": "12 issues"},
        guessed={"build": ["guess: In Progress"]},
    )
    lines = configuration_text("kanban", [part]).splitlines()
    assert lines[lines.index("      # guess: In Progress") + 1] == "      build: {statuses: [In Progress]}  # 12 issues"
    assert "    token: ${JIRA_TOKEN}" in lines
    assert "          state: closed" in lines
    assert max(map(len, lines)) <= 100
    assert comment("word " * 40, 4)[1].startswith("    # word")


def test_a_guess_at_what_nobody_sees_is_spelt_out(registry: Registry, tmp_path: Path) -> None:
    lines = [
        Line("statuses", "\u200b", "ready", "between", sure=False),
        Line("statuses", "\u2060", None, "between", sure=False),
    ]
    text = text_of(drafted(registry, tmp_path, "kanban", "jira", lines), NOW, schema=False)
    assert r"# guess: \u200b (between" in text
    assert r"told of: \u2060" in text


def test_the_written_word_of_a_stage_is_its_own(registry: Registry, tmp_path: Path) -> None:
    """A label that only a person's choice makes a stage's comes after the stage's own, however many issues show it."""
    lines = [
        Line("labels", "bug", None, "says nothing", sure=True, open=90, all=90),
        Line("labels", "ready", "ready", "its name", sure=True, open=1, all=1),
    ]
    draft = drafted(registry, tmp_path, "kanban", "github", lines).given("github", "labels", "BUG", "ready")
    assert draft.stages("github") == {"ready": [{"labels": ["ready", "bug"]}]}
    nothing = replace(draft.looked["github"].proposal.lines[0], stage=None)
    assert draft.given("github", "labels", "bug", None).looked["github"].proposal.lines[0].stage == nothing.stage

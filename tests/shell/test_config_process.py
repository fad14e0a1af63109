"""The delivery process as a file: the shipped ones, and what is said of a team's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from config_samples import pointed, written

from trackersync.config import presets, process
from trackersync.core.process import Phase, Process, Stage
from trackersync.errors import ConfigError

TRAITS = (
    "focus", "main activities", "stakeholders", "timeframe", "objective", "resources", "risks", "success metrics",
    "feedback loop", "documentation", "tools", "change management", "training",
)  # fmt: skip
DELIVERY = {
    # stage: (phase, category, roles, outcome); the table of the design, section 4
    "idea": ("development", "backlog", ("product manager",), "a need written down, with whom it serves"),
    "research": ("development", "started", ("product manager",), "customer needs and market opportunity analysed"),
    "requirements": ("development", "started", ("product manager",),
                     "requirements, features and specifications agreed"),
    "design": ("development", "started", ("designer", "engineer"),
               "architecture, user experience and function designed and reviewed"),
    "prototype": ("development", "started", ("designer", "engineer"), "a prototype evaluated with users"),
    "build": ("development", "started", ("engineer",), "code written, tested and its defects fixed, in iterations"),
    "verify": ("development", "started", ("QA tester", "engineer"),
               "quality standards, regulation and performance benchmarks met"),
    "release": ("deployment", "started", ("operations", "engineer"),
                "produced or packaged at scale, quality-controlled"),
    "distribute": ("deployment", "started", ("operations", "IT support"),
                   "delivered through its channels to the target market or environments"),
    "launch": ("deployment", "started", ("marketing", "sales"), "campaign run; sales and users trained"),
    "support": ("deployment", "started", ("customer support", "IT support"),
                "inquiries handled, product monitored, feedback collected"),
    "done": ("", "done", (), "the task reached its end user"),
    "cancelled": ("", "cancelled", (), "will not be done; the reason is recorded"),
}  # fmt: skip


def test_the_delivery_process_is_the_designs() -> None:
    found = process("delivery")
    shown = {one.key: (one.phase, one.category, one.roles, one.outcome) for one in found.stages}
    assert list(shown.items()) == list(DELIVERY.items())
    assert [phase.key for phase in found.phases] == ["development", "deployment"]
    assert all(tuple(phase.traits) == TRAITS for phase in found.phases)


@pytest.mark.parametrize("name", presets())
def test_every_shipped_process_is_whole(name: str) -> None:
    found = process(name)
    assert found.name == name
    assert all(stage.method and stage.outcome for stage in found.stages)
    assert all(stage.expected for stage in found.stages if stage.category == "started")
    assert not any(stage.expected for stage in found.stages if stage.finished)
    assert [stage.category for stage in found.stages][-2:] == ["done", "cancelled"]


def test_what_ships() -> None:
    assert presets() == ("delivery", "kanban", "scrum")
    assert list(process("kanban").order) == ["backlog", "ready", "in progress", "review", "done", "cancelled"]


def test_a_process_of_the_teams_own(tmp_path: Path) -> None:
    text = (
        "name: ours\n"
        "phases: {make: {name: Making, focus: to make}}\n"
        "stages:\n"
        "  to do: {category: backlog}\n"
        "  doing: {name: At work, phase: make, category: started, roles: maker, expected: 2 w, method: work}\n"
        "  done: {category: done, outcome: there}\n"
    )
    written(tmp_path, text, "own/process.yml")
    assert process("own/process.yml", tmp_path) == Process(
        "ours",
        (
            Stage("to do", "To do", "", "backlog", "", "", ()),
            Stage("doing", "At work", "make", "started", "work", "", ("maker",), 14.0),
            Stage("done", "Done", "", "done", "", "there", ()),
        ),
        (Phase("make", "Making", {"focus": "to make"}),),
    )


def test_a_file_without_a_name_is_called_by_its_files(tmp_path: Path) -> None:
    written(tmp_path, "stages: {a: {category: started}, b: {category: done}}", "flow.yaml")
    assert process("flow.yaml", tmp_path).name == "flow"
    assert process(str(tmp_path / "flow.yaml")).name == "flow"


OWN = """\
phases: {p: {}}
stages:
  a: {category: backlog, phase: p}
  b: {category: started, roles: [r], expected: 3 d}
  done: {category: done}
"""
MISTAKES = {
    "no stages": ("«phases»: {}\n", "", '"stages" is missing', "add stages: …"),
    "no stage": ("stages: «{}»\n", "stages", "this must not be empty", ""),
    "a stage without a category": (
        OWN.replace("b: {category: started, roles: [r], expected: 3 d}", "«b»: {roles: [r]}"),
        "stages.b", '"category" is missing', "add category: …",
    ),
    "an unknown category": (
        OWN.replace("started", "«startd»"), "stages.b.category", 'unknown word "startd"', 'did you mean "started"?',
    ),
    "an unknown key": (
        OWN.replace("roles", "«rolls»"), "stages.b", 'unknown key "rolls"', 'did you mean "roles"?',
    ),
    "an unknown phase": (
        OWN.replace("phase: p", "phase: «q»"), "stages.a.phase", 'there is no phase "q"', "phases: p",
    ),
    "no end": (
        OWN.replace("  done: {category: done}\n", "").replace("stages", "«stages»"),
        "stages", "no stage has category done", "add done: {category: done}",
    ),
    "a finished beginning": (
        OWN.replace("  a: {category: backlog, phase: p}\n  b: {category: started, roles: [r], expected: 3 d}\n", "")
        .replace("done: {", "«done»: {"),
        "stages", "the first stage is finished, but new tasks start there", "put it last",
    ),
    "open after finished": (
        OWN + "  «late»: {category: started}\n", "stages", "an open stage after a finished one", 'put "late" before it',
    ),
    "a duration of nothing": (
        OWN.replace("3 d", "«0»"), "stages.b.expected", "this must be more than 0", "",
    ),
    "a duration in months": (
        OWN.replace("3 d", "«1 month»"), "stages.b.expected", "a duration is needed here", "write 10 d or 2 w",
    ),
    "a stage twice": (
        OWN + "  «b»: {category: started}\n", "stages", '"b" stands here twice', "keep one; the first is on line 4",
    ),
    "a trait that is no text": (
        OWN.replace("p: {}", "p: {focus: «[a]»}"), "phases.p.focus", "text is needed here",
        "write one word, without brackets and without lines below it",
    ),
    "a list": ("«- a»\n", "", "a process file is a mapping with `stages`", "write stages: …"),
    "nothing": ("«»", "", "a process file is a mapping with `stages`", "write stages: …"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "where", "message", "hint"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_process(tmp_path: Path, text: str, where: str, message: str, hint: str) -> None:
    text, line, column, _ = pointed(text)
    written(tmp_path, text, "own.yaml")
    with pytest.raises(ConfigError) as caught:
        process("own.yaml", tmp_path)
    found = [(one.file, one.line, one.column, one.where, one.message, one.hint) for one in caught.value.problems]
    assert found == [("own.yaml", line, column, where, message, hint)]


def test_several_mistakes_in_a_process(tmp_path: Path) -> None:
    written(tmp_path, OWN.replace("backlog", "x").replace("3 d", "y"), "own.yaml")
    with pytest.raises(ConfigError, match=r"own\.yaml has 2 problems") as caught:
        process("own.yaml", tmp_path)
    assert len(caught.value.problems) == 2


def test_an_unknown_process_names_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        process("kaban")
    assert str(caught.value) == 'there is no delivery process "kaban"'
    assert caught.value.next_step.startswith('did you mean "kanban"?')

"""`trackersync stages`: nothing is lost at 80 columns, nothing is wider than 100, JSON says the same."""

from __future__ import annotations

import json
import re

import pytest
from rich.console import Console

from trackersync.config import presets, process
from trackersync.core.process import Phase, Process, Stage
from trackersync.errors import ConfigError
from trackersync.report.stages import stages_json, stages_text

WHOLE = [(preset, None) for preset in presets()]
PARTS = [("delivery", "build"), ("delivery", "idea"), ("delivery", "deployment"), ("kanban", "in progress")]


def printed(found: Process, name: str | None, width: int) -> list[str]:
    console = Console(width=width, force_terminal=False, color_system=None)
    with console.capture() as capture:
        console.print(stages_text(found, name))
    return [line.rstrip() for line in capture.get().splitlines()]


def words(text: str) -> list[str]:
    return sorted(re.findall(r"[\w&]+", text))


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize(("preset", "name"), [*WHOLE, *PARTS])
def test_no_word_is_lost_and_no_line_is_wider(preset: str, name: str | None, width: int) -> None:
    found = process(preset)
    lines = printed(found, name, width)
    assert max(map(len, lines)) <= min(width, 100)
    assert words("\n".join(lines)) == words("\n".join(printed(found, name, 1000)))


def test_the_whole_process_shows_every_stage_with_its_words() -> None:
    found = process("delivery")
    text = " ".join("\n".join(printed(found, None, 1000)).split())
    for stage in found.stages:
        assert f"{stage.key} {stage.category}" in text
        assert all(word in words(text) for word in words(" ".join((stage.outcome, *stage.roles))))
    assert text.startswith("delivery 13 stages in 2 phases: development, deployment")


def test_the_first_lines_at_80_columns() -> None:
    assert printed(process("delivery"), None, 80)[:7] == [
        "delivery    13 stages in 2 phases: development, deployment",
        "",
        "stage           category   roles               days  outcome",
        "development",
        "  idea          backlog    product manager       30  a need written down, with",
        "                                                     whom it serves",
        "  research      started    product manager       10  customer needs and market",
    ]


def test_one_stage() -> None:
    assert printed(process("delivery"), "Build", 100) == [
        "build    stage 6 of 13 of `delivery`",
        "",
        "phase      development",
        "category   started",
        "roles      engineer",
        "method     Write code and its tests in small reviewed steps; integrate daily; fix defects",
        "           as they are found.",
        "outcome    code written, tested and its defects fixed, in iterations",
        "expected   10 d",
        "before it  prototype",
        "after it   verify",
    ]


def test_the_last_stages_have_nothing_after_them() -> None:
    assert printed(process("delivery"), "done", 100)[-1] == "after it   ·"
    assert printed(process("delivery"), "idea", 100)[-2] == "before it  ·"


def test_a_phase_stands_beside_the_other_trait_by_trait() -> None:
    found = process("delivery")
    lines = printed(found, "deployment", 100)
    assert lines[0] == "deployment    phase 2 of 2 of `delivery`, beside development"
    assert lines[2].split() == ["deployment", "development"]
    starts = [line for line in lines[3:] if line and not line.startswith(" ")]
    assert [re.split(r"\s{2,}", line)[0] for line in starts] == [*found.phases[1].traits, "stages"]


def test_a_process_without_phases_and_words(capsys: pytest.CaptureFixture[str]) -> None:
    bare = Process(
        "bare", (Stage("a [b]", "A", "", "started", "", "", ()), Stage("done", "Done", "", "done", "", "", ()))
    )
    assert printed(bare, None, 80)[2:] == [
        "stage  category  roles  days  outcome",
        "a [b]  started   ·         ·  ·",
        "done   done      ·         ·  ·",
    ]
    assert capsys.readouterr().out == ""


def test_many_phases_are_not_squeezed_together() -> None:
    stages = (Stage("a", "A", "p1", "started", "", "", ()), Stage("done", "Done", "", "done", "", "", ()))
    found = Process("many", stages, tuple(Phase(f"p{n}", f"P{n}", {"focus": f"focus{n}"}) for n in range(1, 6)))
    text = "\n".join(printed(found, "P1", 80))
    assert "focus1" in text
    assert "focus2" not in text


def test_a_name_that_says_more_than_the_key_is_shown() -> None:
    stages = (Stage("qa", "Quality gate", "", "started", "", "", ()), Stage("done", "Done", "", "done", "", "", ()))
    assert printed(Process("p", stages), "quality GATE", 80)[0] == "qa (Quality gate)    stage 1 of 2 of `p`"


def test_an_unknown_name_has_the_nearest() -> None:
    for show in (stages_text, stages_json):
        with pytest.raises(ConfigError) as caught:
            show(process("delivery"), "biuld")
        assert str(caught.value) == '`delivery` has no stage and no phase "biuld"'
        assert caught.value.next_step == 'did you mean "build"?'


def test_json_says_the_same() -> None:
    found = process("delivery")
    whole = json.loads(json.dumps(stages_json(found)))
    assert [one["key"] for one in whole["stages"]] == list(found.order)
    assert whole["stages"][5] == stages_json(found, "build") == {
        "key": "build",
        "name": "Build",
        "phase": "development",
        "category": "started",
        "roles": ["engineer"],
        "method": found.stage("build").method,
        "outcome": "code written, tested and its defects fixed, in iterations",
        "expected_days": 10.0,
    }  # fmt: skip
    assert whole["phases"][1] == stages_json(found, "deployment")
    assert whole["phases"][1]["stages"] == ["release", "distribute", "launch", "support"]
    assert len(whole["phases"][1]["traits"]) == 13

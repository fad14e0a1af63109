"""Annotations: the ten of each kind that matter, and no title that commands the runner."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from reported import NOON, compared, finding, hostile_checks, outcome, seen

from trackersync.core.checked import Baseline, Checked
from trackersync.core.diagnose import Finding
from trackersync.core.model import Severity
from trackersync.report.annotations import MOST, check_annotations

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
LINE = re.compile(r"::(error|warning|notice) (?:file=[^:,\n]*,line=1,)?title=[^:,\n]*::[^\r\n]*")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("::set-output name=a::b", "no-owner%3A %3A%3Aset-output name=a%3A%3Ab", id="a command"),
        pytest.param("a%0A::error::b", "no-owner%3A a%250A%3A%3Aerror%3A%3Ab", id="an escaped end of line"),
        pytest.param("a\n::error::b", "no-owner%3A a %3A%3Aerror%3A%3Ab", id="an end of line"),
        pytest.param("a\u2028b\u202ec", "no-owner%3A a b c", id="other ends of line, and letters turned round"),
        pytest.param("a,file=x", "no-owner%3A a%2Cfile=x", id="another property"),
    ],
)
def test_a_hostile_key_commands_nothing(title: str, expected: str) -> None:
    (line,) = check_annotations(outcome(), compared(finding("no-owner", ERROR, seen(title))))
    assert line.startswith(f"::error title={expected}::")


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_checks())
def test_every_line_is_one_command_whatever_stands_in_it(checked: Checked) -> None:
    for line in check_annotations(outcome(), checked, ".github/trackersync.yaml"):
        assert LINE.fullmatch(line), line
        assert line.isprintable()
        assert len(line) < 4000


def many(severity: Severity, number: int) -> list[Finding]:
    return [finding("no-owner", severity, seen(f"SHOP-{n}"), task=f"{severity}{n}") for n in range(number)]


def test_ten_of_each_kind_new_ones_first_and_the_rest_is_counted() -> None:
    errors, warnings = many(ERROR, 14), many(WARNING, 3)
    lines = check_annotations(outcome(), compared(*errors, *warnings, new=(errors[12], warnings[2])))

    assert [line.partition(" ")[0] for line in lines[:-1]] == ["::error"] * MOST + ["::warning"] * 3
    assert "title=no-owner%3A SHOP-12 (new)::" in lines[0]
    assert "title=no-owner%3A SHOP-2 (new)::" in lines[MOST]
    assert lines[-1] == "4 errors more: trackersync check --all"


def test_the_first_check_marks_nothing_as_new() -> None:
    one = finding()
    assert "(new)" not in check_annotations(outcome(), Checked((one,), frozenset({one})))[0]


def test_what_a_baseline_knows_is_left_out() -> None:
    old, new = many(ERROR, 2)
    checked = Checked((old, new), since=NOON, baseline=Baseline("b.json", frozenset({old}), ()))
    assert ["SHOP-1" in line for line in check_annotations(outcome(), checked)] == [True]


def test_a_note_is_a_notice_pinned_to_the_configuration() -> None:
    (line,) = check_annotations(outcome(), compared(*many(NOTE, 1)), ".github/trackersync.yaml")
    assert line.startswith("::notice file=.github/trackersync.yaml,line=1,title=no-owner%3A SHOP-0::")

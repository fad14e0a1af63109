"""Stages that evidence tells: what it outranks, when it is silent; and closed is closed unless a rule says more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import DELIVERY, GITHUB, labelled, rule

from trackersync.core.mapping import StageRule
from trackersync.core.model import Facts, Matcher
from trackersync.core.stages import StageMap

EVIDENT = replace(
    GITHUB,
    matchers=(
        *GITHUB.matchers,
        Matcher("pulls", "pulls", shared=True, optional=True, evidence=True),
        Matcher("released", "released", optional=True, evidence=True),
    ),
)
LABELS = labelled("idea", "build", "verify")
PULLS = (rule("build", pulls="open"), rule("verify", pulls="merged"))
OPEN = (*LABELS, *PULLS, rule("release", released="published"))
CLOSED = (*LABELS, *PULLS, rule("release", state="closed", released="published"))
ORDER = ("released", "pulls", "labels")


def shown(label: str = "idea", pulls: tuple[str, ...] = (), released: str = "", state: str = "open") -> Facts:
    return {
        "labels": (f"stage: {label}",),
        "state": (state,),
        "reason": ("completed",) if state == "closed" else (),
        "pulls": pulls,
        "released": (released,) if released else (),
        "parent": ("acme/shop#1",),
        "progress": ("1/3",),
    }


@pytest.mark.parametrize(
    ("rules", "facts", "stages"),
    [
        pytest.param(OPEN, shown(), ("idea",), id="no evidence"),
        pytest.param(OPEN, shown(pulls=("open",)), ("build",), id="an open pull request"),
        pytest.param(OPEN, shown(pulls=("closed",)), ("idea",), id="one that no rule speaks of"),
        pytest.param(OPEN, shown(pulls=("open", "closed")), ("build",), id="among others"),
        pytest.param(OPEN, shown(pulls=("merged",), released="draft"), ("verify",), id="a draft is no release"),
        pytest.param(OPEN, shown(pulls=("merged",), released="published"), ("release",), id="a release outranks"),
        pytest.param(OPEN, shown(released="published", state="closed"), ("done",), id="closed is done"),
        pytest.param(OPEN, shown(pulls=("open",), state="closed"), ("done",), id="whatever was opened since"),
        pytest.param(CLOSED, shown(released="published"), ("idea",), id="a rule that wants it closed"),
        pytest.param(CLOSED, shown(released="published", state="closed"), ("release",), id="and finds it so"),
        pytest.param(CLOSED, shown(state="closed"), ("done",), id="or not released yet"),
    ],
)
def test_the_stage_that_is_read(rules: tuple[StageRule, ...], facts: Facts, stages: tuple[str, ...]) -> None:
    assert StageMap("github", DELIVERY, EVIDENT, rules, ORDER).read(facts).stages[:1] == stages


def test_people_are_told_what_kind_of_word_it_is() -> None:
    stages = StageMap("github", DELIVERY, EVIDENT, OPEN, ORDER)
    assert stages.read(shown(pulls=("open",))).says == "stage: idea + pulls open"
    assert stages.read(shown(released="published", state="closed")).says == "closed, completed, released published"


def test_what_no_rule_uses_is_no_part_of_what_an_item_says() -> None:
    stages = StageMap("github", DELIVERY, EVIDENT, LABELS)
    assert stages.native(shown(pulls=("open",), released="published")).keys() == {"labels", "state", "reason"}


def test_evidence_is_never_a_way_to_write_a_stage() -> None:
    stages = StageMap("github", DELIVERY, EVIDENT, OPEN, ORDER)
    for stage in DELIVERY.stages:
        written = {fact for word in stages.words(stage.key) for fact in word}
        assert written.isdisjoint({"pulls", "released"}), f"{stage.key} would be written as {stages.words(stage.key)}"
    assert stages.words("build"), "its label is"

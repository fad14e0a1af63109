"""Rules that speak of some items only: which apply to an item, what they cover there, and what is written."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace

import pytest
from world import DELIVERY, JIRA, MAPS, bases, gh, ji, rule, stage_verdict, terms, told

from trackersync.core.express import express_stage, landed, passing
from trackersync.core.mapping import StageRule
from trackersync.core.merge import Policy
from trackersync.core.merge_stage import merge_stage
from trackersync.core.model import STAGE, Facts, Item, Matcher, Transition, Workflow
from trackersync.core.stages import StageMap
from trackersync.core.terms import meaning

SCOPED = replace(
    JIRA,
    matchers=(
        *JIRA.matchers,
        Matcher("labels", "labels", shared=True, optional=True),
        Matcher("projects", "project", condition=True),
        Matcher("types", "type", condition=True),
    ),
    workflows=("project", "type"),
)
RULES = (
    rule("idea", status="To Do"),
    rule("build", status="In Progress"),
    rule("verify", status="In Progress", labels="in-qa", type="Bug"),
    rule("verify", status="In Review", type=("Story", "Task")),
    rule("design", status="In Review", project="WEB"),
    rule("done", status="Done"),
)


def scoped(*rules: StageRule) -> StageMap:
    return StageMap("jira", DELIVERY, SCOPED, rules or RULES)


def issue(status: str, kind: str = "Task", *labels: str, project: str = "SHOP") -> Item:
    shown = ji(status)
    return replace(shown, facts={**shown.facts, "type": (kind,), "project": (project,), "labels": labels})


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        pytest.param(issue("In Progress"), "stated: build", id="a rule without conditions speaks of every item"),
        pytest.param(issue("In Progress", "Bug"), "stated: build", id="of bugs too"),
        pytest.param(issue("In Progress", "Bug", "in-qa"), "stated: verify", id="a rule of bugs"),
        pytest.param(issue("In Progress", "bug", "In-QA"), "stated: verify", id="case does not matter"),
        pytest.param(issue("In Progress", "Task", "in-qa"), "stated: build", id="and of nothing else"),
        pytest.param(issue("In Review", "Story"), "stated: verify", id="any of several types"),
        pytest.param(issue("In Review", "Epic"), "unknown: None", id="the status of another type belongs to no stage"),
        pytest.param(issue("In Review", "Epic", project="WEB"), "stated: design", id="the same status in another project"),
        pytest.param(issue("In Review", project="WEB"), "stated: design", id="two conditions are met: both stages"),
        pytest.param(replace(ji("In Review"), facts={"status": ("In Review",)}), "unknown: None", id="an item that shows no type meets no condition"),
    ],
)  # fmt: skip
def test_only_rules_whose_conditions_are_met_are_read(shown: Item, expected: str) -> None:
    reading = scoped().read(shown.facts)
    assert f"{reading.kind}: {reading.first}" == expected


def test_what_a_word_covers_is_told_by_the_rules_that_apply() -> None:
    stages = scoped()
    assert "verify" in stages.read(issue("In Progress", "Epic").facts).stages, "an epic has no word for it"
    assert "verify" not in stages.read(issue("In Progress", "Story").facts).stages, "a story has one"
    assert "verify" in stages.read(issue("In Review", project="WEB").facts).stages


def test_a_stage_is_written_in_the_words_of_the_item() -> None:
    stages = scoped()
    assert stages.at(issue("To Do", "Story").facts).words("verify") == ({"status": ("In Review",)},)
    bug = stages.at(issue("To Do", "Bug").facts)
    assert bug.words("verify") == ({"status": ("In Progress",), "labels": ("in-qa",)},)
    assert bug.words("build") == ({"status": ("In Progress",), "labels": ()},)
    assert stages.at(issue("To Do", "Epic").facts).words("verify") == ({"status": ("In Progress",)},)
    assert stages.words("verify") == stages.at({}).words("verify") == ({"status": ("In Progress",)},)


def test_values_are_ours_where_a_rule_that_applies_names_them() -> None:
    stages = scoped()
    assert stages.mine(issue("To Do", "Bug", "in-qa", "x").facts, "labels") == ("in-qa",)
    assert stages.mine(issue("To Do", "Story", "in-qa", "x").facts, "labels") == (), "of a story it is somebody else's"
    assert stages.own("labels", ("in-qa", "x")) == ("in-qa",)


def test_base_remembers_by_what_it_was_read() -> None:
    shown = issue("In Progress", "Bug", "x")
    native = {"status": ("In Progress",), "resolution": (), "labels": ("x",), "project": ("SHOP",), "type": ("Bug",)}
    assert scoped().native(shown.facts) == native
    assert scoped().at(shown.facts).native(shown.facts) == native
    plain = scoped(rule("build", status="In Progress"))
    assert plain.native(shown.facts) == {"status": ("In Progress",), "resolution": ()}
    assert plain.at(shown.facts) is plain, "without conditions there is one mapping"


FREE = Workflow(
    {one: (Transition("1", "a", "In Progress"), Transition("2", "b", "In Review")) for one in ("To Do", "In Progress")}
)


@pytest.mark.parametrize(
    ("shown", "to", "after"),
    [
        pytest.param(issue("In Progress", "Bug", "x"), "verify", {"labels": ("in-qa",)}, id="a label beside the status"),
        pytest.param(issue("In Progress", "Bug", "in-qa", "x"), "build", {"labels": ()}, id="and off again"),
        pytest.param(issue("To Do", "Bug", "x"), "verify", {"status": ("In Progress",), "labels": ("in-qa",)}, id="both at once"),
        pytest.param(issue("In Progress", "Story", "in-qa"), "verify", {"status": ("In Review",)}, id="what is not ours stays"),
    ],
)  # fmt: skip
def test_conditions_are_expected_and_never_written(shown: Item, to: str, after: Facts) -> None:
    stages = scoped()
    change = express_stage(shown, stages, [to], FREE, "", adoption=False)
    assert not isinstance(change, str), change
    assert change.after == after
    assert (change.before["type"], change.before["project"]) == (shown.facts["type"], ("SHOP",))
    passed = passing(shown, change, stages.native(shown.facts), stages.vocabulary.follows)
    assert {(native["type"], native["project"]) for native in passed} == {(shown.facts["type"], ("SHOP",))}
    ended = {**stages.native(shown.facts), **after}
    assert landed(change, passed, ended, meaning("jira", STAGE, terms(maps={"jira": stages}))) == (ended,)


@pytest.mark.parametrize(
    ("now", "was", "other", "expected"),
    [
        pytest.param(issue("In Progress", "Bug"), issue("In Progress", "Task"), "stage: build", "agreed", id="another type, the same stage: nobody moved it"),
        pytest.param(issue("In Progress", "Bug"), issue("In Progress", "Task"), "stage: idea", "conflict", id="nor does it win over others"),
        pytest.param(issue("In Progress", "Bug", "in-qa"), issue("In Progress", "Task", "in-qa"), "stage: build", "github := verify", id="another stage by its new type is a move"),
    ],
)  # fmt: skip
def test_another_type_is_a_move_only_where_the_stage_is_another(
    now: Item, was: Item, other: str, expected: str
) -> None:
    maps = {**MAPS, "jira": scoped()}
    verdict = told(stage_verdict([gh(other), now], [gh(other), was], maps=maps))
    assert verdict.startswith(expected), verdict


def test_a_base_from_before_there_were_conditions_is_no_move() -> None:
    """Whoever adds a condition to the configuration has not moved every item there is."""
    was = [gh("stage: verify"), ji("In Review")]
    past = bases(STAGE, was)
    assert all("type" not in native for natives in past.values() for native in natives)
    now = [gh("stage: idea"), issue("In Review", "Story")]
    maps = {**MAPS, "jira": scoped()}
    verdict = told(merge_stage(now, maps, past, Policy("changed", "ask"), DELIVERY))
    assert verdict.startswith("jira := idea"), verdict

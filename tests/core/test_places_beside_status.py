"""A stage in labels, components or a field beside a status that every item has: what is read, and what is written."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace

import pytest
from world import DELIVERY, JIRA, MAPS, gh, ji, rule, stage_verdict, told

from trackersync.core.express import express_stage
from trackersync.core.mapping import StageRule
from trackersync.core.model import Facts, Item, Matcher, Transition, Workflow
from trackersync.core.stages import StageMap

PLACED = replace(
    JIRA,
    matchers=(
        *JIRA.matchers,
        Matcher("labels", "labels", shared=True, optional=True),
        Matcher("components", "components", shared=True, optional=True),
        Matcher("field", "field", optional=True),
        Matcher("released", "released", values=("released", "unreleased"), optional=True, evidence=True),
    ),
)
STATUSES = (
    rule("idea", status="To Do"),
    rule("build", status="In Progress"),
    rule("done", status="Done"),
)
WITH = (*STATUSES, rule("verify", status="In Progress", labels="in-qa"))
ALONE = (*STATUSES, rule("verify", labels="in-qa"))
FIRST = ("labels", "status")


def placed(*rules: StageRule, precedence: tuple[str, ...] = ()) -> StageMap:
    return StageMap("jira", DELIVERY, PLACED, rules, precedence)


def issue(status: str, *labels: str, **more: str) -> Item:
    shown = ji(status)
    extra: Facts = {
        "labels": labels,
        "components": (),
        "field": (),
        "released": (),
        **{k: (v,) for k, v in more.items()},
    }
    return replace(shown, facts={**shown.facts, **extra})


@pytest.mark.parametrize(
    ("stages", "shown", "expected"),
    [
        pytest.param(placed(*STATUSES), issue("In Progress", "in-qa"), "stated: build", id="a label nobody maps says nothing"),
        pytest.param(placed(*WITH), issue("In Progress"), "stated: build", id="the status alone"),
        pytest.param(placed(*WITH), issue("In Progress", "x", "IN-QA"), "stated: verify", id="with the label it is surer"),
        pytest.param(placed(*WITH), issue("To Do", "in-qa"), "stated: idea", id="the label without its status says nothing"),
        pytest.param(placed(*WITH), issue("Done", "in-qa"), "stated: done", id="nor where it was left behind"),
        pytest.param(placed(*WITH), issue("Parked", "in-qa"), "unknown: None", id="nor with a status nobody maps"),
        pytest.param(placed(*ALONE), issue("In Progress"), "stated: build", id="a rule of the label alone: without it"),
        pytest.param(placed(*ALONE), issue("In Progress", "in-qa"), "clash: build", id="with it the two disagree"),
        pytest.param(placed(*ALONE, precedence=FIRST), issue("In Progress", "in-qa"), "stated: verify", id="unless the label is believed first"),
        pytest.param(placed(*ALONE, precedence=("status",)), issue("In Progress", "in-qa"), "stated: build", id="or the status"),
        pytest.param(placed(*ALONE), issue("Parked", "in-qa"), "stated: verify", id="beside a status nobody maps it tells"),
        pytest.param(placed(*ALONE), issue("Done", "in-qa"), "stated: done", id="a finished status outranks a label"),
        pytest.param(placed(*ALONE, precedence=FIRST), issue("Done", "in-qa"), "stated: done", id="whatever comes first"),
        pytest.param(placed(*STATUSES, rule("verify", labels=("a", "b")), rule("release", labels="c"), precedence=FIRST), issue("In Progress", "a", "c"), "clash: verify", id="two labels clash"),
        pytest.param(placed(*STATUSES, rule("verify", components="QA"), precedence=("components",)), issue("In Progress", components="qa"), "stated: verify", id="a component"),
        pytest.param(placed(*STATUSES, rule("verify", field="QA"), precedence=("field",)), issue("In Progress", field="QA"), "stated: verify", id="a choice of the field"),
        pytest.param(placed(*STATUSES, rule("verify", field="QA"), precedence=("field",)), issue("In Progress"), "stated: build", id="an empty field leaves it to the status"),
        pytest.param(placed(*STATUSES, rule("support", status="In Progress", released="released")), issue("In Progress", released="released"), "stated: support", id="a version that is released"),
        pytest.param(placed(*STATUSES, rule("support", status="In Progress", released="released")), issue("In Progress", released="unreleased"), "stated: build", id="and one that is not"),
    ],
)  # fmt: skip
def test_what_is_read(stages: StageMap, shown: Item, expected: str) -> None:
    reading = stages.read(shown.facts)
    assert f"{reading.kind}: {reading.first}" == expected


def test_an_unlabelled_team_reads_and_writes_as_before() -> None:
    stages = placed(*STATUSES)
    assert stages.native(issue("To Do", "x").facts) == {"status": ("To Do",), "resolution": ()}
    assert stages.ours == {}
    assert stages.words("build") == ({"status": ("In Progress",)},)
    assert stages.read(issue("To Do", "x").facts).says == "To Do"


@pytest.mark.parametrize(
    ("stages", "shown", "says"),
    [
        (placed(*WITH), issue("In Progress", "in-qa", "x"), "In Progress + in-qa"),
        (placed(*WITH), issue("In Progress", "x"), "In Progress"),
        (placed(*STATUSES, rule("support", released="released")), issue("Done", released="released"), "Done, released"),
    ],
)
def test_what_it_says_in_native_words(stages: StageMap, shown: Item, says: str) -> None:
    assert stages.read(shown.facts).says == says


def test_a_clash_with_the_status_names_both() -> None:
    reading = placed(*ALONE).read(issue("In Progress", "in-qa").facts)
    assert [(value, stages[0]) for value, stages in reading.parts] == [("In Progress", "build"), ("in-qa", "verify")]


FREE = Workflow(
    {
        here: tuple(Transition(to, to, to) for to in ("To Do", "In Progress", "Done"))
        for here in ("To Do", "In Progress", "Done")
    }
)


@pytest.mark.parametrize(
    ("stages", "shown", "to", "after"),
    [
        pytest.param(placed(*WITH), issue("In Progress", "x"), "verify", {"labels": ("in-qa",)}, id="the label on"),
        pytest.param(placed(*WITH), issue("In Progress", "x", "in-qa"), "build", {"labels": ()}, id="the label off, the status as it is"),
        pytest.param(placed(*WITH), issue("To Do", "x"), "verify", {"status": ("In Progress",), "labels": ("in-qa",)}, id="both"),
        pytest.param(placed(*WITH), issue("To Do", "in-qa"), "verify", {"status": ("In Progress",)}, id="what it shows already stays"),
        pytest.param(placed(*WITH), issue("In Progress", "in-qa"), "done", {"status": ("Done",), "labels": ()}, id="done takes our label off"),
        pytest.param(placed(*WITH), issue("Done", "in-qa"), "build", {"status": ("In Progress",), "labels": ()}, id="reopened without a label left behind"),
        pytest.param(placed(*ALONE), issue("In Progress"), "verify", "which has no other word for verify there", id="a label that would clash is not written"),
        pytest.param(placed(*ALONE, precedence=FIRST), issue("In Progress"), "verify", {"labels": ("in-qa",)}, id="one that is believed is"),
        pytest.param(placed(*ALONE, precedence=FIRST), issue("In Progress", "in-qa"), "build", {"labels": ()}, id="and taken off again"),
        pytest.param(placed(*ALONE, precedence=FIRST), issue("Done"), "verify", "which has no other word for verify there", id="a label cannot reopen"),
        pytest.param(placed(*ALONE), issue("Parked"), "verify", {"labels": ("in-qa",)}, id="beside a status nobody maps"),
        pytest.param(placed(*STATUSES, rule("verify", {"status": "In Progress"}, labels="in-qa"), precedence=FIRST), issue("To Do"), "verify", {"labels": ("in-qa",), "status": ("In Progress",)}, id="a status set along"),
        pytest.param(placed(*STATUSES, rule("verify", status="In Progress", components="QA")), issue("In Progress"), "verify", {"components": ("QA",)}, id="a component"),
        pytest.param(placed(*STATUSES, rule("verify", status="In Progress", field="QA")), issue("To Do", field="Dev"), "verify", {"status": ("In Progress",), "field": ("QA",)}, id="a choice"),
        pytest.param(placed(*STATUSES, rule("support", status="In Progress", released="released")), issue("To Do"), "support", {"status": ("In Progress",)}, id="of what evidence alone tells, the word that covers it"),
    ],
)  # fmt: skip
def test_what_is_written(stages: StageMap, shown: Item, to: str, after: Facts | str) -> None:
    change = express_stage(shown, stages, [to], FREE, "", adoption=False)
    if isinstance(after, str):
        assert isinstance(change, str), change
        assert after in change
        return
    assert not isinstance(change, str), change
    assert change.after == after
    assert change.fact == ("status" if "status" in after else next(iter(after)))
    assert to in stages.read({**shown.facts, **change.after}).stages


@pytest.mark.parametrize(
    ("now", "was", "expected"),
    [
        pytest.param(issue("In Progress", "in-qa"), [issue("In Progress")], "github := verify", id="a person set the label"),
        pytest.param(issue("In Progress"), [issue("In Progress", "in-qa")], "github := build", id="a person took it off"),
        pytest.param(issue("In Progress", "in-qa", "x"), [issue("In Progress", "in-qa")], "jira := idea", id="a foreign label is no move"),
        pytest.param(issue("To Do", "in-qa"), [issue(s, *labels) for s in ("To Do", "In Progress") for labels in ((), ("in-qa",))], "agreed", id="our own write stopped after the label"),
    ],
)  # fmt: skip
def test_who_moved(now: Item, was: list[Item], expected: str) -> None:
    maps = {**MAPS, "jira": placed(*WITH)}
    github = gh("stage: idea")
    before = github if expected.startswith("github") or expected == "agreed" else gh("stage: verify")
    assert told(stage_verdict([github, now], [before, *was], maps=maps)).startswith(expected)


def test_of_a_label_that_clashes_with_the_status_the_new_one_is_a_persons_move() -> None:
    maps = {**MAPS, "jira": placed(*ALONE)}
    now, was = issue("In Progress", "in-qa"), issue("In Progress")
    assert told(stage_verdict([gh("stage: build"), now], [gh("stage: build"), was], maps=maps)).startswith(
        "github jira := verify"
    )

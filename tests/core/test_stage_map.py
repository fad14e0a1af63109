"""How facts are read as stages, and stages written as facts."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import BOARD, DELIVERY, GITHUB, MAPS, OPEN, board_map, gh, github_map, ji, jira_map, labelled, rule, stage

from trackersync.core.mapping import StageRule
from trackersync.core.model import Item
from trackersync.core.process import Process
from trackersync.core.stages import StageMap

AFTER_VERIFY = "verify release distribute launch support"
AFTER_BUILD = "build " + AFTER_VERIFY
BEFORE_BUILD = "idea research requirements design prototype"


def read(stages: StageMap, item: Item) -> str:
    reading = stages.read(item.facts)
    return f"{reading.kind}: {' '.join(reading.stages)}".strip()


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(gh("stage: build"), "stated: build", id="a label"),
        pytest.param(gh("Stage: BUILD"), "stated: build", id="case does not matter"),
        pytest.param(gh("bug", "stage: build", "p1"), "stated: build", id="among labels that are not ours"),
        pytest.param(gh("stage: idea"), f"stated: {BEFORE_BUILD}", id="covers stages without a word up to the next"),
        pytest.param(gh("stage: verify"), f"stated: {AFTER_VERIFY}", id="the last word covers the rest, never done"),
        pytest.param(gh(), f"assumed: {BEFORE_BUILD}", id="open without a label is assumed to be in the first"),
        pytest.param(gh("bug"), f"assumed: {BEFORE_BUILD}", id="labels that are not ours say nothing"),
        pytest.param(gh("stage: build", "stage: verify"), f"clash: {AFTER_BUILD}", id="two stage labels clash"),
        pytest.param(gh("closed:completed"), "stated: done", id="completed is done by default"),
        pytest.param(gh("closed:not_planned"), "stated: cancelled", id="not planned is cancelled by default"),
        pytest.param(gh("closed:duplicate"), "stated: cancelled", id="a duplicate is read as not planned"),
        pytest.param(gh("closed"), "stated: done cancelled", id="closed without a reason satisfies any closed stage"),
        pytest.param(gh("closed:completed", "stage: build"), "stated: done", id="state outranks a label"),
        pytest.param(
            gh("closed", "stage: build", "stage: idea"), "stated: done cancelled", id="state outranks a clash"
        ),
        pytest.param(gh("closed:reopened"), "unknown:", id="a reason nobody mapped is unknown"),
        pytest.param(ji("In Progress"), "stated: build", id="a status"),
        pytest.param(ji("in progress"), "stated: build", id="a status in another case"),
        pytest.param(ji("To Do"), f"stated: {BEFORE_BUILD}", id="a second status of one stage"),
        pytest.param(ji("In Review"), f"stated: {AFTER_VERIFY}", id="the last open status"),
        pytest.param(ji("Done", "Done"), "stated: done cancelled", id="cancelled without a word is covered by done"),
        pytest.param(ji("Done"), "stated: done cancelled", id="what is set along is not needed to match"),
        pytest.param(ji("Waiting for vendor"), "unknown:", id="a status that belongs to no stage"),
    ],
)
def test_facts_are_read_as_stages(item: Item, expected: str) -> None:
    assert read(MAPS[item.ref.tracker], item) == expected


FINE = jira_map(
    rule("build", status="Open"),
    rule("done", status=("Done", "Closed")),
    rule("cancelled", status=("Done", "Closed"), resolution=("Won't Do", "Duplicate")),
)
WIDE = jira_map(
    rule("build", status="In Progress"), rule("build", status="In Review"), rule("verify", status="In Review")
)
BY_STATE = github_map(rule("build", state="open"), rule("verify", labels="review"), rule("done", state="closed"))
BY_REASON = github_map(rule("done", reason="completed"), rule("cancelled", reason=("not_planned", "duplicate")))
BY_LABEL = github_map(
    rule("build", labels="wip"),
    rule("release", labels="shipped", state="closed"),
    rule("done", state="closed"),
    rule("cancelled", labels="wontfix"),
)
SHARED = github_map(
    rule("design", labels="doing"), rule("build", labels=("doing", "coding")), rule("verify", labels="qa")
)


@pytest.mark.parametrize(
    ("stages", "item", "expected"),
    [
        pytest.param(FINE, ji("Done"), "stated: done", id="the status alone"),
        pytest.param(FINE, ji("Done", "Fixed"), "stated: done", id="the status with a resolution nobody names"),
        pytest.param(FINE, ji("Done", "Won't Do"), "stated: cancelled", id="a status with its resolution is surer"),
        pytest.param(FINE, ji("Closed", "duplicate"), "stated: cancelled", id="any value of each fact will do"),
        pytest.param(FINE, ji("Open", "Won't Do"), f"stated: {AFTER_BUILD}", id="a resolution without its status"),
        pytest.param(WIDE, ji("In Progress"), "stated: build", id="one of two statuses of one stage"),
        pytest.param(WIDE, ji("In Review"), f"stated: {AFTER_BUILD}", id="one status may be two stages"),
        pytest.param(BY_STATE, gh(), "stated: build", id="the open state as a stage's word"),
        pytest.param(BY_STATE, gh("review"), f"stated: {AFTER_VERIFY}", id="a label is surer than the open state"),
        pytest.param(BY_STATE, gh("closed"), "stated: done cancelled", id="no reason: any closed stage, however mapped"),
        pytest.param(BY_STATE, gh("closed:completed"), "stated: done", id="closed as the team maps it"),
        pytest.param(BY_STATE, gh("closed:not_planned"), "stated: cancelled", id="closed as GitHub means it"),
        pytest.param(BY_REASON, gh("closed:completed"), "stated: done", id="a reason alone means closed"),
        pytest.param(BY_REASON, gh("closed:duplicate"), "stated: cancelled", id="a duplicate that is mapped is itself"),
        pytest.param(BY_LABEL, gh("closed:completed", "shipped"), "stated: release distribute launch support", id="closed with a label"),
        pytest.param(BY_LABEL, gh("shipped"), f"assumed: {BEFORE_BUILD}", id="the label without its state says nothing"),
        pytest.param(BY_LABEL, gh("wontfix"), "stated: cancelled", id="an open issue labelled cancelled"),
        pytest.param(BY_LABEL, gh("closed:completed", "wontfix"), "stated: done", id="closed: the label is not heard"),
        pytest.param(SHARED, gh("doing"), "stated: design prototype build", id="one label for two stages"),
        pytest.param(SHARED, gh("doing", "coding"), "stated: build", id="two labels that leave one stage"),
        pytest.param(SHARED, gh("coding", "qa"), f"clash: {AFTER_BUILD}", id="two labels that leave none"),
        pytest.param(github_map(rule("build", labels="wip")), gh(), f"assumed: {BEFORE_BUILD}", id="first stage without a word"),
    ],
)  # fmt: skip
def test_more_specific_rules_go_first(stages: StageMap, item: Item, expected: str) -> None:
    assert read(stages, item) == expected


@pytest.mark.parametrize(
    ("item", "says"),
    [
        pytest.param(gh("bug"), "no label", id="nothing of ours"),
        pytest.param(gh("stage: build", "bug"), "stage: build", id="only our label"),
        pytest.param(gh("stage: build", "stage: idea"), "stage: build + stage: idea", id="both labels"),
        pytest.param(gh("closed:completed", "stage: build"), "closed, completed", id="closed, with its reason"),
        pytest.param(gh("closed"), "closed", id="closed without a reason"),
        pytest.param(gh("closed:duplicate"), "closed, duplicate", id="in the tracker's words, not in ours"),
        pytest.param(ji("In Progress"), "In Progress", id="a status"),
        pytest.param(ji("Done", "Won't Do"), "Done, Won't Do", id="a status with its resolution"),
    ],
)
def test_what_an_item_says_in_native_words(item: Item, says: str) -> None:
    assert MAPS[item.ref.tracker].read(item.facts).says == says


def test_a_clash_names_each_claim_with_its_stages() -> None:
    parts = MAPS["github"].read(gh("stage: build", "stage: verify").facts).parts
    assert parts == (("stage: build", ("build",)), ("stage: verify", tuple(AFTER_VERIFY.split())))


@pytest.mark.parametrize(
    ("item", "named"),
    [
        pytest.param(
            gh("stage: verify", "stage: build"),
            "build + verify",
            id="of a clash what each claim names, not all it covers",
        ),
        pytest.param(gh("stage: idea"), "idea", id="the earliest that a word covers"),
        pytest.param(gh(), "idea", id="the first, where nothing is said"),
        pytest.param(ji("Waiting for vendor"), None, id="none of a state that belongs to no stage"),
    ],
)
def test_a_stage_has_a_short_name_for_people(item: Item, named: str | None) -> None:
    assert MAPS[item.ref.tracker].read(item.facts).named == named


def test_an_item_without_any_fact_is_read() -> None:
    assert {tracker: stages.read({}).kind for tracker, stages in MAPS.items()} == {
        "github": "unknown",
        "jira": "unknown",
        "board": "unknown",
    }


@pytest.mark.parametrize(
    ("stages", "of", "expected"),
    [
        pytest.param(MAPS["github"], "build", [{"labels": ("stage: build",), "state": ("open",)}], id="label and open"),
        pytest.param(MAPS["github"], "design", [{"labels": ("stage: idea",), "state": ("open",)}], id="covered: the holder's word"),
        pytest.param(MAPS["github"], "done", [{"labels": (), "state": ("closed",), "reason": ("completed",)}], id="done takes our labels off"),
        pytest.param(MAPS["jira"], "idea", [{"status": ("Backlog",)}, {"status": ("To Do",)}], id="each status is a way"),
        pytest.param(MAPS["jira"], "done", [{"status": ("Done",), "resolution": ("Done",)}], id="with what is set along"),
        pytest.param(MAPS["jira"], "cancelled", [{"status": ("Done",), "resolution": ("Done",)}], id="cancelled by done's word"),
        pytest.param(jira_map(rule("verify", status="QA")), "build", [], id="nothing earlier has a word"),
        pytest.param(jira_map(rule("verify", status="QA")), "done", [], id="done is never an open state"),
        pytest.param(github_map(*labelled("build")), "design", [{"labels": (), "state": ("open",)}], id="before the first label: no label"),
        pytest.param(BY_REASON, "done", [{"labels": (), "state": ("closed",), "reason": ("completed",)}], id="a reason is written with its state"),
        pytest.param(MAPS["github"], "no such stage", [], id="a stage the process does not have"),
    ],
)  # fmt: skip
def test_a_stage_is_written_in_the_trackers_words(stages: StageMap, of: str, expected: list[object]) -> None:
    assert list(stages.words(of)) == expected


def test_base_remembers_stage_facts_whole_and_nothing_else() -> None:
    seen = gh("stage: build", "bug", owners="ada-l")
    assert MAPS["github"].native(seen.facts) == {"labels": ("stage: build", "bug"), "state": ("open",), "reason": ()}


def test_only_values_that_rules_name_are_ours() -> None:
    assert MAPS["github"].ours == {"labels": ("stage: idea", "stage: build", "stage: verify")}
    assert MAPS["github"].mine(gh("bug", "Stage: Idea").facts, "labels") == ("Stage: Idea",)
    assert MAPS["jira"].ours == {}


KANBAN = Process("kanban", (stage("todo", "backlog"), stage("doing"), stage("done", "done")))


def test_a_finished_category_the_process_lacks_gets_no_default() -> None:
    stages = github_map(rule("doing", labels="doing"), process=KANBAN)
    assert read(stages, gh("closed:completed")) == "stated: done"
    assert read(stages, gh("closed:not_planned")) == "unknown:"
    assert read(stages, gh()) == "assumed: todo"


_STAGES = [known.key for known in DELIVERY.stages]
_RULES = {
    "github": st.builds(lambda of, label: rule(of, labels=label), st.sampled_from(OPEN), st.sampled_from("abcd")),
    "board": st.builds(lambda of, name: rule(of, column=name), st.sampled_from(_STAGES), st.sampled_from("abcd")),
    "jira": st.one_of(
        st.builds(lambda of, name: rule(of, status=name), st.sampled_from(_STAGES), st.sampled_from("abcd")),
        st.builds(
            lambda of, name, why: rule(of, status=name, resolution=why),
            st.sampled_from(_STAGES),
            st.sampled_from("abcd"),
            st.sampled_from("xy"),
        ),
    ),
}
_MAKE = {"github": github_map, "jira": jira_map, "board": board_map}


@pytest.mark.parametrize("tracker", sorted(_MAKE))
@given(drawn=st.data())
def test_what_is_written_for_a_stage_is_read_as_it(tracker: str, drawn: st.DataObject) -> None:
    rules: list[StageRule] = drawn.draw(st.lists(_RULES[tracker], min_size=1, max_size=8))
    stages = _MAKE[tracker](*rules)
    for of in _STAGES:
        for word in stages.words(of):
            reading = stages.read(word)
            assert of in reading.stages or (of in OPEN and reading.kind == "assumed"), (of, word, reading)


@given(
    labels=st.lists(st.text(max_size=8) | st.sampled_from(["stage: build", "STAGE: IDEA"]), max_size=4),
    state=st.lists(st.text(max_size=6) | st.sampled_from(["open", "closed"]), max_size=2),
    reason=st.lists(st.text(max_size=6), max_size=2),
)
def test_no_facts_however_odd_break_the_reading(labels: list[str], state: list[str], reason: list[str]) -> None:
    facts = {"labels": tuple(labels), "state": tuple(state), "reason": tuple(reason)}
    reading = MAPS["github"].read(facts)
    assert set(reading.stages) <= set(_STAGES)
    assert bool(reading.stages) == (reading.kind != "unknown")


def test_a_vocabulary_without_an_assumed_stage_assumes_nothing() -> None:
    assert BOARD.assumed is None
    assert GITHUB.assumed is not None
    assert read(board_map(), gh()) == "unknown:"

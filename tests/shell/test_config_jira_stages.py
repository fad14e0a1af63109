"""What `stages` of a Jira may say: places, conditions, and mistakes with them."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest
from config_samples import written

from trackersync.config import Configuration, load
from trackersync.core.mapping import StageRule
from trackersync.errors import ConfigError
from trackersync.registry import Registry
from trackersync_jira import connector

TEXT = """\
delivery: delivery
trackers:
  jira:
    connector: jira
    url: https://acme.atlassian.net
    email: bot@acme.example
    token: ${TOKEN}
    projects: [SHOP, WEB]
"""


def loaded(folder: Path, stages: str, more: str = "") -> Configuration:
    written(folder, f"{TEXT}    stages: {stages}\n{more}")
    registry = Registry({"jira": lambda: connector})
    return load(registry=registry, folder=folder, environ={"TOKEN": "hush"})


def test_every_place_and_condition_is_read(tmp_path: Path) -> None:
    stages = (
        "{build: {statuses: [In Progress], projects: [SHOP], types: [Bug, No Such Type]}, "
        "verify: {labels: in-qa, components: [QA], field: QA}, "
        "support: {released: [Released]}, done: {statuses: [Done], set: {resolution: Done, labels: shipped}}}"
    )
    more = "    field: Delivery stage\n    precedence: [labels, statuses]\n    hands_off: {labels: [frozen], types: [Epic]}\n"
    found = loaded(tmp_path, stages, more)
    assert found.rules["jira"] == (
        StageRule("build", {"status": ("In Progress",), "project": ("SHOP",), "type": ("Bug", "No Such Type")}, {}),
        StageRule("verify", {"labels": ("in-qa",), "components": ("QA",), "field": ("QA",)}, {}),
        StageRule("support", {"released": ("released",)}, {}),
        StageRule("done", {"status": ("Done",)}, {"resolution": ("Done",), "labels": ("shipped",)}),
    )
    assert found.precedence("jira") == ("labels", "status")
    assert found.hands_off["jira"] == {"labels": ("frozen",), "type": ("Epic",)}


@pytest.mark.parametrize(
    "build",
    [
        "[{statuses: [A], types: [Bug]}, {statuses: [A], types: [Task]}]",
        "[{statuses: [A], types: [Bug]}, {statuses: [A], projects: [WEB], types: [Task]}]",
        "[{statuses: [A], projects: [SHOP]}, {statuses: [B]}]",
    ],
    ids=["other types", "other types of one project", "another status"],
)
def test_rules_of_other_items_may_claim_the_same_stage(tmp_path: Path, build: str) -> None:
    assert len(loaded(tmp_path, f"{{build: {build}}}").rules["jira"]) == 2


TWICE = 'the same matcher claims stage "build" twice'


@pytest.mark.parametrize(
    ("stages", "more", "said"),
    [
        pytest.param(
            "{build: {projects: [SHOP], types: [Bug]}}", "", "nothing is matched here, so every item of these projects and types would be",
            id="conditions and no place",
        ),
        pytest.param("{build: {statuses: [A], project: SHOP}}", "", 'did you mean "projects"?', id="a word that is no key"),
        pytest.param("{build: {statuses: [A], type: Bug}}", "", 'did you mean "types"?', id="another one"),
        pytest.param("{build: {statuses: [A], types: []}}", "", "`types` names nothing", id="no value"),
        pytest.param("{build: {released: [shipped]}}", "", '`released` has no value "shipped"', id="a value there is not"),
        pytest.param(
            "{build: [{statuses: [A]}, {statuses: [a], projects: [SHOP]}]}", "",
            f"{TWICE}, for some of the same items: here and in build[0]", id="twice for some items",
        ),
        pytest.param(
            "{build: [{statuses: [A], types: [Bug]}, {statuses: [A], projects: [SHOP]}]}", "", TWICE, id="twice for bugs of SHOP",
        ),
        pytest.param("{build: {statuses: [A], set: {type: Bug}}}", "", 'unknown fact "type"', id="a condition is not written"),
        pytest.param("{build: {statuses: [A], set: {released: released}}}", "", 'unknown fact "released"', id="nor is evidence"),
        pytest.param("{build: {field: QA}}", "", "add field: to this tracker", id="a field nobody named"),
        pytest.param("{build: {statuses: [A], set: {field: QA}}}", "", "add field: to this tracker", id="the same, set along"),
        pytest.param("{build: {labels: [in qa]}}", "", 'a label of Jira holds no space, and `stages` names "in qa"', id="a label with a space"),
        pytest.param("{build: {statuses: [A], set: {labels: in qa}}}", "", "holds no space", id="one that is set along"),
        pytest.param("{build: {statuses: [A]}}", "    precedence: [types]\n", 'never looked for in "types"', id="a condition is no place"),
    ],
)  # fmt: skip
def test_mistakes_are_named(tmp_path: Path, stages: str, more: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, stages, more)
    told = [f"{one.message}; {one.hint}" for one in caught.value.problems]
    assert any(said in one for one in told), told

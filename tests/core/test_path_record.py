"""A path through a workflow, saved with its plan, read back, and said in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from world import ji, terms

from trackersync.core.model import STAGE, Change
from trackersync.core.plan import Plan
from trackersync.core.record import changes_of, plan_record, saved_plan
from trackersync.core.terms import Task
from trackersync.report.text.change import Wording

ITEM = ji("Backlog")
TASK = Task("t", (ITEM,))
STRAIGHT = Change(
    ITEM.ref, ITEM.key, STAGE, "status", {"status": ("Backlog",), "resolution": ()}, {"status": ("In Review",)}, "why"
)
AROUND = Change(
    ITEM.ref, ITEM.key, STAGE, "status", {"status": ("Backlog",), "resolution": ()}, {"status": ("In Review",)}, "why",
    path=("To Do", "In Progress"),
)  # fmt: skip
UNKNOWN = replace(AROUND, toward="Done")


def saved(change: Change) -> dict[str, Any]:
    return saved_plan(plan_record(Plan((change,)), [TASK], terms()), "configuration")


@pytest.mark.parametrize("change", [STRAIGHT, AROUND, UNKNOWN])
def test_a_saved_plan_keeps_the_path(change: Change) -> None:
    assert changes_of(saved(change)) == (change,)


def test_a_plan_saved_before_there_were_paths_is_read() -> None:
    old = saved(STRAIGHT)
    del old["changes"][0]["path"]
    assert changes_of(old) == (STRAIGHT,)


def test_another_path_is_another_plan() -> None:
    assert len({Plan((change,)).digest for change in (AROUND, STRAIGHT, UNKNOWN)}) == 3
    edited = saved(AROUND)
    edited["changes"][0]["path"] = ["To Do"]
    with pytest.raises(ValueError, match="do not match its digest"):
        changes_of(edited)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (STRAIGHT, "Backlog → In Review"),
        (AROUND, "Backlog → To Do → In Progress → In Review"),
        (UNKNOWN, "Backlog → To Do → In Progress → In Review, on the way to Done"),
    ],
)
def test_the_hops_are_named(change: Change, words: str) -> None:
    assert Wording((TASK,), terms()).native(change) == words

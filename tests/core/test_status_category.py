"""A status that nobody mapped: its category tells open from finished, and nothing else."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace

import pytest
from world import DELIVERY, JIRA, MAPS, NOON, bases, gh, ji, jira_map, task, terms

from trackersync.core.decide import decide
from trackersync.core.diagnose import diagnose
from trackersync.core.express import express_stage
from trackersync.core.merge import Agreed, Unclear
from trackersync.core.model import OWNERS, Change, Item, Transition, Workflow
from trackersync.core.stages import StageMap

COUNTED = replace(JIRA, ended={"category": ("done",)})
TERMS = terms(maps={**MAPS, "jira": StageMap("jira", DELIVERY, COUNTED, jira_map().rules)})


def counted(status: str, category: str, owners: str = "") -> Item:
    shown = ji(status, owners=owners)
    return replace(shown, facts={**shown.facts, "category": (category,)})


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([counted("Archived", "done")], ["unknown-status"], id="finished: needs no owner"),
        pytest.param([counted("Parked", "indeterminate")], ["no-owner", "unknown-status"], id="open: needs one"),
        pytest.param([counted("New", "new")], ["no-owner", "unknown-status"], id="not begun: open"),
        pytest.param([ji("Odd")], ["no-owner", "unknown-status"], id="no category: open"),
        pytest.param([counted("In Progress", "done")], ["no-owner"], id="a mapped status means its stage"),
        pytest.param([counted("Done", "indeterminate")], [], id="a finished stage too"),
        pytest.param([counted("Archived", "done"), gh("stage: build")], ["no-owner", "unknown-status"], id="another item of the task is open"),
        pytest.param([counted("Archived", "done"), gh("closed")], ["unknown-status"], id="or finished"),
    ],
)  # fmt: skip
def test_its_category_tells_whether_it_needs_an_owner(items: list[Item], expected: list[str]) -> None:
    found = diagnose([task(*items)], TERMS, NOON).findings
    assert sorted(one.rule for one in found if one.rule in {"no-owner", "unknown-status"}) == expected


@pytest.mark.parametrize("category", ["done", "new"])
def test_it_is_no_stage_and_the_item_is_not_written(category: str) -> None:
    shown = counted("Archived", category)
    assert TERMS.maps["jira"].read(shown.facts).stages == ()
    verdict = decide(task(gh("stage: build"), shown), {}, TERMS).stage
    assert isinstance(verdict, Unclear)
    assert verdict.because == '"Archived" belongs to no stage'
    assert decide(task(shown), {}, TERMS).stage == Agreed(())


@pytest.mark.parametrize(("category", "kept"), [("done", None), ("new", "asked")])
def test_its_owners_are_left_alone_once_it_is_finished(category: str, kept: str | None) -> None:
    now = [counted("Archived", category, owners="ada-l"), replace(ji("Archived", owners="grace-h"), ref=gh().ref)]
    now[1] = replace(gh(owners="grace-h"), facts={**gh(owners="grace-h").facts, "state": ("odd",)})
    both = replace(TERMS, maps={**TERMS.maps, "github": StageMap("github", DELIVERY, COUNTED, jira_map().rules)})
    now[1] = replace(now[1], facts={**now[1].facts, "category": (category,)})
    was = bases(OWNERS, [counted("Archived", category, owners="ada-l"), gh(owners="ada-l")])
    past = {(ref, OWNERS): base for ref, base in was.items()}
    owners = decide(task(*now), past, both).owners
    assert (owners is None) == (kept is None), owners


def way(*hops: Transition) -> Workflow:
    return Workflow({"To Do": hops, **{hop.to: (Transition("9", "On", "In Review"),) for hop in hops}})


@pytest.mark.parametrize(
    ("hops", "path"),
    [
        pytest.param((Transition("1", "Park", "Parked"),), ("Parked",), id="through an open one, for want of another"),
        pytest.param((Transition("1", "Drop", "Archived", ends=True),), None, id="never through a finished one"),
        pytest.param((Transition("1", "Work", "In Progress", ends=True),), ("In Progress",), id="what is mapped means its stage"),
    ],
)  # fmt: skip
def test_no_path_leads_through_a_finished_status_that_nobody_mapped(
    hops: tuple[Transition, ...], path: tuple[str, ...] | None
) -> None:
    change = express_stage(ji("To Do"), TERMS.maps["jira"], ["verify"], way(*hops), "", adoption=False)
    if path is None:
        assert isinstance(change, str)
        assert 'leads through "Archived", which no item is led through' in change
    else:
        assert isinstance(change, Change)
        assert change.path == path

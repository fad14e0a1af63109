"""What the engine adds to rules: totals over several severities, relations across trackers, faults that are none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import NOON, bo, gh, terms

from trackersync.core.diagnose import RULES, Amendment, Fault, Known, Rulebook, diagnose
from trackersync.core.model import Item, Severity
from trackersync.core.terms import Task

(OVERLOADED,) = (rule for rule in RULES if rule.name == "owner-overloaded")
(NO_OWNER,) = (rule for rule in RULES if rule.name == "no-owner")
(PARENT,) = (rule for rule in RULES if rule.name == "parent-done-child-open")


def single(item: Item) -> Task:
    return Task(item.key, (item,))


def test_a_total_is_one_however_severe_it_is_for_each_and_as_severe_as_for_the_worst() -> None:
    tasks = [single(gh("stage: build", owners="ada-l", number=n)) for n in range(3)]
    tasks += [single(gh("stage: verify", owners="ada-l", number=n)) for n in range(3, 6)]
    said = [Amendment(Severity.NOTE, {"most": 4}), Amendment(Severity.ERROR, stage="verify")]
    found = diagnose(tasks, terms(), NOON, rulebook=Rulebook([OVERLOADED], {"owner-overloaded": said})).findings
    assert [(one.severity, len(one.items)) for one in found] == [(Severity.ERROR, 6)]


def related(item: Item, *parents: str) -> Item:
    return replace(item, facts={**item.facts, "parent": parents})


def test_a_key_that_two_trackers_know_means_the_one_of_its_own_tracker() -> None:
    parent = replace(gh("closed:completed", number=2), key="SAME-2")
    twin = replace(bo("done", number=2), key="SAME-2")
    child = related(bo("build", number=3), "SAME-2")
    ids = [Task("github", (parent,)), Task("board", (twin,)), Task("child", (child,))]
    found = diagnose(ids, terms(), NOON, rulebook=Rulebook([PARENT])).findings
    assert [(one.task, one.items[0].tracker) for one in found] == [("board", "board")]


def test_a_key_that_one_other_tracker_knows_means_it_all_the_same() -> None:
    parent = gh("closed:completed", number=2)
    child = related(bo("build", number=3), "acme/shop#2")
    found = diagnose([single(parent), single(child)], terms(), NOON, rulebook=Rulebook([PARENT])).findings
    assert [one.items[0].key for one in found] == ["acme/shop#2"]


def test_who_may_have_an_owner_where_nobody_has_looked_yet_has_none_missing() -> None:
    one = single(gh("stage: build"))
    book = Rulebook([NO_OWNER])
    assert len(diagnose([one], terms(), NOON, rulebook=book).findings) == 1
    assert diagnose([one], terms(), NOON, rulebook=book, known={one.id: Known(unread=("jira",))}).findings == ()


@pytest.mark.parametrize(
    "wrong",
    [{"message": None}, {"message": ["a"]}, {"could_be": []}, {"severity": "warning"}, {"fix": 3}, {"table": None}],
)
def test_a_fault_that_no_report_can_tell_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Fault(**{"message": "acme/shop#1 is odd", **wrong})  # type: ignore[arg-type]

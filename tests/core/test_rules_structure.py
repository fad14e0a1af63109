"""Rules of structure: when each fires, and when it does not."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from world import ADDRESSES, DELIVERY, NOON, bo, gh, ji, judged, terms

from trackersync.core.diagnose import RULES, AnyRule, Diagnosis, Finding, Known, Rulebook, diagnose
from trackersync.core.history import Past
from trackersync.core.link import Extra, Links, link
from trackersync.core.model import Event, Item, ItemRef, Severity
from trackersync.core.process import Phase, Process
from trackersync.core.terms import Task, Terms

DEPLOYMENT = ("release", "distribute", "launch", "support")
PHASES = Process(
    "delivery",
    tuple(
        replace(one, phase="" if one.finished else "deployment" if one.key in DEPLOYMENT else "development")
        for one in DELIVERY.stages
    ),
    (Phase("development", "Development", {}), Phase("deployment", "Deployment", {})),
)


def rule(name: str) -> AnyRule:
    return next(one for one in RULES if one.name == name)


def phased(process: Process = PHASES) -> Terms:
    return replace(terms(), process=process)


def tasks(*some: Item | tuple[Item, ...]) -> list[Task]:
    """An item alone, or the items of a task; each with an id of its own."""
    grouped = [one if isinstance(one, tuple) else (one,) for one in some]
    return [Task(f"t{place}", items) for place, items in enumerate(grouped, 1)]


def showing(item: Item, **facts: str) -> Item:
    """With facts besides: ``showing(ji("Done"), progress="3/5", blockers="SHOP-1 SHOP-2")``; ``_`` stands for a blank."""
    more = {fact: tuple(value.replace("_", " ") for value in values.split()) for fact, values in facts.items()}
    return replace(item, facts={**item.facts, **more})


def said(findings: Iterable[Finding]) -> list[str]:
    return [one.message for one in findings]


def keys(finding: Finding) -> list[str]:
    return [seen.key for seen in finding.items]


# unlinked-task


@pytest.mark.parametrize(
    ("items", "settings", "expected"),
    [
        pytest.param((gh("stage: build"),), {"trackers": ("jira",)}, ["acme/shop#17 has no item in jira"], id="one side alone"),
        pytest.param((gh("stage: build"), ji("In Progress")), {"trackers": ("jira",)}, [], id="on both sides"),
        pytest.param((gh("stage: build"), ji("In Progress")), {}, ["SHOP-42 = acme/shop#17 has no item in board"], id="nothing named: every tracker"),
        pytest.param((gh("stage: build"),), {}, ["acme/shop#17 has no item in jira or board"], id="two are missing: one finding"),
        pytest.param((gh("stage: build"), ji("In Progress"), bo("build")), {}, [], id="in every tracker"),
        pytest.param((ji("In Progress"),), {"trackers": ("jira",)}, [], id="the other tracker is not expected"),
        pytest.param((gh("closed:completed"),), {"trackers": ("jira",)}, [], id="finished work"),
        pytest.param((gh("stage: build"),), {"trackers": ("jria",)}, [], id="a tracker that there is not"),
        pytest.param((ji("Waiting"),), {"trackers": ("github",)}, ["SHOP-42 has no item in github"], id="a state that belongs to no stage is open"),
    ],
)  # fmt: skip
def test_unlinked_task(items: tuple[Item, ...], settings: dict[str, Any], expected: list[str]) -> None:
    assert said(judged(rule("unlinked-task"), *tasks(items), **settings)) == expected


def test_unlinked_task_is_silent_of_one_tracker_alone() -> None:
    alone = terms(maps={"github": terms().maps["github"]})
    assert judged(rule("unlinked-task"), *tasks(gh("stage: build")), of=alone) == ()


def test_unlinked_task_is_asked_for_by_name_only() -> None:
    found = diagnose(tasks(gh("stage: build", owners="ada-l")), terms(), NOON, rulebook=Rulebook(RULES)).findings
    assert [one.rule for one in found] == []


# linked-twice, and what it leaves to it


def claimed(
    *some: Item | tuple[Item, ...], explicit: Iterable[tuple[str, str]] = ()
) -> tuple[list[Task], dict[str, Known]]:
    """Tasks, and what the links between their items say of each, as a run remembers it."""
    there = tasks(*some)
    stored = {item.ref: one.id for one in there if len(one.items) > 1 for item in one.items}
    found: Links = link([item for one in there for item in one.items], stored, ADDRESSES, explicit)
    known = {}
    for one in there:
        refs = {item.ref for item in one.items}
        extras = tuple(extra for extra in found.extras if refs & {extra.ref, extra.claimed})
        known[one.id] = Known(ties=tuple(tie for tie in found.ties if refs & set(tie.refs)), extras=extras)
    return there, known


PAIR = (gh("stage: build"), ji("In Progress"))
DONE_PAIR = (gh("closed:completed"), ji("Done"))
LEADS = '"SHOP-42" leads the title of acme/shop#18'
SAYS = f"acme/shop#18 claims SHOP-42, which is acme/shop#17 already: {LEADS}"


@pytest.mark.parametrize(
    ("some", "expected"),
    [
        pytest.param([PAIR, gh("stage: idea", number=18, title="SHOP-42: again")], [SAYS], id="a second issue claims the task"),
        pytest.param([PAIR, gh("stage: idea", number=18, title="after SHOP-42")], ['acme/shop#18 claims SHOP-42, which is acme/shop#17 already: "SHOP-42" is the only jira key in acme/shop#18'], id="by its only key"),
        pytest.param([PAIR, gh("stage: idea", number=18, title="after SHOP-42 and SHOP-43"), ji("Backlog", number=43)], [], id="two keys claim nothing"),
        pytest.param([PAIR, gh("stage: idea", number=18)], [], id="no claim"),
        pytest.param([PAIR, gh("closed:completed", number=18, title="SHOP-42: again")], [SAYS], id="the second is finished, the task is not"),
        pytest.param([DONE_PAIR, gh("stage: idea", number=18, title="SHOP-42: again")], [SAYS], id="the task is finished, the second is not"),
        pytest.param([DONE_PAIR, gh("closed:completed", number=18, title="SHOP-42: again")], [], id="both are finished"),
        pytest.param([PAIR, (gh("stage: idea", number=18, title="SHOP-42: again"), bo("idea"))], [SAYS], id="of one claim one finding, whatever else the claiming task has"),
        pytest.param([PAIR, gh("stage: idea", number=18, title="SHOP-42: a"), gh("stage: idea", number=19, title="SHOP-42: b")], [SAYS, SAYS.replace("#18", "#19")], id="two claims are two findings"),
        pytest.param([gh("stage: build"), gh("stage: build", number=18, title="SHOP-42: again")], [], id="who is claimed is not at hand"),
    ],
)  # fmt: skip
def test_linked_twice(some: list[Any], expected: list[str]) -> None:
    there, known = claimed(*some)
    assert said(judged(rule("linked-twice"), *there, known=known)) == expected


def test_linked_twice_shows_the_second_item_first_and_then_the_whole_task() -> None:
    there, known = claimed(PAIR, gh("stage: idea", number=18, title="SHOP-42: again"))
    (found,) = judged(rule("linked-twice"), *there, known=known)
    assert keys(found) == ["acme/shop#18", "SHOP-42", "acme/shop#17"]
    assert (found.place, found.severity, found.task) == ("duplicate task", Severity.WARNING, "t2")
    assert found.table == "claims SHOP-42, which is acme/shop#17 already"


def test_an_explicit_pair_that_is_one_too_many_is_said_once() -> None:
    there, known = claimed(PAIR, gh("stage: idea", number=18), explicit=[("acme/shop#18", "SHOP-42")])
    assert len(judged(rule("linked-twice"), *there, known=known)) == 1


def test_a_claim_on_who_is_gone_is_no_finding() -> None:
    there = tasks(gh("stage: idea", number=18))
    extra = Extra(there[0].items[0].ref, ItemRef("jira", "42"), LEADS)
    assert judged(rule("linked-twice"), *there, known={"t1": Known(extras=(extra,))}) == ()


@pytest.mark.parametrize(
    "some",
    [
        pytest.param([PAIR, gh("stage: idea", number=18, title="SHOP-42: again")], id="linked-twice tells of it"),
        pytest.param([gh(title="SHOP-42: x"), gh(number=18, title="SHOP-42: y"), ji("Backlog")], id="ambiguous-link tells of it"),
    ],
)  # fmt: skip
def test_what_was_claimed_twice_is_not_unlinked_besides(some: list[Any]) -> None:
    there, known = claimed(*some)
    assert judged(rule("unlinked-task"), *there, known=known, trackers=("github", "jira")) == ()
    assert judged(rule("unlinked-task"), *there, trackers=("github", "jira")) != ()


# feedback-unlinked


def defect(stage: str = "support", number: int = 17, **facts: str) -> Item:
    """A defect in a stage of the board, of which the relations were asked for."""
    return showing(bo(stage, number=number), **{"type": "Bug", "related": "", **facts})


def past(item: Item, *columns: str) -> Past:
    """How an item of the board came to its column; ``past(item)`` says that it was made there."""
    way = [*columns, *item.facts["column"]]
    moves = [
        Event(str(n), item.created + timedelta(hours=n), "ada-l", "column", (to,), (of,))
        for n, (of, to) in enumerate(pairwise(way), 1)
    ]
    return Past(tuple(moves), NOON, item.updated)


def feedback(
    *some: Item | tuple[Item, ...], pasts: Mapping[str, Past] | None = None, of: Terms | None = None, **settings: object
) -> list[str]:
    there = tasks(*some)
    by_key = pasts or {}
    known = {
        one.id: Known(pasts={item.ref: by_key[item.key] for item in one.items if item.key in by_key}) for one in there
    }
    return said(judged(rule("feedback-unlinked"), *there, of=of or phased(), known=known, **settings))


RAISED = "CARD-17 is a defect (Bug) raised in support, and no development task is linked to it"


@pytest.mark.parametrize(
    ("some", "expected"),
    [
        pytest.param([defect()], [RAISED], id="nothing is linked"),
        pytest.param([defect(type="Story", labels="customer bug")], [RAISED.replace("Bug", "bug")], id="a label calls it a defect"),
        pytest.param([defect(type="FEHLER")], [RAISED.replace("Bug", "FEHLER")], id="in another language"),
        pytest.param([defect(type="Question")], [], id="no defect"),
        pytest.param([defect(type="Story", labels="bugs not_a_bug")], [], id="a label that only looks alike"),
        pytest.param([defect("build")], [], id="a defect in development"),
        pytest.param([defect("idea")], [], id="a defect in development's backlog"),
        pytest.param([defect("done")], [], id="a defect that is done"),
        pytest.param([defect("release")], [], id="in release, and nobody knows from where: it may have been mended"),
        pytest.param([showing(bo("support", number=17), type="Bug")], [], id="the tracker was not asked for relations"),
        pytest.param([defect(related="CARD-1"), bo("build", number=1)], [], id="linked to work in development"),
        pytest.param([defect(related="CARD-1"), bo("idea", number=1)], [], id="linked to work that comes next"),
        pytest.param([defect(parent="CARD-1"), bo("build", number=1)], [], id="a part of it"),
        pytest.param([defect(duplicate_of="CARD-1"), bo("build", number=1)], [], id="a duplicate of it"),
        pytest.param([defect(), showing(bo("build", number=1), parent="CARD-17")], [], id="which is a part of the defect"),
        pytest.param([defect(), showing(bo("build", number=1), related="CARD-17")], [], id="which links to the defect"),
        pytest.param([defect(), bo("build", number=1, keys=["CARD-17"])], [], id="which mentions the defect"),
        pytest.param([defect(), bo("build", number=1)], [RAISED], id="work in development that has nothing to do with it"),
        pytest.param([defect(related="CARD-1"), bo("done", number=1)], [], id="linked to what is done"),
        pytest.param([defect(related="CARD-1"), defect("done", number=1)], [], id="linked to a defect that is done"),
        pytest.param([defect(related="CARD-1"), bo("cancelled", number=1)], [RAISED], id="linked to what will not be done"),
        pytest.param([defect(related="CARD-1"), bo("launch", number=1)], [], id="linked to a feature that is on its way out"),
        pytest.param([defect(related="CARD-1"), defect("support", number=1)], [RAISED.replace("17", "1"), RAISED], id="two defects in support do not mend each other"),
        pytest.param([defect(related="CARD-9")], [], id="linked to what is not observed: it may be what mends it"),
        pytest.param([defect(related="SHOP-42"), ji("Waiting")], [], id="linked to what is in no stage"),
        pytest.param([(defect(), gh("stage: build")), ], [], id="one of its trackers has it in development: it is counted there"),
    ],
)  # fmt: skip
def test_feedback_unlinked(some: list[Any], expected: list[str]) -> None:
    assert feedback(*some) == expected


LINKED = defect(related="CARD-1")


@pytest.mark.parametrize(
    ("some", "pasts", "expected"),
    [
        pytest.param([defect("release")], {"CARD-17": past(defect("release"))}, [RAISED.replace("support", "release")], id="made in release"),
        pytest.param([defect("launch")], {"CARD-17": past(defect("launch"), "release")}, [RAISED.replace("support", "launch")], id="made in release, and moved on"),
        pytest.param([defect("release")], {"CARD-17": past(defect("release"), "idea", "build", "verify")}, [], id="mended, and on its way out"),
        pytest.param([defect("support")], {"CARD-17": past(defect("support"), "build")}, [], id="mended, even in support"),
        pytest.param([defect("release")], {"CARD-17": past(defect("release"), "idea")}, [RAISED.replace("support", "release")], id="a moment in the backlog is no development"),
        pytest.param([defect("release")], {"CARD-17": replace(past(defect("release")), owed=True)}, [], id="a history that is not up to date tells of no beginning"),
        pytest.param([defect("release")], {"CARD-17": replace(past(defect("release"), "build"), owed=True)}, [], id="but of having been there"),
        pytest.param([LINKED, defect("launch", number=1)], {"CARD-1": past(defect("launch", number=1), "build")}, [], id="linked to a defect that was mended"),
        pytest.param([LINKED, bo("done", number=1)], {"CARD-1": past(bo("done", number=1), "support")}, [RAISED], id="linked to a done question that never was in development"),
        pytest.param([LINKED, bo("done", number=1)], {"CARD-1": past(bo("done", number=1), "build", "support")}, [], id="linked to what was developed and is done"),
        pytest.param([LINKED, bo("launch", number=1)], {"CARD-1": past(bo("launch", number=1))}, [RAISED], id="linked to a campaign that was never developed"),
        pytest.param([(defect("release"), gh("stage: verify"))], {"CARD-17": past(defect("release"))}, [], id="counted where its other item is"),
    ],
)  # fmt: skip
def test_feedback_unlinked_by_history(some: list[Any], pasts: dict[str, Past], expected: list[str]) -> None:
    assert feedback(*some, pasts=pasts) == expected


def test_of_two_items_one_history_does_not_tell_where_a_task_was_raised() -> None:
    both = (defect("release"), showing(ji("Freigabe"), type="Bug"))
    assert feedback(both, pasts={"CARD-17": past(both[0])}) == []


def test_feedback_unlinked_follows_its_settings() -> None:
    complaint = defect(type="Complaint")
    assert feedback(complaint) == []
    assert feedback(complaint, types=("complaint",)) == [RAISED.replace("Bug", "Complaint")]
    assert feedback(defect("launch")) == []
    assert feedback(defect("launch"), raised=("launch",)) == [RAISED.replace("support", "launch")]
    assert feedback(defect(), raised=()) == []


@pytest.mark.parametrize(
    "process",
    [
        pytest.param(DELIVERY, id="a process without phases"),
        pytest.param(replace(PHASES, phases=PHASES.phases[1:]), id="without a phase of development"),
        pytest.param(replace(PHASES, phases=PHASES.phases[::-1]), id="whose development comes last"),
        pytest.param(replace(PHASES, phases=PHASES.phases[:1]), id="whose later phase is not told"),
    ],
)
def test_feedback_unlinked_needs_a_phase_after_development(process: Process) -> None:
    assert feedback(defect(), of=phased(process)) == []


def test_the_phase_may_have_another_name() -> None:
    renamed = replace(
        PHASES,
        stages=tuple(replace(one, phase=one.phase.replace("development", "making")) for one in PHASES.stages),
        phases=(replace(PHASES.phases[0], key="making"), PHASES.phases[1]),
    )
    assert feedback(defect(), of=phased(renamed)) == []
    assert feedback(defect(), of=phased(renamed), phase="making") == [RAISED]


# blocked-by-done


def waiting(status: str = "In Progress", labels: str = "blocked", **facts: str) -> Item:
    return showing(ji(status), labels=labels, **facts)


ONE, TWO = ji("Done", number=1), ji("Done", number=2)
OPEN = ji("In Progress", number=2)
FREE = 'SHOP-42 is marked "blocked", and all that it waits for is finished'


@pytest.mark.parametrize(
    ("some", "expected"),
    [
        pytest.param([waiting(blockers="SHOP-1"), ONE], [f"{FREE}: SHOP-1"], id="its blocker is done"),
        pytest.param([waiting(blockers="SHOP-1 SHOP-2"), ONE, TWO], [f"{FREE}: SHOP-1, SHOP-2"], id="both are"),
        pytest.param([waiting(blockers="SHOP-1 SHOP-2"), ONE, OPEN], [], id="one of two is"),
        pytest.param([waiting(blockers="SHOP-1 SHOP-9"), ONE], [], id="one of two is not observed"),
        pytest.param([waiting(blockers="SHOP-1 SHOP-9", blocked="cleared"), ONE], [FREE], id="which its tracker counts as finished"),
        pytest.param([waiting(blockers="SHOP-1 SHOP-9", blocked="open"), ONE], [], id="or does not"),
        pytest.param([waiting(blockers="acme/shop#17"), gh("closed:not_planned")], [f"{FREE}: acme/shop#17"], id="its blocker is cancelled"),
        pytest.param([waiting(blocked="cleared")], [FREE], id="its tracker says so and names none"),
        pytest.param([waiting(blocked="open")], [], id="its tracker says that it waits"),
        pytest.param([(waiting(blocked="cleared"), showing(gh("stage: build"), blocked="open"))], [], id="one of two trackers says that it waits"),
        pytest.param([waiting(blockers="SHOP-1", blocked="cleared"), (ji("Done", number=1), gh("stage: verify"))], [], id="its blocker is done in one tracker only"),
        pytest.param([waiting(blockers="SHOP-1", blocked="open"), ONE], [f"{FREE}: SHOP-1"], id="its own count is late"),
        pytest.param([waiting(labels="", blockers="SHOP-1"), ONE], [], id="it is not marked"),
        pytest.param([waiting(labels="block blocked-by-design unblocked", blockers="SHOP-1"), ONE], [], id="a label that only looks alike"),
        pytest.param([waiting()], [], id="it is marked, and waits for nothing that is linked"),
        pytest.param([waiting("Blocked", "", blockers="SHOP-1"), ONE], [f"{FREE.replace('blocked', 'Blocked')}: SHOP-1"], id="a status says that it waits"),
        pytest.param([waiting(labels="", flagged="Impediment", blockers="SHOP-1"), ONE], [f"{FREE.replace('blocked', 'Impediment')}: SHOP-1"], id="a flag does"),
        pytest.param([waiting(labels="", board="On_Hold", blockers="SHOP-1"), ONE], [f"{FREE.replace('blocked', 'On Hold')}: SHOP-1"], id="a place on a board does"),
        pytest.param([waiting(labels="", field="Waiting", blockers="SHOP-1"), ONE], [f"{FREE.replace('blocked', 'Waiting')}: SHOP-1"], id="a field does"),
        pytest.param([waiting(labels="", components="blocked", blockers="SHOP-1"), ONE], [], id="a component of that name does not"),
        pytest.param([waiting("Done", blockers="SHOP-1"), ONE], [], id="finished work"),
        pytest.param([(waiting(labels="", blockers="SHOP-1"), gh("stage: build", "blocked")), ONE], ['acme/shop#17 is marked "blocked", and all that it waits for is finished: SHOP-1'], id="marked in one tracker, linked in the other"),
        pytest.param([waiting(blockers="SHOP-42")], [], id="it waits for itself"),
    ],
)  # fmt: skip
def test_blocked_by_done(some: list[Any], expected: list[str]) -> None:
    assert said(judged(rule("blocked-by-done"), *tasks(*some))) == expected


def test_blocked_by_done_names_a_few_and_shows_them() -> None:
    done = [ji("Done", number=number) for number in range(1, 6)]
    (found,) = judged(rule("blocked-by-done"), *tasks(waiting(blockers=" ".join(one.key for one in done)), *done))
    assert found.message == f"{FREE}: SHOP-1, SHOP-2, SHOP-3 and 2 more"
    assert keys(found) == ["SHOP-42", "SHOP-1", "SHOP-2", "SHOP-3"]
    assert found.table == '"blocked", and all that it waits for is finished: SHOP-1, SHOP-2, SHOP-3 and 2 more'


def test_the_marks_of_blocked_by_done_are_a_setting() -> None:
    some = tasks(waiting(labels="Vendor", blockers="SHOP-1"), ONE)
    assert judged(rule("blocked-by-done"), *some) == ()
    assert len(judged(rule("blocked-by-done"), *some, marks=("vendor",))) == 1


# parent-done-child-open


def part(status: str, number: int = 1) -> Item:
    return showing(ji(status, number=number), parent="SHOP-42")


@pytest.mark.parametrize(
    ("some", "expected"),
    [
        pytest.param([ji("Done"), part("In Progress")], ["SHOP-42 is done, and 1 of its 1 parts is open: SHOP-1 in build"], id="a part is open"),
        pytest.param([ji("Done"), part("In Progress"), part("Done", 2), part("Backlog", 3)], ["SHOP-42 is done, and 2 of its 3 parts are open: SHOP-1 in build, SHOP-3 in idea"], id="two of three are"),
        pytest.param([ji("Done"), part("Done")], [], id="all are finished"),
        pytest.param([ji("In Progress"), part("In Progress")], [], id="the parent is open"),
        pytest.param([gh("closed:not_planned"), showing(gh("bug", number=1), parent="acme/shop#17")], ["acme/shop#17 is cancelled, and 1 of its 1 parts is open: acme/shop#1 in idea"], id="the parent is cancelled"),
        pytest.param([ji("Done"), showing(gh("stage: build"), parent="SHOP-42")], ["SHOP-42 is done, and 1 of its 1 parts is open: acme/shop#17 in build"], id="a part in another tracker"),
        pytest.param([(ji("Done"), gh("stage: build")), part("In Progress")], [], id="the parent is done in one tracker only"),
        pytest.param([ji("Done"), (part("Done"), gh("stage: build"))], ["SHOP-42 is done, and 1 of its 1 parts is open: SHOP-1 = acme/shop#17 in build"], id="a part is done in one tracker only"),
        pytest.param([ji("Done"), part("Waiting")], [], id="a part is in no stage: nobody knows whether it is open"),
        pytest.param([ji("Done"), showing(ji("In Progress", number=1), related="SHOP-42")], [], id="related is no part"),
        pytest.param([ji("Done"), showing(ji("In Progress", number=1), blockers="SHOP-42")], [], id="nor is what waits for it"),
        pytest.param([showing(ji("Done"), progress="3/5")], ["SHOP-42 is done, and 2 of its 5 parts are open"], id="no part is observed: as the tracker counts them"),
        pytest.param([showing(ji("Done"), progress="4/5")], ["SHOP-42 is done, and 1 of its 5 parts is open"], id="one is open"),
        pytest.param([showing(ji("Done"), progress="5/5")], [], id="all are finished, as the tracker counts them"),
        pytest.param([showing(ji("Done"), progress="half")], [], id="a progress that is no count"),
        pytest.param([showing(ji("Done"), progress="0/1"), part("Done")], [], id="the part that is observed is finished: the count is late"),
        pytest.param([showing(ji("In Progress"), progress="3/5")], [], id="the count of an open parent"),
        pytest.param([(ji("Done"), showing(gh("closed:completed"), progress="1/2"))], ["acme/shop#17 is done, and 1 of its 2 parts is open"], id="the second item counts"),
    ],
)  # fmt: skip
def test_parent_done_child_open(some: list[Any], expected: list[str]) -> None:
    assert said(judged(rule("parent-done-child-open"), *tasks(*some))) == expected


def test_a_parent_that_is_finished_in_no_stage_counts_too() -> None:
    maps = terms().maps
    vocabulary = replace(maps["jira"].vocabulary, ended={"category": ("done",)})
    jira = type(maps["jira"])("jira", DELIVERY, vocabulary, maps["jira"].rules)
    archived = showing(ji("Archived"), category="done", progress="1/2")
    found = judged(rule("parent-done-child-open"), *tasks(archived), of=terms(maps={**maps, "jira": jira}))
    assert said(found) == ["SHOP-42 is finished, and 1 of its 2 parts is open"]


def test_parent_done_child_open_shows_the_parent_first_and_a_few_parts() -> None:
    (found,) = judged(rule("parent-done-child-open"), *tasks(ji("Done"), *(part("Backlog", n) for n in (10, 9, 1, 2))))
    assert found.table == "done; 4 of its 4 parts are open: SHOP-1 in idea, SHOP-2 in idea, SHOP-9 in idea and 1 more"
    assert keys(found) == ["SHOP-42", "SHOP-1", "SHOP-2", "SHOP-9"]


# All of them


STRUCTURE = [one for one in RULES if one.family == "structure"]


def test_they_are_these_in_this_order() -> None:
    assert [one.name for one in STRUCTURE] == [
        "unlinked-task",
        "ambiguous-link",
        "linked-twice",
        "feedback-unlinked",
        "blocked-by-done",
        "parent-done-child-open",
        "undone-by-another",
    ]


@pytest.mark.parametrize(
    ("before", "after", "rule_name"),
    [
        pytest.param([defect(related="CARD-1"), bo("cancelled", number=1)], bo("build", number=1), "feedback-unlinked", id="the work that mends it"),
        pytest.param([waiting(blockers="SHOP-2"), TWO], OPEN, "blocked-by-done", id="a blocker"),
        pytest.param([ji("Done"), part("In Progress")], part("Done"), "parent-done-child-open", id="a part"),
    ],
)  # fmt: skip
def test_what_changed_beside_a_task_is_said_of_it_at_once(before: list[Item], after: Item, rule_name: str) -> None:
    kept = Diagnosis(phased(), Rulebook([rule(rule_name)]), NOON)
    there = tasks(*before)
    kept.look(there, {}, NOON)
    assert len(kept.findings) == 1
    changed = [there[0], replace(there[1], items=(after,))]
    kept.look(changed, {}, NOON)
    assert kept.findings == diagnose(changed, phased(), NOON, rulebook=Rulebook([rule(rule_name)])).findings == ()
    kept.look(there, {}, NOON)
    assert len(kept.findings) == 1


def test_who_is_claimed_twice_is_looked_at_again_when_either_changes() -> None:
    there, known = claimed(DONE_PAIR, gh("stage: idea", number=18, title="SHOP-42: again"))
    kept = Diagnosis(terms(), Rulebook([rule("linked-twice")]), NOON)
    kept.look(there, known, NOON)
    assert len(kept.findings) == 1
    closed = [there[0], replace(there[1], items=(gh("closed:completed", number=18, title="SHOP-42: again"),))]
    kept.look(closed, known, NOON)
    assert kept.findings == ()
    reopened = [replace(there[0], items=PAIR), closed[1]]
    kept.look(reopened, known, NOON)
    assert (
        kept.findings
        == diagnose(reopened, terms(), NOON, rulebook=Rulebook([rule("linked-twice")]), known=known).findings
    )
    assert len(kept.findings) == 1

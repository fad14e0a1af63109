"""The first findings: when each fires, and when it does not."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from world import ADDRESSES, NOON, bo, gh, ji, task, terms

from trackersync.core.diagnose import PLACES, RULES, Finding, Known, Rulebook, diagnose
from trackersync.core.link import Tie, link
from trackersync.core.model import Account, Item, Severity
from trackersync.core.terms import Task
from trackersync.core.words import inside

ADA = "ada-l"
NAMES = {"no-owner", "many-owners", "owners-disagree", "unknown-status", "clashing-stage-labels", "stages-disagree"}
FIRST = Rulebook([rule for rule in RULES if rule.name in NAMES])
"""The rules of this file; what the others say of the same tasks is shown in files of their own."""


def found(*tasks: Task) -> tuple[Finding, ...]:
    return diagnose(tasks, terms(), NOON, rulebook=FIRST).findings


def told(*items: Item) -> list[str]:
    """``error no-owner at SHOP-42``, one a finding."""
    return [f"{one.severity.value} {one.rule} at {one.items[0].key}" for one in found(task(*items))]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([gh("stage: build"), ji("In Progress")], ["error no-owner at SHOP-42"], id="a started stage: an error"),
        pytest.param([gh("stage: idea"), ji("Backlog")], ["note no-owner at SHOP-42"], id="the backlog: a note"),
        pytest.param([gh("bug")], ["note no-owner at acme/shop#17"], id="an assumed stage is the backlog"),
        pytest.param([gh("stage: verify")], ["error no-owner at acme/shop#17"], id="one tracker alone"),
        pytest.param([gh("stage: build"), ji("In Progress", owners="ada-l")], [], id="an owner on one side is an owner"),
        pytest.param([gh("stage: build", owners="?octocat")], [], id="an owner who is not mapped is an owner"),
        pytest.param([gh("closed:completed"), ji("Done")], [], id="done work needs none"),
        pytest.param([gh("closed:not_planned")], [], id="cancelled work needs none"),
        pytest.param([gh("closed")], [], id="closed without a reason needs none"),
        pytest.param([gh("bug"), ji("Done")], [], id="done in jira, silent on github, needs none"),
        pytest.param([gh("closed:completed"), ji("In Progress")], ["error no-owner at SHOP-42", "warning stages-disagree at SHOP-42"], id="not done while jira says otherwise"),
        pytest.param([ji("Waiting")], ["warning no-owner at SHOP-42", "warning unknown-status at SHOP-42"], id="a stage nobody knows"),
    ],
)  # fmt: skip
def test_no_owner(items: list[Item], expected: list[str]) -> None:
    assert told(*items) == expected


def owned(github: str, jira: str | None = None, *labels: str) -> list[Item]:
    side = [gh(*(labels or ("stage: build",)), owners=github)]
    return side if jira is None else [*side, ji("In Progress", owners=jira)]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param(owned("ada-l", "ada-l"), [], id="the same"),
        pytest.param(owned("ada-l", "grace-h"), ["error owners-disagree at SHOP-42"], id="different people"),
        pytest.param(owned("ada-l grace-h"), ["warning many-owners at acme/shop#17"], id="two on one issue"),
        pytest.param(owned("ada-l grace-h", "ada-l"), ["warning many-owners at acme/shop#17"], id="jira shows one of github's two: many, not different"),
        pytest.param(owned("ada-l grace-h", "alan-t"), ["error owners-disagree at SHOP-42", "warning many-owners at acme/shop#17"], id="jira shows a third"),
        pytest.param(owned("ada-l", ""), [], id="an empty side does not disagree"),
        pytest.param(owned("kath-j kath-work"), [], id="two accounts of one person are one owner"),
        pytest.param(owned("ada-l ?octocat"), ["warning many-owners at acme/shop#17"], id="a stranger counts"),
        pytest.param(owned("?octocat", "?u123"), [], id="two strangers may be one person"),
        pytest.param(owned("?octocat", "radia-p"), [], id="a stranger may be who has no account there"),
        pytest.param(owned("?octocat", "ada-l"), ["error owners-disagree at SHOP-42"], id="a stranger is not who has an account there"),
        pytest.param(owned("ada-l", "?u123"), ["error owners-disagree at SHOP-42"], id="nor the other way round"),
        pytest.param([gh("closed:completed", owners="ada-l grace-h"), ji("Done", owners="alan-t")], [], id="done work may have whom it likes"),
        pytest.param([gh("stage: build", owners="ada-l"), bo("build", owners="ada-l grace-h")], ["error owners-disagree at CARD-5", "warning many-owners at CARD-5"], id="room for both, and yet one shows fewer"),
        pytest.param([*owned("ada-l", "ada-l"), bo("build", owners="grace-h")], ["error owners-disagree at SHOP-42"], id="the third of three: one finding a task"),
    ],
)  # fmt: skip
def test_owners_too_many_and_different(items: list[Item], expected: list[str]) -> None:
    assert told(*items) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([gh("stage: build", owners=ADA), ji("In Progress")], [], id="they agree"),
        pytest.param([gh("stage: verify", owners=ADA), ji("In Progress")], ["warning stages-disagree at SHOP-42"], id="jira is behind"),
        pytest.param([gh("stage: build", owners=ADA), ji("In Review")], ["warning stages-disagree at acme/shop#17"], id="github is behind"),
        pytest.param([gh("bug", owners=ADA), ji("In Review")], [], id="an assumed stage does not disagree"),
        pytest.param([gh("bug"), ji("Done")], [], id="not with finished work either"),
        pytest.param([gh("stage: verify", owners=ADA), ji("In Review"), bo("launch")], [], id="a stage without a word is covered"),
        pytest.param([gh("stage: verify", owners=ADA), ji("In Review"), bo("build")], ["warning stages-disagree at CARD-5"], id="one of three"),
        pytest.param([gh("closed:completed"), bo("cancelled")], ["warning stages-disagree at acme/shop#17"], id="two different ends"),
        pytest.param([gh("closed:duplicate"), bo("cancelled")], [], id="a duplicate is cancelled"),
        pytest.param([gh("closed"), bo("cancelled")], [], id="closed without a reason satisfies any end"),
        pytest.param([gh("stage: build", "stage: verify", owners=ADA)], ["warning clashing-stage-labels at acme/shop#17"], id="two stage labels"),
        pytest.param([ji("In Review", owners=ADA), gh("stage: build", "stage: verify")], ["warning clashing-stage-labels at acme/shop#17"], id="two stage labels, one of them jira's: not drift besides"),
        pytest.param([gh("closed:completed", "stage: build", "stage: verify")], [], id="two labels on a closed issue are not heard"),
        pytest.param([ji("Waiting", owners=ADA), gh("stage: build")], ["warning unknown-status at SHOP-42"], id="a status that belongs to no stage"),
        pytest.param([gh("closed:reopened", owners=ADA)], ["warning unknown-status at acme/shop#17"], id="a reason that belongs to no stage"),
    ],
)  # fmt: skip
def test_stage_drift(items: list[Item], expected: list[str]) -> None:
    assert told(*items) == expected


@pytest.mark.parametrize(
    ("items", "message", "fix"),
    [
        pytest.param([gh("stage: build"), ji("In Progress")], "SHOP-42 = acme/shop#17 is in build and has no owner", "assign engineer in any of its trackers; sync fills the others", id="no-owner"),
        pytest.param([gh("stage: verify")], "acme/shop#17 is in verify and has no owner", "assign QA tester", id="no-owner, one tracker alone"),
        pytest.param([ji("Waiting"), gh("closed:reopened")], "SHOP-42 = acme/shop#17 is in a state that belongs to no stage and has no owner", "assign someone in any of its trackers; sync fills the others", id="no-owner, no stage"),
        pytest.param(owned("grace-h", "alan-t"), "jira says alan-t, github says grace-h", "agree on one owner and set it in both trackers", id="owners-disagree"),
        pytest.param(owned("ada-l grace-h"), "acme/shop#17 has 2 owners: ada-l + grace-h", "decide who owns it and unassign the others", id="many-owners"),
        pytest.param([gh("closed:completed"), ji("In Progress", owners=ADA)], "jira says build (In Progress), github says done (closed, completed)", "sync brings the other side along, or shows a conflict where both moved", id="stages-disagree"),
        pytest.param([gh("stage: build", "stage: verify", owners=ADA)], 'acme/shop#17 carries "stage: build" and "stage: verify", which name different stages', "take off the one that no longer holds", id="clashing-stage-labels"),
        pytest.param([ji("Waiting for vendor", owners=ADA)], 'SHOP-42 is in "Waiting for vendor", which belongs to no stage', "add it to a stage under trackers.jira.stages, or to its hands_off", id="unknown-status"),
    ],
)  # fmt: skip
def test_a_finding_says_the_facts_and_the_next_step(items: list[Item], message: str, fix: str) -> None:
    first = found(task(*items))[0]
    assert (first.message, first.fix) == (message, fix)


def test_a_finding_shows_every_item_with_stage_and_owners_the_one_at_fault_first() -> None:
    (drift,) = found(task(gh("stage: idea", owners="grace-h", title="Gift cards"), ji("In Progress", owners="grace-h")))
    assert drift.stage == "idea"
    assert drift.title == "Gift cards"
    assert [(seen.tracker, seen.key, seen.stage, seen.says, seen.owners) for seen in drift.items] == [
        ("github", "acme/shop#17", "idea", "stage: idea", ("grace-h",)),
        ("jira", "SHOP-42", "build", "In Progress", ("grace-h",)),
    ]


def test_findings_are_sorted_by_place_then_worst_then_rule_then_longest_untouched_then_key() -> None:
    def numbered(number: int, *labels: str, owners: str = "", days: int = 0) -> Task:
        issue = gh(*labels, owners=owners, number=number)
        return Task(f"t{number}", (replace(issue, updated=NOON - timedelta(days=days)),))

    findings = found(
        numbered(10, "stage: build", "stage: verify", owners="ada-l"),
        numbered(11, "stage: idea", days=40),
        numbered(9, "stage: build", "stage: verify", owners="ada-l grace-h"),
        numbered(8, "closed:reopened", owners="ada-l", days=9),
        numbered(102, "stage: build"),
        numbered(101, "stage: build", days=1),
        numbered(12, "stage: build"),
    )
    assert [f"{one.place}: {one.severity.value} {one.items[0].key.partition('#')[2]}" for one in findings] == [
        "no owner: error 101",
        "no owner: error 12",
        "no owner: error 102",
        "no owner: note 11",
        "duplicate owner: warning 9",
        "stage drift: warning 9",
        "stage drift: warning 10",
        "stage drift: warning 8",
    ]


def test_a_finding_tells_when_any_of_its_items_last_changed() -> None:
    late = replace(ji("In Progress"), updated=NOON + timedelta(days=1))
    assert [one.touched for one in found(task(gh("stage: build"), late))] == [late.updated]


def test_every_rule_has_its_place_in_the_verdict() -> None:
    assert PLACES == ("no owner", "duplicate owner", "stage drift", "duplicate task", "other")
    assert {rule.place for rule in RULES} <= set(PLACES)


def tied(tasks: Iterable[Task], ties: Iterable[Tie]) -> dict[str, Known]:
    """What is remembered of tasks: the ties that their items are in."""
    return {
        one.id: Known(ties=tuple(tie for tie in ties if {item.ref for item in one.items} & set(tie.refs)))
        for one in tasks
    }


def test_a_tie_of_links_is_one_finding_with_every_item() -> None:
    items = [
        gh(title="SHOP-42: x", owners=ADA),
        gh(title="SHOP-42: y", number=18, owners=ADA),
        ji("Backlog", owners=ADA),
    ]
    tasks = [Task(item.key, (item,)) for item in items]
    ties = link(items, {}, ADDRESSES).ties
    (tie,) = diagnose(tasks, terms(), NOON, known=tied(tasks, ties)).findings
    assert (tie.rule, tie.severity) == ("ambiguous-link", Severity.WARNING)
    assert [seen.key for seen in tie.items] == ["acme/shop#17", "acme/shop#18", "SHOP-42"]
    assert tie.message.startswith("acme/shop#17, acme/shop#18, SHOP-42 claim each other and cannot all be one task")


def test_a_tie_that_touches_a_task_twice_shows_each_item_once() -> None:
    pair = (gh(title="SHOP-42: x", owners=ADA), ji("Backlog", owners=ADA))
    cards = [
        bo("idea", number=5, keys=["SHOP-42"], owners=ADA),
        bo("idea", number=6, keys=["acme/shop#17"], owners=ADA),
    ]
    stored = dict.fromkeys((item.ref for item in pair), "t1")
    ties = link([*pair, *cards], stored, ADDRESSES).ties
    tasks = [Task("t1", pair), *(Task(card.key, (card,)) for card in cards)]
    (tie,) = diagnose(tasks, terms(), NOON, known=tied(tasks, ties)).findings
    assert sorted(seen.key for seen in tie.items) == ["CARD-5", "CARD-6", "SHOP-42", "acme/shop#17"]


def test_a_tie_among_items_that_are_not_at_hand_is_no_finding() -> None:
    items = [gh(title="SHOP-42: x"), gh(title="SHOP-42: y", number=18), ji("Backlog")]
    assert diagnose([], terms(), NOON, known=tied([], link(items, {}, ADDRESSES).ties)).findings == ()


def test_a_tracker_without_room_for_owners_is_diagnosed_all_the_same() -> None:
    of = replace(terms(), capacities={})
    one = task(gh("stage: build", owners="ada-l"), ji("In Progress", owners="grace-h"))
    assert [one.rule for one in diagnose([one], of, NOON).findings] == ["owners-disagree"]


BOTS = (Account("github", "octocat", "octocat", human=False), Account("github", "Copilot", "Copilot", human=False))


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        pytest.param("?copilot", ["no-owner"], id="only an agent"),
        pytest.param("?copilot+?octocat", ["no-owner"], id="two bots are not two owners"),
        pytest.param("?copilot+ada-l", [], id="a person beside an agent"),
        pytest.param("?somebody", [], id="somebody we do not know may well be a person"),
    ],
)
def test_a_bot_is_no_person(owners: str, expected: list[str]) -> None:
    item = replace(
        gh("stage: build"), facts={**gh("stage: build").facts, "owners": tuple(owners.replace("?", "").split("+"))}
    )
    usual = terms()
    met = replace(usual, people=usual.people.meeting(BOTS, usual.maps))
    findings = diagnose([task(item)], met, NOON, rulebook=FIRST).findings
    assert [finding.rule for finding in findings] == expected
    if owners == "?copilot":
        assert "copilot is a bot" in findings[0].message


@pytest.mark.parametrize(
    ("stage", "said"), [("build", "in build"), ("in progress", "in progress"), ("inbox", "in inbox")]
)
def test_a_sentence_says_in_once(stage: str, said: str) -> None:
    assert inside(stage) == said

"""Rules about how work lies on the team, and that no rule about owners of open work speaks of finished work."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from world import MAPS, NOON, bo, gh, ji, judged, person, task, terms

from trackersync.core.diagnose import RULES, Known, Rulebook, diagnose
from trackersync.core.diagnose.workload import MANY_HANDOFFS, OWNER_OVERLOADED, ROLE_VACANT
from trackersync.core.history import Past
from trackersync.core.model import Account, Event, Item, Person, Severity
from trackersync.core.people import Directory
from trackersync.core.terms import Task, Terms

BOT = Account("github", "?copilot", "Copilot", human=False)
TEAM = [
    person("ada-l", "github", "jira", "board"),
    person("grace-h", "github", "jira", "board"),
    person("alan-t", "github", "jira", "board"),
]


def of(people: Sequence[Person] = TEAM, *trackers: str) -> Terms:
    maps = {name: MAPS[name] for name in trackers or MAPS}
    return terms(maps=maps, people=Directory(people, [BOT], maps))


def numbered(*items: Item) -> list[Task]:
    return [Task(f"t{place}", (item,)) for place, item in enumerate(items)]


def started(owners: str, count: int) -> list[Item]:
    return [gh("stage: build", owners=owners, number=number) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        pytest.param(numbered(*started("ada-l", 3)), ["ada-l: 3 tasks in started stages, 2 at most"], id="more than the limit"),
        pytest.param(numbered(*started("ada-l", 2)), [], id="just the limit"),
        pytest.param(numbered(*started("ada-l", 2), gh("stage: idea", owners="ada-l")), [], id="the backlog does not count"),
        pytest.param(numbered(*started("ada-l", 2), gh("closed:completed", owners="ada-l")), [], id="nor does finished work"),
        pytest.param(numbered(*started("ada-l", 2), ji("Waiting", owners="ada-l")), [], id="nor what is in no stage"),
        pytest.param(numbered(*started("ada-l", 2), gh("stage: verify", owners="ada-l grace-h")), ["ada-l: 3 tasks in started stages, 2 at most"], id="another stage, and an owner besides"),
        pytest.param([*numbered(*started("ada-l", 2)), *(replace(one, id=f"u{n}") for n, one in enumerate(numbered(*started("grace-h", 2))))], [], id="two people with two each"),
        pytest.param([*numbered(*started("ada-l", 1)), task(gh("stage: build", owners="ada-l", number=2), ji("In Progress", owners="ada-l"))], [], id="a task in two trackers counts once"),
        pytest.param(numbered(*started("?copilot", 3)), [], id="a bot carries anything"),
        pytest.param(numbered(*started("?octocat", 3)), ["?octocat in github: 3 tasks in started stages, 2 at most"], id="somebody nobody mapped"),
        pytest.param(numbered(*started("?octocat", 2), ji("In Progress", owners="?octocat")), [], id="accounts of one name in two trackers may be two people"),
    ],
)  # fmt: skip
def test_owner_overloaded(tasks: list[Task], expected: list[str]) -> None:
    assert [f"{one.subject}: {one.table}" for one in judged(OWNER_OVERLOADED, *tasks, of=of(), most=2)] == expected


def test_owner_overloaded_names_the_first_tasks_and_has_them_all() -> None:
    (one,) = judged(OWNER_OVERLOADED, *numbered(*started("ada-l", 11)), of=of())
    assert one.message == (
        "ada-l owns 11 tasks in started stages, 10 at most: acme/shop#1, acme/shop#2, acme/shop#3 and 8 more"
    )
    assert len(one.items) == 11
    assert (one.task, one.severity) == ("", Severity.WARNING)


def test_ten_tasks_are_the_most_unless_the_team_says_otherwise() -> None:
    assert judged(OWNER_OVERLOADED, *numbered(*started("ada-l", 10)), of=of()) == ()


def test_in_a_tracker_alone_an_account_is_name_enough() -> None:
    (one,) = judged(OWNER_OVERLOADED, *numbered(*started("?octocat", 3)), of=of(TEAM, "github"), most=2)
    assert one.subject == "?octocat"


def held(item: Item, *sets: str) -> tuple[Item, Past]:
    """An item whose owners were these one after the other, a day each, with the history that its tracker tells."""
    tracker, before, events = item.ref.tracker, set[str](), []
    for place, owners in enumerate(sets):
        now = {one if one.startswith("?") else f"{tracker}:{one}" for one in owners.split()}
        came, went = tuple(sorted(now - before)), tuple(sorted(before - now))
        at = NOON - timedelta(days=len(sets) - place)
        events.append(Event(str(place), at, "?boss", "owners", came, went))
        before = now
    return replace(item, facts={**item.facts, "owners": tuple(sorted(before))}), Past(tuple(events), NOON, NOON)


GITHUB, JIRA = gh("stage: build"), ji("In Progress")


@pytest.mark.parametrize(
    ("pasts", "expected"),
    [
        pytest.param([held(JIRA, "ada-l", "grace-h", "ada-l")], ["SHOP-42: changed hands 2 times, 1 at most"], id="to and back"),
        pytest.param([held(JIRA, "ada-l", "grace-h")], [], id="just the limit"),
        pytest.param([held(JIRA, "ada-l", "", "grace-h", "", "alan-t")], ["SHOP-42: changed hands 2 times, 1 at most"], id="a time without an owner in between"),
        pytest.param([held(JIRA, "ada-l", "", "ada-l", "", "ada-l")], [], id="taken off and given back"),
        pytest.param([held(JIRA, "", "ada-l", "", "grace-h", "")], [], id="the first owner is no hand-off, nor is the end of one"),
        pytest.param([held(GITHUB, "ada-l", "ada-l grace-h", "grace-h", "grace-h alan-t", "alan-t")], ["acme/shop#17: changed hands 2 times, 1 at most"], id="both for a while, then the other alone"),
        pytest.param([held(GITHUB, "ada-l", "ada-l grace-h", "ada-l", "ada-l alan-t", "ada-l")], [], id="others came and went beside one who kept it"),
        pytest.param([held(GITHUB, "ada-l grace-h", "grace-h", "alan-t", "ada-l")], ["acme/shop#17: changed hands 2 times, 1 at most"], id="from two to one of them, then to others"),
        pytest.param([held(GITHUB, "ada-l", "?copilot", "ada-l", "?copilot", "ada-l")], [], id="a bot takes nothing over"),
        pytest.param([held(GITHUB, "?octocat", "?OCTOCAT", "?octocat")], [], id="an account is itself in any writing"),
        pytest.param([held(GITHUB, "ada-l", "grace-h"), held(JIRA, "ada-l", "grace-h")], [], id="what sync carries over counts once"),
        pytest.param([held(GITHUB, "ada-l", "grace-h", "alan-t"), held(JIRA, "ada-l", "grace-h", "alan-t", "ada-l")], ["SHOP-42: changed hands 3 times, 1 at most"], id="the most of any item"),
        pytest.param([(JIRA, Past((), NOON, NOON))], [], id="a history without owners"),
    ],
)  # fmt: skip
def test_many_handoffs(pasts: list[tuple[Item, Past]], expected: list[str]) -> None:
    assert handed(pasts) == expected


def handed(pasts: Sequence[tuple[Item, Past]], most: int = 1) -> list[str]:
    known = Known(pasts={item.ref: past for item, past in pasts})
    found = judged(MANY_HANDOFFS, task(*(item for item, _ in pasts)), of=of(), known={"t1": known}, most=most)
    return [f"{one.items[0].key}: {one.table}" for one in found]


def test_three_hand_offs_are_the_most_unless_the_team_says_otherwise() -> None:
    item, past = held(JIRA, "ada-l", "grace-h", "ada-l", "grace-h", "alan-t")
    (one,) = judged(MANY_HANDOFFS, task(item), of=of(), known={"t1": Known(pasts={item.ref: past})})
    assert (one.message, one.severity) == ("SHOP-42 has changed hands 4 times, 3 at most", Severity.NOTE)
    assert handed([held(JIRA, "ada-l", "grace-h", "ada-l", "grace-h")], most=3) == []


def test_without_a_history_nothing_is_said() -> None:
    assert judged(MANY_HANDOFFS, task(ji("In Progress", owners="ada-l")), of=of(), most=0) == ()


@pytest.mark.parametrize(
    ("item", "sets", "expected"),
    [
        pytest.param(
            JIRA,
            ("ada-l", "grace-h", "alan-t"),
            ["SHOP-42: changed hands 2 times, 1 at most"],
            id="one owner: each event tells both",
        ),
        pytest.param(GITHUB, ("ada-l", "grace-h", "alan-t"), [], id="several: who stayed is not told"),
    ],
)
def test_a_history_with_holes(item: Item, sets: tuple[str, ...], expected: list[str]) -> None:
    now, past = held(item, *sets)
    emptied = replace(now, facts={**now.facts, "owners": ()})
    assert handed([(emptied, past)]) == expected


@pytest.mark.parametrize(
    ("roles", "tasks", "expected"),
    [
        pytest.param(["QA tester"], numbered(gh("stage: build"), gh("stage: verify")), ["stage build: nobody holds its role, engineer"], id="nobody is an engineer"),
        pytest.param(["QA tester", "ENGINEER"], numbered(gh("stage: build"), gh("stage: verify")), [], id="all are held, written otherwise"),
        pytest.param([], numbered(gh("stage: build")), [], id="nobody's roles are configured"),
        pytest.param(["QA tester"], numbered(gh("stage: build"), ji("In Progress")), ["stage build: nobody holds its role, engineer"], id="two tasks: one finding a stage"),
        pytest.param(["engineer"], numbered(gh("stage: verify"), gh("stage: idea", number=2)), ["stage idea: nobody holds its role, product manager", "stage verify: nobody holds its role, QA tester"], id="two stages"),
        pytest.param(["engineer"], numbered(gh("closed:completed"), ji("Waiting")), [], id="finished work and no stage need no role"),
        pytest.param(["designer"], numbered(gh("closed:completed")), [], id="a finished stage is asked nothing, whatever its role"),
    ],
)  # fmt: skip
def test_role_vacant(roles: list[str], tasks: list[Task], expected: list[str]) -> None:
    people = [replace(TEAM[0], roles=tuple(roles)), *TEAM[1:]]
    assert sorted(f"{one.subject}: {one.table}" for one in judged(ROLE_VACANT, *tasks, of=of(people))) == expected


def test_role_vacant_counts_the_tasks_and_names_every_vacant_role() -> None:
    people = [replace(TEAM[0], roles=("engineer",))]
    usual = of(people)
    stages = tuple(
        replace(one, roles=("designer", "engineer", "user researcher")) if one.key == "design" else one
        for one in usual.process.stages
    )
    asked = replace(usual, process=replace(usual.process, stages=stages))
    (one,) = judged(ROLE_VACANT, *numbered(bo("design", number=1), bo("design", number=2)), of=asked)
    assert one.message == ("2 open tasks are in stage design, and nobody holds its roles, designer and user researcher")
    assert one.stage == "design"
    assert one.fix.startswith("give somebody the roles designer and user researcher under people:")


FINISHED = [
    pytest.param("ada-l grace-h alan-t", id="many owners"),
    pytest.param("", id="nobody"),
    pytest.param("?octocat ?copilot", id="a stranger and a bot"),
    pytest.param("radia-p", id="somebody without an account elsewhere, deactivated and in no role of it"),
]


@pytest.mark.parametrize("owners", FINISHED)
@pytest.mark.parametrize("ends", [("closed:completed", "Done"), ("closed:not_planned", "Done"), ("closed", "Done")])
def test_no_rule_about_owners_speaks_of_finished_work(owners: str, ends: tuple[str, str]) -> None:
    radia = replace(person("radia-p", "github"), roles=("designer",))
    gone = Account("github", "github:radia-p", "radia-p", active=False)
    usual = of()
    asked = replace(usual, people=Directory([*TEAM, radia], [BOT, gone], usual.maps))
    github, past = held(gh(ends[0]), "ada-l", "grace-h", "ada-l", "grace-h", "ada-l", "grace-h", owners)
    other = ji(ends[1], owners="alan-t" if owners.startswith("ada-l") else "")
    known = Known(pasts={github.ref: past}, refused={other.ref: "not assignable"})
    rules = [rule for rule in RULES if rule.family == "ownership"]
    assert {rule.about for rule in rules} == {"open"}
    assert len(rules) == 11
    tasks = [Task("t1", (github, other)), *numbered(*(replace(one, facts=github.facts) for one in started("", 12)))]
    assert diagnose(tasks, asked, NOON, rulebook=Rulebook(rules), known={"t1": known}).findings == ()

"""What an examination says from values alone: the mapping's reach, vacant roles, unmapped accounts, what a run takes."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import replace

import pytest
from world import DELIVERY, MAPS, gh, github_map, ji, labelled, person, rule, terms

from trackersync.core.diagnose import RULES, Amendment, Rulebook
from trackersync.core.examination import Check, Examination, Grade, Section, worst
from trackersync.core.examine import covered, mapping, named, people, roles, usual
from trackersync.core.identity import identify
from trackersync.core.model import Account, Item, Person
from trackersync.core.people import Directory
from trackersync.core.process import Process

FAR = "stage: build"


def line(check: Check) -> str:
    return f"{check.grade.value}: {check.said}" + (f" → {check.remedy}" if check.remedy else "")


def of(*items: Item, **hands_off: tuple[str, ...]) -> Check:
    tracker = items[0].ref.tracker if items else "github"
    return mapping(covered(items, tracker, replace(terms(), hands_off={tracker: hands_off})))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param((), "good: no item is open", id="nothing there"),
        pytest.param((gh("closed:completed"), ji("Done", "Done")), "good: no item is open", id="all is finished"),
        pytest.param((gh(FAR),), "good: 1 of 1 open item shows a stage", id="one"),
        pytest.param((gh(FAR), gh(FAR, number=2), gh("closed")), "good: 2 of 2 open items show a stage", id="finished ones do not count"),
        pytest.param((gh(FAR), gh("closed:odd", number=2)), "good: 1 of 1 open item shows a stage", id="nor do closed ones that no stage takes"),
        pytest.param((gh(FAR), gh("bug", number=2)), "good: 1 of 2 open items show a stage (50 %); 1 is taken for idea, with no label", id="assumed is not known"),
        pytest.param((gh(FAR), gh(number=2), gh(number=3)), "good: 1 of 3 open items show a stage (33 %); 2 are taken for idea, with no label", id="several are assumed"),
        pytest.param((gh("bug"), gh(number=2)), "warning: 0 of 2 open items show a stage (0 %); 2 are taken for idea, with no label → compare `stages` of tracker github with what its items show", id="a mapping that fits nothing"),
        pytest.param((ji("In Progress"), ji("Waiting for vendor", number=27)), 'warning: 1 of 2 open items show a stage (50 %); "Waiting for vendor" (SHOP-27) belongs to none → add it to a stage, or to hands_off: {statuses: [Waiting for vendor]}', id="a status that belongs to none"),
        pytest.param((ji("Waiting", number=10), ji("Waiting", number=9)), 'warning: 0 of 2 open items show a stage (0 %); "Waiting" (SHOP-9 and 1 more) belongs to none → add it to a stage, or to hands_off: {statuses: [Waiting]}', id="the first of several, in their order"),
        pytest.param((ji("No"), ji("QA: later", number=2)), 'warning: 0 of 2 open items show a stage (0 %); "No" (SHOP-42) and "QA: later" (SHOP-2) belong to none → add each to a stage, or to hands_off: {statuses: ["No", "QA: later"]}', id="words that YAML takes for something else are quoted"),
        pytest.param(tuple(ji(word, number=n) for n, word in enumerate("ABCDE", 1)), 'warning: 0 of 5 open items show a stage (0 %); "A" (SHOP-1), "B" (SHOP-2), "C" (SHOP-3) and 2 more belong to none → add each to a stage, or to hands_off: {statuses: [A, B, C]}', id="many are cut"),
        pytest.param((gh(FAR, "stage: verify"), gh(FAR, number=2)), "note: 1 of 2 open items show a stage (50 %); acme/shop#17 states several → trackersync check", id="two labels that contradict each other"),
        pytest.param(tuple(gh(FAR, "stage: verify", number=n) for n in (3, 1, 2)), "note: 0 of 3 open items show a stage (0 %); acme/shop#1 and 2 more state several → trackersync check", id="several of these"),
    ],
)  # fmt: skip
def test_the_reach_of_a_mapping(items: tuple[Item, ...], expected: str) -> None:
    tracker = "jira" if items and items[-1].ref.tracker == "jira" else "github"
    own = [one for one in items if one.ref.tracker == tracker]
    assert line(of(*own)) == expected


def test_what_is_to_be_left_alone_needs_no_stage() -> None:
    found = of(ji("In Progress"), ji("Waiting", number=2), status=("waiting",))

    assert line(found) == "good: 1 of 2 open items show a stage (50 %); 1 rests: hands off"


def test_every_item_is_counted_once() -> None:
    items = [gh(FAR), gh(number=2), gh(FAR, "stage: verify", number=3), gh("closed", number=4), gh("pause", number=5)]
    found = covered(items, "github", replace(terms(), hands_off={"github": {"labels": ("pause",)}}))

    # What is taken for the first stage is, whether or not it is to be left alone.
    assert (found.stated, found.assumed, found.resting, len(found.clashing), found.open) == (1, 2, 0, 1, 4)


# The team.


def directory(*people: Person) -> Directory:
    return Directory(people)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        pytest.param((), ["note: nobody's roles are configured, so owners are not compared with them → people: add roles: [product manager] to someone"], id="nobody has any"),
        pytest.param(("Product Manager", "engineer", "designer", "QA tester", "operations"), ["good: each of the 5 is held"], id="all, in whatever case"),
        pytest.param(("product manager", "engineer", "designer", "QA tester"), ["warning: nobody holds operations, a role of stage release → people: add roles: [operations] to someone"], id="one is missing"),
        pytest.param(("product manager", "designer", "QA tester", "operations"), ["warning: nobody holds engineer, a role of stage research, requirements, prototype, build, distribute, launch and support → people: add roles: [engineer] to someone"], id="the role of many stages"),
        pytest.param(("engineer",), ["warning: nobody holds product manager, a role of stage idea; designer, a role of stage design; QA tester, a role of stage verify; 1 more → people: add roles: [product manager, designer, QA tester] to someone"], id="many are cut"),
    ],
)  # fmt: skip
def test_roles_nobody_holds(held: tuple[str, ...], expected: list[str]) -> None:
    who = replace(person("ada-l", "github"), roles=held)
    assert [line(check) for check in roles(DELIVERY, directory(who), Rulebook(RULES))] == expected


def test_a_process_without_roles_asks_for_none() -> None:
    bare = Process("bare", tuple(replace(stage, roles=()) for stage in DELIVERY.stages))

    assert roles(bare, directory(), Rulebook(RULES)) == ()


def test_a_stage_may_go_without_where_its_rule_is_off() -> None:
    engineer = replace(person("ada-l", "github"), roles=("engineer", "product manager", "designer", "QA tester"))
    without = Rulebook(RULES, {"role-vacant": [Amendment("off", stage="release")]})

    assert [check.grade for check in roles(DELIVERY, directory(engineer), without)] == [Grade.GOOD]
    assert roles(DELIVERY, directory(engineer), Rulebook(RULES, {"role-vacant": [Amendment("off")]})) == ()


ADA = Person("ada-l", {"github": ("ada-l",), "jira": ("u1",)}, "ada@acme.example")


def account(tracker: str, id_: str, *, human: bool | None = None, email: str | None = None) -> Account:
    return Account(tracker, id_, id_, email, human=human, verified=email is not None)


@pytest.mark.parametrize(
    ("accounts", "trackers", "expected"),
    [
        pytest.param([], 2, "note: 1 configured; nobody was seen as an owner yet → trackersync check", id="nobody seen"),
        pytest.param([account("github", "ada-l")], 2, "good: 1 account seen as owner, all mapped (1 by configuration)", id="one"),
        pytest.param([account("github", "ada-l"), account("jira", "u1")], 2, "good: 2 accounts seen as owners, all mapped (2 by configuration)", id="two of one person"),
        pytest.param([account("github", "ada-l"), account("dc", "u9", email="ada@acme.example")], 2, "good: 2 accounts seen as owners, all mapped (1 by configuration, 1 by verified e-mail)", id="by an address that the tracker vouches for"),
        pytest.param([account("github", "octocat"), account("jira", "u1")], 2, "warning: 2 accounts seen as owners, 1 of them is nobody's: octocat in github → trackersync people", id="a stranger"),
        pytest.param([account("github", f"x{n}qz") for n in range(5)], 2, "warning: 5 accounts seen as owners, 5 of them are nobody's: x0qz in github, x1qz in github, x2qz in github and 2 more → trackersync people", id="many strangers are cut"),
        pytest.param([account("github", "ada-l"), account("github", "renovate", human=False)], 2, "good: 1 account seen as owner, all mapped (1 by configuration)", id="a bot is nobody"),
        pytest.param([account("github", "octocat")], 1, "good: 1 account seen as owner; with one tracker nobody needs to be mapped", id="one tracker"),
    ],
)  # fmt: skip
def test_people(accounts: list[Account], trackers: int, expected: str) -> None:
    assert line(people(identify([ADA], accounts, ("github", "jira", "dc")), trackers)) == expected


def test_an_account_that_could_be_somebodys_is_nobodys_yet() -> None:
    found = people(identify([ADA], [account("jira", "ada-l")], ("github", "jira")), 2)

    assert (found.grade, found.remedy) == (Grade.WARNING, "trackersync people")


# What the configuration names.


def test_named_are_the_words_of_the_configuration() -> None:
    ours = (rule("idea", status=("Backlog", "To Do")), rule("done", {"resolution": "Done"}, status="Done"))
    decided = replace(
        terms(),
        hands_off={"jira": {"status": ("Waiting",), "labels": ("frozen",)}},
        outcomes={"jira": {"build": (rule("build", pulls="merged"),)}},
    )

    assert named("jira", ours, replace(decided, maps={**MAPS, "jira": MAPS["jira"]})) == {
        "status": ("Backlog", "To Do", "In Progress", "In Review", "Done", "Waiting"),
        "resolution": ("Done",),
        "labels": ("frozen",),
        "pulls": ("merged",),
    }


def test_what_a_tracker_means_by_itself_is_nobodys_word() -> None:
    ours = tuple(labelled("idea", "build"))

    assert named("github", ours, terms(maps={**MAPS, "github": github_map(*ours)})) == {
        "labels": ("stage: idea", "stage: build")
    }


# What a run takes.


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param((), None, id="none"),
        pytest.param((2, 900), None, id="two tell nothing"),
        pytest.param((2, 900, 4), (2, 4), id="the one that read everything is not usual"),
        pytest.param((2, 2, 2), (2, 2), id="all alike"),
        pytest.param((*range(2, 42), 900, 901, 902, 903), (2, 41), id="of forty-four, four"),
    ],
)
def test_what_a_run_usually_takes(sent: tuple[int, ...], expected: tuple[int, int] | None) -> None:
    assert usual(sent) == expected


def test_an_examination_counts_its_checks() -> None:
    found = Examination((
        Section("configuration", (Check("file", Grade.GOOD, ""), Check("roles", Grade.WARNING, ""))),
        Section("jira", (Check("token", Grade.ERROR, ""),), tracker=True),
    ))  # fmt: skip

    assert [found.count(grade) for grade in Grade] == [1, 0, 1, 1]
    assert worst(found.checks) is Grade.ERROR
    assert worst(()) is Grade.GOOD

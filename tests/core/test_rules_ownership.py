"""Rules about who owns a task and whether they are able to: when each fires, and when it does not."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from world import MAPS, NOON, bo, gh, ji, judged, person, task, terms

from trackersync.core.diagnose import Amendment, AnyRule, Known, Rulebook, diagnose
from trackersync.core.diagnose.ability import OWNER_INACTIVE, OWNER_LACKS_ROLE, OWNER_UNASSIGNABLE
from trackersync.core.diagnose.ownership import MANY_OWNERS, NO_OWNER, OWNER_NOT_A_PERSON, OWNER_UNKNOWN
from trackersync.core.model import Account, Item, Person, Severity
from trackersync.core.people import Directory
from trackersync.core.terms import Terms

TEAM = [
    replace(person("ada-l", "github", "jira", "board"), roles=("Engineer",)),
    replace(person("grace-h", "github", "jira", "board"), roles=("QA tester", "engineer")),
    replace(person("mary-j", "github", "jira", "board"), roles=("designer",)),
    person("alan-t", "github", "jira", "board"),
    person("kath-j", "jira", github=("github:kath-j", "github:kath-work")),
    person("radia-p", "jira"),
]
BOTS = (Account("github", "?copilot", "Copilot", human=False), Account("github", "?renovate", "renovate", human=False))
GITHUB_ALONE = {"github": MAPS["github"]}


def of(*accounts: Account, trackers: Mapping[str, object] = MAPS, writes: Mapping[str, tuple[str, ...]] | None = None) -> Terms:  # fmt: skip
    maps = {name: MAPS[name] for name in trackers}
    return terms(maps=maps, people=Directory(TEAM, (*BOTS, *accounts), maps), writes=writes)  # type: ignore[arg-type]  # words of fields


def told(rule: AnyRule, *items: Item, where: Terms | None = None, known: Known | None = None, **settings: object) -> list[str]:  # fmt: skip
    """``SHOP-42: the table's sentence``, one a finding."""
    found = judged(rule, task(*items), of=where or of(), known={"t1": known} if known else {}, **settings)
    return [f"{one.items[0].key}: {one.table}" for one in found]


def written(*authors: str, owners: str = "") -> Item:
    item = gh("stage: build", owners=owners)
    return replace(item, facts={**item.facts, "authors": authors})


MISSING = ["acme/shop#17: acme/shop#17 is in build and has no owner"]


@pytest.mark.parametrize(
    ("item", "on", "expected"),
    [
        pytest.param(written("github:ada-l"), True, [], id="somebody we know wrote it"),
        pytest.param(written("github:ada-l"), False, MISSING, id="unless the team wants it, an author is no owner"),
        pytest.param(written("?octocat"), True, [], id="a stranger may well be a person"),
        pytest.param(written("?copilot"), True, MISSING, id="a bot counts for nobody"),
        pytest.param(written("?copilot", "?octocat"), True, [], id="a person beside a bot"),
        pytest.param(written(), True, MISSING, id="no open pull request"),
    ],
)
def test_no_owner_where_authors_of_pull_requests_count(item: Item, on: bool, expected: list[str]) -> None:
    assert told(NO_OWNER, item, pull_authors=on) == expected


def test_an_author_in_one_tracker_counts_for_the_whole_task() -> None:
    assert told(NO_OWNER, written("?octocat"), ji("In Progress"), pull_authors=True) == []


@pytest.mark.parametrize(
    ("container", "owners", "expected"),
    [
        pytest.param("acme/shop", "ada-l grace-h", [], id="two are let be in one repository"),
        pytest.param("acme/shop", "ada-l grace-h mary-j", ["many-owners"], id="three are not"),
        pytest.param(
            "acme/till", "ada-l grace-h", ["many-owners"], id="another repository keeps the rule's own maximum"
        ),
        pytest.param("acme/mob", "ada-l grace-h mary-j", [], id="and in a third it does not hold"),
    ],
)
def test_many_owners_has_a_maximum_for_each_repository(container: str, owners: str, expected: list[str]) -> None:
    book = Rulebook(
        [MANY_OWNERS],
        {"many-owners": [Amendment(settings={"most": 2}, project="acme/shop"), Amendment("off", project="acme/mob")]},
    )
    item = replace(gh("stage: build", owners=owners), container=container)
    assert [one.rule for one in diagnose([task(item)], of(), NOON, rulebook=book).findings] == expected


GONE = "is nobody under people"


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([gh("stage: build", owners="?octocat")], [f"acme/shop#17: owner ?octocat {GONE}"], id="nobody mapped them"),
        pytest.param([gh("stage: build", owners="?octocat ?hubber ada-l")], [f"acme/shop#17: owner ?octocat and ?hubber {GONE}"], id="two: one finding an item"),
        pytest.param([gh("stage: build", owners="?octocat"), ji("In Progress", owners="?u123")], [f"SHOP-42: owner ?u123 (Una May) {GONE}", f"acme/shop#17: owner ?octocat {GONE}"], id="on both items, with the name a tracker shows"),
        pytest.param([gh("stage: build", owners="?copilot")], [], id="a bot is nobody to be mapped"),
        pytest.param([gh("stage: build", owners="ada-l kath-work")], [], id="everybody is known"),
        pytest.param([gh("stage: build")], [], id="nobody"),
        pytest.param([gh("closed:completed", owners="?octocat")], [], id="finished work may have whom it likes"),
    ],
)  # fmt: skip
def test_owner_unknown(items: list[Item], expected: list[str]) -> None:
    met = of(Account("jira", "?u123", "Una May"), Account("github", "?octocat", "?octocat"))
    assert sorted(told(OWNER_UNKNOWN, *items, where=met)) == expected


def test_where_one_tracker_stands_alone_nobody_needs_to_be_mapped() -> None:
    assert told(OWNER_UNKNOWN, gh("stage: build", owners="?octocat"), where=of(trackers=GITHUB_ALONE)) == []


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param([], [], id="nobody has begun to say who is who: `doctor` says that once"),
        pytest.param([Person("ada-l", {"github": ("ada-l",)})], [], id="somebody, but in one tracker"),
        pytest.param([Person("ada-l", {"github": ("ada-l",), "jira": ("5b10",)})], [f"acme/shop#17: owner ?octocat {GONE}"], id="somebody in two"),
    ],
)  # fmt: skip
def test_a_team_has_to_begin_before_anybody_is_left_out(people: list[Person], expected: list[str]) -> None:
    where = terms(people=Directory(people, BOTS, MAPS))
    assert told(OWNER_UNKNOWN, gh("stage: build", owners="?octocat"), where=where) == expected


def test_owner_unknown_says_whom_to_add() -> None:
    (one,) = judged(OWNER_UNKNOWN, task(gh("stage: build", owners="?octocat")), of=of())
    assert one.message == "acme/shop#17 is owned by ?octocat, who is nobody under people"
    assert one.fix == "add the github account ?octocat to a person under people:"
    assert (one.severity, one.place) == (Severity.WARNING, "other")


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([gh("stage: build", owners="?copilot")], ["acme/shop#17: owner ?copilot is no person"], id="a bot alone"),
        pytest.param([gh("stage: build", owners="ada-l ?copilot")], ["acme/shop#17: owner ?copilot is no person"], id="beside a person too"),
        pytest.param([gh("stage: build", owners="?renovate ?copilot")], ["acme/shop#17: owner ?renovate and ?copilot is no person"], id="two of them: one finding"),
        pytest.param([gh("stage: build", owners="?octocat")], [], id="a stranger may be a person"),
        pytest.param([gh("stage: build", owners="ada-l")], [], id="a person"),
        pytest.param([ji("In Progress", owners="?copilot")], [], id="an account of the same name in another tracker"),
        pytest.param([gh("closed:completed", owners="?copilot")], [], id="finished work may have whom it likes"),
    ],
)  # fmt: skip
def test_owner_not_a_person(items: list[Item], expected: list[str]) -> None:
    assert told(OWNER_NOT_A_PERSON, *items) == expected


def test_a_bot_that_the_team_mapped_is_whom_they_say() -> None:
    bot = Account("github", "github:ada-l", "ada-l", human=False)
    assert told(OWNER_NOT_A_PERSON, gh("stage: build", owners="ada-l"), where=of(bot)) == []


def off(tracker: str, name: str) -> Account:
    return Account(tracker, f"{tracker}:{name}".upper(), name, active=False)


@pytest.mark.parametrize(
    ("accounts", "items", "expected"),
    [
        pytest.param([off("jira", "ada-l")], [ji("In Progress", owners="ada-l")], ["SHOP-42: owner ada-l is deactivated in jira"], id="the owner's own account"),
        pytest.param([off("jira", "ada-l")], [gh("stage: build", owners="ada-l"), ji("In Progress")], ["SHOP-42: owner ada-l is deactivated in jira"], id="in the other tracker of the task"),
        pytest.param([off("jira", "ada-l")], [gh("stage: build", owners="ada-l"), ji("In Progress", owners="ada-l")], ["SHOP-42: owner ada-l is deactivated in jira"], id="owner of both: once"),
        pytest.param([off("jira", "ada-l"), off("github", "ada-l")], [gh("stage: build", owners="ada-l"), ji("In Progress", owners="ada-l")], ["SHOP-42: owner ada-l is deactivated in jira and github"], id="in both: one finding"),
        pytest.param([off("jira", "ada-l"), off("jira", "grace-h")], [bo("build", owners="ada-l grace-h"), ji("In Progress")], ["SHOP-42: owner ada-l is deactivated in jira", "SHOP-42: owner grace-h is deactivated in jira"], id="two owners: one finding each"),
        pytest.param([off("jira", "ada-l")], [gh("stage: build", owners="ada-l")], [], id="in a tracker that has no part in it"),
        pytest.param([off("jira", "ada-l")], [ji("In Progress", owners="grace-h")], [], id="somebody else"),
        pytest.param([Account("jira", "jira:ada-l", "ada-l", active=True)], [ji("In Progress", owners="ada-l")], [], id="active"),
        pytest.param([Account("jira", "jira:ada-l", "ada-l")], [ji("In Progress", owners="ada-l")], [], id="the tracker does not say"),
        pytest.param([off("github", "kath-j")], [gh("stage: build", owners="kath-work"), ji("In Progress")], [], id="an old account beside the one in use"),
        pytest.param([off("github", "kath-j")], [gh("stage: build"), ji("In Progress", owners="kath-j")], [], id="an old account beside one to write to"),
        pytest.param([off("github", "kath-j")], [gh("stage: build", owners="kath-j")], ["acme/shop#17: owner kath-j is deactivated in github"], id="owned by the old account"),
        pytest.param([off("github", "kath-j")], [gh("stage: build", owners="kath-j kath-work")], [], id="owned by both"),
        pytest.param([Account("github", "?octocat", "?octocat", active=False)], [gh("stage: build", owners="?octocat")], ["acme/shop#17: owner ?octocat is deactivated in github"], id="a stranger too"),
        pytest.param([Account("jira", "?octocat", "?octocat", active=False)], [gh("stage: build", owners="?octocat"), ji("In Progress")], [], id="a stranger of the same name in another tracker"),
        pytest.param([off("jira", "ada-l")], [ji("Done", owners="ada-l")], [], id="finished work needs nobody"),
    ],
)  # fmt: skip
def test_owner_inactive(accounts: list[Account], items: list[Item], expected: list[str]) -> None:
    assert told(OWNER_INACTIVE, *items, where=of(*accounts)) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([gh("stage: build", owners="mary-j")], ["acme/shop#17: build is for engineer; its owner is mary-j (designer)"], id="none of its roles"),
        pytest.param([gh("stage: build", owners="mary-j"), ji("In Progress", owners="mary-j")], ["SHOP-42: build is for engineer; its owner is mary-j (designer)"], id="once a task"),
        pytest.param([gh("stage: build", owners="ada-l")], [], id="one of its roles, written otherwise"),
        pytest.param([gh("stage: build", owners="grace-h")], [], id="one of several roles"),
        pytest.param([gh("stage: build", owners="mary-j ada-l")], [], id="one of the owners will do"),
        pytest.param([gh("stage: build", owners="mary-j"), ji("In Progress", owners="ada-l")], [], id="on any item"),
        pytest.param([gh("stage: build", owners="alan-t")], [], id="roles nobody configured"),
        pytest.param([gh("stage: build", owners="mary-j alan-t")], [], id="roles of one owner are not known"),
        pytest.param([gh("stage: build", owners="mary-j ?octocat")], [], id="a stranger may hold it"),
        pytest.param([gh("stage: build", owners="mary-j ?copilot")], ["acme/shop#17: build is for engineer; its owner is mary-j (designer)"], id="a bot holds none"),
        pytest.param([gh("stage: build")], [], id="nobody owns it: another rule's"),
        pytest.param([ji("Waiting", owners="mary-j")], [], id="no stage"),
        pytest.param([gh("bug", owners="mary-j")], [], id="a stage that is only assumed"),
        pytest.param([gh("bug", owners="mary-j"), bo("build")], ["CARD-5: build is for engineer; its owner is mary-j (designer)"], id="stated by the other item"),
        pytest.param([gh("stage: idea", owners="ada-l"), ji("In Progress", owners="ada-l")], [], id="trackers disagree on the stage"),
        pytest.param([gh("stage: build", "stage: verify", owners="mary-j")], [], id="two labels at once"),
        pytest.param([gh("stage: idea", owners="mary-j")], [], id="a coarse word covers a stage of theirs"),
        pytest.param([gh("stage: idea", owners="mary-j"), bo("requirements", owners="mary-j")], ["CARD-5: requirements is for engineer; its owner is mary-j (designer)"], id="the other item says which of them"),
        pytest.param([ji("Done", owners="mary-j")], [], id="finished work needs nobody"),
    ],
)  # fmt: skip
def test_owner_lacks_role(items: list[Item], expected: list[str]) -> None:
    assert told(OWNER_LACKS_ROLE, *items) == expected


def test_owner_lacks_role_says_the_facts_and_the_next_step() -> None:
    (one,) = judged(OWNER_LACKS_ROLE, task(bo("verify", owners="mary-j ada-l")), of=of())
    assert one.message == (
        "CARD-5 is in verify, which is for QA tester, and is owned by mary-j (designer) and ada-l (Engineer)"
    )
    assert one.fix == "hand it to somebody who is QA tester, or add the role under people:"


LOST = "has no known account in github"
REFUSED = Known(refused={ji("x").ref: "SHOP-42: ada-l may not be\n assigned here."})


@pytest.mark.parametrize(
    ("known", "items", "expected"),
    [
        pytest.param(None, [gh("stage: build"), ji("In Progress", owners="radia-p")], [f"acme/shop#17: radia-p {LOST}"], id="no account there"),
        pytest.param(None, [gh("stage: build"), bo("build"), ji("In Progress", owners="radia-p")], [f"acme/shop#17: radia-p {LOST}", "CARD-5: radia-p has no known account in board"], id="nor in a third tracker: one finding an item"),
        pytest.param(None, [gh("stage: build"), ji("In Progress", owners="ada-l")], [], id="sync fills it"),
        pytest.param(None, [gh("stage: build", owners="grace-h"), ji("In Progress", owners="radia-p")], [], id="it shows somebody"),
        pytest.param(None, [gh("stage: build", owners="?octocat"), ji("In Progress", owners="radia-p")], [], id="it shows a stranger"),
        pytest.param(None, [gh("stage: build", owners="?copilot"), ji("In Progress", owners="radia-p")], [f"acme/shop#17: radia-p {LOST}"], id="a bot is nobody"),
        pytest.param(None, [gh("stage: build"), ji("In Progress", owners="?u123")], [], id="a stranger may have an account anywhere"),
        pytest.param(None, [ji("In Progress", owners="radia-p")], [], id="no other item"),
        pytest.param(None, [gh("closed:completed"), ji("Done", owners="radia-p")], [], id="finished work needs nobody"),
        pytest.param(REFUSED, [gh("stage: build", owners="ada-l"), ji("In Progress")], ["SHOP-42: jira refused its owners: ada-l may not be assigned here"], id="refused"),
        pytest.param(REFUSED, [gh("stage: build", owners="ada-l"), ji("In Progress", owners="grace-h")], ["SHOP-42: jira refused its owners: ada-l may not be assigned here"], id="refused in place of another"),
        pytest.param(REFUSED, [gh("stage: build", owners="ada-l"), ji("In Progress", owners="ada-l")], [], id="refused once, and assigned since"),
        pytest.param(REFUSED, [gh("stage: build", owners="ada-l grace-h"), ji("In Progress", owners="grace-h")], [], id="refused once, and full since"),
        pytest.param(REFUSED, [gh("stage: build"), ji("In Progress")], [], id="refused once, and wanted no more"),
        pytest.param(REFUSED, [gh("closed:completed", owners="ada-l"), ji("Done")], [], id="refused, and finished since"),
    ],
)  # fmt: skip
def test_owner_unassignable(known: Known | None, items: list[Item], expected: list[str]) -> None:
    assert sorted(told(OWNER_UNASSIGNABLE, *items, known=known)) == sorted(expected)


def test_a_tracker_that_may_not_be_written_lacks_nobody() -> None:
    items = [gh("stage: build"), ji("In Progress", owners="radia-p")]
    assert told(OWNER_UNASSIGNABLE, *items, where=of(writes={"github": ("stage",)})) == []


def test_owner_unassignable_names_the_item_and_the_command_that_tries_again() -> None:
    items = task(gh("stage: build", owners="ada-l"), ji("In Progress"))
    (one,) = judged(OWNER_UNASSIGNABLE, items, of=of(), known={"t1": REFUSED})
    assert one.message == "jira refused the owners of SHOP-42: ada-l may not be assigned here"
    assert one.fix.endswith("then `trackersync resume SHOP-42`")

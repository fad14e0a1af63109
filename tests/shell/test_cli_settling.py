"""What a person settles, takes back, links and pauses, over the sample shop; judged by what the trackers then show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from product import spawn
from trackersync.sandbox import answer
from trackersync.sandbox.jira.workflow import any_to_any

if TYPE_CHECKING:
    from product import Shop


def assignees(shop: Shop, number: int) -> tuple[str, ...]:
    return shop.sandbox.github.issues[number].assignees


def owner(shop: Shop, key: str) -> str | None:
    """Who owns it, as the people file names them."""
    names = {account: one["name"] for one in shop.settings["people"] for account in one["jira"]}
    return names.get(shop.sandbox.jira.issue(key).assignee or "")


# Conflicts


def test_a_conflict_is_shown_first_and_settled_with_the_plans_digest(shop: Shop) -> None:
    shop.approved()
    before = shop.state()
    shop.clear()
    done = shop.run("resolve", "SHOP-44", "--take", "jira")

    assert done.code == 3
    assert "shop#21 = SHOP-44 ada-l -> susan-k settled by you: jira's owners" in done.said
    assert "Nothing was written: there is nobody here to ask." in done.said
    assert (shop.state(), shop.writes) == (before, 0)

    digest = shop.json("resolve", "SHOP-44", "--take", "jira", code=3)["digest"]
    assert f"trackersync resolve SHOP-44 --take jira --approve {digest}" in done.said
    written = shop.json("resolve", "SHOP-44", "--take", "jira", "--approve", digest)
    assert [(change["key"], change["receipt"]) for change in written["changes"]] == [("acme/shop#21", "applied")]
    assert assignees(shop, 21) == ("susan-k",)
    assert [one["key"] for one in shop.json("plan")["conflicts"][0]["sides"]] == ["acme/shop#8", "SHOP-29"]
    assert shop.json("sync")["changes"] == []


def test_conflicts_of_one_pattern_are_settled_at_once(shop: Shop) -> None:
    shop.approved()
    shop.json("resolve", "--field", "owners", "--take", "github", "--yes")
    assert (owner(shop, "SHOP-44"), owner(shop, "SHOP-29")) == ("ada-l", "grace-h")
    assert shop.run("conflicts").said.startswith("0 open")
    assert shop.json("sync")["changes"] == []


def test_another_plan_than_the_one_approved_is_refused(shop: Shop) -> None:
    shop.approved()
    digest = shop.json("resolve", "SHOP-44", "--take", "jira", code=3)["digest"]
    shop.sandbox.github.edit(21, by="grace-h", assignees=["grace-h"])
    before = shop.state()
    done = shop.run("resolve", "SHOP-44", "--take", "jira", "--approve", digest)
    assert done.code == 3
    assert f"Refused: {digest} was approved" in done.said
    assert shop.state() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(["SHOP-42", "--take", "jira"], "no conflict of SHOP-42 to settle", id="no conflict there"),
        pytest.param(["SHOP-44", "--take", "jria"], 'no tracker is named "jria"', id="no such tracker"),
        pytest.param(["SHOP-4444", "--take", "jira"], 'is named "SHOP-4444"', id="no such task"),
        pytest.param(["SHOP-44"], "whose word is to be taken?", id="no tracker"),
        pytest.param(["--take", "jira"], "which conflict is meant?", id="neither task nor field"),
        pytest.param(["SHOP-44", "--take", "jira", "--field", "stage"], "no conflict on stage of SHOP-44", id="field"),
    ],
)
def test_what_cannot_be_settled_is_told(shop: Shop, words: list[str], sentence: str) -> None:
    shop.approved()
    before = shop.state()
    done = shop.run("resolve", *words)
    assert done.code == 2
    assert sentence in done.said
    assert shop.state() == before


def test_a_side_that_a_field_does_not_come_from_cannot_be_taken(shop: Shop) -> None:
    shop.settings["sync"]["owners"] = {"authority": "ask", "adopt": "ask", "direction": "jira"}
    shop.configure()
    shop.approved()
    done = shop.run("resolve", "SHOP-44", "--take", "github", "--yes")
    assert done.code == 2
    assert "owners comes from jira only (sync.owners.direction)" in done.said
    assert shop.json("resolve", "SHOP-44", "--take", "jira", "--yes")["changes"]


def test_what_cannot_be_written_now_is_not_settled_behind_ones_back(shop: Shop) -> None:
    shop.approved()
    shop.run("pause", "SHOP-44")
    done = shop.run("resolve", "SHOP-44", "--take", "jira", "--yes")
    assert done.code == 2
    assert "it cannot be settled now: the task is paused" in done.said
    shop.run("resume", "SHOP-44")
    assert len(shop.json("plan")["conflicts"]) == 2


def test_a_tracker_that_is_down_is_not_called_no_conflict(shop: Shop) -> None:
    run = shop.approved()["run"]
    shop.sandbox.jira.faults.add(answer(503, "", {"retry-after": "0"}), times=10_000)
    done = shop.run("resolve", "SHOP-44", "--take", "jira")
    assert (done.code, "503" in done.said) == (4, True)
    back = shop.run("undo", str(run))
    assert back.code == 4
    assert "jira could not be read this time" in back.said


# The way back


def test_a_run_is_taken_back_and_not_done_again(shop: Shop) -> None:
    before = {number: (issue.labels, issue.assignees) for number, issue in shop.sandbox.github.issues.items()}
    run = shop.approved()["run"]
    assert {n: (i.labels, i.assignees) for n, i in shop.sandbox.github.issues.items()} != before

    shown = shop.run("undo", str(run))
    assert shown.code == 3
    assert "takes back run 1" in shown.said
    digest = shop.json("undo", str(run), code=3)["digest"]
    shop.json("undo", str(run), "--approve", digest)

    assert {number: (i.labels, i.assignees) for number, i in shop.sandbox.github.issues.items()} == before
    shop.clear()
    again = shop.json("sync")
    assert (again["changes"], shop.writes) == ([], 0)
    assert sum(left["because"].startswith("run 1 was taken back") for left in again["left_alone"]) == 13

    assert "is tried again" in shop.run("resume", "SHOP-42").said
    redone = shop.json("sync", "--yes")
    assert {change["key"] for change in redone["changes"]} == {"acme/shop#17"}


def test_a_run_that_is_not_there(shop: Shop) -> None:
    done = shop.run("undo", "77")
    assert done.code == 2
    assert "there is no run 77 in the journal" in done.said


def test_five_hundred_changes_are_taken_back_but_for_what_people_touched(shop: Shop) -> None:
    """250 tasks drift in stage and owner; all is written, people touch some, and the rest is as it was."""
    github, jira = shop.sandbox.github, shop.sandbox.jira
    jira.workflows["SHOP"] = any_to_any(jira.workflows["SHOP"].statuses)
    pairs = []
    for place in range(250):
        # Half of them are further in Jira, half on GitHub, so that both trackers are written.
        here, there = ("In Progress", "stage: idea") if place % 2 else ("Backlog", "stage: build")
        key = jira.create(f"Task {place}", status=here, assignee="ada-l" if place % 2 else None).key
        assigned = [] if place % 2 else ["ada-l"]
        number = github.create(f"{key}: task {place}", labels=[there, "bug"], assignees=assigned).number
        pairs.append((key, number))

    def shown(key: str, number: int) -> tuple[object, ...]:
        one, other = jira.issue(key), github.issues[number]
        return one.status, one.resolution, one.assignee, other.state, frozenset(other.labels), other.assignees

    before = {pair: shown(*pair) for pair in pairs}
    written = shop.approved()
    assert len(written["changes"]) >= 500
    assert {change["receipt"] for change in written["changes"]} == {"applied"}
    assert owner(shop, pairs[0][0]) == "ada-l"

    touched = pairs[:10]
    for key, number in touched[:5]:
        jira.edit(key, by="alan-t", assignee="alan-t")
        github.edit(number, by="grace-h", labels=["stage: design", "bug"])
    for key, number in touched[5:]:
        jira.edit(key, by="alan-t", status="In Review")
        github.edit(number, by="grace-h", assignees=["grace-h"])
    untouched = {pair: before[pair] for pair in pairs[10:]}
    meanwhile = {pair: shown(*pair) for pair in touched}
    plan = shop.json("undo", str(written["run"]), code=3)
    back = shop.json("undo", str(written["run"]), "--approve", plan["digest"])

    assert {change["receipt"] for change in back["changes"]} == {"applied"}
    assert {pair: shown(*pair) for pair in untouched} == untouched
    named = {(left["key"], left["field"]) for left in back["left_alone"]}
    taken_back = {(change["key"], change["field"]) for change in back["changes"]}
    run = {(change["key"], change["field"]) for change in written["changes"]}
    assert named | taken_back == run, "whatever is not taken back is named"
    assert not named & taken_back
    for (key, number), facts in meanwhile.items():
        now = shown(key, number)
        for place, field, where in (
            (0, "stage", key),
            (2, "owners", key),
            (4, "stage", f"acme/shop#{number}"),
            (5, "owners", f"acme/shop#{number}"),
        ):
            if (where, field) not in taken_back:
                assert now[place] == facts[place], f"{where} {field} was touched, and written over"


# Links


def test_two_items_are_linked_and_taken_apart_by_hand(shop: Shop) -> None:
    number = shop.sandbox.github.create("Vouchers", labels=["stage: build"]).number
    key = shop.sandbox.jira.create("Gift cards", status="In Progress", assignee="ada-l").key
    shop.approved()
    assert assignees(shop, number) == ()

    done = shop.run("link", key, f"shop#{number}")
    assert done.said == f"{key} and acme/shop#{number} are one task."
    assert shop.run("link", f"shop#{number}", key).said.endswith("are linked already.")
    shop.json("sync")
    assert assignees(shop, number) == ("ada-l",)

    assert "not linked to" in shop.run("unlink", key).said
    shop.sandbox.jira.edit(key, by="grace-h", assignee="grace-h")
    shop.json("sync", "--full")
    assert assignees(shop, number) == ("ada-l",)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(["SHOP-42", "SHOP-44"], "both in jira", id="of one tracker"),
        pytest.param(["SHOP-42", "shop#21"], "belongs to the task", id="of two tasks"),
        pytest.param(["SHOP-42", "shop#9999"], 'no task is named "shop#9999"', id="of nothing"),
    ],
)
def test_what_cannot_be_linked_is_told(shop: Shop, words: list[str], sentence: str) -> None:
    shop.approved()
    done = shop.run("link", *words)
    assert done.code == 2
    assert sentence in done.said


def test_a_pair_of_the_configuration_is_not_taken_apart_behind_its_back(shop: Shop) -> None:
    shop.settings["links"] = [["SHOP-42", "acme/shop#17"]]
    shop.configure()
    shop.run("check")
    done = shop.run("unlink", "shop#17")
    assert done.code == 2
    assert "the configuration links SHOP-42 and acme/shop#17" in done.said


# Hands off


def test_a_paused_tracker_is_read_and_not_written(shop: Shop) -> None:
    shop.run("check")
    assert "github is paused" in shop.run("pause", "github", "--reason", "migration").said
    record = shop.json("plan")
    assert {change["tracker"] for change in record["changes"]} <= {"jira"}
    assert {left["because"] for left in record["left_alone"] if left["tracker"] == "github"} >= {
        "github is paused: migration"
    }
    assert "github is paused already" in shop.run("pause", "github").said
    assert "github goes on" in shop.run("resume", "github").said
    assert "nothing of it rests" in shop.run("resume", "github").said
    assert {change["tracker"] for change in shop.json("plan")["changes"]} == {"github", "jira"}


def test_a_paused_task_is_not_written(shop: Shop) -> None:
    shop.run("check")
    shop.run("pause", "SHOP-42")
    assert "acme/shop#17" not in {change["key"] for change in shop.json("plan")["changes"]}
    shop.run("resume", "shop#17")
    assert "acme/shop#17" in {change["key"] for change in shop.json("plan")["changes"]}


# What may be known where


def test_nothing_of_a_private_tracker_is_written_to_a_public_one(shop: Shop) -> None:
    """What changes on GitHub are its own stage labels, states and logins: no key, title, name or address of Jira's."""
    github = shop.sandbox.github
    texts = {number: (issue.title, issue.body) for number, issue in github.issues.items()}
    words = {label for issue in github.issues.values() for label in issue.labels}
    stages = {
        matcher["labels"][0]
        for matcher in shop.settings["trackers"]["github"]["stages"].values()
        if "labels" in matcher
    }
    shop.approved()
    shop.sandbox.meanwhile()
    assert shop.json("sync")["changes"]

    assert {number: (issue.title, issue.body) for number, issue in github.issues.items()} == texts
    assert {label for issue in github.issues.values() for label in issue.labels} <= words | stages
    assert {login for issue in github.issues.values() for login in issue.assignees} <= set(github.assignable.values())
    paths = [request.path for request in github.requests if request.method not in ("GET", "HEAD")]
    assert not [path for path in paths if "/comments" in path]


# Help


def test_the_commands_are_found_and_explain_themselves(shop: Shop) -> None:
    listed = spawn(shop.folder, "--help").said
    for command in ("resolve", "undo", "link", "unlink", "pause", "resume"):
        assert f" {command} " in listed
        assert "Example" in spawn(shop.folder, command, "--help").said

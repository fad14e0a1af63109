"""What holds a write back, what may go wrong while writing, and what the next run makes of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from product import begin, interrupt, spawn

from trackersync.sandbox import answer, drop, lose, overtaken, powerless, stall

if TYPE_CHECKING:
    from pathlib import Path

    from product import Ran, Shop


def receipts(record: dict[str, list[dict[str, str]]]) -> dict[tuple[str, str], str]:
    return {(change["key"], change["field"]): change["receipt"] for change in record["changes"]}


def saved(shop: Shop) -> Path:
    file = shop.folder / "plan.json"
    assert shop.run("plan", "--out", str(file)).code == 0
    return file


# The guard


def test_a_first_run_is_held_and_writes_nothing(shop: Shop) -> None:
    before = shop.state()
    done = shop.run("sync")

    assert done.code == 3
    assert "Held by the guard. Nothing was written." in done.out
    assert "first run" in done.out
    assert "limits.share" in done.out
    digest = shop.json("plan")["digest"]
    assert f"trackersync sync --approve {digest}" in done.out
    record = shop.json("sync", code=3)
    assert {hold["name"] for hold in record["held"]} == {"first run", "limits.share"}
    assert record["run"] is None
    assert (shop.state(), shop.writes) == (before, 0)


def test_yes_lifts_no_limit(shop: Shop) -> None:
    done = shop.run("sync", "--yes")
    assert done.code == 3
    assert "limits.share" in done.out
    assert shop.writes == 0


def test_yes_answers_the_question_of_a_first_run(shop: Shop) -> None:
    shop.settings["limits"]["share"] = "30%"
    shop.configure()
    assert shop.json("sync", code=3)["held"][0]["name"] == "first run"
    assert set(receipts(shop.json("sync", "--yes")).values()) == {"applied"}


@pytest.mark.parametrize(("limit", "held"), [("adoptions", True), ("changes", False)])
def test_first_contact_is_counted_against_its_own_limit(shop: Shop, limit: str, *, held: bool) -> None:
    shop.settings["limits"] = {"changes": 500, "share": "100%", "adoptions": 5000, limit: 3}
    shop.configure()
    record = shop.json("sync", "--yes", code=3 if held else 0)
    assert ("limits.adoptions" in {hold["name"] for hold in record["held"]}) == held
    assert (shop.writes == 0) == held


def test_more_changes_than_allowed_are_held(shop: Shop) -> None:
    shop.approved()
    for number in (29, 30, 31, 34):
        shop.sandbox.github.edit(number, assignees=["radia-p"], by="ada-l")
    shop.settings["limits"]["changes"] = 3
    shop.configure()
    shop.clear()
    record = shop.json("sync", "--yes", code=3)
    assert "limits.changes" in {hold["name"] for hold in record["held"]}
    assert shop.writes == 0


def test_only_the_right_digest_approves(shop: Shop) -> None:
    shop.run("check")
    done = shop.run("sync", "--approve", "0badcafe")
    assert done.code == 3
    assert "0badcafe was approved" in done.said
    assert "Nothing was written." in done.out
    assert shop.json("sync", "--approve", "0badcafe", code=3)["run"] is None
    assert shop.json("sync", "--yes", "--approve", "0badcafe", code=3)["run"] is None
    assert shop.writes == 0

    digest = shop.json("plan")["digest"]
    shop.sandbox.jira.edit("SHOP-48", assignee="ada-l")
    shop.clear()
    done = shop.run("sync", "--approve", digest)
    assert done.code == 3
    assert shop.json("plan")["digest"] in done.out, "the plan as it is now"
    assert shop.writes == 0


def test_a_changed_mapping_is_held_again(shop: Shop) -> None:
    shop.approved()
    shop.tracker("jira", stages={**shop.settings["trackers"]["jira"]["stages"], "verify": {"statuses": ["In Review", "Waiting for vendor"]}})  # fmt: skip
    shop.sandbox.jira.edit("SHOP-42", status="In Review")
    record = shop.json("sync", code=3)
    assert "changed mapping" in {hold["name"] for hold in record["held"]}


def test_an_emptied_tracker_holds_everything(shop: Shop) -> None:
    shop.approved()
    shop.sandbox.meanwhile()
    for number in list(shop.sandbox.github.issues):
        shop.sandbox.github.delete(number)
    shop.clear()
    record = shop.json("sync", "--yes", "--full", code=3)
    assert "emptied tracker" in {hold["name"] for hold in record["held"]}
    assert shop.writes == 0


@pytest.mark.parametrize("name", ["SHOP-42", "shop#17", "acme/shop#17", "shop-42"])
def test_only_one_task_is_written(shop: Shop, name: str) -> None:
    before = shop.state()[0]
    record = shop.json("sync", "--only", name, "--yes")

    assert receipts(record) == {("acme/shop#17", "stage"): "applied", ("acme/shop#17", "owners"): "applied"}
    after = shop.state()[0]
    assert {number for number in after if after[number] != before[number]} == {17}
    assert len(shop.json("plan")["changes"]) == 10, "the others are still planned"
    assert shop.json("sync", code=3)["held"], "and still held: one task was approved, not the configuration"


@pytest.mark.parametrize("name", ["SHOP", "acme/shop"])
def test_only_a_project_or_a_repository(shop: Shop, name: str) -> None:
    assert len(shop.json("plan", "--only", name)["changes"]) == 12


# A saved plan


def test_a_saved_plan_is_applied_exactly(shop: Shop) -> None:
    file, planned = saved(shop), shop.json("plan")
    record = shop.json("apply", str(file))

    assert record["digest"] == planned["digest"]
    assert [(c["key"], c["before"], c["after"]) for c in record["changes"]] == [
        (c["key"], c["before"], c["after"]) for c in planned["changes"]
    ]
    assert set(receipts(record).values()) == {"applied"}
    again = shop.json("apply", str(file))
    assert set(receipts(again).values()) <= {"already so"}, "applying twice equals once"


def test_a_plan_whose_world_moved_is_refused_and_names_what_moved(shop: Shop) -> None:
    file = saved(shop)
    shop.sandbox.github.edit(15, labels=["bug", "stage: verify"], by="alan-t")
    shop.sandbox.github.edit(29, assignees=["tim-b"], by="tim-b")
    before = shop.state()
    shop.clear()
    done = shop.run("apply", str(file))

    assert done.code == 3
    assert "Refused" in done.out
    assert "Nothing was written." in done.out
    assert "shop#29 owners was nobody, is tim-b now" in done.said
    assert "shop#15" not in done.said, "it is so already, as the plan wanted"
    assert "--skip-stale" in done.out
    record = shop.json("apply", str(file), code=3)
    assert [(moved["key"], moved["field"]) for moved in record["moved"]] == [("acme/shop#29", "owners")]
    assert (shop.state(), shop.writes) == (before, 0)


def test_what_still_holds_can_be_done_alone(shop: Shop) -> None:
    file = saved(shop)
    shop.sandbox.github.edit(29, assignees=["tim-b"], by="tim-b")
    record = shop.json("apply", str(file), "--skip-stale", code=5)

    assert list(receipts(record).values()) == ["applied"] * 11
    assert [moved["key"] for moved in record["moved"]] == ["acme/shop#29"]
    assert shop.sandbox.github.issue(29).assignees == ("tim-b",)
    assert shop.sandbox.github.issue(30).assignees == ("susan-k",)


def test_a_plan_whose_item_is_gone_is_refused(shop: Shop) -> None:
    file = saved(shop)
    shop.sandbox.github.delete(30)
    done = shop.run("apply", str(file))
    assert done.code == 3
    assert "shop#30" in done.said
    assert shop.writes == 0


# A tracker that cannot be used


def test_one_tracker_down_rests_its_tasks_and_the_others_go_on(shop: Shop) -> None:
    shop.approved()
    shop.sandbox.meanwhile()
    shop.clear()
    before = shop.state()
    shop.sandbox.jira.faults.add(answer(503, "", {"retry-after": "0"}), times=10_000)
    record = shop.json("sync", code=4)

    assert record["resting"] == 44
    assert record["changes"] == []
    assert "503" in record["observed"]["jira"]["failure"]
    done = shop.run("sync")
    assert done.code == 4
    assert "44 tasks with an item in jira rest this run; 4 went on." in done.said
    assert (shop.state(), shop.writes) == (before, 0)

    shop.clear()
    assert len(receipts(shop.json("sync"))) == 2, "they are done when it is back"


def test_a_tracker_that_goes_down_while_reading(shop: Shop) -> None:
    shop.sandbox.jira.faults.add(drop(), path="/search", times=10_000)
    record = shop.json("sync", "--yes", code=4)
    assert record["changes"] == [], "nobody knows yet which of GitHub's issues have a counterpart"
    assert shop.writes == 0
    shop.clear()
    assert len(shop.json("plan")["changes"]) == 12, "they meet for the first time when both have been read"


def test_unreachable_outranks_findings_and_refusals(shop: Shop) -> None:
    shop.sandbox.jira.faults.add(answer(503, "", {"retry-after": "0"}), times=10_000)
    assert shop.run("check").code == 4
    shop.clear()
    file = saved(shop)
    shop.sandbox.github.edit(29, assignees=["tim-b"], by="tim-b")
    shop.sandbox.jira.faults.add(answer(503, "", {"retry-after": "0"}), times=10_000)
    assert shop.run("apply", str(file)).code == 4


# A change that does not take effect


def test_a_silent_refusal_is_told_and_not_tried_again(shop: Shop) -> None:
    shop.run("check")
    shop.sandbox.github.faults.add(powerless(), kind="write", times=10_000)
    digest = shop.json("plan")["digest"]
    record = shop.json("sync", "--approve", digest, code=5)

    assert set(receipts(record).values()) == {"rejected"}
    assert all(change["message"] for change in record["changes"])
    shop.clear()
    again = shop.json("sync")
    assert again["changes"] == []
    assert shop.writes == 0
    assert len(again["left_alone"]) == 3 + 12


def test_without_push_access_it_is_said_before_the_first_write(shop: Shop) -> None:
    shop.sandbox.github.push = False
    done = shop.run("sync")
    assert done.code == 3
    assert "triage" in done.said
    assert any("triage" in warning for warning in shop.json("plan")["warnings"])
    assert shop.writes == 0


def test_a_change_that_somebody_overtakes_is_stale(shop: Shop) -> None:
    digest = shop.json("plan")["digest"]
    github = shop.sandbox.github
    # Just before the item is looked at for the last time, somebody assigns it.
    github.faults.add(overtaken(lambda: github.edit(29, assignees=["tim-b"], by="tim-b")), method="GET", path="/29$")
    record = shop.json("sync", "--approve", digest, code=5)

    assert receipts(record).pop(("acme/shop#29", "owners")) == "stale"
    assert github.issue(29).assignees == ("tim-b",)
    assert sorted(receipts(record).values()) == ["applied"] * 11 + ["stale"]


def test_a_lost_answer_is_in_doubt_and_read_back_first(shop: Shop) -> None:
    digest = shop.json("plan")["digest"]
    shop.sandbox.github.faults.add(lose(), kind="write", times=1)
    record = shop.json("sync", "--approve", digest, code=5)
    assert sorted(receipts(record).values()) == ["failed"] * 11 + ["in doubt"], "the tracker is not used any more"
    assert {c["message"].split(":")[0] for c in record["changes"] if c["receipt"] == "failed"} == {"not begun"}
    shop.clear()

    again = shop.approved()
    assert set(receipts(again).values()) <= {"applied", "already so"}
    shop.clear()
    assert (shop.json("sync")["changes"], shop.writes) == ([], 0)
    assert shop.sandbox.github.issue(15).labels == ("bug", "stage: verify")
    assert shop.sandbox.github.issue(17).assignees == ("ada-l",)


def test_ctrl_c_while_writing_ends_with_130_and_the_next_run_goes_on(shop: Shop) -> None:
    digest = shop.json("plan")["digest"]
    shop.clear()
    shop.sandbox.github.faults.add(stall(20), kind="write", skip=5)
    child = begin(shop.folder, "sync", "--approve", digest)
    until = time.monotonic() + 30
    while shop.sandbox.github.writes < 6 and time.monotonic() < until:
        time.sleep(0.02)
    done = interrupt(child)

    assert done.code == 130
    assert "Stopped after run 1 had written" in done.said
    assert "in doubt" in done.said
    shop.clear()
    log = shop.sandbox.github.requests
    again = shop.json("sync", "--yes")
    first = next((at for at, request in enumerate(log) if request.kind == "write"), len(log))
    assert first > 0, "it looks before it writes"
    assert {change["receipt"] for change in again["changes"]} <= {"applied", "already so"}
    assert shop.sandbox.github.issue(39).assignees == ("radia-p",)
    shop.clear()
    assert shop.json("sync")["changes"] == []
    assert shop.writes == 0


def test_ctrl_c_while_reading_wrote_nothing(shop: Shop) -> None:
    shop.sandbox.jira.faults.add(stall(20), path="/search")
    child = begin(shop.folder, "sync", "--yes")
    until = time.monotonic() + 30
    while not any("/search" in request.path for request in shop.sandbox.jira.requests) and time.monotonic() < until:
        time.sleep(0.02)
    done = interrupt(child)
    assert done.code == 130
    assert "Nothing was written" in done.said
    assert shop.writes == 0


# Uses of their own


def test_github_alone_is_a_whole_use(shop: Shop) -> None:
    shop.only("github")
    shop.settings["sync"] = {}
    shop.configure()
    record = shop.json("check", code=1)
    assert (record["tasks"], record["items"]) == (42, {"github": 42})
    assert {finding["rule"] for finding in record["findings"]} <= {"no-owner", "many-owners", "clashing-stage-labels"}
    done = shop.run("check", "--fail-on", "warning")
    assert done.code == 1
    assert "jira" not in done.said
    assert "linked" not in done.said
    sync = shop.run("sync")
    assert sync.code == 0, sync.out
    assert "42 items; complete" in shop.run("sync", "--full").out
    assert shop.sandbox.jira.reads == 0
    assert shop.writes == 0


def test_a_tracker_that_may_not_be_written_is_not(shop: Shop) -> None:
    shop.tracker("github", writes="none")
    shop.tracker("jira", writes="none")
    assert shop.run("check").code == 1
    record = shop.json("plan")
    assert record["changes"] == []
    assert shop.json("sync", "--yes")["changes"] == []
    assert shop.writes == 0


def test_only_the_fields_that_may_be_written_are(shop: Shop) -> None:
    shop.tracker("github", writes=["owners"])
    record = shop.json("plan")
    assert {change["field"] for change in record["changes"]} == {"owners"}


def test_without_an_email_it_is_data_center(shop: Shop) -> None:
    people = {"5b10a2844c20165700ede21g": "ada-l", "5b10ac8d82e05b22cc7d4ef5": "grace-h",
              "5b109f2e9729b51b54dc274d": "alan-t", "5b1096a1e5b92f1c8a3f6d02": "kath-j",
              "5b1099f30a7c4d6be8f1523c": "margaret-h", "5b10a9d4c81e7f2a60b3d94e": "susan-k",
              "5b10b07f3e5a9d1c74f8e261": "tim-b", "5b10b6c2d94f0e8a15c7b3f9": "radia-p"}  # fmt: skip
    for person in shop.settings["people"]:
        person["jira"] = [people[person["jira"][0]]]
    shop.tracker("jira", email=None)

    record = shop.json("check", code=1)
    assert sum(record["counts"].values()) == 14
    assert any(request.path == "/rest/api/2/search" for request in shop.sandbox.jira.requests)
    shop.approved()
    shop.sandbox.meanwhile()
    assert set(receipts(shop.json("sync")).values()) == {"applied"}
    assert shop.sandbox.jira.issue("SHOP-51").assignee == shop.sandbox.jira.user("ada-l").account_id
    shop.clear()
    assert shop.json("sync")["changes"] == []
    assert shop.writes == 0


# The screen itself


def test_without_a_terminal_it_is_plain(shop: Shop) -> None:
    done = spawn(shop.folder, "check", NO_COLOR="1")
    assert "\x1b" not in done.out + done.err
    assert not set("✗✓→…·") & set(done.out)
    assert done.err == "", "no progress line where nobody watches"


def test_eighty_columns_are_enough(shop: Shop) -> None:
    from trackersync.report.text.screen import Screen  # noqa: PLC0415  # only this test draws by itself

    screen, drawn = Screen.into(80)
    screen.say("word " * 60)
    screen.table([("SHOP-42 = shop#17", "owners", "x" * 90, "ada-l")], shrink=(2,))
    assert max(map(len, drawn.getvalue().splitlines())) <= 80


def all_screens(shop: Shop) -> list[Ran]:
    digest = shop.json("plan")["digest"]
    return [
        shop.run("check", "--all"),
        shop.run("plan", "--all"),
        shop.run("sync"),
        shop.run("sync", "--approve", digest, "--all"),
        shop.run("sync"),
        shop.run("stages"),
        shop.run("stages", "deployment"),
        shop.run("stages", "build"),
    ]


def test_hostile_titles_neither_command_the_terminal_nor_widen_the_screen(shop: Shop) -> None:
    shop.sandbox.github.edit(28, title="\x1b[31mred\x1b[0m \x07 [bold]no markup[/bold] " + "very long " * 40)
    shop.sandbox.jira.edit("SHOP-31", summary="[link=https://example.org]here[/link] \r\n\t‮ backwards")
    for done in all_screens(shop):  # every run is searched for lines wider than 100
        assert "\x1b" not in done.out
        assert "\x07" not in done.out
        assert "‮" not in done.out
    assert "[bold]no markup[/bold]" in shop.run("check").out

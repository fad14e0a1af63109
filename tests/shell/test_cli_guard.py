"""What holds a write back, what a saved plan still does, and what ``--only``, ``--yes`` and ``--approve`` mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from product import Shop


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
    stages = shop.settings["trackers"]["jira"]["stages"]
    shop.tracker("jira", stages={**stages, "verify": {"statuses": ["In Review", "Waiting for vendor"]}})
    shop.sandbox.jira.edit("SHOP-42", status="In Review")
    record = shop.json("sync", code=3)
    assert "changed mapping" in {hold["name"] for hold in record["held"]}


def test_an_emptied_tracker_holds_everything_also_right_after_our_own_writes(shop: Shop) -> None:
    shop.approved()
    shop.sandbox.meanwhile()
    for number in list(shop.sandbox.github.issues):
        shop.sandbox.github.delete(number)
    shop.clear()
    record = shop.json("sync", "--yes", "--full", code=3)
    assert "emptied tracker" in {hold["name"] for hold in record["held"]}
    assert shop.writes == 0


def test_an_emptied_tracker_holds_everything(shop: Shop) -> None:
    shop.run("sync", "--only", "SHOP-40", "--yes")
    for number in list(shop.sandbox.github.issues):
        shop.sandbox.github.delete(number)
    shop.clear()
    record = shop.json("sync", "--yes", "--full", code=3)
    assert "emptied tracker" in {hold["name"] for hold in record["held"]}
    assert record["items"]["github"] == 42, "absence is not deletion"
    assert shop.writes == 0


@pytest.mark.parametrize("name", ["SHOP-42", "shop#17", "acme/shop#17", "shop-42"])
def test_only_one_task_is_written(shop: Shop, name: str) -> None:
    before = shop.state()[0]
    record = shop.json("sync", "--only", name, "--yes")

    assert receipts(record) == {("acme/shop#17", "stage"): "applied", ("acme/shop#17", "owners"): "applied"}
    after = shop.state()[0]
    assert {number for number in after if after[number] != before[number]} == {17}
    assert len(shop.json("plan")["changes"]) == 11, "the others are still planned"
    assert shop.json("sync", code=3)["held"], "and still held: one task was approved, not the configuration"


@pytest.mark.parametrize("name", ["SHOP", "acme/shop"])
def test_only_a_project_or_a_repository(shop: Shop, name: str) -> None:
    assert len(shop.json("plan", "--only", name)["changes"]) == 13


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

    assert list(receipts(record).values()) == ["applied"] * 12
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

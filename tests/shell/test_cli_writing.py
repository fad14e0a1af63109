"""What may go wrong while reading and writing, and what the next run makes of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from product import begin, interrupt
from trackersync.sandbox import answer, drop, lose, overtaken, powerless, stall

if TYPE_CHECKING:
    from pathlib import Path

    from product import Shop


def receipts(record: dict[str, list[dict[str, str]]]) -> dict[tuple[str, str], str]:
    return {(change["key"], change["field"]): change["receipt"] for change in record["changes"]}


def saved(shop: Shop) -> Path:
    file = shop.folder / "plan.json"
    assert shop.run("plan", "--out", str(file)).code == 0
    return file


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
    assert len(shop.json("plan")["changes"]) == 13, "they meet for the first time when both have been read"


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

    refused = [change for change in record["changes"] if change["tracker"] == "github"]
    assert {change["receipt"] for change in refused} == {"rejected"}
    assert all(change["message"] for change in refused)
    shop.clear()
    again = shop.json("sync")
    assert again["changes"] == []
    assert shop.writes == 0
    assert len(again["left_alone"]) == 2 + 12


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
    assert sorted(receipts(record).values()) == ["applied"] * 12 + ["stale"]


def test_a_lost_answer_is_in_doubt_and_read_back_first(shop: Shop) -> None:
    digest = shop.json("plan")["digest"]
    shop.sandbox.github.faults.add(lose(), kind="write", times=1)
    record = shop.json("sync", "--approve", digest, code=5)
    assert sorted(receipts(record).values()) == ["applied", *["failed"] * 11, "in doubt"], (
        "the tracker is not used any more"
    )
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
    assert "the next run reads it back first" in done.said
    assert "goes on with the" in done.said
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

"""GitHub keeps the stage elsewhere than in labels written out: on a board, or in a family of labels with a prefix."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from trackersync.sandbox.shop import STAGES

if TYPE_CHECKING:
    from product import Shop
    from trackersync.sandbox.github.boards import Project

COLUMNS = {stage: stage.capitalize() for stage in STAGES}
FINISHED = {
    "done": {"state": "closed", "reason": "completed"},
    "cancelled": {"state": "closed", "reason": "not_planned"},
}


def stage_of(shop: Shop, number: int) -> str:
    labels = shop.sandbox.github.issue(number).labels
    return next((label.removeprefix("stage: ") for label in labels if label.startswith("stage: ")), "")


@pytest.fixture
def board(shop: Shop) -> Project:
    """The shop's issues on a board, each in the column of the stage its label says; the labels are gone."""
    github = shop.sandbox.github
    board = github.boards.add("acme", 7, *COLUMNS.values())
    for number, issue in sorted(github.issues.items()):
        if not issue.pull:
            board.put(number, COLUMNS.get(stage_of(shop, number), ""))
            github.put(type(issue)(**{
                **{name: getattr(issue, name) for name in issue.__slots__},
                "labels": tuple(label for label in issue.labels if not label.startswith("stage: ")),
            }))  # fmt: skip
    shop.tracker(
        "github",
        project={"owner": "acme", "number": 7},
        stages={stage: {"board": column} for stage, column in COLUMNS.items()} | FINISHED,
    )
    return board


def test_a_stage_on_a_board_goes_to_jira_and_back(shop: Shop, board: Project) -> None:
    assert shop.json("sync", "--approve", shop.json("plan")["digest"])["changes"]
    shop.clear()
    assert shop.json("sync")["changes"] == []
    assert shop.writes == 0, "the second run writes nothing"

    # What jira was further with came over: 15 is in verify now, 17 in build.
    assert (board.shown(15), board.shown(17)) == ("Verify", "Build")
    issue = shop.sandbox.github.issue(17)

    time.sleep(1.1)  # The stand-in counts in whole seconds, and a read looks two minutes back anyhow.
    board.put(17, "Verify")
    record = shop.json("sync")
    assert [(change["key"], change["receipt"]) for change in record["changes"]] == [("SHOP-42", "applied")]
    assert shop.sandbox.jira.issue("SHOP-42").status == "In Review"
    assert shop.sandbox.github.issue(17) == issue, "a card's move touches no issue"

    shop.sandbox.jira.edit("SHOP-40", status="Release", by="ada-l")
    record = shop.json("sync")
    assert [(change["key"], change["receipt"]) for change in record["changes"]] == [("acme/shop#15", "applied")]
    assert board.shown(15) == "Release"
    shop.clear()
    assert shop.json("sync")["changes"] == []
    assert shop.writes == 0


def test_a_board_that_cannot_be_reached_rests_the_tracker_and_takes_no_stage_away(shop: Shop, board: Project) -> None:
    shop.json("sync", "--approve", shop.json("plan")["digest"])
    before = shop.state()
    shop.clear()
    shop.sandbox.github.boards.readable = False
    done = shop.run("sync")
    assert done.code in {3, 4}
    assert "GITHUB_TOKEN" in done.said
    assert (shop.state(), shop.writes) == (before, 0)
    shop.sandbox.github.boards.readable = True
    assert shop.json("sync")["changes"] == []
    assert board.cards


def test_a_board_and_labels_that_disagree_are_told_unless_one_comes_first(shop: Shop) -> None:
    github = shop.sandbox.github
    board = github.boards.add("acme", 7, *COLUMNS.values())
    number = next(n for n in sorted(github.issues) if stage_of(shop, n) == "build" and github.issue(n).state == "open")
    board.put(number, "Design")
    both = {stage: [{"board": column}, {"labels": f"stage: {stage}"}] for stage, column in COLUMNS.items()}
    shop.tracker("github", project={"owner": "acme", "number": 7}, stages=both | FINISHED)
    findings = shop.json("check", code=1)["findings"]
    (clash,) = [one for one in findings if one["rule"] == "clashing-stage-labels" and f"#{number} " in one["message"]]
    assert '"Design"' in clash["message"]
    assert '"stage: build"' in clash["message"]
    shop.tracker("github", precedence=["board", "labels"])
    findings = shop.json("check", code=1)["findings"]
    assert not [one for one in findings if one["rule"] == "clashing-stage-labels" and f"#{number} " in one["message"]]


def test_a_prefix_says_what_stages_would_and_makes_the_labels_it_lacks(shop: Shop) -> None:
    written_out = shop.json("plan")
    shop.tracker("github", labels={"prefix": "stage: ", "colour": "0e8a16"}, stages=FINISHED)
    spelt = [(c["key"], c["before"], c["after"]) for c in written_out["changes"]]
    planned = shop.json("plan")
    assert [(c["key"], c["before"], c["after"]) for c in planned["changes"]] == spelt
    assert spelt

    github = shop.sandbox.github
    wanted = next(label for change in planned["changes"] if change["fact"] == "labels" for label in change["after"])
    del github.labels[wanted.casefold()]
    shop.json("sync", "--approve", planned["digest"])
    assert github.labels[wanted.casefold()] == wanted
    shop.clear()
    assert shop.json("sync")["changes"] == []
    assert shop.writes == 0

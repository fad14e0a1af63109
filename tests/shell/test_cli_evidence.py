"""The whole road with evidence: a pull request is opened, a release published, and the other tracker follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from product import Shop

ISSUE, KEY = 42, "SHOP-61"
"""Both say idea, and are linked."""


@pytest.fixture
def evident(shop: Shop) -> Shop:
    """The shop in step, with stages that pull requests and releases tell, and issues that a merge leaves open."""
    code = shop.sandbox.github.code
    code.closes = False
    code.commit()
    shop.sandbox.jira.edit(KEY, status="To Do")
    stages = shop.settings["trackers"]["github"]["stages"]
    stages["build"] = [{"labels": "stage: build"}, {"pulls": "open"}]
    stages["verify"] = [{"labels": "stage: verify"}, {"pulls": "merged"}]
    stages["release"] = {"released": "published"}
    shop.tracker("github", evidence=["pulls", "releases"], precedence=["released", "pulls", "labels"])
    shop.settings["limits"]["share"] = "100%"
    shop.configure()
    shop.approved()
    shop.clear()
    return shop


def changes(record: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(change["key"], change["fact"], change["receipt"]) for change in record["changes"]]


def status(shop: Shop) -> str:
    return shop.sandbox.jira.issue(KEY).status


def follows(shop: Shop, there: str) -> None:
    """The next incremental sync moves the other tracker, and the one after that writes nothing."""
    assert changes(shop.json("sync")) == [(KEY, "status", "applied")]
    assert status(shop) == there
    shop.clear()
    assert shop.json("sync")["changes"] == []
    assert shop.writes == 0


def test_a_pull_request_and_a_release_move_the_other_tracker(evident: Shop) -> None:
    hub = evident.sandbox.github
    before = hub.issue(ISSUE)
    pull = hub.code.open_pull("Rent", closes=[ISSUE])
    follows(evident, "In Progress")
    hub.code.merge(pull.number)
    follows(evident, "In Review")
    hub.code.release("v1")
    follows(evident, "Release")
    assert hub.issue(ISSUE) == before


def test_no_write_to_evidence_is_ever_planned(evident: Shop) -> None:
    """The other tracker moves to a stage that only evidence tells: the nearest word is written, or none."""
    evident.sandbox.jira.edit(KEY, status="Release", by="kath-j")
    record = evident.json("sync")
    assert {fact for _, fact, _ in changes(record)} <= {"labels", "state"}
    evident.clear()
    assert evident.json("sync")["changes"] == []
    assert evident.writes == 0


def test_facts_that_no_rule_uses_disturb_no_plan(shop: Shop) -> None:
    before = shop.json("plan")
    hub = shop.sandbox.github
    hub.ties.nest(ISSUE, 17)
    hub.ties.block(ISSUE, by=28)
    hub.code.open_pull("Rent", closes=[ISSUE, 17])
    shop.tracker("github", evidence=["relations", "pulls", "releases", "deployments"])
    assert shop.json("plan", "--full")["changes"] == before["changes"]
    shop.tracker("github", evidence=None)
    assert shop.json("plan", "--full")["changes"] == before["changes"]


def test_what_may_not_be_read_is_told_and_nothing_is_written(evident: Shop) -> None:
    evident.sandbox.github.code.readable = False
    evident.sandbox.github.edit(ISSUE, labels=["stage: verify"])
    done = evident.run("sync")
    assert done.code == 4, done.said
    assert "evidence (pulls) cannot be read" in done.said
    assert "Pull requests: read" in done.said
    assert status(evident) == "To Do"
    assert evident.writes == 0

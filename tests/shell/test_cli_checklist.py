"""Facts that the configuration asks for anew, and check boxes that tell a stage: the whole road."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackersync.sandbox.jira import links
from trackersync.sandbox.jira.customs import FLAGGED

if TYPE_CHECKING:
    from product import Shop

ISSUE, KEY = 42, "SHOP-61"
"""Both say idea, and are linked."""


def test_facts_that_are_new_are_nobodys_move(shop: Shop) -> None:
    """As after an upgrade, or where the configuration asks for them: what was read before has none of them."""
    shop.approved()
    hub, jira = shop.sandbox.github, shop.sandbox.jira
    hub.code.open_pull("Rent", closes=[ISSUE])
    hub.ties.block(ISSUE, by=28)
    hub.milestones[1], hub.due[1] = "Spring", "2026-03-05T08:00:00Z"
    hub.edit(ISSUE, milestone=1, body="- [x] test")
    links.link(jira, "SHOP-60", "Blocks", KEY)
    jira.edit(KEY, description="- [ ] test", custom={FLAGGED.id: FLAGGED.allowed}, by="ada-l")
    shop.clear()
    before = shop.json("plan")["changes"]
    shop.tracker("github", evidence=["relations", "pulls", "checklist"])
    shop.tracker("jira", evidence=["relations", "checklist"])
    assert shop.json("plan", "--full")["changes"] == before == []
    assert shop.json("sync", "--full")["changes"] == []
    assert shop.writes == 0


def test_boxes_that_are_ticked_move_the_other_tracker_and_are_never_ticked_by_us(shop: Shop) -> None:
    shop.sandbox.jira.edit(KEY, status="To Do")
    stages = shop.settings["trackers"]["github"]["stages"]
    stages["build"] = [{"labels": "stage: build"}, {"checklist": "ticked"}]
    shop.tracker("github", evidence=["checklist"], precedence=["checklist", "labels"])
    shop.settings["limits"]["share"] = "100%"
    shop.configure()
    shop.approved()
    shop.clear()
    body = f"{shop.sandbox.github.issue(ISSUE).body}\n- [x] wanted\n"
    shop.sandbox.github.edit(ISSUE, body=body, by="ada-l")
    assert [(one["key"], one["fact"]) for one in shop.json("sync")["changes"]] == [(KEY, "status")]
    assert shop.sandbox.jira.issue(KEY).status == "In Progress"
    shop.sandbox.jira.edit(KEY, status="To Do", by="ada-l")
    assert {one["fact"] for one in shop.json("sync")["changes"]} <= {"labels", "status"}
    assert shop.sandbox.github.issue(ISSUE).body == body

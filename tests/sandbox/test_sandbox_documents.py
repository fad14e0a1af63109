"""Long texts of the Jira stand-in: Atlassian's document format with its action items, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trackersync.sandbox.jira.customs import FLAGGED
from trackersync.sandbox.jira.documents import document, plain

if TYPE_CHECKING:
    import httpx

    from trackersync.sandbox.jira.model import Jira

BOXES = "Done when\n- [x] tested\n- [ ] documented\n\nNot before."


@pytest.mark.parametrize("text", ["", "One line", "Two\nlines", BOXES, "- [x] one\n\n- [ ] another", "- [] none"])
def test_a_text_comes_back(text: str) -> None:
    assert plain(document(text)) == text


@pytest.mark.parametrize("text", ["* [X] one", "- [ ]", "[ ] one", " - [ ] one"])
def test_only_lines_that_jira_would_take_for_one_are_an_item(text: str) -> None:
    (block,) = document(text)["content"]
    assert block["type"] == ("taskList" if text == "* [X] one" else "paragraph")


def test_items_that_follow_each_other_are_one_list() -> None:
    first, boxes, *_ = document(BOXES)["content"]
    assert first["type"] == "paragraph"
    assert [one["attrs"]["state"] for one in boxes["content"]] == ["DONE", "TODO"]
    assert plain({"type": "taskItem", "content": []}) == "- [ ] "


async def test_cloud_shows_boxes_and_takes_them_back(cloud: httpx.AsyncClient, jira: Jira) -> None:
    jira.edit("SHOP-42", description=BOXES)
    shown = (await cloud.get("/issue/SHOP-42?fields=description")).json()["fields"]["description"]
    assert [block["type"] for block in shown["content"]] == ["paragraph", "taskList", "paragraph", "paragraph"]
    shown["content"][1]["content"][1]["attrs"]["state"] = "DONE"
    assert (await cloud.put("/issue/SHOP-42", json={"fields": {"description": shown}})).status_code == 204
    assert jira.issue("SHOP-42").description == BOXES.replace("[ ]", "[x]")


async def test_the_shop_has_the_flag_of_boards_and_nothing_is_flagged(cloud: httpx.AsyncClient, jira: Jira) -> None:
    (field,) = [one for one in (await cloud.get("/field")).json() if one["name"] == "Flagged"]
    assert (field["schema"]["type"], field["schema"]["items"]) == ("array", "option")
    assert not any(issue.custom for issue in jira.issues.values())
    flagged = {"fields": {FLAGGED.id: [{"value": "Impediment"}]}}
    assert (await cloud.put("/issue/SHOP-42", json=flagged)).status_code == 204
    shown = (await cloud.get(f"/issue/SHOP-42?fields={FLAGGED.id}")).json()["fields"][FLAGGED.id]
    assert [one["value"] for one in shown] == ["Impediment"]

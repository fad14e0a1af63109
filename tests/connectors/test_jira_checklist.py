"""Check boxes in the descriptions of Jira Cloud's issues; Data Center has none."""

from __future__ import annotations

from typing import Any

import pytest
from jira_doubles import CLOUD, DATA_CENTER, opened, within
from pydantic import ValidationError

from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.shop import workflow
from trackersync_jira import JiraSettings
from trackersync_jira.checklist import checklist


def item(state: object, *content: object, kind: str = "taskItem") -> dict[str, Any]:
    return {"type": kind, "attrs": {"localId": "1", "state": state}, "content": list(content)}


def boxes(*items: object) -> dict[str, Any]:
    return {"type": "taskList", "attrs": {"localId": "0"}, "content": list(items)}


def doc(*content: object) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


TEXT = {"type": "text", "text": "- [ ] test"}


@pytest.mark.parametrize(
    ("description", "said"),
    [
        pytest.param(None, None, id="nothing"),
        pytest.param("- [ ] test", None, id="wiki text"),
        pytest.param(doc({"type": "paragraph", "content": [TEXT]}), None, id="text that looks like a box"),
        pytest.param(doc({"type": "codeBlock", "content": [TEXT]}), None, id="code"),
        pytest.param(doc(boxes(item("DONE"), item("DONE"))), "ticked", id="all done"),
        pytest.param(doc(boxes(item("DONE"), item("TODO"))), "unticked", id="one to do"),
        pytest.param(doc(boxes(item("DONE")), boxes(item("TODO"))), "unticked", id="one to do in another list"),
        pytest.param(doc(boxes(item("DONE"), boxes(item("TODO")))), "unticked", id="one to do below another"),
        pytest.param(doc({"type": "panel", "content": [boxes(item("DONE"))]}), "ticked", id="in a panel"),
        pytest.param(doc(boxes(item("TODO", kind="blockTaskItem"))), "unticked", id="an item of several paragraphs"),
        pytest.param(doc(boxes(item("DONE", kind="decisionItem"))), None, id="a decision"),
        pytest.param(doc(boxes()), None, id="an empty list"),
        pytest.param(doc(boxes({"type": "taskItem", "attrs": None})), "unticked", id="an item that does not say"),
        pytest.param(doc(None, {"type": "taskList", "content": "?"}), None, id="no document"),
    ],
)
def test_the_boxes_of_a_description(description: object, said: str | None) -> None:
    assert checklist(description) == (() if said is None else (said,))


def test_no_nesting_is_too_deep() -> None:
    nested: dict[str, Any] = boxes(item("TODO"))
    for _ in range(20_000):
        nested = boxes(nested)
    assert checklist(nested) == ("unticked",)


@pytest.mark.parametrize(
    ("flavour", "shown"),
    [
        pytest.param(CLOUD, {1: ("ticked",), 2: ("unticked",), 3: ()}, id="Cloud"),
        # Not known, which is something else than that there are none.
        pytest.param(DATA_CENTER, {1: None, 2: None, 3: None}, id="Data Center"),
    ],
)
async def test_boxes_show_where_they_are_wanted(flavour: dict[str, Any], shown: dict[int, object]) -> None:
    model = Jira({"SHOP": workflow()})
    for text in ("Done when\n- [x] tested\n- [x] documented", "- [x] tested\n- [ ] documented", "- tested"):
        model.create("Task", description=text)
    async with opened(transport=within(model), **flavour) as at:
        assert not any("checklist" in item.facts for item in await at.items())
    before = len(model.requests)
    async with opened(transport=within(model), evidence=["checklist"], **flavour) as at:
        items = await at.items()
    assert len(model.requests) - before == before
    assert {int(item.key.rpartition("-")[2]): item.facts.get("checklist") for item in items} == shown
    assert not {"parent", "flagged", "blocked"} & items[0].facts.keys()


@pytest.mark.parametrize("where", ["stages", "outcomes"])
@pytest.mark.parametrize(
    ("entry", "said", "more"),
    [
        ({"checklist": "ticked"}, r"add evidence: \[checklist\]", {"evidence": ["checklist"]}),
        ([{"released": "released"}, {"blocked": "open"}], r"add evidence: \[relations\]", {"evidence": ["relations"]}),
        ({"field": "QA"}, "add field:", {"field": "Delivery stage"}),
        ({"labels": ["qa", "qa passed"]}, 'names "qa passed"', None),
    ],
)
def test_what_an_entry_names_must_be_read(where: str, entry: object, said: str, more: dict[str, object] | None) -> None:
    words = {"connector": "jira", "url": "http://127.0.0.1", "projects": ["SHOP"], "token": "t"}
    with pytest.raises(ValidationError, match=rf"`{where}` names .*{said}|and `{where}` {said}"):
        JiraSettings.model_validate({**words, where: {"verify": entry}})
    assert more is None or JiraSettings.model_validate({**words, where: {"verify": entry}, **more})

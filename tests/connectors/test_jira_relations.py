"""How Jira's issues are related, as facts: by what their own JSON tells, where that is wanted."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jira_doubles import CLOUD, FLAVOURS, opened, raw, within
from pydantic import ValidationError

from trackersync.connector import Item
from trackersync.sandbox import answer
from trackersync.sandbox.jira import links
from trackersync.sandbox.jira.customs import FLAGGED, TYPES, CustomField
from trackersync.sandbox.jira.model import Jira
from trackersync.sandbox.jira.ties import LinkType
from trackersync.sandbox.shop import workflow
from trackersync_jira import JiraSettings
from trackersync_jira.relations import epic_link, flag, related, ties
from trackersync_jira.shapes import Field, Issue

FACTS = ("parent", "progress", "blocked", "blockers", "duplicate_of", "related", "due", "flagged")
USUAL = {"blocks": ["Blocks"], "duplicate": ["Duplicate"]}


def other(key: str, category: str | None = None) -> dict[str, Any]:
    """An issue as its relatives carry it: whole on Cloud, without a category on old servers."""
    status = {"name": "Any"} | ({"statusCategory": {"key": category}} if category else {})
    return {"id": "1", "key": key, "fields": {"summary": "x", "status": status}}


def link(kind: str, **end: dict[str, Any]) -> dict[str, Any]:
    return {"id": "1", "type": {"id": "7", "name": kind, "inward": "…", "outward": "…"}, **end}


def by(key: str, category: str = "new") -> dict[str, Any]:
    """A link of the type Blocks as the one shows it that is blocked."""
    return link("Blocks", inwardIssue=other(key, category))


def blocking(key: str, how: str = "open") -> dict[str, str]:
    """What an issue shows that waits for others."""
    return {"blocked": how, "blockers": key, "related": key}


COPY = {"duplicate_of": "OTHER-2", "related": "OTHER-2"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"parent": None, "subtasks": [], "issuelinks": [], "duedate": None}, {}, id="nothing, said so"),
        pytest.param({"parent": other("SHOP-7")}, {"parent": "SHOP-7"}, id="a parent"),
        pytest.param(
            {"subtasks": [other("SHOP-2", "done"), other("SHOP-3", "new"), other("SHOP-4")]},
            {"progress": "1/3"},
            id="sub-tasks",
        ),
        pytest.param(
            {"issuelinks": [by("SHOP-2"), by("SHOP-3", "done")]}, blocking("SHOP-2 SHOP-3"), id="one blocker open"
        ),
        pytest.param({"issuelinks": [by("SHOP-2", "done")]}, blocking("SHOP-2", "cleared"), id="all blockers finished"),
        pytest.param(
            {"issuelinks": [link("Blocks", outwardIssue=other("SHOP-2"))]}, {"related": "SHOP-2"}, id="blocks another"
        ),
        pytest.param({"issuelinks": [link("BLOCKS", inwardIssue=other("X-2", "new"))]}, blocking("X-2"), id="case"),
        pytest.param(
            {"issuelinks": [link("Relates", inwardIssue=other("X-2"))]}, {"related": "X-2"}, id="only related"
        ),
        pytest.param(
            {"issuelinks": [link("Relates", outwardIssue=other("X-2")), by("X-2")]}, blocking("X-2"), id="linked twice"
        ),
        pytest.param({"issuelinks": [link("Duplicate", outwardIssue=other("OTHER-2"))]}, COPY, id="a copy"),
        pytest.param(
            {"issuelinks": [link("Duplicate", inwardIssue=other("X-2"))]}, {"related": "X-2"}, id="an original"
        ),
        pytest.param(
            {"issuelinks": [link("Relates"), link("Relates", inwardIssue={})]}, {}, id="links that lead nowhere"
        ),
        pytest.param({"issuelinks": [link("Blocks", inwardIssue={"key": "X-1"})]}, blocking("X-1"), id="bare end"),
        pytest.param({"duedate": "2026-03-05"}, {"due": "2026-03-05"}, id="a due date"),
        pytest.param({"duedate": "soon"}, {}, id="no date"),
    ],
)
def test_what_an_issue_shows(fields: dict[str, Any], expected: dict[str, str]) -> None:
    found = related(msgspec.convert(raw(1, **fields), Issue), ties(USUAL))
    assert found == {fact: tuple(expected.get(fact, "").split()) for fact in FACTS}


def test_an_epic_link_is_a_parent_where_there_is_no_other() -> None:
    known = ties(USUAL, "customfield_10008")
    epic = {"customfield_10008": "SHOP-1"}
    plain = msgspec.structs.replace(msgspec.convert(raw(2), Issue), custom=epic)
    child = msgspec.structs.replace(msgspec.convert(raw(3, parent=other("SHOP-2")), Issue), custom=epic)
    assert [related(issue, known)["parent"] for issue in (plain, child)] == [("SHOP-1",), ("SHOP-2",)]


def test_the_epic_link_is_found_by_its_schema_and_not_by_its_name() -> None:
    kind = "com.pyxis.greenhopper.jira:gh-epic-link"
    shown = [
        {"id": "customfield_10001", "name": "Epic Link", "schema": {"type": "string", "custom": "other:kind"}},
        {"id": "customfield_10008", "name": "Epos-Verknüpfung", "schema": {"type": "any", "custom": kind}},
    ]
    assert epic_link(msgspec.convert(shown, list[Field])) == "customfield_10008"
    assert epic_link(msgspec.convert(shown[:1], list[Field])) == ""


CHECKBOXES = {"type": "array", "items": "option", "custom": f"{TYPES}:multicheckboxes"}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        pytest.param([{"id": "customfield_10021", "name": "Flagged"}], "customfield_10021", id="by name"),
        pytest.param([{"id": "customfield_10021", "name": "FLAGGED"}], "customfield_10021", id="by name in capitals"),
        pytest.param(
            [{"id": "customfield_10021", "name": "Markiert", "untranslatedName": "Flagged"}], "customfield_10021",
            id="by the name before a translation",
        ),
        pytest.param(
            [{"id": "customfield_10100", "name": "Flagged"}, {"id": "customfield_9000", "name": "Flagged"}],
            "customfield_9000",
            id="the first of two",
        ),
        pytest.param([{"id": "customfield_10021", "name": "Not flagged"}], "", id="another name"),
        pytest.param([{"id": "x", "name": "Flagged", "schema": {"type": "string"}}], "", id="another type"),
        pytest.param([{"id": "x", "name": "Flagged", "schema": None}], "", id="no type"),
        pytest.param([], "", id="none"),
    ],
)  # fmt: skip
def test_the_flag_is_found_by_its_name_and_type(fields: list[dict[str, Any]], found: str) -> None:
    assert flag(msgspec.convert([{"schema": CHECKBOXES} | one for one in fields], list[Field])) == found


@FLAVOURS
async def test_an_issue_that_is_flagged(model: Jira, flavour: dict[str, Any]) -> None:
    model.custom_fields[FLAGGED.id] = FLAGGED
    model.edit("SHOP-3", by="ada-l", custom={FLAGGED.id: FLAGGED.allowed})
    items = await shown(model, evidence=["relations"], **flavour)
    assert [items[number].facts["flagged"] for number in (3, 4)] == [("Impediment",), ()]
    # That it was flagged is evidence, and no move of anybody's.
    async with opened(transport=within(model), evidence=["relations"], **flavour) as at:
        assert not await at.jira.history(items[3].ref)


async def test_histories_of_many_are_not_asked_for_the_flag(model: Jira) -> None:
    """Jira takes no more than ten fields, and those of the configuration are the ninth and tenth."""
    model.custom_fields[FLAGGED.id] = FLAGGED
    words = {"evidence": ["relations"], "field": "customfield_10040", "co_owners": "customfield_10050"}
    async with opened(transport=within(model), **CLOUD, **words) as at:
        assert FLAGGED.id in (await at.jira._api()).fields
        fields = (await at.jira._history())._fields
    assert (len(fields), fields[-2:]) == (10, ["customfield_10040", "customfield_10050"])


@FLAVOURS
async def test_a_server_that_lists_no_fields_shows_all_else(model: Jira, flavour: dict[str, Any]) -> None:
    model.faults.add(answer(404), method="GET", path="/field$")
    items = await shown(model, evidence=["relations"], **flavour)
    assert items[5].facts["blockers"] == ("SHOP-4",)
    assert (items[2].facts["parent"], items[2].facts["flagged"]) == ((), ())


@pytest.fixture
def model() -> Jira:
    model = Jira({"SHOP": workflow()})
    model.custom_fields["customfield_10008"] = CustomField(
        "customfield_10008", "Epic Link", type="any", kind="gh-epic-link"
    )
    model.create("Epic", kind="Epic")
    for number in range(2, 7):
        part = number == 3
        model.create(f"Issue {number}", kind="Sub-task" if part else "Task", parent="SHOP-2" if part else None)
    model.edit("SHOP-2", custom={"customfield_10008": "SHOP-1"})
    links.link(model, "SHOP-4", "Blocks", "SHOP-5")
    links.link(model, "SHOP-6", "Duplicate", "SHOP-5")
    links.due(model, "SHOP-6", "2026-04-01")
    return model


async def shown(model: Jira, **keys: object) -> dict[int, Item]:
    async with opened(transport=within(model), **keys) as at:
        return {int(item.key.rpartition("-")[2]): item for item in await at.items()}


@FLAVOURS
async def test_relations_are_read_where_they_are_wanted(model: Jira, flavour: dict[str, Any]) -> None:
    items = await shown(model, evidence=["relations"], **flavour)

    said = {number: {fact: item.facts[fact] for fact in FACTS if item.facts[fact]} for number, item in items.items()}
    epic = {} if flavour == CLOUD else {"parent": ("SHOP-1",)}
    assert said == {
        1: {},
        2: {"progress": ("0/1",)} | epic,
        3: {"parent": ("SHOP-2",)},
        4: {"related": ("SHOP-5",)},
        5: {"blocked": ("open",), "blockers": ("SHOP-4",), "related": ("SHOP-4", "SHOP-6")},
        6: {"duplicate_of": ("SHOP-5",), "related": ("SHOP-5",), "due": ("2026-04-01",)},
    }


@FLAVOURS
async def test_what_is_not_wanted_is_not_even_asked_for(model: Jira, flavour: dict[str, Any]) -> None:
    items = await shown(model, **flavour)

    assert not any(fact in item.facts for item in items.values() for fact in FACTS)
    async with opened(transport=within(model), **flavour) as at:
        api = await at.jira._api()
        assert not {"parent", "subtasks", "issuelinks", "duedate"} & set(api.fields)
    assert not [request for request in model.requests if request.path.endswith("/field")]


async def test_link_types_are_called_as_administrators_call_them(model: Jira) -> None:
    model.ties.types["Bloqueo"] = LinkType("10100", "Bloqueo", "es bloqueado por", "bloquea")
    links.link(model, "SHOP-1", "Bloqueo", "SHOP-4")
    items = await shown(model, evidence=["relations"], link_types={"blocks": ["bloqueo"]})
    assert [items[number].facts["blocked"] for number in (4, 5)] == [("open",), ()]


def test_a_rule_on_what_is_not_read_is_refused() -> None:
    words = {"connector": "jira", "url": "http://127.0.0.1", "projects": ["SHOP"], "token": "t"}
    stages = {"build": {"statuses": ["Doing"], "blocked": "open"}}
    with pytest.raises(ValidationError, match=r"add evidence: \[relations\]"):
        JiraSettings.model_validate({**words, "stages": stages})
    assert JiraSettings.model_validate({**words, "stages": stages, "evidence": ["relations"]}).link_types == {}


def test_the_relations_of_real_issues(shared: Path) -> None:
    known = ties({"blocks": ["Blocker"], "duplicate": ["Duplicate"]})
    seen: dict[str, int] = dict.fromkeys(FACTS, 0)
    with gzip.open(shared / "data/arrow/jira_source.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            if any(word in line for word in ('"Blocker"', '"Duplicate"', '"duedate":"2', '"parent"', '"subtasks":[{')):
                bare = json.loads(line)
                facts = related(msgspec.convert(bare, Issue), known)
                blockers = [one for one in bare["fields"]["issuelinks"] if one["type"]["name"] == "Blocker"]
                assert bool(facts["blocked"]) == any("inwardIssue" in one for one in blockers)
                assert set(facts["blockers"]) == {one["inwardIssue"]["key"] for one in blockers if "inwardIssue" in one}
                ends = [one.get("inwardIssue") or one["outwardIssue"] for one in bare["fields"]["issuelinks"]]
                assert set(facts["related"]) == {one["key"] for one in ends}
                seen = {fact: count + bool(facts[fact]) for fact, count in seen.items()}
    counted = {"parent": 1236, "progress": 241, "blocked": 129, "duplicate_of": 442, "due": 27}
    assert seen == counted | {"blockers": 129, "related": 1767, "flagged": 0}

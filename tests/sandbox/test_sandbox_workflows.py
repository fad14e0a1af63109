"""Jira's workflows in the stand-in: who is shown which, what screens take, and what is refused only once it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from openapi import DESCRIPTIONS, Checked
from trackersync.sandbox import Jira, jira_app
from trackersync.sandbox.jira.customs import CustomField
from trackersync.sandbox.jira.workflow import Condition, Transition, Workflow, drawn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CAUSE = CustomField("customfield_10040", "Root cause", options=("Unknown", "Code"))
TAGS = CustomField("customfield_10041", "Tags", "array", "option", "multiselect", ("A", "B"))
POINTS = CustomField("customfield_10042", "Points", "number", kind="float")
NOTE = CustomField("customfield_10043", "Note", "string", kind="textarea")
BUYER = CustomField("customfield_10044", "Buyer", "user", kind="userpicker")
PATH = "/issue/SHOP-42/transitions"


@pytest.fixture
async def cloud(jira: Jira) -> AsyncIterator[httpx.AsyncClient]:
    """Cloud, each answer held against its description where that is at hand."""
    plain = httpx.ASGITransport(app=jira_app(jira))
    transport = Checked(plain, "jira-v3.json") if DESCRIPTIONS.is_dir() else plain
    jira.custom_fields = {field.id: field for field in (CAUSE, TAGS, POINTS, NOTE, BUYER)}
    auth = httpx.BasicAuth("bot@acme.example", "token")
    async with httpx.AsyncClient(transport=transport, base_url="http://jira.test/rest/api/3", auth=auth) as client:
        yield client


def ask(jira: Jira, *fields: str, **but: Any) -> None:  # noqa: ANN401  # a transition's
    """Let the only transition ask for fields."""
    way = Transition("5", "Finish", "Done", screen=fields, **but)
    jira.workflows["SHOP"] = Workflow(jira.workflows["SHOP"].statuses, (way,))


async def send(cloud: httpx.AsyncClient, **fields: object) -> dict[str, Any]:
    """Send it; the errors by field, or none."""
    answer = await cloud.post(PATH, json={"transition": {"id": "5"}, "fields": fields})
    assert answer.status_code in {204, 400}
    return {} if answer.status_code == 204 else answer.json()["errors"] or answer.json()


async def test_whole_workflows_are_shown_to_those_who_may_see_them(cloud: httpx.AsyncClient, jira: Jira) -> None:
    asked = {"projectAndIssueTypes": [{"projectId": "10000", "issueTypeId": "10001"}]}
    shown = (await cloud.post("/workflows", json=asked)).json()
    (workflow,) = shown["workflows"]
    names = {status["statusReference"]: status["name"] for status in shown["statuses"]}
    first, *ways = workflow["transitions"]
    assert (first["type"], names[first["toStatusReference"]]) == ("INITIAL", "Backlog")
    assert {
        (names[link["fromStatusReference"]], way["name"], names[way["toStatusReference"]])
        for way in ways
        for link in way["links"]
    } == {(source, way.name, way.to) for way in jira.workflows["SHOP"].transitions for source in way.sources}

    assert (await cloud.post("/workflows", json={})).status_code == 400
    assert (await cloud.post("/workflows", json={"projectAndIssueTypes": [{}]})).status_code == 400
    jira.administers = False
    assert (await cloud.post("/workflows", json=asked)).status_code == 401
    jira.may_see_workflows = True
    assert (await cloud.post("/workflows", json=asked)).status_code == 200


async def test_data_center_shows_no_whole_workflow(jira: Jira) -> None:
    headers = {"Authorization": "Bearer token"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=jira_app(jira)), headers=headers) as client:
        asked = {"projectAndIssueTypes": [{"projectId": "10000", "issueTypeId": "10001"}]}
        answer = await client.post("http://jira.test/rest/api/2/workflows", json=asked)
    assert answer.status_code == 404


async def test_each_issue_type_may_have_its_own(cloud: httpx.AsyncClient, jira: Jira) -> None:
    few = jira.workflows["SHOP"].statuses[:2]
    jira.kind_workflows["SHOP", "Bug"] = drawn(few, (("Backlog", "Fix", "To Do"),))
    bug = jira.create("Broken", kind="Bug")
    shown = (await cloud.get(f"/issue/{bug.key}/transitions")).json()["transitions"]
    assert [(way["name"], way["to"]["name"]) for way in shown] == [("Fix", "To Do")]
    kinds = {kind["name"]: kind["statuses"] for kind in (await cloud.get("/project/SHOP/statuses")).json()}
    assert [status["name"] for status in kinds["Bug"]] == ["Backlog", "To Do"]
    assert len(kinds["Task"]) == 14


async def test_a_renamed_status_keeps_its_id_and_its_issues(cloud: httpx.AsyncClient, jira: Jira) -> None:
    before = (await cloud.get("/issue/SHOP-42")).json()["fields"]
    jira.rename_status("In Progress", "Doing")
    after = (await cloud.get("/issue/SHOP-42")).json()["fields"]
    assert (after["status"]["name"], after["status"]["id"]) == ("Doing", before["status"]["id"])
    assert after["updated"] == before["updated"]
    assert len((await cloud.get(PATH)).json()["transitions"]) == 3


async def test_a_condition_hides_and_a_validator_refuses(cloud: httpx.AsyncClient, jira: Jira) -> None:
    ask(jira, condition=Condition(label="vip"), validator=Condition(assigned=True), objection="Somebody must own it.")
    assert (await cloud.get(PATH)).json()["transitions"] == []
    assert "not valid" in (await send(cloud))["errorMessages"][0]
    jira.edit("SHOP-42", labels=["vip"], assignee=None, by="ada-l")
    assert len((await cloud.get(PATH)).json()["transitions"]) == 1
    assert (await send(cloud))["errorMessages"] == ["Somebody must own it."]
    jira.edit("SHOP-42", assignee="ada-l", by="ada-l")
    assert await send(cloud) == {}


async def test_what_screens_show_and_take(cloud: httpx.AsyncClient, jira: Jira) -> None:
    ids = (CAUSE.id, TAGS.id, POINTS.id, NOTE.id, BUYER.id)
    ask(jira, *ids, "labels", required=frozenset({CAUSE.id}), defaults=frozenset({TAGS.id}))
    (way,) = (await cloud.get(PATH, params={"expand": "transitions.fields"})).json()["transitions"]
    assert [option["value"] for option in way["fields"][CAUSE.id]["allowedValues"]] == ["Unknown", "Code"]
    assert (way["fields"][CAUSE.id]["required"], way["fields"][TAGS.id]["hasDefaultValue"]) == (True, True)
    assert "allowedValues" not in way["fields"][POINTS.id]

    assert (await send(cloud))[CAUSE.id] == "Root cause is required."
    good = {CAUSE.id: {"value": "Code"}}
    wrong = {CAUSE.id: {"value": "Weather"}, TAGS.id: {"value": "A"}, POINTS.id: "3", NOTE.id: "text", BUYER.id: {},
             "labels": "x", "priority": {"name": "High"}}  # fmt: skip
    assert (await send(cloud, **wrong)).keys() == wrong.keys()
    document = {"type": "doc", "version": 1, "content": []}
    right = good | {POINTS.id: 3, NOTE.id: document, BUYER.id: {"accountId": jira.issue("SHOP-42").assignee}}
    assert await send(cloud, **right) == {}
    issue = jira.issue("SHOP-42")
    assert (issue.custom[CAUSE.id]["value"], issue.custom[POINTS.id]) == ("Code", 3)
    # A default is filled in by Jira itself.
    assert [option["value"] for option in issue.custom[TAGS.id]] == ["A"]
    shown = (await cloud.get("/issue/SHOP-42", params={"fields": CAUSE.id})).json()["fields"]
    assert shown == {CAUSE.id: issue.custom[CAUSE.id]}


async def test_a_required_field_that_the_issue_holds_need_not_be_sent(cloud: httpx.AsyncClient, jira: Jira) -> None:
    ask(jira, CAUSE.id, required=frozenset({CAUSE.id}))
    jira.edit("SHOP-42", custom={CAUSE.id: CAUSE.allowed[0]}, by="ada-l")
    assert await send(cloud, **{CAUSE.id: None}) == {CAUSE.id: "Root cause is required."}
    assert await send(cloud) == {}


async def test_fields_and_updates_of_a_transition(cloud: httpx.AsyncClient, jira: Jira) -> None:
    ask(jira, CAUSE.id)
    value = {"value": "Code"}
    both = {"transition": {"id": "5"}, "fields": {CAUSE.id: value}, "update": {CAUSE.id: [{"set": value}]}}
    assert (await cloud.post(PATH, json=both)).status_code == 400
    del both["fields"]
    assert (await cloud.post(PATH, json=both)).status_code == 204
    assert jira.issue("SHOP-42").custom[CAUSE.id]["value"] == "Code"


async def test_custom_fields_are_listed_and_edited(cloud: httpx.AsyncClient, jira: Jira) -> None:
    listed = {field["id"]: field for field in (await cloud.get("/field")).json()}
    assert (listed[NOTE.id]["name"], listed[NOTE.id]["custom"]) == ("Note", True)
    assert (await cloud.put("/issue/SHOP-42", json={"fields": {POINTS.id: 5}})).status_code == 204
    assert jira.issue("SHOP-42").custom == {POINTS.id: 5}
    assert (await cloud.put("/issue/SHOP-42", json={"fields": {POINTS.id: "5"}})).status_code == 400
    assert (await cloud.put("/issue/SHOP-42", json={"fields": {POINTS.id: None}})).status_code == 204
    assert jira.issue("SHOP-42").custom == {POINTS.id: None}


async def test_a_way_may_lead_back_to_where_it_starts(cloud: httpx.AsyncClient, jira: Jira) -> None:
    ask(jira, sources=frozenset({"In Progress", "Done"}))
    jira.workflows["SHOP"] = Workflow(
        jira.workflows["SHOP"].statuses,
        (replace(jira.workflows["SHOP"].transitions[0], to="In Progress"),),
    )
    (way,) = (await cloud.get(PATH)).json()["transitions"]
    assert (way["looped"], way["isGlobal"]) == (True, False)
    assert await send(cloud) == {}
    assert jira.issue("SHOP-42").status == "In Progress"

"""What the stand-ins answer, and what they accept, is what the vendors' own descriptions say.

Every answer to a described path is checked, refusals too where they are described; a request is checked where it was
accepted, so that a caller who passes here does not fail on the real thing for its shape.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from openapi import NEEDED, Checked
from trackersync.sandbox import GitHub, Jira, github_app, jira_app
from trackersync.sandbox.jira.app import _ROUTES
from trackersync.sandbox.shop import ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REPO = "/repos/acme/shop"

pytestmark = NEEDED


@pytest.fixture
async def hub(github: GitHub) -> AsyncIterator[httpx.AsyncClient]:
    transport = Checked(httpx.ASGITransport(app=github_app(github)), "github-issues.json")
    headers = {"authorization": "Bearer good"}
    async with httpx.AsyncClient(transport=transport, base_url="http://github.test", headers=headers) as client:
        yield client


@pytest.fixture
async def cloud(jira: Jira) -> AsyncIterator[httpx.AsyncClient]:
    transport = Checked(httpx.ASGITransport(app=jira_app(jira)), "jira-v3.json")
    auth = ("bot@acme.example", "good")
    async with httpx.AsyncClient(transport=transport, base_url="http://jira.test/rest/api/3", auth=auth) as client:
        yield client


async def test_github_reads(hub: httpx.AsyncClient, github: GitHub) -> None:
    github.milestones[1] = "Spring"
    github.edit(9, milestone=1)
    github.issue_types[:] = ["Task", "Bug"]
    github.edit(9, type="Task")
    github.edit(9, type="Bug")
    github.edit(9, type=None)
    github.edit(9, milestone=None, assignees=["ada-l"], labels=[])
    github.edit(8, state="closed", reason="duplicate")
    rows = (await hub.get(f"{REPO}/issues", params={"state": "all", "per_page": "100", "sort": "updated"})).json()
    assert len(rows) == 44
    for path in (
        "/user",
        "/users/ada-l",
        "/rate_limit",
        REPO,
        f"{REPO}/issues/9",
        f"{REPO}/issues/9/labels",
        f"{REPO}/issues/9/events",
        f"{REPO}/issues/9/timeline",
        f"{REPO}/issues/8/events",
        f"{REPO}/assignees",
        f"{REPO}/assignees/ada-l",
        f"{REPO}/labels",
        f"{REPO}/labels/bug",
    ):
        assert (await hub.get(path)).is_success, path


async def test_github_writes(hub: httpx.AsyncClient) -> None:
    made = await hub.post(f"{REPO}/issues", json={"title": "New", "labels": ["bug"], "assignees": ["ada-l"]})
    path = f"{REPO}/issues/{made.json()['number']}"
    edits: list[tuple[str, str, Any]] = [
        ("PATCH", path, {"title": "Newer", "labels": ["bug"], "assignees": [], "state": "open"}),
        ("PATCH", path, {"state": "closed", "state_reason": "not_planned"}),
        ("PATCH", path, {"state": "open"}),
        ("POST", f"{path}/labels", {"labels": ["stage: build"]}),
        ("PUT", f"{path}/labels", {"labels": ["stage: build", "bug"]}),
        ("DELETE", f"{path}/labels/bug", None),
        ("DELETE", f"{path}/labels", None),
        ("POST", f"{path}/assignees", {"assignees": ["ada-l", "stranger"]}),
        ("DELETE", f"{path}/assignees", {"assignees": ["ada-l"]}),
        ("POST", f"{REPO}/labels", {"name": "fresh"}),
    ]
    for method, address, body in edits:
        answer = await hub.request(method, address, json=body) if body else await hub.request(method, address)
        assert answer.is_success, (method, address, answer.text)


async def test_github_refuses_as_described(hub: httpx.AsyncClient, github: GitHub) -> None:
    github.delete(7)
    github.transfer(10, "http://github.test/repositories/5/issues/1")
    for method, path, body, status in (
        ("GET", "/repos/acme/other", None, 404),
        ("GET", f"{REPO}/issues/999", None, 404),
        ("GET", f"{REPO}/issues/7", None, 410),
        ("GET", f"{REPO}/issues/10", None, 301),
        ("GET", f"{REPO}/issues?state=all&per_page=100&page=101", None, 422),
        ("GET", f"{REPO}/assignees/stranger", None, 404),
        ("PATCH", f"{REPO}/issues/9", {"assignees": ["stranger"]}, 422),
        ("PATCH", f"{REPO}/issues/7", {"title": "x"}, 410),
        ("DELETE", f"{REPO}/issues/9/labels/absent", None, 404),
        ("POST", f"{REPO}/labels", {"name": "bug"}, 422),
    ):
        answer = await (hub.request(method, path, json=body) if body else hub.request(method, path))
        assert answer.status_code == status, (path, answer.text)


NEW = {"fields": {"project": {"key": "SHOP"}, "summary": "New", "issuetype": {"name": "Task"}}}
DONE = {"transition": {"id": "30"}, "fields": {"resolution": {"name": "Done"}}}
TIE = {"type": {"name": "Blocks"}, "inwardIssue": {"key": "SHOP-40"}, "outwardIssue": {"key": "SHOP-41"}}
WORKFLOW = {"projectAndIssueTypes": [{"projectId": "10000", "issueTypeId": "10001"}]}
READS = (
    "/myself",
    "/serverInfo",
    "/search/jql?jql=project%20%3D%20SHOP&maxResults=100&fields=*all",
    "/search/jql?jql=project%20%3D%20SHOP&maxResults=10&fields=summary&fields=status&expand=changelog",
    "/issue/SHOP-42?fields=summary,status",
    "/issue/SHOP-45?expand=changelog",
    "/issue/SHOP-42/changelog",
    "/issueLinkType",
    "/issue/SHOP-42/transitions?expand=transitions.fields",
    "/issue/SHOP-42/editmeta",
    f"/user/assignable/search?accountId={ACCOUNTS['ada-l']}&issueKey=SHOP-42",
    "/user/search?query=ada",
    f"/user?accountId={ACCOUNTS['ada-l']}",
    "/project/SHOP",
    "/project",
    "/project/search",
    "/project/SHOP/statuses",
    "/project/SHOP/components",
    "/project/SHOP/versions",
    "/status",
    "/statuscategory",
    "/resolution",
    "/field",
    "/mypermissions?permissions=BROWSE_PROJECTS,TRANSITION_ISSUES,ASSIGN_ISSUES",
)
QUESTIONS: tuple[tuple[str, Any], ...] = (
    ("/search/jql", {"jql": "project = SHOP", "maxResults": 7, "fields": ["*all"], "reconcileIssues": [10042]}),
    ("/search/approximate-count", {"jql": "project = SHOP"}),
    ("/issue/bulkfetch", {"issueIdsOrKeys": ["SHOP-42", "10031"], "fields": ["summary"]}),
    ("/changelog/bulkfetch", {"issueIdsOrKeys": ["SHOP-42", "10031"], "fieldIds": ["status"], "maxResults": 1}),
    ("/workflows", WORKFLOW),
)
EDITS: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/issue", NEW),
    ("PUT", "/issue/SHOP-42", {"fields": {"summary": "x"}, "update": {"labels": [{"add": "y"}]}}),
    ("PUT", "/issue/SHOP-42?returnIssue=true", {"fields": {"labels": ["z"]}}),
    ("PUT", "/issue/SHOP-42/assignee", {"accountId": ACCOUNTS["grace-h"]}),
    ("PUT", "/issue/SHOP-42/assignee", {"accountId": None}),
    ("POST", "/issue/SHOP-40/transitions", DONE),
    ("POST", "/issue/SHOP-40/remotelink", {"globalId": "a=1", "object": {"url": "http://a.example", "title": "A"}}),
    # Of the list without a global id, Atlassian describes one member and shows a list.
    ("GET", "/issue/SHOP-40/remotelink?globalId=a%3D1", None),
    ("DELETE", "/issue/SHOP-40/remotelink?globalId=a%3D1", None),
    ("GET", "/issue/SHOP-41?fields=issuelinks,duedate,parent,subtasks", None),
    ("DELETE", "/issue/SHOP-62", None),
)
AGED = {"/search": "Data Center's own: Cloud has removed it (CHANGE-2046)"}
"""Routes that no test here asks, and why."""


async def test_jira_reads(cloud: httpx.AsyncClient, jira: Jira) -> None:
    jira.parts.add("SHOP", "components", "Cart", "Checkout")
    jira.parts.add("SHOP", "fixVersions", "1.0", released=True)
    jira.edit("SHOP-42", parts={"components": ("Cart",), "fixVersions": ("1.0",)}, by="ada-l")
    jira.edit("SHOP-42", status="In Review", by="ada-l")
    for path in READS:
        answer = await cloud.get(path)
        assert answer.is_success, (path, answer.text)
    for path, body in QUESTIONS:
        answer = await cloud.post(path, json=body)
        assert answer.is_success, (path, answer.text)


async def test_jira_writes(cloud: httpx.AsyncClient) -> None:
    for method, path, body in EDITS:
        answer = await cloud.request(method, path, json=body) if body else await cloud.request(method, path)
        assert answer.is_success, (path, answer.text)


async def test_jira_links_as_described(cloud: httpx.AsyncClient, jira: Jira) -> None:
    assert (await cloud.post("/issueLink", json=TIE)).status_code == 201
    shown = (await cloud.get("/issue/SHOP-40?fields=issuelinks")).json()["fields"]["issuelinks"]
    tie = next(link["id"] for link in shown if link.get("outwardIssue", {}).get("key") == "SHOP-41")
    assert (await cloud.get(f"/issueLink/{tie}")).json()["outwardIssue"]["key"] == "SHOP-41"
    assert (await cloud.delete(f"/issueLink/{tie}")).status_code == 204
    made = await cloud.post("/issue/SHOP-42/remotelink", json={"object": {"url": "https://a.example", "title": "A"}})
    one = f"/issue/SHOP-42/remotelink/{made.json()['id']}"
    assert (await cloud.get(one)).json()["object"]["title"] == "A"
    assert (await cloud.delete(one)).status_code == 204
    assert not jira.ties.remote.get(jira.issue("SHOP-42").id)


def test_no_route_of_jira_is_left_out() -> None:
    """Whoever adds one asks it here, or says why not."""
    asked = {(method, path) for method, path, _ in EDITS}
    asked |= {("GET", path) for path in READS} | {("POST", path) for path, _ in QUESTIONS}
    linked = "/issueLink", "/issueLink/1", "/issue/SHOP-42/remotelink/1"
    asked |= {(method, path) for method in ("GET", "POST", "DELETE") for path in linked}
    left = [
        (method, template)
        for method, template, _ in _ROUTES
        if template not in AGED
        and not any(
            method == one and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path.partition("?")[0])
            for one, path in asked
        )
    ]
    assert left == []


async def test_jira_refuses_as_described(cloud: httpx.AsyncClient) -> None:
    for method, path, body, status in (
        ("GET", "/issue/SHOP-999", None, 404),
        ("GET", "/project/NOPE", None, 404),
        ("POST", "/search/jql", {"jql": "stage = build"}, 400),
        ("PUT", "/issue/SHOP-42", {"fields": {"stage": "build"}}, 400),
        ("PUT", "/issue/SHOP-42/assignee", {"accountId": "nobody"}, 400),
        ("POST", "/issue/SHOP-42/transitions", {"transition": {"id": "999"}}, 400),
        ("POST", "/issue", {"fields": {"summary": "New"}}, 400),
        ("POST", "/issue/SHOP-42/remotelink", {"object": {"url": "https://a.example", "title": ""}}, 400),
        ("DELETE", "/issue/SHOP-42/remotelink?globalId=none", None, 404),
        ("POST", "/issueLink", {"type": {"name": "No"}, "inwardIssue": {}, "outwardIssue": {}}, 404),
    ):
        answer = await (cloud.request(method, path, json=body) if body else cloud.request(method, path))
        assert answer.status_code == status, (path, answer.text)


@pytest.mark.parametrize("place", [f"{REPO}/hooks", "/orgs/acme/hooks"])
async def test_webhooks_are_as_described(hub: httpx.AsyncClient, place: str) -> None:
    config = {"url": "https://sync.acme.example", "content_type": "json", "insecure_ssl": "0", "secret": "sesame"}
    made = await hub.post(place, json={"name": "web", "config": config, "events": ["issues"], "active": True})
    assert made.status_code == 201
    assert made.json()["config"]["secret"] == "********"
    one = f"{place}/{made.json()['id']}"
    assert (await hub.post(place, json={"name": "web", "config": config, "events": ["issues"]})).status_code == 422
    changed = await hub.patch(one, json={"config": {"url": "https://sync.acme.example"}, "events": ["label"]})
    assert (changed.json()["events"], "secret" in changed.json()["config"]) == (["label"], False)
    assert (await hub.get(one)).json() == (await hub.get(place)).json()[0]
    assert (await hub.delete(one)).status_code == 204
    assert (await hub.get(one)).status_code == 404

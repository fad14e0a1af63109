"""What the stand-ins answer, and what they accept, is what the vendors' own descriptions say.

Every answer to a described path is checked, refusals too where they are described; a request is checked where it was
accepted, so that a caller who passes here does not fail on the real thing for its shape.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from trackersync.sandbox import GitHub, Jira, github_app, jira_app
from trackersync.sandbox.shop import ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OPENAPI = Path(__file__).parents[3] / "shared" / "data" / "openapi"
REPO = "/repos/acme/shop"

pytestmark = [
    pytest.mark.skipif(
        not OPENAPI.is_dir(), reason=f"the OpenAPI descriptions are not beside the checkout ({OPENAPI})"
    ),
    pytest.mark.xdist_group("openapi"),
]


@cache
def described(name: str) -> tuple[OpenAPI, str]:
    description = json.loads((OPENAPI / name).read_bytes())
    mend(description)
    if "User" in (schemas := description["components"]["schemas"]):
        # Documented in words only: null takes the assignee away.
        schemas["User"]["properties"]["accountId"]["nullable"] = True
    server = description["servers"][0]["url"]
    # Jira writes `+0000` where RFC 3339, and so its own description, wants `+00:00`.
    config = Config(spec_validator_cls=None, extra_format_validators={"date-time": dated})
    return OpenAPI.from_dict(description, config=config), server


def mend(part: Any) -> None:  # noqa: ANN401  # JSON
    """Let the descriptions say what the vendors really answer, in the three places where they do not.

    GitHub's `state_reason` is nullable, but its list of values lacks null. Jira describes content for 204, which has
    none; and the changelog's `from` and `to` are null where a field was empty.
    """
    if isinstance(part, list):
        for inner in part:
            mend(inner)
    if not isinstance(part, dict):
        return
    if part.get("nullable") and isinstance(part.get("enum"), list) and None not in part["enum"]:
        part["enum"].append(None)
    if isinstance(part.get("204"), dict):
        part["204"].pop("content", None)
    for name in ("from", "fromString", "to", "toString") if {"fromString", "toString"} <= part.keys() else ():
        if isinstance(part.get(name), dict):
            part[name]["nullable"] = True
    for inner in part.values():
        mend(inner)


def dated(value: object) -> bool:
    return isinstance(value, str) and bool(datetime.fromisoformat(value))


class Checked(httpx.AsyncBaseTransport):
    """Passes requests on, and holds both directions against the description."""

    def __init__(self, inner: httpx.ASGITransport, description: str) -> None:
        self.inner = inner
        self.openapi, self.server = described(description)
        self.checked: list[tuple[str, str, int]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        answer = await self.inner.handle_async_request(request)
        await answer.aread()
        asked = MockRequest(
            self.server,
            request.method.lower(),
            request.url.path,
            args=dict(request.url.params.multi_items()),
            headers=dict(request.headers),
            data=request.content or None,
            content_type=request.headers.get("content-type", "application/json"),
        )
        got = MockResponse(
            answer.content,
            status_code=answer.status_code,
            headers=dict(answer.headers),
            content_type=answer.headers.get("content-type", "").partition(";")[0] or "application/json",
        )
        try:
            if answer.is_success:
                self.openapi.validate_request(asked)
            self.openapi.validate_response(asked, got)
        except OpenAPIError as trouble:
            errors = getattr(trouble.__cause__, "schema_errors", [trouble])
            shown = [f"{getattr(e, 'json_path', '')}: {str(getattr(e, 'message', e))[-300:]}" for e in errors]
            raise AssertionError(f"{request.method} {request.url}: {shown or trouble}") from trouble
        self.checked.append((request.method, re.sub(r"\d+", "N", request.url.path), answer.status_code))
        return answer


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


async def test_jira_reads(cloud: httpx.AsyncClient, jira: Jira) -> None:
    jira.edit("SHOP-42", status="In Review", by="ada-l")
    for path in (
        "/myself",
        "/serverInfo",
        "/search/jql?jql=project%20%3D%20SHOP&maxResults=100&fields=*all",
        "/search/jql?jql=project%20%3D%20SHOP&maxResults=10&fields=summary&fields=status&expand=changelog",
        "/issue/SHOP-42?fields=summary,status",
        "/issue/SHOP-45?expand=changelog",
        "/issue/SHOP-42/changelog",
        "/issue/SHOP-42/transitions?expand=transitions.fields",
        f"/user/assignable/search?accountId={ACCOUNTS['ada-l']}&issueKey=SHOP-42",
        f"/user?accountId={ACCOUNTS['ada-l']}",
        "/project/SHOP",
        "/project/search",
        "/project/SHOP/statuses",
        "/status",
        "/statuscategory",
        "/resolution",
        "/field",
        "/mypermissions?permissions=BROWSE_PROJECTS,TRANSITION_ISSUES,ASSIGN_ISSUES",
    ):
        answer = await cloud.get(path)
        assert answer.is_success, (path, answer.text)
    for path, body in (
        ("/search/jql", {"jql": "project = SHOP", "maxResults": 7, "fields": ["*all"], "reconcileIssues": [10042]}),
        ("/search/approximate-count", {"jql": "project = SHOP"}),
        ("/issue/bulkfetch", {"issueIdsOrKeys": ["SHOP-42", "10031"], "fields": ["summary"]}),
    ):
        answer = await cloud.post(path, json=body)
        assert answer.is_success, (path, answer.text)


async def test_jira_writes(cloud: httpx.AsyncClient) -> None:
    fields = {"project": {"key": "SHOP"}, "summary": "New", "issuetype": {"name": "Task"}}
    assert (await cloud.post("/issue", json={"fields": fields})).status_code == 201
    done = {"transition": {"id": "30"}, "fields": {"resolution": {"name": "Done"}}}
    edits: list[tuple[str, str, Any]] = [
        ("PUT", "/issue/SHOP-42", {"fields": {"summary": "x"}, "update": {"labels": [{"add": "y"}]}}),
        ("PUT", "/issue/SHOP-42?returnIssue=true", {"fields": {"labels": ["z"]}}),
        ("PUT", "/issue/SHOP-42/assignee", {"accountId": ACCOUNTS["grace-h"]}),
        ("PUT", "/issue/SHOP-42/assignee", {"accountId": None}),
        ("POST", "/issue/SHOP-40/transitions", done),
        ("DELETE", "/issue/SHOP-62", None),
    ]
    for method, path, body in edits:
        answer = await cloud.request(method, path, json=body) if body else await cloud.request(method, path)
        assert answer.is_success, (path, answer.text)


async def test_jira_refuses_as_described(cloud: httpx.AsyncClient) -> None:
    for method, path, body, status in (
        ("GET", "/issue/SHOP-999", None, 404),
        ("GET", "/project/NOPE", None, 404),
        ("POST", "/search/jql", {"jql": "stage = build"}, 400),
        ("PUT", "/issue/SHOP-42", {"fields": {"stage": "build"}}, 400),
        ("PUT", "/issue/SHOP-42/assignee", {"accountId": "nobody"}, 400),
        ("POST", "/issue/SHOP-42/transitions", {"transition": {"id": "999"}}, 400),
        ("POST", "/issue", {"fields": {"summary": "New"}}, 400),
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

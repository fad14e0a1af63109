"""Projects, GraphQL, issue types, fields and milestones as GitHub serves them, and what people do on a board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from openapi import DESCRIPTIONS, Checked
from trackersync.sandbox import GitHub, github_app
from trackersync.sandbox.github.boards import IssueField, Project

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BOARD = "/orgs/acme/projectsV2/7"
REPO = "/repos/acme/shop"
ITEMS = '{ organization(login: "acme") { projectV2(number: 7) { items { totalCount } } } }'


@pytest.fixture
def project(github: GitHub) -> Project:
    project = github.boards.add("acme", 7, "Todo", "Doing")
    for number in (7, 8, 9):
        project.put(number, "Todo")
    project.draft()
    github.issue_types = ["Bug", "Feature"]
    github.issue_fields = [IssueField(71, "Phase", ("Design", "Build"))]
    github.milestones[1] = "Spring"
    github.edit(9, type="Bug", fields=((71, "Design"),), milestone=1)
    return project


@pytest.fixture
async def hub(github: GitHub) -> AsyncIterator[httpx.AsyncClient]:
    inner = httpx.ASGITransport(app=github_app(github))
    transport = Checked(inner, "github-issues.json") if DESCRIPTIONS.is_dir() else inner
    headers = {"authorization": "Bearer good"}
    async with httpx.AsyncClient(transport=transport, base_url="http://github.test", headers=headers) as client:
        yield client


@pytest.fixture
async def graph(github: GitHub) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"authorization": "Bearer good"}
    transport = httpx.ASGITransport(app=github_app(github))
    async with httpx.AsyncClient(transport=transport, base_url="http://github.test", headers=headers) as client:
        yield client


async def ask(client: httpx.AsyncClient, query: str, **variables: object) -> dict[str, Any]:
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_is_read_is_as_described(hub: httpx.AsyncClient, project: Project) -> None:
    status = project.field("Status")
    card = next(iter(project.cards))
    for path in (
        BOARD,
        f"{BOARD}/fields",
        f"{BOARD}/items?fields={status.id}&per_page=100",
        f"{BOARD}/items",
        f"{BOARD}/items/{card}?fields={status.id}",
        "/orgs/acme/issue-fields",
        f"{REPO}/issue-types",
        f"{REPO}/milestones?state=all",
        f"{REPO}/issues/9",
        f"{REPO}/issues/9/issue-field-values",
    ):
        assert (await hub.get(path)).is_success, path


async def test_what_is_written_is_as_described(hub: httpx.AsyncClient, project: Project) -> None:
    status = project.field("Status")
    added = await hub.post(f"{BOARD}/items", json={"type": "Issue", "owner": "acme", "repo": "shop", "number": 10})
    assert added.status_code == 201
    issue = (await hub.get(f"{REPO}/issues/10")).json()
    again = await hub.post(f"{BOARD}/items", json={"type": "Issue", "id": issue["id"]})
    assert again.json()["id"] == added.json()["id"]
    path = f"{BOARD}/items/{added.json()['id']}"
    for value in (status.option("Doing"), None):
        assert (await hub.patch(path, json={"fields": [{"id": status.id, "value": value}]})).is_success
        assert project.shown(10) == ("Doing" if value else None)
    values = f"{REPO}/issues/9/issue-field-values"
    assert (await hub.post(values, json={"issue_field_values": [{"field_id": 71, "value": "Build"}]})).is_success
    assert (await hub.delete(f"{values}/71")).status_code == 204
    assert (await hub.patch(f"{REPO}/issues/9", json={"type": None, "milestone": None})).json()["type"] is None


async def test_a_list_shows_only_the_fields_that_are_asked_for_and_pages_by_cursor(
    graph: httpx.AsyncClient, project: Project
) -> None:
    status = project.field("Status")
    first = await graph.get(f"{BOARD}/items", params={"per_page": 2, "fields": status.id})
    assert [field["value"]["name"]["raw"] for item in first.json() for field in item["fields"]] == ["Todo", "Todo"]
    rest = await graph.get(first.links["next"]["url"])
    assert [item["content_type"] for item in rest.json()] == ["Issue", "DraftIssue"]
    assert "next" not in rest.links
    bare = (await graph.get(f"{BOARD}/items")).json()
    assert {field["name"] for item in bare for field in item["fields"]} == {"Title"}
    assert (await graph.get(f"{BOARD}/items", params={"page": 2})).status_code == 422


async def test_what_cannot_be_set_is_refused(graph: httpx.AsyncClient, github: GitHub, project: Project) -> None:
    status, card = project.field("Status"), next(iter(project.cards))
    values = f"{REPO}/issues/9/issue-field-values"
    for method, path, body, code in (
        ("PATCH", f"{BOARD}/items/{card}", {"fields": [{"id": status.id, "value": "nope"}]}, 422),
        ("PATCH", f"{BOARD}/items/{card}", {"fields": [{"id": 1, "value": None}]}, 422),
        ("PATCH", f"{BOARD}/items/1", {"fields": []}, 404),
        ("POST", f"{BOARD}/items", {"type": "Issue", "owner": "acme", "repo": "shop", "number": 999}, 404),
        ("POST", values, {"issue_field_values": [{"field_id": 71, "value": "Test"}]}, 422),
        ("DELETE", f"{values}/99", None, 404),
        ("PATCH", f"{REPO}/issues/9", {"type": "Epic"}, 422),
        ("PATCH", f"{REPO}/issues/9", {"type": {"value": "Bug", "suggest": True}}, 422),
        ("GET", "/orgs/nobody/issue-fields", None, 404),
        ("GET", "/users/acme/projectsV2/7", None, 404),
    ):
        answer = await graph.request(method, path, json=body)
        assert answer.status_code == code, (method, path, answer.text)
    assert (await graph.post(values, json={"issue_field_values": []})).json() == []
    assert github.issue(9).fields == ()


async def test_rights_are_kept_apart(graph: httpx.AsyncClient, github: GitHub, project: Project) -> None:
    card = next(iter(project.cards))
    github.boards.writable = False
    assert (await graph.get(BOARD)).is_success
    assert (await graph.patch(f"{BOARD}/items/{card}", json={"fields": []})).status_code == 403
    github.boards.readable = False
    assert (await graph.get(BOARD)).status_code == 403
    told = await ask(graph, 'query { organization(login: "acme") { projectV2(number: 7) { id } } }')
    assert [error["type"] for error in told["errors"]] == ["INSUFFICIENT_SCOPES"]
    github.boards.rest = github.boards.graphql = False
    assert (await graph.get(BOARD)).status_code == 404
    assert (await graph.post("/graphql", json={"query": "{ rateLimit { cost } }"})).status_code == 404


async def test_graphql_shows_the_same_board(graph: httpx.AsyncClient, github: GitHub, project: Project) -> None:
    project.archive(8)
    project.hide(9)
    query = """query ($n: Int!) { organization(login: "ACME") { projectV2(number: $n) { items(first: 10) { nodes {
      type isArchived fieldValueByName(name: "Status") { ... on ProjectV2ItemFieldSingleSelectValue { name } }
      content { ... on Issue { number repository { nameWithOwner } } } } } } } }"""
    nodes = (await ask(graph, query, n=7))["data"]["organization"]["projectV2"]["items"]["nodes"]
    assert [node["type"] for node in nodes] == ["ISSUE", "REDACTED", "DRAFT_ISSUE"]
    assert nodes[0]["fieldValueByName"] == {"name": "Todo"}
    assert nodes[0]["content"] == {"number": 7, "repository": {"nameWithOwner": github.repository}}


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ('{ organization(login: "nobody") { id } }', "NOT_FOUND"),
        ('{ organization(login: "acme") { projectV2(number: 9) { id } } }', "NOT_FOUND"),
        ('{ node(id: "I_AAAA") { id } }', "NOT_FOUND"),
        ('{ node(id: "?") { id } }', "NOT_FOUND"),
        ('{ nodes(ids: ["I_AAAA"]) { id } }', "NOT_FOUND"),
        ('{ repository(owner: "acme", name: "none") { id } }', "NOT_FOUND"),
        (ITEMS, "MISSING_PAGINATION_BOUNDARIES"),
        (ITEMS.replace("items", "items(first: 101)"), "EXCESSIVE_PAGINATION"),
    ],
)
async def test_graphql_refuses_in_an_answer_of_200(
    graph: httpx.AsyncClient, project: Project, query: str, kind: str
) -> None:
    assert project.cards
    assert [error["type"] for error in (await ask(graph, query))["errors"]] == [kind]


async def test_graphql_names_what_its_schema_does_not_have(graph: httpx.AsyncClient) -> None:
    (error,) = (await ask(graph, "{ enterprise { id } }"))["errors"]
    assert error["extensions"] == {"code": "undefinedField", "typeName": "Query", "fieldName": "enterprise"}
    (error,) = (await ask(graph, "{ rateLimit(x: 1) { cost } }"))["errors"]
    assert error["extensions"]["code"]
    assert (await ask(graph, "{"))["errors"]


async def test_a_mutation_counts_as_a_write_and_a_question_as_a_read(
    graph: httpx.AsyncClient, github: GitHub, project: Project
) -> None:
    assert project.cards
    await ask(graph, "query { rateLimit { cost } }")
    await ask(graph, '\n  mutation { addProjectV2ItemById(input: {projectId: "x", contentId: "y"}) { item { id } } }')
    assert (github.reads, github.writes) == (1, 1)


async def test_a_move_on_the_board_leaves_the_issue_as_it_was(github: GitHub, project: Project) -> None:
    before = github.issue(7)
    moved = project.put(7, "Doing")
    assert (github.issue(7), project.shown(7)) == (before, "Doing")
    github.boards.bumps = False
    assert project.put(7, "Todo").updated == moved.updated

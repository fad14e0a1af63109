"""The stand-in's pull requests, releases, deployments and relations, over REST and GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from openapi import DESCRIPTIONS, Checked
from trackersync.sandbox import GitHub, github_app
from trackersync.sandbox.github.render import issue_id, issue_node_id

if TYPE_CHECKING:
    from conftest import Watch

REPO = "/repos/acme/shop"


async def asked(hub: httpx.AsyncClient, query: str, **variables: object) -> dict[str, Any]:
    body: dict[str, Any] = (await hub.post("/graphql", json={"query": query, "variables": variables})).json()
    return body


@pytest.mark.skipif(not DESCRIPTIONS.is_dir(), reason="the OpenAPI descriptions are not beside the checkout")
async def test_relations_are_as_described(github: GitHub) -> None:
    transport = Checked(httpx.ASGITransport(app=github_app(github)), "github-issues.json")
    headers = {"authorization": "Bearer good"}
    async with httpx.AsyncClient(transport=transport, base_url="http://github.test", headers=headers) as hub:
        for path, body in (
            (f"{REPO}/issues/9/sub_issues", {"sub_issue_id": issue_id(github, 14)}),
            (f"{REPO}/issues/9/dependencies/blocked_by", {"issue_id": issue_id(github, 28)}),
        ):
            assert (await hub.post(path, json=body)).status_code == 201, path
        for path in (
            f"{REPO}/issues/9",
            f"{REPO}/issues/9/sub_issues",
            f"{REPO}/issues/14/parent",
            f"{REPO}/issues/9/dependencies/blocked_by",
            f"{REPO}/issues/28/dependencies/blocking",
            f"{REPO}/issues?state=all&per_page=100",
        ):
            assert (await hub.get(path)).status_code == 200, path
        assert (await hub.get(f"{REPO}/issues/9/parent")).status_code == 404
        github.code.merge(github.code.open_pull("Fix", closes=[9]).number)
        assert (await hub.get(f"{REPO}/issues?state=all&per_page=100")).status_code == 200


async def test_summaries_on_the_issue(hub: httpx.AsyncClient, github: GitHub) -> None:
    github.ties.nest(14, 9)
    github.ties.nest(28, 9)
    github.ties.block(9, by=28)
    github.edit(28, state="closed")
    shown = (await hub.get(f"{REPO}/issues/9")).json()
    assert shown["sub_issues_summary"] == {"total": 2, "completed": 1, "percent_completed": 50}
    assert shown["issue_dependencies_summary"]["blocked_by"] == 0
    assert shown["issue_dependencies_summary"]["total_blocked_by"] == 1
    assert (await hub.get(f"{REPO}/issues/14")).json()["parent_issue_url"].endswith("/repos/acme/shop/issues/9")


async def test_merging_closes_what_it_closes_unless_the_settings_say_no(github: GitHub) -> None:
    pull = github.code.open_pull("Fix", closes=[9])
    github.code.merge(pull.number)
    assert (github.issue(9).state, github.issue(9).reason) == ("closed", "completed")
    github.code.closes = False
    github.code.merge(github.code.open_pull("Fix", closes=[14]).number)
    assert github.issue(14).state == "open"


async def test_a_pull_request_in_the_list_says_whether_it_is_a_draft_and_merged(
    hub: httpx.AsyncClient, github: GitHub, watch: Watch
) -> None:
    draft = github.code.open_pull("Try", draft=True).number
    done = github.code.open_pull("Fix").number
    watch.pass_by(hours=1)
    github.code.merge(done)
    rows = {row["number"]: row for row in (await hub.get(f"{REPO}/issues?state=all&per_page=100")).json()}
    assert (rows[draft]["draft"], rows[draft]["pull_request"]["merged_at"]) == (True, None)
    assert (rows[done]["draft"], rows[done]["pull_request"]["merged_at"]) == (False, "2026-03-03T10:12:00Z")


@pytest.mark.parametrize(
    ("base", "head", "status"),
    [("v1", "v1", "identical"), ("v1", "main", "ahead"), ("main", "v1", "behind"), ("main", "side", "diverged")],
)
async def test_comparing_says_what_contains_what(
    hub: httpx.AsyncClient, github: GitHub, base: str, head: str, status: str
) -> None:
    root = github.code.commit()
    github.code.commit()
    github.code.release("v1")
    github.code.commit()
    github.code.refs["side"] = github.code.commit(root.oid).oid
    compared = (await hub.get(f"{REPO}/compare/{base}...{head}")).json()
    assert compared["status"] == status
    assert len(compared["commits"]) == compared["ahead_by"]
    assert (await hub.get(f"{REPO}/compare/{base}...nowhere")).status_code == 404


async def test_drafts_are_shown_to_who_may_push_only(hub: httpx.AsyncClient, github: GitHub) -> None:
    github.code.commit()
    github.code.release("v1")
    github.code.release("v2", draft=True)
    assert [row["tag_name"] for row in (await hub.get(f"{REPO}/releases")).json()] == ["v2", "v1"]
    github.push = False
    assert [row["tag_name"] for row in (await hub.get(f"{REPO}/releases")).json()] == ["v1"]


async def test_without_the_permission_graphql_says_forbidden_and_rest_403(
    hub: httpx.AsyncClient, github: GitHub
) -> None:
    query = "query A($id: ID!) { node(id: $id) { ... on Issue { closedByPullRequestsReferences(first: 1) { totalCount } } } }"  # noqa: E501
    identity = issue_node_id(github, github.issue(9))
    assert "errors" not in await asked(hub, query, id=identity)
    github.code.readable = False
    assert (await asked(hub, query, id=identity))["errors"][0]["type"] == "FORBIDDEN"
    assert (await hub.get(f"{REPO}/releases")).status_code == 403


async def test_a_deployment_that_works_retires_the_one_before(github: GitHub) -> None:
    github.code.commit()
    github.code.deploy()
    github.code.deploy("staging")
    github.code.deploy(state="FAILURE")
    github.code.deploy()
    assert [one.state for one in github.code.deployments] == ["INACTIVE", "ACTIVE", "FAILURE", "ACTIVE"]


async def test_graphql_tells_what_issues_wait_for(hub: httpx.AsyncClient, github: GitHub) -> None:
    for blocker in (28, 14):
        github.ties.block(9, by=blocker)
    query = """query A($ids: [ID!]!) { nodes(ids: $ids) { ... on Issue {
        blockedBy(first: 100) { totalCount nodes { number repository { nameWithOwner } } }
        blocking(first: 1) { nodes { number } }
    } } }"""
    ids = [issue_node_id(github, github.issue(number)) for number in (9, 14)]
    waiting, blocker = (await asked(hub, query, ids=ids))["data"]["nodes"]
    # The latest first, by default.
    assert [(one["number"], one["repository"]["nameWithOwner"]) for one in waiting["blockedBy"]["nodes"]] == [
        (14, "acme/shop"),
        (28, "acme/shop"),
    ]
    assert (waiting["blockedBy"]["totalCount"], waiting["blocking"]["nodes"]) == (2, [])
    assert (blocker["blockedBy"]["totalCount"], blocker["blocking"]["nodes"]) == (0, [{"number": 9}])


async def test_graphql_tells_who_opened_a_pull_request(hub: httpx.AsyncClient, github: GitHub) -> None:
    numbers = [github.code.open_pull("Fix", by=by).number for by in ("ada-l", "dependabot[bot]", "ghost")]
    query = "query A($ids: [ID!]!) { nodes(ids: $ids) { ... on PullRequest { author { __typename login } } } }"
    ids = [issue_node_id(github, github.issue(number)) for number in numbers]
    assert [row["author"] for row in (await asked(hub, query, ids=ids))["data"]["nodes"]] == [
        {"__typename": "User", "login": "ada-l"},
        {"__typename": "Bot", "login": "dependabot"},
        None,
    ]


async def test_a_milestone_tells_when_it_is_due(hub: httpx.AsyncClient, github: GitHub) -> None:
    github.milestones |= {1: "Spring", 2: "Some day"}
    github.due[1] = "2026-03-05T08:00:00Z"
    github.edit(9, milestone=1)
    shown = {row["title"]: row["due_on"] for row in (await hub.get(f"{REPO}/milestones")).json()}
    assert shown == {"Spring": "2026-03-05T08:00:00Z", "Some day": None}
    assert (await hub.get(f"{REPO}/issues/9")).json()["milestone"]["due_on"] == "2026-03-05T08:00:00Z"

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from trackersync.sandbox import GitHub, github_app, powerless

if TYPE_CHECKING:
    from conftest import Watch

REPO = "/repos/acme/shop"
ALL = {"state": "all", "per_page": "100"}


def names(rows: list[dict[str, Any]], member: str = "name") -> list[str]:
    return [row[member] for row in rows]


async def unsigned(github: GitHub, method: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=github_app(github))
    async with httpx.AsyncClient(transport=transport, base_url="http://github.test") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/user"),
        ("GET", "/user/repos"),
        ("GET", "/installation/repositories"),
        ("GET", f"{REPO}/hooks"),
        ("GET", "/orgs/acme/issue-fields"),
        ("POST", f"{REPO}/labels"),
        ("PATCH", f"{REPO}/issues/9"),
        ("POST", "/graphql"),
    ],
)
async def test_without_a_token_what_is_not_public_is_401(github: GitHub, method: str, path: str) -> None:
    answer = await unsigned(github, method, path)
    assert answer.status_code == 401
    assert answer.json()["message"] == "Requires authentication"


async def test_without_a_token_public_repositories_are_shown_without_rights(github: GitHub) -> None:
    shown = await unsigned(github, "GET", REPO)
    assert shown.status_code == 200
    assert "permissions" not in shown.json()
    assert (await unsigned(github, "GET", f"{REPO}/issues")).status_code == 200
    github.private = True
    for path in (REPO, f"{REPO}/issues", f"/repositories/{github.repository_id}/issues"):
        assert (await unsigned(github, "GET", path)).status_code == 404


async def test_without_a_token_there_are_sixty_requests_an_hour(github: GitHub) -> None:
    github.hub.unsigned_hourly = 2
    left = [(await unsigned(github, "GET", REPO)).headers["x-ratelimit-remaining"] for _ in range(2)]
    refused = await unsigned(github, "GET", REPO)
    free = await unsigned(github, "GET", "/rate_limit")

    assert left == ["1", "0"]
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (403, "0")
    assert (free.status_code, free.json()["resources"]["core"]["remaining"]) == (200, 0)


@pytest.mark.parametrize("token", ["wrong", "ghp_EXPIRED", "token-revoked-yesterday", "invalid", "a-bad-one"])
async def test_a_token_that_names_itself_bad_is_401(hub: httpx.AsyncClient, token: str) -> None:
    answer = await hub.get(REPO, headers={"authorization": f"token {token}"})
    assert answer.status_code == 401
    assert answer.json()["message"] == "Bad credentials"


async def test_the_caller_and_the_budget(hub: httpx.AsyncClient) -> None:
    me = await hub.get("/user")
    assert me.json()["login"] == "acme-bot"
    limit = await hub.get("/rate_limit")
    assert limit.json()["rate"] == limit.json()["resources"]["core"]
    newer = await hub.get("/rate_limit", headers={"x-github-api-version": "2026-03-10"})
    assert "rate" not in newer.json()
    assert int(newer.headers["x-ratelimit-remaining"]) < int(me.headers["x-ratelimit-remaining"])
    assert newer.headers["x-github-request-id"] != me.headers["x-github-request-id"]


async def test_the_repository_and_its_rights(hub: httpx.AsyncClient, github: GitHub) -> None:
    assert (await hub.get("/repos/ACME/Shop")).json()["permissions"]["push"] is True
    github.push = False
    assert (await hub.get(REPO)).json()["permissions"]["push"] is False
    for path in ("/repos/acme/other", "/repositories/1/issues", "/nowhere"):
        answer = await hub.get(path)
        assert answer.status_code == 404
        assert answer.json()["message"] == "Not Found"


async def test_the_list_shows_thirty_open_ones_newest_first_unless_asked_otherwise(hub: httpx.AsyncClient) -> None:
    rows = (await hub.get(f"{REPO}/issues")).json()
    assert len(rows) == 30
    assert {row["state"] for row in rows} == {"open"}
    assert names(rows, "created_at") == sorted(names(rows, "created_at"), reverse=True)
    assert len((await hub.get(f"{REPO}/issues", params={"per_page": "1000", "state": "all"})).json()) == 44


async def test_pages_are_followed_by_id_and_cursor(hub: httpx.AsyncClient, github: GitHub) -> None:
    seen: list[int] = []
    url = f"{REPO}/issues?state=all&sort=updated&direction=asc&per_page=7"
    while url:
        answer = await hub.get(url)
        seen += [row["number"] for row in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
        assert not url or (f"/repositories/{github.repository_id}/issues?" in url and "after=" in url)
    assert sorted(seen) == sorted(github.issues)


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("sort", ["created", "updated", "comments"])
async def test_every_order_pages_through_everything_once(hub: httpx.AsyncClient, sort: str, direction: str) -> None:
    seen: list[int] = []
    url = f"{REPO}/issues?state=all&sort={sort}&direction={direction}&per_page=9"
    while url:
        answer = await hub.get(url)
        seen += [row["number"] for row in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
    assert len(seen) == len(set(seen)) == 44


async def test_page_numbers_work_until_they_are_too_deep(hub: httpx.AsyncClient) -> None:
    first = (await hub.get(f"{REPO}/issues", params={**ALL, "per_page": "10"})).json()
    second = (await hub.get(f"{REPO}/issues", params={**ALL, "per_page": "10", "page": "2"})).json()
    assert len(second) == 10
    assert not set(names(first, "node_id")) & set(names(second, "node_id"))
    deep = await hub.get(f"{REPO}/issues", params={**ALL, "page": "101"})
    assert deep.status_code == 422
    assert "cursor based pagination" in deep.json()["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "done"},
        {"sort": "title"},
        {"direction": "up"},
        {"since": "yesterday"},
        {"per_page": "0"},
        {"page": "x"},
        {"assignee": "stranger"},
        {"milestone": "99"},
        {"after": "garbage"},
        {"mentioned": "ada-l"},
        {"lables": "bug"},
    ],
)
async def test_what_it_does_not_know_is_422_and_never_ignored(hub: httpx.AsyncClient, wrong: dict[str, str]) -> None:
    assert (await hub.get(f"{REPO}/issues", params=wrong)).status_code == 422


async def test_filters(hub: httpx.AsyncClient, github: GitHub) -> None:
    async def found(**query: str) -> set[int]:
        answer = await hub.get(f"{REPO}/issues", params={**ALL, **query})
        return {row["number"] for row in answer.json()}

    assert await found(labels="bug,stage: build") == {9, 15}
    assert 19 in await found(assignee="KATH-J")
    assert {9, 14, 26, 28} <= await found(assignee="none", state="open")
    assert 9 not in await found(assignee="*")
    assert await found(creator="ada-l") == {17, 43}
    github.milestones[1] = "Spring"
    github.edit(9, milestone=1)
    assert await found(milestone="1") == await found(milestone="*") == {9}
    assert 9 not in await found(milestone="none")


async def test_since_means_at_or_after_the_last_change(hub: httpx.AsyncClient, github: GitHub, watch: Watch) -> None:
    watch.pass_by(minutes=5)
    moment = watch.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    github.edit(9, title="Refunds")
    for sort in ("updated", "created"):
        rows = (await hub.get(f"{REPO}/issues", params={"since": moment, "sort": sort})).json()
        assert names(rows, "updated_at") == [moment]
    watch.pass_by(seconds=1)
    later = watch.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (await hub.get(f"{REPO}/issues", params={"since": later})).json() == []


async def test_a_pull_request_is_in_the_list_and_says_so(hub: httpx.AsyncClient) -> None:
    rows = (await hub.get(f"{REPO}/issues", params=ALL)).json()
    assert sorted(row["number"] for row in rows if "pull_request" in row) == [43, 44]


async def test_the_newer_version_has_no_singular_assignee(hub: httpx.AsyncClient) -> None:
    older = (await hub.get(f"{REPO}/issues/8")).json()
    newer = (await hub.get(f"{REPO}/issues/8", headers={"x-github-api-version": "2026-03-10"})).json()
    assert older["assignee"]["login"] == "grace-h"
    assert "assignee" not in newer
    assert names(newer["assignees"], "login") == ["grace-h"]
    assert (await hub.get(REPO, headers={"x-github-api-version": "2020-01-01"})).status_code == 400


async def test_addresses_of_the_web_and_of_the_api_differ(hub: httpx.AsyncClient) -> None:
    shown = (await hub.get(f"{REPO}/issues/8")).json()
    assert shown["html_url"] == "http://github.test/acme/shop/issues/8"
    assert shown["url"] == "http://github.test/repos/acme/shop/issues/8"
    page = await hub.get(shown["html_url"])
    assert "Stock count drifts after refunds" in page.text
    assert page.headers["content-type"].startswith("text/plain")


async def test_gone_moved_and_unknown_are_told_apart(hub: httpx.AsyncClient, github: GitHub) -> None:
    github.delete(7)
    github.transfer(10, "http://github.test/repositories/5/issues/1")
    assert (await hub.get(f"{REPO}/issues/7")).status_code == 410
    moved = await hub.get(f"{REPO}/issues/10")
    assert (moved.status_code, moved.headers["location"]) == (301, "http://github.test/repositories/5/issues/1")
    assert (await hub.get(f"{REPO}/issues/999")).status_code == 404
    rows = (await hub.get(f"{REPO}/issues", params=ALL)).json()
    assert not {7, 10} & {row["number"] for row in rows}


async def test_an_unchanged_answer_is_304(hub: httpx.AsyncClient, github: GitHub) -> None:
    first = await hub.get(f"{REPO}/issues/9")
    again = await hub.get(f"{REPO}/issues/9", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = {"if-none-match": first.headers["etag"], "authorization": "Bearer another"}
    assert (await hub.get(f"{REPO}/issues/9", headers=other)).status_code == 200
    github.edit(9, labels=["bug"])
    changed = await hub.get(f"{REPO}/issues/9", headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200


async def test_patch_replaces_labels_and_assignees_and_leaves_the_rest(hub: httpx.AsyncClient, github: GitHub) -> None:
    before = github.issue(9)
    answer = await hub.patch(f"{REPO}/issues/9", json={"labels": ["stage: verify"], "assignees": ["ADA-L"]})
    after = github.issue(9)
    assert answer.json()["labels"][0]["name"] == "stage: verify"
    assert (after.labels, after.assignees) == (("stage: verify",), ("ada-l",))
    assert (after.title, after.body, after.state) == (before.title, before.body, before.state)
    await hub.patch(f"{REPO}/issues/9", json={"labels": [], "assignees": []})
    assert (github.issue(9).labels, github.issue(9).assignees) == ((), ())


async def test_a_reason_counts_only_where_the_state_changes(hub: httpx.AsyncClient, github: GitHub) -> None:
    await hub.patch(f"{REPO}/issues/1", json={"state": "closed", "state_reason": "not_planned"})
    assert github.issue(1).reason == "completed"
    await hub.patch(f"{REPO}/issues/9", json={"state_reason": "not_planned"})
    assert (github.issue(9).state, github.issue(9).reason) == ("open", None)
    await hub.patch(f"{REPO}/issues/9", json={"state": "closed", "state_reason": "not_planned"})
    assert (github.issue(9).reason, github.issue(9).closed_by) == ("not_planned", "acme-bot")
    reopened = await hub.patch(f"{REPO}/issues/9", json={"state": "open"})
    assert (reopened.json()["state_reason"], reopened.json()["closed_at"]) == ("reopened", None)
    await hub.patch(f"{REPO}/issues/9", json={"state": "closed"})
    assert github.issue(9).reason == "completed"


async def test_one_stranger_refuses_the_whole_patch(hub: httpx.AsyncClient, github: GitHub) -> None:
    answer = await hub.patch(f"{REPO}/issues/9", json={"title": "New", "assignees": ["ada-l", "stranger"]})
    assert answer.status_code == 422
    assert answer.json()["errors"][0] | {"value": 0} == {
        "resource": "Issue",
        "field": "assignees",
        "code": "invalid",
        "value": 0,
    }
    assert github.issue(9).title == "Refund e-mail shows the wrong currency"


@pytest.mark.parametrize("body", [{"state": "done"}, {"state_reason": "bored"}, {"stage": "build"}, {"title": ""}, []])
async def test_a_wrong_patch_is_422(hub: httpx.AsyncClient, body: object) -> None:
    assert (await hub.patch(f"{REPO}/issues/9", json=body)).status_code == 422


async def test_broken_json_is_400(hub: httpx.AsyncClient) -> None:
    answer = await hub.patch(f"{REPO}/issues/9", content=b"{")
    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


async def test_labels_are_added_and_removed_one_by_one(hub: httpx.AsyncClient, github: GitHub) -> None:
    added = await hub.post(f"{REPO}/issues/9/labels", json={"labels": ["stage: verify", "brand new"]})
    assert names(added.json()) == ["bug", "customer", "stage: build", "stage: verify", "brand new"]
    assert "brand new" in github.labels
    left = await hub.delete(f"{REPO}/issues/9/labels/stage:%20build")
    assert names(left.json()) == ["bug", "customer", "stage: verify", "brand new"]
    again = await hub.delete(f"{REPO}/issues/9/labels/stage:%20build")
    assert (again.status_code, again.json()["message"]) == (404, "Label does not exist")
    assert names((await hub.get(f"{REPO}/issues/9/labels")).json()) == names(left.json())
    assert names((await hub.put(f"{REPO}/issues/9/labels", json=["bug"])).json()) == ["bug"]
    assert (await hub.delete(f"{REPO}/issues/9/labels")).status_code == 204
    assert github.issue(9).labels == ()
    assert (await hub.post(f"{REPO}/issues/9/labels", json={"labels": [{"name": "bug"}]})).status_code == 200


async def test_who_cannot_be_assigned_is_dropped_in_silence(hub: httpx.AsyncClient, github: GitHub) -> None:
    answer = await hub.post(f"{REPO}/issues/8/assignees", json={"assignees": ["stranger", "ada-l"]})
    assert answer.status_code == 201
    assert names(answer.json()["assignees"], "login") == ["grace-h", "ada-l"]
    left = await hub.request("DELETE", f"{REPO}/issues/8/assignees", json={"assignees": ["Grace-H", "stranger"]})
    assert names(left.json()["assignees"], "login") == ["ada-l"]
    assert (await hub.get(f"{REPO}/assignees/Ada-L")).status_code == 204
    assert (await hub.get(f"{REPO}/assignees/stranger")).status_code == 404
    assert len((await hub.get(f"{REPO}/assignees")).json()) == 8


async def test_an_issue_holds_ten_people(hub: httpx.AsyncClient, github: GitHub) -> None:
    logins = [f"person-{number}" for number in range(12)]
    github.allow(logins)
    answer = await hub.post(f"{REPO}/issues/9/assignees", json={"assignees": logins})
    assert len(answer.json()["assignees"]) == 10


async def test_without_push_labels_and_people_are_dropped_in_silence(hub: httpx.AsyncClient, github: GitHub) -> None:
    before = github.issue(9)
    body = {"title": "New", "labels": ["x"], "assignees": ["ada-l"]}
    github.faults.add(powerless())
    answer = await hub.patch(f"{REPO}/issues/9", json=body)
    assert answer.status_code == 200
    assert (github.issue(9).title, github.issue(9).labels, github.issue(9).assignees) == ("New", before.labels, ())
    github.push = False
    assert (await hub.post(f"{REPO}/issues/9/labels", json={"labels": ["x"]})).status_code == 200
    assert (await hub.post(f"{REPO}/issues/9/assignees", json={"assignees": ["ada-l"]})).status_code == 201
    assert github.issue(9).assignees == ()
    assert (await hub.post(f"{REPO}/labels", json={"name": "y"})).status_code == 403


async def test_a_token_that_may_only_read_and_one_that_sees_nothing(hub: httpx.AsyncClient, github: GitHub) -> None:
    github.writable = False
    for method, path, body in (
        ("PATCH", f"{REPO}/issues/9", {"title": "x"}),
        ("POST", f"{REPO}/issues/9/labels", {"labels": ["x"]}),
        ("POST", f"{REPO}/issues", {"title": "x"}),
    ):
        refused = await hub.request(method, path, json=body)
        assert refused.status_code == 403
        assert refused.headers["x-accepted-github-permissions"] == "issues=write"
    assert (await hub.get(f"{REPO}/issues/9")).status_code == 200
    github.visible = False
    assert (await hub.get(f"{REPO}/issues/9")).status_code == 404
    assert (await hub.get(f"{REPO}/issues")).status_code == 404
    assert (await hub.get("/user")).status_code == 200


async def test_labels_of_the_repository(hub: httpx.AsyncClient) -> None:
    assert (await hub.post(f"{REPO}/labels", json={"name": "fresh"})).status_code == 201
    twice = await hub.post(f"{REPO}/labels", json={"name": "FRESH"})
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "already_exists")
    assert (await hub.get(f"{REPO}/labels/stage:%20build")).json()["name"] == "stage: build"
    assert (await hub.get(f"{REPO}/labels/nope")).status_code == 404
    first = await hub.get(f"{REPO}/labels", params={"per_page": "5"})
    assert len(first.json()) == 5
    assert len((await hub.get(first.links["next"]["url"])).json()) == 5


async def test_creating_an_issue(hub: httpx.AsyncClient, github: GitHub) -> None:
    answer = await hub.post(f"{REPO}/issues", json={"title": "A", "labels": ["bug"], "assignees": ["ada-l"]})
    assert (answer.status_code, answer.json()["number"]) == (201, 45)
    assert github.issue(45).assignees == ("ada-l",)
    assert (await hub.post(f"{REPO}/issues", json={"title": " "})).status_code == 422
    assert (await hub.post(f"{REPO}/issues", json={"title": "A", "assignees": ["x"]})).status_code == 422


async def test_edits_move_the_time_and_no_edit_does_not(hub: httpx.AsyncClient, github: GitHub, watch: Watch) -> None:
    watch.pass_by(seconds=61)
    before = github.issue(9).updated
    same = await hub.patch(f"{REPO}/issues/9", json={"title": github.issue(9).title})
    assert (same.status_code, github.issue(9).updated) == (200, before)
    await hub.patch(f"{REPO}/issues/9", json={"title": "Other"})
    assert github.issue(9).updated == int(watch.now.timestamp())


async def test_the_history_tells_who_did_what(hub: httpx.AsyncClient, github: GitHub) -> None:
    github.edit(9, labels=["stage: verify"], assignees=["alan-t"], state="closed", by="grace-h")
    lines = (await hub.get(f"{REPO}/issues/9/timeline", params={"per_page": "100"})).json()[-6:]
    assert names(lines, "event") == ["labeled", "unlabeled", "unlabeled", "unlabeled", "assigned", "closed"]
    # Of whom was assigned, the real one names the assignee as actor, and who did it as assigner.
    assert [line["actor"]["login"] for line in lines] == ["grace-h"] * 4 + ["alan-t", "grace-h"]
    assert lines[4]["assigner"]["login"] == "grace-h"
    assert lines[5]["state_reason"] == "completed"

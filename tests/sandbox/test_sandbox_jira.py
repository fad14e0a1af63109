from __future__ import annotations

from typing import Any

import httpx
import pytest

from trackersync.sandbox import Jira, jira_app
from trackersync.sandbox.shop import ACCOUNTS

ALL = {"jql": "project = SHOP ORDER BY updated ASC", "maxResults": "20"}


async def ways(client: httpx.AsyncClient, key: str) -> dict[str, dict[str, Any]]:
    answer = await client.get(f"/issue/{key}/transitions", params={"expand": "transitions.fields"})
    return {way["to"]["name"]: way for way in answer.json()["transitions"]}


async def test_credentials_say_which_jira_it_is(cloud: httpx.AsyncClient, center: httpx.AsyncClient) -> None:
    assert (await cloud.get("/serverInfo")).json()["deploymentType"] == "Cloud"
    assert (await center.get("/serverInfo")).json()["deploymentType"] == "Server"
    plain = httpx.BasicAuth("acme-bot", "good")
    assert (await cloud.get("/serverInfo", auth=plain)).json()["deploymentType"] == "Server"
    assert (await cloud.get("/myself")).json()["emailAddress"] == "bot@acme.example"
    assert (await center.get("/myself")).json()["name"] == "acme-bot"


async def test_bad_credentials_are_401(cloud: httpx.AsyncClient) -> None:
    for path in ("/myself", "/issue/SHOP-42", "/search/jql?jql=project=SHOP"):
        assert (await cloud.get(path, auth=("bot@acme.example", "expired"))).status_code == 401
    assert (await cloud.get("/myself", headers={"authorization": "Basic !!"}, auth=None)).status_code == 401


async def test_somebody_unknown_is_shown_nothing(jira: Jira) -> None:
    transport = httpx.ASGITransport(app=jira_app(jira))
    async with httpx.AsyncClient(transport=transport, base_url="http://jira.test/rest/api/3") as client:
        assert (await client.get("/myself")).status_code == 401
        found = await client.get("/search/jql", params={"jql": "project = SHOP"})
        assert (found.status_code, found.json()["issues"]) == (200, [])
        assert (await client.get("/issue/SHOP-42")).status_code == 404
        assert (await client.get("/serverInfo")).json()["deploymentType"] == "Cloud"


async def test_cloud_pages_by_token_and_tells_no_total(cloud: httpx.AsyncClient) -> None:
    seen: list[str] = []
    token: str | None = ""
    while token is not None:
        answer = await cloud.get("/search/jql", params=ALL | ({"nextPageToken": token} if token else {}))
        page = answer.json()
        assert "total" not in page
        assert page["isLast"] is ("nextPageToken" not in page)
        assert all(set(row) == {"id"} for row in page["issues"])
        seen += [row["id"] for row in page["issues"]]
        token = page.get("nextPageToken")
    assert len(seen) == len(set(seen)) == 44


async def test_a_token_belongs_to_its_query(cloud: httpx.AsyncClient) -> None:
    token = (await cloud.get("/search/jql", params=ALL)).json()["nextPageToken"]
    for wrong in ({"jql": "project = SHOP", "nextPageToken": token}, ALL | {"nextPageToken": "garbage"}):
        assert (await cloud.get("/search/jql", params=wrong)).status_code == 400


async def test_rows_that_move_past_a_token_are_missed(cloud: httpx.AsyncClient, jira: Jira) -> None:
    first = (await cloud.get("/search/jql", params=ALL)).json()
    jira.edit(jira.issues[int(first["issues"][0]["id"])].key, summary="Moved to the end")
    seen = {row["id"] for row in first["issues"]}
    token = first["nextPageToken"]
    while token:
        page = (await cloud.get("/search/jql", params=ALL | {"nextPageToken": token})).json()
        seen |= {row["id"] for row in page["issues"]}
        token = page.get("nextPageToken", "")
    assert len(seen) == 43


async def test_full_pages_are_shorter_than_pages_of_ids(cloud: httpx.AsyncClient, jira: Jira) -> None:
    for number in range(100):
        jira.create(f"Task {number}")
    full = await cloud.post("/search/jql", json={"jql": "project = SHOP", "maxResults": 5000, "fields": ["summary"]})
    assert len(full.json()["issues"]) == 100
    ids = await cloud.post("/search/jql", json={"jql": "project = SHOP", "maxResults": 5000})
    assert len(ids.json()["issues"]) == 144


async def test_cloud_refuses_a_query_without_a_restriction(cloud: httpx.AsyncClient) -> None:
    for jql in ("", "ORDER BY updated"):
        assert (await cloud.get("/search/jql", params={"jql": jql})).status_code == 400


async def test_each_jira_has_its_own_search(cloud: httpx.AsyncClient, center: httpx.AsyncClient) -> None:
    assert (await cloud.get("/search", params=ALL)).status_code == 410
    assert (await cloud.get("http://jira.test/rest/api/2/search", params=ALL)).status_code == 410
    assert (await center.get("/search/jql", params=ALL)).status_code == 404
    page = (await center.post("/search", json={"jql": "project = SHOP", "startAt": 40, "maxResults": 50})).json()
    assert (page["startAt"], page["total"], len(page["issues"])) == (40, 44, 4)
    assert "description" not in page["issues"][0]["fields"]


async def test_data_center_refuses_what_lies_behind_its_window(center: httpx.AsyncClient, jira: Jira) -> None:
    deep = {"jql": "project = SHOP", "startAt": "9990", "maxResults": "11"}
    answer = await center.get("/search", params=deep)
    assert answer.status_code == 500
    assert "Search limit exceeded" in answer.json()["errorMessages"][0]
    jira.window = None
    assert (await center.get("/search", params=deep)).status_code == 200


async def test_an_issue_by_key_and_by_id_with_the_fields_asked_for(
    cloud: httpx.AsyncClient, center: httpx.AsyncClient
) -> None:
    one = (await cloud.get("/issue/SHOP-33", params={"fields": "summary,status"})).json()
    assert (set(one["fields"]), one["id"]) == ({"summary", "status"}, "10033")
    assert (await cloud.get("/issue/10033")).json()["key"] == "SHOP-33"
    assert (await cloud.get("/issue/SHOP-33")).json()["fields"]["description"]["type"] == "doc"
    text = (await center.get("/issue/SHOP-33")).json()["fields"]["description"]
    assert "https://github.com/acme/shop/issues/11" in text
    gone = await cloud.get("/issue/SHOP-999")
    assert gone.status_code == 404
    assert gone.json()["errorMessages"] == ["Issue does not exist or you do not have permission to see it."]
    lean = (await cloud.get("/issue/SHOP-33", params={"fields": "-description,-subtasks"})).json()["fields"]
    assert "description" not in lean
    assert "summary" in lean


async def test_bulk_fetch(cloud: httpx.AsyncClient) -> None:
    body = {"issueIdsOrKeys": ["SHOP-42", "10031", "SHOP-999"], "fields": ["summary"]}
    answer = (await cloud.post("/issue/bulkfetch", json=body)).json()
    assert [row["key"] for row in answer["issues"]] == ["SHOP-31", "SHOP-42"]
    many = await cloud.post("/issue/bulkfetch", json={"issueIdsOrKeys": [str(number) for number in range(101)]})
    assert many.status_code == 400


async def test_from_in_progress_done_is_two_transitions_away(cloud: httpx.AsyncClient, jira: Jira) -> None:
    first = await ways(cloud, "SHOP-33")
    assert "Done" not in first
    assert first["In Review"]["name"] == "Hand to review"
    hop = {"transition": {"id": first["In Review"]["id"]}}
    assert (await cloud.post("/issue/SHOP-33/transitions", json=hop)).status_code == 204
    assert (await cloud.post("/issue/SHOP-33/transitions", json=hop)).status_code == 400
    second = await ways(cloud, "SHOP-33")
    assert second["Done"]["fields"]["resolution"]["required"] is True
    done = {"transition": {"id": second["Done"]["id"]}, "fields": {"resolution": {"name": "Done"}}}
    assert (await cloud.post("/issue/SHOP-33/transitions", json=done)).status_code == 204
    shown = (await cloud.get("/issue/SHOP-33")).json()["fields"]
    assert (shown["status"]["name"], shown["resolution"]["name"]) == ("Done", "Done")
    assert shown["resolutiondate"] == shown["updated"]
    back = await ways(cloud, "SHOP-33")
    await cloud.post("/issue/SHOP-33/transitions", json={"transition": {"id": back["To Do"]["id"]}})
    assert jira.issue("SHOP-33").resolution is None


async def test_transitions_are_refused_as_documented(cloud: httpx.AsyncClient, jira: Jira) -> None:
    review = (await ways(cloud, "SHOP-40"))["Done"]["id"]
    path = "/issue/SHOP-40/transitions"
    for body in (
        {"transition": {"id": "999"}},
        {},
        {"transition": {"id": review}},
        {"transition": {"id": review}, "fields": {"resolution": {"name": "Perfect"}}},
        {"transition": {"id": review}, "fields": {"resolution": {"name": "Done"}, "assignee": {"name": "ada-l"}}},
    ):
        assert (await cloud.post(path, json=body)).status_code == 400
    jira.conflicts = 1
    good = {"transition": {"id": review}, "fields": {"resolution": {"name": "Done"}}}
    assert (await cloud.post(path, json=good)).status_code == 409
    assert jira.issue("SHOP-40").status == "In Review"
    assert (await cloud.post(path, json=good)).status_code == 204
    jira.may_transition = False
    assert await ways(cloud, "SHOP-42") == {}


async def test_assigning_on_cloud(cloud: httpx.AsyncClient, jira: Jira) -> None:
    path = "/issue/SHOP-31/assignee"
    ada = ACCOUNTS["ada-l"]
    assert (await cloud.put(path, json={"accountId": ada})).status_code == 204
    assert jira.issue("SHOP-31").assignee == ada
    for wrong in ({"accountId": "nobody"}, {"name": "ada-l"}, {"accountId": ACCOUNTS["tim-b"]}, {}):
        assert (await cloud.put(path, json=wrong)).status_code == 400
    for nobody in (None, "-1"):
        jira.edit("SHOP-31", assignee="ada-l")
        assert (await cloud.put(path, json={"accountId": nobody})).status_code == 204
        assert jira.issue("SHOP-31").assignee is None


async def test_assigning_on_data_center(center: httpx.AsyncClient, jira: Jira) -> None:
    assert (await center.put("/issue/SHOP-31/assignee", json={"name": "ada-l"})).status_code == 204
    assert jira.issue("SHOP-31").assignee == ACCOUNTS["ada-l"]
    assert (await center.put("/issue/SHOP-31/assignee", json={"name": "nobody"})).status_code == 400
    assert (await center.put("/issue/SHOP-31/assignee", json={"name": None})).status_code == 204
    found = (await center.get("/user/search", params={"username": "grace"})).json()
    assert [user["name"] for user in found] == ["grace-h"]


async def test_who_can_be_assigned(cloud: httpx.AsyncClient, center: httpx.AsyncClient) -> None:
    path = "/user/assignable/search"
    ada = (await cloud.get(path, params={"accountId": ACCOUNTS["ada-l"], "issueKey": "SHOP-31"})).json()
    assert [user["displayName"] for user in ada] == ["ada-l"]
    assert (await cloud.get(path, params={"accountId": ACCOUNTS["tim-b"], "project": "SHOP"})).json() == []
    assert (await cloud.get(path, params={"username": "ada-l", "project": "SHOP"})).status_code == 400
    assert (await cloud.get(path, params={"accountId": "x", "project": "NOPE"})).status_code == 404
    kath = (await center.get(path, params={"username": "kath", "project": "SHOP"})).json()
    assert [user["name"] for user in kath] == ["kath-j"]
    assert (await center.get("/user", params={"username": "kath-j"})).json()["accountId"] == ACCOUNTS["kath-j"]
    assert (await cloud.get("/user", params={"accountId": "nobody"})).status_code == 404


async def test_put_edits_fields_and_ignores_transitions(cloud: httpx.AsyncClient, jira: Jira) -> None:
    body = {"fields": {"summary": "Gift cards"}, "transition": {"id": "25"}, "update": {"labels": [{"add": "new"}]}}
    assert (await cloud.put("/issue/SHOP-42", json=body)).status_code == 204
    issue = jira.issue("SHOP-42")
    assert (issue.summary, issue.status) == ("Gift cards", "In Progress")
    assert issue.labels == ("checkout", "gift-cards", "new")
    await cloud.put("/issue/SHOP-42", json={"update": {"labels": [{"remove": "checkout"}]}})
    assert jira.issue("SHOP-42").labels == ("gift-cards", "new")
    shown = await cloud.put("/issue/SHOP-42?returnIssue=true", json={"fields": {"labels": ["only"]}})
    assert shown.json()["fields"]["labels"] == ["only"]


@pytest.mark.parametrize(
    "body",
    [
        {"fields": {"status": {"name": "Done"}}},
        {"fields": {"stage": "build"}},
        {"fields": {"labels": ["two words"]}},
        {"fields": {"labels": ["a"]}, "update": {"labels": [{"add": "b"}]}},
        {"update": {"labels": [{"append": "b"}]}},
        [],
    ],
)
async def test_a_wrong_put_is_400_and_changes_nothing(cloud: httpx.AsyncClient, jira: Jira, body: object) -> None:
    before = jira.issue("SHOP-42")
    assert (await cloud.put("/issue/SHOP-42", json=body)).status_code == 400
    assert jira.issue("SHOP-42") == before


async def test_rights_that_are_missing(cloud: httpx.AsyncClient, jira: Jira) -> None:
    jira.may_assign = jira.may_edit = False
    assert (await cloud.put("/issue/SHOP-42/assignee", json={"accountId": None})).status_code == 403
    assert (await cloud.put("/issue/SHOP-42", json={"fields": {"summary": "x"}})).status_code == 403
    rights = await cloud.get("/mypermissions", params={"permissions": "ASSIGN_ISSUES,EDIT_ISSUES"})
    assert not any(row["havePermission"] for row in rights.json()["permissions"].values())
    # Absence is not deletion: who may not browse finds an empty tracker and no error.
    jira.may_browse = False
    assert (await cloud.get("/search/jql", params=ALL)).json()["issues"] == []
    assert (await cloud.get("/issue/SHOP-42")).status_code == 404
    assert (await cloud.get("/project/SHOP")).status_code == 404
    assert (await cloud.get("/myself")).status_code == 200


async def test_creating_and_deleting(cloud: httpx.AsyncClient, jira: Jira) -> None:
    fields = {"project": {"key": "SHOP"}, "summary": "New", "issuetype": {"name": "Bug"}, "labels": ["a"]}
    made = await cloud.post("/issue", json={"fields": fields})
    assert (made.status_code, made.json()["key"]) == (201, "SHOP-62")
    assert jira.issue("SHOP-62").status == "Backlog"
    refused = await cloud.post("/issue", json={"fields": {"summary": "New", "mood": 1}})
    assert set(refused.json()["errors"]) == {"project", "issuetype", "mood"}
    assert (await cloud.delete("/issue/SHOP-62")).status_code == 204
    assert (await cloud.get("/issue/SHOP-62")).status_code == 404
    assert (await cloud.delete("/issue/SHOP-45")).status_code == 400
    assert (await cloud.delete("/issue/SHOP-45?deleteSubtasks=true")).status_code == 204
    assert (await cloud.get("/issue/SHOP-35")).status_code == 404


async def test_every_edit_moves_the_time_even_within_a_millisecond(jira: Jira) -> None:
    first = jira.edit("SHOP-42", summary="One")
    second = jira.edit("SHOP-42", summary="Two")
    assert second.updated > first.updated
    assert jira.edit("SHOP-42", summary="Two") == second


async def test_the_changelog_tells_who_did_what(
    cloud: httpx.AsyncClient, center: httpx.AsyncClient, jira: Jira
) -> None:
    jira.edit("SHOP-42", status="In Review", assignee="alan-t", by="margaret-h")
    page = (await cloud.get("/issue/SHOP-42/changelog")).json()
    assert (page["total"], page["isLast"]) == (2, True)
    last = page["values"][-1]
    assert last["author"]["displayName"] == "margaret-h"
    assert {(item["field"], item["fromString"], item["toString"]) for item in last["items"]} == {
        ("status", "In Progress", "In Review"),
        ("assignee", "ada-l", "alan-t"),
    }
    query = {"jql": "key = SHOP-42", "expand": "changelog", "fields": "key"}
    histories = (await center.get("/search", params=query)).json()["issues"][0]["changelog"]["histories"]
    assert histories[0] == (await center.get("/issue/SHOP-42?expand=changelog")).json()["changelog"]["histories"][0]


async def test_the_catalogue(cloud: httpx.AsyncClient) -> None:
    assert (await cloud.get("/project/SHOP")).json()["key"] == "SHOP"
    assert (await cloud.get("/project/NOPE")).status_code == 404
    kinds = (await cloud.get("/project/SHOP/statuses")).json()
    assert len(kinds[0]["statuses"]) == 14
    assert len((await cloud.get("/status")).json()) == 14
    assert {row["key"] for row in (await cloud.get("/statuscategory")).json()} == {"new", "indeterminate", "done"}
    resolutions = [row["name"] for row in (await cloud.get("/resolution")).json()]
    assert resolutions == ["Done", "Won't Do", "Duplicate", "Cannot Reproduce"]
    assert "assignee" in {row["id"] for row in (await cloud.get("/field")).json()}
    rights = await cloud.get("/mypermissions", params={"permissions": "BROWSE_PROJECTS,ADMINISTER"})
    assert [row["havePermission"] for row in rights.json()["permissions"].values()] == [True, False]
    assert (await cloud.get("/mypermissions")).status_code == 400
    assert (await cloud.get("/nowhere")).status_code == 404
    assert "Waiting for vendor" in (await cloud.get("http://jira.test/browse/SHOP-27")).text


async def test_unknown_parameters_are_not_ignored(cloud: httpx.AsyncClient, center: httpx.AsyncClient) -> None:
    assert (await cloud.get("/search/jql", params={"jql": "project = SHOP", "startAt": "5"})).status_code == 400
    assert (await center.post("/search", json={"jql": "project = SHOP", "nextPageToken": "x"})).status_code == 400
    assert (await cloud.get("/search/jql", params={"jql": "project = SHOP", "maxResults": "-1"})).status_code == 400
    assert (await cloud.post("/search/jql", content=b"{")).status_code == 400

"""Histories of many issues at once, as Cloud gives them out; and what Data Center has instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from conftest import Watch
    from trackersync.sandbox import Jira

BULK = "/changelog/bulkfetch"


async def pages(client: httpx.AsyncClient, body: dict[str, Any]) -> list[list[tuple[str, list[str]]]]:
    """What each page tells: issue by issue, what came."""
    found = []
    while True:
        answer = await client.post(BULK, json=body)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [
            [
                (log["issueId"], [item["toString"] for row in log["changeHistories"] for item in row["items"]])
                for log in page["issueChangeLogs"]
            ]
        ]
        if "nextPageToken" not in page:
            return found
        body = body | {"nextPageToken": page["nextPageToken"]}


def busy(jira: Jira, watch: Watch) -> dict[str, Any]:
    """Two issues that are edited in turn, from now on."""
    for n in range(3):
        for key in ("SHOP-50", "SHOP-42"):
            watch.pass_by(seconds=1)
            jira.edit(key, by="ada-l", labels=[f"round-{n}"], summary=f"{key}, {n}")
    ids = [str(jira.issue(key).id) for key in ("SHOP-42", "SHOP-50")]
    return {"issueIdsOrKeys": [ids[0], "SHOP-50"], "fieldIds": ["labels"]}


async def test_the_oldest_comes_first_whichever_issue_it_is_of(
    cloud: httpx.AsyncClient, jira: Jira, watch: Watch
) -> None:
    asked = busy(jira, watch)
    one, two = (str(jira.issue(key).id) for key in ("SHOP-42", "SHOP-50"))
    assert await pages(cloud, asked | {"maxResults": 4}) == [
        [(two, ["round-0", "round-1"]), (one, ["round-0", "round-1"])],
        [(two, ["round-2"]), (one, ["round-2"])],
    ]
    assert len(await pages(cloud, asked | {"maxResults": 6})) == 1


async def test_only_what_is_asked_for_is_told(cloud: httpx.AsyncClient, jira: Jira, watch: Watch) -> None:
    asked = busy(jira, watch)
    ((first, *_),) = await pages(cloud, asked | {"fieldIds": ["summary"]})
    assert first[1] == ["SHOP-50, 0", "SHOP-50, 1", "SHOP-50, 2"]
    assert await pages(cloud, asked | {"fieldIds": ["priority"]}) == [[]]
    assert await pages(cloud, {"issueIdsOrKeys": ["SHOP-999"]}) == [[]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"issueIdsOrKeys": []},
        {"issueIdsOrKeys": [10_042]},
        {"issueIdsOrKeys": [str(n) for n in range(1_001)]},
        {"issueIdsOrKeys": ["SHOP-42"], "fieldIds": [f"customfield_{n}" for n in range(11)]},
        {"issueIdsOrKeys": ["SHOP-42"], "fieldIds": ["status", "status"]},
        {"issueIdsOrKeys": ["SHOP-42"], "maxResults": 0},
        {"issueIdsOrKeys": ["SHOP-42"], "maxResults": 10_001},
        {"issueIdsOrKeys": ["SHOP-42"], "nextPageToken": "MTA="},
        {"issueIdsOrKeys": ["SHOP-42"], "nextPageToken": "no token"},
        {"issueIdsOrKeys": ["SHOP-42"], "startAt": 5},
    ],
)
async def test_what_jira_refuses_is_refused(cloud: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await cloud.post(BULK, json=body)).status_code == 400


async def test_data_center_tells_a_history_with_its_issue_only(center: httpx.AsyncClient, jira: Jira) -> None:
    grace = next(user for user in jira.users.values() if user.name == "grace-h")
    jira.edit("SHOP-42", by="ada-l", assignee="grace-h")
    assert (await center.post(BULK, json={"issueIdsOrKeys": ["SHOP-42"]})).status_code == 404
    assert (await center.get("/issue/SHOP-42/changelog")).status_code == 404
    shown = (await center.get("/issue/SHOP-42?expand=changelog,names&fields=assignee")).json()
    (change,) = shown["changelog"]["histories"][0]["items"]
    # By key, which is not the name; and no field has an id.
    assert (change["field"], change["to"], "fieldId" in change) == ("assignee", grace.key, False)
    assert shown["names"] == {"assignee": "Assignee"}
    assert (await center.get(f"/user?key={grace.key}")).json()["name"] == "grace-h"
    assert (await center.get("/user?key=grace-h")).status_code == 404

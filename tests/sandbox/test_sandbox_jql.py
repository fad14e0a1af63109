from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trackersync.sandbox import Jira
from trackersync.sandbox.shop import ACCOUNTS

if TYPE_CHECKING:
    import httpx

    from conftest import Watch


async def keys(client: httpx.AsyncClient, jql: str) -> list[str]:
    body = {"jql": jql, "fields": ["key"], "maxResults": 100}
    answer = await client.post("/search/jql", json=body)
    assert answer.status_code == 200, answer.text
    return [row["key"] for row in answer.json()["issues"]]


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("stage = build", "Field 'stage' does not exist or you do not have permission to view it."),
        ("project = SHOP ORDER BY stage", "Field 'stage' does not exist or you do not have permission to view it."),
        ("project > SHOP", "The operator '>' is not supported by the 'project' field."),
        ("updated = 5", "The operator '=' is not supported by the 'updated' field."),
        ("updated >= yesterday", "Date value 'yesterday' for field 'updated' is invalid."),
        ("updated >= '1732877091000'", "Date value '1732877091000' for field 'updated' is invalid."),
        ("status = Doing", "The value 'Doing' does not exist for the field 'status'."),
        ("assignee = stranger", "The value 'stranger' does not exist for the field 'assignee'."),
        ("key in (SHOP-42, SHOP-999)", "An issue with key 'SHOP-999' does not exist for field 'key'."),
        ("project = SHOP NOR key = SHOP-1", "Expecting either 'OR' or 'AND' but got 'NOR'."),
        ("(project = SHOP OR key = SHOP-42", "The query ends too early."),
        ("project = SHOP AND ()", "Field ')' does not exist"),
        ("project = SHOP)", "Expecting either 'OR' or 'AND' but got ')'."),
        ("summary = card", "The operator '=' is not supported by the 'summary' field."),
        ("priority = Urgentest", "The value 'Urgentest' does not exist for the field 'priority'."),
        ("project in SHOP", "Expecting '(' after IN."),
        ("project =", "The query ends too early."),
        ("assignee is ada-l", "only supports the values EMPTY and NULL"),
        ("project = 'SHOP", "reserved JQL character"),
        ("project = SHOP ORDER updated", "Expecting 'BY' after ORDER."),
    ],
)
async def test_what_jql_does_not_know_is_400_in_jiras_words(cloud: httpx.AsyncClient, jql: str, words: str) -> None:
    answer = await cloud.post("/search/jql", json={"jql": jql})
    assert answer.status_code == 400
    assert words in answer.json()["errorMessages"][0]
    assert (await cloud.post("/search/approximate-count", json={"jql": jql})).status_code == 400


async def test_no_more_than_seven_fields_to_order_by(cloud: httpx.AsyncClient) -> None:
    order = ", ".join(["updated"] * 8)
    assert (await cloud.post("/search/jql", json={"jql": f"project = SHOP ORDER BY {order}"})).status_code == 400


async def test_clauses(cloud: httpx.AsyncClient) -> None:
    assert await keys(cloud, "key in (SHOP-42, 10033) order by key") == ["SHOP-33", "SHOP-42"]
    assert await keys(cloud, "id >= 10060 AND project in (shop) ORDER BY id DESC") == ["SHOP-61", "SHOP-60"]
    assert await keys(cloud, "id = 10042") == ["SHOP-42"]
    assert await keys(cloud, 'status = "Waiting for vendor"') == ["SHOP-27"]
    assert set(await keys(cloud, "assignee is EMPTY")) == {"SHOP-31", "SHOP-38", "SHOP-47"}
    assert set(await keys(cloud, f"assignee in ({ACCOUNTS['radia-p']}) AND statusCategory != Done")) == {
        "SHOP-43",
        "SHOP-58",
    }
    assert set(await keys(cloud, "resolution in ('Won\\'t Do', Duplicate)")) == {
        "SHOP-34",
        "SHOP-37",
        "SHOP-26",
        "SHOP-30",
    }
    assert len(await keys(cloud, "resolution = Unresolved AND project = SHOP")) == 32
    assert set(await keys(cloud, "labels = gift-cards")) == {"SHOP-42", "SHOP-46"}
    assert await keys(cloud, "issuetype = Sub-task") == ["SHOP-35"]
    assert len(await keys(cloud, "assignee != 5b10a2844c20165700ede21g")) == 44 - 3 - 5


async def test_conditions_are_joined_and_turned_round(cloud: httpx.AsyncClient) -> None:
    assert set(await keys(cloud, "project = SHOP AND (labels = refund OR type = Sub-task)")) == {"SHOP-31", "SHOP-35"}
    # AND binds closer than OR.
    assert set(await keys(cloud, "key = SHOP-42 OR key = SHOP-43 AND status = Launch")) == {"SHOP-42"}
    assert set(await keys(cloud, "status = Launch AND NOT (labels = loyalty OR key = SHOP-42)")) == set()
    labelled = set(await keys(cloud, "labels is not EMPTY"))
    assert set(await keys(cloud, "NOT labels in (refund)")) == labelled - {"SHOP-31"}, "empty is not `not refund`"
    assert set(await keys(cloud, "NOT (labels = refund AND status = Done)")) >= labelled - {"SHOP-31"}
    assert set(await keys(cloud, "summary ~ 'gift card'")) <= set(await keys(cloud, "text ~ gift"))
    assert len(await keys(cloud, "priority in (Medium)")) > 0


async def test_epoch_milliseconds_are_exact_and_quoted_dates_are_minutes_in_the_users_zone(
    cloud: httpx.AsyncClient, jira: Jira, watch: Watch
) -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    watch.pass_by(minutes=10, seconds=30)
    edited = jira.edit("SHOP-42", summary="Gift cards")
    assert await keys(cloud, f"updated >= {edited.updated}") == ["SHOP-42"]
    assert await keys(cloud, f"updated > {edited.updated}") == []
    assert await keys(cloud, 'updated >= "2026-03-03 09:22"') == ["SHOP-42"]
    assert await keys(cloud, 'updated >= "2026-03-03 09:23"') == []
    assert await keys(cloud, "updated >= -5m") == ["SHOP-42"]
    jira.time_zone = ZoneInfo("America/New_York")
    assert (await cloud.get("/myself")).json()["timeZone"] == "America/New_York"
    # Who formats UTC for a person behind UTC looks from five hours later on, and misses the edit.
    assert await keys(cloud, 'updated >= "2026-03-03 09:22"') == []
    assert await keys(cloud, 'updated >= "2026-03-03 04:22"') == ["SHOP-42"]


async def test_order_by_several_fields(cloud: httpx.AsyncClient, jira: Jira) -> None:
    found = await keys(cloud, "project = SHOP ORDER BY status ASC, key DESC")
    places = {status.name: status.id for status in jira.workflows["SHOP"].statuses}
    rows = [(places[jira.issue(key).status], -jira.issue(key).number) for key in found]
    assert rows == sorted(rows)
    newest = await keys(cloud, "project = SHOP ORDER BY updated DESC")
    assert newest == list(reversed(await keys(cloud, "project = SHOP ORDER BY updated ASC")))


async def test_counting(cloud: httpx.AsyncClient) -> None:
    answer = await cloud.post("/search/approximate-count", json={"jql": "project = SHOP"})
    assert answer.json() == {"count": 44}

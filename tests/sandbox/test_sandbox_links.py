"""The stand-in's links between Jira's issues and to what is outside, as Atlassian documents them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from trackersync.sandbox import Jira, jira_app
from trackersync.sandbox.shop import workflow

WHOLE = {
    "globalId": "system=http://www.mycompany.com/support&id=1",
    "application": {"name": "My Acme Tracker", "type": "com.acme.tracker"},
    "relationship": "causes",
    "object": {"title": "TSTSUP-111", "url": "http://www.mycompany.com/support?id=1", "summary": "Support issue"},
}


@pytest.fixture
def model() -> Jira:
    model = Jira({"SHOP": workflow()})
    for number in range(1, 4):
        model.create(f"Issue {number}")
    return model


@pytest.fixture
async def site(model: Jira) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=jira_app(model))
    auth = ("bot@acme.example", "token")
    async with httpx.AsyncClient(transport=transport, base_url="http://jira.example/rest/api/3", auth=auth) as client:
        yield client


async def put(site: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    return await site.post("/issue/SHOP-1/remotelink", json=body)


async def test_one_global_id_is_one_link_and_what_an_update_leaves_out_is_null(site: httpx.AsyncClient) -> None:
    made, again = await put(site, WHOLE), await put(site, WHOLE)
    assert (made.status_code, again.status_code, made.json()["id"]) == (201, 200, again.json()["id"])
    bare = {"globalId": WHOLE["globalId"], "object": {"title": "T", "url": "http://t.example"}}
    assert (await put(site, bare)).status_code == 200
    (shown,) = (await site.get("/issue/SHOP-1/remotelink")).json()
    assert "relationship" not in shown
    assert (shown["application"], shown["object"]["title"], "summary" in shown["object"]) == ({}, "T", False)


async def test_without_a_global_id_every_write_makes_another(site: httpx.AsyncClient) -> None:
    bare = {"object": WHOLE["object"]}
    assert [(await put(site, bare)).status_code for _ in range(2)] == [201, 201]
    assert len((await site.get("/issue/SHOP-1/remotelink")).json()) == 2


async def test_a_global_id_is_escaped_and_names_one(site: httpx.AsyncClient) -> None:
    number = (await put(site, WHOLE)).json()["id"]
    one = await site.get("/issue/SHOP-1/remotelink", params={"globalId": WHOLE["globalId"]})
    assert one.json()["id"] == number
    assert (await site.get(f"/issue/SHOP-1/remotelink/{number}")).json() == one.json()
    gone = [await site.delete("/issue/SHOP-1/remotelink", params={"globalId": WHOLE["globalId"]}) for _ in range(2)]
    assert [answer.status_code for answer in gone] == [204, 404]
    assert (await site.delete("/issue/SHOP-1/remotelink")).status_code == 400


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"object": {"url": "http://t.example"}}, "title"),
        ({"object": {"title": "T"}}, "url"),
        ({**WHOLE, "globalId": "x" * 256}, "globalId"),
    ],
)
async def test_half_a_remote_link_is_refused(site: httpx.AsyncClient, body: dict[str, Any], named: str) -> None:
    answer = await put(site, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [named])


async def test_remote_links_need_a_permission_and_linking(site: httpx.AsyncClient, model: Jira) -> None:
    model.ties.may_link = False
    asked = await site.get("/mypermissions?permissions=LINK_ISSUES")
    assert asked.json()["permissions"]["LINK_ISSUES"]["havePermission"] is False
    assert (await put(site, WHOLE)).status_code == 403
    assert (await site.get("/issue/SHOP-1/remotelink")).status_code == 200
    model.ties.enabled = False
    assert (await site.get("/issue/SHOP-1/remotelink")).status_code == 403
    assert (await site.get("/issueLinkType")).status_code == 404


@pytest.mark.parametrize("touches", [True, False])
async def test_whether_a_link_counts_as_an_edit_is_a_switch(
    site: httpx.AsyncClient, model: Jira, *, touches: bool
) -> None:
    model.ties.touches = touches
    before = model.issue("SHOP-1").updated
    await put(site, WHOLE)
    assert (model.issue("SHOP-1").updated > before) == touches


async def test_both_ends_show_a_link_and_it_is_made_once(site: httpx.AsyncClient, model: Jira) -> None:
    body = {"type": {"name": "Blocks"}, "inwardIssue": {"key": "SHOP-1"}, "outwardIssue": {"key": "SHOP-2"}}
    assert [(await site.post("/issueLink", json=body)).status_code for _ in range(2)] == [201, 201]
    shown = {}
    for key in ("SHOP-1", "SHOP-2"):
        (shown[key],) = (await site.get(f"/issue/{key}?fields=issuelinks")).json()["fields"]["issuelinks"]
    assert shown["SHOP-1"]["outwardIssue"]["key"] == "SHOP-2"
    assert shown["SHOP-2"]["inwardIssue"]["key"] == "SHOP-1"
    number = shown["SHOP-1"]["id"]
    assert number == shown["SHOP-2"]["id"]
    assert (await site.get(f"/issueLink/{number}")).json()["type"]["inward"] == "is blocked by"
    assert [(await site.delete(f"/issueLink/{number}")).status_code for _ in range(2)] == [204, 404]
    assert model.issue("SHOP-2").links == ()

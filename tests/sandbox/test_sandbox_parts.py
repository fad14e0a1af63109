"""Components and versions of the Jira stand-in: as they are shown, edited, searched for and told of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from trackersync.sandbox import Jira, jira_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY = "/issue/SHOP-42"


@pytest.fixture(params=["3", "2"], ids=["Cloud", "Data Center"])
async def site(jira: Jira, request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    jira.parts.add("SHOP", "components", "Cart", "Checkout")
    jira.parts.add("SHOP", "fixVersions", "1.0", "2.0")
    jira.parts.release("SHOP", "1.0")
    url = f"http://jira.test/rest/api/{request.param}"
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=jira_app(jira)), base_url=url, auth=("bot@acme.example", "good")
    ) as client:
        yield client


async def fields(site: httpx.AsyncClient, *names: str) -> dict[str, Any]:
    shown: dict[str, Any] = (await site.get(KEY, params={"fields": ",".join(names)})).json()["fields"]
    return shown


async def test_they_are_shown_with_the_project_and_the_issue(site: httpx.AsyncClient, jira: Jira) -> None:
    jira.edit("SHOP-42", parts={"components": ("Cart",), "fixVersions": ("1.0", "2.0")}, by="ada-l")
    shown = await fields(site, "components", "fixVersions")
    assert [one["name"] for one in shown["components"]] == ["Cart"]
    assert [(one["name"], one["released"]) for one in shown["fixVersions"]] == [("1.0", True), ("2.0", False)]
    components = (await site.get("/project/SHOP/components")).json()
    assert [one["name"] for one in components] == ["Cart", "Checkout"]
    assert shown["components"][0]["id"] == components[0]["id"]
    assert [one["released"] for one in (await site.get("/project/SHOP/versions")).json()] == [True, False]
    assert (await site.get("/project/NONE/versions")).status_code == 404
    screen = (await site.get(f"{KEY}/editmeta")).json()["fields"]
    assert [one["name"] for one in screen["components"]["allowedValues"]] == ["Cart", "Checkout"]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({"fields": {"components": [{"name": "Checkout"}]}}, ["Checkout"]),
        ({"fields": {"components": []}}, []),
        ({"update": {"components": [{"add": {"name": "Checkout"}}]}}, ["Cart", "Checkout"]),
        ({"update": {"components": [{"remove": {"name": "Cart"}}, {"remove": {"name": "Checkout"}}]}}, []),
        ({"update": {"components": [{"set": [{"name": "Checkout"}]}]}}, ["Checkout"]),
    ],
)
async def test_they_are_edited(site: httpx.AsyncClient, jira: Jira, body: dict[str, Any], left: list[str]) -> None:
    jira.edit("SHOP-42", parts={"components": ("Cart",)}, by="ada-l")
    assert (await site.put(KEY, json=body)).status_code == 204
    assert [one["name"] for one in (await fields(site, "components"))["components"]] == left


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"update": {"components": [{"add": {"name": "Web"}}]}}, "Component name 'Web' is not valid"),
        ({"fields": {"fixVersions": [{"name": "9"}]}}, "Version name '9' is not valid"),
        ({"update": {"components": [{"push": {"name": "Cart"}}]}}, "does not support operation 'push'"),
    ],
)
async def test_what_the_project_has_not_is_refused(
    site: httpx.AsyncClient, jira: Jira, body: dict[str, Any], said: str
) -> None:
    answer = await site.put(KEY, json=body)
    assert answer.status_code == 400
    assert said in answer.text
    assert not jira.edits


async def test_what_is_off_the_screen_or_locked_is_refused(site: httpx.AsyncClient, jira: Jira) -> None:
    body = {"update": {"components": [{"add": {"name": "Cart"}}]}}
    jira.off_screen = frozenset({"components"})
    assert "appropriate screen" in (await site.put(KEY, json=body)).text
    jira.off_screen, jira.locked = frozenset(), frozenset({jira.issue("SHOP-42").status})
    assert "current status" in (await site.put(KEY, json=body)).text
    assert (await site.get(f"{KEY}/editmeta")).json() == {"fields": {}}


async def test_the_history_tells_them_one_by_one(site: httpx.AsyncClient, jira: Jira) -> None:
    jira.edit("SHOP-42", parts={"components": ("Cart",)}, by="ada-l")
    jira.edit("SHOP-42", parts={"components": ("Checkout",), "fixVersions": ("1.0",)}, by="ada-l")
    shown = (await site.get(KEY, params={"expand": "changelog", "fields": "summary"})).json()["changelog"]["histories"]
    told = [(one["field"], one["fromString"], one["toString"]) for one in shown[0]["items"]]
    assert told == [("Component", "Cart", None), ("Component", None, "Checkout"), ("Fix Version", None, "1.0")]


@pytest.mark.parametrize(
    ("jql", "found"),
    [
        ("component = cart", {"SHOP-42"}),
        ("component in (Cart, Checkout) AND fixVersion = 1.0", {"SHOP-42"}),
        ("fixVersion = 2.0", set()),
        ("component is not EMPTY", {"SHOP-42", "SHOP-43"}),
    ],
)
async def test_they_are_searched_for(jira: Jira, jql: str, found: set[str]) -> None:
    jira.parts.add("SHOP", "components", "Cart", "Checkout")
    jira.parts.add("SHOP", "fixVersions", "1.0", "2.0")
    jira.edit("SHOP-42", parts={"components": ("Cart",), "fixVersions": ("1.0",)}, by="ada-l")
    jira.edit("SHOP-43", parts={"components": ("Checkout",)}, by="ada-l")
    transport = httpx.ASGITransport(app=jira_app(jira))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://jira.test/rest/api/3", auth=("bot@acme.example", "good")
    ) as client:
        answer = await client.post("/search/jql", json={"jql": jql, "fields": ["summary"]})
        assert {one["key"] for one in answer.json()["issues"]} == found
        unknown = await client.post("/search/jql", json={"jql": "component = Web", "fields": ["summary"]})
        assert (unknown.status_code, "does not exist" in unknown.text) == (400, True)

"""Answers of servers that stand in for Jira: a little otherwise than documented, and what is no answer at all."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from jira_doubles import CLOUD, DATA_CENTER, ME, MYSELF, Script, opened, raw, says

from trackersync.connector import AuthError, UnavailableError
from trackersync.sandbox import Options, answer, running
from trackersync_jira.fill import _rules
from trackersync_jira.items import Site, item
from trackersync_jira.shapes import Fields, Issue, Project

SEARCH = ("GET", "/search")


def changed(issue: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """An issue with one member set, or gone where the value is ``...``."""
    *way, last = path.split(".")
    inner = issue
    for name in way:
        inner = inner[name]
    if value is ...:
        inner.pop(last, None)
    else:
        inner[last] = value
    return issue


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("id", 10042, id="a number for an id"),
        pytest.param("fields.status", {"id": 3, "name": "In Progress"}, id="a number for a status's id"),
        pytest.param("fields.status", {"id": None, "name": "In Progress"}, id="no id of the status"),
        pytest.param(
            "fields.status", {"name": "In Progress", "statusCategory": {"key": None}}, id="a category without a key"
        ),
        pytest.param("fields.issuetype", {"id": "1"}, id="a type without a name"),
        pytest.param("fields.issuetype", {"id": 1, "name": None}, id="a type named null"),
        pytest.param("fields.priority", {}, id="an empty priority"),
        pytest.param("fields.components", [{"name": None}, None], id="components that are null"),
        pytest.param("fields.labels", [None, "bug"], id="labels that are null"),
        pytest.param("fields.created", ..., id="no time of creation"),
        pytest.param("fields.resolution", None, id="no resolution"),
        pytest.param("fields.project", {"id": 10000, "key": "SHOP"}, id="a number for the project's id"),
    ],
)
async def test_an_issue_written_a_little_otherwise_is_read_all_the_same(path: str, value: object) -> None:
    issues = [raw(41), changed(raw(42), path, value)]
    script = Script({ME: says(MYSELF), SEARCH: says({"issues": issues, "total": 2})})
    async with opened(transport=script.transport, **DATA_CENTER) as at:
        items = await at.items()
    assert [one.key for one in items] == ["SHOP-41", "SHOP-42"]
    assert items[1].created <= items[1].updated


@pytest.mark.parametrize("issue", [{}, {"id": "1"}, {"id": "1", "key": "SHOP-1"}, [], "SHOP-1"], ids=repr)
async def test_what_is_no_issue_is_refused_with_a_sentence(issue: object) -> None:
    script = Script({ME: says(MYSELF), SEARCH: says({"issues": [issue], "total": 1})})
    async with opened(transport=script.transport, **DATA_CENTER) as at:
        pages, error = await at.until_error()
    assert (pages, type(error)) == ([], UnavailableError)


def test_a_time_before_all_times_is_refused_with_a_sentence() -> None:
    issue = Issue("1", "SHOP-1", Fields(Project("SHOP"), "0001-01-01T00:00:00.000+0100"))
    with pytest.raises(UnavailableError, match="a time that cannot be read"):
        item(Site("jira", "https://jira.example", cloud=False), issue)


@pytest.mark.parametrize(
    "body", [b"\xe4\xf6\xfc", b'{"errorMessages": ["\xe4"]}', b"[" * 20_000], ids=["text", "in JSON", "deep"]
)
async def test_a_refusal_in_another_encoding_is_still_one(body: bytes) -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/myself"):
            return httpx.Response(200, json=MYSELF)
        return httpx.Response(403, content=body)

    async with opened(transport=httpx.MockTransport(server), **DATA_CENTER) as at:
        _, error = await at.until_error()
    assert "no reason given (403)" in str(error)


def test_a_number_without_end_is_no_value() -> None:
    for number in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="a number that ends"):
            _rules({"Done": {"Points": number}})


async def test_a_workflow_that_cannot_be_shown_is_done_without() -> None:
    hops = {"transitions": [{"id": 21, "name": None, "to": {"id": 3, "name": "In Progress"}}]}
    values = {"fields": {"project": {"id": "1"}, "issuetype": {"id": "2"}, "status": {"name": "To Do"}}}
    script = Script({ME: says(MYSELF), ("POST", "/search/jql"): says({"issues": [raw(42)], "isLast": True})})
    script.answers["POST", "/approximate-count"] = says({"count": 1})
    script.answers["GET", "/transitions"] = says(hops)
    script.answers["POST", "/workflows"] = says("", status=501)
    script.answers["GET", "/issue/10042"] = says(values)
    async with opened(transport=script.transport, **CLOUD) as at:
        (one,) = await at.items()
        shown = await at.jira.workflow(one)
    assert [hop.to for hops in shown.leaves.values() for hop in hops] == ["In Progress"]


async def test_a_login_page_is_no_answer() -> None:
    script = Script({ME: says("<html>")})
    async with opened(transport=script.transport, **DATA_CENTER) as at:
        _, error = await at.until_error()
    assert isinstance(error, UnavailableError | AuthError)


async def test_permissions_that_may_not_be_asked_for_are_not_known_and_nothing_more() -> None:
    with running(Options()) as sandbox:
        sandbox.jira.faults.add(answer(403), path="mypermissions", times=9)
        async with opened(url=sandbox.jira_url, **CLOUD) as at:
            probe = await at.jira.probe()
    assert probe.containers == ("SHOP",)
    (untold,) = probe.missing
    assert "does not say what the account may do there" in untold

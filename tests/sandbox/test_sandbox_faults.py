from __future__ import annotations

import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from trackersync.sandbox import GitHub, Jira, Options, Sandbox, answer, cut, drop, lose, overtaken, running, stall

if TYPE_CHECKING:
    from conftest import Watch

ISSUE = "/repos/acme/shop/issues/9"


@pytest.fixture
def wire(sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(base_url=sandbox.github_url, headers={"authorization": "Bearer good"})


def test_an_answer_instead_does_nothing(sandbox: Sandbox, wire: httpx.Client) -> None:
    sandbox.github.faults.add(answer(429, '{"message": "slow down"}', {"Retry-After": "7"}), method="PATCH")
    with wire:
        assert wire.get(ISSUE).status_code == 200
        refused = wire.patch(ISSUE, json={"title": "New"})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
        assert sandbox.github.issue(9).title != "New"
        assert wire.patch(ISSUE, json={"title": "New"}).status_code == 200
    assert [(request.kind, request.status) for request in sandbox.github.requests] == [
        ("read", 200),
        ("write", 429),
        ("write", 200),
    ]
    assert (sandbox.github.reads, sandbox.github.writes) == (1, 2)


def test_a_dropped_connection_did_nothing_and_a_lost_answer_did_it(sandbox: Sandbox, wire: httpx.Client) -> None:
    with wire:
        sandbox.github.faults.add(drop())
        with pytest.raises(httpx.TransportError):
            wire.patch(ISSUE, json={"title": "One"})
        assert sandbox.github.issue(9).title != "One"
        sandbox.github.faults.add(lose())
        with pytest.raises(httpx.TransportError):
            wire.patch(ISSUE, json={"title": "Two"})
        assert sandbox.github.issue(9).title == "Two"
        sandbox.github.faults.add(cut())
        with pytest.raises(httpx.TransportError):
            wire.patch(ISSUE, json={"title": "Three"})
        assert sandbox.github.issue(9).title == "Three"
        assert wire.get(ISSUE).status_code == 200


async def test_in_process_a_drop_is_the_clients_own_error(hub: httpx.AsyncClient, github: GitHub) -> None:
    for fault in (drop(), lose(), cut()):
        github.faults.add(fault)
        with pytest.raises(httpx.ReadError):
            await hub.get(ISSUE)
    assert [request.status for request in github.requests] == [0, 0, 0]


async def test_faults_choose_their_requests(hub: httpx.AsyncClient, github: GitHub) -> None:
    github.faults.add(answer(503), path=r"/issues/\d+$", kind="read", skip=1, times=2)
    got = [(await hub.get(path)).status_code for path in (ISSUE, "/user", ISSUE, ISSUE, ISSUE)]
    assert got == [200, 200, 503, 503, 200]
    assert len(github.faults) == 0
    github.faults.decide = lambda request: answer(500) if request.path == "/user" else None
    assert (await hub.get("/user")).status_code == 500
    assert (await hub.get(ISSUE)).status_code == 200
    github.faults.clear()
    assert (await hub.get("/user")).status_code == 200


async def test_an_html_page_and_broken_json_arrive_as_given(hub: httpx.AsyncClient, github: GitHub) -> None:
    github.faults.add(answer(502, "<html>Bad gateway</html>", {"content-type": "text/html"}))
    github.faults.add(answer(200, '[{"id": 1'))
    page = await hub.get(ISSUE)
    assert (page.status_code, page.headers["content-type"], page.text[:6]) == (502, "text/html", "<html>")
    assert (await hub.get(ISSUE)).text == '[{"id": 1'


def test_a_stalled_answer_runs_into_the_callers_patience(sandbox: Sandbox, wire: httpx.Client) -> None:
    sandbox.github.faults.add(stall(1.0))
    with wire, pytest.raises(httpx.ReadTimeout):
        wire.patch(ISSUE, json={"title": "New"}, timeout=0.1)
    assert sandbox.github.issue(9).title == "New"


async def test_somebody_else_is_quicker(cloud: httpx.AsyncClient, jira: Jira) -> None:
    way = {"transition": {"id": "25"}}
    jira.faults.add(overtaken(lambda: jira.edit("SHOP-42", status="In Review", by="ada-l")), kind="write")
    assert (await cloud.get("/issue/SHOP-42")).json()["fields"]["status"]["name"] == "In Progress"
    assert (await cloud.post("/issue/SHOP-42/transitions", json=way)).status_code == 400
    assert jira.issue("SHOP-42").status == "In Review"


async def test_search_lags_and_the_issue_does_not(cloud: httpx.AsyncClient, jira: Jira, watch: Watch) -> None:
    async def searched(**more: object) -> str:
        body = {"jql": "key = SHOP-42", "fields": ["status"], **more}
        rows = (await cloud.post("/search/jql", json=body)).json()["issues"]
        return str(rows[0]["fields"]["status"]["name"])

    jira.lag = 30
    jira.edit("SHOP-42", status="In Review")
    assert await searched() == "In Progress"
    assert await searched(reconcileIssues=[10042]) == "In Review"
    assert (await cloud.get("/issue/SHOP-42")).json()["fields"]["status"]["name"] == "In Review"
    watch.pass_by(seconds=29)
    assert await searched() == "In Progress"
    watch.pass_by(seconds=2)
    assert await searched() == "In Review"
    jira.lag = math.inf
    made = jira.create("New")
    jira.delete("SHOP-18")
    rows = (
        await cloud.post("/search/jql", json={"jql": "project = SHOP", "maxResults": 100, "fields": ["key"]})
    ).json()
    keys = {row["key"] for row in rows["issues"]}
    assert "SHOP-18" in keys
    assert made.key not in keys
    jira.catch_up()
    rows = (
        await cloud.post("/search/jql", json={"jql": "project = SHOP", "maxResults": 100, "fields": ["key"]})
    ).json()
    keys = {row["key"] for row in rows["issues"]}
    assert made.key in keys
    assert "SHOP-18" not in keys


def test_many_callers_and_a_person_at_once(sandbox: Sandbox) -> None:
    """Two labels a caller, added side by side while somebody edits: nothing is lost and nothing breaks."""

    def add(name: str) -> int:
        with httpx.Client(base_url=sandbox.github_url, headers={"authorization": "Bearer good"}) as client:
            codes = [client.post(f"{ISSUE}/labels", json=[f"{name}-{turn}"]).status_code for turn in range(2)]
            codes.append(client.get("/repos/acme/shop/issues?state=all&sort=updated&per_page=100").status_code)
        return max(codes)

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(add, f"caller-{number}") for number in range(16)]
        for turn in range(200):
            sandbox.github.edit(9, title=f"Turn {turn}")
            sandbox.jira.edit("SHOP-42", summary=f"Turn {turn}")
        assert {answer.result() for answer in answers} == {200}
    assert len([name for name in sandbox.github.issue(9).labels if name.startswith("caller-")]) == 32
    assert sandbox.github.issue(9).title == "Turn 199"


def test_latency_is_milliseconds_a_request() -> None:
    with running(Options(latency=80)) as both, httpx.Client() as client:
        start = time.monotonic()
        client.get(f"{both.github_url}/user", headers={"authorization": "Bearer good"})
        assert time.monotonic() - start >= 0.08


def test_ports_are_free_again_and_a_taken_one_is_said_at_once() -> None:
    # Another test's sandbox may serve for the whole session.
    before = set(threading.enumerate())
    with running(Options()) as first:
        port = int(first.github_url.rpartition(":")[2])
        with pytest.raises(OSError, match=r"in use"), running(Options(github_port=port)):
            pass
    with running(Options(github_port=port)) as again:
        assert again.github_url.endswith(str(port))
    left = set(threading.enumerate()) - before
    assert not [thread for thread in left if thread.name.startswith("sandbox")]


async def test_the_vendors_date_is_the_models_clock(hub: httpx.AsyncClient, watch: Watch) -> None:
    assert (await hub.get("/user")).headers["date"] == "Tue, 03 Mar 2026 09:12:00 GMT"


def test_what_has_arrived_is_done_although_its_caller_is_gone() -> None:
    with running(Options(latency=600)) as both:
        with (
            httpx.Client(headers={"authorization": "Bearer good"}, timeout=0.05) as client,
            pytest.raises(httpx.ReadTimeout),
        ):
            client.patch(f"{both.github_url}{ISSUE}", json={"title": "One"})
        assert both.github.issue(9).title != "One"
        until = time.monotonic() + 5
        while not both.github.requests and time.monotonic() < until:
            time.sleep(0.01)
        assert both.github.issue(9).title == "One"

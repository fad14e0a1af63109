"""The stand-in's limits: refused as the vendor documents it, and nothing is done of what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackersync.sandbox.jira.limits import BURST, ISSUE, QUOTA, BucketLimits, CloudLimits

if TYPE_CHECKING:
    import httpx

    from conftest import Watch
    from trackersync.sandbox import Jira


async def put(client: httpx.AsyncClient, key: str, label: str) -> httpx.Response:
    return await client.put(f"/issue/{key}", json={"fields": {"labels": [label]}})


async def test_an_issue_is_written_so_often_and_no_more(cloud: httpx.AsyncClient, jira: Jira, watch: Watch) -> None:
    jira.limits = CloudLimits(issue=((2, 2.0), (3, 30.0)))
    assert [(await put(cloud, "SHOP-42", f"l{n}")).status_code for n in range(3)] == [204, 204, 429]
    assert jira.issue("SHOP-42").labels == ("l1",)
    watch.pass_by(milliseconds=500)
    refused = await put(cloud, "SHOP-42", "l3")
    told = {name: refused.headers[name] for name in ("retry-after", "ratelimit-reason", "x-ratelimit-remaining")}
    assert told == {"retry-after": "2", "ratelimit-reason": ISSUE, "x-ratelimit-remaining": "0"}
    assert refused.headers["x-ratelimit-reset"] == "2026-03-03T09:12:02Z"
    assert (await put(cloud, "SHOP-41", "l")).status_code == 204
    assert (await cloud.get("/issue/SHOP-42")).status_code == 200
    watch.pass_by(seconds=2)
    assert [(await put(cloud, "SHOP-42", f"l{n}")).status_code for n in range(4, 6)] == [204, 429]


async def test_an_endpoint_has_a_bucket_that_fills_evenly(cloud: httpx.AsyncClient, jira: Jira, watch: Watch) -> None:
    jira.limits = CloudLimits(burst={"GET": 10, "PUT": 2})
    answers = [await cloud.get(f"/issue/SHOP-{n}") for n in range(30, 41)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert [answer.headers.get("x-ratelimit-nearlimit", "") for answer in answers] == [""] * 8 + ["true"] * 2 + [""]
    assert (answers[-1].headers["ratelimit-reason"], answers[-1].headers["retry-after"]) == (BURST, "1")
    assert (await cloud.get("/issue/SHOP-42/transitions")).status_code == 200, "another endpoint"
    watch.pass_by(milliseconds=100)
    assert [(await cloud.get("/issue/SHOP-42")).status_code for _ in range(2)] == [200, 429]


async def test_a_quota_ends_at_the_top_of_the_hour(cloud: httpx.AsyncClient, jira: Jira, watch: Watch) -> None:
    jira.limits = CloudLimits(hourly=2)
    answers = [await cloud.get("/issue/SHOP-42") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[-1].headers["ratelimit-reason"], answers[-1].headers["retry-after"]) == (QUOTA, "2880")
    assert answers[-1].headers["x-ratelimit-reset"] == "2026-03-03T10:00:00Z"
    watch.pass_by(minutes=48)
    assert (await cloud.get("/issue/SHOP-42")).status_code == 200


async def test_a_data_center_tells_its_tokens_with_every_answer(
    center: httpx.AsyncClient, jira: Jira, watch: Watch
) -> None:
    jira.limits = BucketLimits(limit=3, fill=2, interval=5)
    told = []
    for _ in range(4):
        answer = await center.get("/issue/SHOP-42")
        told.append((answer.status_code, answer.headers["x-ratelimit-remaining"], answer.headers["retry-after"]))
    assert told == [(200, "2", "0"), (200, "1", "0"), (200, "0", "5"), (429, "0", "5")]
    assert (answer.headers["x-ratelimit-interval-seconds"], answer.headers["x-ratelimit-fillrate"]) == ("5", "2")
    watch.pass_by(seconds=5)
    assert (await center.get("/issue/SHOP-42")).headers["x-ratelimit-remaining"] == "1"


async def test_without_limits_nothing_is_told(cloud: httpx.AsyncClient) -> None:
    answer = await cloud.get("/issue/SHOP-42")
    assert [name for name in answer.headers if "ratelimit" in name or name == "retry-after"] == []

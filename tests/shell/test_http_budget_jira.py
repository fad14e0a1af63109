"""Jira's limits: all that they allow is used and never more; a refusal holds back whom it concerns, and nobody else."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.types import Message, Receive, Scope, Send
from virtual_time import NOON, VirtualClock, passing

from trackersync.connector import RateLimits, UnavailableError
from trackersync.http import Budget, HttpWire
from trackersync.sandbox.jira.limits import (
    BURST,
    ISSUE,
    QUOTA,
    BucketLimits,
    CloudLimits,
    Limiting,
)
from trackersync_jira import JiraSettings
from trackersync_jira.limits import CLOUD, SERVER, identity, limits

API = "/rest/api/3"


async def credential() -> SecretStr | None:
    return SecretStr("Basic aHVzaC1odXNo")


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Jira:
    """A Jira that does nothing but count; each request takes a while to get there and back, as chance will have it."""

    limits: CloudLimits | BucketLimits
    latency: tuple[float, float] = (0.002, 0.012)
    limiting: Limiting = field(init=False)
    came: list[tuple[float, str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(5)  # noqa: S311  # nothing to guess here
        self.limiting = Limiting(self._done, self)

    def clock(self) -> datetime:
        return NOON + timedelta(seconds=now())

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        whole = self._chance.uniform(*self.latency)
        there = whole * self._chance.random()
        await asyncio.sleep(there)
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": request.method, "path": request.url.path}
        await self.limiting(scope, _nothing, send)
        self.came.append((now(), request.url.path, sent[0]["status"]))
        await asyncio.sleep(whole - there)
        return httpx.Response(sent[0]["status"], headers=[(k.decode(), v.decode()) for k, v in sent[0]["headers"]])

    async def _done(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    @property
    def refused(self) -> list[str]:
        return self.limiting.refused

    def last(self, path: str = "") -> float:
        return max(at for at, asked, status in self.came if path in asked and status != 429)


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


@asynccontextmanager
async def wires(jira: Jira, known: RateLimits, *, patience: float = 3_600.0, several: int = 1) -> AsyncIterator[Any]:
    clock = VirtualClock()
    budget = Budget(clock, known)
    opened = [
        HttpWire(
            "jira", "https://acme.atlassian.net", credential, {}, clock, writes={"stage"}, budget=budget,
            patience=patience, transport=httpx.MockTransport(jira), chance=lambda: 0.5, in_flight=32,
        )
        for _ in range(several)
    ]  # fmt: skip
    try:
        yield opened[0] if several == 1 else opened
    finally:
        for wire in opened:
            await wire.aclose()


async def put(wire: HttpWire, issue: int) -> None:
    assert (await wire.write("PUT", f"{API}/issue/{issue}/assignee", fact="stage", json={})).status == 204


async def post(wire: HttpWire, issue: int) -> None:
    assert (await wire.write("POST", f"{API}/issue/{issue}/transitions", fact="stage", json={})).status == 204


async def get(wire: HttpWire, issue: int) -> None:
    assert (await wire.read("GET", f"{API}/issue/{issue}")).status == 204


async def all_at_once(jira: Jira, issues: Iterable[int], known: RateLimits = CLOUD) -> None:
    async with wires(jira, known, several=2) as (one, other):
        await asyncio.gather(*(put(other if at % 2 else one, issue) for at, issue in enumerate(issues)))


# Cloud.


def least(writes: int, issues: int) -> float:
    """When the last write can come at the earliest, in turns to each issue: by its limits, and 50 changes a second."""
    sent: list[float] = []
    for number in range(writes):
        at = sent[-1] if sent else 0.0
        for most, span in ((50, 1.0), (20 * issues, 2.0), (100 * issues, 30.0)):
            if number >= most:
                at = max(at, sent[number - most] + span)
        sent.append(at)
    return sent[-1]


@pytest.mark.parametrize("issues", [2_000, 40, 8], ids=["one each", "fifty each", "two hundred and fifty each"])
def test_two_thousand_writes_take_what_the_limits_allow(issues: int) -> None:
    jira = Jira(CloudLimits())
    passing(all_at_once(jira, (number % issues for number in range(2_000))))

    assert jira.refused == []
    assert jira.limiting.taken == 2_000
    assert least(2_000, issues) <= jira.last() < 1.05 * least(2_000, issues)


def test_without_knowing_the_limits_they_would_be_broken() -> None:
    """What the others prove, they prove against a Jira that does refuse."""
    jira = Jira(CloudLimits())
    passing(all_at_once(jira, [1] * 50, RateLimits()))
    assert ISSUE in jira.refused


def test_an_issue_that_is_flooded_delays_no_other() -> None:
    jira = Jira(CloudLimits())

    async def story() -> None:
        async with wires(jira, CLOUD) as wire:
            flood = asyncio.gather(*(post(wire, 1) for _ in range(150)))
            await asyncio.sleep(3)
            await asyncio.gather(*(post(wire, 2) for _ in range(20)), get(wire, 1))
            assert now() < 3.5, "the others wait for nobody"
            await flood

    passing(story())
    assert jira.refused == []
    assert jira.last("/issue/1/") > 30


def test_reads_of_one_kind_stay_within_a_second() -> None:
    jira = Jira(CloudLimits())

    async def story() -> None:
        async with wires(jira, CLOUD) as wire:
            await asyncio.gather(*(get(wire, issue) for issue in range(1_000)))

    passing(story())
    assert jira.refused == []
    assert 9.0 <= jira.last() < 1.1 * 10


def test_a_used_up_quota_holds_everybody_until_it_begins_anew() -> None:
    """It concerns apps alone, so nothing is assumed; told by headers, everybody waits for the top of the hour."""
    jira = Jira(CloudLimits(hourly=10))

    async def story() -> None:
        async with wires(jira, CLOUD, several=2) as (one, other):
            for number in range(10):
                await get(one, number)
            await asyncio.gather(get(one, 10), post(other, 11))
            await get(other, 12)

    passing(story())
    assert set(jira.refused) == {QUOTA}
    assert len(jira.refused) <= 2, "those that were under way together, and nobody after them"
    assert [at >= 3_600 for at, _, status in jira.came if status != 429] == [False] * 10 + [True] * 3


@dataclass
class Scripted:
    """Refuses some requests by whatever headers a test wants, and takes down when each came."""

    refusals: dict[str, list[tuple[int, dict[str, str]]]]
    came: list[tuple[float, str]] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.came.append((round(now(), 3), request.url.path.removeprefix(API)))
        left = self.refusals.get(request.url.path.removeprefix(API), [])
        status, headers = left.pop(0) if left else (204, {})
        return httpx.Response(status, headers=headers)

    def moments(self, path: str) -> list[float]:
        return [at for at, asked in self.came if asked == path]


def scripted(path: str, status: int = 429, **headers: str) -> Scripted:
    return Scripted({path: [(status, {name.replace("_", "-"): text for name, text in headers.items()})]})


@asynccontextmanager
async def to(jira: Scripted, known: RateLimits = CLOUD) -> AsyncIterator[HttpWire]:
    clock = VirtualClock()
    async with HttpWire(
        "jira", "https://acme.atlassian.net", credential, {}, clock, writes={"stage"}, budget=Budget(clock, known),
        patience=3_600.0, transport=httpx.MockTransport(jira), chance=lambda: 0.5,
    ) as wire:  # fmt: skip
        yield wire


def test_a_burst_slows_that_endpoint_only() -> None:
    """Others on the site spend the same bucket, so a refusal may come although we are within it."""
    jira = scripted("/issue/1/transitions", ratelimit_reason=BURST, retry_after="5", x_ratelimit_remaining="0")

    async def story() -> None:
        async with to(jira) as wire:
            refused = asyncio.create_task(post(wire, 1))
            await asyncio.sleep(1)
            await asyncio.gather(post(wire, 2), put(wire, 1), get(wire, 1))
            await refused

    passing(story())
    assert jira.moments("/issue/1/transitions") == [0.0, 5.0]
    assert jira.moments("/issue/2/transitions") == [5.0], "the same endpoint, of another issue"
    assert jira.moments("/issue/1/assignee") == [1.0]
    assert jira.moments("/issue/1") == [1.0]


def test_an_issue_written_too_often_is_the_only_one_that_waits() -> None:
    jira = scripted("/issue/1/transitions", ratelimit_reason=ISSUE, retry_after="5", x_ratelimit_remaining="7")

    async def story() -> None:
        async with to(jira) as wire:
            refused = asyncio.create_task(post(wire, 1))
            await asyncio.sleep(1)
            await asyncio.gather(post(wire, 2), put(wire, 1), get(wire, 1))
            await refused

    passing(story())
    assert jira.moments("/issue/1/transitions") == [0.0, 5.0]
    assert jira.moments("/issue/1/assignee") == [5.0], "another write to the same issue"
    assert jira.moments("/issue/2/transitions") == [1.0]
    assert jira.moments("/issue/1") == [1.0], "it may be read"


RESETS = {
    "ISO 8601": f"{NOON + timedelta(minutes=30):%Y-%m-%dT%H:%M:%SZ}",
    "ISO 8601 without seconds": f"{NOON + timedelta(minutes=30):%Y-%m-%dT%H:%MZ}",
    "with an offset": (NOON + timedelta(minutes=30)).isoformat(),
    "seconds since the epoch": f"{(NOON + timedelta(minutes=30)).timestamp():.0f}",
}


@pytest.mark.parametrize("reset", RESETS.values(), ids=RESETS)
def test_a_reset_is_understood_in_every_form(reset: str) -> None:
    jira = scripted("/issue/1", ratelimit_reason="jira-quota-global-based", x_ratelimit_reset=reset)

    async def story() -> None:
        async with to(jira) as wire:
            await get(wire, 1)
            await get(wire, 2)

    passing(story())
    assert jira.moments("/issue/1") == [0.0, 1_800.0]


def test_near_the_limit_an_endpoint_rests_a_moment() -> None:
    jira = Scripted({"/issue/1": [(204, {"x-ratelimit-nearlimit": "true"})]})

    async def story() -> None:
        async with to(jira) as wire:
            await get(wire, 1)
            await asyncio.gather(get(wire, 2), put(wire, 3))

    passing(story())
    assert jira.moments("/issue/2") == [0.2]
    assert jira.moments("/issue/3/assignee") == [0.0]


def test_a_read_comes_back_when_an_overloaded_jira_says_and_a_write_is_never_sent_twice() -> None:
    jira = scripted("/issue/1", 503, retry_after="7")
    jira.refusals["/issue/1/transitions"] = [(503, {"retry-after": "7"})]

    async def story() -> None:
        async with to(jira) as wire:
            await get(wire, 1)
            with pytest.raises(UnavailableError) as caught:
                await post(wire, 1)
            assert (caught.value.in_doubt, caught.value.retry_after) == (True, 7.0)

    passing(story())
    assert jira.moments("/issue/1") == [0.0, 7.0]
    assert len(jira.moments("/issue/1/transitions")) == 1


def test_windows_of_issues_written_long_ago_are_forgotten() -> None:
    clock, budget = VirtualClock(), None

    async def story() -> None:
        nonlocal budget
        budget = Budget(clock, CLOUD)
        jira = Scripted({})
        async with HttpWire(
            "jira", "https://acme.atlassian.net", credential, {}, clock, writes={"stage"}, budget=budget,
            patience=3_600.0, transport=httpx.MockTransport(jira),
        ) as wire:  # fmt: skip
            for issue in range(3_000):
                await put(wire, issue)
                await asyncio.sleep(1)

    passing(story())
    assert budget is not None
    assert len(budget._windows) < 1_200  # what is kept shows nowhere else


# Data Center.


BUCKETS = {
    "small": BucketLimits(limit=10, fill=5, interval=2),
    "one a second": BucketLimits(limit=1, fill=1, interval=1),
    "large": BucketLimits(limit=60, fill=30, interval=60),
}


@pytest.mark.parametrize("bucket", BUCKETS.values(), ids=BUCKETS)
@pytest.mark.parametrize("latency", [(0.002, 0.012), (0.05, 0.9)], ids=["near", "far"])
def test_a_bucket_is_never_overrun(bucket: BucketLimits, latency: tuple[float, float]) -> None:
    """Its ``retry-after`` is cut off to whole seconds here, so that whoever believes it comes too early."""
    jira = Jira(bucket, latency)
    many = bucket.limit + 6 * bucket.fill

    async def story() -> None:
        async with wires(jira, SERVER) as wire:
            # The first answer tells that there is a bucket at all.
            await get(wire, 0)
            await asyncio.gather(*(put(wire, n) if n % 3 else get(wire, n) for n in range(many - 1)))

    passing(story())
    assert jira.refused == []
    assert jira.limiting.taken == many
    if latency[1] < 0.1:
        # A batch comes six times, and its first answer has to be waited for each time.
        assert jira.last() < 1.1 * 6 * bucket.interval + 6 * latency[1]


def test_a_missing_right_is_no_limit_although_every_answer_says_when_to_come_back() -> None:
    told = {
        "x-ratelimit-limit": "10", "x-ratelimit-remaining": "9", "x-ratelimit-interval-seconds": "1",
        "x-ratelimit-fillrate": "5", "retry-after": "0",
    }  # fmt: skip
    jira = Scripted({"/issue/1/transitions": [(403, told)] * 3})

    async def story() -> None:
        async with to(jira, SERVER) as wire:
            answer = await wire.write("POST", f"{API}/issue/1/transitions", fact="stage", json={})
            assert answer.status == 403

    passing(story())
    assert len(jira.came) == 1


# Whose limits they are.


def settings(url: str, **more: object) -> JiraSettings:
    return JiraSettings.model_validate({"connector": "jira", "url": url, "projects": ["SHOP"], "token": "x"} | more)


def test_clouds_numbers_are_clouds_only() -> None:
    mail = {"email": "bot@acme.example"}
    site = settings("https://acme.atlassian.net", **mail)
    gateway = settings("https://api.atlassian.com/ex/jira/1", aliases=["https://acme.atlassian.net"], **mail)
    for cloud in (site, gateway):
        assert limits(cloud) == CLOUD
        assert identity(cloud) == f"site {cloud.url}"
    for url in ("https://jira.acme.example", "http://127.0.0.1:8080", "https://evil-atlassian.net"):
        assert limits(settings(url)) == SERVER
        assert identity(settings(url)) == ""


@pytest.mark.parametrize(
    ("request_", "counted_for"),
    [
        ("PUT /rest/api/3/issue/10001/assignee", ("10001",)),
        ("PUT /ex/jira/a1/rest/api/3/issue/10001", ("10001",)),
        ("POST /rest/api/3/issue/10001/remotelink", ("10001",)),
        ("POST /rest/api/3/issueLink", None),
        ("POST /rest/api/3/issue", None),
    ],
)
def test_a_write_counts_for_the_issue_in_its_path(request_: str, counted_for: tuple[str, ...] | None) -> None:
    assert CLOUD.allowances[2].counted_for(request_) == counted_for


def test_an_endpoint_is_a_path_without_its_ids() -> None:
    gets, changes = CLOUD.allowances[:2]
    root = "/rest/api/3"
    one = gets.counted_for(f"POST {root}/issue/10001/transitions")
    assert one == gets.counted_for(f"POST {root}/issue/10002/transitions") != gets.counted_for(f"POST {root}/issue")
    assert gets.counted_for(f"GET {root}/issue/1/transitions") != one, "its own for each method"
    assert gets.counted_for(f"PUT {root}/issue/1") is None
    assert changes.counted_for(f"PUT {root}/issue/1") == changes.counted_for(f"PUT {root}/issue/2")

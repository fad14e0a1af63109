"""A GitHub that enforces its limits, written from its documentation and independently of our budget.

"Rate limits for the REST API" and "Rate limits and query limits for the GraphQL API": what is too much is refused, and
nothing of it is done. A request counts at some moment between its sending and its answer, which only chance knows.
"""

from __future__ import annotations

import asyncio
import math
import random
from bisect import bisect_right
from dataclasses import dataclass, field

import httpx
from virtual_time import NOON

DOCS = "https://docs.example/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"


@dataclass
class Rolling:
    """How much there was in the last ``seconds``, ends included; every moment with the sum up to it."""

    most: int
    seconds: float
    moments: list[float] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)

    def would_be(self, now: float, more: int) -> int:
        before = bisect_right(self.moments, now - self.seconds)
        gone = self.sums[before - 1] if before else 0
        return (self.sums[-1] if self.sums else 0) - gone + more

    def add(self, now: float, more: int) -> None:
        self.moments.append(now)
        self.sums.append((self.sums[-1] if self.sums else 0) + more)


@dataclass
class LimitedGithub:
    """Give it to ``httpx.MockTransport``; requests past the wire are sent with ``arrive``.

    Attributes:
        hourly: requests an hour.
        latency: seconds between sending and answer, least and most.
        refused: what was refused, by the limit it broke.
        taken: requests that were done.
    """

    hourly: int = 5_000
    latency: tuple[float, float] = (0.05, 0.35)
    refused: list[str] = field(default_factory=list)
    taken: int = 0
    most_writes: int = 0
    most_requests: int = 0
    last: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(4)  # noqa: S311  # nothing to guess here
        self._open = {"write": 0, "read": 0}
        self._rest = Rolling(900, 60)
        self._graphql = Rolling(2_000, 60)
        self._minute = Rolling(80, 60)
        self._hour = Rolling(500, 3_600)
        self._used: dict[str, int] = {}
        self._ends: dict[str, float] = {}

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        graphql = request.url.path == "/graphql"
        changes = b"mutation" in request.content if graphql else request.method not in {"GET", "HEAD", "OPTIONS"}
        return await self.arrive(changes=changes, creates=b"creates" in request.content, graphql=graphql)

    async def arrive(self, *, changes: bool, creates: bool = False, graphql: bool = False) -> httpx.Response:
        kind = "write" if changes else "read"
        self._open[kind] += 1
        self.most_writes = max(self.most_writes, self._open["write"])
        self.most_requests = max(self.most_requests, sum(self._open.values()))
        try:
            whole = self._chance.uniform(*self.latency)
            there = whole * self._chance.random()
            await asyncio.sleep(there)
            answer = self._judge(changes=changes, creates=creates, graphql=graphql)
            await asyncio.sleep(whole - there)
            return answer
        finally:
            self._open[kind] -= 1

    def _judge(self, *, changes: bool, creates: bool, graphql: bool) -> httpx.Response:
        now = self.last = asyncio.get_running_loop().time()
        resource = "graphql" if graphql else "core"
        points = 5 if changes else 1
        minute = self._graphql if graphql else self._rest
        if now >= self._ends.get(resource, 0.0):
            self._used[resource] = 0
            self._ends[resource] = float(math.ceil(now + 3_600))
        if self._used[resource] >= self.hourly:
            return self._refuse("primary", graphql=graphql)
        if sum(self._open.values()) > 100:
            return self._refuse("concurrent", graphql=graphql)
        if minute.would_be(now, points) > minute.most:
            return self._refuse("points", graphql=graphql)
        for window in (self._minute, self._hour) if creates else ():
            if window.would_be(now, 1) > window.most:
                return self._refuse("content", graphql=graphql)
        minute.add(now, points)
        if creates:
            self._minute.add(now, 1)
            self._hour.add(now, 1)
        self._used[resource] += 1
        self.taken += 1
        return httpx.Response(200, json={}, headers=self._headers(resource))

    def _refuse(self, limit: str, *, graphql: bool) -> httpx.Response:
        self.refused.append(limit)
        headers = self._headers("graphql" if graphql else "core")
        if limit == "primary":
            if graphql:
                return httpx.Response(200, json={"errors": [{"type": "RATE_LIMITED", "message": "x"}]}, headers=headers)
            return httpx.Response(403, json={"message": "API rate limit exceeded"}, headers=headers)
        return httpx.Response(403, json={"message": "x", "documentation_url": DOCS}, headers=headers)

    def _headers(self, resource: str) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.hourly),
            "x-ratelimit-remaining": str(max(0, self.hourly - self._used[resource])),
            "x-ratelimit-used": str(self._used[resource]),
            "x-ratelimit-reset": f"{NOON.timestamp() + self._ends[resource]:.0f}",
            "x-ratelimit-resource": resource,
        }

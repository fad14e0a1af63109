"""The budget's waits: for what, for how long, for whom, and what is left of them when somebody has enough of it."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest
from pydantic import SecretStr
from virtual_time import NOON, VirtualClock, VirtualLoop, passing

from github_apps import CLIENT, app
from trackersync.connector import Allowance, Answer, RateLimits, UnavailableError
from trackersync.http import Budget, Budgets, HttpWire
from trackersync_github import GithubSettings
from trackersync_github.limits import CLOUD, SERVER, identity, limits

HOUR = 3_600.0
GRAPHQL = "/graphql"
DOCS = "https://docs.example/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"
SECONDARY = httpx.Response(403, json={"message": "slow down", "documentation_url": DOCS})


async def credential() -> SecretStr | None:
    return SecretStr("Bearer hush-hush")


def now() -> float:
    return asyncio.get_running_loop().time()


def left(remaining: int, *, reset: float = 1_800, resource: str = "core", limit: int = 5_000) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": f"{NOON.timestamp() + reset:.0f}",
        "x-ratelimit-resource": resource,
    }


@dataclass
class Github:
    """Answers in the order given and the last one for ever, after a while; remembers what came when."""

    replies: list[httpx.Response]
    latency: float = 0.1
    came: list[tuple[float, str]] = field(default_factory=list)
    most: int = 0
    open: int = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.came.append((now(), request.url.path))
        reply = self.replies[min(len(self.came), len(self.replies)) - 1]
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await asyncio.sleep(self.latency)
        finally:
            self.open -= 1
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)

    @property
    def moments(self) -> list[float]:
        return [round(moment, 3) for moment, _ in self.came]


def ok(headers: Mapping[str, str] | None = None) -> httpx.Response:
    return httpx.Response(200, json={"data": {}}, headers=headers)


@dataclass
class Bench:
    """Some wires to one GitHub that share a budget, and what they told."""

    github: Github
    clock: VirtualClock = field(default_factory=VirtualClock)
    limits: RateLimits = CLOUD
    patience: float = HOUR
    told: list[tuple[str, float]] = field(default_factory=list)

    @asynccontextmanager
    async def wires(self, how_many: int = 1) -> AsyncIterator[list[HttpWire]]:
        budget = Budget(self.clock, self.limits)
        wires = [
            HttpWire(
                "github", "https://api.github.com", credential, {}, self.clock, writes={"stage"}, budget=budget,
                patience=self.patience, transport=httpx.MockTransport(self.github), chance=lambda: 0.5,
                waiting=lambda because, seconds: self.told.append((because, round(seconds, 3))),
            )
            for _ in range(how_many)
        ]  # fmt: skip
        try:
            yield wires
        finally:
            for wire in wires:
                await wire.aclose()


async def read(wire: HttpWire, path: str = "/x") -> Answer:
    return await wire.read("GET", path)


async def write(wire: HttpWire, *, creates: bool = False) -> Answer:
    return await wire.write("POST", "/x", fact="stage", creates=creates)


# The tracker's own count.


def test_the_last_request_of_an_hour_is_not_overrun_and_the_wait_is_named() -> None:
    bench = Bench(Github([ok(left(0)), ok(left(4_999, reset=5_400))]))

    async def story() -> None:
        async with bench.wires(2) as (one, other):
            await read(one)
            await read(other)
            assert other.counters.waits == 1

    passing(story())
    assert bench.github.moments == [0.0, 1_801.0], "a second later, since the reset is told in whole ones"
    assert bench.told == [("all 5,000 requests (core) are used up until 12:30 UTC", 1_800.9)]


def test_what_is_under_way_counts_as_used() -> None:
    """Of three that are left, four ask: the fourth waits for an answer, and then until the reset."""
    told = [ok(left(3)), ok(left(2)), ok(left(1)), ok(left(0)), ok(left(4_999, reset=5_400))]
    bench = Bench(Github(told))

    async def story() -> None:
        async with bench.wires() as (wire,):
            await read(wire)
            await asyncio.gather(*(read(wire) for _ in range(4)))

    passing(story())
    assert bench.github.moments == [0.0, 0.1, 0.1, 0.1, 1_801.0]


def test_an_answer_that_was_overtaken_gives_nothing_back() -> None:
    bench = Bench(Github([ok(left(0)), ok(left(7)), ok(left(4_999, reset=5_400))], latency=0.0))

    async def story() -> None:
        async with bench.wires() as (wire,):
            await asyncio.gather(read(wire), read(wire))
            await read(wire)

    passing(story())
    assert bench.github.moments == [0.0, 0.0, 1_801.0]


def test_one_part_of_the_api_that_is_used_up_holds_back_no_other() -> None:
    bench = Bench(Github([ok(left(0, resource="graphql")), ok(left(4_000))]))

    async def story() -> None:
        async with bench.wires() as (wire,):
            await wire.read("POST", GRAPHQL, json={})
            waiting = asyncio.gather(*(wire.read("POST", GRAPHQL, json={}) for _ in range(20)))
            await read(wire)
            await write(wire)
            assert now() < 1
            await waiting

    passing(story())
    assert {because for because, _ in bench.told} == {"all 5,000 requests (graphql) are used up until 12:30 UTC"}


def test_the_reset_is_by_the_trackers_clock() -> None:
    """Ours is two hours behind: by it, the reset would be two and a half hours away."""
    clock = VirtualClock()
    clock.back(2 * HOUR)
    headers = left(0) | {"date": NOON.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    bench = Bench(Github([ok(headers), ok()]), clock)

    async def story() -> None:
        async with bench.wires() as (wire,):
            await read(wire)
            await read(wire)

    passing(story())
    # The date was told with the answer, a tenth of a second after noon.
    assert bench.github.moments == [0.0, 1_801.1]


def test_a_wait_beyond_the_patience_is_a_sentence_and_nothing_is_sent() -> None:
    bench = Bench(Github([ok(left(0)), ok()]), patience=600)

    async def story() -> None:
        async with bench.wires() as (wire,):
            await read(wire)
            with pytest.raises(UnavailableError) as caught:
                await write(wire)
            assert now() < 1
            assert str(caught.value) == (
                "api.github.com is closed to us for 30 min: all 5,000 requests (core) are used up until 12:30 UTC. "
                "`patience` of tracker github is 10 min, so nothing was sent; run again later, or let it wait longer "
                "(POST /x)"
            )
            assert (caught.value.retry_after, caught.value.in_doubt) == (1_800.9, False)
            with pytest.raises(UnavailableError, match="a request of a client library"):
                async with wire.admit("write"):
                    raise AssertionError("it was let in")

    passing(story())
    assert len(bench.github.came) == 1


def test_a_primary_limit_that_struck_all_the_same_is_waited_out() -> None:
    bench = Bench(Github([httpx.Response(403, json={"message": "x"}, headers=left(0)), ok()]))

    async def story() -> None:
        async with bench.wires() as (wire,):
            assert (await write(wire)).status == 200

    passing(story())
    assert bench.github.moments == [0.0, 1_801.0]
    assert bench.told[0] == ("all 5,000 requests (core) are used up until 12:30 UTC", 1_799.9)


# GraphQL, which refuses with a 200.

VEILED = {
    "as documented": ({"errors": [{"type": "RATE_LIMITED", "message": "x"}]}, left(0, resource="graphql"), 1_801.0),
    "as seen": (
        {"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": "x"}], "data": None},
        left(17, resource="graphql"),
        1_800.0,
    ),
    "secondary, with a time": ({"errors": [{"message": "x"}]}, {"retry-after": "70"}, 70.1),
    "secondary, without": ({"message": "x", "documentation_url": DOCS}, {}, 60.1),
}


@pytest.mark.parametrize(("body", "headers", "again"), VEILED.values(), ids=VEILED)
@pytest.mark.parametrize("kind", ["read", "write"])
def test_a_refusal_that_graphql_veils_is_waited_out(
    kind: str, body: object, headers: dict[str, str], again: float
) -> None:
    bench = Bench(Github([httpx.Response(200, json=body, headers=headers), ok()]))

    async def story() -> None:
        async with bench.wires() as (wire,):
            if kind == "read":
                answer = await wire.read("POST", GRAPHQL, json={"query": "query X {}"})
            else:
                answer = await wire.write("POST", GRAPHQL, fact="stage", json={"query": "mutation X {}"})
            assert json.loads(answer.body) == {"data": {}}

    passing(story())
    assert bench.github.moments == [0.0, again]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (GRAPHQL, {"errors": [{"type": "RATE_LIMITED"}], "data": {"first": {"id": "1"}, "second": None}}),
        (GRAPHQL, {"errors": [{"type": "NOT_FOUND"}], "data": None}),
        (GRAPHQL, "no JSON"),
        ("/repos/acme/graphql", {"errors": [{"type": "RATE_LIMITED"}]}),
    ],
    ids=["some of it was done", "another error", "nothing to read", "not GraphQL"],
)
def test_what_is_no_refusal_is_the_callers(path: str, body: object) -> None:
    bench = Bench(Github([httpx.Response(200, json=body)]))

    async def story() -> None:
        async with bench.wires() as (wire,):
            assert (await wire.write("POST", path, fact="stage", json={})).status == 200

    passing(story())
    assert len(bench.github.came) == 1


# Secondary limits, and being told to come back.


def test_a_secondary_limit_that_names_no_time_is_waited_out_a_minute_and_then_longer() -> None:
    bench = Bench(Github([SECONDARY, SECONDARY, SECONDARY, ok(), SECONDARY, ok()]))

    async def story() -> None:
        async with bench.wires(2) as (one, other):
            await write(one)
            await write(other)

    passing(story())
    # 60, 120, 240 after each answer; and 60 again after it went well.
    assert bench.github.moments == [0.0, 60.1, 180.2, 420.3, 420.4, 480.5]
    assert {because for because, _ in bench.told} == {"its secondary limit is reached"}


def test_a_429_that_names_no_time_is_a_secondary_limit_of_github_only() -> None:
    async def story(limits: RateLimits) -> list[float]:
        bench = Bench(Github([httpx.Response(429), ok()]), limits=limits)
        async with bench.wires() as (wire,):
            await read(wire)
        return bench.github.moments

    assert passing(story(CLOUD)) == [0.0, 60.1]
    assert passing(story(RateLimits())) == [0.0, 1.1]


def test_refusals_of_what_was_under_way_together_are_one() -> None:
    bench = Bench(Github([SECONDARY] * 8 + [ok()]))

    async def story() -> None:
        async with bench.wires() as (wire,):
            await asyncio.gather(*(read(wire) for _ in range(8)))

    passing(story())
    assert bench.github.moments == [0.0] * 8 + [60.1] * 8


@pytest.mark.parametrize("told", ["a wire", "a client library"])
def test_what_one_is_told_holds_back_all(told: str) -> None:
    bench = Bench(Github([httpx.Response(429, headers={"retry-after": "45"}), ok()] if told == "a wire" else [ok()]))

    async def library(wire: HttpWire) -> None:
        async with wire.admit("read"):
            await asyncio.sleep(0.1)
            raise UnavailableError("slow down", retry_after=45.0)

    async def refused(wire: HttpWire) -> None:
        if told == "a wire":
            await read(wire)
            return
        with pytest.raises(UnavailableError, match="slow down"):
            await library(wire)

    async def story() -> None:
        async with bench.wires(3) as (one, other, third):
            first = asyncio.ensure_future(refused(one))
            await asyncio.sleep(1)
            async with asyncio.TaskGroup() as group:
                group.create_task(read(other))
                group.create_task(write(third))
                async with third.admit("read"):
                    assert now() == pytest.approx(45.1)
            await first

    passing(story())
    assert bench.github.moments[-2:] == [45.1, 45.1]


# Waiting in general.


def small(**more: float) -> RateLimits:
    return RateLimits(allowances=(Allowance("5 points a minute", 5, 60, read=1, write=5, **more),))


def test_ctrl_c_while_waiting_leaves_the_budget_as_it_was() -> None:
    bench = Bench(Github([ok()]), limits=small())

    async def story() -> None:
        async with bench.wires(2) as (one, other):
            await write(one)
            waiting = [asyncio.ensure_future(send(wire)) for wire in (one, other) for send in (write, read, write)]
            await asyncio.sleep(30)
            for task in waiting:
                task.cancel()
            assert all(isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(
                *waiting, return_exceptions=True))  # fmt: skip
            await write(other)
            await asyncio.gather(*(read(one) for _ in range(5)))

    passing(story())
    assert bench.github.moments == [0.0, 60.1, *[120.2] * 5]


def test_ctrl_c_under_way_counts_as_sent_and_lets_the_next_one_write() -> None:
    bench = Bench(Github([ok()], latency=10.0), limits=small())

    async def story() -> None:
        async with bench.wires() as (wire,):
            task = asyncio.ensure_future(write(wire))
            await asyncio.sleep(4)
            task.cancel()
            await write(wire)

    passing(story())
    assert bench.github.moments == [0.0, 64.0]


@pytest.mark.parametrize("what", ["points", "told", "count"])
def test_a_clock_that_is_set_back_makes_nobody_wait_for_as_long(what: str) -> None:
    first = {"points": ok(), "told": httpx.Response(429, headers={"retry-after": "50"}), "count": ok(left(0, reset=50))}
    bench = Bench(Github([first[what], ok()]), limits=small() if what == "points" else CLOUD)

    async def story() -> None:
        async with bench.wires() as (wire,):
            task = asyncio.ensure_future(write(wire))
            await asyncio.sleep(1)
            bench.clock.back(5 * HOUR)
            await task
            await write(wire)

    passing(story())
    assert bench.github.moments[-1] < 130


def test_a_hundred_requests_are_under_way_at_most_whoever_sends_them() -> None:
    bench = Bench(Github([ok()]))

    async def story() -> None:
        async with bench.wires(20) as wires:
            await asyncio.gather(*(read(wire) for wire in wires for _ in range(8)))

    passing(story())
    assert bench.github.most == 100


def test_a_client_librarys_writes_take_their_turn_and_keep_the_pace() -> None:
    bench = Bench(Github([ok()], latency=0.5))

    async def story() -> list[float]:
        let_in = []
        async with bench.wires(2) as (one, other):
            one._pace = other._pace = 1.0

            async def past() -> None:
                async with other.admit("write", creates=True):
                    let_in.append(now())
                    await asyncio.sleep(3)

            await asyncio.gather(write(one), past(), write(one))
            assert other.counters.requests == {"read": 0, "write": 1}
        return let_in

    (let_in,) = passing(story())
    assert sorted([*bench.github.moments, let_in]) == pytest.approx([0.0, 1.0, 4.0])


def test_a_request_in_vain_is_counted_too() -> None:
    """An answer that is lost, or told to a client library, has used up one of those that are left."""
    bench = Bench(Github([ok(left(1)), ok()]))

    async def story() -> None:
        async with bench.wires() as (wire,):
            await read(wire)
            async with wire.admit("read"):
                pass
            await read(wire)

    passing(story())
    assert bench.github.moments == [0.0, 1_801.0]


NONSENSE = [
    {"x-ratelimit-reset": "1e300"},
    {"x-ratelimit-reset": "-5"},
    {"x-ratelimit-reset": "soon"},
    {"x-ratelimit-reset": ""},
    {"x-ratelimit-limit": "nan"},
    {"x-ratelimit-remaining": "inf"},
    {"date": "yesterday"},
    {"date": "Thu, 05 Mar 99999 12:00:00 +99999999999999999999"},
    {"retry-after": "Thu, 05 Mar 99999 12:00:00 +99999999999999999999"},
]


@pytest.mark.parametrize("headers", NONSENSE, ids=str)
@pytest.mark.parametrize("status", [200, 403])
def test_nonsense_in_headers_hurts_nobody(status: int, headers: dict[str, str]) -> None:
    bench = Bench(Github([httpx.Response(status, json={}, headers=left(0) | headers), ok(left(4_999, reset=7_200))]))

    async def story() -> None:
        async with bench.wires() as (wire,):
            # What asks for years is refused with a sentence; nothing else may come of it.
            with suppress(UnavailableError):
                await read(wire)
                await read(wire)

    passing(story())
    assert bench.github.moments[-1] <= 1_810


def test_whoever_is_asked_to_wait_for_ever_is_told() -> None:
    bench = Bench(Github([httpx.Response(429, headers={"retry-after": "1e300"})]))

    async def story() -> None:
        async with bench.wires() as (wire,):
            with pytest.raises(UnavailableError, match="asks for 720 h"):
                await read(wire)

    passing(story())


# Who shares.


def in_a_loop(story: Callable[[Budgets], None]) -> None:
    async def run() -> None:
        story(Budgets())

    passing(run())


def test_who_has_the_same_host_and_credential_has_the_same_budget() -> None:
    def story(budgets: Budgets) -> None:
        clock = VirtualClock()
        mine = budgets.of("https://api.github.com", "hush", clock, CLOUD)
        assert budgets.of("https://API.github.com/", "hush", VirtualClock(), CLOUD) is mine
        assert budgets.of("https://api.github.com", "another", clock, CLOUD) is not mine
        assert budgets.of("https://github.example/api/v3", "hush", clock, CLOUD) is not mine
        assert budgets.of("http://api.github.com", "hush", clock, CLOUD) is not mine

    in_a_loop(story)


def test_a_credential_is_not_kept_and_a_budget_no_longer_than_its_wires() -> None:
    def story(budgets: Budgets) -> None:
        mine = budgets.of("https://api.github.com", "hush-hush", VirtualClock(), CLOUD)
        assert "hush-hush" not in repr(list(budgets._open.items()))
        mine.wrote()
        del mine
        gc.collect()
        assert not budgets._open

    in_a_loop(story)


def test_each_loop_has_its_own() -> None:
    budgets = Budgets()

    async def one() -> Budget:
        return budgets.of("https://api.github.com", "hush", VirtualClock(), CLOUD)

    with asyncio.Runner(loop_factory=VirtualLoop) as first, asyncio.Runner(loop_factory=VirtualLoop) as second:
        assert first.run(one()) is not second.run(one())


# What GitHub allows.


def settings(**more: object) -> GithubSettings:
    return GithubSettings.model_validate({"connector": "github", "repositories": ["Acme/shop"], "token": "x"} | more)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://api.github.com", CLOUD),
        ("https://api.acme.ghe.com", CLOUD),
        ("https://github.example/api/v3", SERVER),
        ("http://127.0.0.1:8080", SERVER),
    ],
)
def test_a_server_of_ones_own_has_no_limits_but_those_it_tells(url: str, found: RateLimits) -> None:
    assert limits(settings(url=url)) is found


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/graphql", "graphql"),
        ("/api/graphql", "graphql"),
        ("/search/issues", "search"),
        ("/api/v3/search/issues", "search"),
        ("/repos/acme/graphql", "core"),
        ("/repos/search/issues", "core"),
        ("", "core"),
    ],
)
def test_what_a_path_is_counted_for(path: str, resource: str) -> None:
    assert CLOUD.resource(path) == resource


def test_an_apps_installation_is_known_by_what_stays() -> None:
    looked_up, named = settings(**app()), settings(token=None, app=app()["app"] | {"installation": 7})
    other = settings(**app(), repositories=["umbrella/site"])
    assert identity(looked_up) == identity(named) == f"app {CLIENT} at acme"
    assert identity(other) != identity(named)
    assert identity(settings()) == "", "a token stands for itself"

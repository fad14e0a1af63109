"""The wire: what is asked again and what never, how long it waits, where a credential may go."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from trackersync.connector import Answer, AuthError, RejectedError, UnavailableError
from trackersync.errors import ConfigError
from trackersync.http import Counters, HttpWire, SystemClock, rates

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
TOKEN = "ghs_12345_very.long-and_secret"
BASE = "https://api.example.org"


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.time = NOW
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)


Reply = httpx.Response | Exception


@dataclass
class Tracker:
    """Answers in the order given, the last one for ever, and remembers what it was asked."""

    replies: list[Reply]
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        # A fresh one each time: a response can be read only once.
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)


async def credential() -> SecretStr | None:
    return SecretStr(f"Bearer {TOKEN}")


def wire_to(tracker: Callable[[httpx.Request], httpx.Response], clock: Clock | None = None, **more: object) -> HttpWire:
    options: dict[str, object] = {"writes": {"stage"}, "chance": lambda: 0.5, "base_url": BASE, **more}
    base = str(options.pop("base_url"))
    return HttpWire(
        "github", base, credential, {"X-Version": "1"}, clock or Clock(),
        transport=httpx.MockTransport(tracker), **options,
    )  # fmt: skip


def ok(body: object = None) -> httpx.Response:
    return httpx.Response(200, json={} if body is None else body)


async def send(wire: HttpWire, kind: str) -> Answer:
    if kind == "read":
        return await wire.read("GET", "/x")
    return await wire.write("PATCH", "/x", fact="stage", json={"state": "closed"})


# What is asked again.

SECONDARY = {"message": "anything", "documentation_url": "https://docs.example/rest/rate-limits-for-the-rest-api#about"}
REPEATED = [
    # name, kind, first reply, waits
    ("read 500", "read", httpx.Response(500), [1.0]),
    ("read 502", "read", httpx.Response(502), [1.0]),
    ("read 503 with seconds", "read", httpx.Response(503, headers={"retry-after": "7"}), [7.0]),
    ("read 504", "read", httpx.Response(504), [1.0]),
    ("read time-out", "read", httpx.ReadTimeout("x"), [1.0]),
    ("read cut short", "read", httpx.RemoteProtocolError("x"), [1.0]),
    ("read reset", "read", httpx.ReadError("x"), [1.0]),
    ("read garbled", "read", httpx.DecodingError("x"), [1.0]),
    ("read unreachable", "read", httpx.ConnectError("x"), [1.0]),
    ("read 429 bare", "read", httpx.Response(429), [1.0]),
    ("read 429 seconds", "read", httpx.Response(429, headers={"Retry-After": "12"}), [12.0]),
    ("read 429 fraction", "read", httpx.Response(429, headers={"Retry-After": "0.4"}), [0.4]),
    ("read 429 date", "read", httpx.Response(429, headers={"Retry-After": "Thu, 05 Mar 2026 09:00:30 GMT"}), [30.0]),
    ("read 429 past date", "read", httpx.Response(429, headers={"Retry-After": "Thu, 05 Mar 2026 08:00:30 GMT"}), [0]),
    ("read 429 nonsense", "read", httpx.Response(429, headers={"Retry-After": "soon"}), [1.0]),
    ("read 429 not finite", "read", httpx.Response(429, headers={"Retry-After": "inf"}), [1.0]),
    (
        "read 403 primary limit, epoch",
        "read",
        httpx.Response(403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW.timestamp() + 41:.0f}"}),
        [41.0],
    ),
    (
        "read 429 ISO 8601",
        "read",
        httpx.Response(429, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-03-05T09:00:20Z"}),
        [20.0],
    ),
    (
        "read 429 with budget left is not about the reset",
        "read",
        httpx.Response(
            429, headers={"x-ratelimit-remaining": "10", "x-ratelimit-reset": f"{NOW.timestamp() + 41:.0f}"}
        ),
        [1.0],
    ),
    ("read 403 secondary, seconds", "read", httpx.Response(403, headers={"retry-after": "60"}), [60.0]),
    ("read 403 secondary, no header", "read", httpx.Response(403, json=SECONDARY), [60.0]),
    ("write 429", "write", httpx.Response(429, headers={"Retry-After": "5"}), [5.0]),
    ("write 403 secondary", "write", httpx.Response(403, headers={"Retry-After": "5"}), [5.0]),
    ("write refused connection", "write", httpx.ConnectError("x"), [1.0]),
    ("write connect time-out", "write", httpx.ConnectTimeout("x"), [1.0]),
]


@pytest.mark.parametrize(("kind", "first", "waits"), [row[1:] for row in REPEATED], ids=[row[0] for row in REPEATED])
async def test_what_is_asked_again_once_the_wait_is_over(kind: str, first: Reply, waits: list[float]) -> None:
    clock, tracker = Clock(), Tracker([first, ok()])
    async with wire_to(tracker, clock) as wire:
        answer = await send(wire, kind)

    assert answer.status == 200
    assert clock.slept == pytest.approx(waits)
    assert wire.counters == Counters({"read": 0, "write": 0} | {kind: 2}, 1, pytest.approx(sum(waits)))


NOT_REPEATED = [
    ("500", httpx.Response(500)),
    ("502", httpx.Response(502)),
    ("503 even with Retry-After", httpx.Response(503, headers={"retry-after": "1"})),
    ("504", httpx.Response(504)),
    ("no answer in time", httpx.ReadTimeout("x")),
    ("answer lost", httpx.RemoteProtocolError("x")),
    ("reset", httpx.ReadError("x")),
    ("broke while sending", httpx.WriteError("x")),
    ("garbled", httpx.DecodingError("x")),
]


@pytest.mark.parametrize("reply", [row[1] for row in NOT_REPEATED], ids=[row[0] for row in NOT_REPEATED])
async def test_a_write_that_may_have_arrived_is_in_doubt_and_never_sent_again(reply: Reply) -> None:
    tracker = Tracker([reply])
    async with wire_to(tracker) as wire:
        with pytest.raises(UnavailableError) as caught:
            await send(wire, "write")

    assert caught.value.in_doubt
    assert len(tracker.asked) == 1
    assert "look before writing again" in str(caught.value)


@pytest.mark.parametrize("status", [200, 201, 204, 304, 400, 403, 404, 409, 410, 422])
@pytest.mark.parametrize("kind", ["read", "write"])
async def test_every_other_status_is_the_callers(kind: str, status: int) -> None:
    tracker = Tracker([httpx.Response(status, headers={"X-Some": "thing"}, content=b"body")])
    async with wire_to(tracker) as wire:
        answer = await send(wire, kind)

    assert (answer.status, answer.body, answer.headers["x-some"]) == (status, b"body", "thing")
    assert len(tracker.asked) == 1


async def test_a_read_gives_up_after_four_attempts_and_says_so() -> None:
    clock, tracker = Clock(), Tracker([httpx.Response(503)])
    async with wire_to(tracker, clock) as wire:
        with pytest.raises(UnavailableError) as caught:
            await wire.read("GET", "/rest/search", params={"q": "private"})

    assert len(tracker.asked) == 4
    assert clock.slept == [1.0, 2.0, 4.0]
    assert str(caught.value) == "api.example.org answered 503 four times in 7 s (GET /rest/search)"
    assert not caught.value.in_doubt


async def test_a_wait_beyond_the_budget_is_handed_back_without_sleeping() -> None:
    clock, tracker = Clock(), Tracker([httpx.Response(429, headers={"retry-after": "3600"})])
    async with wire_to(tracker, clock) as wire:
        with pytest.raises(UnavailableError) as caught:
            await send(wire, "write")
        with pytest.raises(UnavailableError, match="closed to us"):
            await send(wire, "read")

    assert clock.slept == []
    assert (caught.value.retry_after, caught.value.in_doubt) == (3600, False)
    assert "asks for 60 min" in str(caught.value)
    assert len(tracker.asked) == 1, "while the tracker is closed to us, nothing more is sent"


async def test_the_waits_of_one_request_together_stay_within_the_budget() -> None:
    clock, tracker = Clock(), Tracker([httpx.Response(429, headers={"retry-after": "25"})])
    async with wire_to(tracker, clock) as wire:
        with pytest.raises(UnavailableError):
            await send(wire, "read")

    assert clock.slept == [25, 25]


async def test_a_limit_of_one_endpoint_does_not_close_the_tracker() -> None:
    burst = httpx.Response(429, headers={"retry-after": "900", "RateLimit-Reason": "jira-burst-based"})
    tracker = Tracker([burst, ok()])
    async with wire_to(tracker) as wire:
        with pytest.raises(UnavailableError):
            await send(wire, "read")
        assert (await wire.read("GET", "/other")).status == 200


async def test_waits_are_spread_by_chance() -> None:
    assert rates.backoff(1, 0.0) == pytest.approx(0.7)
    assert rates.backoff(1, 1.0) == pytest.approx(1.3)
    assert rates.backoff(20, 0.5) == 30.0


# Errors.


async def test_a_refused_credential_is_named_but_never_shown() -> None:
    async with wire_to(Tracker([httpx.Response(401, text=f"bad {TOKEN}")])) as wire:
        with pytest.raises(AuthError) as caught:
            await send(wire, "read")

    assert "github" in str(caught.value)
    assert "api.example.org" in str(caught.value)
    assert TOKEN not in str(caught.value)


async def test_a_tracker_that_echoes_the_credential_does_not_get_it_into_our_errors() -> None:
    async with wire_to(Tracker([httpx.Response(400, text=f"Authorization: Bearer {TOKEN}")])) as wire:
        answer = await send(wire, "read")

    assert TOKEN.encode() not in answer.body


async def test_an_unreachable_host_is_named_with_its_port_and_the_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    async with HttpWire("jira", f"http://127.0.0.1:{port}", credential, {}, Clock(), chance=lambda: 0.5) as wire:
        with pytest.raises(UnavailableError) as caught:
            await wire.read("GET", "/x")

    assert str(caught.value) == (
        f"127.0.0.1:{port} could not be reached four times in 7 s: nothing listens there (GET /x); start what should "
        "listen there, or correct the port in `url`"
    )


def _untrusted() -> httpx.ConnectError:
    error = httpx.ConnectError("x")
    error.__cause__ = ssl.SSLCertVerificationError("x")
    return error


async def test_a_certificate_that_does_not_verify_is_not_asked_again() -> None:
    tracker = Tracker([_untrusted()])
    async with wire_to(tracker) as wire:
        with pytest.raises(UnavailableError, match="certificate does not verify"):
            await send(wire, "read")

    assert len(tracker.asked) == 1


@pytest.fixture
async def dripping() -> AsyncIterator[int]:
    """A server that sends its answer byte by byte, for ever."""

    connections: set[asyncio.Task[None]] = set()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.01)

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.wait_for(asyncio.gather(*connections), 5)


async def test_a_tracker_that_drips_its_answer_does_not_hold_us(dripping: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trackersync.http.exchange.CONNECT", 0.05)
    async with HttpWire("jira", f"http://127.0.0.1:{dripping}", credential, {}, Clock(), timeout=0.05) as wire:
        with pytest.raises(UnavailableError, match="no answer in time"):
            await wire.read("GET", "/x")


BAD_ADDRESSES = [
    ("no scheme", "api.github.com", "scheme"),
    ("another scheme", "ftp://api.github.com", "ftp"),
    ("credentials", "https://me:hunter2@api.github.com", "user name or password"),
    ("nothing", "", "scheme"),
    ("not a URL", "https://me:hunter2/@x", "no URL"),
]


@pytest.mark.parametrize(("url", "words"), [row[1:] for row in BAD_ADDRESSES], ids=[row[0] for row in BAD_ADDRESSES])
def test_an_address_that_cannot_work_is_refused_before_anything_is_sent(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        HttpWire("github", url, credential, {}, Clock())

    assert "hunter2" not in str(caught.value)


# Where a credential may go.

JOINED = [
    ("root", "https://api.example.org", "/repos/a/b", "https://api.example.org/repos/a/b"),
    ("prefix", "https://ghe.example/api/v3", "/repos/a/b", "https://ghe.example/api/v3/repos/a/b"),
    ("prefix, trailing slash", "https://ghe.example/api/v3/", "repos/a/b", "https://ghe.example/api/v3/repos/a/b"),
    ("context path", "http://127.0.0.1:2990/jira", "/rest/api/2/x", "http://127.0.0.1:2990/jira/rest/api/2/x"),
    ("next link", "https://ghe.example/api/v3", "https://ghe.example/api/v3/y?after=a%3D", "https://ghe.example/api/v3/y?after=a%3D"),
    ("default port", "https://api.example.org", "https://api.example.org:443/y", "https://api.example.org/y"),
    ("escaped", "https://api.example.org", "/labels/a%2Fb%20c", "https://api.example.org/labels/a%2Fb%20c"),
]  # fmt: skip


@pytest.mark.parametrize(("base", "path", "url"), [row[1:] for row in JOINED], ids=[row[0] for row in JOINED])
async def test_a_path_stands_below_the_base_url(base: str, path: str, url: str) -> None:
    tracker = Tracker([ok()])
    async with wire_to(tracker, base_url=base) as wire:
        await wire.read("GET", path)

    assert str(tracker.asked[0].url) == url
    assert tracker.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert tracker.asked[0].headers["x-version"] == "1"
    assert tracker.asked[0].headers["user-agent"].startswith("trackersync/")


FOREIGN = [
    ("another host", "https://evil.example/x"),
    ("another scheme", "http://api.example.org/x"),
    ("another port", "https://api.example.org:8443/x"),
    ("no scheme", "//evil.example/x"),
    ("user info", "https://api.example.org@evil.example/x"),
    ("user info, same host", "https://me:hunter2@api.example.org/x"),
]


@pytest.mark.parametrize("url", [row[1] for row in FOREIGN], ids=[row[0] for row in FOREIGN])
@pytest.mark.parametrize("way", ["asked", "redirected"])
async def test_another_origin_gets_nothing(url: str, way: str) -> None:
    tracker = Tracker([httpx.Response(302, headers={"location": url}), ok()])
    async with wire_to(tracker) as wire:
        with pytest.raises(RejectedError) as caught:
            await wire.read("GET", url if way == "asked" else "/x")

    assert len(tracker.asked) == (0 if way == "asked" else 1)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_inside_the_origin_is_followed_for_a_read(status: int) -> None:
    tracker = Tracker([httpx.Response(status, headers={"location": "/repositories/7/issues?a=b"}), ok()])
    async with wire_to(tracker) as wire:
        answer = await wire.read("GET", "/repos/old/name/issues", params={"x": 1})

    assert (answer.status, answer.moved) == (200, "/repositories/7/issues")
    assert str(tracker.asked[1].url) == f"{BASE}/repositories/7/issues?a=b"


async def test_redirects_end() -> None:
    tracker = Tracker([httpx.Response(302, headers={"location": "/x"})])
    async with wire_to(tracker) as wire:
        with pytest.raises(UnavailableError, match="again and again"):
            await wire.read("GET", "/x")

    assert len(tracker.asked) == 6


async def test_a_write_is_sent_on_only_where_its_method_and_body_go_along() -> None:
    tracker = Tracker([httpx.Response(307, headers={"location": "/y"}), ok()])
    async with wire_to(tracker) as wire:
        answer = await send(wire, "write")

    assert answer.moved == "/y"
    assert [(a.method, json.loads(a.content)) for a in tracker.asked] == [("PATCH", {"state": "closed"})] * 2

    tracker = Tracker([httpx.Response(301, headers={"location": "/y"}), ok()])
    async with wire_to(tracker) as wire:
        assert (await send(wire, "write")).status == 301
    assert len(tracker.asked) == 1


async def test_cookies_are_not_kept() -> None:
    tracker = Tracker([httpx.Response(200, headers={"set-cookie": "JSESSIONID=1; Path=/"})])
    async with wire_to(tracker) as wire:
        await send(wire, "read")
        await send(wire, "read")

    assert "cookie" not in tracker.asked[1].headers


# Writes.


@pytest.mark.parametrize("writes", [(), ("owners",)])
async def test_a_fact_that_may_not_be_written_never_leaves(writes: tuple[str, ...]) -> None:
    tracker = Tracker([ok()])
    async with wire_to(tracker, writes=writes) as wire:
        with pytest.raises(RejectedError, match="stage may not be written") as caught:
            await send(wire, "write")

    assert tracker.asked == []
    assert "Nothing was sent" in str(caught.value)


async def test_writes_keep_their_distance_and_reads_do_not() -> None:
    clock, tracker = Clock(), Tracker([ok()])
    async with wire_to(tracker, clock, pace=1.0) as wire:
        for kind in ("write", "read", "write", "read", "write"):
            await send(wire, kind)
        clock.time += timedelta(seconds=5)
        async with wire.admit("write"):
            pass
        await send(wire, "write")

    assert clock.slept == [1.0, 1.0, 1.0]
    assert wire.counters.requests == {"read": 2, "write": 5}


async def test_a_repeated_write_keeps_its_distance_too() -> None:
    clock, tracker = Clock(), Tracker([httpx.Response(429, headers={"retry-after": "0.25"}), ok()])
    async with wire_to(tracker, clock, pace=1.0) as wire:
        await send(wire, "write")

    assert clock.slept == [0.25, 0.75]


async def _most_at_once(kind: str) -> int:
    under_way, most = 0, 0

    async def slow(_: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return ok()

    async with wire_to(slow) as wire:
        await asyncio.gather(*(send(wire, kind) for _ in range(40)))
    return most


async def test_eight_reads_at_once_and_one_write() -> None:
    assert await _most_at_once("read") == 8
    assert await _most_at_once("write") == 1


# What is told.


async def test_the_log_hears_of_every_exchange_and_of_no_credential() -> None:
    told: list[tuple[str, str, int, str]] = []
    replies: list[Reply] = [
        httpx.Response(503, headers={"X-GitHub-Request-Id": "AB12"}),
        httpx.ReadTimeout("x"),
        httpx.Response(200, headers={"x-arequestid": "CD34"}),
    ]
    log: Callable[[str, str, int, float, str], None] = lambda *line: told.append((*line[:3], line[4]))  # noqa: E731  # a one-line double
    async with wire_to(Tracker(replies), log=log) as wire:
        await wire.read("GET", "/x", params={"since": "2026-03-05T09:00:00Z"})

    path = "/x?since=2026-03-05T09%3A00%3A00Z"
    assert told == [("GET", path, 503, "AB12"), ("GET", path, 0, ""), ("GET", path, 200, "CD34")]
    assert TOKEN not in repr(told)


async def test_without_a_credential_no_header_is_sent() -> None:
    async def nobody() -> SecretStr | None:
        return None

    tracker = Tracker([ok()])
    async with HttpWire("github", BASE, nobody, {}, Clock(), transport=httpx.MockTransport(tracker)) as wire:
        await wire.read("GET", "/x")

    assert "authorization" not in tracker.asked[0].headers


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (41, "41 s"), (120, "2 min"), (3600, "60 min"), (7200, "2 h")]
)
def test_waits_in_words(seconds: float, words: str) -> None:
    assert rates.spoken(seconds) == words


async def test_the_real_clock_is_utc_and_waits() -> None:
    clock = SystemClock()
    before = clock.now()
    await clock.sleep(0)

    assert before.tzinfo is UTC
    assert clock.now() >= before


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_what_a_server_does_not_implement_is_asked_once_and_is_the_callers(kind: str) -> None:
    clock, tracker = Clock(), Tracker([httpx.Response(501, text="no"), ok()])
    async with wire_to(tracker, clock) as wire:
        answer = await send(wire, kind)

    assert (answer.status, len(tracker.asked), clock.slept) == (501, 1, [])


@pytest.mark.parametrize(
    ("reply", "passing"),
    [
        pytest.param(httpx.Response(503), True, id="down"),
        pytest.param(httpx.ReadTimeout("x"), True, id="silent"),
        pytest.param(httpx.Response(429), True, id="at a limit"),
        pytest.param(httpx.Response(302, headers={"Location": "/x"}), False, id="sent round in a circle"),
    ],
)
async def test_whether_time_alone_mends_it_is_told(reply: Reply, *, passing: bool) -> None:
    async with wire_to(Tracker([reply])) as wire:
        with pytest.raises(UnavailableError) as caught:
            await send(wire, "read")

    assert caught.value.passing is passing


async def test_every_answer_is_heard_and_silence_is_not() -> None:
    heard: list[str] = []
    replies: list[Reply] = [httpx.ReadTimeout("x"), httpx.Response(503), ok()]
    async with wire_to(Tracker(replies), heard=lambda: heard.append("once")) as wire:
        await send(wire, "read")

    assert heard == ["once", "once"]

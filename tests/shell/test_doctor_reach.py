"""Whether an address answers: certificates, clocks, silence, and what is said to do about each."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

import asyncio
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from socket import create_server
from typing import TYPE_CHECKING

import httpx
import pytest
from tls_server import certificate, hanging, serving_tls

from trackersync.http import SystemClock
from trackersync.http.reach import AUTHORITY, Reached, UnreachedError, reach

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Still(SystemClock):
    def now(self) -> datetime:
        return NOON


def reached(url: str, answer: httpx.Response | Exception | None = None, seconds: float = 5.0) -> Reached:
    def answered(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        assert answer is not None
        return answer

    transport = None if answer is None else httpx.MockTransport(answered)
    clock = SystemClock() if answer is None else Still()
    return asyncio.run(reach(url, clock, seconds=seconds, transport=transport))


@pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 405, 500])
def test_any_answer_shows_that_the_way_is_open(status: int) -> None:
    assert reached("https://tracker.test", httpx.Response(status, headers={"Location": "/login"})).ahead is None


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_stands_in_a_trackers_place_is_no_answer(status: int) -> None:
    with pytest.raises(UnreachedError, match=f"answers {status}: it is down"):
        reached("https://tracker.test", httpx.Response(status))


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        pytest.param("Thu, 05 Mar 2026 12:00:00 GMT", -0.5, id="the same second"),
        pytest.param("Thu, 05 Mar 2026 11:00:00 GMT", 3599.5, id="an hour ahead"),
        pytest.param("Thu, 05 Mar 2026 13:00:00 GMT", -3600.5, id="an hour behind"),
        pytest.param("Thursday, 05-Mar-26 12:00:00 GMT", -0.5, id="as servers wrote it long ago"),
        pytest.param("yesterday", None, id="no time at all"),
    ],
)
def test_the_trackers_clock(date: str, ahead: float | None) -> None:
    found = reached("https://tracker.test", httpx.Response(200, headers={"Date": date})).ahead

    assert (None if found is None else found.total_seconds()) == ahead


@pytest.mark.parametrize(
    ("since", "until", "host", "why", "remedy"),
    [
        pytest.param(-DAY, 9 * DAY, "127.0.0.1", "its certificate is signed by itself", AUTHORITY, id="self-signed"),
        pytest.param(-9 * DAY, -DAY, "127.0.0.1", "its certificate has expired", "be renewed", id="expired"),
        pytest.param(DAY, 9 * DAY, "127.0.0.1", "its certificate is not valid yet", "clock", id="not valid yet"),
        pytest.param(-DAY, 9 * DAY, "10.1.1.1", "its certificate is for another", "`url`", id="another address"),
    ],
)
def test_a_certificate_that_does_not_verify(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    since: timedelta,
    until: timedelta,
    host: str,
    why: str,
    remedy: str,
) -> None:
    file = certificate(tmp_path, since=since, until=until, host=host)
    if "itself" not in why:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))

    with serving_tls(file) as url, pytest.raises(UnreachedError) as error:
        reached(url)

    assert error.value.why.startswith(why)
    assert remedy in error.value.remedy


def test_when_a_certificate_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path, since=-DAY, until=5 * DAY)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    with serving_tls(file) as url:
        found = reached(url)

    assert found.until is not None
    assert timedelta(days=4, hours=23) < found.until - datetime.now(UTC) <= 5 * DAY
    assert found.milliseconds > 0
    assert found.ahead is not None
    assert abs(found.ahead) < timedelta(seconds=5)


def test_a_server_that_hangs_is_not_waited_for() -> None:
    began = time.monotonic()
    with hanging() as url, pytest.raises(UnreachedError) as error:
        reached(url, seconds=0.3)

    assert error.value.why == "no answer in time"
    assert time.monotonic() - began < 3


def test_where_nothing_listens() -> None:
    with closing(create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(UnreachedError) as error:
        reached(f"http://127.0.0.1:{port}")

    assert error.value.why == "nothing listens there"
    assert error.value.remedy == "start what should listen there, or correct the port in `url`"


@pytest.mark.parametrize(
    ("proxies", "error", "remedy"),
    [
        pytest.param({}, httpx.ConnectTimeout("x"), "check the host in `url`, and that this machine's network reaches it", id="silence"),
        pytest.param({"https_proxy": "http://me:sesame@proxy.test:3128"}, httpx.ConnectTimeout("x"), "check the host in `url`, and that this machine's network reaches it; the proxy of HTTPS_PROXY stands between", id="silence behind a proxy"),
        pytest.param({"https_proxy": "http://me:sesame@proxy.test:3128"}, httpx.ProxyError("407 sesame"), "check HTTPS_PROXY, and name the host in NO_PROXY if it is reached without one", id="a proxy that refuses"),
    ],
)  # fmt: skip
def test_what_to_do_where_nothing_answers(
    monkeypatch: pytest.MonkeyPatch, proxies: dict[str, str], error: Exception, remedy: str
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, text in proxies.items():
        monkeypatch.setenv(name, text)

    with pytest.raises(UnreachedError) as found:
        reached("https://tracker.test", error)

    assert found.value.remedy == remedy
    assert "sesame" not in str(found.value)

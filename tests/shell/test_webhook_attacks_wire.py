"""Requests that take too much or too long, or are none; the rest of what ``docs/security.md`` says is tried."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from taking import BODY, Answered, Taking, from_github, read, request, taking

from trackersync.webhook.limits import Limits

SHORT = replace(Limits(), body_seconds=0.3, head_seconds=0.3, answer_seconds=0.3, idle_seconds=0.3)
MB = 1024 * 1024


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Taking]:
    with taking(tmp_path) as running:
        yield running
        assert running.post(headers=from_github(id="afterwards")).status == 202, "and then it does its work"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taking]:
    with taking(tmp_path_factory.mktemp("odd")) as running:
        yield running


# How much, and how slowly.


def test_a_body_that_says_it_is_too_large(one: Taking) -> None:
    """1 GB is answered before a byte of it was read."""
    head = request(b"", from_github(), "/webhooks/github").replace(b"content-length: 0", b"content-length: 1073741824")
    answer = one.raw(head)
    assert (answer.status, answer.headers["connection"]) == (413, "close")
    assert one.counted() == {"too_large": 1}


def test_a_body_that_is_too_large_and_does_not_say_so(tmp_path: Path) -> None:
    """1 GB in pieces is not read on when it is more than it may be."""
    with taking(tmp_path, replace(Limits(), body=MB)) as one, one.connect() as connection:
        connection.sendall(_chunked())
        sent = 0
        piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        try:
            while sent < 1024 * MB:
                connection.sendall(piece)
                sent += 65536
        except OSError:
            pass
        # What is on its way when it says so fills the buffers between us.
        assert sent < 40 * MB
        assert read(connection).status in {413, 0}
        assert one.counted() == {"too_large": 1}
        assert one.inbox() == 0


def test_as_large_as_a_tracker_sends(one: Taking) -> None:
    body = b'{"padding": "' + b"x" * (25 * MB - 15) + b'"}'
    assert len(body) == 25 * MB
    assert one.post(body, from_github(body)).status == 202
    assert one.post(body + b" ", from_github(body)).status == 413


def test_many_large_bodies_at_once(tmp_path: Path) -> None:
    with taking(tmp_path, replace(Limits(), held=MB)) as one:
        body = b"x" * (700 * 1024)
        whole = request(body, from_github(body), "/webhooks/github")
        with one.connect() as slow:
            slow.sendall(whole[:-1])
            time.sleep(0.2)
            answer = one.raw(whole)
            assert (answer.status, answer.headers["retry-after"]) == (503, "30")
            small = b"y" * (64 * 1024)
            assert one.post(small, from_github(small, id="small")).status == 202
            slow.sendall(whole[-1:])
            assert read(slow).status == 202
        assert one.post(body, from_github(body, id="after")).status == 202


def test_a_slow_body(tmp_path: Path) -> None:
    whole = request(BODY, from_github(), "/webhooks/github")
    with taking(tmp_path, SHORT) as one, one.connect() as connection:
        connection.sendall(whole[:-20])
        for number in range(20, 12, -1):
            time.sleep(0.07)
            with _gone():
                connection.sendall(whole[-number : -number + 1])
        assert read(connection).status == 408
        assert one.counted() == {"slow": 1}
        assert one.inbox() == 0


@pytest.mark.parametrize("first", [b"", b"POST /webh", b"POST /webhooks/github HTTP/1.1\r\nhost: x\r\nx-a: "])
def test_slow_headers(tmp_path: Path, first: bytes) -> None:
    """A byte now and then keeps no connection open."""
    with taking(tmp_path, SHORT) as one, one.connect() as connection:
        begun = time.monotonic()
        connection.sendall(first)
        while time.monotonic() - begun < 0.55:
            time.sleep(0.05)
            with _gone():
                connection.sendall(b"a" if first else b"")
        connection.settimeout(2)
        assert read(connection) == Answered(0, {}, b"")


def test_slow_headers_of_a_second_request(tmp_path: Path) -> None:
    with taking(tmp_path, SHORT) as one, one.connect() as connection:
        connection.sendall(request(BODY, from_github(), "/webhooks/github"))
        assert read(connection).status == 202
        begun = time.monotonic()
        connection.sendall(b"POST /webhooks/github HTTP/1.1\r\nx-a: ")
        while time.monotonic() - begun < 0.55:
            time.sleep(0.05)
            with _gone():
                connection.sendall(b"a")
        assert read(connection).status == 0


def test_answers_that_nobody_reads(tmp_path: Path) -> None:
    """Whoever asks without end and never reads keeps no connection, and holds nothing."""
    with taking(tmp_path, replace(SHORT, connections=1)) as one, one.connect() as connection:
        connection.setblocking(False)
        asking = b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n" * 100
        until = time.monotonic() + 20
        gone = False
        while not gone and time.monotonic() < until:
            try:
                connection.send(asking)
            except BlockingIOError:
                time.sleep(0.05)
            except OSError:
                gone = True
        assert gone
        assert one.get("/healthz").status == 200, "its place is free"


def test_a_connection_that_says_nothing_more(tmp_path: Path) -> None:
    with taking(tmp_path, SHORT) as one, one.connect() as connection:
        connection.sendall(request(BODY, from_github(), "/webhooks/github"))
        assert read(connection).status == 202
        connection.settimeout(2)
        assert connection.recv(4096) == b""


def test_more_connections_than_may_be(tmp_path: Path) -> None:
    with taking(tmp_path, replace(Limits(), connections=3)) as one:
        held = [one.connect() for _ in range(3)]
        time.sleep(0.1)
        assert one.get("/healthz").status == 0
        for connection in held:
            connection.close()
        time.sleep(0.1)
        assert one.get("/healthz").status == 200


def test_a_sender_that_hangs_up(one: Taking) -> None:
    with one.connect() as connection:
        connection.sendall(request(BODY, from_github(), "/webhooks/github")[:-10])
    time.sleep(0.05)
    assert one.inbox() == 0
    assert one.counted() == {}


# Requests that are none.


def _chunked(**more: str) -> bytes:
    head = request(b"", from_github(**more), "/webhooks/github")
    return head.replace(b"content-length: 0", b"transfer-encoding: chunked")


POST = b"POST /webhooks/github HTTP/1.1\r\nhost: x\r\n"
GOOD = request(BODY, from_github(), "/webhooks/github")
ODD: list[tuple[str, bytes, int]] = [
    ("no such tracker", request(BODY, from_github(), "/webhooks/gitlab"), 404),
    ("no tracker", request(BODY, from_github(), "/webhooks/"), 404),
    ("a slash behind", request(BODY, from_github(), "/webhooks/github/"), 404),
    ("two slashes", request(BODY, from_github(), "//webhooks/github"), 404),
    ("a slash that is written otherwise", request(BODY, from_github(), "/webhooks%2fgithub%2f..%2fjira"), 404),
    ("the folder above", request(BODY, from_github(), "/webhooks/x/../github"), 404),
    ("the folder above, out", request(BODY, from_github(), "/webhooks/..%2f..%2fetc%2fpasswd"), 404),
    ("a null byte", request(BODY, from_github(), "/webhooks/github%00"), 404),
    ("bytes that are no UTF-8", request(BODY, from_github(), "/webhooks/%ff%fe"), 404),
    ("not ASCII", request(BODY, from_github(), "/webhooks/gîthub"), 400),
    ("another site's address", request(BODY, from_github(), "http://evil.example/webhooks/github"), 404),
    ("a very long path", request(BODY, from_github(), "/webhooks/" + "g" * 3000), 414),
    ("a very long question", request(BODY, from_github(), "/webhooks/github?" + "g" * 3000), 414),
    ("asked for", request(b"", {}, "/webhooks/github", "GET"), 405),
    ("deleted", request(b"", {}, "/webhooks/github", "DELETE"), 405),
    (
        "asked from a browser's page",
        request(b"", {"origin": "https://evil.example"}, "/webhooks/github", "OPTIONS"),
        405,
    ),
    ("a page that is posted to", request(BODY, {}, "/healthz"), 405),
    ("a question with a body", request(BODY, {}, "/healthz", "GET"), 400),
    ("two lengths", POST + b"content-length: 3\r\ncontent-length: 4\r\n\r\nabcd", 400),
    ("a length that is none", POST + b"content-length: -1\r\n\r\n", 400),
    ("a length in hex", POST + b"content-length: 0x10\r\n\r\n", 400),
    ("a length and pieces", GOOD.replace(b"host", b"transfer-encoding: chunked\r\nhost"), 400),
    ("an encoding we do not know", POST + b"transfer-encoding: gzip, chunked\r\n\r\n", 400),
    ("pieces whose size is none", _chunked() + b"zz\r\n", 400),
    ("compressed", request(BODY, from_github(content_encoding="gzip"), "/webhooks/github"), 415),
    ("no host", b"POST /webhooks/github HTTP/1.1\r\n\r\n", 400),
    ("a line folded", POST + b"x-a: b\r\n c: d\r\n\x00\r\n\r\n", 400),
    ("a null byte in a header", POST + b"x-a: a\x00b\r\n\r\n", 400),
    ("many headers", GOOD.replace(b"host", b"x-a: b\r\n" * 120 + b"host"), 431),
    ("one long header", GOOD.replace(b"host", b"x-a: " + b"b" * 20_000 + b"\r\nhost"), 431),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 404),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200 + b"\r\n\r\n", 400),
]


@pytest.mark.parametrize(("sent", "status"), [case[1:] for case in ODD], ids=[case[0] for case in ODD])
def test_paths_and_headers_that_are_odd(odd: Taking, sent: bytes, status: int) -> None:
    answer = odd.raw(sent)
    assert answer.status == status
    assert "location" not in answer.headers
    assert odd.inbox() == 0


def test_a_second_request_hidden_in_the_first(one: Taking) -> None:
    """To a proxy that goes by the length it is a body; to one that goes by the pieces it is a request of its own."""
    hidden = request(BODY, from_github(), "/webhooks/github")
    answer = one.raw(_chunked().replace(b"host", b"content-length: %d\r\nhost" % len(hidden)) + b"0\r\n\r\n" + hidden)
    assert (answer.status, answer.headers["connection"]) == (400, "close")
    assert one.inbox() == 0


def test_a_proxy_is_believed_only_where_it_is_configured(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    forged = {"x-forwarded-for": "203.0.113.9"}
    for proxies, said in (("127.0.0.1", "203.0.113.9"), ("10.0.0.0/8", "127.0.0.1")):
        folder = tmp_path / said
        folder.mkdir()
        caplog.clear()
        with taking(folder, proxies=proxies) as one:
            assert one.post(headers=forged).status == 401
        assert [record.message for record in caplog.records if f"from {said}" in record.message]


class _gone:  # noqa: N801 - read as a sentence
    """The other side may have closed by now."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, BrokenPipeError | ConnectionResetError | TimeoutError)

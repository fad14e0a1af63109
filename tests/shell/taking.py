"""A receiver at work by itself, without an engine: in a thread of a test, or as a program that a test may kill.

Its listeners are both connectors as the program makes them, with a wire that must not be touched: whatever a delivery
says, nobody is asked anything.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import hmac
import json
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, Never, cast

from trackersync.connector import Listener, Wire
from trackersync.http import SystemClock
from trackersync.store import Store, open_store
from trackersync.webhook.limits import Limits
from trackersync.webhook.serving import Receiver
from trackersync.worker.metrics import Metrics
from trackersync_github import GithubSettings
from trackersync_github import connector as github
from trackersync_jira import JiraSettings
from trackersync_jira import connector as jira

SECRET = "It's a Secret to Everybody"
BEARER = "a secret in a header of its own"
CLOCK = SystemClock()
BODY = json.dumps({
    "action": "labeled",
    "issue": {"number": 7, "repository_url": "https://api.github.com/repos/acme/shop"},
    "repository": {"id": 681273514, "full_name": "acme/shop"},
}).encode()  # fmt: skip


class NoWire:
    """A wire that is not there."""

    def __getattr__(self, name: str) -> Never:
        raise AssertionError(f"a delivery made the receiver ask a tracker: {name}")


def listeners() -> dict[str, Listener]:
    """Both connectors, under the names ``github`` and ``jira``."""
    code = GithubSettings.model_validate(
        {"connector": "github", "repositories": ["acme/shop", "Codertocat/Hello-World"], "webhook_secrets": [SECRET]}
    )
    words = {"connector": "jira", "url": "https://jira.acme.example", "projects": ["SHOP", "TES"]}
    work = JiraSettings.model_validate(words | {"webhook_secrets": [SECRET, BEARER], "webhook_header": "X-Our-Secret"})
    wire = cast("Wire", NoWire())
    made = {"github": github.create("github", code, wire, CLOCK), "jira": jira.create("jira", work, wire, CLOCK)}
    return {name: one for name, one in made.items() if isinstance(one, Listener)}


def signature(body: bytes, secret: str = SECRET, method: str = "sha256") -> str:
    """As both trackers sign, by a second implementation."""
    return f"{method}=" + hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()


def from_github(body: bytes = BODY, id: str = "72d3162e", event: str = "issues", **more: str) -> dict[str, str]:  # noqa: A002
    """The headers of a delivery of GitHub's."""
    return {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/044aadd",
        "x-github-event": event,
        "x-github-delivery": id,
        "x-github-hook-id": "109948940",
        "x-hub-signature-256": signature(body),
    } | {name.replace("_", "-"): value for name, value in more.items()}


def from_jira(body: bytes, id: str = "fcd7bd1c") -> dict[str, str]:  # noqa: A002
    """The headers of a delivery of Jira's."""
    return {
        "content-type": "application/json; charset=UTF-8",
        "x-atlassian-webhook-identifier": id,
        "x-hub-signature": signature(body),
    }


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: a status (0: the connection was closed without a word), headers, and a body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Taking:
    """A running receiver."""

    port: int
    store: Store
    metrics: Metrics
    why_not: list[str] = field(default_factory=list)

    def connect(self) -> socket.socket:
        """A connection of one's own."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def raw(self, *pieces: bytes) -> Answered:
        """Send bytes as they are, and read one answer."""
        with self.connect() as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it answered before it had read all of it
            return read(connection)

    def post(self, body: bytes = BODY, headers: Mapping[str, str] | None = None, to: str = "github") -> Answered:
        """Send a delivery."""
        return self.raw(request(body, from_github(body) if headers is None else headers, f"/webhooks/{to}"))

    def get(self, path: str) -> Answered:
        """Ask for a page."""
        return self.raw(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())

    def counted(self, tracker: str = "github") -> dict[str, int]:
        """By outcome, how many deliveries of a tracker were counted."""
        found: dict[str, int] = {}
        for line in self.metrics.exposition().decode().splitlines():
            if line.startswith("trackersync_deliveries_total") and f'tracker="{tracker}"' in line:
                outcome = line.split('outcome="')[1].split('"')[0]
                found[outcome] = int(float(line.rsplit(" ", 1)[1]))
        return found

    def inbox(self) -> int:
        """How many deliveries wait."""
        return sum(self.store.deliveries().values())


def request(body: bytes, headers: Mapping[str, str], path: str, method: str = "POST") -> bytes:
    """A request's bytes."""
    lines = [f"{method} {path} HTTP/1.1", "host: sync.acme.example", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def read(connection: socket.socket) -> Answered:
    """Read one answer."""
    file = connection.makefile("rb")
    try:
        line = file.readline()
        if not line:
            return Answered(0, {}, b"")
        headers: dict[str, str] = {}
        while (field_ := file.readline().strip()) != b"":
            name, _, value = field_.partition(b":")
            headers[name.decode().lower()] = value.strip().decode("latin-1")
        return Answered(int(line.split()[1]), headers, file.read(int(headers.get("content-length", "0"))))
    except ConnectionResetError:
        return Answered(0, {}, b"")


@contextmanager
def taking(
    folder: Path,
    limits: Limits | None = None,
    *,
    trackers: Callable[[], Mapping[str, Listener]] | None = None,
    proxies: str = "127.0.0.1",
    store: Store | None = None,
) -> Iterator[Taking]:
    """A receiver in a thread, until the block ends."""
    known = listeners()
    why_not: list[str] = []
    opened = store or open_store(str(folder / "inbox.db"))
    metrics = Metrics()
    receiver = Receiver(
        opened, trackers or (lambda: known), CLOCK, metrics, lambda: tuple(why_not),
        host="127.0.0.1", port=0, forwarded_allow_ips=proxies, limits=limits,
    )  # fmt: skip
    port = int(receiver.bind().rpartition(":")[2])
    told: dict[str, Any] = {}

    async def serve() -> None:
        told.update(loop=asyncio.get_running_loop(), stop=asyncio.Event())
        await receiver.run(told["stop"])

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        one = Taking(port, opened, metrics, why_not)
        one.get("/healthz")
        yield one
    finally:
        told["loop"].call_soon_threadsafe(told["stop"].set)
        thread.join(20)
        opened.close()
        assert not thread.is_alive()


def main(arguments: Sequence[str]) -> None:
    """A receiver as a program: the store's file; prints its port and serves until it is killed."""
    gc.set_threshold(100_000, 50, 100)  # as the program does
    known = listeners()
    with open_store(arguments[0]) as store:
        receiver = Receiver(store, lambda: known, CLOCK, Metrics(), tuple, host="127.0.0.1", port=0)
        print(receiver.bind().rpartition(":")[2], flush=True)
        asyncio.run(receiver.run(asyncio.Event()))


if __name__ == "__main__":
    main(sys.argv[1:])

"""Trouble on purpose, and the log of what was asked.

Every request passes a :class:`Front` first. It waits for the latency, asks the model's :class:`Faults` whether
something is to go wrong with this one, and writes it into the model's log. So a fault needs nothing from the routes
behind it, and all the ways in which a network or a vendor fails are told apart:

* ``answer(503)``: the vendor answers this instead; nothing is done,
* ``drop()``: the connection breaks before anything is done,
* ``lose()``: it is done, and the answer never arrives,
* ``cut()``: it is done, and half of the answer arrives,
* ``stall(2.5)``: it is done, and the answer comes that many seconds late,
* ``overtaken(action)``: somebody else is quicker; ``action`` is run, then the request is done,
* ``powerless()``: GitHub drops labels, assignees and type in silence, as it does to a caller without push access.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from trackersync.sandbox.moments import Clock

Kind = Literal["read", "write"]
Effect = Literal["answer", "drop", "lose", "cut", "stall", "overtaken", "powerless"]

# Asked with POST because the question is long, or for a token; nothing is written.
_READS_BY_POST = re.compile(
    r"/(search(/jql|/approximate-count)?|bulkfetch|changelog/bulkfetch|workflows|graphql|access_tokens)$"
)
# The one address where the body tells a question from a change.
_MUTATION = re.compile(rb'"query"\s*:\s*"(\\n|\s)*mutation\b')


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the stand-in saw it, and when it was served, after the latency.

    ``status`` is 0 where the answer was lost or the connection dropped.
    """

    method: str
    path: str
    query: str
    kind: Kind
    at: datetime
    status: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a request."""

    effect: Effect
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    action: Callable[[], object] | None = None


def answer(status: int, body: str = "", headers: Mapping[str, str] | None = None) -> Fault:
    """Answer this and do nothing: a 429 with ``Retry-After``, a 503, an HTML page of a proxy, broken JSON."""
    return Fault("answer", status, {"content-type": "application/json", **_lowered(headers or {})}, body.encode())


def drop() -> Fault:
    """Break the connection before anything is done."""
    return Fault("drop")


def lose() -> Fault:
    """Do it, then break the connection: applied, but the caller cannot know."""
    return Fault("lose")


def cut() -> Fault:
    """Do it, then break the connection in the middle of the answer's body."""
    return Fault("cut")


def stall(seconds: float) -> Fault:
    """Do it, and keep the caller waiting for the answer."""
    return Fault("stall", seconds=seconds)


def overtaken(action: Callable[[], object]) -> Fault:
    """Let somebody else be quicker: run ``action`` between the caller's last look and this request.

    It runs in the server's own thread, so it edits the model and does not ask the same server over HTTP.
    """
    return Fault("overtaken", action=action)


def powerless() -> Fault:
    """Do it without what needs push access on GitHub: labels and assignees are dropped in silence."""
    return Fault("powerless")


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


@dataclass(slots=True)
class _Armed:
    fault: Fault
    method: str | None
    path: re.Pattern[str] | None
    kind: Kind | None
    skip: int
    times: int

    def fits(self, request: Request) -> bool:
        return (
            (self.method is None or self.method == request.method)
            and (self.kind is None or self.kind == request.kind)
            and (self.path is None or self.path.search(request.path) is not None)
        )


class Faults:
    """Which requests go wrong, and how. First armed, first served; ``decide`` is asked where nothing armed fits."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self.decide: Callable[[Request], Fault | None] | None = None

    def add(
        self,
        fault: Fault,
        *,
        method: str | None = None,
        path: str | None = None,
        kind: Kind | None = None,
        skip: int = 0,
        times: int = 1,
    ) -> None:
        """Arm a fault for the next ``times`` requests that fit, after letting ``skip`` fitting ones pass.

        ``path`` is a regular expression that is searched for in the path.
        """
        self._armed.append(_Armed(fault, method, re.compile(path) if path else None, kind, skip, times))

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()
        self.decide = None

    def __len__(self) -> int:
        return len(self._armed)

    def take(self, request: Request) -> Fault | None:
        """Say what goes wrong with this request, and count it as used."""
        for armed in self._armed:
            if not armed.fits(request):
                continue
            if armed.skip:
                armed.skip -= 1
                continue
            armed.times -= 1
            if armed.times <= 0:
                self._armed.remove(armed)
            return armed.fault
        return self.decide(request) if self.decide is not None else None


class Watched(Protocol):
    """What a model offers to its front."""

    clock: Clock
    latency: float
    faults: Faults
    requests: list[Request]


class Front:
    """The outermost ASGI application of a stand-in: latency, faults and log."""

    def __init__(self, app: ASGIApp, model: Watched) -> None:
        self.app = app
        self.model = model

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or let it go wrong."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        if body is None:
            return
        if self.model.latency > 0:
            await asyncio.sleep(self.model.latency / 1000)
        request = _request(scope, self.model.clock(), body["body"])
        fault = self.model.faults.take(request)
        effect = fault.effect if fault else None

        async def dated(message: Message) -> None:
            # The model's clock and not the machine's, so that a test can let a vendor's clock run wrong.
            if message["type"] == "http.response.start":
                date = format_datetime(self.model.clock().astimezone(UTC), usegmt=True).encode()
                message["headers"] = [*message["headers"], (b"date", date)]
            await send(message)

        if fault is not None and effect == "answer":
            self.model.requests.append(replace(request, status=fault.status))
            await _answer(fault, dated)
            return
        if effect == "drop":
            self.model.requests.append(request)
            await _hang_up(send)
            return
        if fault is not None and fault.action is not None:
            fault.action()
        scope["sandbox.powerless"] = effect == "powerless"
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        async def arrived() -> Message:
            return body

        await self.app(scope, arrived, keep)
        status = next((int(m["status"]) for m in messages if m["type"] == "http.response.start"), 0)
        self.model.requests.append(replace(request, status=0 if effect in {"lose", "cut"} else status))
        if fault is not None and fault.seconds > 0:
            await asyncio.sleep(fault.seconds)
        if effect == "lose":
            await _hang_up(send)
        elif effect == "cut":
            await _send_half(messages, dated, send)
        else:
            for message in messages:
                await dated(message)


def _request(scope: Scope, at: datetime, body: bytes) -> Request:
    method, path = str(scope["method"]), str(scope["path"])
    read = method in {"GET", "HEAD", "OPTIONS"} or (method == "POST" and _READS_BY_POST.search(path) is not None)
    read = read and not (path.endswith("/graphql") and _MUTATION.search(body))
    return Request(method, path, scope["query_string"].decode(), "read" if read else "write", at)


async def _whole(receive: Receive) -> Message | None:
    """Take in a request's whole body; None where the caller is gone before it has come.

    One that has come is served, as the vendors serve it, also when its caller does not live to see the answer.
    """
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return {"type": "http.request", "body": body, "more_body": False}


async def _answer(fault: Fault, send: Send) -> None:
    headers = {"content-length": str(len(fault.body)), **fault.headers}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": pairs})
    await send({"type": "http.response.body", "body": fault.body})


async def _send_half(messages: list[Message], dated: Send, send: Send) -> None:
    for message in messages:
        if message["type"] != "http.response.body":
            await dated(message)
            continue
        body = message.get("body", b"")
        await dated({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        break
    await _hang_up(send)


async def _hang_up(send: Send) -> None:
    """Close the socket without a word.

    ASGI has no message for it. Over a real server the bound ``send`` belongs to uvicorn's request cycle, which knows
    the transport; in-process there is no socket, so the client's own error is raised, as its real transport would.
    """
    cycle: Any = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        import httpx  # noqa: PLC0415  # only the in-process case needs the client's error

        raise httpx.ReadError("the sandbox dropped the connection")
    transport.abort()
    # The cycle learns of it from the event loop; without this turn it would try to answer 500 on a closed socket.
    await asyncio.sleep(0)
    await asyncio.sleep(0)

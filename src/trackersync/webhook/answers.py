"""The receiver's answers: short, the same for everybody, and silent about what stands behind them.

An answer that is given before a body was read to its end closes the connection: otherwise the rest of it, however long,
would have to be read and thrown away.
"""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class Answer(Response):
    """An answer that is made once and sent often.

    Args:
        status: of HTTP.
        body: what it says.
        content_type: of the body.
        again: seconds after which the sender may try again; 0 for no word on that.
        close: the connection is closed behind it.
        more: further headers.
    """

    def __init__(
        self,
        status: int,
        body: str | bytes,
        *,
        content_type: str = "text/plain; charset=utf-8",
        again: int = 0,
        close: bool = False,
        more: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        raw = body.encode() if isinstance(body, str) else body
        headers = [
            (b"content-type", content_type.encode("latin-1")),
            (b"content-length", b"%d" % len(raw)),
            *_ALWAYS,
            *more,
        ]
        if again:
            headers.append((b"retry-after", b"%d" % again))
        if close:
            headers.append((b"connection", b"close"))
        super().__init__(raw, status)
        self._start: Message = {"type": "http.response.start", "status": status, "headers": headers}
        self._body: Message = {"type": "http.response.body", "body": raw}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; see ASGI."""
        await send(self._start)
        await send(self._body)


ACCEPTED: Final = Answer(202, "accepted\n")
"""Committed, now or when it came before: the sender is not told which, since it makes no difference to it."""
CONTRADICTORY: Final = Answer(400, "the request's length is not clear\n", close=True)
UNSIGNED: Final = Answer(401, "not signed with a secret that is known here\n")
UNKNOWN: Final = Answer(404, "there is nothing here\n", close=True)
SLOW: Final = Answer(408, "the body did not come in time\n", close=True)
TOO_LARGE: Final = Answer(413, "the body is too large\n", close=True)
TOO_LONG: Final = Answer(414, "the path is too long\n", close=True)
ENCODED: Final = Answer(415, "the body is encoded; send it as it was signed\n", close=True)
TOO_MANY_HEADERS: Final = Answer(431, "the headers are too large\n", close=True)
BROKEN: Final = Answer(500, "something went wrong here\n", close=True)
UNAVAILABLE: Final = Answer(503, "not now; send it again\n", again=30, close=True)


async def refused(request: Request, error: Exception) -> Answer:
    """What Starlette refuses, in our form: a path that is none, or a method that is not for it."""
    if isinstance(error, HTTPException) and error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return Answer(405, "not by this method\n", close=True, more=((b"allow", allowed.encode("latin-1")),))
    return UNKNOWN


async def broken(request: Request, error: Exception) -> Answer:
    """A fault of ours; what it was stands in the log."""
    return BROKEN

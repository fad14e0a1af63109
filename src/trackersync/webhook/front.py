"""What stands before every route: requests whose headers no honest sender writes end here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from trackersync.webhook import answers
from trackersync.webhook.answers import Answer
from trackersync.webhook.limits import Limits

_KEY: Final = "trackersync.headers"


class Front:
    """ASGI middleware: gathers the headers, and refuses what could be read in two ways.

    A request with both ``Transfer-Encoding`` and ``Content-Length`` may be a different one to a proxy before us, which
    is how requests are smuggled (RFC 9112, 6.1); one that is no POST and has a body likewise.

    Args:
        app: that is asked for the rest.
        limits: on the headers.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let through."""
        if scope["type"] != "http":
            return
        await (self._refusal(scope) or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Answer | None:
        fields = scope["headers"]
        size = sum([len(name) + len(value) for name, value in fields])
        if size > self._limits.head or len(fields) > self._limits.fields:
            return answers.TOO_MANY_HEADERS
        if len(scope["raw_path"]) + len(scope["query_string"]) > self._limits.path:
            return answers.TOO_LONG
        headers = _gathered(fields)
        chunked = "transfer-encoding" in headers
        sized = "content-length" in headers
        if chunked and sized:
            return answers.CONTRADICTORY
        if scope["method"] != "POST" and (chunked or (sized and headers["content-length"] != "0")):
            return answers.CONTRADICTORY
        scope[_KEY] = headers
        return None


def headers_of(scope: Scope) -> Mapping[str, str]:
    """A request's headers, names in lower case, as ``Front`` gathered them."""
    headers: Mapping[str, str] = scope[_KEY]
    return headers


def _gathered(fields: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """One that comes twice is both with a comma between (RFC 9110, 5.3), so two signatures are none."""
    headers: dict[str, str] = {}
    for raw, value in fields:
        name = raw.decode("latin-1")
        if name in headers:
            headers[name] += ", " + value.decode("latin-1")
        else:
            headers[name] = value.decode("latin-1")
    return headers

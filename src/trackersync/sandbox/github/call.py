"""One request to the GitHub stand-in, and the ways GitHub words a refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl
from uuid import uuid4

import msgspec
from starlette.responses import Response

from trackersync.sandbox import moments
from trackersync.sandbox.tokens import bearer_of, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from trackersync.sandbox.github.model import GitHub

DOCS: Final = "https://docs.github.com/rest"
VERSIONS: Final = ("2022-11-28", "2026-03-10")


class RefusalError(Exception):
    """An answer other than the one asked for, worded as GitHub words it."""

    def __init__(self, status: int, message: str, **members: Any) -> None:  # noqa: ANN401  # JSON
        super().__init__(message)
        self.status = status
        self.headers: dict[str, str] = {}
        self.body = {"message": message, **members, "documentation_url": DOCS, "status": str(status)}


def not_found() -> RefusalError:
    """Say 404, which GitHub also says of what the caller may not see."""
    return RefusalError(404, "Not Found")


def invalid(field: str, *, value: object = None, code: str = "invalid", resource: str = "Issue") -> RefusalError:
    """Say 422 and name the field that is wrong."""
    fault: dict[str, Any] = {"resource": resource, "field": field, "code": code}
    if value is not None:
        fault["value"] = value
    return RefusalError(422, "Validation Failed", errors=[fault])


@dataclass(frozen=True, slots=True)
class Call:
    """What a route needs to know of a request."""

    model: GitHub
    method: str
    path: str
    base: str
    version: str
    params: Mapping[str, Any]
    query: Mapping[str, str]
    raw_query: str
    body: Any
    may_push: bool
    authorization: str = ""

    def fields(self) -> dict[str, Any]:
        """Return the body as an object, or refuse as GitHub refuses other JSON."""
        if not isinstance(self.body, dict):
            raise RefusalError(422, "Invalid request.\n\nFor 'links/0/schema', nil is not an object.")
        return self.body


async def read(request: Request, model: GitHub) -> Call:
    """Read a request, or refuse what is no JSON."""
    raw = await request.body()
    body: Any = None
    if raw:
        try:
            body = msgspec.json.decode(raw)
        except msgspec.DecodeError as trouble:
            raise RefusalError(400, "Problems parsing JSON") from trouble
    version = request.headers.get("x-github-api-version", VERSIONS[0])
    if version not in VERSIONS:
        raise RefusalError(400, f"API version {version!r} is not supported")
    return Call(
        model=model,
        method=request.method,
        path=request.url.path,
        base=str(request.base_url).rstrip("/"),
        version=version,
        params=request.path_params,
        query=dict(parse_qsl(request.url.query, keep_blank_values=True)),
        raw_query=request.url.query,
        body=body,
        may_push=model.push and not request.scope.get("sandbox.powerless", False),
        authorization=request.headers.get("authorization", ""),
    )


_PUBLIC: Final = re.compile(
    r"/(repos/[^/]+/[^/]+|repositories/\d+)"
    r"(/(issues|labels|milestones|assignees|releases|pulls|deployments|contents|commits|compare)(/.*)?)?"
    r"|/orgs/[^/]+/repos|/users/[^/]+(/repos)?|/rate_limit"
)
"""What GitHub shows of public repositories to whoever asks."""


def check_token(request: Request) -> None:
    """Refuse a bad token, and a caller without one but for reading what is public."""
    token = bearer_of(request.headers.get("authorization", ""))
    public = request.method == "GET" and _PUBLIC.fullmatch(request.url.path)
    if not token and not public:
        raise RefusalError(401, "Requires authentication")
    if refused(token):
        raise RefusalError(401, "Bad credentials")


def count(model: GitHub, authorization: str) -> dict[str, int]:
    """Return what is left of a caller's hour: a token's, or that of all who ask without one."""
    now = moments.seconds(model.clock())
    if bearer_of(authorization):
        limit, used = model.hourly, len(model.requests) % model.hourly
    else:
        limit, used = model.hub.unsigned_hourly, model.hub.unsigned.get(now // 3600, 0)
    return {"limit": limit, "remaining": limit - used, "used": used, "reset": now - now % 3600 + 3600}


def respond(request: Request, model: GitHub, status: int, body: Any, headers: Mapping[str, str]) -> Response:  # noqa: ANN401
    """Put an answer into bytes, with GitHub's headers, an ETag, and 304 where the caller has it already."""
    raw = b"" if body is None else msgspec.json.encode(body)
    sent = {
        "x-github-request-id": uuid4().hex[:20].upper(),
        "x-github-media-type": "github.v3; format=json",
        "x-github-api-version-selected": request.headers.get("x-github-api-version", VERSIONS[0]),
        "x-accepted-github-permissions": "issues=read" if request.method == "GET" else "issues=write",
        **headers,
    }
    if request.method == "GET" and status == 200:
        # The token belongs to the tag: two callers never share an answer.
        key = request.headers.get("authorization", "").encode() + raw + headers.get("link", "").encode()
        sent["etag"] = f'W/"{blake2b(key, digest_size=32).hexdigest()}"'
        sent["cache-control"] = "private, max-age=60, s-maxage=60"
        if request.headers.get("if-none-match") == sent["etag"]:
            status, raw = 304, b""
    counts = count(model, request.headers.get("authorization", ""))
    sent |= {f"x-ratelimit-{name}": str(number) for name, number in counts.items()}
    sent["x-ratelimit-resource"] = "core"
    if model.token_expires is not None:
        sent["github-authentication-token-expiration"] = model.token_expires.strftime("%Y-%m-%d %H:%M:%S UTC")
    kind = "application/json; charset=utf-8" if raw else None
    return Response(raw, status, headers=sent, media_type=kind)

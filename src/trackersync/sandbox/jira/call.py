"""One request to the Jira stand-in, and the ways Jira words a refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from trackersync.sandbox.jira.model import BOT
from trackersync.sandbox.jira.render import FIELDS, Renderer
from trackersync.sandbox.tokens import basic_of, bearer_of, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from trackersync.sandbox.jira.model import Issue, Jira


class RefusalError(Exception):
    """An answer other than the one asked for, worded as Jira words it."""

    def __init__(
        self,
        status: int,
        *messages: str,
        errors: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(*messages)
        self.status = status
        self.headers = dict(headers or {})
        self.body = {"errorMessages": list(messages), "errors": dict(errors or {})}


def no_issue() -> RefusalError:
    """Say 404, which Jira also says of what the caller may not see."""
    return RefusalError(404, "Issue does not exist or you do not have permission to see it.")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON of an answer."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """What a route needs to know of a request."""

    model: Jira
    method: str
    base: str
    version: str
    params: Mapping[str, Any]
    query: Mapping[str, str]
    body: Any
    anonymous: bool
    cloud: bool
    path: str
    render: Renderer

    @property
    def blind(self) -> bool:
        """Say whether the caller is shown no issue and no project: somebody unknown, or one who may not browse."""
        return (self.anonymous and not self.model.premises.public) or not self.model.may_browse

    def fields(self) -> dict[str, Any]:
        """Return the body as an object, or refuse as Jira refuses other JSON."""
        if not isinstance(self.body, dict):
            raise RefusalError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        return self.body

    def issue(self) -> Issue:
        """Return the issue named in the path, by key or id."""
        if self.blind:
            raise no_issue()
        try:
            return self.model.issue(str(self.params["issue"]))
        except KeyError:
            raise no_issue() from None

    def wanted(self, asked: object, default: str) -> list[str]:
        """Return the fields asked for, as a list or a text with commas; ``*all``, ``*navigable``, ``-name`` count."""
        names = [name.strip() for name in asked.split(",")] if isinstance(asked, str) else asked
        if not names:
            names = [default]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise RefusalError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        taken = [] if any(not name.startswith("-") for name in names) else list(FIELDS)
        for name in names:
            if name.startswith("*"):
                taken += [known for known in FIELDS if name == "*all" or known != "description"]
            elif not name.startswith("-"):
                taken.append(name)
        dropped = {name[1:] for name in names if name.startswith("-")}
        return [name for name in dict.fromkeys(taken) if name not in dropped]

    def number(self, name: str, default: int, source: Mapping[str, Any] | None = None) -> int:
        """Return a whole number of the query or body that is not negative."""
        value = (self.query if source is None else source).get(name, default)
        if isinstance(value, bool) or not str(value).isdecimal():
            raise RefusalError(400, f"The value '{value}' is no number for '{name}'.")
        return int(value)


async def read(request: Request, model: Jira, version: str) -> Call:
    """Read a request, or refuse what is no JSON or whose credentials are refused."""
    header = request.headers.get("authorization", "")
    token, basic = bearer_of(header), basic_of(header)
    if header and (not token or refused(token) or (basic is not None and not basic.name)):
        raise RefusalError(401, "Client must be authenticated to access this resource.")
    raw = await request.body()
    try:
        body = msgspec.json.decode(raw) if raw else None
    except msgspec.DecodeError as trouble:
        raise RefusalError(400, "There was an error parsing JSON. Check that your request body is valid.") from trouble
    # Below a prefix, its own links lie there too.
    base = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    cloud = "site" in request.path_params or (basic is not None and "@" in basic.name)
    if not header:
        cloud = model.premises.public != "data center"
    return Call(
        model=model,
        method=request.method,
        base=base,
        version=version,
        params=request.path_params,
        query=_query(request),
        body=body,
        anonymous=not header,
        cloud=cloud,
        path=request.url.path,
        render=Renderer(model, base, version, cloud=cloud),
    )


def _query(request: Request) -> dict[str, str]:
    """Return the parameters; one that is repeated is the list that its commas would be."""
    joined: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def account(call: Call) -> str:
    """Return the account that the caller acts as, which is the bot; somebody unknown acts as nobody."""
    if call.anonymous:
        raise RefusalError(401, "Client must be authenticated to access this resource.")
    return BOT


def respond(answer: Answer) -> Response:
    """Put an answer into bytes."""
    raw = b"" if answer.body is None else msgspec.json.encode(answer.body)
    kind = "application/json;charset=UTF-8" if raw else None
    headers = {"x-arequestid": "sandbox", "cache-control": "no-cache, no-store, no-transform", **answer.headers}
    return Response(raw, answer.status, headers=headers, media_type=kind)

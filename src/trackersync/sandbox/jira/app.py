"""Jira's paths over one model, as an ASGI application that is Cloud and Data Center at once.

Which of the two a caller meets is told by his credentials: Basic with an e-mail address is Cloud's custom, a bearer
token or a plain user name is Data Center's. Cloud's own search is closed to the one, Data Center's to the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from trackersync.sandbox.faults import Front
from trackersync.sandbox.jira import (
    catalogue,
    changelog,
    editing,
    gateway,
    hook_routes,
    links,
    listing,
    routes,
    searching,
    tokens,
    transitions,
    workflows,
)
from trackersync.sandbox.jira.call import Answer, RefusalError, read, respond
from trackersync.sandbox.jira.limits import Limiting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from trackersync.sandbox.jira.call import Call
    from trackersync.sandbox.jira.model import Jira

_ISSUE = "/issue/{issue}"

_ROUTES: tuple[tuple[str, str, Callable[[Call], Answer]], ...] = (
    ("GET", "/serverInfo", catalogue.server_info),
    ("GET", "/myself", catalogue.myself),
    ("GET", "/search/jql", searching.cloud_search),
    ("POST", "/search/jql", searching.cloud_search),
    ("GET", "/search", searching.data_center_search),
    ("POST", "/search", searching.data_center_search),
    ("POST", "/search/approximate-count", searching.count),
    ("POST", "/issue/bulkfetch", searching.bulk_fetch),
    ("POST", "/issue", routes.create),
    ("GET", _ISSUE, routes.issue),
    ("PUT", _ISSUE, routes.edit),
    ("DELETE", _ISSUE, routes.delete),
    ("GET", _ISSUE + "/transitions", transitions.transitions),
    ("POST", _ISSUE + "/transitions", transitions.transition),
    ("POST", "/workflows", workflows.read),
    ("GET", _ISSUE + "/editmeta", editing.screen),
    ("PUT", _ISSUE + "/assignee", routes.assign),
    ("GET", _ISSUE + "/changelog", changelog.whole),
    ("POST", "/changelog/bulkfetch", changelog.bulk),
    ("GET", _ISSUE + "/remotelink", links.remotes),
    ("POST", _ISSUE + "/remotelink", links.put_remote),
    ("DELETE", _ISSUE + "/remotelink", links.drop_remotes),
    ("GET", _ISSUE + "/remotelink/{link}", links.remote),
    ("DELETE", _ISSUE + "/remotelink/{link}", links.drop_remote),
    ("POST", "/issueLink", links.create),
    ("GET", "/issueLink/{link}", links.show),
    ("DELETE", "/issueLink/{link}", links.delete),
    ("GET", "/issueLinkType", links.types),
    ("GET", "/user", catalogue.user),
    ("GET", "/user/search", catalogue.users),
    ("GET", "/user/assignable/search", catalogue.assignable),
    ("GET", "/project", listing.projects),
    ("GET", "/project/search", listing.project_search),
    ("GET", "/project/{project}", catalogue.project),
    ("GET", "/project/{project}/statuses", catalogue.project_statuses),
    ("GET", "/project/{project}/components", catalogue.components),
    ("GET", "/project/{project}/versions", catalogue.versions),
    ("GET", "/status", catalogue.statuses),
    ("GET", "/statuscategory", catalogue.categories),
    ("GET", "/resolution", catalogue.resolutions),
    ("GET", "/field", catalogue.fields),
    ("GET", "/mypermissions", catalogue.my_permissions),
)

_BESIDES: tuple[tuple[str, Callable[[Call], Answer]], ...] = (
    ("/rest/pat/latest/tokens", tokens.tokens),
    ("/rest/agile/1.0/board", listing.boards),
    ("/rest/agile/1.0/board/{board}/configuration", listing.configuration),
)


def jira_app(model: Jira) -> ASGIApp:
    """Serve a site: the application that ``running`` puts on a port and a test on ``httpx.ASGITransport``."""
    paths = [
        Route(f"/rest/api/{version}{path}", _endpoint(model, route, version), methods=[method])
        for version in ("2", "3", "latest")
        for method, path, route in _ROUTES
    ]
    besides = [*(("GET", path, route) for path, route in _BESIDES), *hook_routes.ROUTES]
    paths += [Route(path, _endpoint(model, route, "2"), methods=[method]) for method, path, route in besides]
    tenant = Route("/_edge/tenant_info", gateway.tenant_info(model))
    # Below the gateway's prefix Cloud takes scoped tokens, and below a context path a server of one's own all.
    prefixed = [Mount(prefix, routes=paths) for prefix in ("/ex/jira/{site}", "/context")]
    app = Starlette(
        routes=[*paths, *prefixed, tenant, Route("/browse/{key}", _page(model))],
        exception_handlers={HTTPException: _unknown_path},
    )
    app.router.redirect_slashes = False
    return Front(Limiting(app, model), model)


def _endpoint(model: Jira, route: Callable[[Call], Answer], version: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            gateway.admit(request, model)
            call = await read(request, model, "2" if version == "latest" else version)
            with model.lock:
                return _told(call, respond(route(call)))
        except RefusalError as refusal:
            return respond(Answer(refusal.status, refusal.body, refusal.headers))

    return answer


def _told(call: Call, response: Response) -> Response:
    """Data Center says beside an answer whom it was given to, if to nobody."""
    if call.anonymous and not call.cloud:
        response.headers["x-ausername"] = "anonymous"
    return response


def _page(model: Jira) -> Callable[[Request], Awaitable[Response]]:
    """Show an issue to a person who follows a link."""

    async def show(request: Request) -> Response:
        try:
            with model.lock:
                issue = model.issue(str(request.path_params["key"]))
        except KeyError:
            return HTMLResponse("<h1>404</h1>", 404)
        user = model.users.get(issue.assignee or "")
        lines = [
            f"{issue.key} {issue.summary}",
            issue.status,
            user.display_name if user else "Unassigned",
            issue.description or "",
        ]
        return Response("\n".join(lines), media_type="text/plain; charset=utf-8")

    return show


async def _unknown_path(request: Request, trouble: Exception) -> Response:
    status: Any = getattr(trouble, "status_code", 404)
    return JSONResponse({"errorMessages": [f"null for uri: {request.url.path}"], "errors": {}}, status)

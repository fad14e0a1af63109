"""GitHub's paths over one model, as an ASGI application.

Web and API share one address: ``html_url`` is ``BASE/OWNER/NAME/issues/N`` and ``url`` is
``BASE/repos/OWNER/NAME/issues/N``, so that links between trackers can be told from calls to the API, as on the real
one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from trackersync.sandbox.faults import Front
from trackersync.sandbox.github import (
    account_routes,
    app_routes,
    board_routes,
    code_routes,
    field_routes,
    graph,
    hook_routes,
    render,
    routes,
    tie_routes,
)
from trackersync.sandbox.github.call import DOCS, RefusalError, check_token, read, respond
from trackersync.sandbox.tokens import bearer_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from trackersync.sandbox.github.call import Call
    from trackersync.sandbox.github.model import GitHub
    from trackersync.sandbox.github.routes import Answer

_REPOSITORY = "/repos/{owner}/{repo}"
_BY_ID = "/repositories/{id:int}"
_ISSUE = _REPOSITORY + "/issues/{number:int}"

_ROUTES: tuple[tuple[str, str, Callable[[Call], Answer]], ...] = (
    ("GET", "/users/{login}", routes.profile),
    ("GET", "/rate_limit", routes.rate_limit),
    ("GET", "/meta", routes.meta),
    ("GET", _REPOSITORY, routes.repository),
    ("GET", "/repositories/{id:int}", routes.repository),
    ("GET", _REPOSITORY + "/issues", routes.issues),
    ("GET", "/repositories/{id:int}/issues", routes.issues),
    ("POST", _REPOSITORY + "/issues", routes.create),
    ("GET", _ISSUE, routes.issue),
    ("PATCH", _ISSUE, routes.edit),
    ("GET", _ISSUE + "/labels", routes.issue_labels),
    ("POST", _ISSUE + "/labels", routes.add_labels),
    ("PUT", _ISSUE + "/labels", routes.set_labels),
    ("DELETE", _ISSUE + "/labels", routes.clear_labels),
    ("DELETE", _ISSUE + "/labels/{label:path}", routes.remove_label),
    ("POST", _ISSUE + "/assignees", routes.add_assignees),
    ("DELETE", _ISSUE + "/assignees", routes.remove_assignees),
    ("GET", _ISSUE + "/events", routes.events),
    ("GET", _ISSUE + "/timeline", routes.events),
    ("GET", _REPOSITORY + "/assignees", routes.assignees),
    ("GET", _REPOSITORY + "/assignees/{login}", routes.assignee),
    ("GET", _REPOSITORY + "/labels", routes.labels),
    ("POST", _REPOSITORY + "/labels", routes.create_label),
    ("GET", _REPOSITORY + "/labels/{label:path}", routes.label),
)

_MORE = (
    *account_routes.ROUTES,
    *app_routes.ROUTES,
    *hook_routes.ROUTES,
    *board_routes.ROUTES,
    *code_routes.ROUTES,
    *field_routes.ROUTES,
    *graph.ROUTES,
    *tie_routes.ROUTES,
)


def github_app(model: GitHub, *others: GitHub) -> ASGIApp:
    """Serve one repository or several: what ``running`` puts on a port and a test on ``httpx.ASGITransport``.

    Faults, latency and the log of requests are those of the first one, for all.
    """
    model.hub.join(others)
    served = [*_ROUTES, *_MORE]
    # Where a repository goes by its id: what redirects from its former names lead to.
    served += [
        (m, path.replace(_REPOSITORY, _BY_ID), route) for m, path, route in served if path.startswith(_REPOSITORY)
    ]
    paths = [Route(path, _endpoint(model, route), methods=[method]) for method, path, route in served]
    page = Route("/{owner}/{repo}/{kind}/{number:int}", _page(model), methods=["GET"])
    app = Starlette(routes=[*paths, page], exception_handlers={HTTPException: _unknown_path})
    app.router.redirect_slashes = False
    return Front(app, model)


def _endpoint(model: GitHub, route: Callable[[Call], Answer]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            there = model
            if route not in app_routes.SIGNED:
                if route is not routes.meta:
                    check_token(request)
                there = model.hub.at(request)
                model.hub.admit(bearer_of(request.headers.get("authorization", "")), request, there)
            call = await read(request, there)
            with there.lock:
                answered = route(call)
                return respond(request, model, answered.status, answered.body, answered.headers)
        except RefusalError as refusal:
            return respond(request, model, refusal.status, refusal.body, refusal.headers)

    return answer


def _page(model: GitHub) -> Callable[[Request], Awaitable[Response]]:
    """Show an issue to a person who follows a link."""

    async def show(request: Request) -> Response:
        number = int(request.path_params["number"])
        try:
            there = model.hub.at(request)
        except RefusalError as moved:
            return Response(status_code=moved.status, headers=moved.headers)
        with there.lock:
            item = there.issues.get(number)
        if item is None:
            return HTMLResponse("<h1>404</h1>", 404)
        shown = render.issue(there, item, str(request.base_url).rstrip("/"), render.WITHOUT_ASSIGNEE)
        lines = [
            f"{item.title} #{number}",
            item.state,
            *item.labels,
            *item.assignees,
            shown["created_at"],
            item.body or "",
        ]
        return Response("\n".join(lines), media_type="text/plain; charset=utf-8")

    return show


async def _unknown_path(_: Request, trouble: Exception) -> Response:
    status: Any = getattr(trouble, "status_code", 404)
    # GitHub says 404 of a method that a path does not have.
    status = 404 if status == 405 else status
    return JSONResponse({"message": "Not Found", "documentation_url": DOCS, "status": str(status)}, status)

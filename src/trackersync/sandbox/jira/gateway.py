"""Cloud's gateway for tokens with scopes, and who is let in where.

Sources: Atlassian, "Manage API tokens for your Atlassian account" (tokens with scopes), "Retrieve my Atlassian site's
cloud ID", "Basic auth for REST APIs" (CAPTCHA), "Using personal access tokens". A token that says of itself that it is
``scoped`` is taken below ``/ex/jira/{cloudId}`` only, where everybody meets Cloud. A personal access token is listed in
``Jira.tokens`` by what it reads, and refused once it has expired.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from trackersync.sandbox.jira.call import RefusalError
from trackersync.sandbox.tokens import basic_of, bearer_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from trackersync.sandbox.jira.model import Jira

_DENIED = {
    "x-seraph-loginreason": "AUTHENTICATION_DENIED",
    "x-authentication-denied-reason": "CAPTCHA_CHALLENGE; login-url=/login.jsp",
}


def admit(request: Request, model: Jira) -> None:
    """Let in whoever belongs here, or refuse him in the words of the place; what a token is worth is told elsewhere."""
    header = request.headers.get("authorization", "")
    token, site = bearer_of(header), request.path_params.get("site")
    if site is not None and site != model.cloud_id:
        raise RefusalError(404, f"No site {site} is known here.")
    if "scoped" in token and site is None:
        raise RefusalError(401, "Client must be authenticated to access this resource.")
    basic = basic_of(header)
    if basic is not None and model.captcha:
        raise RefusalError(403, "Login denied.", headers=_DENIED)
    expiring = model.tokens.get(token)
    if basic is None and expiring is not None and expiring <= model.clock():
        raise RefusalError(401, "Client must be authenticated to access this resource.")


def tenant_info(model: Jira) -> Callable[[Request], Awaitable[Response]]:
    """Tell anybody what the site is called at the gateway."""

    async def tell(request: Request) -> Response:
        del request
        return JSONResponse({"cloudId": model.cloud_id})

    return tell

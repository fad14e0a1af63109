"""What a GitHub App asks as itself, signed with its key: where it is installed, and for tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.github import render
from trackersync.sandbox.github.call import RefusalError, not_found
from trackersync.sandbox.github.routes import Answer
from trackersync.sandbox.tokens import bearer_of

if TYPE_CHECKING:
    from trackersync.sandbox.github.call import Call
    from trackersync.sandbox.github.hub import App, Installation


def about(call: Call) -> Answer:
    """Show the App."""
    app = _signed(call)
    body = {
        "id": app.id,
        "node_id": render.node_id("A", app.id),
        "client_id": app.client_id,
        "slug": app.slug,
        "name": app.slug,
        "owner": render.user(call.model, call.model.owner, call.base) | {"type": call.model.hub.kind(call.model.owner)},
        "description": None,
        "external_url": call.base,
        "html_url": f"{call.base}/apps/{app.slug}",
        "permissions": {"issues": "write", "metadata": "read"},
        "events": [],
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }
    return Answer(200, body)


def installation(call: Call) -> Answer:
    """Show one installation."""
    app = _signed(call)
    return Answer(200, _shown(call, app, _found(app, call.params["installation"])))


def of_owner(call: Call) -> Answer:
    """Show the installation of an organisation or a user; each by its own path."""
    app = _signed(call)
    owner = (call.params.get("org") or call.params["login"]).casefold()
    if (owner in call.model.hub.users) == ("org" in call.params):
        raise not_found()
    return Answer(200, _shown(call, app, _of(app, owner)))


def of_repository(call: Call) -> Answer:
    """Show the installation that has a repository."""
    app = _signed(call)
    name = f"{call.params['owner']}/{call.params['repo']}".casefold()
    if name not in {model.repository.casefold() for model in call.model.hub.models}:
        raise not_found()
    found = _of(app, call.params["owner"].casefold())
    if found.repositories is not None and name not in found.repositories:
        raise not_found()
    return Answer(200, _shown(call, app, found))


def token(call: Call) -> Answer:
    """Give out a token for an installation."""
    app = _signed(call)
    found = _found(app, call.params["installation"])
    if found.suspended:
        raise RefusalError(403, "This installation has been suspended")
    value, expires = call.model.hub.give(found)
    body = {
        "token": value,
        "expires_at": moments.github(moments.seconds(expires)),
        "permissions": dict(found.permissions),
        "repository_selection": "all" if found.repositories is None else "selected",
    }
    return Answer(201, body)


def _signed(call: Call) -> App:
    app = call.model.hub.app
    if app is None:
        raise not_found()
    app.check(bearer_of(call.authorization))
    return app


def _found(app: App, number: int) -> Installation:
    if number not in app.installations:
        raise not_found()
    return app.installations[number]


def _of(app: App, owner: str) -> Installation:
    found = next((one for one in app.installations.values() if one.account.casefold() == owner), None)
    if found is None:
        raise not_found()
    return found


def _shown(call: Call, app: App, found: Installation) -> dict[str, Any]:
    url = f"{call.base}/app/installations/{found.id}"
    kind = call.model.hub.kind(found.account)
    return {
        "id": found.id,
        "account": render.user(call.model, found.account, call.base) | {"type": kind},
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{call.base}/installation/repositories",
        "html_url": f"{call.base}/organizations/{found.account}/settings/installations/{found.id}",
        "app_id": app.id,
        "client_id": app.client_id,
        "target_id": call.model.account(found.account),
        "target_type": kind,
        "permissions": dict(found.permissions),
        "events": [],
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "single_file_name": None,
        "repository_selection": "all" if found.repositories is None else "selected",
        "app_slug": app.slug,
        "suspended_at": "2026-02-01T00:00:00Z" if found.suspended else None,
        "suspended_by": None,
    }


_ONE: Final = "/app/installations/{installation:int}"
ROUTES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("GET", "/app", about),
    ("GET", _ONE, installation),
    ("POST", _ONE + "/access_tokens", token),
    ("GET", "/orgs/{org}/installation", of_owner),
    ("GET", "/users/{login}/installation", of_owner),
    ("GET", "/repos/{owner}/{repo}/installation", of_repository),
)
SIGNED: Final = frozenset(route for _, _, route in ROUTES)
"""Asked with a JWT, which is no token."""

"""Who the caller is, and which repositories there are: of an organisation, of a user, of an installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from trackersync.sandbox.github import render
from trackersync.sandbox.github.call import RefusalError, not_found
from trackersync.sandbox.github.listing import page_number, page_size
from trackersync.sandbox.github.model import BOT
from trackersync.sandbox.github.routes import Answer, as_seen
from trackersync.sandbox.tokens import bearer_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trackersync.sandbox.github.call import Call
    from trackersync.sandbox.github.model import GitHub
    from trackersync.sandbox.github.rights import Credential

_PAGING: Final = frozenset({"per_page", "page"})
_OWNER: Final = frozenset({"owner"})
_AFFILIATIONS: Final = frozenset({"owner", "collaborator", "organization_member"})
_CHOICES: Final = {
    "sort": frozenset({"created"}),
    "direction": frozenset({"asc", "desc"}),
    "type": frozenset({"all", "owner"}),
}
_SORTED: Final = frozenset({"type", "sort", "direction"})


def me(call: Call) -> Answer:
    """Say who the token is, and of a classic one what it may do."""
    known = _known(call)
    headers = {}
    if known is not None and known.scopes is not None:
        headers["x-oauth-scopes"] = ", ".join(sorted(known.scopes))
    return Answer(200, render.profile(call.model, known.login if known else BOT, call.base), headers)


def of_organization(call: Call) -> Answer:
    """List an organisation's repositories; 404 where it is none, or a user."""
    _strict(call, _SORTED)
    owner = call.params["org"].casefold()
    if owner in call.model.hub.users or owner not in {model.owner.casefold() for model in call.model.hub.models}:
        raise not_found()
    return _listed(call, (model for model in call.model.hub.models if model.owner.casefold() == owner))


def of_user(call: Call) -> Answer:
    """List a user's public repositories; an organisation's as well, since it is an account too."""
    _strict(call, _SORTED)
    owner = call.params["login"].casefold()
    owned = [model for model in call.model.hub.models if model.owner.casefold() == owner]
    if not owned and owner not in {login.casefold() for login in call.model.accounts}:
        raise not_found()
    return _listed(call, (model for model in owned if not model.private))


def of_mine(call: Call) -> Answer:
    """List the repositories of the token's own user: those they own, or with all three affiliations all they see."""
    _strict(call, (_SORTED - {"type"}) | {"affiliation"}, {"sort": frozenset({"created", "pushed"})})
    known = _known(call)
    login = (known.login if known else BOT).casefold()
    asked = frozenset(call.query.get("affiliation", "").split(","))
    if asked not in {_OWNER, _AFFILIATIONS}:
        raise RefusalError(422, "The sandbox lists what the user owns, or all: affiliation=owner, or all three")
    mine = (model for model in call.model.hub.models if asked != _OWNER or model.owner.casefold() == login)
    return _listed(call, mine)


def of_installation(call: Call) -> Answer:
    """List what an App's installation was given; for no other token."""
    _strict(call, frozenset())
    known = _known(call)
    if known is None or known.login:
        raise RefusalError(403, "You must authenticate with an installation access token in order to list repositories")
    given = [
        model
        for model in call.model.hub.models
        if (known.repositories is None or model.repository.casefold() in known.repositories)
        and known.owner in {None, model.owner.casefold()}
    ]
    listed = _listed(call, given)
    body = {"total_count": len(given), "repository_selection": "all", "repositories": listed.body}
    return Answer(200, body, listed.headers)


def _listed(call: Call, models: Iterable[GitHub]) -> Answer:
    """One page, oldest first; the next one by number and with the same question, as the real one pages these lists."""
    known = _known(call)
    pushed = call.query.get("sort") == "pushed"
    rows = [model for model in models if call.model.hub.shows(known, model)]
    rows.sort(key=lambda model: (model.about.pushed if pushed else "", model.repository_id))
    if call.query.get("direction") == "desc":
        rows.reverse()
    size, page = page_size(call.query), page_number(call.query)
    headers = {}
    if page * size < len(rows):
        url = f"{call.base}{call.path}?{urlencode({**call.query, 'page': page + 1})}"
        headers["link"] = f'<{url}>; rel="next"'
    shown = (as_seen(call, render.repository(model, call.base)) for model in rows[(page - 1) * size : page * size])
    return Answer(200, list(shown), headers)


def _known(call: Call) -> Credential | None:
    return call.model.hub.credentials.get(bearer_of(call.authorization))


def _strict(call: Call, known: frozenset[str], more: Mapping[str, frozenset[str]] | None = None) -> None:
    unknown = sorted(set(call.query) - known - _PAGING)
    if unknown:
        raise RefusalError(422, f"The sandbox does not serve the parameter {unknown[0]!r} and will not ignore it")
    for name, choices in {**_CHOICES, **(more or {})}.items():
        if call.query.get(name, next(iter(choices))) not in choices:
            raise RefusalError(422, f"The sandbox does not serve {name}={call.query[name]}")


ROUTES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("GET", "/user", me),
    ("GET", "/user/repos", of_mine),
    ("GET", "/orgs/{org}/repos", of_organization),
    ("GET", "/users/{login}/repos", of_user),
    ("GET", "/installation/repositories", of_installation),
)

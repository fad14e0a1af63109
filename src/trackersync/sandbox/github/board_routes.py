"""Projects (v2) over REST: ``/orgs/{org}/projectsV2`` and ``/users/{user}/projectsV2``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.github import render
from trackersync.sandbox.github.call import RefusalError, invalid, not_found
from trackersync.sandbox.github.listing import page_size
from trackersync.sandbox.github.model import BOT
from trackersync.sandbox.github.routes import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackersync.sandbox.github.boards import Card, Field, Owner, Project
    from trackersync.sandbox.github.call import Call

_KNOWN: Final = frozenset({"fields", "per_page", "after"})


def project(call: Call) -> Answer:
    """Show a project."""
    return Answer(200, _project(call, _found(call)))


def fields(call: Call) -> Answer:
    """List a project's fields."""
    found = _found(call)
    return _paged(call, [(field.id, _field(call, found, field)) for field in found.fields])


def items(call: Call) -> Answer:
    """List the cards of a board, with the fields that were asked for."""
    found = _found(call)
    cards = [c for c in found.cards.values() if c.archived is None or call.model.boards.lists_archived]
    return _paged(call, [(card.id, _item(call, found, card)) for card in cards])


def item(call: Call) -> Answer:
    """Show one card."""
    found = _found(call)
    return Answer(200, _item(call, found, _card(call, found)))


def add(call: Call) -> Answer:
    """Place an issue on the board; one that is there already stays where it is."""
    found, asked = _found(call), call.fields()
    if asked.get("type") not in {"Issue", "PullRequest"}:
        raise invalid("type", value=asked.get("type"), resource="ProjectV2Item")
    if isinstance(asked.get("id"), int):
        place = next(
            ((hub.repository, n) for hub in call.model.boards.hubs for n in _numbered(hub, asked["id"])), ("", 0)
        )
    else:
        place = (f"{asked.get('owner')}/{asked.get('repo')}", int(asked.get("number", 0)))
    if call.model.boards.issue(*place) is None:
        raise not_found()
    shown = _item(call, found, found.put(place[1], repository=place[0]))
    # GitHub's description of this answer takes every issue for a draft as well, so what it stands for is left out.
    return Answer(201, {name: value for name, value in shown.items() if name not in {"fields", "content"}})


def edit(call: Call) -> Answer:
    """Choose options of a card's fields; null takes the choice away."""
    found = _found(call)
    card = _card(call, found)
    asked = call.fields().get("fields")
    if not isinstance(asked, list):
        raise invalid("fields", code="missing_field", resource="ProjectV2Item")
    for entry in asked:
        field = next((one for one in found.fields if one.id == entry.get("id")), None)
        option = entry.get("value")
        if field is None or field.options is None or (option is not None and option not in field.options):
            raise invalid("fields", value=entry, resource="ProjectV2Item")
        # No vendor drops it in silence; a proxy that answers for one might.
        card = found.choose(card, field, option) if call.may_push else card
    return Answer(200, _item(call, found, card))


def _numbered(hub: Any, database_id: int) -> list[int]:  # noqa: ANN401  # a repository; the type would be a circle
    number = database_id - render.issue_id(hub, 0)
    return [number] if number in hub.issues else []


def _found(call: Call) -> Project:
    boards = call.model.boards
    kind: Owner = "organization" if "org" in call.params else "user"
    owner = call.params["org" if kind == "organization" else "user"]
    found = boards.find(kind, owner, call.params["project"])
    if not boards.rest:
        raise not_found()
    if not boards.readable:
        raise RefusalError(403, "Resource not accessible by integration")
    if found is None:
        raise not_found()
    if call.method != "GET" and not boards.writable:
        raise RefusalError(403, "Resource not accessible by personal access token")
    return found


def _card(call: Call, found: Project) -> Card:
    card = found.cards.get(call.params["item"])
    if card is None:
        raise not_found()
    return card


def _address(call: Call, found: Project) -> str:
    owners = "orgs" if found.kind == "organization" else "users"
    return f"{call.base}/{owners}/{found.owner}/projectsV2/{found.number}"


def _project(call: Call, found: Project) -> dict[str, Any]:
    owner = render.user(call.model, found.owner, call.base)
    return {
        "id": found.id,
        "node_id": render.node_id("PVT", found.id),
        "owner": owner | {"type": "Organization" if found.kind == "organization" else "User"},
        "creator": owner,
        "title": f"Board {found.number}",
        "description": None,
        "public": False,
        "closed_at": None,
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "number": found.number,
        "short_description": None,
        "deleted_at": None,
        "deleted_by": None,
        "state": "open",
    }


def _text(words: str) -> dict[str, str]:
    return {"raw": words, "html": words}


def _option(key: str, name: str) -> dict[str, Any]:
    return {"id": key, "name": _text(name), "color": "GRAY", "description": _text("")}


def _field(call: Call, found: Project, field: Field) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": field.id,
        "node_id": render.node_id("PVTSSF" if field.options else "PVTF", field.id),
        "project_url": _address(call, found),
        "name": field.name,
        "data_type": "single_select" if field.options else "title" if field.name == "Title" else "text",
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
    }
    if field.options:
        shown["options"] = [_option(key, name) for key, name in field.options.items()]
    return shown


def _item(call: Call, found: Project, card: Card) -> dict[str, Any]:
    address = _address(call, found)
    return {
        "id": card.id,
        "node_id": render.node_id("PVTI", card.id),
        "project_url": address,
        "item_url": f"{address}/items/{card.id}",
        "content": _content(call, card),
        "content_type": "DraftIssue" if card.draft else "PullRequest" if card.pull else "Issue",
        "creator": render.user(call.model, BOT, call.base),
        "created_at": moments.github(card.created),
        "updated_at": moments.github(card.updated),
        "archived_at": None if card.archived is None else moments.github(card.archived),
        "fields": _values(call, found, card),
    }


def _content(call: Call, card: Card) -> dict[str, Any] | None:
    there = call.model.boards.issue(card.repository, card.number)
    if card.hidden or there is None:
        return None
    shown = render.issue(there[0], there[1], call.base, call.version)
    return shown | {"url": f"{call.base}/repos/{card.repository}/pulls/{card.number}"} if card.pull else shown


def _values(call: Call, found: Project, card: Card) -> list[dict[str, Any]]:
    wanted = {int(one) for one in call.query.get("fields", "").split(",") if one.isdecimal()}
    rows = []
    for field in found.fields:
        asked = field.id in wanted if wanted else field.name == "Title"
        chosen = card.values.get(field.id)
        if not asked or (chosen is None and field.options and not call.model.boards.shows_unset):
            continue
        value: Any = _text(str(card.number))
        if field.options:
            value = None if chosen is None else _option(chosen, field.options[chosen])
        kind = "single_select" if field.options else "title"
        rows.append({"id": field.id, "name": field.name, "data_type": kind, "value": value})
    return rows


def _paged(call: Call, rows: list[tuple[int, dict[str, Any]]]) -> Answer:
    unknown = sorted(set(call.query) - _KNOWN)
    if unknown:
        raise RefusalError(422, f"The sandbox does not serve the parameter {unknown[0]!r} and will not ignore it")
    size, after = page_size(call.query), int(call.query.get("after") or 0)
    left = [row for row in rows if row[0] > after]
    headers = {}
    if len(left) > size:
        query = f"per_page={size}&after={left[size - 1][0]}"
        query += f"&fields={call.query['fields']}" if "fields" in call.query else ""
        headers["link"] = f'<{call.base}{call.path}?{query}>; rel="next"'
    return Answer(200, [row for _, row in left[:size]], headers)


def _routes() -> tuple[tuple[str, str, Callable[[Call], Answer]], ...]:
    rows: list[tuple[str, str, Callable[[Call], Answer]]] = []
    for owner in ("/orgs/{org}", "/users/{user}"):
        board = owner + "/projectsV2/{project:int}"
        rows += [
            ("GET", board, project),
            ("GET", board + "/fields", fields),
            ("GET", board + "/items", items),
            ("POST", board + "/items", add),
            ("GET", board + "/items/{item:int}", item),
            ("PATCH", board + "/items/{item:int}", edit),
        ]
    return tuple(rows)


ROUTES: Final = _routes()

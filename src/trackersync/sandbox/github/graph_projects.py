"""The part of GitHub's GraphQL schema that shows and moves the cards of projects (v2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.github import render
from trackersync.sandbox.github.graph import GraphRefusalError, Node, Part, connection, node_of
from trackersync.sandbox.github.graph_core import issue_node
from trackersync.sandbox.github.graph_projects_sdl import SDL
from trackersync.sandbox.github.rights import Credential
from trackersync.sandbox.tokens import bearer_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackersync.sandbox.github.boards import Card, Field, Owner, Project
    from trackersync.sandbox.github.call import Call
    from trackersync.sandbox.github.graph import Resolver


def _owner(kind: Owner, name: str) -> Any:  # noqa: ANN401  # a resolver
    def resolve(_: object, call: Call, login: str) -> Node:
        owners = {p.owner.casefold() for p in call.model.boards.projects if p.kind == kind}
        if kind == "organization":
            owners |= {hub.owner.casefold() for hub in call.model.boards.hubs}
        if login.casefold() not in owners:
            raise GraphRefusalError("NOT_FOUND", f"Could not resolve to {name} with the login of '{login}'.")
        return _owning(kind, login)

    return resolve


def _owning(kind: Owner, login: str) -> Node:
    return Node("Organization" if kind == "organization" else "User", login, kind)


def _repository_owner(_: object, call: Call, login: str) -> Node | None:
    """Whoever has repositories here; null for somebody unknown."""
    hub = call.model.hub
    if login.casefold() not in {model.owner.casefold() for model in hub.models}:
        return None
    return _owning("organization" if hub.kind(login) == "Organization" else "user", login)


def _projects_of(source: Node, call: Call, **page: Any) -> Any:  # noqa: ANN401  # a connection
    _readable(call)
    boards = call.model.boards.projects
    if source.type == "Repository":
        found = [one for one in boards if source.value.repository.casefold() in one.linked]
    else:
        owner = source.value.casefold()
        found = [one for one in boards if (one.kind, one.owner.casefold()) == (source.of, owner)]
    return connection([Node("ProjectV2", one) for one in found], page.get("first"), page.get("after"))


def _project_of(source: Node, call: Call, number: int) -> Node:
    _readable(call)
    found = call.model.boards.find(source.of, source.value, number)
    if found is None:
        raise GraphRefusalError("NOT_FOUND", f"Could not resolve to a ProjectV2 with the number {number}.")
    return Node("ProjectV2", found)


def _readable(call: Call) -> None:
    known = call.model.hub.credentials.get(bearer_of(call.authorization), Credential())
    if known.permissions is not None and "organization_projects" not in known.permissions:
        raise GraphRefusalError("FORBIDDEN", "Resource not accessible by integration")
    unscoped = known.scopes is not None and known.scopes.isdisjoint({"project", "read:project"})
    if unscoped or not call.model.boards.readable:
        raise GraphRefusalError(
            "INSUFFICIENT_SCOPES",
            "Your token has not been granted the required scopes to execute this query. The 'projectV2' field requires "
            "one of the following scopes: ['read:project'].",
        )


def _fields(source: Node, _: Call, **page: Any) -> Any:  # noqa: ANN401  # a connection
    return connection([_field(source.value, one) for one in source.value.fields], page.get("first"), page.get("after"))


def _field_named(source: Node, _: Call, name: str) -> Node | None:
    return next((_field(source.value, one) for one in source.value.fields if one.name == name), None)


def _field(project: Project, field: Field) -> Node:
    return Node("ProjectV2SingleSelectField" if field.options else "ProjectV2Field", field, project)


def _items(source: Node, call: Call, **page: Any) -> Any:  # noqa: ANN401  # a connection
    project: Project = source.value
    cards = [c for c in project.cards.values() if c.archived is None or call.model.boards.lists_archived]
    return connection([Node("ProjectV2Item", card, project) for card in cards], page.get("first"), page.get("after"))


def _items_of_issue(source: Node, call: Call, **page: Any) -> Any:  # noqa: ANN401  # a connection
    _readable(call)
    cards = [
        Node("ProjectV2Item", card, project)
        for project in call.model.boards.projects
        if (card := project.card(source.value.number, source.of.repository)) is not None
        and (card.archived is None or page["includeArchived"])
    ]
    return connection(cards, page.get("first"), page.get("after"))


def _type(source: Node, _: Call) -> str:
    card: Card = source.value
    if card.hidden:
        return "REDACTED"
    return "DRAFT_ISSUE" if card.draft else "PULL_REQUEST" if card.pull else "ISSUE"


def _content(source: Node, call: Call) -> Any:  # noqa: ANN401  # of a union
    card: Card = source.value
    if card.draft:
        return Node("DraftIssue", {"id": render.node_id("DI", card.id), "title": "A draft"})
    there = call.model.boards.issue(card.repository, card.number)
    return None if card.hidden or there is None else issue_node(there[0], card.number)


def _value(source: Node, _: Call, name: str) -> dict[str, Any] | None:
    card: Card = source.value
    field = next((one for one in source.of.fields if one.name == name), None)
    if field is None or field.id not in card.values:
        return None
    option = card.values[field.id]
    return {
        "__typename": "ProjectV2ItemFieldSingleSelectValue",
        "id": render.node_id("PVTFSV", card.id),
        "name": field.options[option],
        "optionId": option,
        "updatedAt": moments.github(card.updated),
    }


def _add(_: object, call: Call, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401  # `input`, which is no name here
    asked = arguments["input"]
    project, content = _writable(call, asked["projectId"]), node_of(call, asked["contentId"])
    card = project.put(content.value.number, repository=content.of.repository)
    return {"item": Node("ProjectV2Item", card, project)}


def _choose(_: object, call: Call, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401  # `input`
    asked = arguments["input"]
    option = asked["value"].get("singleSelectOptionId") if "value" in asked else None
    project, card = _writable(call, asked["projectId"]), node_of(call, asked["itemId"]).value
    field = node_of(call, asked["fieldId"]).value
    if "value" in asked and option not in (field.options or {}):
        raise GraphRefusalError("UNPROCESSABLE", "The single select option Id does not belong to the field")
    # No vendor drops it in silence; a proxy that answers for one might.
    card = project.choose(card, field, option) if call.may_push else card
    return {"projectV2Item": Node("ProjectV2Item", card, project)}


def _writable(call: Call, identity: str) -> Project:
    project: Project = node_of(call, identity).value
    if not call.model.boards.writable:
        raise GraphRefusalError("FORBIDDEN", "Resource not accessible by personal access token")
    return project


def _project_by_id(call: Call, number: int) -> Node | None:
    _readable(call)
    return next((Node("ProjectV2", one) for one in call.model.boards.projects if one.id == number), None)


def _card_by_id(call: Call, number: int) -> Node | None:
    _readable(call)
    found = ((p.cards[number], p) for p in call.model.boards.projects if number in p.cards)
    return next((Node("ProjectV2Item", card, project) for card, project in found), None)


def _field_by_id(call: Call, number: int) -> Node | None:
    found = ((f, p) for p in call.model.boards.projects for f in p.fields if f.id == number)
    return next((_field(project, field) for field, project in found), None)


_PROJECT_FIELD: Final[Mapping[str, Resolver]] = {
    "id": lambda one, _: render.node_id("PVTSSF" if one.value.options else "PVTF", one.value.id),
    "name": lambda one, _: one.value.name,
    "dataType": lambda one, _: "SINGLE_SELECT" if one.value.options else "TEXT",
}
_LOGIN: Final[Mapping[str, Resolver]] = {
    "id": lambda one, call: render.node_id("U", call.model.account(one.value)),
    "login": lambda one, _: one.value,
    "projectV2": _project_of,
    "projectsV2": _projects_of,
}

PART: Final = Part(
    SDL,
    {
        "Query": {
            "organization": _owner("organization", "an Organization"),
            "user": _owner("user", "a User"),
            "repositoryOwner": _repository_owner,
        },
        "Repository": {"projectsV2": _projects_of},
        "Organization": _LOGIN,
        "User": _LOGIN,
        "ProjectV2": {
            "id": lambda one, _: render.node_id("PVT", one.value.id),
            "number": lambda one, _: one.value.number,
            "owner": lambda one, _: _owning(one.value.kind, one.value.owner),
            "title": lambda one, _: one.value.title,
            "closed": lambda one, _: one.value.closed,
            "field": _field_named,
            "fields": _fields,
            "items": _items,
        },
        "ProjectV2Field": _PROJECT_FIELD,
        "ProjectV2SingleSelectField": {
            **_PROJECT_FIELD,
            "options": lambda one, _, **__: [{"id": key, "name": name} for key, name in one.value.options.items()],
        },
        "ProjectV2Item": {
            "id": lambda one, _: render.node_id("PVTI", one.value.id),
            "fullDatabaseId": lambda one, _: str(one.value.id),
            "type": _type,
            "isArchived": lambda one, _: one.value.archived is not None,
            "updatedAt": lambda one, _: moments.github(one.value.updated),
            "project": lambda one, _: Node("ProjectV2", one.of),
            "content": _content,
            "fieldValueByName": _value,
        },
        "DraftIssue": {"id": lambda one, _: one.value["id"], "title": lambda one, _: one.value["title"]},
        "Issue": {"projectItems": _items_of_issue},
        "PullRequest": {"projectItems": _items_of_issue},
        "Mutation": {
            "addProjectV2ItemById": _add,
            "updateProjectV2ItemFieldValue": _choose,
            "clearProjectV2ItemFieldValue": _choose,
        },
    },
    {
        "PVT": _project_by_id,
        "PVTI": _card_by_id,
        "PVTSSF": _field_by_id,
        "PVTF": _field_by_id,
    },
)

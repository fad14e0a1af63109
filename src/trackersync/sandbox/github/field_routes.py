"""What of an issue an organisation or a repository defines: its types, fields and milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox.github import render, routes
from trackersync.sandbox.github.call import RefusalError, invalid, not_found
from trackersync.sandbox.github.routes import Answer

if TYPE_CHECKING:
    from trackersync.sandbox.github.boards import IssueField
    from trackersync.sandbox.github.call import Call
    from trackersync.sandbox.github.model import Issue

_VALUES: Final = "/repos/{owner}/{repo}/issues/{number:int}/issue-field-values"


def types(call: Call) -> Answer:
    """List the types of issues; 404 where there are none, as in a user's repositories."""
    routes.check_repository(call)
    if not call.model.issue_types:
        raise not_found()
    return Answer(200, [render.issue_type(call.model, name) for name in call.model.issue_types])


def milestones(call: Call) -> Answer:
    """List the milestones."""
    routes.check_repository(call)
    return routes.paged(call, [render.milestone(call.model, one, call.base) for one in sorted(call.model.milestones)])


def fields(call: Call) -> Answer:
    """List the organisation's fields; 404 where it has none, or the host has no such thing."""
    if call.params["org"].casefold() not in {hub.owner.casefold() for hub in call.model.boards.hubs}:
        raise not_found()
    if not call.model.issue_fields:
        raise not_found()
    return Answer(200, [_field(one) for one in call.model.issue_fields])


def values(call: Call) -> Answer:
    """List what an issue shows in its fields."""
    return _values(call, routes.issue_of(call))


def set_values(call: Call) -> Answer:
    """Set some fields and leave the others; an empty list clears all, as GitHub says."""
    old, asked = routes.issue_of(call), call.fields().get("issue_field_values")
    if not isinstance(asked, list) or len(asked) > 25:
        raise invalid("issue_field_values", value=asked)
    _check_push(call)
    new: dict[int, str] = dict(old.fields) if asked else {}
    for entry in asked:
        known = next((one for one in call.model.issue_fields if one.id == entry.get("field_id")), None)
        if known is None or entry.get("value") not in known.options:
            raise invalid("issue_field_values", value=entry)
        new[known.id] = entry["value"]
    # No vendor drops it in silence; a proxy that answers for one might.
    return _values(call, call.model.edit(old.number, fields=tuple(new.items())) if call.may_push else old)


def clear_value(call: Call) -> Answer:
    """Take one field's value away; 404 where it has none."""
    old = routes.issue_of(call)
    _check_push(call)
    if call.params["field"] not in dict(old.fields):
        raise not_found()
    call.model.edit(old.number, fields=tuple(pair for pair in old.fields if pair[0] != call.params["field"]))
    return Answer(204)


def _check_push(call: Call) -> None:
    """Fields are refused where labels would be dropped in silence."""
    if not call.model.push:
        raise RefusalError(403, "You must have push access to set issue field values")


def _values(call: Call, item: Issue) -> Answer:
    return Answer(200, [render.field_value(call.model, field, option) for field, option in item.fields])


def _field(one: IssueField) -> dict[str, Any]:
    options = [{"id": at, "name": name, "color": "gray", "priority": at} for at, name in enumerate(one.options, 1)]
    return {
        "id": one.id,
        "node_id": render.node_id("IFSS", one.id),
        "name": one.name,
        "description": None,
        "data_type": "single_select",
        "visibility": "all",
        "options": options,
    }


ROUTES: Final = (
    ("GET", "/repos/{owner}/{repo}/issue-types", types),
    ("GET", "/repos/{owner}/{repo}/milestones", milestones),
    ("GET", "/orgs/{org}/issue-fields", fields),
    ("GET", _VALUES, values),
    ("POST", _VALUES, set_values),
    ("DELETE", _VALUES + "/{field:int}", clear_value),
)

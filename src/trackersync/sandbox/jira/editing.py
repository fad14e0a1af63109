"""The edit screen of an issue: what may be edited there, and what is done to fields that hold several users.

Source: Atlassian, "Get edit issue metadata" and "Edit issue" (Jira Cloud platform REST API v3; Data Center's v2 alike).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox.jira import parts
from trackersync.sandbox.jira.call import Answer, Call, RefusalError
from trackersync.sandbox.jira.render import FIELDS

if TYPE_CHECKING:
    from trackersync.sandbox.jira.model import Issue, Jira

_SYSTEM: Final = {"summary": ["set"], "description": ["set"], "labels": ["add", "set", "remove"], "assignee": ["set"]}
_SEVERAL: Final = ["add", "set", "remove"]


def screen(call: Call) -> Answer:
    """Show the fields of an issue that the caller may edit: none without the permission."""
    model = call.model
    found = call.issue()
    if call.anonymous or not model.may_edit or found.status in model.locked:
        return Answer(200, {"fields": {}})
    fields: dict[str, Any] = {}
    for name, operations in _SYSTEM.items():
        schema = {"type": FIELDS[name][1], "system": name} | ({"items": "string"} if name == "labels" else {})
        fields[name] = _shown(name, FIELDS[name][0], schema, operations)
    for name in parts.NAMES:
        fields[name] = _shown(name, FIELDS[name][0], parts.schema(name), _SEVERAL)
        fields[name]["allowedValues"] = parts.offered(call.render, found.project, name)
    for field in model.custom_fields.values():
        operations = _SEVERAL if field.type == "array" else ["set"]
        fields[field.id] = _shown(field.id, field.name, field.schema, operations)
        if field.options:
            fields[field.id]["allowedValues"] = field.allowed
    return Answer(200, {"fields": {name: shown for name, shown in fields.items() if name not in hidden(model)}})


def hidden(model: Jira) -> frozenset[str]:
    """Return the fields that are not on the edit screen; without its permission the assignee is not, either."""
    return model.off_screen | (frozenset() if model.may_assign else frozenset({"assignee"}))


def updated(call: Call, issue: Issue, update: dict[str, Any]) -> dict[str, Any]:
    """Return the custom fields that ``update`` changes, as if each had been set whole."""
    whole: dict[str, Any] = {}
    for name in update.keys() & call.model.custom_fields.keys():
        held = list(issue.custom.get(name) or ())
        for step in update[name]:
            ((verb, value),) = step.items()
            if verb not in _SEVERAL or call.model.custom_fields[name].type != "array":
                raise RefusalError(400, errors={name: f"Field does not support operation '{verb}'"})
            if verb == "set":
                held = list(value)
                continue
            held = [one for one in held if _id(call, one) != _id(call, value)]
            held += [value] if verb == "add" else []
        whole[name] = held
    return whole


def parted(call: Call, issue: Issue, fields: dict[str, Any], update: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the components and fix versions that an edit gives an issue; none where it does not speak of them."""
    now: dict[str, tuple[str, ...]] = {}
    for name in parts.NAMES:
        if name in fields:
            now[name] = tuple(_part(call, issue, name, one) for one in fields[name] or ())
        for step in update.get(name, ()):
            ((verb, value),) = step.items()
            if verb not in _SEVERAL:
                raise RefusalError(400, errors={name: f"Field does not support operation '{verb}'"})
            if verb == "set":
                now[name] = tuple(_part(call, issue, name, one) for one in value)
                continue
            part = _part(call, issue, name, value)
            kept = tuple(one for one in now.get(name, issue.parts.get(name, ())) if one != part)
            now[name] = (*kept, part) if verb == "add" else kept
    return now


def _part(call: Call, issue: Issue, name: str, asked: Any) -> str:  # noqa: ANN401  # JSON
    wanted = asked if isinstance(asked, dict) else {}
    for part in call.model.parts.of(issue.project, name).values():
        if wanted.get("id") == part.id or wanted.get("name") == part.name:
            return part.name
    said = wanted.get("name", wanted.get("id", asked))
    raise RefusalError(400, errors={name: f"{parts.NAMES[name]} name '{said}' is not valid"})


def _shown(key: str, name: str, schema: dict[str, Any], operations: list[str]) -> dict[str, Any]:
    return {"required": key == "summary", "schema": schema, "name": name, "key": key, "hasDefaultValue": False,
            "operations": operations}  # fmt: skip


def _id(call: Call, value: Any) -> object:  # noqa: ANN401  # JSON
    """What tells members apart: a user's id, an option's, or the text itself."""
    if not isinstance(value, dict):
        return value
    return value.get("accountId" if call.cloud else "name", value.get("id", value.get("value")))

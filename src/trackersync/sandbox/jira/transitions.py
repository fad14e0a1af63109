"""An issue's transitions: which are offered, what their screens ask for, and what is refused only once it is sent.

Conditions hide a transition, validators refuse it; a field that is not on its screen is refused, and a required one
must be sent, held by the issue already, or have a default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackersync.sandbox.jira import customs
from trackersync.sandbox.jira.call import Answer, Call, RefusalError, account
from trackersync.sandbox.jira.documents import plain
from trackersync.sandbox.jira.render import FIELDS

if TYPE_CHECKING:
    from trackersync.sandbox.jira.model import Issue
    from trackersync.sandbox.jira.workflow import Transition

JsonObject = dict[str, Any]

_UNREADABLE = "Invalid request payload. Refer to the REST API documentation and try again."


def transitions(call: Call) -> Answer:
    """List the ways out of the issue's present status that the caller may take."""
    found = call.issue()
    only = call.query.get("transitionId")
    fields = "transitions.fields" in call.query.get("expand", "")
    shown = [_shown(call, found, way, fields=fields) for way in _offered(call, found) if only in {None, way.id}]
    return Answer(200, {"expand": "transitions", "transitions": shown})


def transition(call: Call) -> Answer:
    """Take one of those ways."""
    found, by, fields = call.issue(), account(call), _sent(call)
    asked = call.fields().get("transition")
    number = str(asked.get("id", "")) if isinstance(asked, dict) else ""
    way = next((way for way in _offered(call, found) if way.id == number), None)
    if way is None:
        raise RefusalError(
            400,
            f"It seems that you have tried to perform a workflow operation ({number}) that is not valid for the "
            "current state of this issue.",
        )
    changes = _changes(call, found, way, fields)
    if way.validator is not None and not way.validator.holds(found):
        raise RefusalError(400, way.objection)
    if call.model.conflicts > 0:
        call.model.conflicts -= 1
        raise RefusalError(409, "The issue was changed by someone else meanwhile.")
    call.model.transition(found.key, way, by=by, **changes)
    return Answer(204)


def _offered(call: Call, issue: Issue) -> tuple[Transition, ...]:
    workflow = call.model.workflow_of(issue.project, issue.kind)
    return workflow.offered(issue) if call.model.may_transition else ()


def _shown(call: Call, issue: Issue, way: Transition, *, fields: bool) -> JsonObject:
    """Render a transition; its screen only where it was asked for."""
    status = call.model.workflow_of(issue.project, issue.kind).names[way.to]
    shown: JsonObject = {
        "id": way.id,
        "name": way.name,
        "to": call.render.status(status),
        "hasScreen": bool(way.screen),
        "isGlobal": not way.sources,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": way.condition is not None,
        "looped": way.to in way.sources,
    }
    if fields:
        shown["fields"] = {name: _field(call, name, way) for name in way.screen}
    return shown


def _field(call: Call, name: str, way: Transition) -> JsonObject:
    custom = call.model.custom_fields.get(name)
    kind = FIELDS[name][1] if custom is None else ""
    system = {"type": kind, "system": name} | ({"items": "string"} if kind == "array" else {})
    shown: JsonObject = {
        "required": name in way.required,
        "schema": system if custom is None else custom.schema,
        "name": _called(call, name),
        "key": name,
        "hasDefaultValue": name in way.defaults,
        "operations": ["set"],
    }
    allowed = _allowed(call, name)
    return shown if allowed is None else shown | {"allowedValues": allowed}


def _allowed(call: Call, name: str) -> list[Any] | None:
    """What a field offers; None for one that takes what people write."""
    custom = call.model.custom_fields.get(name)
    if custom is not None:
        return custom.allowed if "option" in {custom.type, custom.items} else None
    if name == "resolution":
        return [call.render.named("resolution", call.model.resolutions, known) for known in call.model.resolutions]
    return None


def _default(call: Call, name: str) -> Any:  # noqa: ANN401  # JSON
    """What Jira fills in by itself: the first that is on offer."""
    first = (_allowed(call, name) or [""])[0]
    custom = call.model.custom_fields.get(name)
    return [first] if custom is not None and custom.type == "array" else first


def _called(call: Call, name: str) -> str:
    custom = call.model.custom_fields.get(name)
    return FIELDS[name][0] if custom is None else custom.name


def _sent(call: Call) -> dict[str, Any]:
    """The fields of a request, whether they are set or updated."""
    fields, update = (call.fields().get(name) or {} for name in ("fields", "update"))
    if not isinstance(fields, dict) or not isinstance(update, dict):
        raise RefusalError(400, _UNREADABLE)
    if twice := set(fields) & set(update):
        errors = {name: f"Field '{name}' cannot appear in both 'fields' and 'update'" for name in twice}
        raise RefusalError(400, errors=errors)
    sets = {}
    for name, steps in update.items():
        if not isinstance(steps, list) or len(steps) != 1 or not isinstance(steps[0], dict) or "set" not in steps[0]:
            raise RefusalError(400, _UNREADABLE)
        sets[name] = steps[0]["set"]
    return fields | sets


def _changes(call: Call, issue: Issue, way: Transition, fields: dict[str, Any]) -> dict[str, Any]:
    """What the screen changes of an issue, as the model's ``edit`` takes it."""
    errors = {
        name: f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        for name in fields
        if name not in way.screen
    }
    held = call.render.issue(issue, way.screen)["fields"]
    changes: dict[str, Any] = {}
    for name in way.screen:
        if name not in fields and not held.get(name) and name in way.defaults:
            fields = fields | {name: _default(call, name)}
        if name not in fields:
            if name in way.required and held.get(name) in (None, "", []):
                errors[name] = f"{_called(call, name)} is required."
            continue
        if name in way.required and fields[name] in (None, "", [], {}):
            errors[name] = f"{_called(call, name)} is required."
            continue
        try:
            changes |= _change(call, name, fields[name], changes.get("custom", {}))
        except customs.UnfitError as trouble:
            errors[name] = str(trouble)
    if errors:
        raise RefusalError(400, errors=errors)
    return changes


def _change(call: Call, name: str, value: Any, custom: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  # JSON
    field = call.model.custom_fields.get(name)
    if field is not None:
        taken = customs.taken(call.model, field, value, cloud=call.cloud, version=call.version)
        return {"custom": custom | {name: taken}}
    if name == "resolution":
        return {"resolution": _known(call.model.resolutions, value, "Resolution is invalid.")}
    if name == "labels" and isinstance(value, list):
        return {"labels": value}
    if name == "assignee" and isinstance(value, dict):
        user = call.model.user(str(value.get("accountId" if call.cloud else "name")))
        if user is not None:
            return {"assignee": user.account_id}
    if name in {"summary", "description"} and (text := plain(value)) is not None:
        return {name: text}
    raise customs.UnfitError("data was not of the field's type")


def _known(names: dict[str, str], value: object, words: str) -> str:
    asked = value if isinstance(value, dict) else {}
    for name, number in names.items():
        if asked.get("name") == name or asked.get("id") == number:
            return name
    raise customs.UnfitError(words)

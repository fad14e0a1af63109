"""What each Jira path about an issue does: the vendor's rules, over the model's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox.jira import customs, editing
from trackersync.sandbox.jira.call import Answer, Call, RefusalError, account
from trackersync.sandbox.jira.documents import plain
from trackersync.sandbox.jira.render import FIELDS

if TYPE_CHECKING:
    from trackersync.sandbox.jira.model import User

_LABEL_VERBS: Final = frozenset({"add", "remove", "set"})
_SETTABLE: Final = frozenset({"summary", "description", "labels", "assignee", "parent", "components", "fixVersions"})
_ON_CREATE: Final = (_SETTABLE - {"components", "fixVersions"}) | {"project", "issuetype", "priority", "reporter"}


def issue(call: Call) -> Answer:
    """Show one issue."""
    found = call.issue()
    wanted = call.wanted(call.query.get("fields"), "*all")
    shown = call.render.issue(found, wanted)
    if "names" in call.query.get("expand", ""):
        names = {name: called for name, (called, _) in FIELDS.items()}
        names |= {name: custom.name for name, custom in call.model.custom_fields.items()}
        shown["names"] = {name: names[name] for name in wanted if name in names}
    if "changelog" in call.query.get("expand", ""):
        shown["changelog"] = call.render.changelog(found)
    return Answer(200, shown)


def create(call: Call) -> Answer:
    """Create an issue."""
    by = account(call)
    fields = _fields(call)
    strange = {name: _unsettable(name) for name in fields if name not in _ON_CREATE}
    project = fields.get("project") or {}
    key = _project(call, project.get("key") or project.get("id"))
    if key is None:
        strange["project"] = "Specify a valid project ID or key"
    if not str(fields.get("summary") or "").strip():
        strange["summary"] = "You must specify a summary of the issue."
    kind = fields.get("issuetype") or {}
    name = next((n for n, i in call.model.kinds.items() if kind.get("name") == n or str(kind.get("id")) == i), None)
    if name is None:
        strange["issuetype"] = "Specify an issue type"
    if strange:
        raise RefusalError(400, errors=strange)
    assignee = _person(call, fields["assignee"]) if fields.get("assignee") else None
    made = call.model.create(
        str(fields["summary"]),
        key,
        by=by,
        labels=_labels(fields.get("labels") or []),
        description=plain(fields.get("description")),
        kind=str(name),
        assignee=assignee.account_id if assignee else None,
        parent=(fields.get("parent") or {}).get("key"),
    )
    url = f"{call.render.api}/issue/{made.id}"
    return Answer(201, {"id": str(made.id), "key": made.key, "self": url})


def edit(call: Call) -> Answer:
    """Edit fields. A transition in the body is ignored, as the real one ignores it."""
    found, by, fields = call.issue(), account(call), _fields(call)
    if not call.model.may_edit:
        raise RefusalError(403, "You do not have permission to edit issues in this project.")
    if found.status in call.model.locked:
        # The workflow property jira.issue.editable.
        words = "You are not allowed to edit this issue due to the current status of the issue in the workflow."
        raise RefusalError(400, words)
    update = call.fields().get("update") or {}
    known = (_SETTABLE | call.model.custom_fields.keys()) - editing.hidden(call.model)
    strange = {name: _unsettable(name) for name in [*fields, *update] if name not in known}
    twice = set(fields) & set(update)
    strange |= {name: f"Field '{name}' cannot appear in both 'fields' and 'update'" for name in twice}
    if strange:
        raise RefusalError(400, errors=strange)
    changes: dict[str, Any] = {}
    if "summary" in fields:
        changes["summary"] = str(fields["summary"])
    if "description" in fields:
        changes["description"] = plain(fields["description"]) or ""
    if "labels" in fields:
        changes["labels"] = _labels(fields["labels"] or [])
    if "assignee" in fields:
        changes["assignee"] = _assignee(call, fields["assignee"] or {})
    if "parent" in fields:
        changes["parent"] = (fields["parent"] or {}).get("key")
    changes["parts"] = editing.parted(call, found, fields, update)
    changes["custom"] = _custom(call, fields | editing.updated(call, found, update))
    if "labels" in update:
        changes["labels"] = _updated_labels(list(found.labels), update["labels"])
    new = call.model.edit(found.key, by=by, **changes)
    if call.query.get("returnIssue") == "true":
        return Answer(200, call.render.issue(new, call.wanted(None, "*all")))
    return Answer(204)


def delete(call: Call) -> Answer:
    """Delete an issue; one with sub-tasks goes only with them."""
    found = call.issue()
    account(call)
    children = call.model.children(found.key)
    if children and call.query.get("deleteSubtasks") != "true":
        raise RefusalError(400, "The issue has subtasks. You must specify the deleteSubtasks parameter.")
    for key in [*children, found.key]:
        call.model.delete(key)
    return Answer(204)


def assign(call: Call) -> Answer:
    """Give the issue to someone, to nobody (null) where that is allowed, or to the project's default (``-1``)."""
    found, by, asked = call.issue(), account(call), call.fields()
    if not call.model.may_assign:
        raise RefusalError(403, "You do not have permission to assign issues.")
    name = "accountId" if call.cloud else "name"
    if set(asked) != {name}:
        raise RefusalError(400, f"'{name}' must be the only user identifying query parameter.")
    if asked[name] == "-1":
        call.model.edit(found.key, assignee=call.model.default_assignee, by=by)
        return Answer(204)
    call.model.edit(found.key, assignee=_assignee(call, asked), by=by)
    return Answer(204)


def _fields(call: Call) -> dict[str, Any]:
    fields = call.fields().get("fields") or {}
    if not isinstance(fields, dict):
        raise RefusalError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    return fields


def _custom(call: Call, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the custom fields that are set, as the issue will show them."""
    taken: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, field in call.model.custom_fields.items():
        try:
            if name in fields:
                taken[name] = customs.taken(call.model, field, fields[name], cloud=call.cloud, version=call.version)
        except customs.UnfitError as trouble:
            errors[name] = str(trouble)
    if errors:
        raise RefusalError(400, errors=errors)
    return taken


def _unsettable(name: str) -> str:
    return f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."


def _project(call: Call, asked: object) -> str | None:
    projects = call.model.projects
    return next((key for at, key in enumerate(projects) if asked in {key, str(10_000 + at)}), None)


def _assignee(call: Call, asked: dict[str, Any]) -> str | None:
    user = _person(call, asked)
    if user is None and not call.model.may_be_nobodys:
        raise RefusalError(400, errors={"assignee": "Issues must be assigned."})
    return user.account_id if user else None


def _person(call: Call, asked: dict[str, Any]) -> User | None:
    """Return who is meant; Cloud knows account ids only, Data Center names only; an inactive account takes nothing."""
    if not asked:
        return None
    value = asked.get("accountId" if call.cloud else "name", asked.get("id"))
    if value is None:
        return None
    users = call.model.users
    user = users.get(str(value)) if call.cloud else next((u for u in users.values() if u.name == value), None)
    if user is None:
        raise RefusalError(400, errors={"assignee": f"User '{value}' does not exist."})
    if not user.active:
        raise RefusalError(400, errors={"assignee": f"User '{value}' cannot be assigned issues."})
    return user


def _labels(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise RefusalError(400, errors={"labels": "Labels must be a list of strings."})
    broken = next((label for label in value if " " in label or not label), None)
    if broken is not None:
        raise RefusalError(400, errors={"labels": f"The label '{broken}' can't contain spaces."})
    return value


def _updated_labels(labels: list[str], steps: object) -> list[str]:
    if not isinstance(steps, list):
        raise RefusalError(400, errors={"labels": "Labels must be a list of operations."})
    for step in steps:
        if not isinstance(step, dict) or len(step) != 1 or not set(step) <= _LABEL_VERBS:
            raise RefusalError(400, errors={"labels": "Each operation is one of add, remove and set."})
        ((verb, value),) = step.items()
        if verb == "set":
            labels = _labels(value)
        elif verb == "add":
            labels = [*labels, *_labels([value])]
        else:
            labels = [label for label in labels if label != value]
    return labels

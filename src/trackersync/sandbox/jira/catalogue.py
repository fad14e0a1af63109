"""Jira's paths about everything but issues: the site, the caller, projects, statuses, fields, people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.jira import parts
from trackersync.sandbox.jira.call import Answer, Call, RefusalError, account
from trackersync.sandbox.jira.model import BOT
from trackersync.sandbox.jira.render import FIELDS
from trackersync.sandbox.jira.workflow import CATEGORIES

if TYPE_CHECKING:
    from trackersync.sandbox.jira.model import User
    from trackersync.sandbox.jira.workflow import Status

_GRANTED: Final = ("BROWSE_PROJECTS", "TRANSITION_ISSUES", "ASSIGN_ISSUES", "EDIT_ISSUES", "CREATE_ISSUES",
                   "LINK_ISSUES", "ASSIGNABLE_USER")  # fmt: skip
_WITHHELD: Final = ("ADMINISTER", "ADMINISTER_PROJECTS", "BULK_CHANGE", "DELETE_ISSUES")


def server_info(call: Call) -> Answer:
    """Say what is installed; the only path besides search that answers everybody."""
    version = "1001.0.0-SNAPSHOT" if call.cloud else "10.3.0"
    return Answer(
        200,
        {
            "baseUrl": call.base,
            "version": version,
            "versionNumbers": [1001, 0, 0] if call.cloud else [10, 3, 0],
            "deploymentType": "Cloud" if call.cloud else "Server",
            "buildNumber": 100_300,
            "buildDate": "2026-01-01T00:00:00.000+0000",
            "serverTime": moments.jira(moments.milliseconds(call.model.clock())),
            "scmInfo": "sandbox",
            "serverTitle": "Jira",
        },
    )


def myself(call: Call) -> Answer:
    """Say who the caller is."""
    return Answer(200, call.render.myself(account(call)))


def project(call: Call) -> Answer:
    """Show a project."""
    key = _key(call, str(call.params["project"]))
    shown = call.render.project(key) | {
        "expand": "description,lead,issueTypes",
        "description": "",
        "lead": call.render.user(BOT),
        "assigneeType": "UNASSIGNED",
        "issueTypes": [call.render.kind(name) for name in call.model.kinds],
        "components": parts.offered(call.render, key, "components"),
        "versions": parts.offered(call.render, key, "fixVersions"),
        "roles": {},
    }
    return Answer(200, shown)


def project_statuses(call: Call) -> Answer:
    """List a project's statuses by issue type."""
    key = _key(call, str(call.params["project"]))
    shown = []
    for kind in call.model.kinds:
        statuses = [call.render.status(status) for status in call.model.workflow_of(key, kind).statuses]
        named = {name: call.render.kind(kind)[name] for name in ("self", "id", "name", "subtask")}
        shown.append(named | {"statuses": statuses})
    return Answer(200, shown)


def components(call: Call) -> Answer:
    """List a project's components."""
    return Answer(200, parts.offered(call.render, _key(call, str(call.params["project"])), "components"))


def versions(call: Call) -> Answer:
    """List a project's versions."""
    return Answer(200, parts.offered(call.render, _key(call, str(call.params["project"])), "fixVersions"))


def statuses(call: Call) -> Answer:
    """List the statuses of all workflows in use."""
    return Answer(200, [call.render.status(status) for status in _statuses(call)])


def categories(call: Call) -> Answer:
    """List the status categories."""
    return Answer(200, [call.render.category(key) for key in CATEGORIES])


def resolutions(call: Call) -> Answer:
    """List the resolutions."""
    known = call.model.resolutions
    return Answer(200, [call.render.named("resolution", known, name) for name in list(known)])


def fields(call: Call) -> Answer:
    """List the fields."""
    shown = [
        {
            "id": key, "key": key, "name": name, "custom": False,
            "orderable": True, "navigable": True, "searchable": True, "clauseNames": [key],
            "schema": {"type": kind, "system": key} | ({"items": "string"} if kind == "array" else {})
            | (parts.schema(key) if key in parts.NAMES else {}),
        }
        for key, (name, kind) in FIELDS.items()
    ]  # fmt: skip
    shown += [
        {
            "id": field.id, "key": field.id, "name": field.name, "custom": True,
            "orderable": True, "navigable": True, "searchable": True, "clauseNames": [field.name],
            "schema": field.schema,
        }
        for field in call.model.custom_fields.values()
    ]  # fmt: skip
    return Answer(200, shown)


def my_permissions(call: Call) -> Answer:
    """Say what the caller may do; Cloud insists on being told what is asked for."""
    asked = [name for name in call.query.get("permissions", "").split(",") if name]
    if not asked and call.cloud:
        raise RefusalError(400, "The 'permissions' query parameter is required.")
    if "projectKey" in call.query:
        _key(call, call.query["projectKey"])
    known = dict.fromkeys(_GRANTED, not call.anonymous) | dict.fromkeys(_WITHHELD, False)
    model = call.model
    known["BROWSE_PROJECTS"] = not call.blind
    known["ASSIGN_ISSUES"] &= model.may_assign
    known["EDIT_ISSUES"] &= model.may_edit
    known["LINK_ISSUES"] &= model.ties.may_link
    known["TRANSITION_ISSUES"] &= model.may_transition
    known["ADMINISTER_PROJECTS"] = model.administers
    known["ADMINISTER"] = known["DELETE_ISSUES"] = model.premises.administrator
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise RefusalError(400, f"Unrecognized permission: {unknown[0]}")
    shown: dict[str, Any] = {
        name: {"id": str(at), "key": name, "name": name.replace("_", " ").capitalize(), "type": "PROJECT",
               "description": "", "havePermission": known[name]}
        for at, name in enumerate(asked or known, start=10)
    }  # fmt: skip
    return Answer(200, {"permissions": shown})


def assignable(call: Call) -> Answer:
    """List who can be assigned: by exact account id, by name, or by a piece of the shown name."""
    account(call)
    query = call.query
    key = query.get("issueKey")
    if key is not None and key.upper() not in call.model.keys:
        raise RefusalError(404, "Issue does not exist or you do not have permission to see it.")
    if key is None:
        _key(call, query.get("project", ""))
    if call.cloud and "username" in query:
        raise RefusalError(400, "'username' is not supported in GDPR strict mode.")
    users = [user for user in call.model.users.values() if user.active and _fits(user, query)]
    start, size = call.number("startAt", 0), min(call.number("maxResults", 50), 1000)
    return Answer(200, [call.render.user(user.account_id) for user in users[start : start + size]])


def users(call: Call) -> Answer:
    """Search accounts by a piece of their name, the inexact way that has assigned the wrong person before."""
    account(call)
    found = [user for user in call.model.users.values() if user.active and _fits(user, call.query)]
    return Answer(200, [call.render.user(user.account_id) for user in found[: call.number("maxResults", 50)]])


def user(call: Call) -> Answer:
    """Show an account: by account id on Cloud, by name on Data Center."""
    account(call)
    name = call.query.get("accountId" if call.cloud else "username") or call.query.get("key") or ""
    found = call.model.user(name)
    if "key" in call.query and not call.cloud:
        found = next((user for user in call.model.users.values() if user.key == call.query["key"]), None)
    if found is None:
        raise RefusalError(404, f"The user named '{name}' does not exist")
    return Answer(200, call.render.user(found.account_id))


def _fits(user: User, query: Any) -> bool:  # noqa: ANN401  # a mapping of strings
    if "accountId" in query:
        return bool(user.account_id == query["accountId"])
    asked = str(query.get("username") or query.get("query") or "").casefold()
    return any(text.casefold().startswith(asked) for text in (user.name, user.display_name))


def _key(call: Call, asked: str) -> str:
    keys = call.model.projects
    found = next((key for at, key in enumerate(keys) if asked.upper() == key or asked == str(10_000 + at)), None)
    if found is None or call.blind:
        raise RefusalError(404, f"No project could be found with key '{asked}'.")
    return found


def _statuses(call: Call) -> list[Status]:
    workflows = (*call.model.workflows.values(), *call.model.kind_workflows.values())
    return list({status.id: status for workflow in workflows for status in workflow.statuses}.values())

"""Cloud's resource that shows whole workflows, to those who may see how they are drawn. Data Center has none.

Statuses are named by references within one answer. Source: Atlassian, "Bulk get workflows", Jira Cloud platform REST
API v3: 401 for a caller without the permission, and names as administrators gave them, not as they are translated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox.jira.call import Answer, Call, RefusalError, account

if TYPE_CHECKING:
    from trackersync.sandbox.jira.workflow import Status, Transition, Workflow

JsonObject = dict[str, Any]

_CATEGORIES: Final = {"new": "TODO", "indeterminate": "IN_PROGRESS", "done": "DONE"}
_ASKED: Final = frozenset({"projectAndIssueTypes", "workflowIds", "workflowNames"})


def read(call: Call) -> Answer:
    """Show the workflows that projects' issues of a type follow."""
    account(call)
    if not call.cloud:
        raise RefusalError(404, "null for uri: /rest/api/2/workflows")
    if not (call.model.administers or call.model.may_see_workflows):
        raise RefusalError(call.model.workflows_refusal, "You do not have permission to view workflows.")
    asked = call.fields()
    pairs = asked.get("projectAndIssueTypes") or []
    if not set(asked) <= _ASKED or not pairs or not isinstance(pairs, list):
        raise RefusalError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    found = [_workflow_of(call, pair) for pair in pairs]
    shown = {workflow["id"]: workflow for workflow in (_shown(*one) for one in found)}
    statuses = {status.id: _status(status) for _, workflow in found for status in workflow.statuses}
    return Answer(200, {"statuses": list(statuses.values()), "workflows": list(shown.values())})


def _workflow_of(call: Call, pair: object) -> tuple[str, Workflow]:
    asked = pair if isinstance(pair, dict) else {}
    project = next(
        (key for at, key in enumerate(call.model.projects) if asked.get("projectId") == str(10_000 + at)), None
    )
    kind = next((name for name, number in call.model.kinds.items() if asked.get("issueTypeId") == number), None)
    if project is None or kind is None:
        raise RefusalError(400, "The project or issue type does not exist.")
    own = (project, kind) in call.model.kind_workflows
    return f"{project} {kind if own else 'workflow'}", call.model.workflow_of(project, kind)


def _shown(name: str, workflow: Workflow) -> JsonObject:
    references = {status.name: _reference(status) for status in workflow.statuses}
    return {
        "id": name.lower().replace(" ", "-"),
        "name": name,
        "description": "",
        "isEditable": True,
        "scope": {"type": "GLOBAL"},
        "statuses": [{"statusReference": one, "deprecated": False, "properties": {}} for one in references.values()],
        "transitions": [
            _initial(references[workflow.statuses[0].name]),
            *(_transition(way, references) for way in workflow.transitions),
        ],
        "version": {"id": "1", "versionNumber": 0},
    }


def _status(status: Status) -> JsonObject:
    return {
        "id": status.id,
        "name": status.name,
        "description": "",
        "scope": {"type": "GLOBAL"},
        "statusCategory": _CATEGORIES[status.category],
        "statusReference": _reference(status),
    }


def _reference(status: Status) -> str:
    """A name that is not the status's id, which nobody is promised that it is."""
    return f"ref-{status.id}"


def _initial(to: str) -> JsonObject:
    return _bare("1", "Create", "INITIAL", to, [])


def _transition(way: Transition, references: dict[str, str]) -> JsonObject:
    links = [{"fromPort": 0, "fromStatusReference": references[source], "toPort": 1} for source in sorted(way.sources)]
    return _bare(way.id, way.name, "DIRECTED" if links else "GLOBAL", references[way.to], links)


def _bare(number: str, name: str, kind: str, to: str, links: list[JsonObject]) -> JsonObject:
    return {"id": number, "name": name, "type": kind, "toStatusReference": to, "links": links, "description": "",
            "actions": [], "properties": {}, "triggers": [], "validators": []}  # fmt: skip

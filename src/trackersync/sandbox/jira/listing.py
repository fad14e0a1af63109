"""Jira's paths about what a site shows besides issues: lists of projects, boards.

Sources: Atlassian, "Get projects paginated" (Jira Cloud platform REST API v3), "Get all boards" and "Get configuration"
(Jira Software).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackersync.sandbox import moments
from trackersync.sandbox.jira.call import Answer, Call, RefusalError, account

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackersync.sandbox.jira.premises import Board

JsonObject = dict[str, Any]


def projects(call: Call) -> Answer:
    """List the projects that the caller may see: none for somebody unknown."""
    return Answer(200, [_project(call, key) for key in _seen(call)])


def project_search(call: Call) -> Answer:
    """List the projects that are in use, in Cloud's pages."""
    order = call.query.get("orderBy", "key")
    keys = [key for key in _seen(call) if key not in call.model.premises.archived]
    if order.lstrip("+-") == "lastIssueUpdatedDate":
        keys.sort(key=lambda key: _latest(call, key), reverse=order.startswith("-"))
    elif order.lstrip("+-") not in {"key", "name", "issueCount", "category", "owner"}:
        raise RefusalError(400, f"The value '{order}' is not supported by 'orderBy'.")
    shown = [_project(call, key) for key in keys]
    start, size = call.number("startAt", 0), min(call.number("maxResults", 50), 100)
    page = {"startAt": start, "maxResults": size, "total": len(shown), "isLast": start + size >= len(shown)}
    return Answer(200, page | {"values": shown[start : start + size]})


def boards(call: Call) -> Answer:
    """List the boards, or those of a project."""
    _admit(call)
    asked = call.query.get("projectKeyOrId")
    if asked is not None and (asked not in call.model.projects or call.blind):
        raise RefusalError(400, f"No project could be found with key or id '{asked}'.")
    found = [] if call.blind else [one for one in call.model.premises.boards if asked in {None, one.project}]
    start, size = call.number("startAt", 0), min(call.number("maxResults", 50), 50)
    shown = [_board(call, one) for one in found[start : start + size]]
    page = {"startAt": start, "maxResults": size, "total": len(found), "isLast": start + size >= len(found)}
    return Answer(200, page | {"values": shown})


def configuration(call: Call) -> Answer:
    """Show how a board is set up; the statuses in its columns are told by their ids alone."""
    _admit(call)
    number = str(call.params["board"])
    board = next((one for one in call.model.premises.boards if str(one.id) == number), None)
    if board is None or call.blind:
        raise RefusalError(404, f"Board {number} does not exist or you do not have permission to view it.")
    ids = {name: status.id for name, status in _statuses(call, board.project)}
    columns = [
        {"name": title, "statuses": [_status(call, ids[name]) for name in names if name in ids]}
        for title, names in board.columns
    ]
    return Answer(200, _board(call, board) | {"columnConfig": {"columns": columns, "constraintType": "none"}})


def _seen(call: Call) -> Iterable[str]:
    return () if call.blind else call.model.projects


def _project(call: Call, key: str) -> JsonObject:
    shown = call.render.project(key)
    if key in call.model.premises.archived:
        shown["archived"] = True
    if "insight" in call.query.get("expand", "").split(","):
        count = sum(issue.project == key for issue in call.model.issues.values())
        shown["insight"] = {"totalIssueCount": count}
        if latest := _latest(call, key):
            shown["insight"]["lastIssueUpdateTime"] = moments.jira(latest)
    return shown


def _latest(call: Call, key: str) -> int:
    return max((issue.updated for issue in call.model.issues.values() if issue.project == key), default=0)


def _board(call: Call, board: Board) -> JsonObject:
    return {
        "id": board.id,
        "self": f"{call.base}/rest/agile/1.0/board/{board.id}",
        "name": board.name,
        "type": "kanban",
        "location": {"projectId": 10_000 + call.model.projects.index(board.project), "projectKey": board.project},
    }


def _status(call: Call, number: str) -> JsonObject:
    return {"id": number, "self": f"{call.render.api}/status/{number}"}


def _statuses(call: Call, project: str) -> Iterable[tuple[str, Any]]:
    model = call.model
    own = [flow for (key, _), flow in model.kind_workflows.items() if key == project]
    for flow in (*own, model.workflows[project]):
        yield from flow.names.items()


def _admit(call: Call) -> None:
    if call.blind:
        account(call)
    refusal = call.model.premises.boards_refusal
    if refusal:
        raise RefusalError(refusal, "Boards are not shown.")

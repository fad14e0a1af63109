"""The REST paths of relations between issues: a parent, sub-issues, and what an issue waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackersync.sandbox.github import render
from trackersync.sandbox.github.call import invalid, not_found
from trackersync.sandbox.github.routes import Answer, issue_of, paged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackersync.sandbox.github.call import Call

_ISSUE: Final = "/repos/{owner}/{repo}/issues/{number:int}"


def parent(call: Call) -> Answer:
    """Show the parent of a sub-issue; 404 of any other."""
    number = call.model.ties.parents.get(issue_of(call).number)
    if number is None or number not in call.model.issues:
        raise not_found()
    return Answer(200, render.issue(call.model, call.model.issues[number], call.base, call.version))


def sub_issues(call: Call) -> Answer:
    """List the sub-issues."""
    return _listed(call, call.model.ties.children(issue_of(call).number))


def nest(call: Call) -> Answer:
    """Make an issue, by its database id, a sub-issue."""
    above = issue_of(call)
    number = _number(call, "sub_issue_id")
    if number in call.model.ties.parents and not call.fields().get("replace_parent"):
        raise invalid("sub_issue_id", code="duplicate")
    call.model.ties.nest(number, above.number)
    return Answer(201, render.issue(call.model, call.model.issues[number], call.base, call.version))


def blocked_by(call: Call) -> Answer:
    """List what an issue waits for."""
    return _listed(call, call.model.ties.blockers.get(issue_of(call).number, ()))


def block(call: Call) -> Answer:
    """Let an issue wait for another, by its database id."""
    waiting = issue_of(call)
    number = _number(call, "issue_id")
    call.model.ties.block(waiting.number, number)
    return Answer(201, render.issue(call.model, call.model.issues[number], call.base, call.version))


def blocking(call: Call) -> Answer:
    """List what waits for an issue."""
    number = issue_of(call).number
    return _listed(call, [one for one, others in call.model.ties.blockers.items() if number in others])


def _listed(call: Call, numbers: Iterable[int]) -> Answer:
    shown = [call.model.issues[number] for number in numbers if number in call.model.issues]
    return paged(call, [render.issue(call.model, item, call.base, call.version) for item in shown])


def _number(call: Call, member: str) -> int:
    asked = call.fields().get(member)
    number = asked - render.issue_id(call.model, 0) if isinstance(asked, int) else 0
    if number not in call.model.issues:
        raise invalid(member, value=asked)
    return number


ROUTES: Final = (
    ("GET", _ISSUE + "/parent", parent),
    ("GET", _ISSUE + "/sub_issues", sub_issues),
    ("POST", _ISSUE + "/sub_issues", nest),
    ("GET", _ISSUE + "/dependencies/blocked_by", blocked_by),
    ("POST", _ISSUE + "/dependencies/blocked_by", block),
    ("GET", _ISSUE + "/dependencies/blocking", blocking),
)

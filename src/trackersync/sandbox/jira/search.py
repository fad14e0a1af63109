"""Answering a query over the site's issues, quickly: 18,000 issues are paged through in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackersync.sandbox.jira.jql import Clause, Either, JqlError, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from trackersync.sandbox.jira.model import Issue, Jira

    Test = Callable[[Issue], bool]


def found(model: Jira, query: Query, fresh: frozenset[int] = frozenset()) -> list[Issue]:
    """Return the issues that match, in the order asked for; newest first where none is asked for, as Jira does."""
    tests = [_meets(model, part) for part in query.clauses]
    seen = model.searched(fresh)
    order = query.order or (("id", True),)
    by_updated = order[0][0] == "updated" and len(order) == 1 and not seen
    issues = _pictures(model, query, seen, descending=by_updated and order[0][1])
    matching = [issue for issue in issues if all(test(issue) for test in tests)]
    return matching if by_updated else _sorted(model, matching, order)


def meets(model: Jira, query: Query, issue: Issue) -> bool:
    """Say whether one issue is among those that a query asks for, as it is now."""
    return all(_meets(model, part)(issue) for part in query.clauses)


def _pictures(model: Jira, query: Query, seen: dict[int, Issue | None], *, descending: bool) -> Iterable[Issue]:
    """Return what the index shows, cut down by the cheapest clause first."""
    if seen:
        shown = {number: seen.get(number, issue) for number, issue in model.issues.items()} | seen
        return [issue for issue in shown.values() if issue is not None]
    clauses = [part for part in query.clauses if isinstance(part, Clause)]
    for clause in clauses:
        if clause.field in {"key", "id"} and clause.operator in {"=", "in"}:
            numbers = {_number(model, str(value)) for value in clause.values}
            chosen = [model.issues[number] for number in numbers if number is not None]
            # Issues must come in the order that an index walk would give them.
            return sorted(chosen, key=lambda issue: (issue.updated, issue.id), reverse=descending)
    lows = [int(c.values[0] or 0) for c in clauses if c.field == "updated" and c.operator in {">", ">="}]
    walk = model.by_updated.walk(since=max(lows, default=None), descending=descending)
    return (model.issues[number] for number in walk)


def _sorted(model: Jira, issues: list[Issue], order: tuple[tuple[str, bool], ...]) -> list[Issue]:
    # Stable sorts from the last field to the first; the id decides among equals.
    issues.sort(key=lambda issue: issue.id)
    for name, descending in reversed(order):
        issues.sort(key=_key(model, name), reverse=descending)
    return issues


def _key(model: Jira, name: str) -> Callable[[Issue], tuple[int | str, ...]]:
    keys: dict[str, Callable[[Issue], tuple[int | str, ...]]] = {
        "updated": lambda issue: (issue.updated,),
        "created": lambda issue: (issue.created,),
        "key": lambda issue: (issue.project, issue.number),
        "id": lambda issue: (issue.id,),
        "status": lambda issue: (model.status_of(issue).id,),
        "priority": lambda issue: (model.priorities.get(issue.priority, ""),),
    }
    return keys[name]


def _number(model: Jira, value: str) -> int | None:
    number = int(value) if value.isdecimal() else model.keys.get(value.upper())
    return number if number in model.issues else None


def _meets(model: Jira, part: Clause | Either) -> Test:
    if isinstance(part, Clause):
        return _test(model, part)
    choices = [[_meets(model, one) for one in choice] for choice in part.choices]
    return lambda issue: any(all(test(issue) for test in choice) for choice in choices)


def _test(model: Jira, clause: Clause) -> Test:
    if clause.field in {"updated", "created"}:
        return _dated(clause)
    if clause.operator in {"~", "!~"}:
        return _worded(clause)
    if clause.field == "id" and clause.operator not in {"=", "!=", "in", "not in"}:
        return _compared(clause)
    wanted = frozenset(_wanted(model, clause, value) for value in clause.values)
    several = _SEVERAL.get(clause.field)
    if several is not None:
        present: Test = lambda issue: bool(wanted & set(several(issue))) or (None in wanted and not several(issue))  # noqa: E731
    else:
        shown = _shown(model, clause.field)
        present = lambda issue: shown(issue) in wanted  # noqa: E731
    if clause.operator not in {"!=", "not in", "is not"}:
        return present
    # In JQL an empty field is never "not something".
    filled = _shown(model, clause.field) if several is None else lambda issue: several(issue) or None
    return lambda issue: filled(issue) is not None and not present(issue)


_SEVERAL: Mapping[str, Callable[[Issue], tuple[str, ...]]] = {
    "labels": lambda issue: issue.labels,
    "component": lambda issue: issue.parts.get("components", ()),
    "fixversion": lambda issue: issue.parts.get("fixVersions", ()),
}


def _shown(model: Jira, field: str) -> Callable[[Issue], object]:
    shown: dict[str, Callable[[Issue], object]] = {
        "project": lambda issue: issue.project,
        "key": lambda issue: issue.id,
        "id": lambda issue: issue.id,
        "status": lambda issue: issue.status,
        "statuscategory": lambda issue: model.status_of(issue).category,
        "assignee": lambda issue: issue.assignee,
        "resolution": lambda issue: issue.resolution,
        "issuetype": lambda issue: issue.kind,
        "priority": lambda issue: issue.priority,
    }
    return shown[field]


def _wanted(model: Jira, clause: Clause, value: str | int | None) -> object:
    """Turn a value into what issues bear, or refuse one that does not exist."""
    if value is None or clause.field == "labels":
        return value
    text = str(value)
    wanted: object = None
    match clause.field:
        case "key" | "id":
            wanted = _number(model, text)
            if wanted is None:
                # Also within IN: a query that names one deleted issue is refused whole.
                raise JqlError(f"An issue with key '{text}' does not exist for field '{clause.field}'.")
            return wanted
        case "project":
            wanted = next((key for key in model.projects if key.casefold() == text.casefold()), None)
        case "status":
            workflows = (*model.workflows.values(), *model.kind_workflows.values())
            statuses = [status for workflow in workflows for status in workflow.statuses]
            wanted = next((s.name for s in statuses if text.casefold() in {s.name.casefold(), s.id}), None)
        case "statuscategory":
            names = {"to do": "new", "new": "new", "in progress": "indeterminate", "indeterminate": "indeterminate"}
            wanted = (names | {"done": "done"}).get(text.casefold())
        case "component" | "fixversion":
            name = {"component": "components", "fixversion": "fixVersions"}[clause.field]
            parts = (part for project in model.projects for part in model.parts.of(project, name))
            wanted = next((part for part in parts if part.casefold() == text.casefold()), None)
        case "assignee":
            user = model.user(text)
            wanted = user.account_id if user else None
        case "resolution":
            if text.casefold() == "unresolved":
                return None
            wanted = next((name for name in model.resolutions if name.casefold() == text.casefold()), None)
        case _:
            known = model.priorities if clause.field == "priority" else model.kinds
            wanted = next((name for name in known if name.casefold() == text.casefold()), None)
    if wanted is None:
        raise JqlError(f"The value '{text}' does not exist for the field '{clause.field}'.")
    return wanted


def _dated(clause: Clause) -> Test:
    limit = int(clause.values[0] or 0)
    updated = clause.field == "updated"
    tests: dict[str, Test] = {
        ">=": lambda issue: (issue.updated if updated else issue.created) >= limit,
        ">": lambda issue: (issue.updated if updated else issue.created) > limit,
        "<=": lambda issue: (issue.updated if updated else issue.created) <= limit,
        "<": lambda issue: (issue.updated if updated else issue.created) < limit,
    }
    return tests[clause.operator]


def _worded(clause: Clause) -> Test:
    """Whether every word is found; without the real one's stemming."""
    words = " ".join(str(value) for value in clause.values).casefold().split()
    fields = {"summary", "description"} if clause.field == "text" else {clause.field}

    def found(issue: Issue) -> bool:
        texts = {"summary": issue.summary, "description": issue.description or ""}
        said = " ".join(texts[field] for field in fields).casefold()
        return all(word in said for word in words) is (clause.operator == "~")

    return found


def _compared(clause: Clause) -> Test:
    text = str(clause.values[0])
    if not text.isdecimal():
        raise JqlError(f"The value '{text}' is no issue id.")
    limit = int(text)
    tests: dict[str, Test] = {
        ">=": lambda issue: issue.id >= limit,
        ">": lambda issue: issue.id > limit,
        "<=": lambda issue: issue.id <= limit,
        "<": lambda issue: issue.id < limit,
    }
    return tests[clause.operator]

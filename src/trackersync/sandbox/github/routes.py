"""What each GitHub path does: the vendor's rules, over the model's state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trackersync.sandbox import moments
from trackersync.sandbox.github import render
from trackersync.sandbox.github.call import VERSIONS, RefusalError, count, invalid, not_found
from trackersync.sandbox.github.listing import listed, page_number, page_size
from trackersync.sandbox.github.model import UNSET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackersync.sandbox.github.call import Call
    from trackersync.sandbox.github.model import Issue

_EDITABLE = frozenset(
    (
        *("title", "body", "state", "state_reason", "duplicate_issue_id"),
        *("milestone", "labels", "assignees", "assignee", "type"),
    )
)
_REASONS = frozenset({"completed", "not_planned", "duplicate", "reopened"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON and headers of an answer; GitHub's usual ones are added later."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def profile(call: Call) -> Answer:
    """Show an account."""
    login = next((known for known in call.model.accounts if known.casefold() == call.params["login"].casefold()), None)
    if login is None:
        raise not_found()
    return Answer(200, render.profile(call.model, login, call.base))


def rate_limit(call: Call) -> Answer:
    """Show the budget; ``rate`` is gone in the newer version."""
    now, core = moments.seconds(call.model.clock()), count(call.model, call.authorization)
    search = {"limit": 30, "remaining": 30, "used": 0, "reset": now + 60}
    body: dict[str, Any] = {"resources": {"core": core, "search": search, "graphql": core}}
    if call.version == VERSIONS[0]:
        body["rate"] = core
    return Answer(200, body)


def meta(_: Call) -> Answer:
    """Show the public facts about the installation, which need no token."""
    return Answer(200, {"verifiable_password_authentication": False, "hooks": ["127.0.0.0/8"], "api": ["127.0.0.0/8"]})


def repository(call: Call) -> Answer:
    """Show the repository."""
    check_repository(call)
    return Answer(200, as_seen(call, render.repository(call.model, call.base)))


def as_seen(call: Call, shown: dict[str, Any]) -> dict[str, Any]:
    """A repository as the caller sees it: without rights, where there is nobody to have them."""
    return shown if call.authorization else {name: value for name, value in shown.items() if name != "permissions"}


def issues(call: Call) -> Answer:
    """List issues and pull requests."""
    check_repository(call)
    if not call.model.has_issues:
        raise RefusalError(410, "Issues are disabled for this repo")
    page = listed(call.model, call.query)
    headers = {}
    if page.next_query is not None:
        # By id, as the real one does: a caller who builds pages himself would not find the same address.
        url = f"{call.base}/repositories/{call.model.repository_id}/issues?{page.next_query}"
        headers["link"] = f'<{url}>; rel="next"'
    return Answer(200, [render.issue(call.model, item, call.base, call.version) for item in page.issues], headers)


def issue(call: Call) -> Answer:
    """Show one issue."""
    return _shown(call, issue_of(call))


def create(call: Call) -> Answer:
    """Open an issue; without push access labels and assignees are dropped in silence."""
    check_repository(call)
    asked = call.fields()
    title = asked.get("title")
    if not isinstance(title, str | int) or not str(title).strip():
        raise invalid("title", code="missing_field")
    assignees = _assignees(call, asked)
    created = call.model.create(
        str(title),
        _text(asked, "body"),
        labels=_names(asked["labels"]) if call.may_push and asked.get("labels") else (),
        assignees=assignees if call.may_push and assignees else (),
        milestone=_milestone(call, asked),
    )
    shown = render.issue(call.model, created, call.base, call.version)
    return Answer(201, shown, {"location": shown["url"]})


def edit(call: Call) -> Answer:
    """Edit an issue: labels and assignees replace the set, a reason counts only where the state changes."""
    old, asked = issue_of(call), call.fields()
    unknown = sorted(set(asked) - _EDITABLE)
    if unknown:
        raise RefusalError(422, f"The sandbox does not serve the member {unknown[0]!r} and will not ignore it")
    state, reason = asked.get("state"), asked.get("state_reason")
    if state not in {None, "open", "closed"}:
        raise invalid("state", value=state)
    if reason is not None and reason not in _REASONS:
        raise invalid("state_reason", value=reason)
    if "title" in asked and not str(asked["title"] or "").strip():
        raise invalid("title", code="missing_field")
    assignees, kind, duplicate = _assignees(call, asked), _type(call, asked), _duplicate(call, asked)
    new = call.model.edit(
        old.number,
        title=None if asked.get("title") is None else str(asked["title"]),
        body=_text(asked, "body") if "body" in asked else UNSET,
        state=state,
        reason=reason,
        labels=_names(asked["labels"]) if "labels" in asked and call.may_push else None,
        assignees=assignees if call.may_push else None,
        milestone=_milestone(call, asked) if "milestone" in asked and call.may_push else UNSET,
        type=kind if "type" in asked and call.may_push else UNSET,
    )
    if new.reason == "duplicate" and duplicate is not None:
        call.model.duplicates[new.number] = duplicate
    return _shown(call, new)


def issue_labels(call: Call) -> Answer:
    """List an issue's labels."""
    return _labels_of(call, issue_of(call))


def add_labels(call: Call) -> Answer:
    """Add labels; one that the repository does not have is created."""
    old = issue_of(call)
    return _relabel(call, old, [*old.labels, *_asked_labels(call)])


def set_labels(call: Call) -> Answer:
    """Replace the labels."""
    return _relabel(call, issue_of(call), _asked_labels(call))


def clear_labels(call: Call) -> Answer:
    """Take all labels away."""
    _relabel(call, issue_of(call), [])
    return Answer(204)


def remove_label(call: Call) -> Answer:
    """Take one label away; 404 where the issue does not have it."""
    old, name = issue_of(call), call.params["label"].casefold()
    if name not in {label.casefold() for label in old.labels}:
        raise RefusalError(404, "Label does not exist")
    return _relabel(call, old, [label for label in old.labels if label.casefold() != name])


def add_assignees(call: Call) -> Answer:
    """Assign people; whoever cannot be assigned is left out in silence."""
    old = issue_of(call)
    wanted = [login for login in _asked_logins(call) if login.casefold() in call.model.assignable]
    new = call.model.edit(old.number, assignees=[*old.assignees, *wanted]) if call.may_push else old
    return _shown(call, new, 201)


def remove_assignees(call: Call) -> Answer:
    """Take people off the issue."""
    old = issue_of(call)
    unwanted = {login.casefold() for login in _asked_logins(call)}
    kept = [login for login in old.assignees if login.casefold() not in unwanted]
    return _shown(call, call.model.edit(old.number, assignees=kept) if call.may_push else old)


def events(call: Call) -> Answer:
    """Show an issue's history, oldest first."""
    old = issue_of(call)
    lines = [(at, line) for at, line in enumerate(call.model.events) if line.number == old.number]
    return paged(call, [render.event(call.model, line, at, call.base) for at, line in lines])


def assignees(call: Call) -> Answer:
    """List the people who can be assigned."""
    check_repository(call)
    return paged(call, [render.user(call.model, login, call.base) for login in call.model.assignable.values()])


def assignee(call: Call) -> Answer:
    """Say whether a person can be assigned: 204 or 404."""
    check_repository(call)
    if call.params["login"].casefold() not in call.model.assignable:
        raise not_found()
    return Answer(204)


def labels(call: Call) -> Answer:
    """List the repository's labels."""
    check_repository(call)
    names = sorted(call.model.labels.values(), key=str.casefold)
    return paged(call, [render.label(call.model, name, call.base) for name in names])


def label(call: Call) -> Answer:
    """Show one label."""
    check_repository(call)
    name = call.model.labels.get(call.params["label"].casefold())
    if name is None:
        raise not_found()
    return Answer(200, render.label(call.model, name, call.base))


def create_label(call: Call) -> Answer:
    """Create a label; 422 where the repository has it, whatever its case."""
    check_repository(call)
    name = call.fields().get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid("name", code="missing_field", resource="Label")
    if name.casefold() in call.model.labels:
        raise invalid("name", code="already_exists", resource="Label")
    if not call.may_push:
        raise RefusalError(403, "Resource not accessible by personal access token")
    shown = render.label(call.model, call.model.add_label(name), call.base)
    return Answer(201, shown, {"location": shown["url"]})


def check_repository(call: Call) -> None:
    """Refuse what is not this repository, or may not be seen or written."""
    model = call.model
    if "id" in call.params:
        same = call.params["id"] == model.repository_id
    else:
        same = f"{call.params['owner']}/{call.params['repo']}".casefold() == model.repository.casefold()
    if not (same and model.visible):
        raise not_found()
    if call.method != "GET" and model.archived:
        raise RefusalError(403, "Repository was archived so is read-only.")
    if call.method != "GET" and not model.writable:
        raise RefusalError(403, "Resource not accessible by personal access token")


def issue_of(call: Call) -> Issue:
    """Return the issue a path names, or refuse as GitHub does: gone, moved, or unknown."""
    check_repository(call)
    number = call.params["number"]
    if number in call.model.gone:
        raise RefusalError(410, "This issue was deleted")
    if number in call.model.moved:
        refusal = RefusalError(301, "Moved Permanently", url=call.model.moved[number])
        refusal.headers["location"] = call.model.moved[number]
        raise refusal
    found = call.model.issues.get(number)
    if found is None:
        raise not_found()
    return found


def _shown(call: Call, item: Issue, status: int = 200) -> Answer:
    return Answer(status, render.issue(call.model, item, call.base, call.version))


def _labels_of(call: Call, item: Issue) -> Answer:
    return Answer(200, [render.label(call.model, name, call.base) for name in item.labels])


def _relabel(call: Call, old: Issue, names: Sequence[str]) -> Answer:
    return _labels_of(call, call.model.edit(old.number, labels=names) if call.may_push else old)


def paged(call: Call, rows: list[dict[str, Any]]) -> Answer:
    """Show the page of some rows that was asked for, by number."""
    size, page = page_size(call.query), page_number(call.query)
    headers = {}
    if page * size < len(rows):
        url = f"{call.base}{call.path}?per_page={size}"
        last = -(-len(rows) // size)
        headers["link"] = f'<{url}&page={page + 1}>; rel="next", <{url}&page={last}>; rel="last"'
    return Answer(200, rows[(page - 1) * size : page * size], headers)


def _asked_labels(call: Call) -> list[str]:
    body = call.body.get("labels") if isinstance(call.body, dict) else call.body
    return _names(body)


def _names(value: object) -> list[str]:
    """Read labels as GitHub takes them: names, numbers, or objects that bear a name."""
    if not isinstance(value, list):
        raise invalid("labels", value=value, resource="Label")
    names = [entry.get("name") if isinstance(entry, dict) else entry for entry in value]
    if not all(isinstance(name, str | int) and str(name).strip() for name in names):
        raise invalid("name", code="missing_field", resource="Label")
    if any(isinstance(entry, dict) and entry.get("suggest") for entry in value):
        raise RefusalError(422, "The sandbox stores no suggestions: they would not be applied")
    return [str(name) for name in names]


def _asked_logins(call: Call) -> list[str]:
    value = call.fields().get("assignees", [])
    logins = [value] if isinstance(value, str) else value
    if not isinstance(logins, list) or not all(isinstance(login, str) for login in logins):
        raise invalid("assignees", value=value)
    return logins


def _assignees(call: Call, asked: dict[str, Any]) -> list[str] | None:
    """Return who is to be assigned, or nothing where it was not asked; one stranger refuses the whole call."""
    value = asked.get("assignees")
    if "assignee" in asked and "assignees" not in asked:
        if call.version == render.WITHOUT_ASSIGNEE:
            raise invalid("assignee", value=asked["assignee"])
        value = [asked["assignee"]] if asked["assignee"] else []
    if value is None:
        return None
    if not isinstance(value, list) or any(str(login).casefold() not in call.model.assignable for login in value):
        raise invalid("assignees", value=value)
    return [str(login) for login in value]


def _text(asked: dict[str, Any], name: str) -> str | None:
    value = asked.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(name, value=value)
    return value


def _type(call: Call, asked: dict[str, Any]) -> str | None:
    value = asked.get("type")
    if isinstance(value, dict) and value.get("suggest"):
        raise RefusalError(422, "The sandbox stores no suggestions: they would not be applied")
    value = value.get("value") if isinstance(value, dict) else value
    if value is None:
        return None
    known = next((name for name in call.model.issue_types if name.casefold() == str(value).casefold()), None)
    if known is None:
        raise invalid("type", value=value)
    return known


def _duplicate(call: Call, asked: dict[str, Any]) -> int | None:
    """Return the number of the issue that another one is a duplicate of; ignored unless that is the reason."""
    value = asked.get("duplicate_issue_id")
    if value is None or asked.get("state_reason") != "duplicate":
        return None
    number = value - render.issue_id(call.model, 0) if isinstance(value, int) else 0
    if number not in call.model.issues:
        raise invalid("duplicate_issue_id", value=value)
    return number


def _milestone(call: Call, asked: dict[str, Any]) -> int | None:
    value = asked.get("milestone")
    if value is None:
        return None
    if not str(value).isdecimal() or int(value) not in call.model.milestones:
        raise invalid("milestone", value=value)
    return int(value)

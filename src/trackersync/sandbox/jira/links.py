"""Jira's paths about links between issues and to what is outside, their types, and due dates as people set them.

Source: Atlassian, "The Jira Cloud platform REST API" v3: "Issue links", "Issue link types", "Issue remote links".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.jira.call import Answer, Call, RefusalError, account, no_issue
from trackersync.sandbox.jira.model import Link
from trackersync.sandbox.jira.ties import number_of

if TYPE_CHECKING:
    from trackersync.sandbox.jira.model import Issue, Jira
    from trackersync.sandbox.jira.ties import JsonObject

LONGEST: Final = 255


# As people do it.


def link(model: Jira, source: str, kind: str, target: str) -> None:
    """Link two issues: of ``Blocks`` the source blocks the target. A link that is there already stays one."""
    with model.lock:
        one, other = model.issue(source), model.issue(target)
        if Link(kind, other.key) not in one.links:
            _touched(model, replace(one, links=(*one.links, Link(kind, other.key))))
            _touched(model, replace(other, links=(*other.links, Link(kind, one.key, inward=True))))


def unlink(model: Jira, source: str, kind: str, target: str) -> None:
    """Take a link off both issues."""
    with model.lock:
        one, other = model.issue(source), model.issue(target)
        _touched(model, replace(one, links=tuple(x for x in one.links if x != Link(kind, other.key))))
        mirrored = Link(kind, one.key, inward=True)
        _touched(model, replace(other, links=tuple(x for x in other.links if x != mirrored)))


def due(model: Jira, key: str, date: str | None) -> None:
    """Say by when an issue is due: ``2026-03-05``."""
    with model.lock:
        _touched(model, replace(model.issue(key), due=date), edited=True)


def drop(model: Jira, key: str, number: int) -> None:
    """Take a remote link off an issue."""
    with model.lock:
        issue = model.issue(key)
        del model.ties.remote[issue.id][number]
        _touched(model, issue)


def _touched(model: Jira, issue: Issue, *, edited: bool = False) -> None:
    now = max(moments.milliseconds(model.clock()), issue.updated + 1)
    model.put(replace(issue, updated=now) if edited or model.ties.touches else issue)


# Links between issues.


def types(call: Call) -> Answer:
    """List the types of links."""
    if not call.model.ties.enabled:
        raise RefusalError(404, "Issue linking is currently disabled.")
    return Answer(200, {"issueLinkTypes": [call.render.link_type(kind) for kind in call.model.ties.types.values()]})


def create(call: Call) -> Answer:
    """Link two issues; one that is there already is not made twice, and the answer is the same and without an id."""
    account(call)
    _between(call)
    asked = call.fields()
    wanted = asked.get("type") or {}
    known = call.model.ties.types.values()
    kind = next((kind for kind in known if wanted.get("name") == kind.name or wanted.get("id") == kind.id), None)
    if kind is None:
        raise RefusalError(404, f"No issue link type with name '{wanted.get('name')}' found.")
    # The inward issue is the one that the link comes from: it shows the other one as ``outwardIssue``.
    link(call.model, _end(call, asked.get("inwardIssue")), kind.name, _end(call, asked.get("outwardIssue")))
    return Answer(201)


def show(call: Call) -> Answer:
    """Show a link with both of its ends."""
    issue, tie = _found(call)
    kind = call.model.ties.types[tie.kind]
    number = number_of(issue.key, tie.kind, tie.key)
    ends = {"inwardIssue": call.render.stub(issue.key), "outwardIssue": call.render.stub(tie.key)}
    shown = {"id": number, "self": f"{call.render.api}/issueLink/{number}", "type": call.render.link_type(kind)}
    return Answer(200, shown | ends)


def delete(call: Call) -> Answer:
    """Take a link off both issues."""
    account(call)
    issue, tie = _found(call)
    _between(call)
    unlink(call.model, issue.key, tie.kind, tie.key)
    return Answer(204)


def _between(call: Call) -> None:
    if not call.model.ties.enabled or not call.model.ties.may_link:
        raise RefusalError(404, "No Link Issue Permission for issue, or issue linking is currently disabled.")


def _end(call: Call, asked: object) -> str:
    name = (asked.get("key") or asked.get("id")) if isinstance(asked, dict) else None
    try:
        return call.model.issue(str(name or "")).key
    except KeyError:
        raise no_issue() from None


def _found(call: Call) -> tuple[Issue, Link]:
    number = str(call.params["link"])
    for issue in [] if call.blind else call.model.issues.values():
        for tie in issue.links:
            if not tie.inward and number_of(issue.key, tie.kind, tie.key) == number:
                return issue, tie
    raise RefusalError(404, f"No issue link with id '{number}' exists.")


# Links to what is outside.


def remotes(call: Call) -> Answer:
    """List an issue's remote links, or show the one of a global id."""
    issue = _linkable(call, reading=True)
    links = call.model.ties.remote.get(issue.id, {})
    name = call.query.get("globalId")
    if name is None:
        return Answer(200, [_remote(call, issue, number, link) for number, link in links.items()])
    number = _named(links, name)
    return Answer(200, _remote(call, issue, number, links[number]))


def remote(call: Call) -> Answer:
    """Show a remote link by its id."""
    issue = _linkable(call, reading=True)
    links = call.model.ties.remote.get(issue.id, {})
    number = _numbered(call, links)
    return Answer(200, _remote(call, issue, number, links[number]))


def put_remote(call: Call) -> Answer:
    """Create a remote link, or update the one of the same global id: what is left out of the body is null then."""
    account(call)
    issue = _linkable(call)
    body = call.fields()
    lead = body.get("object")
    lead = lead if isinstance(lead, dict) else {}
    errors = {name: f"'{name}' is required." for name in ("title", "url") if not str(lead.get(name) or "").strip()}
    if len(str(body.get("globalId") or "")) > LONGEST:
        errors["globalId"] = f"'globalId' must be no longer than {LONGEST} characters."
    if errors:
        raise RefusalError(400, errors=errors)
    number, new = call.model.ties.put(issue.id, body)
    _touched(call.model, issue)
    url = f"{call.render.api}/issue/{issue.key}/remotelink/{number}"
    return Answer(201 if new else 200, {"id": number, "self": url})


def drop_remotes(call: Call) -> Answer:
    """Take a remote link off by its global id."""
    account(call)
    issue = _linkable(call)
    name = call.query.get("globalId")
    if not name:
        raise RefusalError(400, "The global ID of the remote issue link is required.")
    drop(call.model, issue.key, _named(call.model.ties.remote.get(issue.id, {}), name))
    return Answer(204)


def drop_remote(call: Call) -> Answer:
    """Take a remote link off by its id."""
    account(call)
    issue = _linkable(call)
    drop(call.model, issue.key, _numbered(call, call.model.ties.remote.get(issue.id, {})))
    return Answer(204)


def _linkable(call: Call, *, reading: bool = False) -> Issue:
    issue = call.issue()
    if not call.model.ties.enabled:
        raise RefusalError(403, "Issue linking is currently disabled.")
    if not reading and not call.model.ties.may_link:
        raise RefusalError(403, f"No Link Issue Permission for issue '{issue.key}'")
    return issue


def _named(links: dict[int, JsonObject], name: str) -> int:
    found = next((number for number, link in links.items() if link.get("globalId") == name), None)
    if found is None:
        raise RefusalError(404, f"The remote link with global id '{name}' does not exist.")
    return found


def _numbered(call: Call, links: dict[int, JsonObject]) -> int:
    asked = str(call.params["link"])
    if not asked.isdecimal() or int(asked) not in links:
        raise RefusalError(404, f"The remote link with id '{asked}' does not exist.")
    return int(asked)


def _remote(call: Call, issue: Issue, number: int, link: JsonObject) -> JsonObject:
    shown: dict[str, Any] = {"id": number, "self": f"{call.render.api}/issue/{issue.key}/remotelink/{number}"}
    shown |= {name: link[name] for name in ("globalId", "relationship") if link.get(name) is not None}
    lead = {name: value for name, value in link["object"].items() if value is not None}
    return shown | {"application": link.get("application") or {}, "object": {"icon": {}, "status": {"icon": {}}} | lead}

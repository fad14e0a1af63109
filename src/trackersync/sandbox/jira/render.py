"""Jira's JSON. Version 3 writes descriptions as Atlassian's document format, version 2 as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from trackersync.sandbox import moments
from trackersync.sandbox.jira.workflow import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trackersync.sandbox.jira.model import History, Issue, Jira
    from trackersync.sandbox.jira.workflow import Status, Transition

JsonObject = dict[str, Any]

# Name, whether it can be edited with PUT, and the type that `GET /field` tells.
FIELDS: Final = {
    "summary": ("Summary", "string"),
    "description": ("Description", "string"),
    "status": ("Status", "status"),
    "resolution": ("Resolution", "resolution"),
    "resolutiondate": ("Resolved", "datetime"),
    "assignee": ("Assignee", "user"),
    "reporter": ("Reporter", "user"),
    "labels": ("Labels", "array"),
    "issuetype": ("Issue Type", "issuetype"),
    "priority": ("Priority", "priority"),
    "project": ("Project", "project"),
    "created": ("Created", "datetime"),
    "updated": ("Updated", "datetime"),
    "parent": ("Parent", "issuelink"),
    "subtasks": ("Sub-tasks", "array"),
    "issuelinks": ("Linked Issues", "array"),
}


class Renderer:
    """Writes a site's JSON for one base address and one version of the API."""

    def __init__(self, model: Jira, base: str, version: str) -> None:
        self.model = model
        self.version = version
        self.api = f"{base}/rest/api/{version}"
        self._user_cache: dict[str, JsonObject] = {}

    def user(self, account: str | None) -> JsonObject | None:
        """Render an account under both of its names."""
        user = None if account is None else self.model.users.get(account)
        if user is None:
            return None
        if user.account_id not in self._user_cache:
            avatars = {size: f"{self.api}/avatar/{size}" for size in ("48x48", "24x24", "16x16", "32x32")}
            self._user_cache[user.account_id] = {
                "self": f"{self.api}/user?accountId={user.account_id}",
                "accountId": user.account_id,
                "accountType": "atlassian",
                "name": user.name,
                "key": user.name,
                "avatarUrls": avatars,
                "displayName": user.display_name,
                "active": user.active,
                "timeZone": "Etc/UTC",
            }
        return self._user_cache[user.account_id]

    def myself(self, account: str) -> JsonObject:
        """Render the caller, with the time zone in which his quoted dates are read."""
        zone = self.model.time_zone
        key = zone.key if isinstance(zone, ZoneInfo) else "Etc/UTC"
        user = self.model.users[account]
        shown = (self.user(account) or {}) | {"timeZone": key, "locale": "en_US"}
        return shown if user.email is None else shown | {"emailAddress": user.email}

    def category(self, key: str) -> JsonObject:
        """Render a status category."""
        number, name, colour = CATEGORIES[key]
        url = f"{self.api}/statuscategory/{number}"
        return {"self": url, "id": number, "key": key, "colorName": colour, "name": name}

    def status(self, status: Status) -> JsonObject:
        """Render a status with its category."""
        return {
            "self": f"{self.api}/status/{status.id}",
            "description": "",
            "iconUrl": f"{self.api}/icons/statuses/generic.png",
            "name": status.name,
            "id": status.id,
            "statusCategory": self.category(status.category),
        }

    def named(self, kind: str, names: dict[str, str], name: str | None) -> JsonObject | None:
        """Render what is no more than an id and a name: a resolution, a priority."""
        if name is None:
            return None
        number = self.model.named(names, name)
        shown = {"self": f"{self.api}/{kind}/{number}", "id": number, "name": name}
        return shown | ({"description": ""} if kind == "resolution" else {"iconUrl": f"{self.api}/icons/{number}.png"})

    def kind(self, name: str) -> JsonObject:
        """Render an issue type."""
        number = self.model.named(self.model.kinds, name)
        return {
            "self": f"{self.api}/issuetype/{number}",
            "id": number,
            "description": "",
            "iconUrl": f"{self.api}/icons/issuetypes/{number}.png",
            "name": name,
            "subtask": name == "Sub-task",
        }

    def project(self, key: str) -> JsonObject:
        """Render a project as issues carry it."""
        number = str(10_000 + self.model.projects.index(key))
        avatars = {size: f"{self.api}/avatar/{size}" for size in ("48x48", "24x24", "16x16", "32x32")}
        return {
            "self": f"{self.api}/project/{number}",
            "id": number,
            "key": key,
            "name": key,
            "projectTypeKey": "software",
            "simplified": False,
            "avatarUrls": avatars,
        }

    def text(self, value: str | None) -> JsonObject | str | None:
        """Write a long text as this version does."""
        return value if self.version == "2" or value is None else document(value)

    def issue(self, issue: Issue, fields: Iterable[str]) -> JsonObject:
        """Render an issue with these fields; without any it is its id alone, as Cloud's search answers by default."""
        wanted = list(fields)
        shown: JsonObject = {"id": str(issue.id)}
        if wanted == ["id"]:
            return shown
        shown |= {
            "expand": "operations,changelog,transitions",
            "self": f"{self.api}/issue/{issue.id}",
            "key": issue.key,
        }
        writers = self._writers(issue)
        values = {name: writers[name]() for name in wanted if name in writers}
        return shown if wanted == ["key"] else shown | {"fields": values}

    def stub(self, key: str) -> JsonObject | None:
        """Render an issue as its relatives carry it."""
        number = self.model.keys.get(key)
        if number is None:
            return None
        issue = self.model.issues[number]
        status = self.model.workflows[issue.project].names[issue.status]
        fields = {"summary": issue.summary, "status": self.status(status), "issuetype": self.kind(issue.kind)}
        return {"id": str(number), "key": key, "self": f"{self.api}/issue/{number}", "fields": fields}

    def transition(self, way: Transition, project: str, *, fields: bool) -> JsonObject:
        """Render a transition; its screen only where it was asked for."""
        shown: JsonObject = {
            "id": way.id,
            "name": way.name,
            "to": self.status(self.model.workflows[project].names[way.to]),
            "hasScreen": bool(way.screen),
            "isGlobal": not way.sources,
            "isInitial": False,
            "isAvailable": True,
            "isConditional": False,
            "looped": False,
        }
        if fields:
            shown["fields"] = {name: self._screen_field(name, required=name in way.required) for name in way.screen}
        return shown

    def history(self, entry: History) -> JsonObject:
        """Render one entry of the changelog."""
        items = [
            {"field": name, "fieldtype": "jira", "fieldId": name, "from": before, "fromString": before_text,
             "to": after, "toString": after_text}
            for name, before, before_text, after, after_text in entry.items
        ]  # fmt: skip
        author = self.user(entry.author)
        return {"id": str(entry.id), "author": author, "created": moments.jira(entry.created), "items": items}

    def changelog(self, issue: Issue) -> JsonObject:
        """Render the whole changelog as an expansion shows it, newest first."""
        entries = [self.history(entry) for entry in reversed(issue.history)]
        return {"startAt": 0, "maxResults": len(entries), "total": len(entries), "histories": entries}

    def _screen_field(self, name: str, *, required: bool) -> JsonObject:
        allowed = [self.named("resolution", self.model.resolutions, known) for known in self.model.resolutions]
        return {
            "required": required,
            "schema": {"type": name, "system": name},
            "name": FIELDS[name][0],
            "key": name,
            "hasDefaultValue": False,
            "operations": ["set"],
            "allowedValues": allowed if name == "resolution" else [],
        }

    def _writers(self, issue: Issue) -> dict[str, Callable[[], Any]]:
        model = self.model
        return {
            "summary": lambda: issue.summary,
            "description": lambda: self.text(issue.description),
            "status": lambda: self.status(model.workflows[issue.project].names[issue.status]),
            "resolution": lambda: self.named("resolution", model.resolutions, issue.resolution),
            "resolutiondate": lambda: None if issue.resolved is None else moments.jira(issue.resolved),
            "assignee": lambda: self.user(issue.assignee),
            "reporter": lambda: self.user(issue.reporter),
            "creator": lambda: self.user(issue.reporter),
            "labels": lambda: list(issue.labels),
            "issuetype": lambda: self.kind(issue.kind),
            "priority": lambda: self.named("priority", model.priorities, issue.priority),
            "project": lambda: self.project(issue.project),
            "created": lambda: moments.jira(issue.created),
            "updated": lambda: moments.jira(issue.updated),
            "parent": lambda: None if issue.parent is None else self.stub(issue.parent),
            "subtasks": lambda: [self.stub(child) for child in self.model.children(issue.key)],
            "issuelinks": lambda: [self._link(at, issue) for at in range(len(issue.links))],
        }

    def _link(self, at: int, issue: Issue) -> JsonObject:
        link = issue.links[at]
        kind = {"Relates": ("10003", "relates to", "relates to"), "Blocks": ("10000", "is blocked by", "blocks")}
        number, inward, outward = kind[link.kind]
        side = "inwardIssue" if link.inward else "outwardIssue"
        return {
            "id": f"{issue.id}{at}",
            "self": f"{self.api}/issueLink/{issue.id}{at}",
            "type": {"id": number, "name": link.kind, "inward": inward, "outward": outward},
            side: self.stub(link.key),
        }


def document(text: str) -> JsonObject:
    """Write plain text in Atlassian's document format, a paragraph a line."""
    paragraphs = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}]} if line else {"type": "paragraph"}
        for line in text.split("\n")
    ]
    return {"type": "doc", "version": 1, "content": paragraphs}


def plain(value: object) -> str | None:
    """Read a long text back from a string or from Atlassian's document format."""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else None
    if value.get("type") == "text":
        return str(value.get("text", ""))
    inner = [plain(part) or "" for part in value.get("content", [])]
    return ("\n" if value.get("type") == "doc" else "").join(inner)

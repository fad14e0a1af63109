"""Jira's JSON. Version 3 writes descriptions as Atlassian's document format, version 2 as text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from trackersync.sandbox import moments
from trackersync.sandbox.jira import parts, past, ties
from trackersync.sandbox.jira.documents import document
from trackersync.sandbox.jira.workflow import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trackersync.sandbox.jira.model import History, Issue, Jira, Link
    from trackersync.sandbox.jira.ties import LinkType
    from trackersync.sandbox.jira.workflow import Status

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
    "components": ("Components", "array"),
    "fixVersions": ("Fix versions", "array"),
    "issuetype": ("Issue Type", "issuetype"),
    "priority": ("Priority", "priority"),
    "project": ("Project", "project"),
    "created": ("Created", "datetime"),
    "updated": ("Updated", "datetime"),
    "parent": ("Parent", "issuelink"),
    "subtasks": ("Sub-tasks", "array"),
    "issuelinks": ("Linked Issues", "array"),
    "duedate": ("Due date", "date"),
}


class Renderer:
    """Writes a site's JSON for one base address and one version of the API."""

    def __init__(self, model: Jira, base: str, version: str, *, cloud: bool = True) -> None:
        self.model = model
        self.cloud = cloud
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
                "accountType": user.account_type,
                "name": user.name,
                "key": user.key,
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
            "description": self.model.premises.notes.get(status.name, ""),
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
            "name": self.model.premises.titles.get(key, key),
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
        status = self.status(self.model.status_of(issue))
        fields = {"summary": issue.summary, "status": status, "issuetype": self.kind(issue.kind)}
        return {"id": str(number), "key": key, "self": f"{self.api}/issue/{number}", "fields": fields}

    def history(self, entry: History) -> JsonObject:
        """Render one entry of the changelog."""
        return past.entry(self.model, entry, self.user(entry.author), cloud=self.cloud)

    def changelog(self, issue: Issue) -> JsonObject:
        """Render the whole changelog as an expansion shows it, newest first."""
        entries = [self.history(entry) for entry in reversed(issue.history)]
        return {"startAt": 0, "maxResults": len(entries), "total": len(entries), "histories": entries}

    def _writers(self, issue: Issue) -> dict[str, Callable[[], Any]]:
        model = self.model
        return {
            "summary": lambda: issue.summary,
            "description": lambda: self.text(issue.description),
            "status": lambda: self.status(model.status_of(issue)),
            "resolution": lambda: self.named("resolution", model.resolutions, issue.resolution),
            "resolutiondate": lambda: None if issue.resolved is None else moments.jira(issue.resolved),
            "assignee": lambda: self.user(issue.assignee),
            "reporter": lambda: self.user(issue.reporter),
            "creator": lambda: self.user(issue.reporter),
            "labels": lambda: list(issue.labels),
            **{name: partial(self._parts, issue, name) for name in parts.NAMES},
            "issuetype": lambda: self.kind(issue.kind),
            "priority": lambda: self.named("priority", model.priorities, issue.priority),
            "project": lambda: self.project(issue.project),
            "created": lambda: moments.jira(issue.created),
            "updated": lambda: moments.jira(issue.updated),
            "parent": lambda: None if issue.parent is None else self.stub(issue.parent),
            "subtasks": lambda: [self.stub(child) for child in self.model.children(issue.key)],
            "issuelinks": lambda: [self._link(issue, link) for link in issue.links],
            "duedate": lambda: issue.due,
            **{name: partial(issue.custom.get, name) for name in model.custom_fields},
        }

    def _parts(self, issue: Issue, name: str) -> list[JsonObject]:
        return [parts.shown(self, issue.project, name, part) for part in issue.parts.get(name, ())]

    def _link(self, issue: Issue, link: Link) -> JsonObject:
        kind = self.model.ties.types[link.kind]
        number = ties.number_of(issue.key, link.kind, link.key, inward=link.inward)
        return {
            "id": number,
            "self": f"{self.api}/issueLink/{number}",
            "type": self.link_type(kind),
            "inwardIssue" if link.inward else "outwardIssue": self.stub(link.key),
        }

    def link_type(self, kind: LinkType) -> JsonObject:
        """Render a type of links."""
        url = f"{self.api}/issueLinkType/{kind.id}"
        return {"id": kind.id, "name": kind.name, "inward": kind.inward, "outward": kind.outward, "self": url}

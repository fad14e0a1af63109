"""A Jira site as state: its projects' issues, people, workflows, and what was asked of it.

Issues are frozen; an edit puts a new one in the old one's place. That also gives a lagging search for free: it shows
the pictures from before the edits until the index has caught up, while ``GET /issue`` shows what is.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from threading import RLock
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from trackersync.sandbox import moments
from trackersync.sandbox.audit import Edit
from trackersync.sandbox.faults import Faults, Request
from trackersync.sandbox.jira import customs, notices, past
from trackersync.sandbox.jira.customs import CustomField
from trackersync.sandbox.jira.parts import Parts
from trackersync.sandbox.jira.premises import Premises
from trackersync.sandbox.jira.ties import Ties
from trackersync.sandbox.order import Order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trackersync.sandbox.jira.limits import BucketLimits, CloudLimits
    from trackersync.sandbox.jira.workflow import Status, Transition, Workflow

BOT: Final = "5d8c1f0e7a3b9200c4d5e6f7"
_KEY: Final = re.compile(r"[A-Z][A-Z0-9_]+")
TYPES: Final = {"Task": "10001", "Bug": "10002", "Story": "10003", "Sub-task": "10004", "Epic": "10005"}


@dataclass(frozen=True, slots=True)
class User:
    """An account; ``account_id`` is Cloud's word for it and ``name`` Data Center's."""

    account_id: str
    name: str
    display_name: str
    active: bool = True
    email: str | None = None
    account_type: str = "atlassian"

    @property
    def key(self) -> str:
        """Data Center's other word for it, which its histories use: since 8.4 made up, and not the name."""
        return f"JIRAUSER{10_000 + crc32(self.account_id.encode()) % 90_000}"


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another issue, as seen from the issue that bears it."""

    kind: str
    key: str
    inward: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """One entry of the changelog: who, when, and ``(field, from, from text, to, to text)`` for each field."""

    id: int
    author: str
    created: int
    items: tuple[tuple[str, str | None, str | None, str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue; status and resolution by name, people by account id, moments in milliseconds."""

    id: int
    key: str
    summary: str
    status: str
    created: int
    updated: int
    description: str | None = None
    resolution: str | None = None
    resolved: int | None = None
    assignee: str | None = None
    reporter: str | None = None
    labels: tuple[str, ...] = ()
    kind: str = "Task"
    priority: str = "Medium"
    parent: str | None = None
    links: tuple[Link, ...] = ()
    due: str | None = None
    history: tuple[History, ...] = ()
    custom: Mapping[str, Any] = field(default_factory=dict, hash=False)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)

    @property
    def project(self) -> str:
        """Return the key of the project."""
        return self.key.rpartition("-")[0]

    @property
    def number(self) -> int:
        """Return the number within the project."""
        return int(self.key.rpartition("-")[2])


class Jira:
    """A site with its projects; safe to use from a test's thread while the server answers in another."""

    def __init__(self, workflows: dict[str, Workflow], *, clock: moments.Clock = moments.now) -> None:
        strange = next((key for key in workflows if not _KEY.fullmatch(key)), None)
        if strange is not None:
            raise ValueError(f"{strange!r} is no project's key: write capital letters and digits")
        self.workflows = workflows
        self.kind_workflows: dict[tuple[str, str], Workflow] = {}
        self.custom_fields: dict[str, CustomField] = {}
        self.ties = Ties()
        self.parts = Parts()
        self.premises = Premises()
        self.clock = clock
        self.lock = RLock()
        self.latency = 0.0
        self.faults = Faults()
        self.requests: list[Request] = []
        self.time_zone: tzinfo = UTC
        self.lag = 0.0
        self.window: int | None = 10_000
        self.window_status = 500
        self.conflicts = 0
        self.tokens: dict[str, datetime | None] = {}
        self.cloud_id = "11aa-22bb"
        self.captcha = False
        self.may_browse = True
        self.may_assign = True
        self.may_edit = True
        self.may_transition = True
        self.administers = False
        self.may_be_nobodys = True
        self.default_assignee: str | None = None
        self.off_screen: frozenset[str] = frozenset()
        self.locked: frozenset[str] = frozenset()
        self.limits: CloudLimits | BucketLimits | None = None
        self.may_see_workflows = False
        self.workflows_refusal = 401
        self.issues: dict[int, Issue] = {}
        self.edits: list[Edit[Issue]] = []
        self.keys: dict[str, int] = {}
        self.users: dict[str, User] = {}
        self.resolutions: dict[str, str] = {}
        self.kinds: dict[str, str] = dict(TYPES)
        self.priorities: dict[str, str] = {"High": "2", "Medium": "3", "Low": "4"}
        self.by_updated = Order()
        self.version = 0
        self.last_search: tuple[object, list[Issue]] | None = None
        self._numbers: dict[str, int] = {}
        self._last_id = 10_000
        self._histories = 70_000
        self._children: tuple[int, dict[str, list[str]]] = (-1, {})
        self._late: dict[int, list[tuple[float, Issue | None]]] = {}
        self.welcome([User(BOT, "acme-bot", "acme-bot", email="bot@acme.example")])

    @property
    def reads(self) -> int:
        """Count the requests so far that could not have changed anything."""
        return sum(request.kind == "read" for request in self.requests)

    @property
    def writes(self) -> int:
        """Count the requests so far that could have changed something."""
        return sum(request.kind == "write" for request in self.requests)

    @property
    def projects(self) -> tuple[str, ...]:
        """Return the keys of the projects served."""
        return tuple(self.workflows)

    def welcome(self, users: Iterable[User]) -> None:
        """Take in accounts."""
        with self.lock:
            self.users.update((user.account_id, user) for user in users)

    def user(self, name: str) -> User | None:
        """Find an account by account id, or by Data Center name."""
        return self.users.get(name) or next((user for user in self.users.values() if user.name == name), None)

    def issue(self, key: str) -> Issue:
        """Look at one issue by key or id; ``KeyError`` where there is none."""
        return self.issues[int(key) if key.isdecimal() else self.keys[key.upper()]]

    def fill(self, issues: Iterable[Issue]) -> None:
        """Place many issues at once into an empty site."""
        with self.lock:
            self.issues = {issue.id: issue for issue in issues}
            self.keys = {issue.key: issue.id for issue in self.issues.values()}
            self.by_updated = Order((issue.updated, issue.id) for issue in self.issues.values())
            for issue in self.issues.values():
                self._numbers[issue.project] = max(self._numbers.get(issue.project, 0), issue.number)
            self._last_id = max(self.issues, default=10_000)
            self.version += 1

    def put(self, issue: Issue) -> Issue:
        """Place an issue as it is, without history."""
        with self.lock:
            old = self.issues.get(issue.id)
            if self.lag > 0:
                self._late.setdefault(issue.id, []).append((self._until(), old))
            if old is not None:
                self.by_updated.discard(old.updated, old.id)
            self.issues[issue.id] = issue
            self.keys[issue.key] = issue.id
            self.by_updated.add(issue.updated, issue.id)
            self.version += 1
            return issue

    def create(
        self,
        summary: str,
        project: str | None = None,
        *,
        by: str = BOT,
        status: str | None = None,
        assignee: str | None = None,
        labels: Iterable[str] = (),
        description: str | None = None,
        kind: str = "Task",
        parent: str | None = None,
    ) -> Issue:
        """Create an issue as a person; it starts in the workflow's first status unless another is named."""
        with self.lock:
            project = project or self.projects[0]
            self._numbers[project] = number = self._numbers.get(project, 0) + 1
            self._last_id += 1
            now = moments.milliseconds(self.clock())
            first = status or self.workflow_of(project, kind).statuses[0].name
            key = f"{project}-{number}"
            who = self._account(assignee)
            made = self.put(
                Issue(self._last_id, key, summary, first, now, now, description, assignee=who, kind=kind,
                      reporter=self._account(by), labels=tuple(dict.fromkeys(labels)), parent=parent)
            )  # fmt: skip
            notices.created(self, made)
            return made

    def edit(
        self,
        key: str,
        *,
        by: str = BOT,
        summary: str | None = None,
        description: str | None = None,
        status: str | None = None,
        resolution: str | None = None,
        assignee: str | None = "",
        labels: Iterable[str] | None = None,
        parent: str | None = None,
        custom: Mapping[str, Any] | None = None,
        parts: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Issue:
        """Change an issue as a person (or an automation) would; an empty ``assignee`` leaves it, ``None`` clears it.

        A new status may be any of the project's, whatever the workflow draws. Entering done stamps the resolution, if
        one is given; leaving done clears it. ``custom`` holds the custom fields that change, as issues show them, and
        ``parts`` the names of ``components`` and ``fixVersions``.
        """
        with self.lock:
            old = self.issue(key)
            new = replace(
                old,
                summary=old.summary if summary is None else summary,
                description=old.description if description is None else description,
                status=old.status if status is None else status,
                resolution=old.resolution if resolution is None else resolution,
                assignee=old.assignee if assignee == "" else self._account(assignee),
                labels=old.labels if labels is None else tuple(dict.fromkeys(labels)),
                parent=old.parent if parent is None else parent,
                custom={**old.custom, **(custom or {})},
                parts={**old.parts, **(parts or {})},
            )
            done = self.status_of(new).category == "done"
            if new.status != old.status and not done:
                new = replace(new, resolution=None)
            if new == old:
                return old
            now = max(moments.milliseconds(self.clock()), old.updated + 1)
            if new.resolution != old.resolution:
                new = replace(new, resolved=None if new.resolution is None else now)
            new = self.put(replace(new, updated=now, history=(*old.history, self._history(old, new, by, now))))
            self.edits.append(Edit(new.history[-1].author, self.clock(), old, new))
            notices.edited(self, self.edits[-1])
            return new

    def transition(
        self,
        key: str,
        transition: Transition,
        resolution: str | None = None,
        *,
        by: str = BOT,
        **fields: Any,  # noqa: ANN401  # whatever `edit` takes
    ) -> Issue:
        """Take an issue along a way of its workflow; ``fields`` are those of ``edit``, filled in on the screen."""
        return self.edit(key, status=transition.to, resolution=resolution, by=by, **fields)

    def workflow_of(self, project: str, kind: str) -> Workflow:
        """Return the workflow that a project's issues of a type follow: the type's own, or the project's."""
        return self.kind_workflows.get((project, kind)) or self.workflows[project]

    def status_of(self, issue: Issue) -> Status:
        """Return the status an issue is in."""
        names = self.workflow_of(issue.project, issue.kind).names
        # A person may have put it into a status that only another type's workflow has.
        return names.get(issue.status) or self.workflows[issue.project].names[issue.status]

    def rename_status(self, old: str, new: str) -> None:
        """Call a status otherwise in all workflows, as an administrator does: its id stays, and no issue changes."""
        with self.lock:
            self.workflows.update({key: workflow.renamed(old, new) for key, workflow in self.workflows.items()})
            self.kind_workflows.update({key: flow.renamed(old, new) for key, flow in self.kind_workflows.items()})
            for issue in self.issues.values():
                if issue.status == old:
                    self.issues[issue.id] = replace(issue, status=new)
            self.version += 1

    def delete(self, key: str) -> None:
        """Delete an issue; whoever asks for it again is told 404."""
        with self.lock:
            issue = self.issues.pop(self.issue(key).id)
            if self.lag > 0:
                self._late.setdefault(issue.id, []).append((self._until(), issue))
            del self.keys[issue.key]
            self.by_updated.discard(issue.updated, issue.id)
            self.version += 1
            notices.deleted(self, issue, BOT)

    def catch_up(self) -> None:
        """Let the search index see everything, however long its lag."""
        with self.lock:
            self._late.clear()
            self.version += 1

    def searched(self, fresh: frozenset[int] = frozenset()) -> dict[int, Issue | None]:
        """Return what search shows otherwise than it is: the old picture, or ``None`` for an issue not yet seen."""
        now = self.clock().timestamp()
        for number, pictures in list(self._late.items()):
            self._late[number] = kept = [picture for picture in pictures if picture[0] > now]
            if not kept:
                del self._late[number]
                self.version += 1
        return {number: pictures[0][1] for number, pictures in self._late.items() if number not in fresh}

    def children(self, key: str) -> list[str]:
        """Return the keys of the sub-tasks of an issue."""
        if self._children[0] != self.version:
            found: dict[str, list[str]] = {}
            for issue in self.issues.values():
                if issue.parent is not None:
                    found.setdefault(issue.parent, []).append(issue.key)
            self._children = (self.version, found)
        return self._children[1].get(key, [])

    def named(self, names: dict[str, str], name: str) -> str:
        """Return the id behind a name, giving one out at the first meeting."""
        return names.setdefault(name, str(10_000 + len(names)))

    def _until(self) -> float:
        return math.inf if math.isinf(self.lag) else self.clock().timestamp() + self.lag

    def _account(self, name: str | None) -> str | None:
        user = None if name is None else self.user(name)
        return name if user is None else user.account_id

    def _history(self, old: Issue, new: Issue, by: str, now: int) -> History:
        self._histories += 1
        return History(self._histories, self._account(by) or by, now, tuple(self._items(old, new)))

    def _items(self, old: Issue, new: Issue) -> Iterator[tuple[str, str | None, str | None, str | None, str | None]]:
        if old.status != new.status:
            yield "status", self.status_of(old).id, old.status, self.status_of(new).id, new.status
        if old.resolution != new.resolution:
            ids = [
                None if name is None else self.named(self.resolutions, name)
                for name in (old.resolution, new.resolution)
            ]
            yield "resolution", ids[0], old.resolution, ids[1], new.resolution
        if old.assignee != new.assignee:
            shown = [
                self.users[name].display_name if name in self.users else name for name in (old.assignee, new.assignee)
            ]
            yield "assignee", old.assignee, shown[0], new.assignee, shown[1]
        if old.labels != new.labels:
            yield "labels", None, " ".join(old.labels), None, " ".join(new.labels)
        for name in ("summary", "description", "parent"):
            before, after = getattr(old, name), getattr(new, name)
            if before != after:
                yield name, None, before, None, after
        for name in new.parts:
            if set(old.parts.get(name, ())) != set(new.parts[name]):
                yield from past.parts(name, old.parts.get(name, ()), new.parts[name])
        for name in new.custom:
            if old.custom.get(name) != new.custom[name]:
                before, after = old.custom.get(name), new.custom[name]
                yield name, past.ids(before), customs.shown(before), past.ids(after), customs.shown(after)

"""Taking other people's issues in: raw Jira REST issues, GitHub REST issues or issue-import payloads, one JSON a line.

Only what some endpoint serves is kept, so that 18,000 issues of each fit easily. A file that cannot be read says
where: a :class:`LoadError` names file and line.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from sys import intern
from typing import TYPE_CHECKING, Any

import msgspec

from trackersync.sandbox import moments
from trackersync.sandbox.github.model import GitHub
from trackersync.sandbox.github.model import Issue as GitHubIssue
from trackersync.sandbox.jira.documents import plain
from trackersync.sandbox.jira.model import Issue as JiraIssue
from trackersync.sandbox.jira.model import Jira, User
from trackersync.sandbox.jira.workflow import CATEGORIES, Status, any_to_any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from trackersync.sandbox.moments import Clock


class LoadError(ValueError):
    """A file that was given to load cannot be used; the message names the file and the line."""


class _Named(msgspec.Struct):
    name: str
    id: str = ""


class _Category(msgspec.Struct):
    key: str


class _Status(msgspec.Struct):
    id: str
    name: str
    status_category: _Category = msgspec.field(name="statusCategory")


class _User(msgspec.Struct):
    account_id: str | None = msgspec.field(name="accountId", default=None)
    name: str | None = None
    display_name: str | None = msgspec.field(name="displayName", default=None)
    active: bool = True


class _Parent(msgspec.Struct):
    key: str


class _Fields(msgspec.Struct):
    summary: str
    status: _Status
    created: str
    updated: str
    description: Any = None
    resolution: _Named | None = None
    resolutiondate: str | None = None
    assignee: _User | None = None
    reporter: _User | None = None
    labels: list[str] = msgspec.field(default_factory=list)
    issuetype: _Named | None = None
    priority: _Named | None = None
    parent: _Parent | None = None


class _JiraLine(msgspec.Struct):
    id: str
    key: str
    fields: _Fields


class _Login(msgspec.Struct):
    login: str


class _Milestone(msgspec.Struct):
    number: int
    title: str = ""


class _Payload(msgspec.Struct):
    title: str
    created_at: str
    body: str | None = None
    updated_at: str | None = None
    closed_at: str | None = None
    closed: bool = False
    labels: list[str] = msgspec.field(default_factory=list)
    assignee: str | None = None
    milestone: int | None = None


class _GitHubLine(msgspec.Struct):
    issue: _Payload | None = None
    jira_key: str | None = msgspec.field(name="_jira_key", default=None)
    comments: int | list[msgspec.Raw] = 0
    number: int | None = None
    title: str = ""
    body: str | None = None
    state: str = "open"
    state_reason: str | None = None
    user: _Login | None = None
    labels: list[str | _Named] = msgspec.field(default_factory=list)
    assignees: list[_Login] = msgspec.field(default_factory=list)
    milestone: _Milestone | None = None
    created_at: str = ""
    updated_at: str = ""
    closed_at: str | None = None
    pull_request: dict[str, Any] | None = None


def load_jira(path: Path, clock: Clock = moments.now) -> Jira:
    """Build a site from raw REST issues; the keys name its projects, whose workflow goes from any status to any."""
    decoder = msgspec.json.Decoder(_JiraLine)
    users: dict[str, User] = {}
    statuses: dict[str, dict[str, Status]] = {}
    issues: dict[int, JiraIssue] = {}
    kinds: dict[str, str] = {}
    resolutions: dict[str, str] = {}
    priorities: dict[str, str] = {}
    for at, raw in _lines(path):
        try:
            line = decoder.decode(raw)
            issue = _jira_issue(line, users, statuses)
        except (msgspec.DecodeError, ValueError) as trouble:
            raise LoadError(f"{path}:{at}: no Jira issue as REST returns it: {trouble}") from trouble
        if issue.id in issues:
            raise LoadError(f"{path}:{at}: {issue.key} has the id {issue.id}, which an earlier line has")
        issues[issue.id] = issue
        for names, named in ((kinds, line.fields.issuetype), (resolutions, line.fields.resolution),
                             (priorities, line.fields.priority)):  # fmt: skip
            if named is not None and named.id:
                names.setdefault(intern(named.name), named.id)
    model = Jira({key: any_to_any(_by_category(found)) for key, found in statuses.items()}, clock=clock)
    model.welcome(users.values())
    # A file whose issues are all open still has a workflow that ends somewhere.
    model.resolutions = resolutions or {"Done": "1"}
    model.kinds, model.priorities = kinds or model.kinds, priorities or model.priorities
    model.fill(issues.values())
    return model


def load_github(path: Path, repository: str, clock: Clock = moments.now) -> GitHub:
    """Build a repository from REST issues, or from import payloads, which are numbered in the file's order."""
    decoder = msgspec.json.Decoder(_GitHubLine)
    model = GitHub(repository, clock=clock)
    issues: dict[int, GitHubIssue] = {}
    for at, raw in _lines(path):
        try:
            line = decoder.decode(raw)
            issue = _github_issue(line, len(issues) + 1, model)
        except (msgspec.DecodeError, ValueError) as trouble:
            raise LoadError(f"{path}:{at}: neither a GitHub issue nor an import payload: {trouble}") from trouble
        if issue.number in issues:
            raise LoadError(f"{path}:{at}: an earlier line has the number {issue.number}")
        issues[issue.number] = issue
        if line.jira_key is not None:
            model.truth[issue.number] = line.jira_key
    model.fill(issues.values())
    return model


def read_user_map(path: Path) -> dict[str, str]:
    """Read rows of display id, Jira user name, GitHub login into logins by Jira name; without a login, nobody."""
    logins: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in (reader := csv.reader(file)):
                if not any(cell.strip() for cell in row):
                    continue
                if len(row) < 3:
                    raise LoadError(f"{path}:{reader.line_num}: three columns are needed: display id, Jira name, login")
                if row[1].strip() and row[2].strip():
                    logins[row[1].strip()] = row[2].strip()
    except (OSError, UnicodeDecodeError, csv.Error) as trouble:
        raise LoadError(f"{path}: cannot be read: {trouble}") from trouble
    return logins


def assign(github: GitHub, jira: Jira | None, logins: Mapping[str, str]) -> None:
    """Give loaded GitHub issues owners: the pair's mapped assignee where the Jira number is even, nobody where odd.

    So half of the pairs agree and half of them lack an owner on GitHub, which is what a first run has to deal with.
    """
    github.allow(logins.values())
    if jira is None:
        return
    owned: dict[int, GitHubIssue] = dict(github.issues)
    for number, key in github.truth.items():
        pair = jira.issues.get(jira.keys.get(key, 0))
        user = jira.users.get(pair.assignee) if pair is not None and pair.assignee is not None else None
        login = logins.get(user.name) if user is not None else None
        even = pair is not None and pair.number % 2 == 0
        assignees = (login,) if login is not None and even else ()
        owned[number] = replace(owned[number], assignees=assignees)
    github.fill(owned.values())


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    at = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for at, raw in enumerate(file, start=1):
                if raw.strip():
                    yield at, raw
    except (OSError, EOFError) as trouble:
        raise LoadError(f"{path}:{at + 1}: cannot be read: {trouble}") from trouble


def _jira_issue(line: _JiraLine, users: dict[str, User], statuses: dict[str, dict[str, Status]]) -> JiraIssue:
    fields = line.fields
    project, _, number = line.key.rpartition("-")
    if not project or not number.isdecimal() or not line.id.isdecimal():
        raise ValueError(f"{line.key!r} with the id {line.id!r} is no issue's key and id")
    if fields.status.status_category.key not in CATEGORIES:
        raise ValueError(f"{fields.status.status_category.key!r} is no status category")
    status = Status(fields.status.id, intern(fields.status.name), fields.status.status_category.key)
    statuses.setdefault(project, {}).setdefault(status.name, status)
    description = fields.description
    return JiraIssue(
        int(line.id), line.key, fields.summary, status.name,
        _milliseconds(fields.created), _milliseconds(fields.updated),
        description if isinstance(description, str) else plain(description),
        resolution=None if fields.resolution is None else intern(fields.resolution.name),
        resolved=None if fields.resolutiondate is None else _milliseconds(fields.resolutiondate),
        assignee=_account(fields.assignee, users),
        reporter=_account(fields.reporter, users),
        labels=tuple(map(intern, fields.labels)),
        kind="Task" if fields.issuetype is None else intern(fields.issuetype.name),
        priority="Medium" if fields.priority is None else intern(fields.priority.name),
        parent=None if fields.parent is None else fields.parent.key,
    )  # fmt: skip


def _github_issue(line: _GitHubLine, number: int, model: GitHub) -> GitHubIssue:
    count = len(line.comments) if isinstance(line.comments, list) else line.comments
    payload = line.issue
    if payload is not None:
        if payload.milestone is not None:
            model.milestones.setdefault(payload.milestone, str(payload.milestone))
        if payload.assignee is not None:
            model.allow([payload.assignee])
        created = _seconds(payload.created_at)
        closed = payload.closed or payload.closed_at is not None
        updated = _seconds(payload.updated_at or payload.closed_at or payload.created_at)
        return GitHubIssue(
            number, payload.title, created, updated, payload.body,
            state="closed" if closed else "open",
            # An import names no reason, so none is made up.
            reason=None,
            labels=tuple(intern(model.add_label(name)) for name in payload.labels),
            assignees=() if payload.assignee is None else (payload.assignee,),
            milestone=payload.milestone,
            closed=_seconds(payload.closed_at or payload.updated_at or payload.created_at) if closed else None,
            author=model.owner, comments=count,
        )  # fmt: skip
    if line.state not in {"open", "closed"}:
        raise ValueError(f"{line.state!r} is neither open nor closed")
    if line.number is None or not line.title or not line.created_at:
        raise ValueError("`number`, `title` and `created_at` are needed")
    if line.milestone is not None:
        model.milestones.setdefault(line.milestone.number, line.milestone.title or str(line.milestone.number))
    logins = tuple(account.login for account in line.assignees)
    model.allow(logins)
    names = (name if isinstance(name, str) else name.name for name in line.labels)
    return GitHubIssue(
        line.number, line.title, _seconds(line.created_at), _seconds(line.updated_at or line.created_at), line.body,
        state=line.state, reason=line.state_reason,
        labels=tuple(intern(model.add_label(name)) for name in names),
        assignees=logins,
        milestone=None if line.milestone is None else line.milestone.number,
        closed=None if line.closed_at is None else _seconds(line.closed_at),
        author=model.owner if line.user is None else line.user.login,
        comments=count, pull=line.pull_request is not None,
    )  # fmt: skip


def _account(user: _User | None, users: dict[str, User]) -> str | None:
    if user is None:
        return None
    number = user.account_id or user.name
    if not number:
        raise ValueError("a user has neither `accountId` nor `name`")
    number = intern(number)
    users.setdefault(number, User(number, user.name or number, user.display_name or number, active=user.active))
    return number


def _by_category(statuses: Mapping[str, Status]) -> tuple[Status, ...]:
    """Put statuses in the order of work, so that a new issue starts in one that is to be done."""
    order = list(CATEGORIES)
    return tuple(sorted(statuses.values(), key=lambda status: (order.index(status.category), status.id)))


def _seconds(text: str) -> int:
    return moments.seconds(moments.parse(text))


def _milliseconds(text: str) -> int:
    return moments.milliseconds(moments.parse(text))

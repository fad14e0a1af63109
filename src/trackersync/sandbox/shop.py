"""The sample shop: one week of a made-up company over both trackers, as the documentation's screens show it.

42 issues on GitHub, 44 in Jira, 38 of them pairs: 48 tasks, 36 of them open. Ages are kept by counting back from now,
so the shop is always as old as on the screens. Its tracker's configuration is ``shop.yaml`` beside this file.
"""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from trackersync.sandbox import moments
from trackersync.sandbox.github.model import Event, GitHub
from trackersync.sandbox.github.model import Issue as GitHubIssue
from trackersync.sandbox.jira.customs import FLAGGED
from trackersync.sandbox.jira.model import History, Jira, Link, User
from trackersync.sandbox.jira.model import Issue as JiraIssue
from trackersync.sandbox.jira.premises import Board
from trackersync.sandbox.jira.workflow import Status, drawn
from trackersync.sandbox.shop_table import Row, rows

if TYPE_CHECKING:
    from datetime import datetime

    from trackersync.sandbox.jira.workflow import Workflow

SITE: Final = "https://acme.atlassian.net"
STAGES: Final = ("idea", "research", "requirements", "design", "prototype", "build", "verify", "release", "distribute",
                 "launch", "support")  # fmt: skip

# Cloud's account ids tell nothing of the person; Data Center's names are the logins.
ACCOUNTS: Final = {
    "ada-l": "5b10a2844c20165700ede21g",
    "grace-h": "5b10ac8d82e05b22cc7d4ef5",
    "alan-t": "5b109f2e9729b51b54dc274d",
    "kath-j": "5b1096a1e5b92f1c8a3f6d02",
    "margaret-h": "5b1099f30a7c4d6be8f1523c",
    "susan-k": "5b10a9d4c81e7f2a60b3d94e",
    "tim-b": "5b10b07f3e5a9d1c74f8e261",
    "radia-p": "5b10b6c2d94f0e8a15c7b3f9",
}
_INACTIVE: Final = frozenset({"tim-b"})

_STATUSES: Final = (
    ("Backlog", "new"), ("To Do", "new"), ("Research", "indeterminate"), ("Requirements", "indeterminate"),
    ("Design", "indeterminate"), ("Prototype", "indeterminate"), ("In Progress", "indeterminate"),
    ("In Review", "indeterminate"), ("Release", "indeterminate"), ("Distribution", "indeterminate"),
    ("Launch", "indeterminate"), ("Support", "indeterminate"), ("Done", "done"),
    ("Waiting for vendor", "indeterminate"),
)  # fmt: skip

# From In Progress there is no way to Done but through In Review, and no transition bears a status's name.
_WAYS: Final = (
    ("Backlog", "Select", "To Do"), ("To Do", "Put back", "Backlog"), ("Backlog", "Decline", "Done"),
    ("To Do", "Refuse", "Done"), ("To Do", "Look into it", "Research"), ("To Do", "Take up", "In Progress"),
    ("Research", "Write down", "Requirements"), ("Research", "Shelve", "To Do"),
    ("Requirements", "Draw", "Design"), ("Requirements", "Ask again", "Research"),
    ("Design", "Try out", "Prototype"), ("Design", "Rewrite", "Requirements"),
    ("Prototype", "Start work", "In Progress"), ("Prototype", "Redraw", "Design"),
    ("In Progress", "Hand to review", "In Review"), ("In Progress", "Back to the drawing board", "Design"),
    ("In Progress", "Wait", "Waiting for vendor"), ("Waiting for vendor", "Go on", "In Progress"),
    ("In Review", "Send back", "In Progress"), ("In Review", "Accept", "Done"),
    ("In Review", "Hand to release", "Release"),
    ("Release", "Ship out", "Distribution"), ("Release", "Stop release", "In Review"),
    ("Distribution", "Announce", "Launch"), ("Distribution", "Call back", "Release"),
    ("Launch", "Look after", "Support"), ("Launch", "Postpone", "Distribution"),
    ("Support", "Close", "Done"), ("Support", "Announce again", "Launch"),
    ("Done", "Reopen", "To Do"),
)  # fmt: skip

_COLUMNS: Final = (
    ("Backlog", ("Backlog", "To Do")), ("Research", ("Research",)), ("Requirements", ("Requirements",)),
    ("Design", ("Design",)), ("Prototype", ("Prototype",)), ("In progress", ("In Progress", "Waiting for vendor")),
    ("Review", ("In Review",)), ("Release", ("Release",)), ("Distribution", ("Distribution",)),
    ("Launch", ("Launch",)), ("Support", ("Support",)), ("Done", ("Done",)),
)  # fmt: skip

# Labels and texts that trackersync does not own and must leave as they are.
_FOREIGN: Final = {9: ("bug", "customer"), 14: ("bug",), 15: ("bug",), 17: ("bug", "checkout"), 21: ("enhancement",),
                   11: ("bug",), 26: ("bug", "good first issue"), 32: ("courier",)}  # fmt: skip
_JIRA_LABELS: Final = {31: ("refund",), 42: ("checkout", "gift-cards"), 46: ("gift-cards",), 45: ("loyalty",)}
_KEY_IN_TITLE: Final = frozenset({42, 40, 53})
_MENTIONS: Final = {9: 29, 21: 41, 35: 38, 8: 31}
_LINKS: Final = {31: ("Relates", 29), 53: ("Blocks", 54), 45: ("Relates", 22)}
_PARENTS: Final = {35: 45}
_BACK_LINKED: Final = frozenset({33, 51})
_SCREEN_TIMES: Final = {17: 4.997}


def workflow() -> Workflow:
    """Draw the shop's workflow, with its two-hop ways."""
    statuses = tuple(Status(str(at), name, category) for at, (name, category) in enumerate(_STATUSES, start=10_000))
    return drawn(statuses, _WAYS)


def configuration() -> str:
    """Return the text of the shop's configuration; ``${GITHUB_URL}`` and ``${JIRA_URL}`` stand for the addresses."""
    return files(__package__).joinpath("shop.yaml").read_text(encoding="utf-8")


def fill_github(model: GitHub, project: str = "SHOP") -> None:
    """Open the shop's issues, and two pull requests that the same list shows."""
    now = model.clock()
    model.token_expires = now + timedelta(days=25)
    model.allow(ACCOUNTS)
    for name in (*(f"stage: {stage}" for stage in STAGES), "bug", "enhancement", "customer"):
        model.add_label(name)
    issues = [_github_issue(row, project, now) for row in rows() if row.github is not None]
    for issue in issues:
        for name in issue.labels:
            model.add_label(name)
    for number, author, title in (
        (43, "ada-l", "Read amounts as decimals"),
        (44, "grace-h", "Bump the courier client"),
    ):
        moment = _ago(now, 0.3)
        issues.append(
            GitHubIssue(number, title, moment, moment, "", author=author, labels=("dependencies",), pull=True)
        )
    model.add_label("dependencies")
    model.fill(issues)
    model.events.extend(line for issue in issues for line in _github_history(issue))


def fill_jira(model: Jira, project: str = "SHOP", repository: str = "acme/shop") -> None:
    """Create the shop's Jira issues."""
    now = model.clock()
    model.administers = True
    model.premises.boards.append(Board(1, f"{project} board", project, _COLUMNS))
    model.custom_fields[FLAGGED.id] = FLAGGED
    model.welcome(User(number, name, name, active=name not in _INACTIVE) for name, number in ACCOUNTS.items())
    for name in ("Done", "Won't Do", "Duplicate", "Cannot Reproduce"):
        model.named(model.resolutions, name)
    statuses = model.workflows[project].names
    model.fill(_jira_issue(row, project, repository, now, statuses) for row in rows() if row.jira is not None)


def meanwhile(github: GitHub, jira: Jira) -> tuple[str, str]:
    """Let people go on working, as between two runs on the screens, and say who did what."""
    project = jira.projects[0]
    jira.edit(f"{project}-42", status="In Review", by="ada-l")
    github.edit(32, assignees=["ada-l"], by="grace-h")
    return (
        f"ada-l moves {project}-42 to In Review in jira",
        f"grace-h hands {github.name}#32 to ada-l on github",
    )


def _ago(now: datetime, days: float) -> int:
    return moments.seconds(now - timedelta(days=days))


def _github_issue(row: Row, project: str, now: datetime) -> GitHubIssue:
    number = row.github or 0
    title, body = row.title, "Seen by a customer.\n"
    if row.jira is not None:
        body = f"Jira: {SITE}/browse/{project}-{row.jira}\n\n{body}"
        if row.jira in _KEY_IN_TITLE:
            title, body = f"{project}-{row.jira} {title}", "Seen by a customer.\n"
    if number in _MENTIONS:
        body += f"\nSee also {SITE}/browse/{project}-{_MENTIONS[number]}\n"
    created = _ago(now, _SCREEN_TIMES.get(number, row.created))
    updated = max(_ago(now, row.updated), created)
    closed = row.reason is not None
    return GitHubIssue(
        number, title, created, updated, body,
        state="closed" if closed else "open",
        reason=row.reason,
        labels=(*_FOREIGN.get(number, ()), *row.labels),
        assignees=row.assignees,
        closed=updated if closed else None,
        closed_by=(row.assignees[0] if row.assignees else "margaret-h") if closed else None,
        author="ada-l" if number == 17 else "margaret-h",
    )  # fmt: skip


def _github_history(issue: GitHubIssue) -> list[Event]:
    lines = [Event(issue.number, "assigned", issue.author, issue.created, assignee=login) for login in issue.assignees]
    lines += [Event(issue.number, "labeled", issue.author, issue.updated, label=name) for name in issue.labels]
    if issue.closed is not None and issue.closed_by is not None:
        lines.append(Event(issue.number, "closed", issue.closed_by, issue.closed, reason=issue.reason))
    return lines


def _jira_issue(row: Row, project: str, repository: str, now: datetime, statuses: dict[str, Status]) -> JiraIssue:
    number = row.jira or 0
    created, updated = _ago(now, row.created) * 1000, _ago(now, row.updated) * 1000
    description = "What the customer sees, and what should happen instead."
    if number in _BACK_LINKED:
        description += f"\nhttps://github.com/{repository}/issues/{row.github}"
    done = row.resolution is not None
    assignee = ACCOUNTS.get(row.assignee or "")
    sub = number in _PARENTS
    return JiraIssue(
        10_000 + number, f"{project}-{number}", row.title, row.status, created, updated, description,
        resolution=row.resolution,
        resolved=updated if done else None,
        assignee=assignee,
        reporter=ACCOUNTS["margaret-h"],
        labels=_JIRA_LABELS.get(number, ()),
        kind="Sub-task" if sub else "Task",
        parent=f"{project}-{_PARENTS[number]}" if sub else None,
        links=_links(number, project),
        history=_jira_history(row, assignee, updated, statuses),
    )  # fmt: skip


def _links(number: int, project: str) -> tuple[Link, ...]:
    outward = [Link(kind, f"{project}-{other}") for mine, (kind, other) in _LINKS.items() if mine == number]
    inward = [Link(kind, f"{project}-{mine}", inward=True) for mine, (kind, other) in _LINKS.items() if other == number]
    return (*outward, *inward)


def _jira_history(row: Row, assignee: str | None, updated: int, statuses: dict[str, Status]) -> tuple[History, ...]:
    """Tell the one move that brought the issue where it is; a new one has not moved yet."""
    if row.status == "Backlog":
        return ()
    first, last = statuses["Backlog"], statuses[row.status]
    items: list[tuple[str, str | None, str | None, str | None, str | None]] = []
    if assignee is not None:
        items.append(("assignee", None, None, assignee, row.assignee))
    items.append(("status", first.id, first.name, last.id, last.name))
    if row.resolution is not None:
        items.append(("resolution", None, None, None, row.resolution))
    author = assignee or ACCOUNTS["margaret-h"]
    return (History(60_000 + (row.jira or 0), author, updated, tuple(items)),)

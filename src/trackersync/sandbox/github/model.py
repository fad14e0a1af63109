"""One GitHub repository as state: issues, labels, the people who may be assigned, and what was asked of it.

Issues are frozen; an edit puts a new one in the old one's place, so whoever holds an issue holds a picture of it. The
routes keep the vendor's rules (what is refused, what is dropped in silence); the methods here are what a person can
do on the web, where the same rules are kept by what the page offers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import RLock
from typing import TYPE_CHECKING, Final

from trackersync.sandbox import moments
from trackersync.sandbox.audit import Edit
from trackersync.sandbox.faults import Faults, Request
from trackersync.sandbox.github.boards import Boards, IssueField
from trackersync.sandbox.github.code import Code
from trackersync.sandbox.github.hub import About, Hub
from trackersync.sandbox.github.ties import Ties
from trackersync.sandbox.order import Order

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import msgspec

MOST_ASSIGNEES: Final = 10
BOT: Final = "acme-bot"


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, or with ``pull`` a pull request, which the same list shows."""

    number: int
    title: str
    created: int
    updated: int
    body: str | None = None
    state: str = "open"
    reason: str | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: int | None = None
    closed: int | None = None
    closed_by: str | None = None
    author: str = "ghost"
    comments: int = 0
    pull: bool = False
    type: str | None = None
    fields: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an issue's timeline."""

    number: int
    event: str
    actor: str
    created: int
    label: str | None = None
    assignee: str | None = None
    reason: str | None = None
    milestone: str | None = None
    type: str | None = None
    old_type: str | None = None


class Unset:
    """What an edit leaves alone, where ``None`` already means "take it away"."""


UNSET: Final = Unset()


class GitHub:
    """A repository with its issues; safe to use from a test's thread while the server answers in another."""

    def __init__(self, repository: str = "acme/shop", *, clock: moments.Clock = moments.now) -> None:
        self.owner, slash, self.name = repository.partition("/")
        if not (self.owner and slash and self.name) or "/" in self.name:
            raise ValueError(f"{repository!r} is no repository: write OWNER/NAME")
        self.repository_id = 681_273_514
        self.clock = clock
        self.lock = RLock()
        self.latency = 0.0
        self.faults = Faults()
        self.requests: list[Request] = []
        self.visible = True
        self.private = False
        self.archived = False
        self.has_issues = True
        self.former: list[str] = []
        self.hub = Hub(self)
        self.about = About()
        self.writable = True
        self.push = True
        self.token_expires: datetime | None = None
        self.hourly = 15_000
        self.issues: dict[int, Issue] = {}
        self.labels: dict[str, str] = {}
        self.label_ids: dict[str, int] = {}
        self.assignable: dict[str, str] = {}
        self.accounts: dict[str, int] = {}
        self.milestones: dict[int, str] = {}
        self.due: dict[int, str] = {}
        self.duplicates: dict[int, int] = {}
        self.issue_types: list[str] = []
        self.issue_fields: list[IssueField] = []
        self.boards = Boards(self)
        self.code = Code(self)
        self.ties = Ties(self)
        self.events: list[Event] = []
        self.edits: list[Edit[Issue]] = []
        self.truth: dict[int, str] = {}
        self.encoded: dict[tuple[str, str, str], msgspec.Raw] = {}
        self.gone: set[int] = set()
        self.moved: dict[int, str] = {}
        self.by_updated = Order()
        self.by_created = Order()
        self._last_number = 0

    @property
    def repository(self) -> str:
        """Return ``OWNER/NAME``."""
        return f"{self.owner}/{self.name}"

    def rename(self, to: str) -> None:
        """Give the repository another name or owner; the old address redirects to it."""
        with self.lock:
            self.former.append(self.repository)
            self.owner, _, self.name = to.partition("/")
            self.encoded.clear()

    @property
    def reads(self) -> int:
        """Count the requests so far that could not have changed anything."""
        return sum(request.kind == "read" for request in self.requests)

    @property
    def writes(self) -> int:
        """Count the requests so far that could have changed something."""
        return sum(request.kind == "write" for request in self.requests)

    def issue(self, number: int) -> Issue:
        """Look at one issue; ``KeyError`` where there is none."""
        return self.issues[number]

    def account(self, login: str) -> int:
        """Return the database id behind a login, giving one out at the first meeting."""
        return self.accounts.setdefault(login, 583_231 + len(self.accounts))

    def allow(self, logins: Iterable[str]) -> None:
        """Let these people be assigned."""
        with self.lock:
            for login in logins:
                self.assignable.setdefault(login.casefold(), login)
                self.account(login)

    def add_label(self, name: str) -> str:
        """Create a label unless the repository has it, and return it as the repository writes it."""
        spelt = self.labels.setdefault(name.casefold(), name)
        self.label_ids.setdefault(spelt, 208_045_946 + len(self.label_ids))
        return spelt

    def put(self, issue: Issue) -> Issue:
        """Place an issue as it is, without history: how the shop and loaded files come in."""
        with self.lock:
            old = self.issues.get(issue.number)
            if old is not None:
                self.by_updated.discard(old.updated, old.number)
                self.by_created.discard(old.created, old.number)
            self.issues[issue.number] = issue
            self.by_updated.add(issue.updated, issue.number)
            self.by_created.add(issue.created, issue.number)
            self._last_number = max(self._last_number, issue.number)
            return issue

    def fill(self, issues: Iterable[Issue]) -> None:
        """Place many issues at once into an empty repository."""
        with self.lock:
            self.issues = {issue.number: issue for issue in issues}
            self.by_updated = Order((issue.updated, issue.number) for issue in self.issues.values())
            self.by_created = Order((issue.created, issue.number) for issue in self.issues.values())
            self._last_number = max(self.issues, default=0)

    def create(
        self,
        title: str,
        body: str | None = None,
        *,
        labels: Iterable[str] = (),
        assignees: Iterable[str] = (),
        milestone: int | None = None,
        pull: bool = False,
        by: str = BOT,
    ) -> Issue:
        """Open an issue as a person."""
        with self.lock:
            self._last_number += 1
            now = moments.seconds(self.clock())
            blank = Issue(self._last_number, title, now, now, body, author=by, milestone=milestone, pull=pull)
            self.hub.notices.opened(self, self.put(blank))
            return self.edit(blank.number, labels=labels, assignees=assignees, by=by)

    def edit(
        self,
        number: int,
        *,
        by: str = BOT,
        title: str | None = None,
        body: str | Unset | None = UNSET,
        state: str | None = None,
        reason: str | None = None,
        labels: Iterable[str] | None = None,
        assignees: Iterable[str] | None = None,
        milestone: int | Unset | None = UNSET,
        type: str | Unset | None = UNSET,  # noqa: A002  # the vendor's word
        fields: tuple[tuple[int, str], ...] | None = None,
    ) -> Issue:
        """Change an issue as a person; labels and assignees replace the whole set, and ``reason`` needs a new state."""
        with self.lock:
            old = self.issues[number]
            now = max(moments.seconds(self.clock()), old.updated)
            new = replace(
                old,
                title=old.title if title is None else title,
                body=old.body if isinstance(body, Unset) else body,
                milestone=old.milestone if isinstance(milestone, Unset) else milestone,
                type=old.type if isinstance(type, Unset) else type,
                fields=old.fields if fields is None else fields,
                labels=old.labels if labels is None else tuple(dict.fromkeys(map(self.add_label, labels))),
                assignees=old.assignees if assignees is None else self._people(assignees),
            )
            if state is not None and state != old.state:
                closing = state == "closed"
                new = replace(
                    new,
                    state=state,
                    reason=(reason or "completed") if closing else "reopened",
                    closed=now if closing else None,
                    closed_by=by if closing else None,
                )
            if new == old:
                return old
            self._note(old, new, by, now)
            new = self.put(replace(new, updated=now))
            self.edits.append(Edit(by, self.clock(), old, new))
            self.hub.notices.edited(self, self.edits[-1])
            return new

    def delete(self, number: int) -> None:
        """Delete an issue; whoever asks for it again is told 410."""
        with self.lock:
            self.hub.notices.deleted(self, self._forget(number), BOT)
            self.gone.add(number)

    def transfer(self, number: int, to: str) -> None:
        """Move an issue to another repository; whoever asks for it again is told 301 and that address."""
        with self.lock:
            self._forget(number)
            self.moved[number] = to

    def _people(self, logins: Iterable[str]) -> tuple[str, ...]:
        """Spell logins as the accounts do, once each; GitHub's capacity ends the list."""
        known = (self.assignable.get(login.casefold(), login) for login in logins)
        return tuple(dict.fromkeys(known))[:MOST_ASSIGNEES]

    def _forget(self, number: int) -> Issue:
        issue = self.issues.pop(number)
        self.by_updated.discard(issue.updated, number)
        self.by_created.discard(issue.created, number)
        return issue

    def _note(self, old: Issue, new: Issue, by: str, now: int) -> None:
        """Write the timeline of an edit, one line per label and person as GitHub does."""
        lines = [Event(new.number, "labeled", by, now, label=name) for name in new.labels if name not in old.labels]
        lines += [Event(new.number, "unlabeled", by, now, label=name) for name in old.labels if name not in new.labels]
        lines += [
            Event(new.number, "assigned", by, now, assignee=login)
            for login in new.assignees
            if login not in old.assignees
        ]
        lines += [
            Event(new.number, "unassigned", by, now, assignee=login)
            for login in old.assignees
            if login not in new.assignees
        ]
        if new.state != old.state:
            word = "closed" if new.state == "closed" else "reopened"
            lines.append(Event(new.number, word, by, now, reason=new.reason))
        for word, number in (("demilestoned", old.milestone), ("milestoned", new.milestone)):
            if number is not None and new.milestone != old.milestone:
                lines.append(Event(new.number, word, by, now, milestone=self.milestones.get(number, str(number))))
        if new.type != old.type:
            word = "added" if old.type is None else "removed" if new.type is None else "changed"
            lines.append(Event(new.number, f"issue_type_{word}", by, now, type=new.type, old_type=old.type))
        self.events.extend(lines)

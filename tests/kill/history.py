"""What happened in the two stand-ins, by their own audit, as edits of facts; and what they were asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from trackersync.core.model import Facts, Item, ItemRef
from trackersync.sandbox import Request, Sandbox
from trackersync.sandbox.github.model import BOT as GITHUB_BOT
from trackersync.sandbox.github.model import Issue as GitHubIssue
from trackersync.sandbox.jira.model import BOT as JIRA_BOT
from trackersync.sandbox.jira.model import Issue as JiraIssue
from trackersync.testing.tracker import BOT, Edit

Issue = GitHubIssue | JiraIssue
_OURS = {"labels", "state", "reason", "assignees", "closed", "closed_by", "updated"}, {
    "status", "resolution", "resolved", "assignee", "updated", "history",
}  # fmt: skip
"""The members of an issue that a write of ours may change: GitHub's and Jira's."""
_ITEM = re.compile(r"/issues?/(\d+)(?=/|$)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request about one item, and the item."""

    ref: ItemRef
    request: Request

    @property
    def look(self) -> bool:
        """Whether it shows the item with all its facts, as it is."""
        whole = self.ref.tracker == "github" or "status" in self.request.query
        return self.request.method == "GET" and whole and self.request.path.rpartition("/")[2].isdecimal()

    @property
    def unsure(self) -> bool:
        """Whether it is a write of which the caller cannot know whether it took effect."""
        return self.request.kind == "write" and (self.request.status == 0 or self.request.status >= 500)


class History:
    """One round's history, read from the stand-ins whenever it is asked."""

    def __init__(self, sandbox: Sandbox, pairs: list[tuple[int, int]]) -> None:
        self.sandbox = sandbox
        self._repository = sandbox.github.repository_id
        self.pairs = [
            (self.github(number), ItemRef("jira", str(sandbox.jira.issue(f"SHOP-{other}").id)))
            for number, other in pairs
        ]
        self.first = {ref: self.item(ref) for pair in self.pairs for ref in pair}

    def github(self, number: int) -> ItemRef:
        """The ref of a GitHub issue."""
        return ItemRef("github", f"{self._repository}/{number}")

    def issue(self, ref: ItemRef) -> Issue:
        """An issue as it is now."""
        if ref.tracker == "github":
            return self.sandbox.github.issue(int(ref.id.partition("/")[2]))
        return self.sandbox.jira.issues[int(ref.id)]

    def item(self, ref: ItemRef) -> Item:
        """An issue as an item."""
        issue = self.issue(ref)
        key = issue.key if isinstance(issue, JiraIssue) else f"{self.sandbox.github.repository}#{issue.number}"
        now = self.sandbox.github.clock()
        return Item(ref, key, "", "", "", now, now, facts_of(issue))

    def edits(self) -> list[Edit]:
        """Every edit that took effect, in order; ours are by ``BOT``."""
        github = [
            Edit(self.github(edit.after.number), BOT if edit.by == GITHUB_BOT else edit.by, edit.at,
                 facts_of(edit.before), facts_of(edit.after))
            for edit in list(self.sandbox.github.edits)
        ]  # fmt: skip
        jira = [
            Edit(ItemRef("jira", str(edit.after.id)), BOT if edit.by == JIRA_BOT else edit.by, edit.at,
                 facts_of(edit.before), facts_of(edit.after))
            for edit in list(self.sandbox.jira.edits)
        ]  # fmt: skip
        return sorted([*github, *jira], key=lambda edit: edit.at)

    def touched(self) -> Iterator[tuple[str, set[str]]]:
        """For each edit of ours, what it was made on and which members it changed that are none of ours to change."""
        for edits, bot, ours in (
            (self.sandbox.github.edits, GITHUB_BOT, _OURS[0]),
            (self.sandbox.jira.edits, JIRA_BOT, _OURS[1]),
        ):
            for edit in edits:
                if edit.by == bot:
                    names = type(edit.before).__dataclass_fields__
                    changed = {name for name in names if getattr(edit.before, name) != getattr(edit.after, name)}
                    yield str(edit.after), changed - ours

    def asked(self) -> list[Asked]:
        """Every request about one item, in the order they were served."""
        found = []
        for tracker, requests in (("github", self.sandbox.github.requests), ("jira", self.sandbox.jira.requests)):
            for request in list(requests):
                if (match := _ITEM.search(request.path)) is not None:
                    number = int(match[1])
                    ref = self.github(number) if tracker == "github" else ItemRef("jira", str(number))
                    found.append(Asked(ref, request))
        return sorted(found, key=lambda asked: asked.request.at)

    def requests(self, since: datetime) -> list[Request]:
        """Every request served since a moment, in order."""
        both = (*self.sandbox.github.requests, *self.sandbox.jira.requests)
        return sorted((request for request in both if request.at >= since), key=lambda request: request.at)


def facts_of(issue: Issue) -> Facts:
    """What an issue shows, under the names that the connectors give it."""
    if isinstance(issue, JiraIssue):
        return {
            "status": (issue.status,),
            "resolution": (issue.resolution,) if issue.resolution else (),
            "labels": issue.labels,
            "owners": (issue.assignee,) if issue.assignee else (),
        }
    return {
        "state": (issue.state,),
        "reason": (issue.reason,) if issue.reason else (),
        "labels": issue.labels,
        "owners": issue.assignees,
    }

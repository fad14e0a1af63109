"""What people do in the two stand-ins: one edit at random, with nothing of trackersync in mind."""

from __future__ import annotations

import random

from trackersync.sandbox import Sandbox
from trackersync.sandbox.github.model import Issue as GitHubIssue
from trackersync.sandbox.shop import ACCOUNTS, STAGES

PEOPLE = ("ada-l", "grace-h", "alan-t", "kath-j", "margaret-h", "susan-k", "radia-p")
STRANGER = "tim-b"
"""He is in no round's configuration, so nobody knows whose account his is."""
LABELS = tuple(f"stage: {stage}" for stage in STAGES)
FOREIGN = ("bug", "customer", "good first issue")
STATUSES = ("Backlog", "To Do", "Research", "Design", "Prototype", "In Progress", "In Progress", "In Review", "Release",
            "Support", "Done", "Done", "Waiting for vendor")  # fmt: skip


class People:
    """The people of a shop, who edit its issues.

    Args:
        sandbox: where.
        pairs: the linked issues: GitHub's number, Jira's.
        dice: decides.
    """

    def __init__(self, sandbox: Sandbox, pairs: list[tuple[int, int]], dice: random.Random) -> None:
        self._sandbox = sandbox
        self._pairs = [(number, f"SHOP-{other}") for number, other in pairs]
        self._dice = dice

    def meddle(self, *, hot: bool = False) -> str:
        """Let somebody edit an issue somewhere; says what. ``hot``: rather where somebody has just edited something."""
        github, jira, dice = self._sandbox.github, self._sandbox.jira, self._dice
        by = dice.choice(PEOPLE)
        busy = self._busy() if hot and dice.random() < 0.6 else []
        if dice.random() < 0.5:
            with github.lock:
                old = github.issue(dice.choice([number for number, _ in busy] or sorted(github.issues)))
                edit = _on_github(old, dice)
                github.edit(old.number, by=by, **edit)
            return f"{by} edits #{old.number}: {edit}"
        with jira.lock:
            key = dice.choice([key for _, key in busy] or sorted(issue.key for issue in jira.issues.values()))
            changes = _on_jira(dice)
            jira.edit(key, by=by, **changes)
        return f"{by} edits {key}: {changes}"

    def _busy(self) -> list[tuple[int, str]]:
        numbers = {edit.after.number for edit in self._sandbox.github.edits[-4:]}
        keys = {edit.after.key for edit in self._sandbox.jira.edits[-4:]}
        return [(number, key) for number, key in self._pairs if number in numbers or key in keys]


def _on_github(old: GitHubIssue, dice: random.Random) -> dict[str, object]:
    own = tuple(label for label in old.labels if label in LABELS)
    others = tuple(label for label in old.labels if label not in LABELS)
    foreign, reason = dice.choice(FOREIGN), dice.choice(("completed", "completed", "not_planned", "duplicate"))
    rest = tuple(name for name in old.labels if name != foreign)
    ways: tuple[tuple[int, dict[str, object]], ...] = (
        (40, {"labels": (*others, dice.choice(LABELS))}),
        (4, {"labels": (*others, *own, dice.choice(LABELS))}),
        (3, {"labels": others}),
        (8, {"state": "open"} if old.state == "closed" else {"state": "closed", "reason": reason}),
        (30, {"assignees": _owners(old.assignees, dice)}),
        (10, {"labels": rest if foreign in old.labels else (foreign, *rest)}),
        (3, {"title": f"{old.title}, {dice.randint(1, 9)}"}),
        (2, {"body": f"{old.body or ''}\r\nMore."}),
    )
    return dice.choices([way for _, way in ways], [weight for weight, _ in ways])[0]


def _owners(now: tuple[str, ...], dice: random.Random) -> tuple[str, ...]:
    way = dice.choice(("hand over", "hand over", "add", "take off", "stranger" if dice.random() < 0.3 else "add"))
    if way == "take off":
        return now[1:]
    if way == "stranger":
        return (*now, STRANGER)
    some = tuple(dice.sample(PEOPLE, dice.choice((1, 1, 2))))
    return (*now, *some) if way == "add" else some


def _on_jira(dice: random.Random) -> dict[str, object]:
    roll = dice.random()
    if roll < 0.55:
        status = dice.choice(STATUSES)
        done = {"resolution": dice.choice(("Done", "Done", "Won't Do", "Duplicate"))} if status == "Done" else {}
        return {"status": status, **done}
    if roll < 0.88:
        return {"assignee": ACCOUNTS[dice.choice(PEOPLE)] if dice.random() < 0.85 else None}
    if roll < 0.94:
        return {"labels": tuple(dice.sample(("checkout", "loyalty", "refund"), 2))}
    return {"summary": f"A better name, {dice.randint(1, 99)}"}

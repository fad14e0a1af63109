"""What the tests of GitHub's other places share: a repository whose stage lives on a board, or in a field or type."""

from __future__ import annotations

from typing import Any

from github_doubles import Clock, shop

from trackersync.connector import Change, Item
from trackersync.sandbox import GitHub
from trackersync.sandbox.github.boards import IssueField, Project

COLUMNS = ("Todo", "Doing", "In Review", "Done")
PROJECT: dict[str, Any] = {"owner": "acme", "number": 7}


def boarded(clock: Clock | None = None, *, issues: int = 3) -> tuple[GitHub, Project]:
    """A repository with some issues, of which the first is on the board in Todo and the second in Doing."""
    model = shop(clock)
    model.issue_types = ["Bug", "Feature"]
    model.issue_fields = [IssueField(71, "Phase", ("Design", "Build")), IssueField(72, "Priority", ("High", "Low"))]
    model.milestones = {number: f"v{number}" for number in range(1, 131)}
    project = model.boards.add("acme", 7, *COLUMNS)
    for number in range(1, issues + 1):
        model.create(f"Issue {number}", labels=["bug"])
    project.put(1, "Todo")
    project.put(2, "Doing")
    return model, project


def to(item: Item, **facts: tuple[str, ...]) -> Change:
    """A change of the stage to these facts; of labels those that lead with ``stage:`` are ours."""
    before = {fact: item.facts.get(fact, ()) for fact in facts}
    ours: dict[str, tuple[str, ...]] = {}
    if "labels" in facts:
        mine = tuple(label for label in item.facts["labels"] if label.startswith("stage: "))
        before["labels"], ours["labels"] = mine, (*mine, *facts["labels"])
    fact = next(iter(facts))
    return Change(item.ref, item.key, "stage", fact, before, facts, "SHOP-42 moved", ours)

"""The sample shop's tasks, read from the table ``shop.txt`` beside this file: 48, with every kind of trouble."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Row:
    """One task of the shop; a tracker that does not know it has no number."""

    jira: int | None
    github: int | None
    status: str
    resolution: str | None
    labels: tuple[str, ...]
    reason: str | None
    assignee: str | None
    assignees: tuple[str, ...]
    created: float
    updated: float
    title: str


def rows() -> tuple[Row, ...]:
    """Read the table."""
    text = files(__package__).joinpath("shop.txt").read_text(encoding="utf-8")
    return tuple(_row(line) for line in text.splitlines() if not line.startswith("#"))


def _row(line: str) -> Row:
    cells = [cell.strip() for cell in line.split("|")]
    jira, github, status, stage, assignee, assignees, created, updated, title = cells
    name, _, resolution = status.partition("/")
    labels, _, reason = stage.partition("/")
    return Row(
        jira=None if jira == "." else int(jira),
        github=None if github == "." else int(github),
        status=name,
        resolution=resolution or None,
        labels=() if labels in {"", ".", "-"} else tuple(f"stage: {word}" for word in labels.split("+")),
        reason=reason or None,
        assignee=None if assignee == "." else assignee,
        assignees=() if assignees == "." else tuple(assignees.split(",")),
        created=float(created),
        updated=float(updated),
        title=title,
    )

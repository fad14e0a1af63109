"""What a finding is: a fault seen, with everything that a report says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from trackersync.core.model import Severity

Place = Literal["no owner", "duplicate owner", "stage drift", "duplicate task", "other"]
PLACES: tuple[Place, ...] = get_args(Place)
"""The verdict's places, always in this order, zeros included."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One item as a finding shows it: where it is, the stage it may be in and its owners by name.

    Attributes:
        tracker: its tracker's name.
        id: its id there, which no rename changes.
        key: what people call it.
        url: its page for people.
        container: its repository or project.
        stage: the stage it may be in, None when it does not say.
        says: its native words for that.
        owners: its owners by name.
    """

    tracker: str
    id: str
    key: str
    url: str
    container: str
    stage: str | None
    says: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """Somebody who could own a task that nobody owns.

    Attributes:
        person: the name people call them.
        tracker: the tracker that knows of it.
        account: theirs there.
        because: what speaks for it: ``CODEOWNERS``.
    """

    person: str
    tracker: str
    account: str
    because: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault seen.

    Attributes:
        rule: its rule's name.
        place: where it counts in the verdict.
        severity: error, warning or note.
        task: the task's id; empty for what is no task's fault but a stage's or a person's.
        subject: what it is about where that is no task: ``stage launch``, ``ada-l``; empty for a task.
        title: the task's title.
        stage: the stage the task is counted in, None when no item says.
        touched: when any of its items last changed.
        items: every item of the task, the one at fault first; of a stage or a person those that count.
        message: one sentence with the facts in it.
        table: the same for a table that names the task beside it: ``launch; sub-task SHOP-35 is in build``.
        fix: what to do about it.
        could_be: of a task that nobody owns, who could, the likeliest first; as far as a tracker knows and was asked.
        beside: how many of the items, the last ones, belong to other tasks.
    """

    rule: str
    place: Place
    severity: Severity
    task: str
    subject: str
    title: str
    stage: str | None
    touched: datetime
    items: tuple[Seen, ...]
    message: str
    table: str
    fix: str
    could_be: tuple[Advice, ...] = ()
    beside: int = 0

    @property
    def own(self) -> tuple[Seen, ...]:
        """Its task's own items, without those of other tasks that have a part in it."""
        return self.items[: len(self.items) - self.beside]

    @property
    def others(self) -> tuple[Seen, ...]:
        """The items of other tasks that have a part in it."""
        return self.items[len(self.items) - self.beside :]

"""Statuses, and the ways from one to the next.

A transition has a name of its own, leaves only the statuses it is drawn from, and may show a screen: the fields it
takes, and those it insists on. So a caller who matches names, skips a hop or sends a field nobody asked for is
refused here, as in Jira.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trackersync.sandbox.jira.model import Issue

CATEGORIES: Final = {
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}


@dataclass(frozen=True, slots=True)
class Status:
    """A status and the category it counts in: ``new``, ``indeterminate`` or ``done``."""

    id: str
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What has to be true of an issue: that it bears a label, that somebody owns it, or what is true of none.

    The last is what a caller meets who is in none of the groups that a condition names.
    """

    label: str = ""
    assigned: bool = False
    never: bool = False

    def holds(self, issue: Issue) -> bool:
        """Say whether it is true of an issue."""
        if self.never or (self.assigned and issue.assignee is None):
            return False
        return not self.label or self.label in issue.labels


@dataclass(frozen=True, slots=True)
class Transition:
    """A way into a status; without ``sources`` it is global and leaves every other status.

    Attributes:
        id: its number, which is unique within a workflow only.
        name: what people call it.
        to: the status it leads to, which may be one of its sources.
        sources: the statuses it is drawn from.
        screen: the fields it asks for, by id.
        required: those of them that must not be empty afterwards.
        defaults: those of them that Jira fills in by itself where nothing is sent.
        condition: hides it from issues of which this is not true.
        validator: refuses issues of which this is not true, and only when they are sent.
        objection: what is said then.
    """

    id: str
    name: str
    to: str
    sources: frozenset[str] = frozenset()
    screen: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    defaults: frozenset[str] = frozenset()
    condition: Condition | None = None
    validator: Condition | None = None
    objection: str = "You do not have what this transition asks for."

    def leaves(self, status: str) -> bool:
        """Say whether an issue in this status can take this way."""
        return status in self.sources if self.sources else status != self.to

    def offered(self, issue: Issue) -> bool:
        """Say whether this issue is shown it."""
        return self.leaves(issue.status) and (self.condition is None or self.condition.holds(issue))


@dataclass(frozen=True, slots=True)
class Workflow:
    """The statuses of a project and the transitions between them; new issues start in the first."""

    statuses: tuple[Status, ...]
    transitions: tuple[Transition, ...]
    names: dict[str, Status] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", {status.name: status for status in self.statuses})

    def from_status(self, status: str) -> tuple[Transition, ...]:
        """Return the transitions that an issue in this status offers."""
        return tuple(transition for transition in self.transitions if transition.leaves(status))

    def offered(self, issue: Issue) -> tuple[Transition, ...]:
        """Return the transitions that this issue is shown."""
        return tuple(transition for transition in self.transitions if transition.offered(issue))

    def renamed(self, old: str, new: str) -> Workflow:
        """Return the same with a status called otherwise."""
        return Workflow(
            tuple(replace(status, name=new) if status.name == old else status for status in self.statuses),
            tuple(
                replace(
                    way,
                    to=new if way.to == old else way.to,
                    sources=frozenset(new if source == old else source for source in way.sources),
                )
                for way in self.transitions
            ),
        )


def any_to_any(statuses: tuple[Status, ...]) -> Workflow:
    """Build the workflow of a loaded file: every status can be reached from every other; done takes a resolution."""
    return Workflow(
        statuses,
        tuple(
            Transition(str(at), f"Move to {status.name}", status.name, screen=_screen(status))
            for at, status in enumerate(statuses, start=11)
        ),
    )


def _screen(status: Status) -> tuple[str, ...]:
    return ("resolution",) if status.category == "done" else ()


def drawn(statuses: tuple[Status, ...], ways: tuple[tuple[str, str, str], ...]) -> Workflow:
    """Build a workflow from ``(from, name, to)``; whatever leads into done insists on a resolution."""
    done = {status.name for status in statuses if status.category == "done"}
    return Workflow(
        statuses,
        tuple(
            Transition(
                str(at),
                name,
                to,
                sources=frozenset({source}),
                screen=("resolution",) if to in done else (),
                required=frozenset({"resolution"}) if to in done else frozenset(),
            )
            for at, (source, name, to) in enumerate(ways, start=11)
        ),
    )

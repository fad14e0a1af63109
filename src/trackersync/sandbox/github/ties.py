"""What ties issues to each other: sub-issues and dependencies. Nothing here touches an issue's ``updated``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackersync.sandbox.github.model import GitHub


@dataclass
class Ties:
    """The relations of a repository's issues, by number.

    Attributes:
        hub: the repository.
        parents: from a sub-issue to its parent.
        blockers: from an issue to those that it waits for.
    """

    hub: GitHub
    parents: dict[int, int] = field(default_factory=dict)
    blockers: dict[int, list[int]] = field(default_factory=dict)

    def nest(self, number: int, parent: int) -> None:
        """Make an issue a sub-issue of another."""
        with self.hub.lock:
            self.parents[number] = parent

    def block(self, number: int, by: int) -> None:
        """Let an issue wait for another."""
        with self.hub.lock:
            self.blockers.setdefault(number, []).append(by)

    def children(self, number: int) -> list[int]:
        """Return the sub-issues of an issue, in the order in which they were added."""
        return [child for child, parent in self.parents.items() if parent == number and child in self.hub.issues]

    def shown(self, number: int, repository_url: str) -> dict[str, Any]:
        """Return what an issue's JSON shows of its relations; nothing in a repository that has none."""
        if not self.parents and not self.blockers:
            return {}
        children, parent = self.children(number), self.parents.get(number)
        done = sum(self.hub.issues[child].state == "closed" for child in children)
        blockers = self.blockers.get(number, ())
        blocking = [one for one, others in self.blockers.items() if number in others]
        return {
            "parent_issue_url": None if parent is None else f"{repository_url}/issues/{parent}",
            "sub_issues_summary": {
                "total": len(children),
                "completed": done,
                "percent_completed": done * 100 // len(children) if children else 0,
            },
            "issue_dependencies_summary": {
                "blocked_by": sum(self._open(one) for one in blockers),
                "total_blocked_by": len(blockers),
                "blocking": sum(self._open(one) for one in blocking) if self._open(number) else 0,
                "total_blocking": len(blocking),
            },
        }

    def _open(self, number: int) -> bool:
        return number in self.hub.issues and self.hub.issues[number].state == "open"

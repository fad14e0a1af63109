"""What kinds of tracker a ``MemoryTracker`` can be, as data: GitHub's ways and Jira's ways, and room for others.

The two differ where it matters to a connector: shared labels or one status, room for ten owners or for one, a workflow
or none, several requests for one change or a single one, whole seconds or milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from trackersync.connector import Capacity, Facts, Matcher, UrlForm, Vocabulary


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of tracker.

    Attributes:
        vocabulary: the places a stage can live.
        writes: facts it can set, and how many values each may hold.
        new: what a new item shows.
        home: the single fact in which an item is finished or not: ``state``, ``status``.
        final: its values that mean finished.
        follower: the fact that says how it was finished: ``reason``, ``resolution``.
        entering: what ``follower`` becomes on finishing when nobody says.
        leaving: what it becomes on reopening; empty for nothing.
        stepwise: one change takes several requests: a value is added before another is taken off.
        routes: from a value of ``home`` to those it may become; None where there is no workflow.
        shy: of the workflow it shows only what leaves the status an item is in.
        key: how an item is called, of ``container`` and ``number``.
        page: where its page is below the tracker's URL, of the same and ``key``.
        tick: what the tracker's times are counted in.
        renames: an item that is moved to another container gets another ref there, and the old one tells which.
    """

    vocabulary: Vocabulary
    writes: Mapping[str, Capacity]
    new: Facts
    home: str
    final: frozenset[str]
    follower: str
    entering: str
    leaving: str
    stepwise: bool
    routes: Mapping[str, tuple[str, ...]] | None
    key: str
    page: str
    tick: timedelta
    renames: bool
    shy: bool = False

    @property
    def shared(self) -> frozenset[str]:
        """The facts that are sets in which other people's values live too."""
        return frozenset(matcher.fact for matcher in self.vocabulary.matchers if matcher.shared)


GITHUB_LIKE = Shape(
    vocabulary=Vocabulary(
        matchers=(
            Matcher("labels", "labels", shared=True),
            Matcher("state", "state", values=("open", "closed")),
            Matcher("reason", "reason", values=("completed", "not_planned", "duplicate", "reopened")),
        ),
        follows={"reason": "state"},
        lenient=frozenset({"reason"}),
        assumed={"state": ("open",)},
        open={"state": ("open",)},
        finished={"state": ("closed",)},
        defaults={
            "done": {"state": ("closed",), "reason": ("completed",)},
            "cancelled": {"state": ("closed",), "reason": ("not_planned",)},
        },
        alike={("reason", "duplicate"): "not_planned"},
        url_forms=(UrlForm(r"^/([^/\s]+/[^/\s]+)/issues/(\d+)(?![\w-])", r"\1#\2"),),
        blank="no label",
    ),
    writes={"labels": Capacity(100), "state": Capacity(1), "reason": Capacity(1), "owners": Capacity(10)},
    new={"labels": (), "state": ("open",), "reason": (), "owners": (), "type": ("Task",)},
    home="state",
    final=frozenset({"closed"}),
    follower="reason",
    entering="completed",
    leaving="reopened",
    stepwise=True,
    routes=None,
    key="{container}#{number}",
    page="/{container}/issues/{number}",
    tick=timedelta(seconds=1),
    renames=True,
)
"""Labels that are shared, open or closed with a reason, ten owners, no workflow, whole seconds."""


def jira_like(statuses: Iterable[str], final: str, routes: Mapping[str, tuple[str, ...]] | None = None) -> Shape:
    """A tracker with a status that moves along a workflow, a resolution, and room for one owner.

    Args:
        statuses: in order; a new item is in the first.
        final: the finished one.
        routes: from a status to those it may become; by default any may become any other.
    """
    statuses = tuple(statuses)
    every = {status: tuple(other for other in statuses if other != status) for status in statuses}
    return replace(
        GITHUB_LIKE,
        vocabulary=Vocabulary(
            matchers=(Matcher("statuses", "status"), Matcher("resolutions", "resolution")),
            follows={"resolution": "status"},
            routed="status",
            url_forms=(UrlForm(r"^/browse/([A-Z][A-Z0-9_]*-\d+)(?![\w-])", r"\1"),),
            blank="no status",
        ),
        writes={"status": Capacity(1), "resolution": Capacity(1), "owners": Capacity(1)},
        new={"status": statuses[:1], "resolution": (), "owners": (), "labels": (), "priority": ("Medium",)},
        home="status",
        final=frozenset({final}),
        follower="resolution",
        entering=final,
        leaving="",
        stepwise=False,
        routes=every if routes is None else routes,
        key="{container}-{number}",
        page="/browse/{key}",
        tick=timedelta(milliseconds=1),
        renames=False,
    )


JIRA_LIKE = jira_like(
    ("Backlog", "To Do", "Design", "In Progress", "In Review", "Release", "Done", "Waiting for vendor"), "Done"
)
"""A status routed by a workflow, a resolution, one owner, milliseconds."""

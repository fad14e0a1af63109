"""The shortest way through a workflow: breadth first, since every hop is a request and a line in an item's history.

Source: Moore, "The shortest path through a maze" (1959). A few lines do; networkx is the oracle in the tests.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trackersync.core.model import Transition, Workflow

Way = tuple[Transition, ...]


def route(
    workflow: Workflow,
    here: str,
    wanted: Sequence[str],
    barred: Collection[str] = (),
    brings: Collection[str] = (),
) -> Way | None:
    """The fewest transitions that lead to a wanted status: none where one is shown already; None where no way leads.

    Statuses compare without regard to case, as trackers do.

    Args:
        workflow: the graph as far as it is known.
        here: the status to start from.
        wanted: the statuses any of which will do; of those equally near the first is taken, and to it the first
            transitions as they are listed.
        barred: statuses that are never passed through; one may still start from them and end in them.
        brings: facts that are written with the last hop, so that it may need them.
    """
    goals = [status.casefold() for status in wanted]
    ways = _ways(workflow, here, goals, barred, brings)
    reached = [ways[goal] for goal in goals if goal in ways]
    return min(reached, key=len) if reached else None


def unexplored(workflow: Workflow, here: str, barred: Collection[str] = ()) -> tuple[Way, ...]:
    """The ways to the statuses that can be reached and of which it is not known what leaves them, the nearest first.

    Args:
        workflow: the graph as far as it is known.
        here: the status to start from.
        barred: statuses that are neither passed through nor arrived at.
    """
    known, shut = {status.casefold() for status in workflow.leaves}, {status.casefold() for status in barred}
    ways = _ways(workflow, here, (), barred, ())
    found = [way for status, way in ways.items() if way and status not in known | shut]
    return tuple(sorted(found, key=len))


def _ways(
    workflow: Workflow, here: str, goals: Collection[str], barred: Collection[str], brings: Collection[str]
) -> dict[str, Way]:
    """The shortest way to each status, by its name in lower case."""
    leaves: dict[str, list[Transition]] = {}
    for status, hops in workflow.leaves.items():
        leaves.setdefault(status.casefold(), []).extend(hops)
    shut = {status.casefold() for status in barred}
    start = here.casefold()
    ways: dict[str, Way] = {start: ()}
    edge = [start]
    while edge:
        passed, edge = [status for status in edge if status == start or status not in shut], []
        for status in passed:
            # Who has arrived need not go on; and what the last hop brings, no other one does.
            for hop in () if status in goals and status != start else leaves.get(status, ()):
                to = hop.to.casefold()
                free = workflow.held.union(brings if to in goals else ())
                if to not in ways and free.issuperset(hop.needs):
                    ways[to] = (*ways[status], hop)
                    edge.append(to)
    return ways

"""The shortest way through a workflow: breadth first, since every hop is a request and a line in an item's history.

Source: Moore, "The shortest path through a maze" (1959). Twenty lines do; networkx is the oracle in the tests.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trackersync.core.model import Transition, Workflow


def route(
    workflow: Workflow, here: str, wanted: Sequence[str], barred: Collection[str] = ()
) -> tuple[Transition, ...] | None:
    """The fewest transitions that lead to a wanted status: none where one is shown already; None where no way leads.

    Statuses compare without regard to case, as trackers do.

    Args:
        workflow: the graph as far as it is known.
        here: the status to start from.
        wanted: the statuses any of which will do; of those equally near the first is taken, and to it the first
            transitions as they are listed.
        barred: statuses that are never passed through; one may still start from them and end in them.
    """
    leaves: dict[str, list[Transition]] = {}
    for status, hops in workflow.leaves.items():
        leaves.setdefault(status.casefold(), []).extend(hops)
    goals, shut = [status.casefold() for status in wanted], {status.casefold() for status in barred}
    start = here.casefold()
    ways: dict[str, tuple[Transition, ...]] = {start: ()}
    edge = [start]
    while edge:
        reached = next((goal for goal in goals if goal in ways), None)
        if reached is not None:
            return ways[reached]
        passed, edge = [status for status in edge if status == start or status not in shut], []
        for status in passed:
            for hop in leaves.get(status, ()):
                if hop.to.casefold() not in ways:
                    ways[hop.to.casefold()] = (*ways[status], hop)
                    edge.append(hop.to.casefold())
    return None

"""How a workflow is drawn, as Jira Cloud shows it to those who may see it, and what that says of the ways: pure.

Source: Atlassian, "Bulk get workflows" (``POST /workflows``), Jira Cloud platform REST API v3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from trackersync.connector import Transition

Leaves = dict[str, tuple[Transition, ...]]
"""From a status to the transitions that leave it."""

_DONE = 2
_CATEGORIES = {"TODO": 0, "IN_PROGRESS": 1, "DONE": _DONE}


class DrawnStatus(msgspec.Struct, frozen=True, rename="camel"):
    """A status as workflows refer to it; its category is ``TODO``, ``IN_PROGRESS`` or ``DONE`` here."""

    status_reference: str
    id: str = ""
    name: str = ""
    status_category: str = ""


class DrawnLink(msgspec.Struct, frozen=True, rename="camel"):
    """Where a transition starts from."""

    from_status_reference: str | None = None


class DrawnTransition(msgspec.Struct, frozen=True, rename="camel"):
    """A transition as it is drawn: ``INITIAL``, ``GLOBAL`` or ``DIRECTED``."""

    id: str
    type: str = ""
    name: str = ""
    links: list[DrawnLink | None] | None = None
    to_status_reference: str | None = None


class DrawnPlace(msgspec.Struct, frozen=True, rename="camel"):
    """A status that a workflow has."""

    status_reference: str


class DrawnWorkflow(msgspec.Struct, frozen=True):
    """A workflow as it is drawn."""

    statuses: list[DrawnPlace]
    transitions: list[DrawnTransition]
    name: str = ""


class Drawn(msgspec.Struct, frozen=True):
    """The answer of ``/workflows``."""

    statuses: list[DrawnStatus]
    workflows: list[DrawnWorkflow]


@dataclass(frozen=True, slots=True)
class Drawing:
    """One workflow as it is drawn, its statuses as they are called for us.

    Attributes:
        name: what administrators call it.
        leaves: what leaves each status, global transitions among it.
        begins: the status of a new issue; empty where that is not drawn.
        steps: from a status to those that arrows of its own lead to.
        categories: by status, how far it counts: 0, 1 or 2.
    """

    name: str
    leaves: Leaves
    begins: str
    steps: Mapping[str, tuple[str, ...]]
    categories: Mapping[str, int]

    @property
    def columns(self) -> tuple[tuple[str, ...], ...]:
        """The statuses in the order of the work: by category, then by steps from the first; those alike together.

        A status that only global transitions lead to has no place in it, and where there are no arrows none has.
        """
        far, reached = {self.begins: 0}, [self.begins]
        for status in reached:
            for to in self.steps.get(status, ()):
                if to not in far:
                    far[to] = far[status] + 1
                    reached.append(to)
        if len(reached) == 1:
            return ()
        places: dict[tuple[int, int], list[str]] = {}
        for status in reached:
            places.setdefault((self.categories.get(status, 0), far[status]), []).append(status)
        return tuple(tuple(places[place]) for place in sorted(places))


def drawings(drawn: Drawn, names: Mapping[str, str]) -> tuple[Drawing, ...]:
    """The workflows that are drawn: pure.

    Global transitions leave every other status; the initial one leaves none.

    Args:
        drawn: Jira's answer.
        names: by id, what statuses are called for us.
    """
    known = {status.status_reference: names.get(status.id, status.name) for status in drawn.statuses}
    counts = {status.status_reference: _CATEGORIES.get(status.status_category, 0) for status in drawn.statuses}
    return tuple(_drawing(workflow, known, counts) for workflow in drawn.workflows)


def leaves(drawn: Drawn, names: Mapping[str, str]) -> Leaves:
    """What leaves each status of a workflow; of several it is not known which one is meant. See ``drawings``."""
    found = drawings(drawn, names)
    return found[0].leaves if len(found) == 1 else {}


def _drawing(workflow: DrawnWorkflow, known: Mapping[str, str], counts: Mapping[str, int]) -> Drawing:
    places = [place.status_reference for place in workflow.statuses if known.get(place.status_reference)]
    found: dict[str, list[Transition]] = {known[place]: [] for place in places}
    steps: dict[str, list[str]] = {known[place]: [] for place in places}
    begins = ""
    for way in workflow.transitions:
        to = way.to_status_reference or ""
        if to not in places:
            continue
        if way.type == "INITIAL":
            begins = known[to]
            continue
        drawn_from = {link.from_status_reference for link in way.links or () if link is not None}
        for place in places if way.type == "GLOBAL" else [one for one in places if one in drawn_from]:
            if place != to:
                found[known[place]].append(Transition(way.id, way.name, known[to], ends=counts[to] == _DONE))
                if way.type != "GLOBAL":
                    steps[known[place]].append(known[to])
    return Drawing(
        workflow.name,
        {status: tuple(hops) for status, hops in found.items()},
        begins,
        {status: tuple(dict.fromkeys(to)) for status, to in steps.items()},
        {known[place]: counts[place] for place in places},
    )

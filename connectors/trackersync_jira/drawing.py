"""How a workflow is drawn, as Jira Cloud shows it to those who may see it, and what that says of the ways: pure.

Source: Atlassian, "Bulk get workflows" (``POST /workflows``), Jira Cloud platform REST API v3.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from trackersync.connector import Transition

Leaves = dict[str, tuple[Transition, ...]]
"""From a status to the transitions that leave it."""


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


class Drawn(msgspec.Struct, frozen=True):
    """The answer of ``/workflows``."""

    statuses: list[DrawnStatus]
    workflows: list[DrawnWorkflow]


def leaves(drawn: Drawn, names: Mapping[str, str]) -> Leaves:
    """What leaves each status of a workflow, as it is drawn: pure.

    Global transitions leave every other status; the initial one leaves none. Of several workflows it is not known which
    one is meant.

    Args:
        drawn: Jira's answer.
        names: by id, what statuses are called for us.
    """
    if len(drawn.workflows) != 1:
        return {}
    (workflow,) = drawn.workflows
    known = {status.status_reference: names.get(status.id, status.name) for status in drawn.statuses}
    done = {status.status_reference for status in drawn.statuses if status.status_category == "DONE"}
    places = [place.status_reference for place in workflow.statuses if known.get(place.status_reference)]
    found: dict[str, list[Transition]] = {known[place]: [] for place in places}
    for way in workflow.transitions:
        to = way.to_status_reference or ""
        if to not in places or way.type == "INITIAL":
            continue
        drawn_from = {link.from_status_reference for link in way.links or () if link is not None}
        for place in places if way.type == "GLOBAL" else [one for one in places if one in drawn_from]:
            if place != to:
                found[known[place]].append(Transition(way.id, way.name, known[to], ends=to in done))
    return {status: tuple(hops) for status, hops in found.items()}

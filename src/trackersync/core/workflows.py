"""Workflows as they get known: what trackers show of them by and by, and what one item was refused on its way.

No tracker need ever show a workflow whole: often it shows what leaves the status an item stands in, and no more. What
was seen of one item is remembered for all that follow the same workflow. A condition may keep from one item what
another is allowed, so what one item was refused is remembered of that item alone: else two ways that each end at a hop
it may not make would be walked to and fro for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

from trackersync.core.model import BarredHop, Item, Transition, Vocabulary, Workflow

Leaves = Mapping[str, tuple[Transition, ...]]
"""From a status to the transitions that leave it."""


def scope_of(item: Item, vocabulary: Vocabulary) -> str:
    """Names the workflow an item follows, for people too: ``SHOP + Bug``."""
    return " + ".join(" ".join(item.facts.get(fact, ())) or "none" for fact in vocabulary.workflows)


def status_of(item: Item, vocabulary: Vocabulary) -> str:
    """The status an item stands in; empty where it shows none."""
    return next(iter(item.facts.get(vocabulary.routed or "", ())), "")


def merged(known: Leaves, seen: Workflow) -> Workflow:
    """What was known of a workflow, under what has been seen of it now. Statuses compare without regard to case."""
    newer = {status.casefold() for status in seen.leaves}
    older = {status: hops for status, hops in known.items() if status.casefold() not in newer}
    return replace(seen, leaves={**older, **seen.leaves})


def offered(workflow: Workflow, status: str) -> tuple[Transition, ...] | None:
    """The transitions that leave a status; None where they are not known."""
    found = [hops for here, hops in workflow.leaves.items() if here.casefold() == status.casefold()]
    return tuple(hop for hops in found for hop in hops) if found else None


def seen_as(hops: Iterable[Transition]) -> str:
    """Names what a status offers, so that one can tell whether it has changed."""
    shown = sorted((hop.id, hop.to, sorted(hop.needs)) for hop in hops)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def restrained(workflow: Workflow, here: str, barred: Iterable[BarredHop]) -> Workflow:
    """A workflow with the hops that an item was refused, as far as that still holds.

    Where it stands it is asked what it is offered now: once that has changed, what was refused there is tried again.
    """
    standing = here.casefold()
    now = seen_as(offered(workflow, here) or ())
    return replace(workflow, barred=tuple(hop for hop in barred if hop.here.casefold() != standing or hop.seen == now))


def less_barred(workflow: Workflow) -> Workflow:
    """A workflow without the hops that the item was refused."""
    shut = {(hop.here.casefold(), hop.to.casefold()) for hop in workflow.barred}
    if not shut:
        return workflow
    leaves = {
        status: tuple(hop for hop in hops if (status.casefold(), hop.to.casefold()) not in shut)
        for status, hops in workflow.leaves.items()
    }
    return replace(workflow, leaves=leaves)


def needs_of(leaves: Leaves) -> frozenset[str]:
    """All that any transition is known to need."""
    return frozenset(need for hops in leaves.values() for hop in hops for need in hop.needs)

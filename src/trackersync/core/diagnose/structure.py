"""Rules about which items are the same work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from trackersync.core.diagnose.finding import Case, Finding
from trackersync.core.link import Tie
from trackersync.core.model import ItemRef, Severity
from trackersync.core.rest import Quarrel


def ambiguous_link(ties: Iterable[Tie], cases: Mapping[ItemRef, Case]) -> Iterator[Finding]:
    """Items whose texts claim each other in a way that cannot all be true: none is linked, none is written."""
    for tie in ties:
        # Two of the items may belong to one task already.
        known = list({case.task.id: case for ref in tie.refs if (case := cases.get(ref)) is not None}.values())
        if not known:
            continue
        witnesses = tuple(witness for case in known for witness in case.witnesses if witness.item.ref in tie.refs)
        first = replace(known[0], witnesses=witnesses)
        keys = ", ".join(witness.item.key for witness in witnesses)
        yield first.finding(
            "ambiguous-link",
            Severity.WARNING,
            f"{keys} claim each other and cannot all be one task: {tie.reason}",
            "name the true pair under links:, or correct the text of the other",
        )


def undone_by_another(quarrels: Iterable[Quarrel], cases: Mapping[ItemRef, Case]) -> Iterator[Finding]:
    """A field that others, most often an automation rule, have set back each time we wrote it: it is left alone."""
    for quarrel in quarrels:
        case = cases.get(quarrel.ref)
        if case is None:
            continue
        witness = next(witness for witness in case.witnesses if witness.item.ref == quarrel.ref)
        yield case.finding(
            "undone-by-another",
            Severity.WARNING,
            f"{quarrel.field} of {witness.item.key} was written {quarrel.times} times and undone by another each time "
            f"within {_soon(quarrel.within)}; it is not written any more",
            f"find what sets it back in {witness.tracker}, then `trackersync resume {witness.item.key}`",
            witness,
        )


def _soon(within: timedelta) -> str:
    seconds = int(within.total_seconds())
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min"

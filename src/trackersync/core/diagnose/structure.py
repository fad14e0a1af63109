"""Rules about which items are the same work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from trackersync.core.diagnose.finding import Case, Finding
from trackersync.core.link import Tie
from trackersync.core.model import ItemRef, Severity


def ambiguous_link(ties: Iterable[Tie], cases: Mapping[ItemRef, Case]) -> Iterator[Finding]:
    """Items whose texts claim each other in a way that cannot all be true: none is linked, none is written."""
    for tie in ties:
        # Two of the items may belong to one task already.
        known = list({case.task.id: case for ref in tie.refs if (case := cases.get(ref)) is not None}.values())
        if not known:
            continue
        witnesses = tuple(witness for case in known for witness in case.witnesses if witness.item.ref in tie.refs)
        first = Case(known[0].task, known[0].stage, witnesses)
        keys = ", ".join(witness.item.key for witness in witnesses)
        yield first.finding(
            "ambiguous-link",
            Severity.WARNING,
            f"{keys} claim each other and cannot all be one task: {tie.reason}",
            "name the true pair under links:, or correct the text of the other",
        )

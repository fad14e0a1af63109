"""What a run leaves in the journal when it ends: how it ended, its figures, and why it was held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from trackersync.core.model import Outcome as Became
from trackersync.core.model import Receipt
from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan
from trackersync.pipeline.session import Session
from trackersync.report.names import count


def ended(outcome: Outcome) -> Mapping[str, object]:
    """A run's summary, JSON-able.

    ``state`` is ``done``, ``interrupted``, ``refused`` (a saved plan that no longer holds) or ``held``; ``outcomes``
    counts its changes by receipt, ``requests`` its requests by tracker and kind.
    """
    plan = outcome.plan or Plan(())
    receipts = outcome.receipts if outcome.written else (None,) * len(plan.changes)
    return {
        "state": _state(outcome),
        "outcomes": Counter(receipt.outcome.value if receipt else "not begun" for receipt in receipts),
        "requests": outcome.requests,
        "holds": [hold.sentence for hold in outcome.holds],
        "failures": [str(failure) for failure in outcome.failures],
        "conflicts": len(plan.conflicts),
        "left_alone": len(plan.left_alone),
    }


def _state(outcome: Outcome) -> str:
    if outcome.interrupted:
        return "interrupted"
    if outcome.written:
        return "done"
    return "refused" if outcome.moved else "held"


def requests(session: Session) -> dict[str, dict[str, int]]:
    """The requests sent so far, by tracker and kind."""
    return {
        tracker: {str(kind): number for kind, number in kinds.items()} for tracker, kinds in session.requests.items()
    }


def written(receipts: Iterable[Receipt | None]) -> str:
    """What was written by now, in a sentence; empty for nothing."""
    done = Counter(receipt.outcome for receipt in receipts if receipt is not None)
    if not done:
        return ""
    doubt = f", {done[Became.IN_DOUBT]} in doubt" if done[Became.IN_DOUBT] else ""
    changes = count(done[Became.APPLIED], "change")
    return f"{changes} had been written{doubt}; the next run reads back what it cannot know."

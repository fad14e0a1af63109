"""What becomes of a look: done, due again later, held by the guard, or set aside. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from trackersync.core.model import Outcome as Became
from trackersync.core.model import Receipt
from trackersync.core.outcome import Look, Outcome
from trackersync.errors import AuthError, TrackersyncError, UnavailableError
from trackersync.store import Due

FIRST = timedelta(seconds=2)
"""How long after a first failure it is tried again; twice as long after each further one."""
LAST = timedelta(minutes=10)
"""The longest time between two tries."""
HELD = timedelta(minutes=15)
"""When what is held is tried again: limits are of a window that rolls on."""
SHUT = timedelta(minutes=5)
"""When a tracker is asked again that does not know us."""
PATIENT = 4
"""So many times as many failures are borne where a tracker took no write: some hours of them."""
DOWN = timedelta(seconds=15)
"""When one is that did not answer."""

Said = Literal["done", "again", "held", "failed", "aside", "busy"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a look.

    Attributes:
        outcome: in a word, for the metrics.
        state: what the look is from now on; None: it was done, and is due no more.
        why: the reason, for people.
        after: not to be tried again before.
        failed: it counts as a failure of this item, and not of its tracker or of somebody else.
    """

    outcome: Said
    state: Literal["due", "held", "aside"] | None = None
    why: str = ""
    after: timedelta = timedelta()
    failed: bool = False


DONE = Verdict("done")


def judged(due: Due, looks: Iterable[Look], outcome: Outcome | None, tries: int) -> Verdict:
    """Judge a look.

    Args:
        due: as it was when it began.
        looks: how the trackers were read.
        outcome: of the run, where it was a look at an item.
        tries: after so many failures in a row it is set aside.
    """
    failures = [look.failure for look in looks if look.failure is not None]
    if failures:
        return _waits(due, failures, tries)
    if outcome is None or outcome.plan is None:
        return DONE
    if outcome.plan.changes and outcome.run is None and outcome.holds:
        return Verdict("held", "held", "; ".join(hold.sentence for hold in outcome.holds), HELD)
    return _written(due, outcome, tries)


def _written(due: Due, outcome: Outcome, tries: int) -> Verdict:
    """What became of what was written, if anything was."""
    became = [receipt for receipt in outcome.receipts if receipt is not None]
    if any(one.outcome is Became.STALE for one in became):
        # Somebody moved it while it was written: what they did is to be looked at now.
        return failed(due, _first(became, Became.STALE), tries, at_once=True)
    if any(one.outcome in (Became.IN_DOUBT, Became.FAILED) for one in became):
        # Most often the tracker takes no writes just now; that may last, and is no fault of the item.
        return failed(due, _first(became, Became.IN_DOUBT, Became.FAILED), tries * PATIENT, first_after=DOWN)
    if outcome.interrupted:
        return Verdict("failed", "due", "stopped")
    return DONE


def failed(due: Due, why: str, tries: int, *, at_once: bool = False, first_after: timedelta = FIRST) -> Verdict:
    """A failure of the item itself: tried again later each time, and set aside in the end.

    Args:
        due: the look.
        why: the reason.
        tries: after so many failures in a row it is set aside.
        at_once: the first two times it is tried again at once.
        first_after: how long after the first failure it is tried again.
    """
    if due.tries + 1 >= tries:
        return Verdict("aside", "aside", why, failed=True)
    after = timedelta() if at_once and due.tries < 2 else min(LAST, first_after * 2 ** min(due.tries, 20))
    return Verdict("failed", "due", why, after, failed=True)


def _first(became: Iterable[Receipt], *outcomes: Became) -> str:
    return next(one.message or str(one.outcome) for one in became if one.outcome in outcomes)


def _waits(due: Due, failures: Iterable[TrackersyncError], tries: int) -> Verdict:
    """A tracker could not be used: that is no fault of the item, so it waits, for as long as it takes."""
    failures = list(failures)
    why = "; ".join(dict.fromkeys(str(failure) for failure in failures))
    if any(isinstance(failure, AuthError) for failure in failures):
        return Verdict("failed", "due", why, SHUT)
    asked = [failure.retry_after or 0.0 for failure in failures if isinstance(failure, UnavailableError)]
    if len(asked) == len(failures):
        return Verdict("failed", "due", why, max(timedelta(seconds=max(asked)), DOWN))
    return failed(due, why, tries)


def called(due: Due) -> str:
    """What a look is at, in words."""
    subject = due.subject
    if subject.kind == "item":
        return f"item {subject.name} of {subject.tracker}"
    return f"the news of {subject.name or subject.tracker}"

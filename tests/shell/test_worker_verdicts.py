"""What becomes of a look: every kind of end, in a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trackersync.core.guard import Hold
from trackersync.core.link import Links
from trackersync.core.model import Change, ItemRef, Receipt
from trackersync.core.model import Outcome as Became
from trackersync.core.outcome import Look, Outcome, World
from trackersync.core.plan import Plan
from trackersync.errors import AuthError, NotFoundError, TrackersyncError, UnavailableError
from trackersync.store import Due, Subject
from trackersync.worker.verdict import DOWN, SHUT, judged

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
REF = ItemRef("github", "1:17")
CHANGE = Change(REF, "acme/shop#17", "stage", "labels", {}, {"labels": ("stage: build",)}, "SHOP-42 moved")
HELD = Hold("limit", "limits.changes", "501 changes; 500 are allowed")


def due(tries: int = 0) -> Due:
    return Due(Subject("github", "item", "1:17"), "acme/shop", 1, 1, NOON, 0, "due", tries, "", NOON)


def look(failure: TrackersyncError | None = None) -> Look:
    return Look("github", False, 0, 0, NOON, True, 0.1, failure=failure)


def ended(*became: Became, held: bool = False, plan: bool = True, interrupted: bool = False) -> Outcome:
    changes = (CHANGE,) * max(1, len(became)) if became or held else ()
    return Outcome(
        World({"github": look()}, Links(), (), (), ()),
        Plan(changes) if plan else None,
        (HELD,) if held else (),
        receipts=tuple(Receipt(one, f"it was {one}") for one in became),
        run=None if held else 7,
        interrupted=interrupted,
    )


ROWS = [
    ("nothing to do", due(), None, ended(), ("done", None, False)),
    ("written", due(), None, ended(Became.APPLIED, Became.ALREADY_SO), ("done", None, False)),
    ("refused for good", due(), None, ended(Became.REJECTED), ("done", None, False)),
    ("gone", due(), None, ended(Became.GONE), ("done", None, False)),
    ("held by the guard", due(), None, ended(held=True), ("held", "held", False)),
    ("moved meanwhile", due(), None, ended(Became.STALE), ("failed", "due", True)),
    ("an answer was lost", due(), None, ended(Became.IN_DOUBT), ("failed", "due", True)),
    ("a write failed", due(3), None, ended(Became.FAILED), ("failed", "due", True)),
    ("a write failed for the last time", due(19), None, ended(Became.FAILED), ("aside", "aside", True)),
    ("stopped", due(4), None, ended(interrupted=True), ("failed", "due", False)),
    ("its tracker is down", due(4), UnavailableError("503"), ended(), ("failed", "due", False)),
    ("its tracker knows us no more", due(4), AuthError("401"), ended(), ("failed", "due", False)),
    ("its repository is gone", due(), NotFoundError("404"), ended(), ("failed", "due", True)),
    ("its repository is gone for long", due(4), NotFoundError("404"), ended(), ("aside", "aside", True)),
]


@pytest.mark.parametrize(
    ("one", "failure", "outcome", "becomes"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_look_is_judged(
    one: Due, failure: TrackersyncError | None, outcome: Outcome, becomes: tuple[str, str | None, bool]
) -> None:
    verdict = judged(one, (look(failure),), outcome, 5)
    assert (verdict.outcome, verdict.state, verdict.failed) == becomes


def test_what_waits_says_why_and_when() -> None:
    assert judged(due(), (look(UnavailableError("503", retry_after=90)),), None, 5).after == timedelta(seconds=90)
    assert judged(due(), (look(UnavailableError("503")),), None, 5).after == DOWN
    assert judged(due(), (look(AuthError("who are you")),), None, 5).after == SHUT
    assert judged(due(), (look(),), ended(held=True), 5).why == HELD.sentence
    waits = [judged(due(tries), (look(),), ended(Became.FAILED), 99).after for tries in range(12)]
    assert waits == sorted(waits)
    assert waits[0] == DOWN
    assert waits[-1] == timedelta(minutes=10)


def test_a_move_during_the_write_is_looked_at_at_once_but_not_for_ever() -> None:
    waits = [judged(due(tries), (look(),), ended(Became.STALE), 99).after for tries in range(4)]
    assert waits[:2] == [timedelta(), timedelta()]
    assert waits[2] > timedelta()

"""What holds a plan back until a person says yes.

``--yes`` answers the question of a first run or a changed mapping; ``--approve DIGEST`` says yes to exactly one plan;
nothing else lifts a limit. A held run writes nothing. Limits count over a rolling window, so that a thousand runs of
one change are held like one run of a thousand; what a person approved is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from trackersync.core.plan import Plan

SMALLEST_SHARE = 5
"""A share of the tasks never allows fewer than this, or a small team could not work."""
EMPTIED = 0.1
"""A container that shows no more than this part of what it showed before is taken for emptied: an alarm."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The configured bounds of one window: changes, the share of all tasks (0 to 1), and first-contact changes."""

    changes: int
    share: float
    adoptions: int
    window: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spent:
    """What earlier runs of the window wrote without a person's approval: changes, first-contact changes, tasks.

    ``others``: how many tasks besides ``tasks`` and those of the plan at hand, where they were only counted.
    """

    changes: int = 0
    adoptions: int = 0
    tasks: frozenset[str] = frozenset()
    others: int = 0


NOTHING = Spent()


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason why a plan is held: the question or limit, and its numbers in a sentence.

    ``kind``: ``question`` is answered by ``--yes``; a ``limit`` and an ``alarm`` only by ``--approve``.
    """

    kind: Literal["question", "limit", "alarm"]
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A container that shows far less than it did: what it shows now, and what it showed at the last whole look."""

    tracker: str
    container: str
    now: int
    before: int


def shrunk(now: Mapping[tuple[str, str], int], before: Mapping[tuple[str, str], int]) -> tuple[Shrunk, ...]:
    """The containers that were emptied, by (tracker, container), as far as their items are counted."""
    return tuple(
        Shrunk(tracker, container, now.get((tracker, container), 0), count)
        for (tracker, container), count in sorted(before.items())
        if count and now.get((tracker, container), 0) <= count * EMPTIED
    )


def guard(
    plan: Plan,
    limits: Limits,
    *,
    tasks: int,
    touched: frozenset[str],
    spent: Spent = NOTHING,
    approved: bool,
    changed: bool = False,
    met: int = 0,
    emptied: tuple[Shrunk, ...] = (),
) -> tuple[Hold, ...]:
    """Say what holds a plan; nothing when it may go.

    Args:
        plan: what would be written.
        limits: the configured bounds.
        tasks: how many tasks there are.
        touched: the ids of those that the plan would change.
        spent: what was written in the window already.
        approved: this configuration has been approved before.
        changed: another configuration has written before, on this store.
        met: how many tasks' items are linked for the first time.
        emptied: containers that suddenly show almost nothing.
    """
    holds = [
        Hold(
            "alarm",
            "emptied tracker",
            f"{gone.tracker} shows {gone.now} of the {gone.before} items {gone.container} showed before; "
            "absence is not deletion. Most often the account lost the right to see it.",
        )
        for gone in emptied
    ]
    if not plan.changes:
        return tuple(holds)
    if not approved:
        why = "this configuration has not written before"
        if changed:
            holds.append(Hold("question", "changed mapping", f"{why}; its stages, people or policies are others now"))
        else:
            # Also where a store was lost: links come back from texts, what both sides had agreed on does not.
            tasks_meet = "1 task meets" if met == 1 else f"{met:,} tasks meet"
            news = f"; {tasks_meet} for the first time, and `adopt` decides where they differ" if met else ""
            holds.append(Hold("question", "first run", why + news))
    later = len(plan.changes) - plan.adoptions
    if later and later + spent.changes > limits.changes:
        so_far = _so_far(spent.changes, limits.window)
        sentence = f"{later + spent.changes:,} changes{so_far}; {limits.changes:,} are allowed"
        holds.append(Hold("limit", "limits.changes", sentence))
    if plan.adoptions and plan.adoptions + spent.adoptions > limits.adoptions:
        so_far = _so_far(spent.adoptions, limits.window)
        sentence = (
            f"{plan.adoptions + spent.adoptions:,} first-contact changes{so_far}; {limits.adoptions:,} are allowed"
        )
        holds.append(Hold("limit", "limits.adoptions", sentence))
    # 29 % of 100 tasks is 28.999… in binary, and means 29.
    allowed = max(SMALLEST_SHARE, int(tasks * limits.share + 1e-9))
    changing = len(touched | spent.tasks) + spent.others
    if touched and changing > allowed:
        part, so_far = changing / tasks if tasks else 1.0, _so_far(len(spent.tasks) + spent.others, limits.window)
        sentence = (
            f"{changing:,} of {tasks:,} tasks ({100 * part:.0f} %) would change{so_far}; "
            f"{100 * limits.share:.3g} % allows {allowed:,}"
        )
        holds.append(Hold("limit", "limits.share", sentence))
    return tuple(holds)


def _so_far(before: int, window: timedelta) -> str:
    """What earlier runs have written already; nothing where they have not."""
    return f" within {span(window)}, {before:,} of them written already" if before else ""


def span(window: timedelta) -> str:
    """A span in the largest unit that tells it whole: ``24 h``, ``30 min``, ``7 d``."""
    seconds = int(window.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds > size and seconds % size == 0:
            return f"{seconds // size:,} {unit}"
    return f"{seconds:,} s"

"""What holds a plan back until a person says yes.

``--yes`` answers the question of a first run or a changed mapping; ``--approve DIGEST`` says yes to exactly one plan;
nothing else lifts a limit. A held run writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from trackersync.core.plan import Plan

SMALLEST_SHARE = 5
"""A share of the tasks never allows fewer than this, or a small team could not work."""
EMPTIED = 0.1
"""A container that shows no more than this part of what it showed before is taken for emptied: an alarm."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The configured bounds of one run: changes, the share of all tasks (0 to 1), and first-contact changes."""

    changes: int
    share: float
    adoptions: int


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
    touched: int,
    approved: bool,
    changed: bool = False,
    emptied: tuple[Shrunk, ...] = (),
) -> tuple[Hold, ...]:
    """Say what holds a plan; nothing when it may go.

    Args:
        plan: what would be written.
        limits: the configured bounds.
        tasks: how many tasks there are.
        touched: how many of them the plan would change.
        approved: this configuration has been approved before.
        changed: the store's last run was under another configuration.
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
        news = "; its stages, people or policies differ from the last run's"
        holds.append(Hold("question", "changed mapping" if changed else "first run", why + news if changed else why))
    later = len(plan.changes) - plan.adoptions
    if later > limits.changes:
        holds.append(Hold("limit", "limits.changes", f"{later:,} changes; {limits.changes:,} are allowed"))
    if plan.adoptions > limits.adoptions:
        sentence = f"{plan.adoptions:,} first-contact changes; {limits.adoptions:,} are allowed"
        holds.append(Hold("limit", "limits.adoptions", sentence))
    # 29 % of 100 tasks is 28.999… in binary, and means 29.
    allowed = max(SMALLEST_SHARE, int(tasks * limits.share + 1e-9))
    if touched > allowed:
        part = touched / tasks if tasks else 1.0
        sentence = (
            f"{touched:,} of {tasks:,} tasks ({100 * part:.0f} %) would change; "
            f"{100 * limits.share:.3g} % allows {allowed:,}"
        )
        holds.append(Hold("limit", "limits.share", sentence))
    return tuple(holds)

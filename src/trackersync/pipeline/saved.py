"""A saved plan: does it still hold? Only what would be planned again just so is carried out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from trackersync.connector import compare
from trackersync.core.model import Change, Item
from trackersync.core.outcome import Moved
from trackersync.core.plan import Plan
from trackersync.core.terms import Task, Terms, said
from trackersync.errors import StaleError


def still_holding(
    plan: Plan, saved: Sequence[Change], tasks: Iterable[Task], terms: Terms
) -> tuple[Plan, tuple[Moved, ...]]:
    """Of a saved plan, the changes that would be planned again just so or are so already; and the others.

    Args:
        plan: as planned now.
        saved: the saved plan's changes.
        tasks: all tasks as observed now.
        terms: the configuration's decisions.
    """
    fresh = {(change.ref, change.field): change for change in plan.changes}
    found = {item.ref: (item, task) for task in tasks for item in task.items}
    holding: list[Change] = []
    moved: list[Moved] = []
    for change in saved:
        now = fresh.get((change.ref, change.field))
        if now is not None and (now.before, now.after, now.path) == (change.before, change.after, change.path):
            holding.append(now)
        elif change.ref not in found:
            moved.append(Moved(change, {change.key: "not there any more"}))
        elif _done(change, found[change.ref][0]):
            holding.append(change)
        else:
            moved.append(
                Moved(change, {item.key: said(item, change.field, terms) for item in found[change.ref][1].items})
            )
    return replace(plan, changes=tuple(holding)), tuple(moved)


def _done(change: Change, item: Item) -> bool:
    try:
        return compare(change, item) == "after"
    except StaleError:
        return False

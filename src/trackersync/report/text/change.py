"""One change in words: the stage or owners it goes from and to, and what is written in the tracker's own words."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from trackersync.core import words
from trackersync.core.model import OWNERS, Change, Item, ItemRef
from trackersync.core.terms import Task, Terms
from trackersync.report.names import Keys


class Wording:
    """Words for the changes of one plan."""

    def __init__(self, tasks: tuple[Task, ...], terms: Terms) -> None:
        """Learn the items and tasks the changes are about."""
        self.keys = Keys(item for task in tasks for item in task.items)
        self._items: Mapping[ItemRef, Item] = {item.ref: item for task in tasks for item in task.items}
        self._tasks: Mapping[ItemRef, Task] = {item.ref: task for task in tasks for item in task.items}
        self._terms = terms

    def task(self, ref: ItemRef, key: str) -> str:
        """The task by its items' keys, the item about to be written first."""
        task = self._tasks.get(ref)
        others = [item.key for item in task.items if item.ref != ref] if task else []
        return self.keys.task((key, *others))

    def step(self, change: Change) -> str:
        """``build → verify``, ``nobody → ada-l``."""
        item = self._items.get(change.ref)
        return words.step(change, self._terms, item.facts if item else {})

    def takes_away(self, change: Change) -> bool:
        """Whether somebody is taken off: what takes away is seen first."""
        return change.field == OWNERS and bool(set(change.before[OWNERS]) - set(change.after[OWNERS]))

    def coming(self, change: Change) -> str:
        """``+ ada-l``: who is added, where nobody goes."""
        names = self._names(change, set(change.after[OWNERS]) - set(change.before[OWNERS]))
        return f"+ {' + '.join(names)}"

    def native(self, change: Change) -> str:
        """What is written, in the tracker's words: ``"stage: idea" → "stage: build"``, ``Design → Build → Done``."""
        return words.native_step(change, self._terms)

    def _names(self, change: Change, accounts: Collection[str]) -> list[str]:
        people = self._terms.people
        ordered = [account for account in (*change.before[OWNERS], *change.after[OWNERS]) if account in accounts]
        return [people.name(change.ref.tracker, account) or account for account in dict.fromkeys(ordered)]

"""One change in words: the stage or owners it goes from and to, and what is written in the tracker's own words."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from trackersync.core.model import OWNERS, Change, Facts, Item, ItemRef
from trackersync.core.plan import Task, Terms
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
        if change.field == OWNERS:
            return f"{self._people(change, change.before)} → {self._people(change, change.after)}"
        return f"{self._stage(change, change.before)} → {self._stage(change, change.after)}"

    def takes_away(self, change: Change) -> bool:
        """Whether somebody is taken off: what takes away is seen first."""
        return change.field == OWNERS and bool(set(change.before[OWNERS]) - set(change.after[OWNERS]))

    def coming(self, change: Change) -> str:
        """``+ ada-l``: who is added, where nobody goes."""
        names = self._names(change, set(change.after[OWNERS]) - set(change.before[OWNERS]))
        return f"+ {' + '.join(names)}"

    def native(self, change: Change) -> str:
        """What is written, in the tracker's words: ``"stage: idea" → "stage: build"``, ``In Progress → In Review``."""
        if change.field == OWNERS:
            return self.step(change)
        parts = []
        for fact, values in change.after.items():
            before = change.before.get(fact, ())
            follows = self._terms.maps[change.ref.tracker].vocabulary.follows
            if fact in change.ours:
                parts.append(f"{_labels(before)} → {_labels(values)}")
            elif fact in follows and fact != change.fact:
                parts.append(f"{fact} {' + '.join(values) or 'none'}")
            else:
                parts.append(f"{' + '.join(before) or 'none'} → {' + '.join(values) or 'none'}")
        return ", ".join(parts)

    def _stage(self, change: Change, facts: Facts) -> str:
        item = self._items.get(change.ref)
        stages = self._terms.maps[change.ref.tracker]
        shown: dict[str, tuple[str, ...]] = dict(item.facts) if item else {}
        for fact, values in facts.items():
            mine = {value.casefold() for value in change.ours.get(fact, ())}
            foreign = [value for value in shown.get(fact, ()) if value.casefold() not in mine] if mine else []
            shown[fact] = (*foreign, *values)
        reading = stages.read(shown)
        wanted = self._terms.process.order
        if reading.kind == "clash":
            return " + ".join(sorted(reading.stages, key=wanted.__getitem__))
        return reading.first or "?"

    def _people(self, change: Change, facts: Facts) -> str:
        return " + ".join(self._names(change, facts[OWNERS])) or "nobody"

    def _names(self, change: Change, accounts: Collection[str]) -> list[str]:
        people = self._terms.people
        ordered = [account for account in (*change.before[OWNERS], *change.after[OWNERS]) if account in accounts]
        return [people.name(change.ref.tracker, account) or account for account in dict.fromkeys(ordered)]


def _labels(values: tuple[str, ...]) -> str:
    return " + ".join(f'"{value}"' for value in values) or "no label"

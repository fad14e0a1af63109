"""Which tasks there are, found by their items and by what these name: who depends on whom.

What a rule may say of a task depends on the tasks it is related to, one step away; ``touching`` is that step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Generic, Protocol, TypeVar

from trackersync.core.model import Item, ItemRef
from trackersync.core.terms import Task

PARENT, BLOCKERS, RELATED, DUPLICATES = "parent", "blockers", "related", "duplicate_of"
RELATIONS = (PARENT, BLOCKERS, RELATED, DUPLICATES)
"""The facts that name other items by their keys."""
MENTIONED = "mentioned"
"""Not a fact: the keys in an item's text."""


class Related(Protocol):
    """One task, as far as others depend on it."""

    @property
    def task(self) -> Task:
        """The task."""

    @property
    def claims(self) -> tuple[ItemRef, ...]:
        """Items that claim one of its own, or the other way round."""


C = TypeVar("C", bound=Related)


class Neighbours(Generic[C]):
    """Which tasks there are, found by their items and by what they name."""

    def __init__(self) -> None:
        """Know of none."""
        self.by_id: dict[str, C] = {}
        self._by_ref: dict[ItemRef, str] = {}
        # Most keys name one task, and there are many.
        self._by_key: dict[str, tuple[str, ...]] = {}
        self._naming: dict[tuple[str, str], set[str]] = {}

    def add(self, case: C) -> None:
        """A task is there."""
        name = case.task.id
        self.by_id[name] = case
        for item in case.task.items:
            self._by_ref[item.ref] = name
            key = item.key.casefold()
            others = self._by_key.get(key, ())
            self._by_key[key] = (*others, name) if name not in others else others
            for fact, named in _names(item):
                self._naming.setdefault((fact, named), set()).add(name)

    def remove(self, name: str) -> None:
        """A task is not there any more, or will be added as it is now."""
        case = self.by_id.pop(name, None)
        for item in case.task.items if case is not None else ():
            if self._by_ref.get(item.ref) == name:
                del self._by_ref[item.ref]
            key = item.key.casefold()
            self._by_key[key] = tuple(other for other in self._by_key.get(key, ()) if other != name)
            for fact, named in _names(item):
                self._naming.get((fact, named), set()).discard(name)

    def of(self, ref: ItemRef) -> C | None:
        """The task of an item."""
        return self.by_id.get(self._by_ref.get(ref, ""))

    def called(self, key: str) -> tuple[C, ...]:
        """The tasks with an item of this key."""
        return self._cases(self._by_key.get(key.casefold(), ()))

    def named(self, case: C, fact: str) -> tuple[C, ...]:
        """The tasks that a fact of a task's items names."""
        found = {
            name for item in case.task.items for key in item.facts.get(fact, ()) for name in self._meant(item, key)
        }
        return self._cases(found - {case.task.id}) if found else ()

    def naming(self, case: C, fact: str) -> tuple[C, ...]:
        """The tasks whose fact names one of a task's items."""
        found: set[str] = set()
        for item in case.task.items:
            found |= self._naming.get((fact, item.key.casefold()), set())
        meant = [other for other in self._cases(found - {case.task.id}) if self._names(other, fact, case)]
        return tuple(meant)

    def related(self, case: C) -> tuple[C, ...]:
        """The tasks that a task names in any way, and those that name it."""
        return self._cases(self.touching(case) - {case.task.id})

    def touching(self, case: C) -> set[str]:
        """The ids of all tasks of which something may be said that depends on this one, and the other way round."""
        found: set[str] = set()
        for item in case.task.items:
            for _, key in _names(item):
                found.update(self._called(key))
            for fact in (*RELATIONS, MENTIONED):
                found |= self._naming.get((fact, item.key.casefold()), set())
        found |= {self._by_ref[ref] for ref in case.claims if ref in self._by_ref}
        return found

    def _meant(self, item: Item, key: str) -> Collection[str]:
        """The tasks that a key of a relation means: its own tracker's, where others have issues called so too."""
        found = self._called(key)
        if len(found) < 2:
            return found
        tracker, folded = item.ref.tracker, key.casefold()
        own = [
            name
            for name in found
            if any(one.ref.tracker == tracker and one.key.casefold() == folded for one in self.by_id[name].task.items)
        ]
        return own or found

    def _names(self, other: C, fact: str, case: C) -> bool:
        """Whether a fact of another task means this one."""
        return any(
            case.task.id in self._meant(item, key) for item in other.task.items for key in item.facts.get(fact, ())
        )

    def _called(self, key: str) -> tuple[str, ...]:
        return self._by_key.get(key.casefold(), ())

    def _cases(self, names: Iterable[str]) -> tuple[C, ...]:
        return tuple(self.by_id[name] for name in sorted(names) if name in self.by_id)


def _names(item: Item) -> Iterable[tuple[str, str]]:
    """The keys an item names, in small letters, each with the fact that names it."""
    facts = item.facts
    for fact in RELATIONS:
        for key in facts.get(fact, ()):
            yield fact, key.casefold()
    for key in item.keys:
        yield MENTIONED, key.casefold()

"""Whether an item shows what a change expects or wants. Of shared facts only the values that are ours count."""

from __future__ import annotations

from collections.abc import Iterable

from trackersync.core.model import Change, Facts


def ours(change: Change, facts: Facts, fact: str) -> tuple[str, ...]:
    """A fact's values; of a shared one only those that are ours to set."""
    values = facts.get(fact, ())
    if fact not in change.ours:
        return values
    mine = fold(change.ours[fact])
    return tuple(value for value in values if value.casefold() in mine)


def shows(wanted: Facts, change: Change, facts: Facts) -> bool:
    """Whether facts show all that is wanted: ``change.before`` or ``change.after``. Case does not count."""
    return all(fold(ours(change, facts, fact)) == fold(values) for fact, values in wanted.items())


def fold(values: Iterable[str]) -> frozenset[str]:
    """Values to be compared without regard to case, as both vendors do."""
    return frozenset(value.casefold() for value in values)

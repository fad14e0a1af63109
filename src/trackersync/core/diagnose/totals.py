"""Which tasks count together: for each rule over totals, those that it counts under one key and with the same settings.

However severe a rule is for each of them, what they come to is one total; it is as severe as for the worst.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trackersync.core.diagnose.rule import AnyRule
from trackersync.core.diagnose.rulebook import Standing
from trackersync.core.model import Severity

WORST = {severity: place for place, severity in enumerate(Severity)}


@dataclass(slots=True, eq=False)
class Counted:
    """One total: its rule and settings, and the tasks that count under it, each with how severe the rule is for it."""

    rule: AnyRule
    settings: Any
    key: str
    names: dict[str, Severity | None] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        """As severe as for the task for which it is worst."""
        if all(level is None for level in self.names.values()):
            return Standing(None, self.settings)
        levels = (level or self.rule.severity for level in self.names.values())
        return Standing(min(levels, key=WORST.__getitem__), self.settings)


class Totals:
    """All totals there are, and which of them each task counts under."""

    def __init__(self) -> None:
        """Know of none."""
        self._totals: dict[tuple[str, Any], dict[str, Counted]] = {}
        self._of: dict[str, tuple[Counted, ...]] = {}

    def under(self, rule: AnyRule, settings: Any, key: str) -> Counted:  # noqa: ANN401  # each rule has its own
        """The total of a rule with these settings under a key."""
        totals = self._totals.setdefault((rule.name, settings), {})
        found = totals.get(key)
        if found is None:
            found = totals[key] = Counted(rule, settings, key)
        return found

    def put(self, name: str, counts: Mapping[Counted, Severity | None]) -> Iterable[Counted]:
        """A task counts under these totals and no others.

        Args:
            name: its id.
            counts: the totals, each with how severe its rule is for the task.

        Returns:
            The totals that are other than before.
        """
        before = self._of.pop(name, ())
        if not before and not counts:
            return ()
        for total in before:
            total.names.pop(name, None)
        for total, level in counts.items():
            total.names[name] = level
        if counts:
            self._of[name] = tuple(counts)
        return (*before, *counts)

    def drop(self, total: Counted) -> None:
        """A total that no task counts under is none."""
        self._totals[total.rule.name, total.settings].pop(total.key, None)

"""The values of a tracker that the configuration names, so that the tracker can be asked whether it has them."""

from __future__ import annotations

from collections.abc import Iterable

from trackersync.core.mapping import StageRule
from trackersync.core.model import Facts
from trackersync.core.terms import Terms


def named(tracker: str, rules: Iterable[StageRule], terms: Terms) -> Facts:
    """By fact, the values that a tracker's ``stages``, ``hands_off`` and ``outcomes`` name, as they are called now.

    Args:
        tracker: its name.
        rules: its stage rules as configured. What the mapping adds by itself, since the tracker means it so, is not
            the team's word, and is left out.
        terms: the same in present names, with the rest of what the configuration decides.
    """
    written = tuple(rules)
    facts = {fact for rule in written for fact in (*rule.when, *rule.sets)}
    found: dict[str, dict[str, None]] = {}

    def add(some: Facts) -> None:
        for fact, values in some.items():
            found.setdefault(fact, {}).update(dict.fromkeys(values))

    for rule in terms.maps[tracker].rules:
        for part in (rule.when, rule.sets):
            add({fact: values for fact, values in part.items() if fact in facts})
    add(terms.hands_off.get(tracker, {}))
    for shows in terms.outcomes.get(tracker, {}).values():
        for rule in shows:
            add(rule.when)
    return {fact: tuple(values) for fact, values in found.items()}

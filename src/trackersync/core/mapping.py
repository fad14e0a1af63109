"""The rules of a tracker's ``stages``: what the team wrote, completed by what it leaves unsaid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from trackersync.core.expect import fold
from trackersync.core.model import Facts, Vocabulary
from trackersync.core.process import Process


@dataclass(frozen=True, slots=True)
class StageRule:
    """One entry of a tracker's ``stages``: a stage, the facts that mean it, and facts written with it but not matched.

    Attributes:
        stage: the stage's key.
        when: fact to the values any of which means the stage; every fact named must match. The first value is written,
            except of facts that are conditions.
        sets: fact to the value written along.
    """

    stage: str
    when: Facts
    sets: Facts


def completed(rules: Iterable[StageRule], process: Process, vocabulary: Vocabulary) -> tuple[StageRule, ...]:
    """A team's rules with what they leave unsaid, and with what the tracker itself means by finished."""
    whole = tuple(_whole(rule, process, vocabulary) for rule in rules)
    return whole + _defaults(process, vocabulary, whole)


def applying(rules: Iterable[StageRule], shown: Facts) -> tuple[StageRule, ...]:
    """The rules whose conditions are met, without them.

    Args:
        rules: with conditions or without.
        shown: what an item shows of each fact that is a condition.
    """
    return tuple(
        replace(rule, when={fact: values for fact, values in rule.when.items() if fact not in shown})
        for rule in rules
        if all(not fold(rule.when[fact]).isdisjoint(fold(shown[fact])) for fact in shown if fact in rule.when)
    )


def _whole(rule: StageRule, process: Process, vocabulary: Vocabulary) -> StageRule:
    """A rule with what it leaves unsaid: whoever names the reason of a finished stage means that the item is closed."""
    led = {vocabulary.follows.get(fact) for fact in rule.when}
    unsaid = {fact: values for fact, values in (vocabulary.finished or {}).items() if fact in led - rule.when.keys()}
    if not unsaid or not any(stage.key == rule.stage and stage.finished for stage in process.stages):
        return rule
    return StageRule(rule.stage, {**unsaid, **rule.when}, rule.sets)


def _defaults(process: Process, vocabulary: Vocabulary, rules: tuple[StageRule, ...]) -> tuple[StageRule, ...]:
    """What the tracker itself means by finished, for each finished category that the team maps by no such fact."""
    made = []
    for category, facts in vocabulary.defaults.items():
        stage = next((stage for stage in process.stages if stage.category == category), None)
        mapped = any(
            rule.stage in {s.key for s in process.stages if s.category == category} and set(rule.when) & set(facts)
            for rule in rules
        )
        if stage is not None and not mapped:
            made.append(StageRule(stage.key, facts, {}))
    return tuple(made)

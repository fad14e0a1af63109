"""The canonical stage model, and how one tracker's facts are read as stages and stages written as facts.

Coarse trackers meet a fine process: one native state may cover several stages, so ``StageMap.read`` answers a set in
process order. A stage that a tracker has no word for is covered by the nearest earlier stage it has a word for;
finished stages are covered by finished ones only, since a done task is never in progress for want of a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from trackersync.core.expect import fold
from trackersync.core.model import Facts, Vocabulary

Category = Literal["backlog", "started", "done", "cancelled"]
FINISHED: tuple[Category, ...] = ("done", "cancelled")


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the delivery process.

    Attributes:
        key: its word in configurations; what ``stages:`` entries are named by.
        name: what people call it.
        phase: the key of its phase; empty for done and cancelled.
        category: ``backlog``, ``started``, ``done`` or ``cancelled``.
        method: how its work is done.
        outcome: what must exist before it is left.
        roles: who may own it.
        expected: how long a task stays in it, in days; None where nothing is expected.
    """

    key: str
    name: str
    phase: str
    category: Category
    method: str
    outcome: str
    roles: tuple[str, ...]
    expected: float | None = None

    @property
    def finished(self) -> bool:
        """Whether a task in it needs nobody any more."""
        return self.category in FINISHED


@dataclass(frozen=True, slots=True)
class Phase:
    """One of the process's phases, with all that tells it from the other: trait (``focus``, ``risks``, …) to words."""

    key: str
    name: str
    traits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Process:
    """A delivery process: its stages in order, and its phases."""

    name: str
    stages: tuple[Stage, ...]
    phases: tuple[Phase, ...] = ()

    def stage(self, key: str) -> Stage:
        """The stage of this key. Raises ``KeyError``."""
        return next((stage for stage in self.stages if stage.key == key), None) or _no_stage(key)

    @property
    def order(self) -> Mapping[str, int]:
        """Each stage's place in the process, from 0."""
        return {stage.key: place for place, stage in enumerate(self.stages)}

    @property
    def first(self) -> Stage:
        """Where an item that has not said its stage is assumed to be."""
        return self.stages[0]


def _no_stage(key: str) -> Stage:
    raise KeyError(key)


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a tracker's ``stages``: a stage, the facts that mean it, and facts written with it but not matched.

    Attributes:
        stage: the stage's key.
        when: fact to the values any of which means the stage; every fact named must match. The first value is written.
        sets: fact to the value written along.
    """

    stage: str
    when: Facts
    sets: Facts


@dataclass(frozen=True, slots=True)
class Reading:
    """What one item says of its stage.

    Attributes:
        kind: ``stated``; ``assumed`` (open and silent, so taken to be in the first stage); ``unknown`` (a state that
            belongs to no stage); ``clash`` (values that claim stages with nothing in common).
        stages: the stages it may be in, in process order; for a clash all that are claimed; none when unknown.
        says: its native words, for people: ``In Progress``, ``stage: build``, ``closed, completed``.
        parts: for a clash, each claiming value with its stages.
    """

    kind: Literal["stated", "assumed", "unknown", "clash"]
    stages: tuple[str, ...]
    says: str
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def first(self) -> str | None:
        """The earliest stage it may be in."""
        return self.stages[0] if self.stages else None

    @property
    def named(self) -> str | None:
        """The stage for people; of a clash the one that each claiming value names, whatever else it covers."""
        claimed = {stages[0] for _, stages in self.parts}
        return " + ".join(stage for stage in self.stages if stage in claimed) or self.first


def common(readings: Sequence[Reading]) -> tuple[str, ...]:
    """The stages that every one of some readings allows, in process order; none when they disagree, or are none."""
    first, *others = readings or (Reading("unknown", (), ""),)
    return tuple(stage for stage in first.stages if all(stage in other.stages for other in others))


class StageMap:
    """One tracker's mapping between facts and stages. Immutable; made once per run, since reading is the hot path."""

    def __init__(
        self,
        tracker: str,
        process: Process,
        vocabulary: Vocabulary,
        rules: tuple[Rule, ...],
        precedence: tuple[str, ...] = (),
    ) -> None:
        """Complete the team's rules with the vocabulary's defaults, and work out what each word covers.

        Args:
            tracker: its name.
            process: the delivery process.
            vocabulary: the places a stage can live there.
            rules: the team's.
            precedence: facts, the one that decides first. Of two places that name different stages the earlier one is
                believed; a place that is not listed comes after those that are.
        """
        self.tracker = tracker
        self.process = process
        self.vocabulary = vocabulary
        whole = tuple(_whole(rule, process, vocabulary) for rule in rules)
        self.rules = whole + _defaults(process, vocabulary, whole)
        self._order = process.order
        self._precedence = precedence
        named = {fact for rule in self.rules for fact in (*rule.when, *rule.sets)}
        matchers = [matcher for matcher in vocabulary.matchers if not matcher.optional or matcher.fact in named]
        self._shared = frozenset(matcher.fact for matcher in matchers if matcher.shared)
        self._evidence = frozenset(matcher.fact for matcher in matchers if matcher.evidence)
        self._optional = frozenset(matcher.fact for matcher in matchers if matcher.optional)
        self._facts = tuple(dict.fromkeys(matcher.fact for matcher in matchers))
        # The places whose values can name different stages on one item: what `parts` of a clash tells of.
        self.claiming = tuple(fact for fact in self._facts if fact in self._shared | self._optional)
        self.ours: Facts = {
            fact: tuple(
                dict.fromkeys(
                    value for rule in self.rules for value in (*rule.when.get(fact, ()), *rule.sets.get(fact, ()))
                )
            )
            for fact in self._facts
            if fact in self._shared
        }
        self._ours = {fact: fold(values) for fact, values in self.ours.items()}
        self._named = {fact: fold(v for rule in self.rules for v in rule.when.get(fact, ())) for fact in self._facts}
        self._holder = self._cover()
        self._seen: dict[tuple[tuple[str, ...], ...], Reading] = {}
        self._words = {stage.key: self._spelled(stage) for stage in process.stages}

    def native(self, facts: Facts) -> Facts:
        """The facts a stage can live in, whole: what base remembers, so that a changed mapping can read it anew."""
        return {fact: facts.get(fact, ()) for fact in self._facts}

    def mine(self, facts: Facts, fact: str) -> tuple[str, ...]:
        """A fact's values; of a shared fact only those that are ours."""
        values = facts.get(fact, ())
        if fact not in self._shared:
            return values
        return tuple(value for value in values if value.casefold() in self._ours[fact])

    def read(self, facts: Facts) -> Reading:
        """Say which stages these facts mean. State outranks labels; more specific rules outrank others."""
        key = tuple([facts.get(fact, ()) for fact in self._facts])
        reading = self._seen.get(key)
        if reading is None:
            mine = {fact: self.mine(facts, fact) for fact in self._facts}
            # Items that differ in other people's values only share one reading.
            ours = tuple(mine.values())
            reading = self._seen[key] = self._seen[ours] = self._seen.get(ours) or self._read(mine)
        return reading

    def words(self, stage: str) -> tuple[Facts, ...]:
        """The ways to write a stage here, best first; empty when this tracker has no word for it.

        Each names every fact it fixes: shared facts hold just our values, so an empty tuple takes ours off.
        """
        return self._words.get(stage, ())

    def _spelled(self, stage: Stage) -> tuple[Facts, ...]:
        holder = self._holder[stage.key]
        if holder is None:
            return ()
        clean: dict[str, tuple[str, ...]] = dict.fromkeys(self._shared - self._evidence, ())
        if not stage.finished:
            clean |= self.vocabulary.open
        if holder == BLANK:
            return (clean,)
        return tuple(word for rule in self.rules if rule.stage == holder for word in self._spell(rule, clean))

    def _spell(self, rule: Rule, clean: Facts) -> list[Facts]:
        if not self._evidence.isdisjoint(rule.when):
            return []
        routed = self.vocabulary.routed
        word = {**clean, **{fact: values[:1] for fact, values in rule.when.items() if fact != routed}, **rule.sets}
        if routed is None or routed not in rule.when:
            return [word]
        return [{routed: (value,), **word} for value in rule.when[routed]]

    def _read(self, facts: Facts) -> Reading:
        says = self._says(facts)
        facts = {fact: tuple(self._alike(fact, value) for value in values) for fact, values in facts.items()}
        finished = self.vocabulary.finished
        closed = finished is not None and _shows(facts, finished)
        hits: list[tuple[int, Rule]] = [
            (self._weight(rule, facts), rule)
            for rule in self.rules
            if (not closed or any(fact in rule.when for fact in finished or ())) and self._matches(rule, facts)
        ]
        if not hits:
            if self.vocabulary.assumed is not None and _shows(facts, self.vocabulary.assumed):
                return Reading("assumed", self._covered(self._holder[self.process.first.key] or BLANK), says)
            return Reading("unknown", (), says)
        hits = self._foremost(hits)
        most = max(size for size, _ in hits)
        return self._weigh([rule for size, rule in hits if size == most], facts, says)

    def _foremost(self, hits: list[tuple[int, Rule]]) -> list[tuple[int, Rule]]:
        """Of the rules that match, those of the place that is believed first; all where the team names no order."""
        for fact in self._precedence:
            first = [hit for hit in hits if fact in hit[1].when]
            if first:
                return first
        return hits

    def _weigh(self, rules: list[Rule], facts: Facts, says: str) -> Reading:
        """Rules of equal weight: one value may cover several stages; several values must have a stage in common."""
        claims: dict[tuple[str, str], set[str]] = {}
        for rule in rules:
            for claim in self._claiming(rule, facts):
                # What only evidence tells has no word of its own: to say it covers no other stage.
                claims.setdefault(claim, set()).update(self._covered(rule.stage) or (rule.stage,))
        common = set.intersection(*claims.values())
        if common:
            return Reading("stated", self._sorted(common), says)
        parts = tuple((value, self._sorted(stages)) for (_, value), stages in claims.items())
        return Reading("clash", self._sorted(set().union(*claims.values())), says, parts)

    def _weight(self, rule: Rule, facts: Facts) -> int:
        """How specific a rule that matches is: a fact that is absent, or shown by every open stage, tells nothing."""
        usual = self.vocabulary.open
        return sum(bool(facts[fact]) and fold(facts[fact]) != fold(usual.get(fact, ())) for fact in rule.when)

    def _claiming(self, rule: Rule, facts: Facts) -> tuple[tuple[str, str], ...]:
        """The values by which a rule claims its stage, each with its fact: two places may use the same word."""
        for fact in rule.when:
            if fact in self._shared:
                wanted = fold(rule.when[fact])
                return tuple((fact, value) for value in facts[fact] if value.casefold() in wanted)
        for fact in rule.when:
            if fact in self._optional and facts[fact]:
                return tuple((fact, value) for value in facts[fact])
        return (("", ""),)

    def _matches(self, rule: Rule, facts: Facts) -> bool:
        return all(
            (not facts[fact] and fact in self.vocabulary.lenient)
            or not fold(values).isdisjoint(value.casefold() for value in facts[fact])
            for fact, values in rule.when.items()
        )

    def _alike(self, fact: str, value: str) -> str:
        other = self.vocabulary.alike.get((fact, value))
        return value if other is None or value.casefold() in self._named[fact] else other

    def _says(self, facts: Facts) -> str:
        shared = [word for fact in self._facts if fact in self._shared for word in self._said(fact, facts)]
        finished = self.vocabulary.finished
        single = [word for fact in self._facts if fact not in self._shared for word in self._said(fact, facts)]
        if finished is not None and not _shows(facts, finished):
            # That it is open, every open one says.
            usual = self._shared | {*finished, *self.vocabulary.follows}
            telling = [word for fact in self._facts if fact not in usual for word in self._said(fact, facts)]
            return " + ".join((*shared, *telling)) or self.vocabulary.blank
        return ", ".join(single) or " + ".join(shared) or self.vocabulary.blank

    def _said(self, fact: str, facts: Facts) -> Iterable[str]:
        """A fact's values for people. Those of evidence are words of another thing, so it is named: ``pulls open``."""
        return (f"{fact} {value}" for value in facts[fact]) if fact in self._evidence else facts[fact]

    def _cover(self) -> dict[str, str | None]:
        """Every stage's holder: itself where it has a word, else the nearest earlier stage of its kind that has one."""
        worded = {rule.stage for rule in self.rules if self._evidence.isdisjoint(rule.when)}
        holder: dict[str, str | None] = {}
        for finished in (False, True):
            last = BLANK if not finished and self.vocabulary.assumed is not None else None
            for stage in self.process.stages:
                if stage.finished is finished:
                    last = stage.key if stage.key in worded else last
                    holder[stage.key] = last
        return holder

    def _covered(self, holder: str) -> tuple[str, ...]:
        return tuple(stage.key for stage in self.process.stages if self._holder[stage.key] == holder)

    def _sorted(self, stages: set[str]) -> tuple[str, ...]:
        return tuple(sorted(stages, key=self._order.__getitem__))


BLANK = ""
"""The word for the stages before the first labelled one: an open item that carries none of our values."""


def _whole(rule: Rule, process: Process, vocabulary: Vocabulary) -> Rule:
    """A rule with what it leaves unsaid: whoever names the reason of a finished stage means that the item is closed."""
    led = {vocabulary.follows.get(fact) for fact in rule.when}
    unsaid = {fact: values for fact, values in (vocabulary.finished or {}).items() if fact in led - rule.when.keys()}
    if not unsaid or not any(stage.key == rule.stage and stage.finished for stage in process.stages):
        return rule
    return Rule(rule.stage, {**unsaid, **rule.when}, rule.sets)


def _defaults(process: Process, vocabulary: Vocabulary, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """What the tracker itself means by finished, for each finished category that the team maps by no such fact."""
    made = []
    for category, facts in vocabulary.defaults.items():
        stage = next((stage for stage in process.stages if stage.category == category), None)
        mapped = any(
            rule.stage in {s.key for s in process.stages if s.category == category} and set(rule.when) & set(facts)
            for rule in rules
        )
        if stage is not None and not mapped:
            made.append(Rule(stage.key, facts, {}))
    return tuple(made)


def _shows(facts: Facts, wanted: Facts) -> bool:
    return all(not fold(values).isdisjoint(fold(facts.get(fact, ()))) for fact, values in wanted.items())

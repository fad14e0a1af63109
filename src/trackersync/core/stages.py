"""How one tracker's facts are read as stages, and stages written as facts.

Coarse trackers meet a fine process: one native state may cover several stages, so ``StageMap.read`` answers a set in
process order. A stage that a tracker has no word for is covered by the nearest earlier stage it has a word for;
finished stages are covered by finished ones only, since a done task is never in progress for want of a word.

A rule may have conditions (a project, a type of issues): then it speaks of the items only that show them. What covers
what is told by the rules that apply, so each kind of items has a mapping of its own; see ``StageMap.at``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from trackersync.core.expect import fold
from trackersync.core.mapping import StageRule, applying, completed
from trackersync.core.model import Facts, Vocabulary
from trackersync.core.process import Process, Stage
from trackersync.core.reading import Reading


class StageMap:
    """One tracker's mapping between facts and stages. Immutable; made once per run, since reading is the hot path."""

    def __init__(
        self,
        tracker: str,
        process: Process,
        vocabulary: Vocabulary,
        rules: tuple[StageRule, ...],
        precedence: tuple[str, ...] = (),
        *,
        met: tuple[str, ...] = (),
    ) -> None:
        """Complete the team's rules with the vocabulary's defaults, and work out what each word covers.

        Args:
            tracker: its name.
            process: the delivery process.
            vocabulary: the places a stage can live there.
            rules: the team's.
            precedence: facts, the one that decides first. Of two places that name different stages the earlier one is
                believed; a place that is not listed comes after those that are.
            met: facts by whose values these rules were chosen; see ``at``.
        """
        self.tracker = tracker
        self.process = process
        self.vocabulary = vocabulary
        self.rules = completed(rules, process, vocabulary)
        self._order = process.order
        self._precedence = precedence
        named = {fact for rule in self.rules for fact in (*rule.when, *rule.sets)}
        self._conditions = tuple(one.fact for one in vocabulary.matchers if one.condition and one.fact in named)
        self._at: dict[tuple[tuple[str, ...], ...], StageMap] = {}
        self._met = met or self._conditions
        self._places = tuple(matcher for matcher in vocabulary.matchers if not matcher.condition)
        self._sets = frozenset(matcher.fact for matcher in self._places if matcher.shared)
        matchers = [matcher for matcher in self._places if not matcher.optional or matcher.fact in named]
        self._shared = frozenset(matcher.fact for matcher in matchers if matcher.shared)
        self._evidence = frozenset(matcher.fact for matcher in matchers if matcher.evidence)
        self._optional = frozenset(matcher.fact for matcher in matchers if matcher.optional)
        self._facts = tuple(dict.fromkeys(matcher.fact for matcher in matchers))
        # The places whose values can name different stages on one item: what `parts` of a clash tells of.
        claiming = self._shared | self._optional | {vocabulary.routed}
        self.claiming = tuple(fact for fact in self._facts if fact in claiming)
        self.ours: Facts = {
            fact: tuple(
                dict.fromkeys(v for rule in self.rules for v in (*rule.when.get(fact, ()), *rule.sets.get(fact, ())))
            )
            for fact in self._facts
            if fact in self._shared
        }
        self._ours = {fact: fold(values) for fact, values in self.ours.items()}
        self._named = {fact: fold(v for rule in self.rules for v in rule.when.get(fact, ())) for fact in self._facts}
        self._holder = self._cover()
        self._seen: dict[tuple[tuple[str, ...], ...], Reading] = {}
        self._words = {stage.key: self._spelled(stage) for stage in process.stages}

    def under(self, rules: tuple[StageRule, ...], alike: Mapping[tuple[str, str], str]) -> StageMap:
        """The same mapping in other words: what it names was renamed, and ``alike`` says what old words mean."""
        vocabulary = replace(self.vocabulary, alike={**self.vocabulary.alike, **alike})
        return StageMap(self.tracker, self.process, vocabulary, rules, self._precedence)

    def at(self, facts: Facts) -> StageMap:
        """The mapping as far as it speaks of an item that shows these facts: itself where no rule has conditions."""
        if not self._conditions:
            return self
        key = tuple([facts.get(fact, ()) for fact in self._conditions])
        if key not in self._at:
            vocabulary = replace(self.vocabulary, matchers=self._places)
            rules = applying(self.rules, dict(zip(self._conditions, key, strict=True)))
            met = self._conditions
            self._at[key] = StageMap(self.tracker, self.process, vocabulary, rules, self._precedence, met=met)
        return self._at[key]

    def native(self, facts: Facts) -> Facts:
        """What base remembers, so that a changed mapping can read it anew.

        The facts a stage can live in, whole, and those that tell which rules apply.
        """
        return {fact: facts.get(fact, ()) for fact in (*self._facts, *self._met)}

    def mine(self, facts: Facts, fact: str) -> tuple[str, ...]:
        """A fact's values; of a shared fact only those that are ours on such an item."""
        return self.at(facts).own(fact, facts.get(fact, ()))

    def own(self, fact: str, values: tuple[str, ...]) -> tuple[str, ...]:
        """Values of a fact; of a shared fact only those that some rule names."""
        mine = self._ours.get(fact, ())
        return values if fact not in self._sets else tuple(value for value in values if value.casefold() in mine)

    def read(self, facts: Facts) -> Reading:
        """Say which stages these facts mean. State outranks labels; more specific rules outrank others."""
        if self._conditions:
            return self.at(facts).read(facts)
        key = tuple([facts.get(fact, ()) for fact in self._facts])
        reading = self._seen.get(key)
        if reading is None:
            mine = {fact: self.own(fact, facts.get(fact, ())) for fact in self._facts}
            # Items that differ in other people's values only share one reading.
            ours = tuple(mine.values())
            reading = self._seen[key] = self._seen[ours] = self._seen.get(ours) or self._read(mine)
        return reading

    def words(self, stage: str) -> tuple[Facts, ...]:
        """The ways to write a stage here, best first; empty when this tracker has no word for it.

        Each names every fact it fixes: shared facts hold just our values, so an empty tuple takes ours off. Where rules
        have conditions, ``at`` knows the words for an item; these are the ones for items that meet none.
        """
        return self.at({}).words(stage) if self._conditions else self._words.get(stage, ())

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

    def _spell(self, rule: StageRule, clean: Facts) -> list[Facts]:
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
        hits: list[tuple[int, StageRule]] = [
            (self._weight(rule, facts), rule)
            for rule in self.rules
            if (not closed or any(fact in rule.when for fact in finished or ())) and self._matches(rule, facts)
        ]
        if not hits:
            if self.vocabulary.assumed is not None and _shows(facts, self.vocabulary.assumed):
                return Reading("assumed", self._covered(self._holder[self.process.first.key] or BLANK), says)
            return Reading("unknown", (), says)
        hits = self._foremost(self._ending(hits) or hits)
        most = max(size for size, _ in hits)
        return self._weigh([rule for size, rule in hits if size == most], facts, says)

    def _ending(self, hits: list[tuple[int, StageRule]]) -> list[tuple[int, StageRule]]:
        """Of the rules that match, those that name the status, if that is a finished one: labels may be left behind."""
        routed = self.vocabulary.routed
        tied = {routed, *(fact for fact, led in self.vocabulary.follows.items() if led == routed)}
        named = [hit for hit in hits if not tied.isdisjoint(hit[1].when)]
        return named if any(self.process.stage(rule.stage).finished for _, rule in named) else []

    def _foremost(self, hits: list[tuple[int, StageRule]]) -> list[tuple[int, StageRule]]:
        """Of the rules that match, those of the place that is believed first; all where the team names no order."""
        for fact in self._precedence:
            first = [hit for hit in hits if fact in hit[1].when]
            if first:
                return first
        return hits

    def _weigh(self, rules: list[StageRule], facts: Facts, says: str) -> Reading:
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

    def _weight(self, rule: StageRule, facts: Facts) -> int:
        """How specific a rule that matches is: a fact that is absent, or shown by every open stage, tells nothing."""
        usual = self.vocabulary.open
        return sum(bool(facts[fact]) and fold(facts[fact]) != fold(usual.get(fact, ())) for fact in rule.when)

    def _claiming(self, rule: StageRule, facts: Facts) -> tuple[tuple[str, str], ...]:
        """The values by which a rule claims its stage, each with its fact: two places may use the same word."""
        for fact in rule.when:
            if fact in self._shared:
                wanted = fold(rule.when[fact])
                return tuple((fact, value) for value in facts[fact] if value.casefold() in wanted)
        optional = [fact for fact in rule.when if fact in self._optional]
        # What a status says, other places beside it may gainsay, though no rule names it with them.
        for name in (*optional, self.vocabulary.routed or ""):
            if facts.get(name):
                return tuple((name, value) for value in facts[name])
        return (("", ""),)

    def _matches(self, rule: StageRule, facts: Facts) -> bool:
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
        if finished is None:
            return " + ".join((*([", ".join(single)] if single else []), *shared)) or self.vocabulary.blank
        return ", ".join(single) or " + ".join(shared) or self.vocabulary.blank

    def _said(self, fact: str, facts: Facts) -> Iterable[str]:
        """A fact's values for people. Those of evidence are words of another thing, so it is named: ``pulls open``."""
        if fact not in self._evidence:
            return facts[fact]
        return (value if fact in value else f"{fact} {value}" for value in facts[fact])

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


def _shows(facts: Facts, wanted: Facts) -> bool:
    return all(not fold(values).isdisjoint(fold(facts.get(fact, ()))) for fact, values in wanted.items())

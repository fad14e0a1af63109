"""Values that have ids, under their present names: who configures a status means it yet once it is called otherwise.

A configuration may name such a value by its id too. Neither makes the configuration another one: only the words in
which it is matched and written change, so that its fingerprint stays and no run is held for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from trackersync.core.mapping import StageRule
from trackersync.core.model import Change, Facts, Named, Vocabulary
from trackersync.core.stages import StageMap
from trackersync.core.terms import Terms


@dataclass(frozen=True, slots=True)
class Known:
    """A value as it is called now, and the names it had before, latest first."""

    named: Named
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Renaming:
    """A value that is called otherwise now; ``containers`` are where, empty for everywhere."""

    fact: str
    old: str
    new: str
    containers: tuple[str, ...] = ()

    def covers(self, container: str) -> bool:
        """Whether it is used in a container."""
        return not self.containers or container in self.containers


def renamings(before: Iterable[Known], now: Iterable[Known]) -> tuple[Renaming, ...]:
    """What is called otherwise than before."""
    old = {(known.named.fact, known.named.id): known.named.name for known in before}
    return tuple(
        Renaming(named.fact, old[named.fact, named.id], named.name, named.containers)
        for named in (known.named for known in now)
        if old.get((named.fact, named.id), named.name) != named.name
    )


def renamed(facts: Facts, container: str, renamings: Sequence[Renaming]) -> Facts:
    """An item's facts under the names that hold now: all at once, since two values may have changed names."""
    return {
        fact: tuple(
            next(
                (one.new for one in renamings if (one.fact, one.old) == (fact, value) and one.covers(container)), value
            )
            for value in values
        )
        for fact, values in facts.items()
    }


class Names:
    """The values of one tracker that have ids."""

    def __init__(self, known: Iterable[Known]) -> None:
        self.known = tuple(known)
        self._present: dict[tuple[str, str], list[Named]] = {}
        self._former: dict[tuple[str, str], list[Named]] = {}
        self._ids = {(one.named.fact, one.named.id): one.named for one in self.known}
        for one in self.known:
            self._present.setdefault((one.named.fact, one.named.name.casefold()), []).append(one.named)
            for name in {name.casefold() for name in one.former}:
                self._former.setdefault((one.named.fact, name), []).append(one.named)

    def shown(self, fact: str, value: str) -> bool:
        """Whether some value is called so now."""
        return (fact, value.casefold()) in self._present

    def means(self, fact: str, value: str) -> tuple[Named, ...]:
        """The values that a configured word means: by its present name, else its id, else the name it had.

        None: nothing that is known.
        """
        key = fact, value.casefold()
        if key in self._present:
            return tuple(self._present[key])
        if (fact, value) in self._ids:
            return (self._ids[fact, value],)
        return tuple(self._former.get(key, ()))

    def words(self, fact: str, value: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """A configured word as the tracker shows it now: each name, and the containers where alone it is meant.

        There are such where other containers have another value of this name, and an id says which is meant.
        """
        if self.shown(fact, value):
            return ((value, ()),)
        found = self.means(fact, value)
        if [one.id for one in found] == [value] and len(self._present[fact, found[0].name.casefold()]) > 1:
            return ((found[0].name, found[0].containers),)
        return tuple(dict.fromkeys((one.name, ()) for one in found)) or ((value, ()),)

    def alike(self) -> dict[tuple[str, str], str]:
        """Former names that nothing bears now, and what the one value that bore each is called: what is remembered."""
        return {
            (one.named.fact, name): one.named.name
            for one in self.known
            for name in one.former
            if not self.shown(one.named.fact, name) and len(self._former[one.named.fact, name.casefold()]) == 1
        }


def in_present_names(terms: Terms, known: Mapping[str, Iterable[Known]]) -> Terms:
    """What the configuration decides, in the words that the trackers use now.

    Args:
        terms: as configured.
        known: by tracker, the values that have ids.
    """
    names = {tracker: Names(some) for tracker, some in known.items() if tracker in terms.maps}
    return replace(
        terms,
        maps={tracker: _mapped(stages, names.get(tracker)) for tracker, stages in terms.maps.items()},
        hands_off={tracker: _untouched(facts, names.get(tracker)) for tracker, facts in terms.hands_off.items()},
        outcomes={
            tracker: _shown(outcomes, terms.maps[tracker].vocabulary, names.get(tracker))
            for tracker, outcomes in terms.outcomes.items()
        },
    )


def renewed(change: Change, alike: Mapping[tuple[str, str], str]) -> Change:
    """A change of the journal in present names, which it may have been written down before; see ``Names.alike``."""

    def now(fact: str, value: str) -> str:
        return alike.get((fact, value), value)

    before, after = (
        {fact: tuple(now(fact, value) for value in values) for fact, values in facts.items()}
        for facts in (change.before, change.after)
    )
    return replace(change, before=before, after=after, path=tuple(now(change.fact, hop) for hop in change.path))


def unresolved(
    stages: StageMap,
    hands_off: Facts,
    facts: Iterable[str],
    known: Iterable[Known],
    outcomes: Mapping[str, tuple[StageRule, ...]] = MappingProxyType({}),
) -> bool:
    """Whether a configured value of these facts is none that is known: by name, by former name, or by id."""
    names = Names(known)
    rules = (*stages.rules, *(rule for some in outcomes.values() for rule in some))
    configured = (*(facts_ for rule in rules for facts_ in (rule.when, rule.sets)), hands_off)
    return any(not names.means(fact, value) for fact in facts for some in configured for value in some.get(fact, ()))


def tied(vocabulary: Vocabulary) -> tuple[str, ...]:
    """The facts whose values have ids wherever anything has: the status of a workflow, and what is set with it."""
    routed = vocabulary.routed
    return () if routed is None else (routed, *(fact for fact, led in vocabulary.follows.items() if led == routed))


def _mapped(stages: StageMap, names: Names | None) -> StageMap:
    if names is None or not names.known:
        return stages
    rules = tuple(rule for one in stages.rules for rule in _rules(one, names, _place(stages.vocabulary)))
    alike = names.alike()
    return stages if rules == stages.rules and not alike else stages.under(rules, alike)


def _shown(
    outcomes: Mapping[str, tuple[StageRule, ...]], vocabulary: Vocabulary, names: Names | None
) -> Mapping[str, tuple[StageRule, ...]]:
    """What shows the outcomes of stages, in present names."""
    if names is None or not names.known:
        return outcomes
    place = _place(vocabulary)
    return {
        stage: tuple(rule for one in some for rule in _rules(one, names, place)) for stage, some in outcomes.items()
    }


def _place(vocabulary: Vocabulary) -> str | None:
    """The fact by which a rule may speak of some containers only, where there is one."""
    conditions = {matcher.fact for matcher in vocabulary.matchers if matcher.condition}
    return next((fact for fact in vocabulary.workflows[:1] if fact in conditions), None)


def _rules(rule: StageRule, names: Names, place: str | None) -> tuple[StageRule, ...]:
    """A rule in present names; several where a value is meant in some containers only."""
    sets = {fact: _plain(fact, values, names) for fact, values in rule.sets.items()}
    parts: list[tuple[dict[str, tuple[str, ...]], tuple[str, ...]]] = [({}, ())]
    for fact, values in rule.when.items():
        found = [one for value in values for one in names.words(fact, value)]
        if place is None or place in rule.when:
            found = [(name, ()) for name, _ in found]
        parts = [
            ({**when, fact: some}, _both(where, there))
            for when, where in parts
            for some, there in _grouped(found)
            if not (where and there) or not set(where).isdisjoint(there)
        ]
    return tuple(
        StageRule(rule.stage, {**when, place: where} if place and where else when, sets) for when, where in parts
    )


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in one if name in other) if one and other else one or other


def _grouped(words: Iterable[tuple[str, tuple[str, ...]]]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The words of the same containers together, in the order in which they come first."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, containers in words:
        groups.setdefault(containers, []).append(name)
    return [(tuple(dict.fromkeys(some)), containers) for containers, some in groups.items()]


def _plain(fact: str, values: Iterable[str], names: Names) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for value in values for name, _ in names.words(fact, value)))


def _untouched(facts: Facts, names: Names | None) -> Facts:
    """What is not to be touched, under all names it is or was shown by: rather too much than too little."""
    if names is None:
        return facts
    former = {(one.named.fact, one.named.id): one.former for one in names.known}
    return {
        fact: tuple(
            dict.fromkeys(
                word
                for value in values
                for word in (
                    *(name for name, _ in names.words(fact, value)),
                    *(
                        old
                        for named in names.means(fact, value)
                        for old in former[fact, named.id]
                        if not names.shown(fact, old)
                    ),
                )
            )
        )
        for fact, values in facts.items()
    }

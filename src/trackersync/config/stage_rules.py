"""A tracker's ``stages`` and ``outcomes``: the team's words for each, checked against process and vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from trackersync.config.faults import Fault, Path
from trackersync.config.wording import Shown
from trackersync.core.mapping import StageRule
from trackersync.core.model import Facts, Matcher, Vocabulary
from trackersync.core.nearest import did_you_mean
from trackersync.core.process import Process

SET = "set"


def rules_of(
    stages: Mapping[str, object],
    base: Path,
    *,
    process: Process | None,
    vocabulary: Vocabulary,
    settable: Iterable[str],
    shown: Shown,
) -> tuple[tuple[StageRule, ...], list[Fault]]:
    """Read the entries of one tracker's ``stages``.

    Args:
        stages: by stage's key, a mapping of matchers, or a list of such mappings.
        base: where ``stages`` stands in the document.
        process: the process whose stages there are; None where it could not be read.
        vocabulary: the words the tracker knows.
        settable: the facts the connector can write.
        shown: what may be quoted of a scalar.

    Returns:
        The rules in the order written, and what is wrong.
    """
    rules: list[StageRule] = []
    faults: list[Fault] = []
    told = {matcher.fact for matcher in vocabulary.matchers if matcher.condition or matcher.evidence}
    facts = ({matcher.fact for matcher in vocabulary.matchers} | (set(settable) - {"owners"})) - told
    claimed: list[tuple[StageRule, Path]] = []
    for key, entry in stages.items():
        path: Path = (*base, key)
        faults += no_stage(key, path, process)
        for spot, matchers in _entries(entry, path):
            if not isinstance(matchers, Mapping):
                faults.append(_no_mapping(spot, matchers, vocabulary, shown))
                continue
            rule, wrong = _rule(key, matchers, spot, vocabulary, facts=facts, shown=shown)
            if not wrong:
                wrong = _twice(rule, spot, claimed, vocabulary)
                claimed.append((rule, spot))
            faults += wrong
            rules.append(rule)
    return tuple(rules), faults


def outcomes_of(
    outcomes: object, base: Path, process: Process | None, vocabulary: Vocabulary, shown: Shown
) -> tuple[dict[str, tuple[StageRule, ...]], list[Fault]]:
    """Read a tracker's ``outcomes``: by stage, what shows its outcome, any of the entries; nothing of it is written."""
    if not isinstance(outcomes, Mapping):
        return {}, [Fault(base, "a mapping is needed here", "write key: value lines, indented below it")]
    found: dict[str, tuple[StageRule, ...]] = {}
    faults: list[Fault] = []
    for key, entry in outcomes.items():
        path: Path = (*base, key)
        faults += no_stage(key, path, process)
        rules: list[StageRule] = []
        for spot, matchers in _entries(entry, path):
            if not isinstance(matchers, Mapping):
                faults.append(_no_mapping(spot, matchers, vocabulary, shown))
                continue
            rule, wrong = _rule(key, matchers, spot, vocabulary, facts=None, shown=shown)
            faults += wrong
            rules.append(rule)
        found[key] = tuple(rules)
    return found, faults


def no_stage(key: str, path: Path, process: Process | None, at: Literal["value", "key"] = "key") -> list[Fault]:
    """The fault of a word that names no stage; none where the process could not be read.

    Args:
        key: the word.
        path: where it stands.
        process: whose stages there are.
        at: whether it is a key or a value.
    """
    if process is None or key in process.order:
        return []
    hint = did_you_mean(key, process.order, "its stages")
    return [Fault(path, f'`{process.name}` has no stage "{key}"', hint, at)]


def marks_of(entry: object, path: Path, vocabulary: Vocabulary, shown: Shown) -> tuple[Facts, list[Fault]]:
    """Read a tracker's ``hands_off``: by fact, the values that say nobody but people may move the task."""
    if not isinstance(entry, Mapping):
        hint = f"write {{{vocabulary.matchers[0].key if vocabulary.matchers else 'KEY'}: […]}}"
        return {}, [Fault(path, "a mapping is needed here", hint)]
    matchers = {matcher.key: matcher for matcher in (*vocabulary.matchers, *vocabulary.marks)}
    marks: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for key, value in entry.items():
        matcher = matchers.get(key)
        if matcher is None:
            faults.append(Fault((*path, key), f'unknown key "{key}"', did_you_mean(str(key), matchers), "key"))
            continue
        marks[matcher.fact], wrong = _values(value, (*path, key), matcher, shown)
        faults += wrong
    return marks, faults


def _entries(entry: object, path: Path) -> list[tuple[Path, object]]:
    if isinstance(entry, list) and entry:
        return [((*path, place), one) for place, one in enumerate(entry)]
    return [(path, entry)]


def _no_mapping(path: Path, entry: object, vocabulary: Vocabulary, shown: Shown) -> Fault:
    word = vocabulary.matchers[0].key if vocabulary.matchers else "KEY"
    value = shown(path) if isinstance(entry, str) else "…"
    return Fault(path, "a mapping of what the tracker shows is needed here", f"write {{{word}: [{value}]}}")


def _rule(
    stage: str, entry: Mapping[str, object], path: Path, vocabulary: Vocabulary, *, facts: set[str] | None, shown: Shown
) -> tuple[StageRule, list[Fault]]:
    """One rule of one entry, with what is wrong in it; without ``facts`` nothing is set."""
    matchers = {matcher.key: matcher for matcher in vocabulary.matchers}
    when: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for key, value in entry.items():
        if key == SET and facts is not None:
            continue
        matcher = matchers.get(key)
        if matcher is None:
            hint = did_you_mean(key, matchers if facts is None else [*matchers, SET])
            faults.append(Fault((*path, key), f'unknown key "{key}"', hint, "key"))
            continue
        when[matcher.fact], wrong = _values(value, (*path, key), matcher, shown)
        faults += wrong
    sets, wrong = ({}, []) if facts is None else _sets(entry.get(SET, {}), (*path, SET), facts, when, shown)
    faults += wrong
    if not faults and not {matcher.fact for matcher in matchers.values() if not matcher.condition} & when.keys():
        hint = f"write {{{next(iter(matchers), 'KEY')}: […]}}"
        which = f"every item of these {' and '.join(key for key in entry if key != SET)}" if when else "every item"
        faults.append(Fault(path, f"nothing is matched here, so {which} would be", hint))
    return StageRule(stage, when, sets), faults


def _values(value: object, path: Path, matcher: Matcher, shown: Shown) -> tuple[tuple[str, ...], list[Fault]]:
    """The values one matcher names, in the tracker's own spelling where the tracker fixes them."""
    spots: list[tuple[Path, object]]
    spots = [((*path, n), one) for n, one in enumerate(value)] if isinstance(value, list) else [(path, value)]
    found: list[str] = []
    faults: list[Fault] = []
    known = {word.casefold(): word for word in matcher.values or ()}
    for spot, one in spots:
        if not isinstance(one, str) or not one.strip():
            faults.append(_no_word(spot, one, shown))
        elif matcher.values is not None and one.casefold() not in known:
            hint = did_you_mean(shown(spot), matcher.values, "known values")
            faults.append(Fault(spot, f'`{matcher.key}` has no value "{shown(spot)}"', hint))
        else:
            found.append(known.get(one.casefold(), one))
    if not spots:
        faults.append(Fault(path, f"`{matcher.key}` names nothing", "name a value, or remove the key"))
    return tuple(dict.fromkeys(found)), faults


def _no_word(path: Path, value: object, shown: Shown) -> Fault:
    if isinstance(value, str) or value is None:
        return Fault(path, "a value is missing here", "write it, or remove the key")
    quoted = f'write "{shown(path)}"' if isinstance(value, bool | int | float) else "write one word or a list of words"
    return Fault(path, "text is needed here", quoted)


def _sets(
    entry: object, path: Path, facts: set[str], when: Facts, shown: Shown
) -> tuple[dict[str, tuple[str, ...]], list[Fault]]:
    """What is written along, by fact. A value that the rule itself would not match is a fault: it undoes the rule."""
    if not isinstance(entry, Mapping):
        return {}, [Fault(path, "a mapping from fact to value is needed here", "write {FACT: VALUE}")]
    sets: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for fact, value in entry.items():
        spot: Path = (*path, fact)
        if fact not in facts:
            faults.append(Fault(spot, f'unknown fact "{fact}"', did_you_mean(fact, sorted(facts), "facts here"), "key"))
        elif not isinstance(value, str) or not value.strip():
            faults.append(_no_word(spot, value, shown))
        elif fact in when and value.casefold() not in {word.casefold() for word in when[fact]}:
            message = f'"{shown(spot)}" would be written but is not matched, so the item would leave the stage at once'
            faults.append(Fault(spot, message, "match it as well, or do not set it"))
        else:
            sets[fact] = (value,)
    return sets, faults


def _twice(
    rule: StageRule, spot: Path, claimed: Iterable[tuple[StageRule, Path]], vocabulary: Vocabulary
) -> list[Fault]:
    """Whether another rule claims the same stage by the same matcher, for items that this one speaks of too."""
    conditions = {matcher.fact for matcher in vocabulary.matchers if matcher.condition}
    for other, there in claimed:
        if rule.stage == other.stage and _same(rule, other, conditions):
            words = f'the same matcher claims stage "{rule.stage}" twice'
            if conditions & (rule.when.keys() | other.when.keys()):
                words += f", for some of the same items: here and in {there[-2]}[{there[-1]}]"
            return [Fault(spot, words, "keep one of them")]
    return []


def _same(one: StageRule, other: StageRule, conditions: set[str]) -> bool:
    mine, theirs = _folded(one.when), _folded(other.when)
    shared = mine.keys() & theirs.keys() & conditions
    places = [{fact: some for fact, some in when.items() if fact not in conditions} for when in (mine, theirs)]
    return places[0] == places[1] and not any(mine[fact].isdisjoint(theirs[fact]) for fact in shared)


def _folded(facts: Facts) -> dict[str, frozenset[str]]:
    return {fact: frozenset(value.casefold() for value in values) for fact, values in facts.items()}

"""How far a tracker's mapping reaches: which of its open items show a stage, and which words belong to none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trackersync.core.examination import Check, Grade
from trackersync.core.model import Facts, Item, Vocabulary
from trackersync.core.rest import marked
from trackersync.core.terms import Terms, natural

NAME = "mapping"
SHOWN = 3
"""At most so many words that belong to no stage are told; `check` names every item."""
_PLAIN = re.compile(r"[^\W\d_][\w /()+-]*")
_OTHERWISE = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""What YAML reads as something else than text."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A word that open items show and that belongs to no stage.

    Attributes:
        value: the word, as they show it.
        place: the configuration's key for where it stands: ``statuses``; empty where it is no single value.
        keys: the items that show it, in their order.
    """

    value: str
    place: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the open items of a tracker say of their stage.

    Attributes:
        tracker: its name.
        stated: how many state one.
        assumed: how many state none, and are therefore taken to be in the first.
        resting: how many show what is to be left alone, and are therefore in no need of one.
        clashing: the keys of those that state several with nothing in common.
        unplaced: the words that belong to none, the most frequent first.
        first: the stage they are taken to be in that state none.
        blank: what to call an item that states none: ``no label``.
    """

    tracker: str
    stated: int = 0
    assumed: int = 0
    resting: int = 0
    clashing: tuple[str, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    first: str = ""
    blank: str = ""

    @property
    def open(self) -> int:
        """How many open items there are."""
        unknown = sum(len(one.keys) for one in self.unplaced)
        return self.stated + self.assumed + self.resting + len(self.clashing) + unknown


def covered(items: Iterable[Item], tracker: str, terms: Terms) -> Coverage:
    """What a tracker's open items say of their stage.

    Args:
        items: those of the tracker, as last observed.
        tracker: its name.
        terms: the mapping, and what is to be left alone.
    """
    stages = terms.maps[tracker]
    vocabulary = stages.vocabulary
    counts = dict.fromkeys(("stated", "assumed", "resting"), 0)
    clashing: list[str] = []
    unplaced: dict[tuple[str, str], list[str]] = {}
    for item in items:
        reading = stages.read(item.facts)
        if terms.process.finished(reading.stages) or (not reading.stages and _over(item.facts, vocabulary)):
            continue
        if reading.kind in ("stated", "assumed"):
            counts[reading.kind] += 1
        elif marked(item, terms) is not None:
            counts["resting"] += 1
        elif reading.kind == "clash":
            clashing.append(item.key)
        else:
            unplaced.setdefault(_word(item.facts, vocabulary, reading.says), []).append(item.key)
    found = [Unplaced(value, place, tuple(sorted(keys, key=natural))) for (value, place), keys in unplaced.items()]
    return Coverage(
        tracker,
        **counts,
        clashing=tuple(sorted(clashing, key=natural)),
        unplaced=tuple(sorted(found, key=lambda one: (-len(one.keys), one.value))),
        first=terms.process.first.key,
        blank=vocabulary.blank,
    )


def mapping(coverage: Coverage) -> Check:
    """How well the mapping fits what a tracker shows; a warning where words belong to no stage, or nothing fits."""
    total, stated = coverage.open, coverage.stated
    if not total:
        return Check(NAME, Grade.GOOD, "no item is open")
    said = [f"{stated:,} of {total:,} open item{'' if total == 1 else 's'} show{'s' if total == 1 else ''} a stage"]
    if stated < total:
        said[0] += f" ({stated * 100 // total} %)"
    if coverage.assumed:
        are = "is" if coverage.assumed == 1 else "are"
        said.append(f"{coverage.assumed:,} {are} taken for {coverage.first}, with {coverage.blank}")
    if coverage.resting:
        said.append(f"{coverage.resting:,} rest{'s' if coverage.resting == 1 else ''}: hands off")
    if coverage.unplaced:
        return Check(NAME, Grade.WARNING, "; ".join([*said, _belonging(coverage.unplaced)]), _place(coverage))
    if coverage.clashing:
        several, more = coverage.clashing[0], len(coverage.clashing) - 1
        are = f"{several} states" if not more else f"{several} and {more:,} more state"
        return Check(NAME, Grade.NOTE, "; ".join([*said, f"{are} several"]), "trackersync check")
    if not stated:
        remedy = f"compare `stages` of tracker {coverage.tracker} with what its items show"
        return Check(NAME, Grade.WARNING, "; ".join(said), remedy)
    return Check(NAME, Grade.GOOD, "; ".join(said))


def _belonging(unplaced: Sequence[Unplaced]) -> str:
    told = [
        f'"{one.value}" ({one.keys[0]}{f" and {len(one.keys) - 1:,} more" if len(one.keys) > 1 else ""})'
        for one in unplaced[:SHOWN]
    ]
    more = len(unplaced) - SHOWN
    if more > 0:
        told.append(f"{more:,} more")
    words = f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]
    return f"{words} belong{'s' if len(told) == 1 else ''} to none"


def _place(coverage: Coverage) -> str:
    """What to do about words that belong to no stage."""
    one = coverage.unplaced[0]
    several = len(coverage.unplaced) > 1
    if not one.place:
        return f"add what {'they show' if several else 'it shows'} to a stage of tracker {coverage.tracker}"
    named = ", ".join(_written(other.value) for other in coverage.unplaced[:SHOWN] if other.place == one.place)
    return f"add {'each' if several else 'it'} to a stage, or to hands_off: {{{one.place}: [{named}]}}"


def _written(value: str) -> str:
    """A value as a YAML list holds it."""
    plain = _PLAIN.fullmatch(value) and value == value.strip() and value.casefold() not in _OTHERWISE
    return value if plain else json.dumps(value, ensure_ascii=False)


def _word(facts: Facts, vocabulary: Vocabulary, says: str) -> tuple[str, str]:
    """What belongs to no stage, and the configuration's key for where it stands."""
    routed = vocabulary.routed
    if routed is not None and facts.get(routed):
        place = next((matcher.key for matcher in vocabulary.matchers if matcher.fact == routed), "")
        return facts[routed][0], place
    return says, ""


def _over(facts: Facts, vocabulary: Vocabulary) -> bool:
    """Whether the tracker itself says that an item needs nobody any more."""
    ends = [one for one in (vocabulary.finished, vocabulary.ended) if one is not None]
    return any(set(values) & set(facts.get(fact, ())) for facts_ in ends for fact, values in facts_.items())

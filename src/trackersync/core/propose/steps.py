"""Statuses and columns, of which an item shows one at a time: by category and name, else by what is beside them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trackersync.core.process import Stage
from trackersync.core.propose.concepts import CATEGORY, PLACE
from trackersync.core.propose.families import step_name
from trackersync.core.propose.fitting import Steps
from trackersync.core.propose.names import Meaning
from trackersync.core.propose.proposal import Line, Sighting
from trackersync.core.propose.spelling import folded

_CALLED = {"backlog": "category to do", "started": "category in progress", "done": "category done"}
_UNKNOWN = "nothing says what it means"
_FAR = 4 * len(PLACE)
"""The weight of a word that is not known: whatever is known is written rather."""
Key = tuple[str, str]
"""A place, and a value without regard to case."""


@dataclass(frozen=True, slots=True)
class Step:
    """A status or a column, and what its name means."""

    sighting: Sighting
    meaning: Meaning | None

    @property
    def waits(self) -> bool:
        """Whether its name says that work rests, and not where."""
        return self.meaning is not None and self.meaning.concept == "waiting"

    @property
    def key(self) -> Key:
        """By which it is told from others."""
        return self.sighting.place, self.sighting.value.casefold()


def of_steps(steps: Sequence[Step], known: Steps, moves: Mapping[tuple[str, str], int]) -> dict[Key, Line]:
    """A line for each step: those whose names say it first, since the others are proposed by them.

    Args:
        steps: no two of one key.
        known: the process's stages.
        moves: how often issues went from one value to another.
    """
    found: dict[Key, Line] = {}
    for step in steps:
        line = _by_name(step, known)
        if line is not None:
            found[step.key] = line
    around = _Around(steps, found, moves)
    for step in steps:
        line = found.get(step.key)
        if line is None or (step.waits and not line.sure):
            found[step.key] = _by_neighbours(step, around, known, line)
    return found


def _by_name(step: Step, known: Steps) -> Line | None:
    one, meaning = step.sighting, step.meaning
    own = known.named.get(folded(step_name(one.value, known.lexicon)))
    if own is not None and _agrees(known.process.stage(own).category, one.category):
        return Line(one.place, one.value, own, "its name", sure=True)
    if meaning is None:
        return None
    fit = known.fit(meaning, one.category)
    because = meaning.because
    if step.waits:
        because = f"{because}: it waits"
    elif not fit.sure and one.category in _CALLED and CATEGORY[meaning.concept] not in ("cancelled", one.category):
        because = f"{because}; {_CALLED[one.category]}"
    weight = known.weight(meaning, fit.stage)
    return Line(one.place, one.value, fit.stage, because, fit.sure, others=fit.others, weight=weight)


def _agrees(stage: str, category: str) -> bool:
    return category not in _CALLED or stage == category or (category == "done" and stage == "cancelled")


def _by_neighbours(step: Step, around: _Around, known: Steps, line: Line | None) -> Line:
    """What the name does not tell, by the category and by what stands or happens before and after it."""
    one = step.sighting
    said = line.because if line is not None else _CALLED.get(one.category, "")
    among = _among(one.category, known)
    if one.category in ("backlog", "done") and line is None and len(among) == 1:
        return Line(one.place, one.value, among[0].key, said, sure=True, weight=_FAR)
    for before, after, words in (around.beside(step), around.moved(step)):
        fit = known.between(before, after, among)
        if fit is not None:
            because = f"{said}; {words}" if said else words
            others = dict.fromkeys((*fit.others, *(line.others if line is not None else ())))
            rest = tuple(other for other in others if other != fit.stage)
            return Line(one.place, one.value, fit.stage, because, sure=False, others=rest, weight=_FAR)
    return line if line is not None else _guessed(one, said, among, known)


def _among(category: str, known: Steps) -> tuple[Stage, ...]:
    """The stages a value can mean at all, by what the tracker says of it."""
    if category == "backlog":
        return known.of("backlog")
    if category == "done":
        return known.of("done")
    return known.of("started") if category == "started" else known.of("backlog", "started")


def _guessed(one: Sighting, said: str, among: tuple[Stage, ...], known: Steps) -> Line:
    """Where nothing is known but the category, if that: what is usual; never silently."""
    keys = [stage.key for stage in among]
    if one.category not in _CALLED:
        return Line(one.place, one.value, None, _UNKNOWN, sure=False, others=tuple(keys[:4]))
    usual = keys[0]
    if one.category == "started":
        usual = next((key for key in keys if known.meant.get(key, ("",))[0] == "build"), usual)
    others = tuple(key for key in keys if key != usual)[:4]
    return Line(one.place, one.value, usual, f"{said}; {_UNKNOWN}", sure=False, others=others, weight=_FAR)


class _Around:
    """What stands before and after a step in the tracker's order, and where issues come from and go on to."""

    def __init__(self, steps: Sequence[Step], lines: Mapping[Key, Line], moves: Mapping[tuple[str, str], int]) -> None:
        """Keep those whose stage their names say."""
        sure = [step for step in steps if step.key in lines and not step.waits]
        self._lines = lines
        self._ranked: dict[str, list[tuple[int, Line]]] = defaultdict(list)
        for step in sure:
            if step.sighting.rank is not None:
                self._ranked[step.sighting.place].append((step.sighting.rank, lines[step.key]))
        for ranked in self._ranked.values():
            ranked.sort(key=lambda pair: pair[0])
        named = {step.sighting.value.casefold(): lines[step.key] for step in sure}
        self._came: dict[str, Counter[Line]] = defaultdict(Counter)
        self._went: dict[str, Counter[Line]] = defaultdict(Counter)
        for (source, target), times in sorted(moves.items()):
            before, after = source.casefold(), target.casefold()
            if before in named:
                self._came[after][named[before]] += times
            if after in named:
                self._went[before][named[after]] += times

    def beside(self, step: Step) -> tuple[str | None, str | None, str]:
        """The stages of its nearest known neighbours in the tracker's order, and that in words."""
        rank = step.sighting.rank
        ranked = self._ranked.get(step.sighting.place, [])
        if rank is None or not ranked:
            return None, None, ""
        lower = bisect_left(ranked, rank, key=lambda pair: pair[0])
        upper = bisect_right(ranked, rank, key=lambda pair: pair[0])
        before = ranked[lower - 1][1] if lower else None
        after = ranked[upper][1] if upper < len(ranked) else None
        if before is not None and after is not None:
            return before.stage, after.stage, f"between {before.value} and {after.value}"
        if before is not None:
            return before.stage, None, f"after {before.value}"
        return (None, after.stage, f"before {after.value}") if after is not None else (None, None, "")

    def moved(self, step: Step) -> tuple[str | None, str | None, str]:
        """The stages where issues mostly came from and went on to, and that in words."""
        value = step.sighting.value.casefold()
        before = _most(self._came.get(value))
        after = _most(self._went.get(value))
        if before is not None and after is not None:
            return before.stage, after.stage, f"issues come from {before.value} and go on to {after.value}"
        if before is not None:
            return before.stage, None, f"issues come from {before.value}"
        return (None, after.stage, f"issues go on to {after.value}") if after is not None else (None, None, "")


def _most(counted: Counter[Line] | None) -> Line | None:
    return counted.most_common(1)[0][0] if counted else None

"""The proposal: for every value the evidence is weighed, and a line is made that tells it.

In this order: what the tracker itself says of it (its category), its name, its neighbours in the tracker's own order,
and how issues really move. A label has no category, so its family and its siblings speak for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from trackersync.core.model import Matcher, Vocabulary
from trackersync.core.process import Process
from trackersync.core.propose.families import families, step_name
from trackersync.core.propose.fitting import Steps
from trackersync.core.propose.labels import of_label
from trackersync.core.propose.lexicon import Lexicon
from trackersync.core.propose.names import Meaning, read
from trackersync.core.propose.proposal import Line, Proposal, Sighting
from trackersync.core.propose.spelling import folded
from trackersync.core.propose.steps import Step, of_steps


def propose(
    process: Process,
    vocabulary: Vocabulary,
    sightings: Sequence[Sighting],
    lexicon: Lexicon,
    moves: Sequence[tuple[str, str]] = (),
) -> Proposal:
    """Propose a stage for every value a tracker shows.

    Args:
        process: whose stages there are.
        vocabulary: the places a stage can live in that tracker.
        sightings: the values, in any order; a place that the vocabulary does not know is left without a stage.
        lexicon: the words names are read by.
        moves: pairs of values of one place, such as statuses, as histories show them: an issue went from the first to
            the second. The more often a pair is named, the more it counts.

    Returns:
        A line for every sighting, in the order given.
    """
    matchers = {matcher.key: matcher for matcher in vocabulary.matchers}
    roles = {one.place: _role(matchers.get(one.place), vocabulary) for one in sightings}
    steps = [Step(one, read(step_name(one.value, lexicon), lexicon)) for one in _single(sightings, roles, "step")]
    labels = _single(sightings, roles, "label")
    busy = any(step.meaning is not None and step.meaning.concept == "wish" for step in steps)
    groups = families((one.value for one in labels), lexicon)
    known = Steps(process, lexicon, busy or any(_is_wish(one.member, lexicon) for one in groups.of.values()))
    found = of_steps(steps, known, Counter(moves))
    told = bool(vocabulary.routed) and any(one.place == _routed(vocabulary) for one in sightings)
    for one in labels:
        found[_key(one)] = of_label(one, groups, known, told=told)
    for one in _single(sightings, roles, "ending"):
        found[_key(one)] = _ending(one, known)
    lines = tuple(_counted(found.get(_key(one)) or _silent(one), one) for one in sightings)
    return Proposal(lines, _remarks(lines, roles, told=told))


def _role(matcher: Matcher | None, vocabulary: Vocabulary) -> str:
    if matcher is None or matcher.values is not None or matcher.evidence or matcher.condition:
        return ""
    if matcher.fact in vocabulary.follows:
        return "ending"
    return "label" if matcher.shared else "step"


def _routed(vocabulary: Vocabulary) -> str:
    return next((one.key for one in vocabulary.matchers if one.fact == vocabulary.routed), "")


def _key(one: Sighting) -> tuple[str, str]:
    return one.place, one.value.casefold()


def _single(sightings: Iterable[Sighting], roles: Mapping[str, str], role: str) -> list[Sighting]:
    """Those of a role; of several that differ in case only, one: trackers do not tell them apart."""
    found: dict[tuple[str, str], Sighting] = {}
    for one in sightings:
        if roles[one.place] == role and one.value.strip():
            other = found.setdefault(_key(one), one)
            if one.category != other.category and one.all > other.all:
                found[_key(one)] = one
    return list(found.values())


def _is_wish(name: str, lexicon: Lexicon) -> bool:
    phrase = lexicon.find(name)
    return phrase is not None and phrase.concept == "wish"


def _ending(one: Sighting, known: Steps) -> Line:
    """How something ended: cancelled by what its name says, else done."""
    name = folded(one.value)
    meaning = read(one.value, known.lexicon)
    if name in known.lexicon.endings or (meaning is not None and meaning.concept == "cancelled"):
        because = meaning.because if meaning is not None and meaning.concept == "cancelled" else "its name"
        return Line(one.place, one.value, known.cancelled, because, sure=True, weight=_usual(meaning))
    clear = meaning is not None and meaning.concept in ("done", "released")
    because = meaning.because if meaning is not None and clear else "it ends what is done"
    return Line(one.place, one.value, known.of("done")[0].key, because, sure=True, weight=0 if clear else 1)


def _usual(meaning: Meaning | None) -> int:
    return 0 if meaning is not None and meaning.whole else 1


def _silent(one: Sighting) -> Line:
    words = "says nothing of a stage" if one.value.strip() else "it is empty"
    return Line(one.place, one.value, None, words, sure=True)


def _counted(line: Line, one: Sighting) -> Line:
    return replace(line, value=one.value, open=one.open, all=one.all)


def _remarks(lines: Sequence[Line], roles: Mapping[str, str], *, told: bool) -> tuple[str, ...]:
    remarks: list[str] = []
    places = {line.place for line in lines if line.stage is not None and roles[line.place] in ("step", "label")}
    if len(places) > 1 and not told:
        words = " and ".join(sorted(places))
        remarks.append(f"Both {words} tell a stage; `precedence` says which of them is believed where they disagree.")
    return tuple(remarks)

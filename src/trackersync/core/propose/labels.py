"""What a label says of a stage: within a family its name is read whole, alone only where all of it is a stage word."""

from __future__ import annotations

from dataclasses import replace

from trackersync.core.propose.concepts import GENERAL
from trackersync.core.propose.families import Families, is_area, plain
from trackersync.core.propose.fitting import Steps
from trackersync.core.propose.names import Meaning, read
from trackersync.core.propose.proposal import Line, Sighting
from trackersync.core.propose.spelling import folded

_SILENT = "says nothing of a stage"
_TELLING = GENERAL | {"verify"}
"""Beside labels of a workflow these are no parts of a product."""
_ALONE = frozenset({"waiting", "reopened"})
"""Alone, a label of these says that something is the matter with an issue, and not where it is."""


def of_label(one: Sighting, groups: Families, known: Steps, *, told: bool) -> Line:
    """The line of a label.

    Args:
        one: the label.
        groups: what is known of the tracker's labels.
        known: the process's stages.
        told: whether every item of the tracker has a status that tells its stage.
    """
    parts = groups.of[one.value]
    if told:
        return _line(one, None, "the status tells the stage")
    if parts.family in groups.stages:
        return _member(one, parts.member, f"family {parts.family}", known)
    if not parts.family:
        return _alone(one, groups, known)
    # "resolution/duplicate" of whatever family.
    meaning = plain(parts.member, known.lexicon)
    if meaning is None or meaning.concept != "cancelled" or meaning.aspect != "in":
        return _line(one, None, _SILENT)
    return _fitting(one, meaning, known, meaning.because)


def _alone(one: Sighting, groups: Families, known: Steps) -> Line:
    """A label without a family: all of it must be a stage word."""
    lexicon = known.lexicon
    meaning, own = plain(one.value, lexicon), known.named.get(folded(one.value))
    if meaning is None and own is None:
        return _line(one, None, _SILENT)
    if meaning is not None and meaning.concept in _ALONE and own is None:
        return _line(one, None, f"{_SILENT}: it waits, wherever it is" if meaning.concept == "waiting" else _SILENT)
    if is_area(one.value, meaning, lexicon):
        return _ambiguous(one, own, meaning, groups, known)
    if own is not None or meaning is None:
        return Line(one.place, one.value, own, "its name", sure=True)
    line = _fitting(one, meaning, known, meaning.because)
    return line if lexicon.find(one.value) is not None else replace(line, sure=False)


def _ambiguous(one: Sighting, own: str | None, meaning: Meaning | None, groups: Families, known: Steps) -> Line:
    """Of ``design``: only beside labels that make a workflow, and where a stage of the process is called so."""
    fitting = own is not None or (meaning is not None and meaning.concept in _TELLING)
    if not groups.workflow or not fitting:
        return _line(one, None, f"{_SILENT} by itself")
    stage = own or (known.fit(meaning, "").stage if meaning is not None else None)
    return Line(one.place, one.value, stage, "its name, among labels of a workflow", sure=False)


def _member(one: Sighting, member: str, because: str, known: Steps) -> Line:
    own = known.named.get(folded(member))
    if own is not None:
        return Line(one.place, one.value, own, f"its name; {because}", sure=True)
    meaning = read(member, known.lexicon)
    if meaning is None:
        return _line(one, None, f"{because}, but {_SILENT}", sure=False)
    line = _fitting(one, meaning, known, f"{meaning.because}; {because}")
    if meaning.concept != "waiting" or known.has("waiting"):
        return line
    # Unlike a status it is not all that an issue shows, and what bears it alone may be anywhere.
    others = tuple(key for key in (line.stage, *line.others) if key is not None)
    return replace(line, stage=None, because=f"{because}: it waits, wherever it is", sure=False, others=others[:4])


def _fitting(one: Sighting, meaning: Meaning, known: Steps, because: str) -> Line:
    fit = known.fit(meaning, "")
    weight = known.weight(meaning, fit.stage)
    return Line(one.place, one.value, fit.stage, because, fit.sure, others=fit.others, weight=weight)


def _line(one: Sighting, stage: str | None, because: str, *, sure: bool = True) -> Line:
    return Line(one.place, one.value, stage, because, sure=sure)

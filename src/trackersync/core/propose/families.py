"""Labels by their families: ``status: in review`` and ``stage/build`` are read whole, ``area/ui`` says no stage.

A family is what stands before a colon or a slash, in brackets, or before a hyphen where it is a known word
(``S-blocked``, Rust's way).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trackersync.core.propose.concepts import CATEGORY
from trackersync.core.propose.lexicon import Lexicon
from trackersync.core.propose.names import Meaning, read
from trackersync.core.propose.spelling import LONGEST, folded, is_dense

_SHORTCODE = re.compile(r":[a-z0-9_+\-]+:")
_PARTS = re.compile(r"^([^:/=|>→]{1,40}?)\s*(?:::?|/|=|\||->|→|>)\s*(\S.*)$", re.DOTALL)
_BRACKETS = re.compile(r"^\W*[\[(【<]([^\])】>]{1,40})[\])】>]\s*(.*)$", re.DOTALL)
_HYPHEN = re.compile(r"^\W*([^\W_]+)[-_\u2013\u2014.]+\s*(\S.*)$|^\W*([^\W_]+)\s+[-\u2013\u2014]\s+(\S.*)$", re.DOTALL)
_ENOUGH = 2
"""Members of a family of unknown name that must be stage words, of different meaning, to make it one."""
_WORKFLOW = frozenset({"todo", "ready", "doing", "build", "code review", "review", "verify", "done"})
"""Concepts by which a set of labels is known as a workflow."""


@dataclass(frozen=True, slots=True)
class Parted:
    """A label in its parts: ``family`` is folded, and empty where it has none."""

    family: str
    member: str


def parted(value: str, lexicon: Lexicon) -> Parted:
    """A label's family and member."""
    text = _SHORTCODE.sub(" ", value[:LONGEST]).strip()
    if lexicon.find(text) is not None:
        # All of it is one phrase: a colon in "needs: review" parts nothing.
        return Parted("", value)
    bracket = _BRACKETS.match(text)
    if bracket is not None and bracket[2].strip() and folded(bracket[1]) in lexicon.families | lexicon.kinds:
        return Parted(folded(bracket[1]), bracket[2])
    match = _PARTS.match(text)
    if match is not None and folded(match[1]) and folded(match[2]):
        return Parted(folded(match[1]), match[2])
    match = _HYPHEN.match(text)
    if match is not None:
        family, member = folded(match[1] or match[3]), match[2] or match[4]
        # A single capital and a hyphen is a family whatever it stands for: A- area, E- effort, T- team.
        letter = len(family) == 1 and text[:1].isupper()
        if family and (letter or family in lexicon.families | lexicon.kinds) and folded(member):
            return Parted(family, member)
    return Parted("", value)


def step_name(value: str, lexicon: Lexicon) -> str:
    """A status or column without a family's name before it."""
    found = parted(value, lexicon)
    return found.member if found.family in lexicon.families else value


@dataclass(frozen=True)
class Families:
    """What is known of labels before any one of them is judged.

    Attributes:
        of: each label's parts.
        stages: the families whose members are stages.
        workflow: whether labels without a family make a workflow among themselves.
    """

    of: Mapping[str, Parted]
    stages: frozenset[str]
    workflow: bool


def families(values: Iterable[str], lexicon: Lexicon) -> Families:
    """Look through a tracker's labels.

    Args:
        values: all of them.
        lexicon: the words there are.
    """
    of = {value: parted(value, lexicon) for value in values}
    members: dict[str, list[Meaning | None]] = defaultdict(list)
    for one in of.values():
        if one.family not in lexicon.families | lexicon.kinds:
            members[one.family].append(plain(one.member, lexicon) if one.family else _sole(one.member, lexicon))
    alone = members.pop("", [])
    found = {family for family, meanings in members.items() if _is_workflow(meanings, _ENOUGH)}
    known = {one.family for one in of.values()} & lexicon.families
    return Families(of, frozenset(found | known), _concepts(alone) >= _ENOUGH)


def plain(name: str, lexicon: Lexicon) -> Meaning | None:
    """What a name means where all of it is stage words; None else."""
    meaning = read(name, lexicon, slips=False)
    return meaning if meaning is not None and meaning.whole else None


def is_area(name: str, meaning: Meaning | None, lexicon: Lexicon) -> bool:
    """Whether a word, or what another is said of, is more often a part of the product than a stage."""
    words = {folded(name)} | ({meaning.phrase} if meaning is not None else set())
    if meaning is not None and " " not in meaning.phrase and not is_dense(meaning.phrase):
        return meaning.phrase not in lexicon.alone
    return not words.isdisjoint(lexicon.areas)


def _sole(name: str, lexicon: Lexicon) -> Meaning | None:
    meaning = plain(name, lexicon)
    return None if is_area(name, meaning, lexicon) else meaning


def _concepts(meanings: Iterable[Meaning | None]) -> int:
    return len({one.concept for one in meanings if one is not None} & _WORKFLOW)


def _is_workflow(meanings: list[Meaning | None], enough: int) -> bool:
    """Whether at least half are stage words, enough of them different, and work is begun by one of them."""
    known = [one for one in meanings if one is not None]
    different = {one.concept for one in known}
    begun = any(CATEGORY[one.concept] == "started" and one.concept in _WORKFLOW for one in known)
    return len(different) >= enough and begun and 2 * len(known) >= len(meanings)

"""The words of stages in many languages, as a value; ``config/words`` holds them and ``config.lexicon`` reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from trackersync.core.propose.concepts import Aspect
from trackersync.core.propose.spelling import folded, is_dense


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word, or some, with what it means.

    Attributes:
        text: as people write it.
        language: in English: ``German``.
        concept: of ``concepts``.
        aspect: how far the concept is, by these words alone: ``Tested`` is after ``verify``.
    """

    text: str
    language: str
    concept: str
    aspect: Aspect = "in"


@dataclass(frozen=True)
class Lexicon:
    """Phrases, and the words by which labels are told apart.

    Attributes:
        phrases: those of languages that come first win where two languages share a word.
        fillers: words that add nothing: ``the``, ``team``.
        families: what labels of stages are called as a group: ``status``, ``workflow``.
        kinds: what other groups of labels are called: ``priority``, ``area``.
        alone: the single words that say a stage as a label by itself, as few do: ``design`` is as often a part of the
            product.
        areas: other stage words that say none so.
        endings: resolutions that mean cancelled, though they mean less as a status: ``incomplete``.
        compounds: languages that write several words as one: ``Kundenüberprüfung``.
        heads: languages in which the first of several words is the one that counts: ``revisión de diseño``.
    """

    phrases: tuple[Phrase, ...]
    fillers: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()
    compounds: frozenset[str] = frozenset()
    heads: frozenset[str] = frozenset()

    @cached_property
    def known(self) -> Mapping[str, Phrase]:
        """Each phrase by its folded text."""
        found: dict[str, Phrase] = {}
        for phrase in self.phrases:
            for text in _spellings(phrase):
                found.setdefault(text, phrase)
        return found

    @cached_property
    def accented(self) -> Mapping[str, Phrase]:
        """Each phrase that may have accents by its text folded with them."""
        found: dict[str, Phrase] = {}
        for phrase in self.phrases:
            if not phrase.text.isascii():
                found.setdefault(folded(phrase.text, accents=True), phrase)
        return found

    def find(self, name: str) -> Phrase | None:
        """The phrase that a name is as a whole: as it is accented, and with its capitals inside or without."""
        if not name.isascii() and (phrase := self.accented.get(folded(name, accents=True))) is not None:
            return phrase
        return self.known.get(folded(name.casefold())) or self.known.get(folded(name))

    @cached_property
    def dense(self) -> tuple[tuple[str, Phrase], ...]:
        """Those of scripts without spaces, the longest first."""
        some = ((text, phrase) for text, phrase in self.known.items() if is_dense(text))
        return tuple(sorted(some, key=lambda pair: -len(pair[0])))

    @cached_property
    def longest(self) -> int:
        """How many words the longest phrase has."""
        return max((text.count(" ") + 1 for text in self.known), default=1)

    @cached_property
    def single(self) -> Mapping[str, tuple[str, ...]]:
        """Phrases of one long word, by their first letter: among them a slip of the pen is looked for."""
        found: dict[str, list[str]] = defaultdict(list)
        for text in self.known:
            if " " not in text and len(text) >= LONG and not is_dense(text):
                found[text[0]].append(text)
        return {letter: tuple(words) for letter, words in found.items()}


LONG = 6
"""Of shorter words every neighbour is another word: ``test`` and ``rest``."""


def _spellings(phrase: Phrase) -> tuple[str, ...]:
    """A phrase folded; of German also as it is written without umlauts."""
    plain = folded(phrase.text)
    if phrase.language != "German":
        return (plain,)
    spelled = phrase.text.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return (plain, folded(spelled))

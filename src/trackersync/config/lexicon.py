"""The words of stages, read from ``config/words``: a file for each language.

A new language is a new file there; nothing else names them. What its parts mean is said at the head of
``english.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field

from trackersync.config.document import compose
from trackersync.config.process import shipped
from trackersync.core.propose.concepts import CONCEPTS, MARKS, NOTHING, Aspect
from trackersync.core.propose.lexicon import Lexicon, Phrase
from trackersync.core.propose.spelling import folded

FOLDER = "words"
FIRST = ("english", "german", "french", "spanish", "japanese")
"""Of a word that several languages share, these come first; the others in the order of the alphabet."""
Words = dict[str, list[str]]


class _Language(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str
    head: Literal["first", "last"] = "last"
    compounds: bool = False
    words: Words
    over: Words = Field(default_factory=dict)
    ahead: Words = Field(default_factory=dict)
    back: Words = Field(default_factory=dict)
    fillers: list[str] = Field(default_factory=list)
    families: list[str] = Field(default_factory=list)
    kinds: list[str] = Field(default_factory=list)
    alone: list[str] = Field(default_factory=list)
    areas: list[str] = Field(default_factory=list)
    endings: list[str] = Field(default_factory=list)

    def phrases(self) -> list[Phrase]:
        """Its words, each with what it means."""
        parts: Mapping[Aspect, Words] = dict(
            zip(get_args(Aspect), (self.words, self.ahead, self.over, self.back), strict=True)
        )
        return [
            Phrase(text, self.language, concept, aspect)
            for aspect, words in parts.items()
            for concept, texts in words.items()
            for text in texts
        ]


@cache
def lexicon() -> Lexicon:
    """The words of every language.

    Raises:
        ValueError: a file is not as it should be; they are shipped, so that is a fault of this program.
    """
    files = {file.name.removesuffix(".yaml"): file for file in (shipped() / FOLDER).iterdir()}
    names = (*FIRST, *sorted(files.keys() - set(FIRST)))
    languages = [_parsed(files[name].read_text("utf-8"), name) for name in names]
    return Lexicon(
        tuple(phrase for one in languages for phrase in one.phrases()),
        fillers=_all(one.fillers for one in languages),
        families=_all(one.families for one in languages),
        kinds=_all(one.kinds for one in languages),
        alone=_all(one.alone for one in languages),
        areas=_all(one.areas for one in languages),
        endings=_all(one.endings for one in languages),
        compounds=frozenset(one.language for one in languages if one.compounds),
        heads=frozenset(one.language for one in languages if one.head == "first"),
    )


def _all(words: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(folded(word) for some in words for word in some)


def _parsed(text: str, name: str) -> _Language:
    found = _Language.model_validate(_plain(compose(text)))
    strange = {concept for words in (found.words, found.over, found.ahead, found.back) for concept in words} - CONCEPTS
    strange |= (found.over.keys() | found.ahead.keys() | found.back.keys()) & (MARKS | {NOTHING})
    if strange:
        raise ValueError(f"{name}: no concepts: {', '.join(sorted(strange))}")
    return found


def _plain(node: yaml.Node | None) -> object:
    """Texts, lists and mappings of them: here ``no`` and ``on`` are words."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one) for one in node.value]
    return None if node is None else node.value

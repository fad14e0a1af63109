"""The word that was probably meant: suggestions only, nothing is ever decided by likeness."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

ALIKE = 62.0
"""Of 100: how alike two words must be to be worth asking ``did you mean``; `biuld` and `build` are 80."""
SHOWN = 14
"""Of many known words, at most so many are listed."""


def nearest(word: str, known: Iterable[str], alike: float = ALIKE) -> str | None:
    """The known word most like ``word``, without regard to case; None where none is at least ``alike`` of 100."""
    choices = sorted(set(known))
    found = process.extractOne(word, choices, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=alike)
    return found[0] if found else None


def closest(word: str, known: Iterable[str], most: int = 3, alike: float = ALIKE) -> tuple[str, ...]:
    """The few known words most like ``word``, the likest first; see ``nearest``."""
    choices = sorted(set(known))
    found = process.extract(word, choices, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=alike, limit=most)
    return tuple(choice for choice, _, _ in found)


def did_you_mean(word: str, known: Iterable[str], prompt: str = "known here") -> str:
    """A hint for an unknown word: the one probably meant, or the first known ones in their order."""
    words = tuple(known)
    meant = nearest(word, words)
    if meant is not None:
        return f'did you mean "{meant}"?'
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return f"{prompt}: {', '.join(words[:SHOWN])}{more}" if words else ""

"""Rules named by people: by a name, by a family, or by a pattern of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trackersync.config.faults import Fault, Path
from trackersync.config.wording import Shown
from trackersync.core.diagnose import AnyRule
from trackersync.core.nearest import did_you_mean
from trackersync.core.selection import rules_named

_PATTERN = frozenset("*?[")
"""Letters of a pattern, which no rule's name has."""


def nearest_rule(word: str, rules: Sequence[AnyRule]) -> str:
    """What to write instead of a word that means no rule."""
    if _PATTERN.intersection(word):
        return "a pattern is matched with the whole name: owner-*"
    return did_you_mean(word, [*dict.fromkeys(rule.family for rule in rules), *(rule.name for rule in rules)])


def picked(value: object, path: Path, rules: Sequence[AnyRule], shown: Shown) -> tuple[dict[str, str], list[Fault]]:
    """The rules that a list of words means.

    Args:
        value: one word or a list; what is neither is the model's to refuse.
        path: where it stands.
        rules: every rule.
        shown: what may be quoted of a scalar.

    Returns:
        By rule's name the word that meant it, and what is wrong.
    """
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for spot, word in spots(value, path):
        names = rules_named(word, rules)
        if not names and word.strip():
            faults.append(Fault(spot, f'"{shown(spot)}" is no rule and no family', nearest_rule(shown(spot), rules)))
        for name in names:
            # A rule that is off by itself is only wanted where it is named.
            found[name] = name if name == word.strip().casefold() else found.get(name, word)
    return found, faults


def spots(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """The words of a value, each with its place: of one that is no list, its own."""
    words: Iterable[tuple[Path, object]] = [(path, value)]
    if isinstance(value, list):
        words = [((*path, place), one) for place, one in enumerate(value)]
    return ((spot, one) for spot, one in words if isinstance(one, str))

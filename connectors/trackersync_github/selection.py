"""Which repositories the configuration means: names, patterns, and what is taken out of what patterns find.

Purely: nothing is asked of GitHub here. ``acme/shop`` is a name, ``acme/*`` a pattern, ``!acme/archive-*`` takes away
from what patterns find. The order does not matter, a name is always looked at, and GitHub does not tell upper from
lower case. Only a repository's own name may hold wildcards: whose repositories to list must be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

_OWNER = r"[A-Za-z\d][A-Za-z\d_-]*"
_NAME = re.compile(rf"{_OWNER}/[\w.-]+", re.ASCII)
_PATTERN = re.compile(rf"{_OWNER}/[\w.*?\[\]!-]+", re.ASCII)
_WILD = re.compile(r"[*?\[\]]")


def entry(text: str) -> str:
    """Check one entry of `repositories`; what a person is likely to have pasted is answered with what to write.

    Raises:
        ValueError: with a sentence, it is neither a name nor a pattern nor an exclusion.
    """
    meant = text.removeprefix("!")
    if text.startswith("!") and not _PATTERN.fullmatch(meant):
        raise ValueError('what is left out is written with its owner, as in "!acme/archive-*"')
    if _NAME.fullmatch(meant):
        return text
    owner, slash, _ = meant.partition("/")
    if _WILD.search(owner):
        raise ValueError("an owner is named in full and without wildcards; write acme/* for each owner")
    if _PATTERN.fullmatch(meant):
        return text
    if re.fullmatch(_OWNER, meant, re.ASCII) and not slash:
        raise ValueError(f"a repository is named OWNER/NAME, as in acme/shop; for all of an owner write {meant}/*")
    pasted = urlsplit(meant).path.strip("/").removesuffix(".git").split("/")
    if len(pasted) >= 2 and _NAME.fullmatch("/".join(pasted[:2])):
        raise ValueError(f"a repository is named OWNER/NAME; write {'/'.join(pasted[:2])}")
    raise ValueError("a repository is named OWNER/NAME, as in acme/shop")


def entries(texts: list[str]) -> list[str]:
    """Check all entries together.

    Raises:
        ValueError: with a sentence, one stands there twice, or exclusions have nothing to take away from.
    """
    folded = [text.casefold() for text in texts]
    twice = next((text for text in texts if folded.count(text.casefold()) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} is listed twice (GitHub does not tell upper from lower case); take one out")
    if not texts:
        return texts
    found = Selection.of(texts)
    if not found.names and not found.patterns:
        raise ValueError("this only says what to leave out; say what to look at as well, as in acme/*")
    if found.exclusions and not found.patterns:
        raise ValueError(f'"!{found.exclusions[0]}" takes away from what patterns find, and there is none; take it out')
    owners = {pattern.partition("/")[0].casefold() for pattern in found.patterns}
    idle = next((one for one in found.exclusions if one.partition("/")[0].casefold() not in owners), None)
    if idle is not None:
        raise ValueError(f'"!{idle}" leaves out repositories of an owner that no pattern is for; take it out')
    return texts


@dataclass(frozen=True, slots=True)
class Selection:
    """The entries of `repositories`, told apart.

    Attributes:
        names: repositories named in full, in the order written.
        patterns: those with wildcards.
        exclusions: what is taken out of what the patterns find, without the ``!``.
    """

    names: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Selection:
        """Tell the entries of `repositories` apart."""
        names: list[str] = []
        patterns: list[str] = []
        exclusions: list[str] = []
        for text in texts:
            if text.startswith("!"):
                exclusions.append(text.removeprefix("!"))
            else:
                (patterns if _WILD.search(text) else names).append(text)
        return cls(tuple(names), tuple(patterns), tuple(exclusions))

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose repositories must be listed, each once."""
        return owners_of(self.patterns)

    def named(self, full_name: str) -> str:
        """The name, as written, that names this repository in full; empty where none does."""
        return next((name for name in self.names if name.casefold() == full_name.casefold()), "")

    def found(self, full_name: str) -> bool:
        """Whether a pattern finds this repository, excluded or not."""
        return _fits(full_name, self.patterns)

    def excluded(self, full_name: str) -> bool:
        """Whether it is taken out of what the patterns find."""
        return _fits(full_name, self.exclusions)

    def means(self, full_name: str) -> bool:
        """Whether this repository is to be looked at, as far as its name tells."""
        return bool(self.named(full_name)) or (self.found(full_name) and not self.excluded(full_name))


def owners_of(names: Iterable[str]) -> tuple[str, ...]:
    """The owners in these names or patterns, each once and as it is spelt first."""
    spelt: dict[str, str] = {}
    for name in names:
        owner = name.partition("/")[0]
        spelt.setdefault(owner.casefold(), owner)
    return tuple(spelt.values())


def _fits(full_name: str, patterns: Iterable[str]) -> bool:
    name = full_name.casefold()
    return any(fnmatchcase(name, pattern.casefold()) for pattern in patterns)

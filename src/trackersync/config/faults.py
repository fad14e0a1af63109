"""A mistake as the checks see it: by its path in the configuration; ``origin`` turns it into a place in a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from trackersync.core.nearest import nearest

Path = tuple[str | int, ...]
"""Where a value stands in a document: keys and list positions from the root."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: line and column from 1, how many columns it takes there, and in which included file."""

    line: int
    column: int
    width: int = 1
    file: str = ""


TOP = Place(1, 1)
"""Where what has no better place is shown."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake.

    Attributes:
        path: the value that is wrong, or whose key is.
        message: what is wrong, without the place.
        hint: what to write instead.
        at: whether the value or its key is to be pointed at. A key's fault is said of the mapping it stands in.
        place: where to point, for what no path leads to: the second of two equal keys, text that is no YAML.
        quoted: the message may quote what was read, so secrets in it are still to be masked.
    """

    path: Path
    message: str
    hint: str = ""
    at: Literal["value", "key"] = "value"
    place: Place | None = None
    quoted: bool = False

    @property
    def where(self) -> str:
        """The dotted name a person reads before the message."""
        return dotted(self.path[:-1] if self.at == "key" else self.path)


def dotted(path: Path) -> str:
    """``trackers.github.stages``, ``people[2].email``; list positions count from 0, as in most languages."""
    words = ""
    for part in path:
        words += f"[{part}]" if isinstance(part, int) else f".{part}" if words else part
    return words


_CREDENTIALS = ("token", "secret", "password", "passphrase", "passwd", "credential", "credentials")
_SECRET = re.compile(r"token|secret|private_?key|api_?key|^(auth|pat|pw|pwd|pass)$", re.IGNORECASE)
_HARMLESS = re.compile(r"_(file|path|url|expires?)$", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][a-z]*")
ALIKE = 74.0
"""Of 100: `tkn` is 75 like `token`. Rather one word too many masked than a mistyped key's token shown."""


def secret_key(key: str) -> bool:
    """Whether a value under this key is to be treated as a credential: also for a mistyped ``tokn`` or ``Token``."""
    if _HARMLESS.search(key):
        return False
    return bool(_SECRET.search(key)) or any(nearest(word, _CREDENTIALS, ALIKE) for word in _WORD.findall(key))


def secret_path(path: Path) -> bool:
    """Whether any key on the way to a value names a credential."""
    return any(isinstance(part, str) and secret_key(part) for part in path)

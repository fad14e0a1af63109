"""CODEOWNERS: who owns which files (GitHub, "About code owners").

The first of ``.github/CODEOWNERS``, ``CODEOWNERS`` and ``docs/CODEOWNERS`` counts; the last pattern that matches a file
names its owners, and one without owners says that nobody does. Patterns are those of gitignore, except that ``!``,
``[ ]`` and an escaped ``#`` do not work; lines with them are passed over, as GitHub does. What the patterns match is
the library's business.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from codeowners import CodeOwners

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file is looked for, in this order."""

_COMMENT = re.compile(r"(^|\s)#.*$")
_UNSUPPORTED = re.compile(r"^(!|\\#|\S*\[)")
_DEFAULT = "**"


class Owners:
    """The owners that one file names.

    Args:
        text: the file's.
    """

    def __init__(self, text: str) -> None:
        lines = [_COMMENT.sub("", line).strip() for line in text.splitlines()]
        usable = [line for line in lines if line and not _UNSUPPORTED.search(line)]
        self._owners = CodeOwners("\n".join(usable))
        default = [line for line in usable if line.split()[0] in {"*", _DEFAULT, "/**"}]
        # Whatever no other line speaks of: asked of the one line, so that no pattern further down takes its place.
        self._default = CodeOwners(default[-1]) if default else None

    def of(self, files: Iterable[str]) -> tuple[str, ...]:
        """The owners of some files: whoever owns most of them first. Users as ``@ada-l``, teams as ``@acme/checkout``.

        E-mail addresses are left out: what account they belong to, GitHub does not tell.
        """
        counted = Counter(name for file in files for kind, name in self._owners.of(file) if kind != "EMAIL")
        return tuple(name for name, _ in counted.most_common())

    def default(self) -> tuple[str, ...]:
        """The owners of everything that no other line speaks of: those of the line ``*``."""
        found = self._default.of("file") if self._default is not None else []
        return tuple(name for kind, name in found if kind != "EMAIL")

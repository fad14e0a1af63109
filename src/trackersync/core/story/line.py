"""One line of a story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["created", "linked", "moved", "came back", "conflict", "wrote", "rest"]
"""What a line tells; at the same moment in this order."""

ORDER: tuple[Kind, ...] = ("created", "linked", "moved", "came back", "conflict", "wrote", "rest")


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened to a task.

    Attributes:
        at: when, UTC.
        kind: what it is.
        sentence: it, in one plain sentence.
        because: further sentences: why, which setting decided, what came back.
        run: the run that did it, for what we did.
        requests: the requests it took, each with the vendor's request id.
        seen: ``at`` is when we saw it: when it happened is not known.
        by: who did it, as people are called; empty for what we did, and where that is not known.
    """

    at: datetime
    kind: Kind
    sentence: str
    because: tuple[str, ...] = ()
    run: int | None = None
    requests: tuple[str, ...] = ()
    seen: bool = False
    by: str = ""


def in_order(lines: list[Line]) -> tuple[Line, ...]:
    """The lines as they happened."""
    return tuple(sorted(lines, key=lambda line: (line.at, ORDER.index(line.kind))))

"""What is proposed: a stage for every value that a tracker shows, with the reason, for a person to look over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

YOURS = "chosen by you"
CHOSEN = 1_000
"""The weight of a word that only a person's choice makes a stage's."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A value in which a stage may live, and how many issues show it.

    Attributes:
        place: the key of the vocabulary's matcher: ``statuses``, ``resolutions``, ``labels``, ``board``.
        value: as issues show it.
        category: what the tracker itself says of it: ``backlog``, ``started``, ``done``; empty where it says nothing.
        rank: how far along it stands in the tracker's own order; None where there is none.
        open: how many open issues show it.
        all: how many issues show it, open or not.
    """

    place: str
    value: str
    category: str = ""
    rank: int | None = None
    open: int = 0
    all: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a proposal.

    Attributes:
        place: the key of the vocabulary's matcher.
        value: as issues show it.
        stage: the proposed stage's key; None where the value says nothing of a stage.
        because: the facts that speak for it, for a column of a table.
        sure: whether it may be taken without a look.
        open: how many open issues show it.
        all: how many issues show it, open or not.
        others: further stages it could be, the likeliest first.
        weight: how natural a word for its stage it is, the least first: what is written of several.
    """

    place: str
    value: str
    stage: str | None
    because: str
    sure: bool
    open: int = 0
    all: int = 0
    others: tuple[str, ...] = ()
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A stage for each value, in the order they were given, and what is to be said of the whole.

    Attributes:
        lines: one for each value.
        remarks: sentences for people.
    """

    lines: tuple[Line, ...]
    remarks: tuple[str, ...] = ()

    def with_stage(self, place: str, value: str, stage: str | None) -> Proposal:
        """The same proposal after a person said what a value means.

        Args:
            place: the matcher's key.
            value: without regard to case, as the trackers compare it.
            stage: a key of the process's stages; None for none.

        Raises:
            KeyError: no line has this value.
        """
        chosen = (place, value.casefold())
        if not any((line.place, line.value.casefold()) == chosen for line in self.lines):
            raise KeyError(value)
        lines = (_chosen(line, stage) if (line.place, line.value.casefold()) == chosen else line for line in self.lines)
        return replace(self, lines=tuple(lines))

    @property
    def covered(self) -> int:
        """How many values have a stage."""
        return sum(line.stage is not None for line in self.lines)

    @property
    def left_over(self) -> int:
        """How many values say nothing of a stage."""
        return len(self.lines) - self.covered

    @property
    def guesses(self) -> tuple[Line, ...]:
        """The lines a person should look at, those that most open issues show first."""
        return tuple(sorted(_unsure(self.lines), key=lambda line: -line.open))


def _unsure(lines: Iterable[Line]) -> Iterable[Line]:
    return (line for line in lines if not line.sure)


def _chosen(line: Line, stage: str | None) -> Line:
    others = tuple(dict.fromkeys(one for one in (line.stage, *line.others) if one is not None and one != stage))
    # A word that said nothing by itself is read as the stage, and written only where the stage has no word of its own.
    weight = CHOSEN if line.stage is None else line.weight
    return replace(line, stage=stage, because=YOURS, sure=True, others=others, weight=weight)

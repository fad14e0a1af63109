"""What an examination of the set-up says: checks, each with how good it is and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How good what was examined is, the best first."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was examined.

    Attributes:
        name: what it is about, in a word or two: ``token``, ``acme/shop``, ``mapping``.
        grade: how good it is.
        said: what was seen, in part of a sentence: ``expires 28 Mar, in 23 days``.
        remedy: what to do about it: a command, an address or an edit; empty where nothing is to be done.
    """

    name: str
    grade: Grade
    said: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The checks of one part of the set-up.

    Attributes:
        name: ``configuration``, a tracker's name, ``running``.
        checks: in the order in which they are read.
        about: what it is, beside the name: an address, a kind of tracker.
        tracker: whether it is a tracker and its credential, so that an error in it is not one of the configuration.
    """

    name: str
    checks: tuple[Check, ...]
    about: str = ""
    tracker: bool = False


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was examined, section by section."""

    sections: tuple[Section, ...]

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every check, in the order in which it is read."""
        return tuple(check for section in self.sections for check in section.checks)

    def count(self, grade: Grade) -> int:
        """How many checks are so good."""
        return sum(check.grade is grade for check in self.checks)


def worst(checks: Iterable[Check]) -> Grade:
    """The worst grade of some checks; good where there are none."""
    order = tuple(Grade)
    return max((check.grade for check in checks), key=order.index, default=Grade.GOOD)

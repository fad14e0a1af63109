"""What an item says of its stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reading:
    """What one item says of its stage.

    Attributes:
        kind: ``stated``; ``assumed`` (open and silent, so taken to be in the first stage); ``unknown`` (a state that
            belongs to no stage); ``clash`` (values that claim stages with nothing in common).
        stages: the stages it may be in, in process order; for a clash all that are claimed; none when unknown.
        says: its native words, for people: ``In Progress``, ``stage: build``, ``closed, completed``.
        parts: for a clash, each claiming value with its stages.
    """

    kind: Literal["stated", "assumed", "unknown", "clash"]
    stages: tuple[str, ...]
    says: str
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def first(self) -> str | None:
        """The earliest stage it may be in."""
        return self.stages[0] if self.stages else None

    @property
    def named(self) -> str | None:
        """The stage for people; of a clash the one that each claiming value names, whatever else it covers."""
        claimed = {stages[0] for _, stages in self.parts}
        return " + ".join(stage for stage in self.stages if stage in claimed) or self.first


def common(readings: Sequence[Reading]) -> tuple[str, ...]:
    """The stages that every one of some readings allows, in process order; none when they disagree, or are none."""
    first, *others = readings or (Reading("unknown", (), ""),)
    return tuple(stage for stage in first.stages if all(stage in other.stages for other in others))

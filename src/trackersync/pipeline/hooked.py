"""What comes of managing webhooks, as ``hooking`` gathers it tracker by tracker."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal

from trackersync.connector import Hook
from trackersync.core.examination import Check, Grade, Section

Act = Literal["list", "install", "test", "remove", "redeliver"]
"""What is done with them."""


class Ended(IntEnum):
    """How it ended for one place, the best first."""

    DONE = 0
    LACKING = 1
    REFUSED = 2
    UNREACHED = 3
    UNSET = 4


@dataclass(frozen=True, slots=True)
class Hooked:
    """What there is to say of one tracker.

    Attributes:
        section: a line for each place and webhook.
        url: where our deliveries go.
        hooks: the webhooks that were seen.
        ended: how it ended for each place.
        count: how many webhooks were, or would be, written; of a redelivery, how many deliveries.
    """

    section: Section
    url: str
    hooks: tuple[Hook, ...] = ()
    ended: tuple[Ended, ...] = ()
    count: int = 0


@dataclass(slots=True)
class Said:
    """The lines of one tracker as they come."""

    checks: list[Check] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    count: int = 0

    def say(self, name: str, grade: Grade, said: str, remedy: str = "", ended: Ended | None = None) -> None:
        """Add a line, and where it is the last word on a place how that ended."""
        self.checks.append(Check(name, grade, said, remedy))
        if ended is not None:
            self.ended.append(ended)

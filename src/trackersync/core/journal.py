"""Runs, our writes and conflicts as they are told afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trackersync.core.model import Change, Conflict, Facts, Outcome, Receipt


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is told.

    Attributes:
        number: from 1.
        command: what started it: ``sync``, ``apply``, ``undo``.
        begun: when it began.
        ended: when it ended; None while it runs, or when it was killed.
        state: ``done``, ``held``, ``refused``, ``interrupted``, ``failed``; ``under way`` or ``killed`` when it has not
            ended.
        approved: a person approved its plan or asked for it.
        digest: of its plan.
        current: it ran under the configuration of today, so today's settings tell what decided.
        planned: how many changes it had planned, also those that were held or not begun.
        outcomes: changes by what became of them.
        requests: requests sent by tracker and kind.
        holds: why the guard held it, in sentences.
        troubles: why it failed, or which tracker could not be read, in sentences.
        conflicts: how many conflicts it found.
        left_alone: how many fields it left alone.
    """

    number: int
    command: str
    begun: datetime
    ended: datetime | None = None
    state: str = "done"
    approved: bool = False
    digest: str = ""
    current: bool = True
    planned: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    requests: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    holds: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    conflicts: int = 0
    left_alone: int = 0

    @property
    def applied(self) -> int:
        """How many changes took effect by its doing."""
        return self.outcomes.get(Outcome.APPLIED.value, 0)

    def sent(self, kind: str) -> int:
        """How many requests of a kind it sent: ``read``, ``write``."""
        return sum(kinds.get(kind, 0) for kinds in self.requests.values())


@dataclass(frozen=True, slots=True)
class Wrote:
    """A change as the journal has it, with the run that intended it.

    Attributes:
        run: the run.
        change: what was to be written.
        natives: every native state the write can pass through.
        receipt: what became of it; None between the intent and the answer.
        intended: when it was written down, just before it was sent.
        settled: when it was last known what became of it.
    """

    run: Run
    change: Change
    natives: tuple[Facts, ...]
    receipt: Receipt | None
    intended: datetime
    settled: datetime | None

    @property
    def took_effect(self) -> bool:
        """Whether the tracker shows it by our doing."""
        return self.receipt is not None and self.receipt.outcome is Outcome.APPLIED

    @property
    def doubtful(self) -> bool:
        """Whether it may have arrived or not."""
        return self.receipt is None or self.receipt.outcome is Outcome.IN_DOUBT


@dataclass(frozen=True, slots=True)
class Clash:
    """A conflict, since when it waits, and when it was settled, if it was."""

    conflict: Conflict
    since: datetime
    settled: datetime | None = None

"""What the receiver tells whoever counts."""

from __future__ import annotations

from typing import Literal, Protocol

Outcome = Literal["accepted", "duplicate", "unsigned", "too large", "slow", "malformed", "unavailable"]


class Counts(Protocol):
    """Counts deliveries, and shows all that was counted; ``worker.metrics.Metrics`` does."""

    @property
    def content_type(self) -> str:
        """Of the exposition."""

    def delivery(self, tracker: str, outcome: Outcome, number: int = 1) -> None:
        """Count deliveries to a configured tracker's address."""

    def exposition(self) -> bytes:
        """Everything that was counted, as Prometheus reads it. May ask the store."""

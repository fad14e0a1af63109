"""What a run cost."""

from __future__ import annotations

from dataclasses import dataclass, field

from trackersync.http.exchange import Kind


@dataclass(slots=True)
class Counters:
    """Requests sent by kind (repeats and redirects included), and the waits before and between them.

    That writes keep their distance is no wait.
    """

    requests: dict[Kind, int] = field(default_factory=lambda: {"read": 0, "write": 0})
    waits: int = 0
    waited: float = 0.0

"""The time at both stand-ins where runs of the real program meet edits of some hours ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class HoursAgo:
    """What time it is at both trackers: some hours ago, and on when a test says so."""

    def __init__(self, hours: float) -> None:
        self.time = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)

    def __call__(self) -> datetime:
        return self.time

    def pass_on(self, minutes: float) -> None:
        self.time += timedelta(minutes=minutes)

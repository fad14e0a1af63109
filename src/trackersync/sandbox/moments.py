"""Times as the two vendors write them.

GitHub counts in whole seconds and writes a ``Z``; Jira counts in milliseconds and writes an offset. Inside the
stand-ins a time is an integer in the vendor's own unit, so that comparing, sorting and stepping it cannot lose
anything.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Clock = Callable[[], datetime]


def now() -> datetime:
    """Say what time it is, for everything that is not given another clock."""
    return datetime.now(UTC)


def seconds(moment: datetime) -> int:
    """Turn a moment into GitHub's unit."""
    return int(moment.timestamp())


def milliseconds(moment: datetime) -> int:
    """Turn a moment into Jira's unit, without the rounding of a floating-point product."""
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def github(moment: int) -> str:
    """Write seconds as GitHub does: ``2026-03-05T09:12:00Z``."""
    return datetime.fromtimestamp(moment, UTC).isoformat()[:19] + "Z"


def jira(moment: int) -> str:
    """Write milliseconds as Jira does: ``2026-03-05T09:12:00.000+0000``."""
    whole, rest = divmod(moment, 1000)
    return f"{datetime.fromtimestamp(whole, UTC).isoformat()[:19]}.{rest:03d}+0000"


def parse(text: str) -> datetime:
    """Read an ISO 8601 time as either vendor writes it; a time without an offset is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

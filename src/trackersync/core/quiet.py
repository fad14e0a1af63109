"""Whether it has been quiet for too long: somebody else's scheduler was to run this, and nobody has.

A service notices itself that a moment of its schedule went by. Where cron, systemd or a workflow of GitHub's starts
each run, nothing here tells that it has stopped: GitHub ends the schedules of a public repository after 60 days without
activity (GitHub, "Disabling and enabling a workflow").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from trackersync.core.schedule import When, next_moment

LONG = timedelta(days=14)
"""Where no schedule is known, after so long it is worth a word: two weeks, twice the longest interval that is usual."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """That nothing ran for too long.

    Attributes:
        last: when something last ran.
        span: how long ago that is.
        due: since when a run is due; None where no schedule is known.
    """

    last: datetime
    span: timedelta
    due: datetime | None = None


def quiet(last: datetime | None, now: datetime, when: When | None = None) -> Quiet | None:
    """Whether it has been quiet for too long; None where it has not, or nothing ever ran.

    Args:
        last: when something last ran; None: never.
        now: the present moment.
        when: the schedule, where one is known: it may miss one of its moments, as a scheduler under load does, and not
            two. None: ``LONG`` decides.
    """
    if last is None:
        return None
    if when is None:
        return Quiet(last, now - last) if now - last >= LONG else None
    first = next_moment(when, last, last)
    second = None if first is None else next_moment(when, first, last)
    return Quiet(last, now - last, first) if second is not None and second <= now else None

"""How a service does, for machines, and what to do about it."""

from __future__ import annotations

from typing import Any

from trackersync.core.serving import Served
from trackersync.report.names import clean
from trackersync.report.times import utc


def served_steps(served: Served) -> list[tuple[str, str]]:
    """The commands that it asks for."""
    steps = []
    if any(job.late is not None for job in served.jobs):
        steps.append(("trackersync serve", "nobody runs the schedule"))
    if served.numbers.get("held"):
        steps.append(("trackersync plan", "what is held, and why"))
    if served.numbers.get("aside") or any(inflow.aside for inflow in served.inflows):
        steps.append(("trackersync retry", "tries again what was set aside"))
    return steps


def served_record(served: Served) -> dict[str, Any]:
    """What ``status --format json`` says of it."""
    return {
        "trackers": {
            one.tracker: {
                "last_delivery": utc(one.last),
                "waiting": one.waiting,
                "aside": one.aside,
                "missed_24h": one.missed,
                "edits": one.edits,
                "timely": one.timely,
                "fresh_seconds": one.fresh.total_seconds(),
            }
            for one in served.inflows
        },
        "share": served.share,
        "counted_since": utc(served.since),
        "looks": {"due": served.due, "oldest": utc(served.oldest), **served.numbers},
        "resting": [
            {
                "task": clean(one.name),
                "tracker": one.tracker,
                "state": one.state,
                "since": utc(one.since),
                "tries": one.tries,
                "why": clean(one.why),
            }
            for one in served.resting
        ],
        "unread": [
            {"tracker": one.tracker, "delivery": clean(one.id), "at": utc(one.at), "why": clean(one.why)}
            for one in served.unread
        ],
        "jobs": {
            job.name: {
                "begun": utc(job.begun),
                "ended": utc(job.ended),
                "running": job.running,
                "outcome": clean(job.outcome),
                "next": utc(job.next),
                "late_since": utc(job.late),
            }
            for job in served.jobs
        },
    }

"""How things stand, for machines, and what to do about it, for people and machines alike."""

from __future__ import annotations

from typing import Any

from trackersync.core.status import Status
from trackersync.report.quiet import quiet_record
from trackersync.report.runs import run_summary
from trackersync.report.serving import served_record, served_steps
from trackersync.report.times import utc


def next_steps(status: Status) -> list[tuple[str, str]]:
    """The commands that things as they stand ask for."""
    steps = []
    if status.last is None:
        steps.append(("trackersync plan", "what would be written; writes nothing"))
    elif status.doubts or status.killed:
        steps.append(("trackersync sync", "reads back what is in doubt before anything is written there"))
    if status.last is not None and status.last.state == "held":
        steps.append((f"trackersync runs {status.last.number}", "what is held, and why"))
    if status.disputes:
        steps.append(("trackersync conflicts", "who says what"))
    steps += [
        (f"trackersync resume {rest.name.partition(' = ')[0]}", "writes go on where they rest now")
        for rest in status.rests[:3]
    ]
    steps += served_steps(status.served) if status.served else []
    return steps


def status_record(status: Status) -> dict[str, Any]:
    """What ``status --format json`` prints."""
    return {
        "at": utc(status.now),
        "trackers": {
            fresh.tracker: {
                "containers": list(fresh.containers),
                "items": fresh.items,
                "as_of": utc(fresh.as_of),
                "complete": fresh.complete,
            }
            for fresh in status.trackers
        },
        "last_run": None if status.last is None else run_summary(status.last),
        "quiet": quiet_record(status.quiet),
        "never_ended": [run_summary(run) for run in status.killed],
        "held_by": status.holder or None,
        "in_doubt": [
            {
                "task": list(doubt.task),
                "field": doubt.wrote.change.field,
                "run": doubt.wrote.run.number,
                "since": utc(doubt.wrote.intended),
            }
            for doubt in status.doubts
        ],
        "conflicts": [{"task": list(one.task), "field": one.field, "since": utc(one.since)} for one in status.disputes],
        "paused": [
            {"kind": rest.pause.kind, "name": rest.name, "since": utc(rest.pause.since), "reason": rest.pause.reason}
            for rest in status.rests
        ],
        "service": None if status.served is None else served_record(status.served),
        "next": [{"command": command, "does": does} for command, does in next_steps(status)],
    }

"""Conflicts for machines, and the commands that settle them, for people and machines alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from trackersync.core.status import Dispute
from trackersync.report.times import utc


def next_steps(waiting: Sequence[Dispute]) -> list[tuple[str, str]]:
    """The commands that settle conflicts: the oldest one, and all on one field at once where there are several."""
    if not waiting:
        return []
    first = waiting[0]
    both = sum(other.task == first.task for other in waiting) > 1
    option = f" --field {first.field}" if both else ""
    steps = [
        (f"trackersync resolve {first.task[0]} --take {tracker}{option}", f"{first.field}: {said}")
        for tracker, said in first.says.items()
    ]
    field, often = Counter(one.field for one in waiting).most_common(1)[0]
    if often > 1:
        tracker = next(iter(first.says))
        command = f"trackersync resolve --field {field} --take {tracker}"
        steps.append((command, f"all {often} of them alike"))
    steps.append((f"trackersync explain {first.task[0]}", "how it came to this"))
    return steps


def conflicts_record(waiting: Sequence[Dispute], settled: Sequence[Dispute]) -> dict[str, Any]:
    """What ``conflicts --format json`` prints."""
    return {
        "conflicts": [_record(one) for one in waiting],
        "settled": [{**_record(one), "settled": utc(one.settled), "ending": one.ending} for one in settled],
        "next": [{"command": command, "does": does} for command, does in next_steps(waiting)],
    }


def _record(one: Dispute) -> dict[str, Any]:
    return {
        "task": list(one.task),
        "field": one.field,
        "says": dict(one.says),
        "base": one.base or None,
        "because": one.because,
        "since": utc(one.since),
    }

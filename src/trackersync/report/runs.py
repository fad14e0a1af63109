"""Runs for machines, and what can be done about one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trackersync.core.journal import Run
from trackersync.core.model import Outcome
from trackersync.core.status import ChangeTold, RunTold
from trackersync.report.times import utc


def runs_record(runs: Iterable[Run]) -> dict[str, Any]:
    """What ``runs --format json`` prints."""
    return {"runs": [run_summary(run) for run in runs]}


def run_record(told: RunTold) -> dict[str, Any]:
    """What ``runs RUN --format json`` prints."""
    return {
        **run_summary(told.run),
        "changes": [
            {
                "task": list(change.task),
                "field": change.field,
                "step": change.step,
                "native": change.native,
                "because": change.because,
                "receipt": became(change, told.run),
                "message": change.wrote.receipt.message if change.wrote and change.wrote.receipt else "",
                "requests": list(change.wrote.receipt.requests) if change.wrote and change.wrote.receipt else [],
            }
            for change in told.changes
        ],
        "next": [{"command": command, "does": does} for command, does in next_steps(told)],
    }


def became(change: ChangeTold, run: Run) -> str:
    """What became of a change: one of the seven receipts, ``in doubt`` without an answer, ``held`` or ``not begun``."""
    if change.wrote is None:
        return run.state if run.state in ("held", "refused") else "not begun"
    return change.wrote.receipt.outcome.value if change.wrote.receipt else Outcome.IN_DOUBT.value


def next_steps(told: RunTold) -> list[tuple[str, str]]:
    """The commands that follow from a run."""
    run = told.run
    if run.state == "held":
        return [
            ("trackersync plan", "what would be written now"),
            (f"trackersync sync --approve {run.digest}", "this plan and no other; refused if the world moved"),
        ]
    steps = []
    if run.applied and run.command != "undo":
        steps.append((f"trackersync undo {run.number}", "takes back what nobody has touched since"))
    if any(became(change, run) in (Outcome.IN_DOUBT.value, "not begun") for change in told.changes):
        steps.append(("trackersync sync", "reads back what is in doubt, and goes on with what is left"))
    return steps


def run_summary(run: Run) -> dict[str, Any]:
    """A run without its changes."""
    return {
        "run": run.number,
        "command": run.command,
        "state": run.state,
        "begun": utc(run.begun),
        "ended": utc(run.ended),
        "digest": run.digest,
        "approved": run.approved,
        "planned": run.planned,
        "applied": run.applied,
        "outcomes": dict(run.outcomes),
        "conflicts": run.conflicts,
        "left_alone": run.left_alone,
        "holds": list(run.holds),
        "troubles": list(run.troubles),
        "requests": {tracker: dict(kinds) for tracker, kinds in run.requests.items()},
    }

"""JSON for machines: what a screen says, under the same words."""

from __future__ import annotations

from typing import Any

from trackersync.core.checked import Checked
from trackersync.core.diagnose import Silence
from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan
from trackersync.core.record import counts, findings_record, noted_record, plan_record
from trackersync.core.terms import Terms
from trackersync.report.text.opening import tally
from trackersync.report.times import utc

CHECK_FORMAT = 1
"""The version of the shape of a check: ``config/check.schema.json`` describes it. It rises when a key changes its
meaning or goes away, not when one is added."""


def check_record(outcome: Outcome, checked: Checked) -> dict[str, Any]:
    """What ``check --format json`` prints: every finding, what changed since the last check, and what was looked at.

    Args:
        outcome: of a check.
        checked: what it tells.
    """
    findings, base = checked.findings, checked.baseline
    records = findings_record(findings)
    for finding, record in zip(findings, records, strict=True):
        record["new"] = finding in checked.new
        record["since"] = utc(checked.seen.get(finding))
        record["known"] = base is not None and finding in base.known
    return {
        "format": CHECK_FORMAT,
        "findings": records,
        "counts": counts(findings),
        "places": dict(tally(findings)),
        "compared_with": utc(checked.since),
        "gone": noted_record(checked.gone),
        "baseline": None
        if base is None
        else {
            "file": base.file,
            "new": len(checked.failing),
            "known": len(base.known),
            "gone": noted_record(base.gone),
        },
        "silenced": [
            {**record, **_silence(one.silence)}
            for record, one in zip(
                findings_record(one.finding for one in checked.silenced), checked.silenced, strict=True
            )
        ],
        "expired": [_silence(one) for one in checked.expired],
        "asked": list(checked.asked),
        "left_out": checked.left_out,
        "open_tasks": sum(not case.finished for case in outcome.world.cases),
        "offline": outcome.offline,
        **_world(outcome),
    }


def _silence(silence: Silence) -> dict[str, Any]:
    return {"reason": silence.reason, "until": silence.until.isoformat(), "where": silence.where}


def planned_record(outcome: Outcome, terms: Terms) -> dict[str, Any]:
    """What ``plan --format json`` prints: the plan, and what the guard would say to it."""
    found = outcome.plan or Plan(())
    return {**plan_record(found, outcome.world.tasks, terms), **_world(outcome), "held": _holds(outcome)}


def written_record(outcome: Outcome, terms: Terms) -> dict[str, Any]:
    """What ``sync`` and ``apply`` print: the plan with a receipt on each change, and the requests it took."""
    found = outcome.plan or Plan(())
    return {
        **plan_record(found, outcome.world.tasks, terms, outcome.receipts),
        **_world(outcome),
        "run": outcome.run,
        "held": [] if outcome.run is not None else _holds(outcome),
        "moved": [
            {
                "tracker": moved.change.ref.tracker,
                "key": moved.change.key,
                "field": moved.change.field,
                "now": dict(moved.now),
            }
            for moved in outcome.moved
        ],
        "interrupted": outcome.interrupted,
    }


def _world(outcome: Outcome) -> dict[str, Any]:
    items: dict[str, int] = dict.fromkeys(outcome.world.looks, 0)
    for task in outcome.world.tasks:
        for item in task.items:
            items[item.ref.tracker] += 1
    return {
        "tasks": len(outcome.world.tasks),
        "items": items,
        "observed": {
            name: {
                "complete": look.complete,
                "changed": look.changed,
                "failure": None if look.failure is None else str(look.failure),
            }
            for name, look in outcome.world.looks.items()
        },
        "resting": outcome.world.resting,
        "unmatched_links": list(outcome.world.links.unmatched),
        "warnings": list(outcome.warnings),
        "requests": outcome.requests,
    }


def _holds(outcome: Outcome) -> list[dict[str, str]]:
    return [{"name": hold.name, "kind": hold.kind, "sentence": hold.sentence} for hold in outcome.holds]

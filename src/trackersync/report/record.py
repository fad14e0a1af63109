"""JSON for machines: what a screen says, under the same words."""

from __future__ import annotations

from typing import Any

from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan
from trackersync.core.record import counts, findings_record, plan_record
from trackersync.core.terms import Terms


def check_record(outcome: Outcome) -> dict[str, Any]:
    """What ``check --format json`` prints: every finding, how often each rule fires, and what was looked at."""
    findings = outcome.world.findings
    return {"findings": findings_record(findings), "counts": counts(findings), **_world(outcome)}


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

"""Findings and plans as plain data, and a plan read back: the one shape of both, for JSON reports and saved plans.

Whatever a screen says is here under the same words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trackersync.core.checked import Noted
from trackersync.core.diagnose import Finding
from trackersync.core.model import LINKS, OWNERS, STAGE, Change, Facts, ItemRef, Receipt
from trackersync.core.plan import Plan
from trackersync.core.terms import Task, Terms, said

FORMAT = 1
"""The version of a saved plan's shape."""


def findings_record(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Each finding with its rule, severity, place, task, items (the one at fault first), message and fix."""
    return [
        {
            "rule": finding.rule,
            "severity": finding.severity.value,
            "place": finding.place,
            "task": finding.task,
            "subject": finding.subject,
            "title": finding.title,
            "stage": finding.stage,
            "items": [
                {
                    "tracker": seen.tracker,
                    "key": seen.key,
                    "url": seen.url,
                    "id": seen.id,
                    "stage": seen.stage,
                    "says": seen.says,
                    "owners": list(seen.owners),
                }
                for seen in finding.items
            ],
            "message": finding.message,
            "fix": finding.fix,
            "could_be": [
                {"person": one.person, "tracker": one.tracker, "account": one.account, "because": one.because}
                for one in finding.could_be
            ],
        }
        for finding in findings
    ]


def noted_record(notes: Iterable[Noted]) -> list[dict[str, Any]]:
    """Each finding that is no more, as far as it was remembered: a baseline's file holds no sentences."""
    return [
        {
            "rule": one.rule,
            "severity": one.severity.value,
            "subject": one.subject,
            "items": [{"item": item, "key": key} for item, key in zip(one.items, one.keys, strict=False)],
            "message": one.message,
        }
        for one in notes
    ]


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How often each rule fires, by name."""
    return dict(sorted(Counter(finding.rule for finding in findings).items()))


def plan_record(
    plan: Plan, tasks: Iterable[Task], terms: Terms, receipts: Sequence[Receipt | None] | None = None
) -> dict[str, Any]:
    """A plan as data: what JSON reports print and ``plan --out`` saves.

    Args:
        plan: the plan.
        tasks: where its items are found.
        terms: the configuration's decisions.
        receipts: one per change, where writing has begun; None for a change not begun.
    """
    task_of = {item.ref: task for task in tasks for item in task.items}
    changes = [_change_record(change, task_of.get(change.ref), terms) for change in plan.changes]
    for record, receipt in zip(changes, receipts or (), strict=False):
        record["receipt"] = receipt.outcome.value if receipt else "not begun"
        record["message"] = receipt.message if receipt else ""
    return {
        "digest": plan.digest,
        "changes": changes,
        "conflicts": [
            {
                "task": conflict.task,
                "field": conflict.field,
                "sides": [{"tracker": side.ref.tracker, "key": side.key, "says": side.says} for side in conflict.sides],
                "because": conflict.because,
            }
            for conflict in plan.conflicts
        ],
        "adoptions": plan.adoptions,
        "left_alone": [
            {
                "task": left.task,
                "tracker": left.ref.tracker,
                "key": left.key,
                "field": left.field,
                "because": left.because,
            }
            for left in plan.left_alone
        ],
        "overruled": [
            {
                "task": move.task,
                "tracker": move.ref.tracker,
                "key": move.key,
                "field": move.field,
                "said": move.said,
                "authority": move.authority,
            }
            for move in plan.overruled
        ],
    }


def saved_plan(record: Mapping[str, Any], fingerprint: str) -> dict[str, Any]:
    """A plan's record as a file holds it: with the shape's version, and the configuration it was made under."""
    return {"format": FORMAT, "fingerprint": fingerprint, **record}


def changes_of(record: Mapping[str, Any]) -> tuple[Change, ...]:
    """The changes of a saved plan.

    Raises:
        ValueError: it is not a saved plan, or its digest does not match its changes; the sentence says which.
    """
    if record.get("format") != FORMAT:
        raise ValueError(f"it is not a plan of format {FORMAT}, as `trackersync plan --out FILE` writes it")
    if not record.get("fingerprint"):
        raise ValueError("it does not say under which configuration it was made")
    try:
        changes = tuple(_change(one) for one in record["changes"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a change in it lacks {error}") from error
    if Plan(changes).digest != record.get("digest"):
        raise ValueError("its changes were edited: they do not match its digest")
    return changes


def _change_record(change: Change, task: Task | None, terms: Terms) -> dict[str, Any]:
    return {
        "tracker": change.ref.tracker,
        "key": change.key,
        "id": change.ref.id,
        "task": task.id if task else "",
        "field": change.field,
        "fact": change.fact,
        "before": list(change.before[change.fact]),
        "after": list(change.after[change.fact]),
        "with": {
            fact: {"before": list(values)} | ({"after": list(change.after[fact])} if fact in change.after else {})
            for fact, values in change.before.items()
            if fact != change.fact
        },
        "ours": {fact: list(values) for fact, values in change.ours.items()},
        "because": change.because,
        "adoption": change.adoption,
        "path": list(change.path),
        "toward": change.toward,
        "says": {item.key: said(item, change.field, terms) for item in task.items} if task else {},
    }


def _change(record: Mapping[str, Any]) -> Change:
    fact, along = record["fact"], record["with"]
    before = {fact: tuple(record["before"]), **{name: tuple(both["before"]) for name, both in along.items()}}
    # What has no "after" is only expected: it follows what is written, and is overwritten with it.
    written = {name: tuple(both["after"]) for name, both in along.items() if "after" in both}
    after: Facts = {fact: tuple(record["after"]), **written}
    return Change(
        ref=ItemRef(record["tracker"], record["id"]),
        key=record["key"],
        field=next((field for field in (OWNERS, LINKS) if record["field"] == field), STAGE),
        fact=fact,
        before=before,
        after=after,
        because=record["because"],
        ours={name: tuple(values) for name, values in record["ours"].items()},
        adoption=bool(record["adoption"]),
        # A plan saved before paths were planned has none.
        path=tuple(record.get("path", ())),
        toward=record.get("toward", ""),
    )

"""A preview for machines: what its screen says, under the same words."""

from __future__ import annotations

from typing import Any

from trackersync.core.checked import noted
from trackersync.core.preview import Preview, Side
from trackersync.core.record import findings_record, noted_record, plan_record
from trackersync.report.text.opening import open_tasks, tally
from trackersync.report.text.preview import Told
from trackersync.report.times import utc

FORMAT = 1
"""The version of this shape. It rises when a key changes its meaning or goes away, not when one is added."""


def preview_record(preview: Preview, told: Told) -> dict[str, Any]:
    """What ``preview --format json`` prints.

    Args:
        preview: both sides, and what differs.
        told: which configurations, how they differ, and what was never read.
    """
    coming = {id(change) for change in preview.coming}
    going = {id(change) for change in preview.going}
    before, after = _side(preview.before), _side(preview.after)
    for record, changes, only in (
        (before, preview.before.plan.changes, going),
        (after, preview.after.plan.changes, coming),
    ):
        for change, one in zip(changes, record["plan"]["changes"], strict=True):
            one["only_here"] = id(change) in only
    return {
        "format": FORMAT,
        "old": told.old,
        "new": told.new,
        "read": {name: utc(look.since) for name, look in preview.before.world.looks.items()},
        "never_read": {name: list(names) for name, names in told.unread.items()},
        "not_complete": list(told.partly),
        "changed": [{"part": part, "words": words} for part, words in told.changed],
        "decides_otherwise": told.decides,
        "alike": preview.alike,
        "stages": [{"keys": list(one.keys), "before": one.before, "after": one.after} for one in preview.recounted],
        "looked_at_no_more": preview.left,
        "new_findings": findings_record(preview.new),
        "gone_findings": noted_record(preview.gone),
        "other_severity": [
            {**noted_record([noted(one.finding, one.finding.touched)])[0], "before": one.before.value}
            for one in preview.regraded
        ],
        "changes": {"coming": len(preview.coming), "going": len(preview.going), "staying": len(preview.staying)},
        "before": before,
        "after": after,
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "tasks": len(side.world.tasks),
        "open_tasks": open_tasks(side.world),
        "places": dict(tally(side.world.findings)),
        "findings": len(side.world.findings),
        "plan": plan_record(side.plan, side.world.tasks, side.terms),
        "held": [{"name": hold.name, "kind": hold.kind, "sentence": hold.sentence} for hold in side.holds],
        "not_told": [{"tracker": left.ref.tracker, "key": left.key, "because": left.because} for left in side.untold],
        "may_settle": side.unsettled,
    }

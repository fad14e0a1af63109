"""A task's story for machines, and the commands that are next, for people and machines alike."""

from __future__ import annotations

from typing import Any

from trackersync.core.story import Standing, Story
from trackersync.report.times import utc


def next_steps(story: Story) -> list[tuple[str, str]]:
    """The commands that help this task on, each with what it does."""
    key = next(iter(story.keys.values()))
    disputed = [field for field in story.fields if field.state == "conflict"]
    steps = [
        (
            f"trackersync resolve {key} --take {tracker}{f' --field {field.field}' if len(disputed) > 1 else ''}",
            _taking(field, tracker, story),
        )
        for field in disputed
        for tracker in field.says
    ]
    steps += [(f"trackersync resume {name}", "what rests is tried again") for name in story.resume]
    if any(field.state in ("waits", "in doubt") for field in story.fields):
        steps.append(("trackersync sync", "reads back what is in doubt, and writes what waits"))
    if story.undo is not None:
        steps.append((f"trackersync undo {story.undo}", "takes back what nobody has touched since"))
    return steps


def _taking(field: Standing, tracker: str, story: Story) -> str:
    """What would be written were a tracker's word taken: ``shop#17: grace-h → alan-t``."""
    goal = field.means[tracker]
    others = [
        f"{story.keys[other]}: {said} → {goal}"
        for other, said in field.means.items()
        if other != tracker and said != goal and other in story.keys
    ]
    return "; ".join(others)


def story_record(story: Story) -> dict[str, Any]:
    """What ``explain --format json`` prints."""
    return {
        "task": story.task,
        "keys": dict(story.keys),
        "title": story.title,
        "observed": {tracker: utc(at) for tracker, at in story.seen.items()},
        "fields": {
            field.field: {
                "says": dict(field.says),
                "base": field.base or None,
                "state": field.state,
                "why": field.why,
                "since": utc(field.since),
            }
            for field in story.fields
        },
        "stage": {
            "key": story.ages.stage,
            "since": utc(story.ages.since),
            "since_known": story.ages.known,
            "expected_days": story.ages.expected,
            "finished": story.ages.finished,
        },
        "time_in_stage": {
            tracker: [{"stage": stay.stage, "since": utc(stay.since), "until": utc(stay.until)} for stay in stays]
            for tracker, stays in story.in_stages.items()
        },
        "created": utc(story.ages.created),
        "handoffs": story.ages.handoffs,
        "owned_since": utc(story.ages.owned),
        "findings": [
            {"rule": finding.rule, "severity": finding.severity.value, "message": finding.message}
            for finding in story.findings
        ],
        "story": [
            {
                "at": utc(line.at),
                "exactly": not line.seen,
                "kind": line.kind,
                "sentence": line.sentence,
                "by": line.by or None,
                "because": list(line.because),
                "run": line.run,
                "requests": list(line.requests),
            }
            for line in story.lines
        ],
        "next": [{"command": command, "does": does} for command, does in next_steps(story)],
    }

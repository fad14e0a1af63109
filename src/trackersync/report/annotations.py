"""A check as commands of GitHub's runner, which show each finding beside the run and on the pull request.

GitHub shows ten of each kind that a step prints and drops the rest, so the ten that matter are printed: what is new
first, then worst first. Nothing from a tracker can end a line or a property, so nothing in it commands the runner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal

from trackersync.core.checked import Checked
from trackersync.core.model import Outcome as Became
from trackersync.core.model import Severity
from trackersync.core.outcome import Outcome
from trackersync.core.plan import Plan
from trackersync.report.names import count, cut
from trackersync.report.safe import about, command_property, command_text
from trackersync.report.text.opening import shown

MOST = 10
"""Annotations of one kind that GitHub shows of a step."""

_COMMANDS: Final[Mapping[Severity, Literal["error", "warning", "notice"]]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}


def check_annotations(outcome: Outcome, checked: Checked, file: str = "", besides: int = 0) -> list[str]:
    """One line for each finding that is shown, and a last one that says what is not; what a baseline knows is left out.

    Args:
        outcome: of a check: what could not be read is told first.
        checked: what it tells.
        file: the configuration's file, from the root of the repository: what the findings are pinned to, since a task
            has no place in it. Empty: they are pinned to nothing.
        besides: how many warnings the same step prints besides.
    """
    fresh = checked.new if checked.since is not None else frozenset()
    findings = shown(checked.failing)
    ranked = sorted(findings, key=lambda finding: (_RANK[finding.severity], finding not in fresh))
    lines = failure_annotations(outcome)
    # GitHub counts by kind, whatever an error or a warning tells of.
    room = {Severity.ERROR: MOST - len(lines), Severity.WARNING: MOST - besides, Severity.NOTE: MOST}
    left: Counter[Severity] = Counter()
    for finding in ranked:
        if room[finding.severity] <= 0:
            left[finding.severity] += 1
            continue
        room[finding.severity] -= 1
        title = f"{finding.rule}: {about(finding)}" + (" (new)" if finding in fresh else "")
        place = f"file={command_property(file)},line=1" if file else ""
        lines.append(annotation(_COMMANDS[finding.severity], title, f"{finding.message}. Next: {finding.fix}", place))
    if left:
        kinds = ", ".join(count(left[severity], severity.value) for severity in Severity if left[severity])
        lines.append(f"{kinds} more: trackersync check --all")
    return lines


def run_annotations(outcome: Outcome) -> list[str]:
    """What people must know of a run that planned or wrote: what was not read, what holds it, what was not written."""
    lines = failure_annotations(outcome)
    plan = outcome.plan or Plan(())
    if outcome.run is None and outcome.holds:
        held = "; ".join(f"{hold.name}: {hold.sentence}" for hold in outcome.holds)
        lines.append(annotation("warning", "held by the guard", held))
    bad = [
        (change, receipt)
        for change, receipt in zip(plan.changes, outcome.receipts, strict=False)
        if receipt is not None and receipt.outcome not in (Became.APPLIED, Became.ALREADY_SO)
    ]
    for change, receipt in bad[: MOST - len(failure_annotations(outcome))]:
        title = f"{change.key} {change.field}: {receipt.outcome.value}"
        lines.append(annotation("error", title, receipt.message or change.because))
    return lines


def failure_annotations(outcome: Outcome) -> list[str]:
    """What could not be read, an error for each tracker."""
    failed = [(look.tracker, look.failure) for look in outcome.world.looks.values() if look.failure is not None]
    return [annotation("error", f"{tracker} not read", str(failure)) for tracker, failure in failed[:MOST]]


def annotation(kind: Literal["error", "warning", "notice"], title: str, text: str, at: str = "") -> str:
    """One annotation, whatever its texts are.

    Args:
        kind: how loud.
        title: a few words.
        text: a sentence.
        at: properties that pin it to a place, written already: ``file=a.yaml,line=3``.
    """
    pinned = f"{at}," if at else ""
    return f"::{kind} {pinned}title={command_property(cut(title, 200))}::{command_text(cut(text, 1000))}"


_RANK: Final = {severity: place for place, severity in enumerate(Severity)}

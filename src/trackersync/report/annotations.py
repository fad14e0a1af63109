"""A check as commands of GitHub's runner, which show each finding beside the run and on the pull request.

GitHub shows ten of each kind that a step prints and drops the rest, so the ten that matter are printed: what is new
first, then worst first. Nothing from a tracker can end a line or a property, so nothing in it commands the runner.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from trackersync.core.checked import Checked
from trackersync.core.model import Severity
from trackersync.core.outcome import Outcome
from trackersync.report.names import count, cut
from trackersync.report.safe import about, command_property, command_text
from trackersync.report.text.opening import shown

MOST = 10
"""Annotations of one kind that GitHub shows of a step."""

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def check_annotations(outcome: Outcome, checked: Checked, file: str = "") -> list[str]:
    """One line for each finding that is shown, and a last one that says what is not; what a baseline knows is left out.

    Args:
        outcome: of a check: what could not be read is told first.
        checked: what it tells.
        file: the configuration's file, from the root of the repository: what the findings are pinned to, since a task
            has no place in it. Empty: they are pinned to nothing.
    """
    fresh = checked.new if checked.since is not None else frozenset()
    findings = shown(checked.failing)
    ranked = sorted(findings, key=lambda finding: (_RANK[finding.severity], finding not in fresh))
    told: Counter[Severity] = Counter()
    lines = [
        f"::error title={command_property(f'{look.tracker} not read')}::{command_text(cut(str(look.failure), 1000))}"
        for look in outcome.world.looks.values()
        if look.failure is not None
    ]
    for finding in ranked:
        if told[finding.severity] == MOST:
            continue
        told[finding.severity] += 1
        title = f"{finding.rule}: {about(finding)}" + (" (new)" if finding in fresh else "")
        place = f"file={command_property(file)},line=1," if file else ""
        message = command_text(cut(f"{finding.message}. Next: {finding.fix}", 1000))
        lines.append(f"::{_COMMANDS[finding.severity]} {place}title={command_property(cut(title, 200))}::{message}")
    left = Counter(finding.severity for finding in ranked) - told
    if left:
        kinds = ", ".join(count(left[severity], severity.value) for severity in Severity if left[severity])
        lines.append(f"{kinds} more: trackersync check --all")
    return lines


_RANK: Final = {severity: place for place, severity in enumerate(Severity)}

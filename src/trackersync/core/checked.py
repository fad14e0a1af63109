"""What a check tells: the findings that were asked for, which of them are new, which are known, and what went away.

A finding is known again by its rule and by any id of its task's items (or by what it is about): keys change with a
rename, a task gains and loses items, and a sentence changes with every day that passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from trackersync.core.diagnose import Finding, Silence, Silenced
from trackersync.core.model import Severity


@dataclass(frozen=True, slots=True)
class Noted:
    """A finding as it is remembered: enough to know it again, and to say what it was.

    Attributes:
        rule: its rule's name.
        items: its items as ``tracker/id``, the one at fault first; sorted after it.
        keys: their keys, in the same order.
        subject: what it is about where that is no task.
        severity: how severe it was.
        message: what it said.
        since: when it was seen first.
    """

    rule: str
    items: tuple[str, ...]
    keys: tuple[str, ...]
    subject: str
    severity: Severity
    message: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Before:
    """What the last check found, and when it was."""

    at: datetime
    findings: tuple[Noted, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """How findings compare with those of a file.

    Attributes:
        file: its name as people gave it.
        known: the findings that stand in it: they fail nothing.
        gone: what stands in it and is not found any more.
    """

    file: str
    known: frozenset[Finding]
    gone: tuple[Noted, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check tells.

    Attributes:
        findings: those that were asked for, as they are sorted: by place, worst first.
        new: of these, what the last check did not find; none where there was none before.
        gone: what the last check found and this one does not, of what was asked for.
        since: when the last check was; None where there was none.
        seen: by finding, when it was found first.
        baseline: how they compare with a baseline, where one was given.
        silenced: what the team wants to hear nothing of.
        expired: silences whose day is past.
        left_out: how many findings there are besides, which were not asked for.
        asked: what was asked for, in words, where that is not all: ``--select ownership``.
    """

    findings: tuple[Finding, ...]
    new: frozenset[Finding] = frozenset()
    gone: tuple[Noted, ...] = ()
    since: datetime | None = None
    seen: dict[Finding, datetime] = field(default_factory=dict)
    baseline: Baseline | None = None
    silenced: tuple[Silenced, ...] = ()
    expired: tuple[Silence, ...] = ()
    left_out: int = 0
    asked: tuple[str, ...] = ()

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings that may fail a check: with a baseline, those that it does not know."""
        if self.baseline is None:
            return self.findings
        return tuple(finding for finding in self.findings if finding not in self.baseline.known)


def noted(finding: Finding, since: datetime) -> Noted:
    """A finding as it is remembered."""
    return Noted(
        finding.rule,
        tuple(f"{seen.tracker}/{seen.id}" for seen in finding.own),
        tuple(seen.key for seen in finding.own),
        finding.subject,
        finding.severity,
        finding.message,
        since,
    )


def known_again(findings: Iterable[Finding], before: Iterable[Noted]) -> tuple[dict[Finding, Noted], tuple[Noted, ...]]:
    """Which findings were there before, and what was there and is not any more.

    Each remembered finding stands for one: of two faults of a rule on one task, one may be new.

    Args:
        findings: those there are.
        before: those that were.
    """
    there = dict.fromkeys(findings)
    left = dict(enumerate(before))
    places: dict[tuple[str, str], list[int]] = {}
    for number, one in left.items():
        for place in (one.subject,) if one.subject else one.items:
            places.setdefault((one.rule, place), []).append(number)
    met: dict[Finding, Noted] = {}
    # Those at the same item first, then whatever shares an item.
    for first in (True, False):
        for finding in there:
            if finding not in met:
                found = next(_matching(finding, left, places, first=first), None)
                if found is not None:
                    met[finding] = left.pop(found)
    return met, tuple(left.values())


def _matching(
    finding: Finding, left: dict[int, Noted], places: dict[tuple[str, str], list[int]], *, first: bool
) -> Iterator[int]:
    names = [finding.subject] if finding.subject else [f"{seen.tracker}/{seen.id}" for seen in finding.own]
    for name in names[:1] if first else names:
        for number in places.get((finding.rule, name), ()):
            if number in left and (not first or (left[number].subject or left[number].items[:1] == (name,))):
                yield number

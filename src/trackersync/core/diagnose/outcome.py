"""Rules about what must be there when work is left or finished: the outcome of a stage, and the reason of an end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from trackersync.core.diagnose.case import Case, Witness
from trackersync.core.diagnose.journey import never_in
from trackersync.core.diagnose.rule import AnyRule, Fault, Rule, setting
from trackersync.core.expect import fold
from trackersync.core.mapping import StageRule, applying
from trackersync.core.model import Severity
from trackersync.core.words import listed

_EVER = timedelta(days=1_000_000)


@dataclass(frozen=True, slots=True)
class Lately:
    """Settings of rules that look at finished work for a while."""

    within: timedelta = setting(
        timedelta(days=30), "Finished work is looked at if it changed within so long; 0 d: however long ago."
    )


def _lately(changed: datetime, case: Case, within: timedelta) -> bool:
    return not timedelta(0) < within < _EVER or not case.watch.passed(changed + within)


def _stage_without_outcome(case: Case, settings: Lately) -> Iterator[Fault]:
    """Silent where history tells that the task never was in the stage, and where a fact was not asked for."""
    if not case.terms.outcomes or case.stage is None or case.stage.category == "cancelled":
        return
    if not any(witness.tracker in case.terms.outcomes for witness in case.witnesses):
        return
    process = case.terms.process
    missing: dict[str, list[str]] = {}
    at: Witness | None = None
    for stage in process.stages[: process.order[case.stage.key]]:
        asked = [(witness, entries) for witness in case.witnesses if (entries := _entries(case, witness, stage.key))]
        if not asked or stage.finished or any(_may_show(w, entry) for w, entries in asked for entry in entries):
            continue
        if never_in(case, stage.key):
            continue
        missing[stage.key] = list(dict.fromkeys(_said(entry) for _, entries in asked for entry in entries))
        at = at or asked[0][0]
    if not missing or (case.finished and not _lately(case.touched, case, settings.within)):
        return
    words = listed([f"{stage} ({' or '.join(entries)})" for stage, entries in missing.items()], "or")
    yield Fault(
        f"{case.keys} is {case.inside}, and nothing shows the outcome of {words}",
        at,
        table=f"{case.where}; nothing shows the outcome of {listed(missing, 'or')}",
    )


def _entries(case: Case, witness: Witness, stage: str) -> tuple[StageRule, ...]:
    """What would show a stage's outcome on an item such as this one; an entry may speak of some projects or types."""
    entries = case.terms.outcomes.get(witness.tracker, {}).get(stage, ())
    if not entries:
        return ()
    matchers = case.terms.maps[witness.tracker].vocabulary.matchers
    return applying(entries, {one.fact: witness.shows(one.fact) for one in matchers if one.condition})


def _may_show(witness: Witness, entry: StageRule) -> bool:
    """Whether an item shows an entry, or may: of what the tracker was not asked for nothing is known."""
    facts = witness.item.facts
    return all(fact not in facts or fold(values) & fold(facts[fact]) for fact, values in entry.when.items())


def _said(entry: StageRule) -> str:
    return ", ".join(f"{fact} {' or '.join(values)}" for fact, values in entry.when.items())


def _closed_without_reason(case: Case, settings: Lately) -> Iterator[Fault]:
    for witness in case.witnesses:
        facts = witness.item.facts
        vocabulary = case.terms.maps[witness.tracker].vocabulary
        for fact, led in vocabulary.follows.items():
            if fact not in facts or facts[fact] or not _ended(case, witness):
                continue
            if _lately(witness.item.updated, case, settings.within):
                state = " or ".join(facts.get(led, ()))
                yield Fault(f"{witness.item.key} is {state} and has no {fact}", witness, table=f"{state}, no {fact}")


def _ended(case: Case, witness: Witness) -> bool:
    """Whether an item itself is finished, by its tracker or by the stage that it says."""
    vocabulary = case.terms.maps[witness.tracker].vocabulary
    marks = vocabulary.finished or vocabulary.ended or {}
    facts = witness.item.facts
    if any(fold(values) & fold(facts.get(fact, ())) for fact, values in marks.items()):
        return True
    return vocabulary.finished is None and case.terms.process.finished(witness.reading.stages)


STAGE_WITHOUT_OUTCOME = Rule(
    name="stage-without-outcome",
    family="stages",
    summary="A task beyond a stage whose outcome nothing shows.",
    why="A stage is there for what it leaves behind. Without that the next one builds on something that may not exist.",
    fix="show the outcome, or take the task back to the stage",
    judge=_stage_without_outcome,
    settings=Lately,
    about="every",
    needs="outcomes",
    example="trackers:\n  github:\n    outcomes: {build: {pulls: merged}, verify: {labels: qa-passed}}",
)
CLOSED_WITHOUT_REASON = Rule(
    name="closed-without-reason",
    family="stages",
    summary="A finished item that does not say how it ended, though its tracker keeps that.",
    why="Whether it was done or dropped nobody can tell later, and reports count the one as the other.",
    fix="close it again with the reason, or fill in the resolution",
    judge=_closed_without_reason,
    settings=Lately,
    severity=Severity.NOTE,
    about="finished",
    example="rules:\n  closed-without-reason: {within: 0 d}",
)
RULES: tuple[AnyRule, ...] = (STAGE_WITHOUT_OUTCOME, CLOSED_WITHOUT_REASON)

"""Rules about how a task goes from stage to stage: what it leaves out, what it leaves behind, and who takes it over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trackersync.core.diagnose.case import Case, Witness
from trackersync.core.diagnose.journey import crossing, has_word, readings, told
from trackersync.core.diagnose.neighbours import BLOCKERS
from trackersync.core.diagnose.relations import is_feedback
from trackersync.core.diagnose.rule import AnyRule, Fault, NoSettings, Rule, setting
from trackersync.core.model import Severity
from trackersync.core.reading import Reading
from trackersync.core.words import listed

_NAMED = 3


@dataclass(frozen=True, slots=True)
class StageSkipped:
    """Settings of ``stage-skipped``."""

    required: tuple[str, ...] = setting(
        (), "Stages that may not be skipped; empty: every started stage that the tracker has a word of its own for."
    )


def _stage_skipped(case: Case, settings: StageSkipped) -> Iterator[Fault]:
    """The last step alone, where it went forward. What came before was told then, and a task sent back is on its way.

    A stage is not skipped that any item was ever in, as far as words that cover several stages tell; nor, for all that
    is known, one that an item without a history has a word for. An item that said nothing of its stage before is not
    heard: an assumed stage claims nothing, and nothing is known of its course.
    """
    if not case.known.pasts or case.stage is None or case.stage.category == "cancelled":
        return
    for witness in case.witnesses:
        found = told(case, witness)
        if found is None or not found.whole or not found.steps:
            continue
        said = [one for one in readings(case, witness, found) if one.stages and one.kind != "clash"]
        if len(said) < 2 or said[-2].kind == "assumed":
            continue
        skipped = [stage for stage in _between(case, witness, said, settings) if not _elsewhere(case, witness, stage)]
        if skipped:
            yield Fault(
                f"{witness.item.key} went from {said[-2].stages[0]} to {said[-1].stages[0]} "
                f"and was never in {listed(skipped, 'or')}",
                witness,
                table=f"from {said[-2].stages[0]} to {said[-1].stages[0]}, never in {listed(skipped, 'or')}",
            )
            return


def _between(case: Case, witness: Witness, said: list[Reading], settings: StageSkipped) -> list[str]:
    """The stages that an item's last step went past and that it was never in."""
    order = case.terms.process.order
    first, last = order[said[-2].stages[-1]], order[said[-1].stages[0]]
    been = {stage for one in said for stage in one.stages}
    return [
        stage.key
        for stage in case.terms.process.stages[first + 1 : last]
        if stage.key not in been
        and (
            stage.key in settings.required
            if settings.required
            else stage.category == "started" and has_word(witness, stage.key, case)
        )
    ]


def _elsewhere(case: Case, witness: Witness, stage: str) -> bool:
    """Whether another item of the task was, or may have been, in a stage."""
    for other in case.witnesses:
        if other is witness:
            continue
        found = told(case, other)
        if found is None or not found.whole:
            if has_word(other, stage, case):
                return True
        elif any(stage in reading.stages for reading in readings(case, other, found)):
            return True
    return False


def _deployment_before_development(case: Case, _: NoSettings) -> Iterator[Fault]:
    phase = case.phase()
    if not phase or is_feedback(case):
        return
    children, blockers = _earlier(case.children, phase), _earlier(case.blockers, phase)
    waits = [_open("sub-task", children), _open("blocker", blockers)]
    blocked = None if blockers else _blocked_by_unseen(case)
    if blocked is not None:
        named = blocked.shows(BLOCKERS)
        waits.append(f"blocker {named[0]} is still open" if len(named) == 1 else "a blocker is still open")
    words = "; ".join(one for one in waits if one)
    if words:
        yield Fault(
            f"{case.keys} is {case.inside}; {words}",
            blocked if blocked is not None and not children else None,
            beside=tuple(witness for other in (*children, *blockers) for witness in other.witnesses),
            table=f"{case.where}; {words}",
            # Where it stands is not known of what nobody has seen.
            severity=None if children or blockers else Severity.WARNING,
        )


def _earlier(others: Iterable[Case], phase: int) -> list[Case]:
    """The open tasks among some that are in an earlier phase."""
    return [other for other in others if not other.finished and (place := other.phase()) is not None and place < phase]


def _open(noun: str, others: list[Case]) -> str:
    if not others:
        return ""
    if len(others) == 1:
        return f"{noun} {_key(others[0])} is still {others[0].inside}"
    named = [f"{_key(other)} ({other.where})" for other in others[:_NAMED]]
    more = [f"{len(others) - _NAMED} more"] if len(others) > _NAMED else []
    return f"{noun}s {listed((*named, *more))} are still open"


def _key(case: Case) -> str:
    return case.witnesses[0].item.key


def _blocked_by_unseen(case: Case) -> Witness | None:
    """The item that shows that something open blocks it, where no task at hand can be meant."""
    witness = next((witness for witness in case.witnesses if "open" in witness.shows("blocked")), None)
    if witness is None or any(not blocker.finished for blocker in case.blockers):
        return None
    return witness


def _handover_missing(case: Case, _: NoSettings) -> Iterator[Fault]:
    """Of people whose roles are known alone: whoever has none configured may well be the one who takes it over."""
    if not case.known.pasts or not case.phase():
        return
    process, people = case.terms.process, case.terms.people
    crossed = crossing(case)
    if crossed is None:
        return
    phase = process.phases[crossed.phase]
    wanted = {role.casefold() for stage in process.stages if stage.phase == phase.key for role in stage.roles}
    if not wanted or wanted.isdisjoint(people.held):
        return
    for name in crossed.owners:
        roles = {role.casefold() for role in people.roles(name)}
        if not roles or roles & wanted:
            return
    who = "nobody owns it"
    if crossed.owners:
        who = f"{listed(crossed.owners)} {'hold' if len(crossed.owners) > 1 else 'holds'} none of its roles"
    words = f"{phase.name} {case.watch.days(crossed.at)} d ago; {who}"
    yield Fault(f"{case.keys} came into {words}", crossed.witness, table=f"{case.where}; came into {words}")


STAGE_SKIPPED = Rule(
    name="stage-skipped",
    family="stages",
    summary="A task that went forward past a stage that it was never in.",
    why="What a stage is there for was not done, or was done and is not to be seen: both are found out later.",
    fix="make up for what was left out, or leave the stage out of the process",
    judge=_stage_skipped,
    settings=StageSkipped,
    severity=Severity.NOTE,
    about="every",
    example="rules:\n  stage-skipped: {severity: warning, required: [verify]}",
)
DEPLOYMENT_BEFORE_DEVELOPMENT = Rule(
    name="deployment-before-development",
    family="stages",
    summary="A task in a later phase while a part of it, or what it waits for, is still in an earlier one.",
    why="What is not built yet cannot be brought to users: the launch is promised too early, or the part is done.",
    fix="finish the earlier work first, or take this back to it",
    judge=_deployment_before_development,
    severity=Severity.ERROR,
    needs="evidence: [relations]",
)
HANDOVER_MISSING = Rule(
    name="handover-missing",
    family="stages",
    summary="A task that came into a later phase and has had no owner since who holds one of that phase's roles.",
    why="Work is thrown over the wall where nobody on the other side has accepted it, and stays lying there.",
    fix="hand it over to someone of the later phase, who accepts its specification",
    judge=_handover_missing,
)
RULES: tuple[AnyRule, ...] = (STAGE_SKIPPED, DEPLOYMENT_BEFORE_DEVELOPMENT, HANDOVER_MISSING)

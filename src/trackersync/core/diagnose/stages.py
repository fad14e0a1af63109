"""Rules about where a task is."""

from __future__ import annotations

from collections.abc import Iterator

from trackersync.core.diagnose.case import Case
from trackersync.core.diagnose.rule import AnyRule, Fault, NoSettings, Rule
from trackersync.core.rest import marked


def _unknown_status(case: Case, _: NoSettings) -> Iterator[Fault]:
    for witness in case.witnesses:
        if witness.reading.kind == "unknown" and marked(witness.item, case.terms) is None:
            yield Fault(
                f'{witness.item.key} is in "{witness.reading.says}", which belongs to no stage',
                witness,
                fix=f"add it to a stage under trackers.{witness.tracker}.stages, or to its hands_off",
            )


def _clashing_stage_labels(case: Case, _: NoSettings) -> Iterator[Fault]:
    for witness in case.witnesses:
        if witness.reading.kind == "clash":
            names = " and ".join(f'"{value}"' for value, _ in witness.reading.parts)
            yield Fault(f"{witness.item.key} carries {names}, which name different stages", witness)


def _stages_disagree(case: Case, _: NoSettings) -> Iterator[Fault]:
    if len(case.witnesses) < 2:
        return
    stated = [witness for witness in case.witnesses if witness.reading.kind == "stated"]
    if len(stated) < 2 or set.intersection(*(set(witness.reading.stages) for witness in stated)):
        return
    order = case.terms.process.order
    behind = min(stated, key=lambda witness: order[witness.reading.stages[0]])
    yield Fault(", ".join(f"{w.tracker} says {w.reading.first} ({w.reading.says})" for w in stated), behind)


STAGES_DISAGREE = Rule(
    name="stages-disagree",
    family="stages",
    summary="Trackers that put the same work in different stages.",
    why="Whoever looks at one of them alone plans with work that is done already, or trusts in work that is not.",
    fix="sync brings the other side along, or shows a conflict where both moved",
    judge=_stages_disagree,
    about="every",
    place="stage drift",
)
CLASHING_STAGE_LABELS = Rule(
    name="clashing-stage-labels",
    family="stages",
    summary="Values of one item that name different stages.",
    why="Nobody can tell where the work is, and nothing is written of it until somebody says.",
    fix="take off the one that no longer holds",
    judge=_clashing_stage_labels,
    about="every",
    place="stage drift",
)
UNKNOWN_STATUS = Rule(
    name="unknown-status",
    family="stages",
    summary="A native state that the mapping gives to no stage.",
    why="The task is in no stage, so it is not kept in step and no rule about stages sees it.",
    fix="add it to a stage, or to hands_off",
    judge=_unknown_status,
    about="every",
    place="stage drift",
)
RULES: tuple[AnyRule, ...] = (STAGES_DISAGREE, CLASHING_STAGE_LABELS, UNKNOWN_STATUS)

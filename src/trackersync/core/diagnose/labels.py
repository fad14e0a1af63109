"""Rules about words for a stage that outlive it, that are gone before it, or that an item's own state contradicts."""

from __future__ import annotations

from collections.abc import Iterator

from trackersync.core.diagnose.case import Case, Witness
from trackersync.core.diagnose.rule import AnyRule, Fault, NoSettings, Rule
from trackersync.core.expect import fold
from trackersync.core.model import Facts
from trackersync.core.words import listed

_REOPENED = "reopened"
"""The reason of an item that is open again: it says how it came to be so, and not how it ended."""


def _stale_stage_label(case: Case, _: NoSettings) -> Iterator[Fault]:
    for witness in case.witnesses:
        stages = case.terms.maps[witness.tracker]
        if not stages.ours or not _ends(case, witness):
            continue
        stale = {
            fact: values
            for fact in stages.ours
            if (values := tuple(one for one in stages.mine(witness.item.facts, fact) if _of_open(case, witness, one)))
        }
        if stale:
            words = f"{_ending(case, witness)}, still {' and '.join(_bears(*one) for one in stale.items())}"
            yield Fault(f"{witness.item.key} is {words}", witness, table=words)


def _ends(case: Case, witness: Witness) -> bool:
    """Whether an item is finished: closed where its tracker has such a state, else by its status."""
    vocabulary, process = case.terms.maps[witness.tracker].vocabulary, case.terms.process
    if vocabulary.finished is not None:
        return _closed(case, witness)
    return process.finished(witness.reading.stages)


def _closed(case: Case, witness: Witness) -> bool:
    marks = case.terms.maps[witness.tracker].vocabulary.finished or {}
    facts = witness.item.facts
    return all(facts.get(fact) == values or fold(values) & fold(facts.get(fact, ())) for fact, values in marks.items())


def _of_open(case: Case, witness: Witness, value: str) -> bool:
    """Whether one of our values belongs to open stages alone."""
    wanted = value.casefold()
    named = {
        rule.stage
        for rule in case.terms.maps[witness.tracker].at(witness.item.facts).rules
        for values in (*rule.when.values(), *rule.sets.values())
        if wanted in fold(values)
    }
    return bool(named) and not any(case.terms.process.stage(stage).finished for stage in named)


def _ending(case: Case, witness: Witness) -> str:
    """How an item ended: ``closed as completed``, ``Done``."""
    vocabulary = case.terms.maps[witness.tracker].vocabulary
    marks = vocabulary.finished or {vocabulary.routed or "": ()}
    state = " or ".join(value for fact in marks for value in witness.shows(fact)) or witness.reading.says
    reasons = [value for fact, led in vocabulary.follows.items() if led in marks for value in witness.shows(fact)]
    return f"{state} as {' or '.join(reasons).replace('_', ' ')}" if reasons else state


def _bears(fact: str, values: tuple[str, ...]) -> str:
    return f"labelled {listed(values)}" if fact == "labels" else f"in {fact} {listed(values)}"


def _stage_label_vanished(case: Case, _: NoSettings) -> Iterator[Fault]:
    """Of an item that said an open stage when it was last in step, in every state that it may have shown then.

    What only evidence said has not been taken off by anybody; and an item that was finished was reopened.
    """
    if not case.known.bases:
        return
    for witness in case.witnesses:
        bases = case.known.bases.get(witness.item.ref)
        if not bases or witness.reading.kind != "assumed":
            continue
        stages = case.terms.maps[witness.tracker]
        evidence = {one.fact for one in stages.vocabulary.matchers if one.evidence}
        natives: list[Facts] = [
            {**witness.item.facts, **{fact: values for fact, values in native.items() if fact not in evidence}}
            for native in bases
        ]
        past = [stages.read(native) for native in natives]
        if all(
            was.kind in ("stated", "clash") and not any(case.terms.process.stage(one).finished for one in was.stages)
            for was in past
        ):
            words = f"said {past[-1].named} ({past[-1].says}) and says nothing of its stage any more"
            yield Fault(f"{witness.item.key} {words}", witness, table=words)


def _done_but_open(case: Case, _: NoSettings) -> Iterator[Fault]:
    process = case.terms.process
    for witness in case.witnesses:
        reading, vocabulary = witness.reading, case.terms.maps[witness.tracker].vocabulary
        if reading.kind != "stated":
            continue
        if process.finished(reading.stages):
            if vocabulary.finished is not None and not _closed(case, witness):
                words = f"{_labelled(case, witness)}, still open"
                yield Fault(
                    f"{witness.item.key} is {words}", witness, table=words, fix="close it, or say where it really is"
                )
            continue
        for fact, led in vocabulary.follows.items():
            values = [one for one in witness.shows(fact) if one.casefold() != _REOPENED]
            if values and not _maps(case, witness, fact, values):
                state = " or ".join(witness.shows(led)) or reading.says
                words = f"{fact} {listed(values)}, still {state}"
                yield Fault(
                    f"{witness.item.key} has the {words}",
                    witness,
                    table=words,
                    fix=f"clear the {fact}, or move it to where it really is",
                )


def _labelled(case: Case, witness: Witness) -> str:
    own = case.terms.maps[witness.tracker].mine(witness.item.facts, "labels")
    return f"labelled {listed(own)}" if own and " + ".join(own) == witness.reading.says else witness.reading.says


def _maps(case: Case, witness: Witness, fact: str, values: list[str]) -> bool:
    """Whether the team itself means an open stage by a value that else tells how something ended."""
    wanted = fold(values)
    return any(
        not case.terms.process.stage(rule.stage).finished
        and wanted & fold((*rule.when.get(fact, ()), *rule.sets.get(fact, ())))
        for rule in case.terms.maps[witness.tracker].at(witness.item.facts).rules
    )


STALE_STAGE_LABEL = Rule(
    name="stale-stage-label",
    family="stages",
    summary="A finished item that still bears the label of an open stage.",
    why="Whoever looks for work by its label finds work that is done, and lists and boards count it for ever.",
    fix="take the label off",
    judge=_stale_stage_label,
    about="finished",
    place="stage drift",
)
STAGE_LABEL_VANISHED = Rule(
    name="stage-label-vanished",
    family="stages",
    summary="An open item that said its stage when trackers last agreed, and says nothing of it now.",
    why="Its stage can only be assumed, so every screen shows it in the first one, though nobody moved it there.",
    fix="put the label back, or the one of the stage where it really is",
    judge=_stage_label_vanished,
    place="stage drift",
)
DONE_BUT_OPEN = Rule(
    name="done-but-open",
    family="stages",
    summary="An item that says it is done and is open all the same.",
    why="Half of those who look at it take it for done and the other half for work: nobody does what is left of it.",
    fix="close it, or say where it really is",
    judge=_done_but_open,
    about="every",
    place="stage drift",
)
RULES: tuple[AnyRule, ...] = (STALE_STAGE_LABEL, STAGE_LABEL_VANISHED, DONE_BUT_OPEN)

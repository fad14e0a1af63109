"""From what a rule says to a finding: with the items it is about, as a report shows them."""

from __future__ import annotations

from trackersync.core.diagnose.case import Case, Witness
from trackersync.core.diagnose.finding import Finding, Seen
from trackersync.core.diagnose.rule import AnyRule, Fault, Total
from trackersync.core.diagnose.rulebook import Standing


def on_task(rule: AnyRule, standing: Standing, case: Case, fault: Fault) -> Finding:
    """What a rule says of a task, as a finding."""
    first = fault.at or case.witnesses[0]
    own = [witness for witness in case.witnesses if witness is not first]
    beside = [witness for witness in fault.beside if witness is not first and witness not in own]
    return Finding(
        rule=rule.name,
        place=rule.place,
        severity=standing.level or fault.severity or rule.severity,
        task=case.task.id,
        subject="",
        title=first.item.title,
        stage=case.stage.key if case.stage else None,
        touched=case.touched,
        items=tuple(_seen(witness) for witness in (first, *own, *beside)),
        message=fault.message,
        table=fault.table or fault.message,
        fix=fault.fix or rule.fix,
        could_be=fault.could_be,
        beside=len(beside),
    )


def on_total(rule: AnyRule, standing: Standing, total: Total, subject: str, fault: Fault) -> Finding:
    """What a rule says of a total, as a finding; ``subject`` is what the total is called."""
    return Finding(
        rule=rule.name,
        place=rule.place,
        severity=standing.level or fault.severity or rule.severity,
        task="",
        subject=subject,
        title="",
        stage=total.stage,
        touched=max(case.touched for case in total.cases),
        items=tuple(_seen(case.witnesses[0]) for case in total.cases),
        message=fault.message,
        table=fault.table or fault.message,
        fix=fault.fix or rule.fix,
        could_be=fault.could_be,
    )


def _seen(witness: Witness) -> Seen:
    item, reading = witness.item, witness.reading
    ref = item.ref
    return Seen(ref.tracker, ref.id, item.key, item.url, item.container, reading.named, reading.says, witness.owners)

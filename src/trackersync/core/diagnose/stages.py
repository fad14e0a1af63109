"""Rules about where a task is."""

from __future__ import annotations

from collections.abc import Iterator

from trackersync.core.diagnose.finding import Case, Finding
from trackersync.core.model import Severity
from trackersync.core.rest import marked
from trackersync.core.terms import Terms


def unknown_status(case: Case, terms: Terms) -> Iterator[Finding]:
    """A native state that the mapping gives to no stage, nor to nobody but people (``hands_off``)."""
    for witness in case.witnesses:
        if witness.reading.kind == "unknown" and marked(witness.item, terms) is None:
            yield case.finding(
                "unknown-status",
                Severity.WARNING,
                f'{witness.item.key} is in "{witness.reading.says}", which belongs to no stage',
                f"add it to a stage under trackers.{witness.tracker}.stages, or to its hands_off",
                witness,
            )


def clashing_stage_labels(case: Case, _: Terms) -> Iterator[Finding]:
    """Two values on one item that claim different stages."""
    for witness in case.witnesses:
        if witness.reading.kind == "clash":
            names = " and ".join(f'"{value}"' for value, _ in witness.reading.parts)
            yield case.finding(
                "clashing-stage-labels",
                Severity.WARNING,
                f"{witness.item.key} carries {names}, which name different stages",
                "take off the one that no longer holds",
                witness,
            )


def stages_disagree(case: Case, terms: Terms) -> Iterator[Finding]:
    """Trackers that put the same work in stages with nothing in common."""
    stated = [witness for witness in case.witnesses if witness.reading.kind == "stated"]
    if len(stated) < 2 or set.intersection(*(set(witness.reading.stages) for witness in stated)):
        return
    order = terms.process.order
    behind = min(stated, key=lambda witness: order[witness.reading.stages[0]])
    said = ", ".join(f"{w.tracker} says {w.reading.first} ({w.reading.says})" for w in case.witnesses if w in stated)
    yield case.finding(
        "stages-disagree",
        Severity.WARNING,
        said,
        "sync brings the other side along, or shows a conflict where both moved",
        behind,
    )

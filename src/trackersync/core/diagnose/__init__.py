"""Diagnose: from tasks to findings. A file per family of rules; a rule is a function over one task.

The five places of a verdict, and which rule counts where, stand here too, since every report and rule uses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from trackersync.core.diagnose import ownership, stages, structure
from trackersync.core.diagnose.finding import Advice, Case, Check, Finding, Seen, case_of
from trackersync.core.link import Tie
from trackersync.core.model import Severity
from trackersync.core.rest import Place, Quarrel
from trackersync.core.terms import Terms, natural

__all__ = ["PLACES", "PLACE_OF", "Advice", "Case", "Finding", "Seen", "case_of", "diagnose", "place"]

PLACES = ("no owner", "duplicate owner", "stage drift", "duplicate task", "other")
"""The verdict's places, always in this order, zeros included."""

PLACE_OF = {
    "no-owner": "no owner",
    "owners-disagree": "duplicate owner",
    "many-owners": "duplicate owner",
    "stages-disagree": "stage drift",
    "clashing-stage-labels": "stage drift",
    "unknown-status": "stage drift",
}

CHECKS: tuple[Check, ...] = (
    ownership.no_owner,
    ownership.owners_disagree,
    ownership.many_owners,
    stages.stages_disagree,
    stages.clashing_stage_labels,
    stages.unknown_status,
)

_WORST = tuple(Severity)


def place(rule: str) -> str:
    """Where a rule counts in the verdict."""
    return PLACE_OF.get(rule, "other")


def diagnose(
    cases: Iterable[Case], ties: Iterable[Tie], terms: Terms, quarrels: Mapping[Place, Quarrel] = MappingProxyType({})
) -> tuple[Finding, ...]:
    """All findings: by place, worst first, rule by rule, the longest untouched first."""
    cases = list(cases)
    findings = [finding for case in cases for check in CHECKS for finding in check(case, terms)]
    by_ref = {witness.item.ref: case for case in cases for witness in case.witnesses}
    findings += structure.ambiguous_link(ties, by_ref)
    findings += structure.undone_by_another(quarrels.values(), by_ref)
    findings.sort(key=_rank)
    return tuple(findings)


def _rank(finding: Finding) -> tuple[int, int, int, datetime, tuple[tuple[str, int], ...]]:
    """By place, worst first, rule by rule, the longest untouched first."""
    where = PLACES.index(place(finding.rule))
    rule = next((number for number, name in enumerate(PLACE_OF) if name == finding.rule), len(PLACE_OF))
    return (where, _WORST.index(finding.severity), rule, finding.touched, natural(finding.items[0].key))

"""Diagnose: from tasks to findings. A file per family of rules; a rule is a function over a task, or over totals.

``RULES`` are all that ship, in the order in which findings of one place are shown; ``diagnosis`` asks them, and keeps
the findings up to date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

from trackersync.core.diagnose import (
    ability,
    labels,
    leaving,
    outcome,
    ownership,
    progress,
    stages,
    structure,
    workload,
)
from trackersync.core.diagnose.calendar import Calendar
from trackersync.core.diagnose.case import Case, Known, Witness, case_of
from trackersync.core.diagnose.diagnosis import Diagnosis, Silenced
from trackersync.core.diagnose.finding import PLACES, Advice, Finding, Place, Seen
from trackersync.core.diagnose.neighbours import Neighbours
from trackersync.core.diagnose.rule import AnyRule, Fault, NoSettings, Rule, Tally, Total, setting
from trackersync.core.diagnose.rulebook import Amendment, Rulebook, Silence, Standing
from trackersync.core.diagnose.watch import Watch
from trackersync.core.terms import Task, Terms

__all__ = [
    "PLACES",
    "RULES",
    "Advice",
    "Amendment",
    "AnyRule",
    "Calendar",
    "Case",
    "Diagnosis",
    "Fault",
    "Finding",
    "Known",
    "Neighbours",
    "NoSettings",
    "Place",
    "Rule",
    "Rulebook",
    "Seen",
    "Silence",
    "Silenced",
    "Standing",
    "Tally",
    "Total",
    "Watch",
    "Witness",
    "case_of",
    "diagnose",
    "setting",
]

RULES: tuple[AnyRule, ...] = (
    *ownership.RULES,
    *stages.RULES,
    *labels.RULES,
    *leaving.RULES,
    *outcome.RULES,
    *progress.RULES,
    *structure.RULES,
    *ability.RULES,
    *workload.RULES,
)
"""Every rule that ships."""


def diagnose(
    tasks: Iterable[Task],
    terms: Terms,
    now: datetime,
    *,
    rulebook: Rulebook | None = None,
    known: Mapping[str, Known] = MappingProxyType({}),
) -> Diagnosis:
    """The findings on some tasks, from cold.

    Args:
        tasks: every task there is.
        terms: all that the configuration decides.
        now: the moment of looking.
        rulebook: the rules as they hold; by default all that ship, as they ship.
        known: by task's id, what is remembered of it.
    """
    diagnosis = Diagnosis(terms, rulebook or Rulebook(RULES), now)
    diagnosis.look(tasks, known, now)
    return diagnosis

"""Exit codes: what each means, and which one is given when several hold."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from trackersync.core.diagnose import Finding
from trackersync.core.model import Outcome as Became
from trackersync.core.model import Severity
from trackersync.core.outcome import Outcome


class Exit(IntEnum):
    """What a command ends with. When several hold, the first of 2, 4, 3, 5, 1 is given."""

    FINE = 0
    FINDINGS = 1
    USAGE = 2
    REFUSED = 3
    UNREACHABLE = 4
    PARTLY = 5
    # EX_TEMPFAIL of sysexits.h, which supervisors know by name: try again later.
    BUSY = 75
    INTERRUPTED = 130


PRECEDENCE = (Exit.INTERRUPTED, Exit.USAGE, Exit.UNREACHABLE, Exit.REFUSED, Exit.PARTLY, Exit.FINDINGS)
RANKS = (Severity.NOTE, Severity.WARNING, Severity.ERROR)

HELP = """Exit codes: 0 fine; 1 findings at or above --fail-on (check); 2 usage or configuration, or nowhere to write
to; 3 refused: held by the guard, or the world moved since the plan; 4 a tracker unreachable or credentials refused;
5 written, but not all; 75 another run holds the store: try later; 130 interrupted. When several hold, the first of
2, 4, 3, 5, 1 is given."""


def exit_of(
    outcome: Outcome,
    *,
    wrote: bool,
    fail_on: Severity | None = None,
    failing: Iterable[Finding] = (),
    refused: bool = False,
) -> Exit:
    """The exit code of a run.

    Args:
        outcome: what it came to.
        wrote: it was meant to write.
        fail_on: for a check, the least severity that counts; None: none does.
        failing: the findings that may fail it.
        refused: another plan was approved than there is now.
    """
    holds = {
        Exit.INTERRUPTED: outcome.interrupted,
        Exit.UNREACHABLE: bool(outcome.failures),
        Exit.REFUSED: wrote and (refused or (outcome.run is None and bool(outcome.holds or outcome.moved))),
        Exit.PARTLY: any(
            receipt is None or receipt.outcome not in (Became.APPLIED, Became.ALREADY_SO)
            for receipt in outcome.receipts
        )
        or (wrote and outcome.run is not None and bool(outcome.moved)),
        Exit.FINDINGS: fail_on is not None and _any(failing, fail_on),
    }
    return next((code for code in PRECEDENCE if holds.get(code)), Exit.FINE)


def _any(findings: Iterable[Finding], least: Severity) -> bool:
    """Whether any finding is at least so severe."""
    return any(RANKS.index(finding.severity) >= RANKS.index(least) for finding in findings)

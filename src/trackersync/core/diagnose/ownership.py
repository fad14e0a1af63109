"""Rules about who owns a task. Done and cancelled work needs no owner; an owner who is not mapped is an owner."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from trackersync.core.diagnose.finding import Case, Finding, Witness
from trackersync.core.model import Severity
from trackersync.core.terms import Terms


def no_owner(case: Case, _: Terms) -> Iterator[Finding]:
    """An open task nobody owns: an error in a started stage, a note in the backlog."""
    if case.finished or any(witness.people for witness in case.witnesses):
        return
    category = case.stage.category if case.stage else None
    severity = {"started": Severity.ERROR, "backlog": Severity.NOTE}.get(category or "", Severity.WARNING)
    where = case.stage.name if case.stage else "a state that belongs to no stage"
    roles = " or ".join(case.stage.roles) if case.stage and case.stage.roles else "someone"
    keys = " = ".join(witness.item.key for witness in case.witnesses)
    others = "; sync fills the others" if len(case.witnesses) > 1 else ""
    yield case.finding(
        "no-owner",
        severity,
        f"{keys} is in {where} and has no owner{_only_bots(case)}",
        f"assign {roles}{' in any of its trackers' if others else ''}{others}",
    )


def _only_bots(case: Case) -> str:
    bots = dict.fromkeys(bot for witness in case.witnesses for bot in witness.holders.bots)
    return f"; {' and '.join(bots)} {'are bots' if len(bots) > 1 else 'is a bot'}" if bots else ""


def many_owners(case: Case, _: Terms) -> Iterator[Finding]:
    """One item with several assignees: two people may step on each other's toes."""
    if case.finished:
        return
    for witness in case.witnesses:
        if len(witness.people) > 1:
            yield case.finding(
                "many-owners",
                Severity.WARNING,
                f"{witness.item.key} has {len(witness.people)} owners: {' + '.join(witness.people)}",
                "decide who owns it and unassign the others",
                witness,
            )


def owners_disagree(case: Case, terms: Terms) -> Iterator[Finding]:
    """Trackers that name different people for the same work."""
    if case.finished:
        return
    for one, other in combinations(case.witnesses, 2):
        if _disagree(one, other, terms):
            yield case.finding(
                "owners-disagree",
                Severity.ERROR,
                f"{one.tracker} says {' + '.join(one.owners)}, {other.tracker} says {' + '.join(other.owners)}",
                "agree on one owner and set it in both trackers",
                one,
            )
            return


def _disagree(one: Witness, other: Witness, terms: Terms) -> bool:
    """Whether two items surely name different people. A stranger may be anybody without an account there."""
    if not one.people or not other.people:
        return False
    narrow, wide = sorted((one, other), key=lambda witness: (witness.room, len(witness.owners)))
    missing = [
        name
        for name in narrow.holders.known
        if name not in wide.holders.known and (terms.people.accounts(name, wide.tracker) or not wide.holders.strangers)
    ]
    if missing:
        return True
    if len(narrow.owners) >= narrow.room and narrow.holders.known:
        return False
    absent = [name for name in wide.holders.known if name not in narrow.holders.known]
    sure = [name for name in absent if terms.people.accounts(name, narrow.tracker) or not narrow.holders.strangers]
    return bool(sure) and (not narrow.holders.strangers or len(sure) == len(wide.owners))

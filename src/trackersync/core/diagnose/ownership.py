"""Rules about who owns a task. Done and cancelled work needs no owner; an owner who is not mapped is an owner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from trackersync.core.diagnose.case import Case, Witness
from trackersync.core.diagnose.rule import AnyRule, Fault, NoSettings, Rule, setting
from trackersync.core.model import OWNERS, Severity
from trackersync.core.terms import Terms
from trackersync.core.words import listed

AUTHORS = "authors"
"""The fact that names the accounts of those whose open pull requests would close an item."""


@dataclass(frozen=True, slots=True)
class NoOwner:
    """Settings of ``no-owner``."""

    pull_authors: bool = setting(
        False,
        "Whether the author of an open pull request that would close a task counts as its owner; "
        "asks for `evidence: [pulls]`.",
    )


def _no_owner(case: Case, settings: NoOwner) -> Iterator[Fault]:
    """An error in a started stage, a note in the backlog."""
    if case.people or (settings.pull_authors and any(_is_written(witness, case.terms) for witness in case.witnesses)):
        return
    if case.known.unread or not any(OWNERS in item.facts for item in case.task.items):
        # Its owner may stand in an item that nobody has seen yet.
        return
    category = case.stage.category if case.stage else None
    severity = {"started": Severity.ERROR, "backlog": Severity.NOTE}.get(category or "", Severity.WARNING)
    roles = " or ".join(case.stage.roles) if case.stage and case.stage.roles else "someone"
    several = len(case.witnesses) > 1
    yield Fault(
        f"{case.keys} is {case.inside} and has no owner{_only_bots(case)}",
        severity=severity,
        fix=f"assign {roles}{' in any of its trackers; sync fills the others' if several else ''}",
    )


def _is_written(witness: Witness, terms: Terms) -> bool:
    """Whether somebody who is no bot has an open pull request that would close an item."""
    authors = witness.shows(AUTHORS)
    if not authors:
        return False
    holders = terms.people.holders(witness.tracker, authors)
    return bool(holders.known) or len(holders.strangers) > len(holders.bots)


def _only_bots(case: Case) -> str:
    bots = dict.fromkeys(bot for witness in case.witnesses for bot in witness.holders.bots)
    return f"; {' and '.join(bots)} {'are bots' if len(bots) > 1 else 'is a bot'}" if bots else ""


@dataclass(frozen=True, slots=True)
class ManyOwners:
    """Settings of ``many-owners``."""

    most: int = setting(1, "So many owners an item may have.")


def _many_owners(case: Case, settings: ManyOwners) -> Iterator[Fault]:
    for witness in case.witnesses:
        people = witness.people
        if len(people) > settings.most:
            yield Fault(f"{witness.item.key} has {len(people)} owners: {' + '.join(people)}", witness)


def _owners_disagree(case: Case, _: NoSettings) -> Iterator[Fault]:
    if len(case.witnesses) < 2:
        return
    for one, other in combinations(case.witnesses, 2):
        if _disagree(one, other, case.terms):
            said = f"{one.tracker} says {' + '.join(one.owners)}, {other.tracker} says {' + '.join(other.owners)}"
            yield Fault(said, one)
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


def _owner_unknown(case: Case, _: NoSettings) -> Iterator[Fault]:
    """Where one tracker stands alone, nobody needs to be known elsewhere; and before a team begins, nobody is left out.

    That nobody at all is mapped is said once, by `doctor` and `people`, and not of every task.
    """
    if len(case.terms.maps) < 2 or not case.terms.people.joined:
        return
    for witness in case.witnesses:
        if not witness.holders.strangers:
            continue
        bots = witness.holders.bots
        strangers = [owner for owner in witness.holders.strangers if owner not in bots]
        if strangers:
            who = listed(_called(owner, witness.tracker, case.terms) for owner in strangers)
            few = len(strangers) == 1
            yield Fault(
                f"{witness.item.key} is owned by {who}, {'who is' if few else 'who are'} nobody under people",
                witness,
                table=f"owner {who} is nobody under people",
                fix=f"add the {witness.tracker} account{'' if few else 's'} {listed(strangers)} "
                f"to {'a person' if few else 'persons'} under people:",
            )


def _called(account: str, tracker: str, terms: Terms) -> str:
    """An account, with the name its tracker shows where nobody would know them by their account."""
    shown = terms.people.account(tracker, account)
    if shown is None or not shown.name or shown.name.casefold() == account.casefold():
        return account
    return f"{account} ({shown.name})"


def _owner_not_a_person(case: Case, _: NoSettings) -> Iterator[Fault]:
    """A bot that the team mapped to a person acts for that person, and is none to us."""
    for witness in case.witnesses:
        bots = witness.holders.bots
        if bots:
            who, what = listed(bots), "which is no person" if len(bots) == 1 else "which are no persons"
            besides = f" besides {' + '.join(witness.people)}" if witness.people else ""
            yield Fault(
                f"{witness.item.key} is owned by {who}, {what}{besides}",
                witness,
                table=f"owner {who} is no person",
            )


NO_OWNER = Rule(
    name="no-owner",
    family="ownership",
    summary="An open task that nobody owns.",
    why="What belongs to everybody is done by nobody: such a task is found again when somebody asks for it.",
    fix="assign someone",
    judge=_no_owner,
    settings=NoOwner,
    severity=Severity.ERROR,
    place="no owner",
    example="rules:\n  no-owner: {stages: {idea: off, build: error}}",
)
OWNERS_DISAGREE = Rule(
    name="owners-disagree",
    family="ownership",
    summary="Trackers that name different people for the same work.",
    why="Each of the two believes that it is theirs, or that it is the other's; both happen.",
    fix="agree on one owner and set it in both trackers",
    judge=_owners_disagree,
    severity=Severity.ERROR,
    place="duplicate owner",
)
MANY_OWNERS = Rule(
    name="many-owners",
    family="ownership",
    summary="An item with several owners.",
    why="Two people who own one task step on each other's toes, or each waits for the other.",
    fix="decide who owns it and unassign the others",
    judge=_many_owners,
    settings=ManyOwners,
    place="duplicate owner",
    example="rules:\n  many-owners: {most: 2, projects: {acme/pairing: off}}",
)
OWNER_UNKNOWN = Rule(
    name="owner-unknown",
    family="ownership",
    summary="An owner whose account belongs to nobody under people, where others are known in several trackers.",
    why="Whom nobody mapped cannot be assigned in the other trackers, so owners of that task are not kept in step, and "
    "nobody can tell whether the trackers agree.",
    fix="add the account to a person under people:",
    judge=_owner_unknown,
)
OWNER_NOT_A_PERSON = Rule(
    name="owner-not-a-person",
    family="ownership",
    summary="A bot or an app among the owners of an item.",
    why="A bot answers no question and keeps no promise: whose work it is stays open, and the task looks taken.",
    fix="assign a person who answers for the work and take the bot off",
    judge=_owner_not_a_person,
)
RULES: tuple[AnyRule, ...] = (NO_OWNER, OWNERS_DISAGREE, MANY_OWNERS, OWNER_UNKNOWN, OWNER_NOT_A_PERSON)

"""Rules about whether those who own a task are able to: there, in one of its roles, and known to its trackers."""

from __future__ import annotations

from collections.abc import Iterator

from trackersync.core.diagnose.case import Case, Witness
from trackersync.core.diagnose.rule import AnyRule, Fault, NoSettings, Rule
from trackersync.core.model import OWNERS
from trackersync.core.reading import common
from trackersync.core.terms import Terms
from trackersync.core.words import listed


def _owner_inactive(case: Case, _: NoSettings) -> Iterator[Fault]:
    """Once for each owner, with every tracker of the task that they cannot work in any more."""
    inactive = case.terms.people.inactive
    if not inactive or not any(owner.casefold() in inactive for owner in case.people):
        return
    gone: dict[str, dict[str, Witness]] = {}
    for witness in case.witnesses:
        for owner in witness.people:
            trackers = gone.setdefault(owner, {})
            for other in case.witnesses:
                if _deactivated(owner, witness, other, case.terms):
                    trackers.setdefault(other.tracker, other)
    for owner, trackers in gone.items():
        if trackers:
            where = listed(trackers)
            yield Fault(
                f"owner {owner} of {case.keys} is deactivated in {where}",
                next(iter(trackers.values())),
                table=f"owner {owner} is deactivated in {where}",
            )


def _deactivated(owner: str, witness: Witness, other: Witness, terms: Terms) -> bool:
    """Whether an owner of one item of a task has no account left in the tracker of another, or of this one.

    Of several accounts in one tracker one that is active will do, unless the item is owned by another of them.
    """
    people, tracker = terms.people, other.tracker
    stranger = owner in witness.holders.strangers
    if stranger and other is not witness:
        return False
    mine = (owner,) if stranger else people.accounts(owner, tracker)
    active = [shown.active if (shown := people.account(tracker, each)) else None for each in mine]
    if False not in active:
        return False
    if all(one is False for one in active):
        return True
    if other is not witness:
        return False
    held = {each.casefold() for each in witness.item.facts.get(OWNERS, ())}
    used = [one for each, one in zip(mine, active, strict=True) if each.casefold() in held]
    return bool(used) and all(one is False for one in used)


def _owner_lacks_role(case: Case, _: NoSettings) -> Iterator[Fault]:
    """Silent unless stage and every owner's roles are known; one owner in a role of a stage it may be in will do."""
    stage, owners = case.stage, case.people
    # Most tasks are with somebody in one of the stage's roles, and there is nothing more to ask.
    if (
        stage is None
        or not stage.roles
        or not owners
        or any(role in case.terms.people.roles(owners[0]) for role in stage.roles)
    ):
        return
    if any(len(witness.holders.strangers) > len(witness.holders.bots) for witness in case.witnesses):
        return
    roles = {owner: case.terms.people.roles(owner) for owner in owners}
    if not all(roles.values()):
        return
    asked_for = _roles_of_stages(case)
    wanted = {role.casefold() for role in asked_for}
    if not wanted or any(role.casefold() in wanted for held in roles.values() for role in held):
        return
    who = listed(f"{owner} ({', '.join(held)})" for owner, held in roles.items())
    asked = listed(asked_for, "or")
    yield Fault(
        f"{case.keys} is {case.inside}, which is for {asked}, and is owned by {who}",
        table=f"{stage.key} is for {asked}; its owner is {who}",
        fix=f"hand it to somebody who is {asked}, or add the role under people:",
    )


def _roles_of_stages(case: Case) -> tuple[str, ...]:
    """The roles of every stage a task may be in; none where its items do not agree, or one of these is for anybody."""
    readings = [witness.reading for witness in case.witnesses if witness.reading.kind != "assumed"]
    if any(reading.kind != "stated" for reading in readings):
        return ()
    roles = [case.terms.process.stage(key).roles for key in common(readings)]
    return tuple(dict.fromkeys(role for some in roles for role in some)) if all(roles) else ()


def _owner_unassignable(case: Case, _: NoSettings) -> Iterator[Fault]:
    first, *others = case.witnesses
    if not case.known.refused and all(other.holders.known == first.holders.known for other in others):
        return
    for witness in case.witnesses:
        refused = case.known.refused.get(witness.item.ref)
        wanted = _wanted(case, witness)
        if refused is not None and (wanted or len(case.witnesses) == 1):
            yield _refused(witness, refused)
        elif wanted and not witness.people and _has_no_account(wanted, witness, case.terms):
            who, lacks = listed(wanted), "has" if len(wanted) == 1 else "have"
            yield Fault(
                f"{witness.item.key} has no owner, since {who} {lacks} no account in {witness.tracker} that is known",
                witness,
                table=f"{who} {lacks} no known account in {witness.tracker}",
                fix=f"add the {witness.tracker} account of {who} under people:, "
                f"or assign somebody who has one in {witness.tracker}",
            )


def _wanted(case: Case, witness: Witness) -> list[str]:
    """Whom the other items of a task name as owners and this one does not, as far as it could show them."""
    named = dict.fromkeys(name for other in case.witnesses if other is not witness for name in other.holders.known)
    if not named:
        return []
    shown = witness.holders.known
    if len(witness.owners) >= witness.room and any(name in named for name in shown):
        # It is full and shows one of them: all that can be asked of it.
        return []
    return [name for name in named if name not in shown]


def _has_no_account(names: list[str], witness: Witness, terms: Terms) -> bool:
    """Whether nobody of these can be assigned in a tracker that would otherwise be told of them."""
    tracker = witness.tracker
    return (
        terms.may(OWNERS, tracker)
        and len(witness.owners) < witness.room
        and not any(terms.people.accounts(name, tracker) for name in names)
    )


def _refused(witness: Witness, words: str) -> Fault:
    """A refusal in its tracker's own words, in one line."""
    said = " ".join(words.split()).removeprefix(f"{witness.item.key}: ").rstrip(".")
    return Fault(
        f"{witness.tracker} refused the owners of {witness.item.key}: {said}",
        witness,
        table=f"{witness.tracker} refused its owners: {said}",
        fix=f"let whoever shall own it be assigned in {witness.tracker}, or agree on somebody who can be; "
        f"then `trackersync resume {witness.item.key}`",
    )


OWNER_INACTIVE = Rule(
    name="owner-inactive",
    family="ownership",
    summary="An owner whose account is deactivated in a tracker of the task.",
    why="Whoever has left does not work on it and is not told of it, and yet it looks taken.",
    fix="assign somebody who is still there",
    judge=_owner_inactive,
)
OWNER_LACKS_ROLE = Rule(
    name="owner-lacks-role",
    family="ownership",
    summary="A task whose owners hold none of its stage's roles.",
    why="A task that was moved on and not handed on waits with somebody whose part in it is over. Silent where the "
    "roles of an owner are not known, or where the trackers disagree on the stage.",
    fix="hand it to somebody in one of the stage's roles",
    judge=_owner_lacks_role,
    example="rules:\n  owner-lacks-role: {stages: {build: note}}",
)
OWNER_UNASSIGNABLE = Rule(
    name="owner-unassignable",
    family="ownership",
    summary="An owner that a tracker of the task does not take, or in which they have no known account.",
    why="The task has an owner in one tracker and stays without in the other, and no run of sync can mend that.",
    fix="let them be assigned there, or agree on somebody who can be",
    judge=_owner_unassignable,
)
RULES: tuple[AnyRule, ...] = (OWNER_INACTIVE, OWNER_LACKS_ROLE, OWNER_UNASSIGNABLE)

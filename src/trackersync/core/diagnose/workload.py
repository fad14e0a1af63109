"""Rules about how work lies on the team: how much on one, how often it changes hands, and which roles nobody holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trackersync.core.diagnose.case import Case, Witness
from trackersync.core.diagnose.rule import AnyRule, Fault, NoSettings, Rule, Tally, Total, setting
from trackersync.core.doing import Own
from trackersync.core.history import Past, course
from trackersync.core.model import OWNERS, Severity
from trackersync.core.process import Stage
from trackersync.core.terms import Terms
from trackersync.core.words import listed

_NAMED = 3
"""So many tasks stand in a sentence; the finding has them all."""


@dataclass(frozen=True, slots=True)
class Overloaded:
    """Settings of ``owner-overloaded``."""

    most: int = setting(10, "So many tasks in started stages one person may own.")


def _owners_at_work(case: Case, _: Overloaded) -> Iterator[str]:
    """Whom a task in a started stage counts for; an account that nobody mapped is known by its tracker."""
    if case.stage is None or case.stage.category != "started":
        return
    alone = len(case.terms.maps) < 2
    counted: dict[str, None] = {}
    for witness in case.witnesses:
        holders = witness.holders
        counted |= dict.fromkeys(holders.known)
        for owner in holders.strangers:
            if owner not in holders.bots:
                counted[owner if alone else f"{owner} in {witness.tracker}"] = None
    yield from counted


def _overloaded(total: Total, settings: Overloaded) -> Iterator[Fault]:
    count = total.count
    if count <= settings.most:
        return
    keys = [case.keys for case in total.cases[:_NAMED]]
    more = [f"{count - _NAMED} more"] if count > _NAMED else []
    yield Fault(
        f"{total.key} owns {count} tasks in started stages, {settings.most} at most: {listed([*keys, *more])}",
        table=f"{count} tasks in started stages, {settings.most} at most",
    )


@dataclass(frozen=True, slots=True)
class Handoffs:
    """Settings of ``many-handoffs``."""

    most: int = setting(3, "So often a task may change hands.")


def _many_handoffs(case: Case, settings: Handoffs) -> Iterator[Fault]:
    """The most of any item counts: what sync carries to another tracker stands in both histories."""
    if not case.known.pasts:
        return
    most, at = settings.most, None
    for witness in case.witnesses:
        past = case.known.pasts.get(witness.item.ref)
        count = _handoffs(witness, past, case.terms, most) if past is not None else 0
        if count > most:
            most, at = count, witness
    if at is not None:
        yield Fault(
            f"{case.keys} has changed hands {most} times, {settings.most} at most",
            at,
            table=f"changed hands {most} times, {settings.most} at most",
        )


def _handoffs(witness: Witness, past: Past, terms: Terms, limit: int) -> int:
    """How often an item passed to people of whom nobody had owned it all the time since the last hand-off.

    A time without an owner in between does not matter, nor that both owned it for a while. A history with holes is
    counted only where each of its events tells the whole owner before and after it: in a tracker that holds one.
    """
    told = [event for event in past.events if event.fact == OWNERS]
    if len(told) <= limit:
        return 0
    found = course(witness.item, told, OWNERS, terms, Own())
    if found.leads and found.whole:
        facts = [found.steps[0].before, *(step.after for step in found.steps)] if found.steps else []
        owners = [one.get(OWNERS, ()) for one in facts]
    elif witness.room == 1:
        owners = [owner for event in told for owner in (event.removed, event.added)]
    else:
        return 0
    return _passed(_people(one, witness.tracker, terms) for one in owners)


def _people(accounts: Sequence[str], tracker: str, terms: Terms) -> frozenset[str]:
    holders = terms.people.holders(tracker, accounts)
    strangers = {owner.casefold() for owner in holders.strangers if owner not in holders.bots}
    # A stranger's account may read like a person's name.
    return frozenset(holders.known) | {f"{tracker}:{owner}" for owner in strangers}


def _passed(owners: Iterator[frozenset[str]]) -> int:
    count, held = 0, frozenset[str]()
    for now in owners:
        if now and held and not now & held:
            count += 1
        held = (held & now or now) if now else held
    return count


def _stage_of_vacant_role(case: Case, _: NoSettings) -> Iterator[str]:
    """Asked of every task, so that stages whose roles are all held are not added up."""
    if case.stage is not None and _vacant(case.stage, case.terms):
        yield case.stage.key


def _vacant(stage: Stage, terms: Terms) -> list[str]:
    """The roles of a stage that nobody holds; none where nobody's roles are configured."""
    held = terms.people.held
    return [role for role in stage.roles if role.casefold() not in held] if held else []


def _role_vacant(total: Total, _: NoSettings) -> Iterator[Fault]:
    stage = total.members[0].stage
    vacant = _vacant(stage, total.terms) if stage is not None else []
    if vacant:
        count, roles = total.count, listed(vacant)
        yield Fault(
            f"{'1 open task is' if count == 1 else f'{count} open tasks are'} in stage {total.key}, "
            f"and nobody holds its role{'s' if len(vacant) > 1 else ''}, {roles}",
            table=f"nobody holds its role{'s' if len(vacant) > 1 else ''}, {roles}",
            fix=f"give somebody the role{'s' if len(vacant) > 1 else ''} {roles} under people:, "
            "or take what the team does without off the stage",
        )


MANY_HANDOFFS = Rule(
    name="many-handoffs",
    family="ownership",
    summary="A task that has changed hands again and again.",
    why="With each hand-off something of what was known is lost and the task waits anew; one that nobody keeps is most "
    "often too large, unclear or unwanted. A note, since what has happened cannot be undone.",
    fix="ask those who had it what it lacks, then agree on an owner who keeps it",
    judge=_many_handoffs,
    settings=Handoffs,
    severity=Severity.NOTE,
    example="rules:\n  many-handoffs: {most: 5}",
)
OWNER_OVERLOADED = Rule(
    name="owner-overloaded",
    family="ownership",
    summary="Somebody who owns more tasks in started stages than a limit.",
    why="Work that is begun and waits for its owner's time is late, and shows nowhere as waiting.",
    fix="hand some of them over, or finish some before anything else is begun",
    tally=Tally(_owners_at_work, _overloaded),
    settings=Overloaded,
    example="rules:\n  owner-overloaded: {most: 5}",
)
ROLE_VACANT = Rule(
    name="role-vacant",
    family="ownership",
    summary="A stage with open tasks and a role that nobody in the team holds.",
    why="What that role is to do there is done by nobody, or by somebody beside their own work. Silent where nobody's "
    "roles are configured.",
    fix="give somebody the role under people:, or take it off the stage",
    tally=Tally(_stage_of_vacant_role, _role_vacant, lambda key: f"stage {key}"),
    example="rules:\n  role-vacant: {stages: {launch: note}}",
)
RULES: tuple[AnyRule, ...] = (MANY_HANDOFFS, OWNER_OVERLOADED, ROLE_VACANT)

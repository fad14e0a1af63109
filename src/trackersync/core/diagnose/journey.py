"""Where a task was and since when, as far as its items' histories tell; and what may be claimed where they do not.

Items tell of their past one by one, and a task is where its most careful item is (``stage_of``). So the course of a
task is walked backwards, change by change of any item, until it was counted in another stage, or until nothing is known
of one of its items: before its last update, an item whose history was not read may have said anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from trackersync.core.diagnose.case import Case, Witness, phase_of
from trackersync.core.doing import Own
from trackersync.core.history import Course, course
from trackersync.core.model import OWNERS, STAGE, Facts, Item, ItemRef
from trackersync.core.reading import Reading
from trackersync.core.terms import stage_of

_OWN = Own()
"""Whose doing a change was makes no difference to where a task is."""


@dataclass(frozen=True, slots=True)
class Since:
    """When a task came into its stage: ``exact``, or else the latest moment at which it can have come."""

    at: datetime
    exact: bool


@dataclass(frozen=True, slots=True)
class Crossing:
    """The moment at which an item last came from an earlier phase into one; ``owners`` all who had it from then on."""

    at: datetime
    phase: int
    witness: Witness
    owners: tuple[str, ...]


def told(case: Case, witness: Witness) -> Course | None:
    """How an item came to the stage that it says, where its history was read and leads there."""
    ref = witness.item.ref
    return _told(case, ref) if ref in case.known.pasts else None


@lru_cache(maxsize=32)
def _told(case: Case, ref: ItemRef) -> Course | None:
    """The same, played once for all the rules that ask of one task, one after the other."""
    past = case.known.pasts[ref]
    item = next(item for item in case.task.items if item.ref == ref)
    if past.owed:
        return None
    found = course(item, past.events, STAGE, case.terms, _OWN)
    return found if found.leads else None


def readings(case: Case, witness: Witness, found: Course) -> tuple[Reading, ...]:
    """All that an item has said of its stage, one after the other; the last is what it says now."""
    read = case.terms.maps[witness.tracker].read
    item = witness.item
    return (*(read({**item.facts, **step.before}) for step in found.steps), witness.reading)


def never_in(case: Case, stage: str) -> bool:
    """Whether history tells that a task was never in a stage: an item that has a word for it never said so.

    What another item says, as far as it tells of its past, counts as well; and a word may cover several stages.
    """
    denied = False
    for witness in case.witnesses:
        found = told(case, witness)
        if found is None:
            continue
        if any(stage in reading.stages for reading in readings(case, witness, found)):
            return False
        denied |= found.whole and has_word(witness, stage, case)
    return denied


def has_word(witness: Witness, stage: str, case: Case) -> bool:
    """Whether an item's tracker has a word of its own for a stage, on items such as this one."""
    rules = case.terms.maps[witness.tracker].at(witness.item.facts).rules
    return any(rule.stage == stage for rule in rules)


def since(case: Case) -> Since | None:
    """When a task came into the stage it is counted in; None where nothing can be claimed.

    Where a history was not read, the item's last update is the latest moment at which it can have come to say what it
    says. Of what changes without the item (a board's card, a pull request) that moment tells nothing.
    """
    if case.stage is None or any(_moves_unseen(case, witness) for witness in case.witnesses):
        return None
    if not case.known.pasts:
        return Since(case.touched, exact=False)
    shown: dict[ItemRef, Item] = {item.ref: item for item in case.task.items}
    turns = [turn for witness in case.witnesses for turn in _turns(case, witness)]
    turns.sort(key=lambda turn: turn.at, reverse=True)
    for turn in turns:
        if turn.unknown:
            return Since(turn.at, exact=False)
        item = shown.get(turn.ref)
        if item is None:
            # Moved from elsewhere: its history begins before it was made here.
            continue
        if turn.before is None:
            del shown[turn.ref]
        else:
            shown[turn.ref] = replace(item, facts={**item.facts, **turn.before})
        earlier = replace(case.task, items=tuple(shown.values()))
        if not shown or stage_of(earlier, case.terms) != case.stage.key:
            return Since(turn.at, exact=True)
    return None


@dataclass(frozen=True, slots=True)
class _Turn:
    """A moment before which an item was otherwise: ``before`` its facts then, None where it was not there yet."""

    at: datetime
    ref: ItemRef
    before: Facts | None = None
    unknown: bool = False


def _turns(case: Case, witness: Witness) -> Iterator[_Turn]:
    """The moments at which an item changed what it says, latest first, as far back as that is certain."""
    item, found = witness.item, told(case, witness)
    if found is None:
        yield _Turn(item.updated, item.ref, unknown=True)
    elif found.whole:
        yield from (_Turn(step.at, item.ref, step.before) for step in reversed(found.steps))
        yield _Turn(item.created, item.ref)
    else:
        # Something before the last step is missing, so only that one is sure.
        at = found.steps[-1].at if found.steps else item.updated
        yield from (_Turn(step.at, item.ref, step.before) for step in found.steps[-1:])
        yield _Turn(at, item.ref, unknown=True)


def _moves_unseen(case: Case, witness: Witness) -> bool:
    """Whether what an item says may have changed without the item being touched, and no history tells when."""
    stages = case.terms.maps[witness.tracker]
    facts = stages.native(witness.item.facts)
    seldom = (one for one in stages.vocabulary.matchers if one.evidence or (one.optional and not one.shared))
    return any(facts.get(one.fact) for one in seldom if one.fact in facts) and told(case, witness) is None


def crossing(case: Case) -> Crossing | None:
    """When a task last came from an earlier phase into the one it is in, where an item's history tells."""
    phase = case.phase()
    if not phase or not case.known.pasts:
        return None
    last: Crossing | None = None
    for witness in case.witnesses:
        found = told(case, witness)
        if found is None:
            continue
        said = readings(case, witness, found)
        for place in range(len(found.steps) - 1, -1, -1):
            before, after = (_phase(case, reading) for reading in said[place : place + 2])
            if before is not None and after is not None and before < phase <= after:
                at = found.steps[place].at
                if last is None or at > last.at:
                    last = Crossing(at, phase, witness, ())
                break
    return None if last is None else replace(last, owners=_owners_since(case, last.at))


def _phase(case: Case, reading: Reading) -> int | None:
    if reading.kind in ("clash", "assumed") or reading.first is None:
        return None
    return phase_of(case.terms.process.stage(reading.first), case.terms)


def _owners_since(case: Case, at: datetime) -> tuple[str, ...]:
    """Everybody who is known to have owned a task at some time from a moment on, bots left out, each once."""
    names = dict.fromkeys(case.people)
    for witness in case.witnesses:
        past = case.known.pasts.get(witness.item.ref)
        accounts = [
            account
            for event in (past.events if past is not None else ())
            if event.fact == OWNERS and event.at >= at
            for account in (*event.added, *event.removed)
        ]
        holders = case.terms.people.holders(witness.tracker, accounts)
        names |= dict.fromkeys((*holders.known, *(one for one in holders.strangers if one not in holders.bots)))
    return tuple(names)

"""How a task stands now: what each tracker shows, the base, whether they agree; and its ages and hand-offs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from trackersync.core import words
from trackersync.core.decide import decide
from trackersync.core.doing import Own
from trackersync.core.history import Course, Stay, Step, last_edit, stays
from trackersync.core.merge import Agreed, Desired, LastEdit, Unclear, Verdict
from trackersync.core.merge_owners import people_of
from trackersync.core.model import OWNERS, STAGE, Absence, Facts, FieldName, Item, ItemRef
from trackersync.core.story.known import Known
from trackersync.core.story.past import happenings, told_course
from trackersync.core.terms import Bases, Terms, stage_of

State = Literal["agreed", "conflict", "in doubt", "paused", "waits", "left alone", "off", "alone", "gone"]
"""How a field stands: ``waits`` for the next run; ``alone`` in one tracker; ``off`` where it is not kept in step."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One field of a task as it stands.

    Attributes:
        field: which.
        says: by tracker, what its item says, with the tracker's own words.
        means: the same without them.
        base: what they last agreed on, or may show by our doing; empty where they never met.
        state: how it stands.
        why: why, in a sentence; empty where the state says it all.
        since: since when, where that is known.
    """

    field: FieldName
    says: Mapping[str, str]
    means: Mapping[str, str]
    base: str
    state: State
    why: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ages:
    """How long a task has been where it is.

    Attributes:
        stage: the stage it is counted in; None where no item says.
        since: since when one of its items has said so.
        known: False where it was there when we first looked, so that it may have been for longer.
        expected: how many days the process expects it to take; None where it does not say.
        finished: it needs nobody any more.
        created: when its oldest item was made.
        handoffs: how often it went from somebody to somebody else, as far as is known.
        owned: since when it has never been without an owner, where a history tells.
    """

    stage: str | None
    since: datetime
    known: bool
    expected: float | None
    finished: bool
    created: datetime
    handoffs: int
    owned: datetime | None = None


def standings(known: Known, terms: Terms) -> tuple[Standing, ...]:
    """Both fields as they stand."""
    timed = replace(known.task, edits=_edits(known, terms))
    decision = decide(timed, known.bases, terms, known.settlements) if known.task.items else None
    verdicts: Mapping[FieldName, Verdict | None] = dict(decision.fields) if decision else {}
    found = []
    for field in (STAGE, OWNERS):
        gone = {item.ref.tracker: f"not there ({why.value})" for item, why in known.absent}
        says, means = (
            gone | {item.ref.tracker: of(item.ref.tracker, field, item.facts, terms) for item in known.task.items}
            for of in (words.says, words.meant)
        )
        base = base_of(field, known.task.items, known.bases, terms)
        found.append(Standing(field, says, means, base, *_state(field, verdicts.get(field), known, terms)))
    return tuple(found)


def _edits(known: Known, terms: Terms) -> dict[tuple[ItemRef, FieldName], LastEdit]:
    """When people last changed what ``latest`` may have to decide about, as far as is known."""
    own = Own(known.writes)
    fields: tuple[FieldName, ...] = (STAGE, OWNERS)
    found = {
        (item.ref, field): last_edit(item, known.pasts[item.ref].events, field, terms, own)
        for item in known.task.items
        if item.ref in known.pasts and known.pasts[item.ref].current(item)
        for field in fields
        if terms.policy(field).timed
    }
    return {place: edit for place, edit in found.items() if edit is not None}


ABSENT: Mapping[Absence, str] = {
    Absence.GONE: "is not there any more: it was deleted",
    Absence.HIDDEN: "is hidden from us",
    Absence.MOVED: "has moved away",
    Absence.OUT_OF_SCOPE: "is in a place that is not configured any more",
}

YOURS = "a person settles it, with `resolve`, or by hand in either tracker until they agree"

How = tuple[State, str, datetime | None]
"""How a field stands, why, and since when."""


def _state(field: FieldName, verdict: Verdict | None, known: Known, terms: Terms) -> How:
    return _unsettled(field, known) or _decided(field, verdict, known, terms)


def _unsettled(field: FieldName, known: Known) -> How | None:
    """How a field stands that nothing is decided about."""
    doubt = next((wrote for wrote in known.writes if wrote.change.field == field and wrote.doubtful), None)
    if doubt is not None:
        name, run = known.names[doubt.change.ref], doubt.run.number
        return "in doubt", f"run {run} wrote {name} and had no answer; the next run reads it back", doubt.intended
    absent = "; ".join(f"{known.names[item.ref]} {ABSENT[why]}" for item, why in known.absent)
    if not known.task.items:
        return "gone", absent, None
    pause = known.rests.pauses.of("task", known.task.id)
    if pause is not None:
        return "paused", pause.reason, pause.since
    return (
        ("alone", absent and f"{absent}; that closes nothing elsewhere", None) if len(known.task.items) == 1 else None
    )


def _decided(field: FieldName, verdict: Verdict | None, known: Known, terms: Terms) -> How:
    resting = known.rests.task(known.task, terms) or known.rests.field(known.task, field, terms) or ""
    match verdict:
        case Agreed():
            return "agreed", "", None
        case Unclear(_, because):
            return "left alone", because, None
        case Desired():
            why = resting or _hindered(field, verdict, known, terms)
            return ("left alone", why, None) if why else ("waits", _coming(field, verdict, known), None)
        case None:
            off = terms.policy(field).off
            return ("off", f"sync.{field} is off", None) if off else ("left alone", "the task is finished", None)
        case _:
            clash = next((one for one in known.clashes if one.conflict.field == field and one.settled is None), None)
            noted: How = ("conflict", YOURS, clash.since if clash else None)
            return ("left alone", resting, None) if resting else noted


def _hindered(field: FieldName, verdict: Desired, known: Known, terms: Terms) -> str:
    """Why what is wanted is not written; empty where nothing hinders it."""
    items = {item.ref: item for item in known.task.items}
    for ref in verdict.targets:
        if not terms.may(field, ref.tracker):
            return f"{field} is not written to {ref.tracker}"
        why = known.rests.write(items[ref], field)
        if why:
            return why
        if (ref, field) in known.refused:
            return known.refused[ref, field]
    return ""


def _coming(field: FieldName, verdict: Desired, known: Known) -> str:
    """What the next run writes."""
    goal = verdict.value[0] if field == STAGE else " + ".join(verdict.value) or words.NOBODY
    targets = " and ".join(known.names[ref] for ref in verdict.targets)
    return f"the next run brings {targets} to {goal}: {verdict.because}"


def base_of(field: FieldName, items: Iterable[Item], bases: Bases, terms: Terms) -> str:
    """What the items of a task last agreed on, or may show by our doing; empty where they never met."""
    natives = [(item.ref.tracker, native) for item in items for native in bases.get((item.ref, field), ())]
    meant = dict.fromkeys(words.meant(tracker, field, native, terms) for tracker, native in natives)
    # While a write is in doubt an item may show both labels, or both owners, on its way.
    ends = [one for one in meant if " + " not in one] or list(meant)
    return " or ".join(ends) if len(ends) < 3 else f"one of {len(ends)}"


def ages(known: Known, terms: Terms) -> Ages:
    """How long the task has been where it is, how often it changed hands, and since when somebody has owned it."""
    stage = stage_of(known.task, terms) if known.task.items else None
    created = min((item.created for item in known.items), default=known.now)
    here = [item for item in known.task.items if stage in terms.maps[item.ref.tracker].read(item.facts).stages]
    came = [_came(item, stage, known, terms) for item in here]
    one = terms.process.stage(stage) if stage is not None else None
    return Ages(
        stage=stage,
        since=min((at for at, _ in came), default=created),
        known=bool(came) and all(sure for _, sure in came),
        expected=one.expected if one else None,
        finished=bool(one and one.finished),
        created=created,
        handoffs=_handoffs(known, terms),
        owned=_owned(known, terms),
    )


def _came(item: Item, stage: str | None, known: Known, terms: Terms) -> tuple[datetime, bool]:
    """When an item last came to a stage it shows; and whether that is sure.

    It is not where it was there at the first look, and no history tells since when.
    """
    read = terms.maps[item.ref.tracker].read
    came = [
        one.at
        for one in happenings(item, STAGE, known, terms)
        if stage in read(one.after).stages and stage not in read(one.before).stages
    ]
    if came:
        return came[-1], True
    told = told_course(item, STAGE, known, terms)
    if told is not None and told.whole:
        return item.created, True
    return known.links.get(item.ref, ("", None))[1] or item.created, False


def in_stages(known: Known, terms: Terms) -> dict[str, tuple[Stay, ...]]:
    """By tracker, how long its item was in each stage; without a history, as far as looks and our writes tell."""
    found = {}
    for item in known.task.items:
        told = told_course(item, STAGE, known, terms)
        steps = [Step(one.at, "", one.before, one.after) for one in happenings(item, STAGE, known, terms)]
        whole = told is not None and told.whole
        found[item.ref.tracker] = stays(item, Course(tuple(steps), leads=True, whole=whole), terms)
    return found


def _handoffs(known: Known, terms: Terms) -> int:
    """How often somebody new came while somebody owned it. What we write only follows, and is not another."""
    moves = [one for item in known.items for one in happenings(item, OWNERS, known, terms) if not one.ours]
    owners: frozenset[str] = frozenset()
    count = 0
    for move in sorted(moves, key=lambda move: move.at):
        was, now = (
            frozenset(terms.people.holders(move.ref.tracker, facts.get(OWNERS, ())).known)
            for facts in (move.before, move.after)
        )
        owners = owners or was
        count += bool(owners and now - owners)
        owners = now
    return count


def _owned(known: Known, terms: Terms) -> datetime | None:
    """Since when the task has never been without an owner; None where nobody owns it, or no history tells."""
    since = []
    for item in known.task.items:
        told = told_course(item, OWNERS, known, terms)
        if told is None or not _owners(item.ref, item.facts, terms):
            continue
        bare = [one.at for one in happenings(item, OWNERS, known, terms) if not _owners(item.ref, one.before, terms)]
        if bare or told.whole:
            since.append(bare[-1] if bare else item.created)
    return min(since, default=None)


def _owners(ref: ItemRef, facts: Facts, terms: Terms) -> frozenset[str]:
    return frozenset(people_of(terms.people.holders(ref.tracker, facts.get(OWNERS, ()))))

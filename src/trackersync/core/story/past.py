"""What happened to a field of an item: as its tracker's history tells it, and after that as two looks and we do.

A history names who did it. Where none was read, or one has a hole at its end, looks tell what changed and not by whom.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from trackersync.core import words
from trackersync.core.doing import Own
from trackersync.core.expect import shows
from trackersync.core.history import Course, Past, course
from trackersync.core.journal import Wrote
from trackersync.core.model import Facts, FieldName, Item, ItemRef
from trackersync.core.story.known import Known
from trackersync.core.terms import Terms, meaning
from trackersync.core.told import Move, moves_of


@dataclass(frozen=True, slots=True)
class Happened:
    """One change of what an item says of a field.

    Attributes:
        item: the item.
        at: when.
        before: its facts before; of a change that a history tells, those the field can live in.
        after: and after.
        by: the account that did it; None where only looks tell.
        ours: our own doing.
        written: it stands in the journal, and is told as a write.
    """

    item: Item
    at: datetime
    before: Facts
    after: Facts
    by: str | None = None
    ours: bool = False
    written: bool = False

    @property
    def ref(self) -> ItemRef:
        """The item's."""
        return self.item.ref


def happenings(item: Item, field: FieldName, known: Known, terms: Terms) -> list[Happened]:
    """Everything that changed a field of an item, in order."""
    told = told_course(item, field, known, terms)
    since = known.pasts[item.ref].read if told is not None else None
    steps = () if told is None else told.steps
    found = [
        Happened(item, step.at, step.before, step.after, step.by, step.ours, step.wrote is not None) for step in steps
    ]
    found += [
        Happened(item, min(move.updated, move.seen), move.before, move.after)
        for move in touched(item.ref, field, known, terms)
        if since is None or move.seen > since
    ]
    found += [
        Happened(item, wrote.intended, *words.both(wrote.change), ours=True, written=True)
        for wrote in known.writes
        if (wrote.change.ref, wrote.change.field) == (item.ref, field)
        and wrote.took_effect
        and (since is None or wrote.intended >= since)
    ]
    return sorted(found, key=lambda one: one.at)


def told_course(item: Item, field: FieldName, known: Known, terms: Terms) -> Course | None:
    """How a field of an item came to what it was when its history was read; None where that does not tell."""
    past = known.pasts.get(item.ref)
    if past is None:
        return None
    found = course(_then(item, past, known), past.events, field, terms, Own(known.writes))
    return found if found.leads else None


def covered(move: Move, field: FieldName, known: Known, terms: Terms) -> bool:
    """Whether a move of a field is told by its item's history, and better."""
    past = known.pasts.get(move.ref)
    if past is None or move.seen > past.read:
        return False
    item = next(item for item in known.items if item.ref == move.ref)
    return told_course(item, field, known, terms) is not None


def facts_at(item: Item, at: datetime, known: Known) -> Facts:
    """What an item showed at a moment: what it shows now, less all that happened since."""
    facts = dict(item.facts)
    # A look comes before the writes that follow from it, although no time may have passed between the two.
    later = [(move.seen, 0, move.before) for move in known.moves if move.ref == item.ref and move.seen > at]
    later += [
        (wrote.intended, 1, wrote.change.before)
        for wrote in known.writes
        if wrote.change.ref == item.ref and wrote.intended >= at and (wrote.took_effect or wrote.doubtful)
    ]
    for _, _, before in sorted(later, key=lambda one: one[:2], reverse=True):
        facts |= before
    return facts


def _then(item: Item, past: Past, known: Known) -> Item:
    """An item as it was when its history was read."""
    return replace(item, facts=facts_at(item, past.read, known), updated=past.upto)


def came_back(move: Move, field: FieldName, known: Known, terms: Terms) -> Wrote | None:
    """The write of ours that a move turns out to be: one that was in doubt when the move was seen."""
    means = meaning(move.ref.tracker, field, terms)
    if means(move.after) == means(move.before):
        return None
    return next(
        (
            wrote
            for wrote in known.writes
            if (wrote.change.ref, wrote.change.field) == (move.ref, field)
            and wrote.intended <= move.seen <= (wrote.settled or known.now)
            and not shows(wrote.change.before, wrote.change, move.after)
            and means(move.after) in [means(native) for native in wrote.natives]
        ),
        None,
    )


def touched(ref: ItemRef, field: FieldName, known: Known, terms: Terms) -> tuple[Move, ...]:
    """The moves of one field of one item that others made, in order."""
    means = meaning(ref.tracker, field, terms)
    return tuple(
        move
        for move in moves_of(known.moves, ref)
        if means(move.before) != means(move.after) and came_back(move, field, known, terms) is None
    )

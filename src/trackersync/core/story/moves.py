"""What others did: items made, linked, moved and handed over; and our own writes when they turn up after a lost answer.

A tracker's own history tells who did it (``deeds``). Where it was not read, two looks tell what changed and not by
whom: nobody is named who is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trackersync.core import words
from trackersync.core.expect import shows
from trackersync.core.journal import Wrote
from trackersync.core.model import OWNERS, STAGE, FieldName, Item
from trackersync.core.reading import Reading
from trackersync.core.story.deeds import closed, deeds, nothing_follows
from trackersync.core.story.known import Known
from trackersync.core.story.line import Line
from trackersync.core.story.past import came_back, covered, facts_at
from trackersync.core.terms import Terms
from trackersync.core.told import Move, moves_of


def beginnings(known: Known, terms: Terms) -> Iterator[Line]:
    """How the task began: its items made, and linked."""
    for item in known.items:
        yield Line(item.created, "created", f"{known.names[item.ref]} was created in {item.ref.tracker}.")
    yield from _linked(known, terms)


def _linked(known: Known, terms: Terms) -> Iterator[Line]:
    together: dict[tuple[datetime, str], list[Item]] = {}
    for item in known.items:
        reason, at = known.links.get(item.ref, ("", None))
        if at is not None:
            together.setdefault((at, reason), []).append(item)
    for (at, reason), items in together.items():
        who = " and ".join(known.names[item.ref] for item in items)
        what = f"{who} were linked as one task" if len(items) > 1 else f"{who} was linked to this task"
        shown = "; ".join(f"{item.ref.tracker} said {_at_first(item, at, known, terms)}" for item in items)
        yield Line(at, "linked", f"{what}: {_short(reason, known)}.", (f"At that time {shown}.",))


def _short(reason: str, known: Known) -> str:
    """A link's reason, its items called as everywhere else."""
    if reason == "linked by you":
        return "a person said so (trackersync link)"
    for item in known.items:
        reason = reason.replace(item.key, known.names[item.ref])
    return reason


def _at_first(item: Item, at: datetime, known: Known, terms: Terms) -> str:
    """What an item said when it was linked."""
    facts = facts_at(item, at, known)
    return f"{words.says(item.ref.tracker, STAGE, facts, terms)}, {words.meant(item.ref.tracker, OWNERS, facts, terms)}"


def moves(known: Known, terms: Terms) -> Iterator[Line]:
    """Every move that matters to a stage or an owner, with who made it where a history tells."""
    for item in known.items:
        yield from deeds(item, known, terms)
        before = item.created
        for move in moves_of(known.moves, item.ref):
            at, seen = _when(move, before)
            for field in (STAGE, OWNERS):
                own = came_back(move, field, known, terms)
                sentence = "" if own or covered(move, field, known, terms) else _told(move, field, known, terms)
                if own is not None:
                    yield _turned_up(move, own, known)
                elif sentence:
                    because = nothing_follows(move, terms) if field == STAGE else ()
                    yield Line(at, "moved", sentence, because, seen=seen)
            before = max(before, move.updated)


def _when(move: Move, known: datetime) -> tuple[datetime, bool]:
    """When a move was made, and whether that is only when it was seen.

    The tracker's own time tells, where it is later than what was known before; a tracker whose clock is ahead of ours
    is not believed that a move came after we saw it.
    """
    if move.updated > known:
        return min(move.updated, move.seen), False
    return move.seen, True


def _turned_up(move: Move, wrote: Wrote, known: Known) -> Line:
    whole = shows(wrote.change.after, wrote.change, move.after)
    name = known.names[move.ref]
    what = "had arrived after all" if whole else "had arrived half-way"
    sentence = f"{name} was looked up: the write of run {wrote.run.number} {what}."
    return Line(move.seen, "came back", sentence, ("It was recognised as our own, so nothing follows from it.",))


def _told(move: Move, field: FieldName, known: Known, terms: Terms) -> str:
    """A move in a sentence; empty where it says the same of the field as before."""
    name, tracker = known.names[move.ref], move.ref.tracker
    if field == OWNERS:
        return _handed(move, name, terms)
    was, now = (terms.maps[tracker].read(facts) for facts in (move.before, move.after))
    if (was.kind, was.stages) == (now.kind, now.stages):
        return ""
    natively = " → ".join(words.native(tracker, facts, terms) for facts in (move.before, move.after))
    if now.kind == "clash":
        return f"{name} carried two stage labels in {tracker}: {words.native(tracker, move.after, terms)}."
    if now.kind == "assumed" and was.kind != "unknown" and not closed(was, terms):
        return f"{name} lost its stage label in {tracker}: {natively}."
    stages = " → ".join(words.meant(tracker, STAGE, facts, terms) for facts in (move.before, move.after))
    return f"{name} {_verb(was, now, terms)} in {tracker}: stage {stages} ({natively})."


def _verb(was: Reading, now: Reading, terms: Terms) -> str:
    if closed(now, terms) and not closed(was, terms):
        return "was closed"
    if closed(was, terms) and not closed(now, terms):
        return "was reopened"
    return "was moved"


def _handed(move: Move, name: str, terms: Terms) -> str:
    tracker = move.ref.tracker
    was, now = (facts.get(OWNERS, ()) for facts in (move.before, move.after))
    before, after = (words.people(tracker, accounts, terms) for accounts in (was, now))
    if set(before.split(" + ")) == set(after.split(" + ")):
        return ""
    if not was:
        return f"{name} was given to {after} in {tracker}."
    if not now:
        return f"{name} was taken from {before} in {tracker}: nobody owns it there."
    return f"{name} was handed over in {tracker}: {before} → {after}."

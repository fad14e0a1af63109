"""Who did what to an item, as its tracker's own history tells it, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from trackersync.core import words
from trackersync.core.history import AT_ONCE
from trackersync.core.model import OWNERS, STAGE, Item
from trackersync.core.reading import Reading
from trackersync.core.story.known import Known
from trackersync.core.story.line import Line
from trackersync.core.story.past import Happened, happenings
from trackersync.core.terms import Terms
from trackersync.core.told import Move

SOMEBODY = "somebody"
"""Whose account is deleted, or not told."""


def deeds(item: Item, known: Known, terms: Terms) -> Iterator[Line]:
    """What a history tells of an item, but for what stands in our journal: that is told as our writes.

    Who takes or gives an item and moves it in one go has done one thing.
    """
    name = known.names[item.ref]
    moved = {
        (one.at, who): one for one in happenings(item, STAGE, known, terms) if (who := _doer(one, terms)) is not None
    }
    for one in happenings(item, OWNERS, known, terms):
        who = _doer(one, terms)
        sentence = "" if who is None else _handed(one, who, name, terms)
        if who is None or not sentence:
            continue
        along = next((place for place in moved if place[1] == who and abs(place[0] - one.at) <= AT_ONCE), None)
        said = "" if along is None else _moved(moved[along], who, name, terms)
        if along is not None and one.after.get(OWNERS) and said.startswith(f"{who} moved {name} to "):
            sentence = f"{sentence[:-1]} and{said.removeprefix(who).replace(name, 'it', 1)}"
            yield _line(moved.pop(along), who, sentence, terms)
        else:
            yield Line(one.at, "moved", _opened(sentence), by=_named(who))
    for (_, who), one in moved.items():
        if sentence := _moved(one, who, name, terms):
            yield _line(one, who, sentence, terms)


def _doer(one: Happened, terms: Terms) -> str | None:
    """Who did it, as people are called; None where no history tells, or our journal does."""
    if one.by is None or one.written:
        return None
    return terms.people.name(one.ref.tracker, one.by) or one.by or SOMEBODY


def _line(one: Happened, who: str, sentence: str, terms: Terms) -> Line:
    return Line(one.at, "moved", _opened(sentence), nothing_follows(one, terms), by=_named(who))


def _named(who: str) -> str:
    return "" if who == SOMEBODY else who


def _opened(sentence: str) -> str:
    return "Somebody" + sentence.removeprefix(SOMEBODY) if sentence.startswith(f"{SOMEBODY} ") else sentence


def _moved(one: Happened, who: str, name: str, terms: Terms) -> str:
    """A stage in a sentence: ``ada-l moved SHOP-42 to In Review: stage verify``."""
    tracker = one.ref.tracker
    was, now = (terms.maps[tracker].read(facts) for facts in (one.before, one.after))
    native = words.native(tracker, one.after, terms)
    if now.kind == "clash":
        return f"{who} put another stage label on {name}: {native}."
    if now.kind == "assumed" and was.kind != "unknown" and not closed(was, terms):
        return f"{who} took the stage label off {name}: {words.native(tracker, one.before, terms)} → {native}."
    stage = words.meant(tracker, STAGE, one.after, terms)
    if closed(now, terms) and not closed(was, terms):
        return f"{who} closed {name} ({native}): stage {stage}."
    if closed(was, terms) and not closed(now, terms):
        return f"{who} reopened {name} ({native}): stage {stage}."
    return f"{who} moved {name} to {native}: stage {stage}."


def _handed(one: Happened, who: str, name: str, terms: Terms) -> str:
    """Owners in a sentence: ``margaret-h gave SHOP-42 to alan-t``; empty where they are the same people."""
    tracker = one.ref.tracker
    before, after = (words.people(tracker, facts.get(OWNERS, ()), terms) for facts in (one.before, one.after))
    was, now = (set(said.split(" + ")) - {words.NOBODY} for said in (before, after))
    if was == now:
        return ""
    if not was:
        did = f"took {name}" if now == {who} else f"gave {name} to {after}"
    elif not now:
        did = f"left {name}" if was == {who} else f"took {name} from {before}"
        did += ": nobody owns it there"
    elif was < now:
        did = f"put {' + '.join(sorted(now - was))} on {name} too: {after}"
    elif now == {who}:
        did = f"took {name} over from {before}"
    else:
        did = f"handed {name} over to {after}" if was == {who} else f"handed {name} over: {before} → {after}"
    return f"{who} {did}."


def nothing_follows(move: Move | Happened, terms: Terms) -> tuple[str, ...]:
    """What a reader would expect to follow from a move of a stage, and does not."""
    was, now = (terms.maps[move.ref.tracker].read(facts) for facts in (move.before, move.after))
    if now.kind == "unknown" and was.kind != "unknown":
        return (f'"{now.says}" belongs to no stage, so nothing follows from it.',)
    if now.kind == "assumed" and was.kind == "stated" and not closed(was, terms):
        return ("A label that vanishes is no move, so nothing follows from it.",)
    return ()


def closed(reading: Reading, terms: Terms) -> bool:
    """Whether a reading says that the work has ended."""
    return bool(reading.stages) and all(terms.process.stage(stage).finished for stage in reading.stages)

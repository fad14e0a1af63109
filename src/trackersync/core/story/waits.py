"""What stood still: conflicts from their beginning to their end, and what people paused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from trackersync.core import words
from trackersync.core.journal import Clash
from trackersync.core.model import Side
from trackersync.core.story.known import Known
from trackersync.core.story.line import Line
from trackersync.core.story.past import touched
from trackersync.core.terms import Terms


def conflicts(known: Known, terms: Terms) -> Iterator[Line]:
    """Conflicts as they began, and as they were settled."""
    for clash in known.clashes:
        field = clash.conflict.field
        sides = ", ".join(
            f"{side.ref.tracker} said {_said(side, clash, known, terms)}" for side in _in_order(clash, known)
        )
        yield Line(
            clash.since,
            "conflict",
            f"A conflict about the {field}: {sides}.",
            (f"{_why(clash, terms)}, so nothing is written to the {field} until it is settled.",),
        )
        if clash.settled is not None:
            yield Line(clash.settled, "conflict", ending(clash, clash.settled, known, terms))


def _in_order(clash: Clash, known: Known) -> list[Side]:
    """The sides as the task's items stand."""
    order = [item.ref for item in known.items]
    return sorted(clash.conflict.sides, key=lambda side: order.index(side.ref) if side.ref in order else len(order))


def _why(clash: Clash, terms: Terms) -> str:
    because = clash.conflict.because.replace("first met, and they say", "they met for the first time and say")
    because = because.replace("(adopt:", f"(sync.{clash.conflict.field}.adopt:")
    because = because.replace("(authority:", f"(sync.{clash.conflict.field}.authority:")
    return because if because.partition(" ")[0] in terms.maps else because[:1].upper() + because[1:]


def _said(side: Side, clash: Clash, known: Known, terms: Terms) -> str:
    """What a side said when the conflict began; the store keeps what it said last."""
    for move in touched(side.ref, clash.conflict.field, known, terms):
        if move.seen > clash.since:
            return words.says(side.ref.tracker, clash.conflict.field, move.before, terms)
    return side.says


def ending(clash: Clash, settled: datetime, known: Known, terms: Terms) -> str:
    """How a conflict was settled, in a sentence."""
    field = clash.conflict.field
    refs = {side.ref for side in clash.conflict.sides}
    if any(
        (wrote.change.ref in refs and wrote.change.field == field)
        and clash.since <= wrote.intended <= settled
        and wrote.change.because.startswith("settled by you: ")
        for wrote in known.writes
    ):
        return f"A person settled the conflict about the {field} (trackersync resolve)."
    if any(item.ref in refs for item, _ in known.absent):
        return f"The conflict about the {field} ended: one of its items is not there any more."
    if len(refs) < 2 or not refs <= {item.ref for item in known.task.items}:
        return f"The conflict about the {field} ended: one of its items is not looked at any more."
    return f"The conflict about the {field} settled itself: the trackers agree."


def rests(known: Known) -> Iterator[Line]:
    """What people paused, of this task or of a tracker it has an item in, and when that ended."""
    for pause in known.rests.pauses.every:
        mine = pause.name == known.task.id if pause.kind == "task" else pause.name in known.trackers
        if mine and pause.ended == pause.since:
            # Nobody had paused it: something else rested, and somebody said that it shall go on.
            yield Line(
                pause.since, "rest", "A person let the task go on (trackersync resume): what rested is tried again."
            )
        elif mine:
            what = "The task" if pause.kind == "task" else f"All of {pause.name}"
            why = (f"The reason given: {pause.reason}.",) if pause.reason else ()
            yield Line(pause.since, "rest", f"{what} was paused: it is read as ever, and not written.", why)
            if pause.ended is not None:
                yield Line(pause.ended, "rest", f"{what} was resumed.")

"""What an item's own history says of its stage and its owners: when each last changed, and by whom.

A tracker tells changes of facts; a field changes when what the facts *mean* does. So the history is played backwards
from what the item shows now, and every event that leaves the meaning as it was (a label that is nobody's business,
another word for the same stage) does not count. Histories have holes: a tracker may leave events out, or call a label
by a name it had then. Where the events do not lead to what is shown, the time of the last change is unknown, and
nothing is guessed.

Our own writes stand in the history too; ``doing`` tells them from people's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from trackersync.core.doing import Doing, Own, Sent
from trackersync.core.expect import fold
from trackersync.core.merge import LastEdit
from trackersync.core.model import OWNERS, STAGE, Event, Facts, FieldName, Item
from trackersync.core.terms import Terms, meaning, native_of

AT_ONCE = timedelta(seconds=10)
"""What one account does to a field within so long is one step: a label taken off and another one put on."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of an item's past.

    Attributes:
        events: as its tracker tells them, oldest first.
        read: when they were asked for, by our clock.
        upto: the item's ``updated`` as known then.
        owed: the item was seen moved since, and they have not been read again.
    """

    events: tuple[Event, ...]
    read: datetime
    upto: datetime
    owed: bool = False

    def current(self, item: Item) -> bool:
        """Whether it tells all that led to what an item shows."""
        return not self.owed and item.updated <= self.upto


@dataclass(frozen=True, slots=True)
class Step:
    """One change of what an item says of a field.

    Attributes:
        at: when.
        by: the account that did it; empty where the tracker does not say.
        before: the field's facts before it.
        after: and after it.
        ours: our own doing.
        wrote: the write of the journal it is, where that is known.
    """

    at: datetime
    by: str
    before: Facts
    after: Facts
    ours: bool = False
    wrote: Sent | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """How a field of an item came to what it says now.

    Attributes:
        steps: its changes, oldest first.
        leads: the last of them leads to what the item shows, so that nothing later is missing.
        whole: none of them contradicts another, so that nothing in between is missing either.
    """

    steps: tuple[Step, ...]
    leads: bool
    whole: bool


@dataclass(frozen=True, slots=True)
class Stay:
    """A time that an item spent in one stage; ``until`` is None while it is there, ``since`` where that is not told."""

    stage: str
    since: datetime | None
    until: datetime | None


def course(item: Item, events: Sequence[Event], name: FieldName, terms: Terms, own: Own) -> Course:
    """Play an item's history backwards.

    Args:
        item: as it shows itself now.
        events: its history, oldest first. It may be newer than ``item``: what came later is left out where the rest
            leads to what it shows.
        name: which field.
        terms: today's mapping and people.
        own: what our own doing is known by.
    """
    mine = _relevant(events, item.ref.tracker, name, terms)
    played = _play(item, mine, name, terms)
    if not played.leads:
        again = _play(item, [event for event in mine if event.at <= item.updated], name, terms)
        played = again if again.leads else played
    doing = Doing(item.ref, name, mine, terms, own)
    steps = [Step(e.at, e.by, before, after, *doing.of(e)) for e, before, after in played.changes]
    joined = _joined(steps, meaning(item.ref.tracker, name, terms))
    return Course(tuple(joined), played.leads, played.whole)


def last_edit(item: Item, events: Sequence[Event], name: FieldName, terms: Terms, own: Own) -> LastEdit | None:
    """When people last changed what an item says of a field, and who; None where the history does not tell.

    What nobody has changed since the item was made was set then.
    """
    found = course(item, events, name, terms, own)
    if not found.leads:
        return None
    last = next((step for step in reversed(found.steps) if not step.ours), None)
    if last is not None:
        return LastEdit(last.at, terms.people.name(item.ref.tracker, last.by) or last.by)
    return LastEdit(item.created, "") if found.whole else None


def stays(item: Item, found: Course, terms: Terms) -> tuple[Stay, ...]:
    """The times an item spent in each stage that it claimed, oldest first.

    Args:
        item: as it shows itself now.
        found: how its stage came to that.
        terms: today's mapping.
    """
    read = terms.maps[item.ref.tracker].read
    if not found.steps:
        return _stay(read(item.facts).first, item.created if found.whole else None, None)
    first = found.steps[0]
    times = _stay(read(first.before).first, item.created if found.whole else None, first.at)
    for step, following in pairwise(found.steps):
        times += _stay(read(step.after).first, step.at, following.at)
    last = found.steps[-1]
    return times + _stay(read(last.after).first, last.at, None)


def _stay(stage: str | None, since: datetime | None, until: datetime | None) -> tuple[Stay, ...]:
    return (Stay(stage, since, until),) if stage is not None else ()


# Playing backwards.


@dataclass(frozen=True, slots=True)
class _Played:
    """The events that touch a field, each with the field's facts before and after it; see ``Course``."""

    changes: tuple[tuple[Event, Facts, Facts], ...]
    leads: bool
    whole: bool


def _relevant(events: Iterable[Event], tracker: str, name: FieldName, terms: Terms) -> list[Event]:
    """The events that a field can be changed by; of shared facts only the values that are ours."""
    if name == OWNERS:
        return [event for event in events if event.fact == OWNERS]
    stages = terms.maps[tracker]
    places = stages.native({}).keys()
    mine = [
        replace(
            event,
            added=stages.own(event.fact, event.added),
            removed=stages.own(event.fact, event.removed),
        )
        for event in events
        if event.fact in places
    ]
    return [event for event in mine if event.added or event.removed]


def _play(item: Item, events: Sequence[Event], name: FieldName, terms: Terms) -> _Played:
    film = _Film(dict(native_of(item, name, terms)), _sets(item.ref.tracker, terms))
    changes = [(event, *film.undo(event)) for event in reversed(events)]
    states = [film.shown, *(after for _, _, after in changes)]
    if name == STAGE and not _plausible(item, states, events, terms):
        return _Played(tuple(reversed(changes)), leads=False, whole=False)
    return _Played(tuple(reversed(changes)), film.leads, film.whole)


class _Film:
    """An item's facts while its history is played backwards.

    Args:
        shown: what it shows before the events that have been taken back so far.
        sets: the facts that hold several values.
    """

    def __init__(self, shown: dict[str, tuple[str, ...]], sets: frozenset[str]) -> None:
        self.shown = shown
        self.leads = True
        self.whole = True
        self._sets = sets
        self._later: set[tuple[str, str]] = set()

    def undo(self, event: Event) -> tuple[Facts, Facts]:
        """Take one event back.

        Returns:
            The facts before and after it.
        """
        fact, single = event.fact, event.fact not in self._sets
        now, came, went = self.shown.get(fact, ()), fold(event.added), fold(event.removed)
        missing = (came - fold(now)) | (went & fold(now))
        if missing:
            # Something later is not told. If a later event speaks of it, that lies between the two; else at the end.
            self.whole = False
            if not {(fact, "" if single else value) for value in missing} <= self._later:
                self.leads = False
            kept = () if single else tuple(value for value in now if value.casefold() not in went)
            now = (*kept, *(value for value in event.added if value.casefold() not in fold(kept)))
        after = {**self.shown, fact: now}
        left = () if single else tuple(value for value in now if value.casefold() not in came)
        self.shown = {**after, fact: (*left, *event.removed)}
        self._later |= {(fact, "" if single else value) for value in came | went}
        return self.shown, after


def _sets(tracker: str, terms: Terms) -> frozenset[str]:
    vocabulary = terms.maps[tracker].vocabulary
    return frozenset({OWNERS, *(matcher.fact for matcher in vocabulary.matchers if matcher.shared)})


def _plausible(item: Item, states: Sequence[Facts], events: Sequence[Event], terms: Terms) -> bool:
    """Whether an item may have been all that its history makes it out.

    A label that was renamed since bears its old name in the history: then the item seems to have had it always, and now
    and then beside another one. And a place that only some teams keep a stage in (a board, an issue field) may have no
    history at all.
    """
    stages = terms.maps[item.ref.tracker]
    told = {(event.fact, value.casefold()) for event in events for value in (*event.added, *event.removed)}
    always = {(fact, value.casefold()) for fact in stages.ours for value in stages.mine(item.facts, fact)} - told
    first, *others = (stages.read(one).kind == "clash" for one in states)
    if first or (always and any(others) and stages.read(item.facts).kind != "clash"):
        return False
    matchers = stages.vocabulary.matchers
    seldom = {one.fact for one in matchers if one.evidence or (one.optional and not one.shared)}
    moved = {fact for fact, _ in told}
    return all(not values or fact in moved or fact not in seldom for fact, values in states[0].items())


def _joined(steps: Sequence[Step], means: Callable[[Facts], object]) -> list[Step]:
    """Steps that one account makes in one go as one, at the moment of the last that says anything new.

    What says nothing new, or came to nothing, is left out.
    """
    joined: list[Step] = []
    for step in steps:
        last = joined[-1] if joined else None
        if last is not None and (last.by, last.ours) == (step.by, step.ours) and step.at - last.at <= AT_ONCE:
            at = step.at if means(step.before) != means(step.after) else last.at
            joined[-1] = replace(step, at=at, before=last.before, wrote=step.wrote or last.wrote)
        else:
            joined.append(step)
    return [step for step in joined if means(step.before) != means(step.after)]

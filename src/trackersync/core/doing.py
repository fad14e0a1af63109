"""Whose doing an event of an item's history is: ours, or other people's.

A write of the journal is known by its values and its moment, and shows which account we used. What that account did
besides is ours too (the journal may be lost), unless the account is a person's: people who lend us theirs go on working
themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from trackersync.core.expect import fold
from trackersync.core.model import Change, Event, FieldName, ItemRef, Outcome, Receipt
from trackersync.core.terms import Terms

APART = timedelta(minutes=2)
"""How far our clock and a tracker's may be apart where a write of ours is looked for in its history."""
_NOT_OURS = (Outcome.ALREADY_SO, Outcome.GONE)


class Sent(Protocol):
    """A write of ours as the journal has it."""

    @property
    def change(self) -> Change:
        """What was to be written."""

    @property
    def receipt(self) -> Receipt | None:
        """What became of it."""

    @property
    def intended(self) -> datetime:
        """When it was written down, just before it was sent."""

    @property
    def settled(self) -> datetime | None:
        """When the answer was."""


@dataclass(frozen=True, slots=True)
class Own:
    """What our own doing in a tracker's history is known by.

    Attributes:
        writes: of the journal, about the items at hand.
        accounts: by tracker, the account that we use there, where that was asked.
    """

    writes: Sequence[Sent] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)


class Doing:
    """Tells our own doing from other people's, in the history of one field of one item.

    Args:
        ref: the item.
        name: the field.
        events: its history.
        terms: today's people.
        own: what our own doing is known by.
    """

    def __init__(self, ref: ItemRef, name: FieldName, events: Sequence[Event], terms: Terms, own: Own) -> None:
        self._follows = terms.maps[ref.tracker].vocabulary.follows
        self._account = own.accounts.get(ref.tracker, "").casefold()
        self._writes = [
            sent
            for sent in own.writes
            if (sent.change.ref, sent.change.field) == (ref, name)
            and (sent.receipt is None or sent.receipt.outcome not in _NOT_OURS)
        ]
        nobodys = {event.by for event in events if event.by and terms.people.name(ref.tracker, event.by) is None}
        used = {event.by.casefold() for event in events if self._write(event) is not None} | {self._account}
        self._bots = {by.casefold() for by in nobodys} & used
        self.strangers = frozenset(by for by in nobodys if by.casefold() not in self._bots)
        """The accounts that are neither a person's nor known to be ours."""

    def of(self, event: Event) -> tuple[bool, Sent | None]:
        """Whether an event is our doing, and by which write of the journal."""
        wrote = self._write(event)
        return wrote is not None or event.by.casefold() in self._bots, wrote

    def _write(self, event: Event) -> Sent | None:
        if self._account and event.by and event.by.casefold() != self._account:
            return None
        return next((sent for sent in self._writes if _is_of(event, sent, self._follows)), None)


def _is_of(event: Event, sent: Sent, follows: Mapping[str, str]) -> bool:
    """Whether an event may be a write's doing: its values are the write's, and it happened when that was sent."""
    if not sent.intended - APART <= event.at <= (sent.settled or sent.intended) + APART:
        return False
    change = sent.change
    if event.fact not in change.after:
        # The tracker says by itself how something was finished.
        return follows.get(event.fact) in change.after
    passed = change.path if event.fact == change.fact else ()
    came, went = (*change.after[event.fact], *passed), (*change.before.get(event.fact, ()), *passed)
    return fold(event.added) <= fold(came) and fold(event.removed) <= fold(went)

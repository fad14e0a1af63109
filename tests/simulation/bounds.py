"""Promise 8: what nobody approved stays within the limits, over any window of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from trackersync.core.guard import SMALLEST_SHARE
from trackersync.core.model import Outcome
from trackersync.pipeline import Order
from trackersync.testing import MachineClock
from trackersync.testing.tracker import Edit

from .broken import expect
from .observed import Observed, Place

COUNTED = (Outcome.APPLIED, Outcome.ALREADY_SO, Outcome.IN_DOUBT)
"""Not what a tracker refused in the end, or what somebody set otherwise in the same moment."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A change that wrote: the number of its entry, what it wrote and when by the machine's clock."""

    entry: int
    place: Place
    task: str
    adoption: bool
    at: datetime


class Bounds:
    """Counts what was written without a person's approval.

    Args:
        observed: what happened.
        clock: the machine's.
    """

    def __init__(self, observed: Observed, clock: MachineClock) -> None:
        self._observed = observed
        self._clock = clock
        self._written: dict[int, _Written] = {}

    def ran(self, order: Order, ours: Iterable[Edit]) -> None:
        """A run has ended, or was cut short, and has made these edits."""
        edits = list(ours)
        if order.exactly is not None or order.approve is not None or not edits:
            return
        self._note(edits)
        observed, limits = self._observed, self._observed.world.limits
        store, since = observed.store.store, self._clock.now() - limits.window
        refs = {name for one in self._written.values() for name in observed.names(observed.here(one.place[0]))}
        entries = {one.id: one for one in store.journal(refs=refs)}
        recent = [
            one
            for one in self._written.values()
            if one.at >= since and ((receipt := entries[one.entry].receipt) is None or receipt.outcome in COUNTED)
        ]
        for adoption, most in ((False, limits.changes), (True, limits.adoptions)):
            fields = {one.place for one in recent if one.adoption is adoption}
            words = f"{'first contacts' if adoption else 'changes'} within {limits.window}, and {most} are allowed"
            expect(len(fields) <= most, 8, f"{len(fields)} {words}", fields)
        tasks, known = {one.task for one in recent}, sum(1 for _ in store.items())
        most = max(SMALLEST_SHARE, int(known * limits.share + 1e-9))
        expect(len(tasks) <= most, 8, f"{len(tasks)} tasks within {limits.window}, and {most} are allowed", tasks)

    def _note(self, edits: Iterable[Edit]) -> None:
        observed, now = self._observed, self._clock.now()
        links = {observed.here(ref): task for ref, task in observed.store.store.links().items()}
        for edit in edits:
            entries = observed.store.store.journal(refs=observed.names(edit.ref))
            for field in observed.meaning.field_of(edit):
                made = [one for one in entries if one.change.field == field]
                if made:
                    task = links.get(edit.ref, edit.ref.id)
                    written = _Written(made[-1].id, (edit.ref, field), task, made[-1].change.adoption, now)
                    self._written.setdefault(made[-1].id, written)

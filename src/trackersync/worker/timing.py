"""How soon edits are reflected: counted by the look that is done with one, however many tries it took."""

from __future__ import annotations

from collections.abc import Mapping

from trackersync.core.model import ItemRef
from trackersync.core.outcome import Outcome
from trackersync.pipeline.session import Session
from trackersync.store import Due
from trackersync.worker.metrics import Metrics
from trackersync.worker.verdict import Said

_OLD = 86_400.0
"""Seconds: what was edited longer ago is no news, but was waiting to be decided."""


class Timing:
    """Counts the edits that are reflected, and whether that was in time.

    Args:
        session: with the store and the clock.
        fresh: by tracker, the seconds within which an edit is to be reflected.
        metrics: told of each.
    """

    def __init__(self, session: Session, fresh: Mapping[str, float], metrics: Metrics) -> None:
        self._session, self._fresh, self._metrics = session, fresh, metrics
        self._read: set[ItemRef] = set()

    def looked(self, due: Due, outcome: Outcome, said: Said) -> None:
        """Count the edit that a look was about, once it is done, or that its delivery only came late.

        Args:
            due: the look, as it was when it began.
            outcome: of its run.
            said: what became of it.
        """
        ref = due.subject.ref
        look = outcome.world.looks.get(ref.tracker)
        if look is None:
            return
        fresh = ref in look.news
        if said == "failed" and fresh:
            # It is read, so that it is no news to the next try, whoever's fault it was that nothing was written.
            self._read.add(ref)
        elif said == "done":
            self._reflected(due, outcome, fresh=fresh, before=ref in self._read)
        if said != "failed":
            self._read.discard(ref)

    def _reflected(self, due: Due, outcome: Outcome, *, fresh: bool, before: bool) -> None:
        store, ref = self._session.store, due.subject.ref
        item = next((item for task in outcome.world.tasks for item in task.items if item.ref == ref), None)
        if item is None:
            return
        if due.told and not fresh:
            store.told_late(ref, due.since)
        now = self._session.clock.now()
        took = (now - item.updated).total_seconds()
        # A try of another process that failed has read it too.
        if fresh or before or due.tries or (not due.told and took < _OLD):
            timely = took <= self._fresh[ref.tracker]
            store.reflected(ref.tracker, now, timely=timely)
            self._metrics.reflected(ref.tracker, took, timely)

"""How soon edits are reflected: counted by the look that is done with one, however many tries it took."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
        """Count the edits that a look was about, once it is done, or that its delivery only came late.

        Args:
            due: the look, as it was when it began.
            outcome: of its run.
            said: what became of it.
        """
        ref = due.subject.ref
        looks = outcome.world.looks
        if ref.tracker not in looks:
            return
        # Also what it came upon at the other side: to the look at that it is no news any more.
        news = {one for look in looks.values() for one in look.news}
        if said == "failed":
            # They are read, so that they are no news to the next try, whoever's fault it was that nothing was written.
            self._read |= news
        elif said == "done":
            if due.told and ref not in news:
                self._session.store.told_late(ref, due.since)
            self._reflected(outcome, news | self._read, due)
        if said != "failed":
            self._read -= {ref, *(item.ref for task in outcome.world.tasks for item in task.items)}

    def _reflected(self, outcome: Outcome, edits: Collection[ItemRef], due: Due) -> None:
        now = self._session.clock.now()
        for item in (item for task in outcome.world.tasks for item in task.items):
            took = (now - item.updated).total_seconds()
            # A try of another process that failed has read it; or a timer that asked for it too, while it waited.
            waited = item.ref == due.subject.ref and (due.tries or (due.wanted > due.told and took < _OLD))
            if item.ref in edits or waited:
                timely = took <= self._fresh[item.ref.tracker]
                self._session.store.reflected(item.ref.tracker, now, timely=timely)
                self._metrics.reflected(item.ref.tracker, took, timely)

"""Runs that the store remembers, and what each wrote, as people are told of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trackersync.connector import Clock
from trackersync.core.journal import Run, Wrote
from trackersync.core.terms import Terms
from trackersync.store import Entry, Store
from trackersync.store import Run as Stored


class Ran:
    """The runs of a store.

    Args:
        store: where they are.
        terms: by which a run is told to be of the present configuration.
        clock: the time.
    """

    def __init__(self, store: Store, terms: Terms, clock: Clock) -> None:
        self._store, self._terms, self._clock = store, terms, clock
        self._runs: dict[int, Run] = {}

    def told(self, stored: Stored) -> Run:
        """A run as the store has it, in what people are told of it."""
        summary = stored.summary
        outcomes: Mapping[str, int] = summary.get("outcomes", {})
        state = str(summary.get("state", "done"))
        if stored.ended is None:
            state = "under way" if self._under_way(stored) else "killed"
        return Run(
            number=stored.id,
            command=stored.command,
            begun=stored.begun,
            ended=stored.ended,
            state=state,
            approved=stored.approved,
            digest=stored.digest,
            current=stored.fingerprint == self._terms.fingerprint,
            planned=sum(outcomes.values()) or len(self._store.planned(stored.id)),
            outcomes=outcomes,
            requests=summary.get("requests", {}),
            holds=tuple(summary.get("holds", ())),
            troubles=tuple(filter(None, (summary.get("why"), *summary.get("failures", ())))),
            conflicts=summary.get("conflicts", 0),
            left_alone=summary.get("left_alone", 0),
        )

    def wrote(self, entries: Iterable[Entry]) -> tuple[Wrote, ...]:
        """Entries of the journal, each with its run."""
        return tuple(
            Wrote(
                self._run_of(entry.run),
                entry.change,
                entry.natives,
                entry.receipt,
                entry.intended,
                entry.settled,
            )
            for entry in entries
        )

    def _run_of(self, number: int) -> Run:
        if number not in self._runs:
            stored = self._store.run(number)
            # A run that was forgotten is told by its number alone.
            self._runs[number] = self.told(stored) if stored else Run(number, "sync", self._clock.now())
        return self._runs[number]

    def _under_way(self, stored: Stored) -> bool:
        holder = self._store.holder()
        return holder is not None and stored.place in holder

"""The schedule as it was kept: by job, which of its moments was served last, and how that went.

A moment is claimed before its job runs, in one transaction, so that of several workers one runs it, and a killed run is
told from one that never began. Whoever writes shows what they saw: where that is not so any more, nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Row, select, update

from trackersync.core.schedule import Kept
from trackersync.store import schema
from trackersync.store.database import Database, insert
from trackersync.store.rows import micros, moment, moment_or_none

_job = schema.job.c


class Timetable(Database):
    """The kept schedule of a store."""

    def kept(self) -> Mapping[str, Kept]:
        """By job, its last run."""
        with self.read() as connection:
            return {row.name: _kept(row) for row in connection.execute(select(schema.job))}

    def await_job(self, name: str, slot: datetime) -> None:
        """Begin to count a job's moments from this one on, if nobody did before."""
        row = {"name": name, "slot": micros(slot), "outcome": "", "place": ""}
        with self.write() as connection:
            connection.execute(insert(connection, schema.job).on_conflict_do_nothing(), row)

    def recount_job(self, kept: Kept, slot: datetime) -> None:
        """Count a job's moments from another one on: it goes by another schedule now, or the clock was set back."""
        self._turn_into(kept, replace(kept, slot=slot))

    def claim_job(self, kept: Kept, slot: datetime, at: datetime, place: str) -> Kept | None:
        """Begin the run of a job that is due.

        Args:
            kept: as it was when it was decided that the job is due.
            slot: the moment to be served.
            at: now.
            place: the process and machine.

        Returns:
            The run; None where it is not ours, since somebody else was quicker.
        """
        claimed = Kept(kept.name, slot, at, None, "", place, at)
        return claimed if self._turn_into(kept, claimed) else None

    def beat_job(self, claimed: Kept, at: datetime) -> None:
        """Write down that a run goes on."""
        self._turn_into(claimed, replace(claimed, beat=at))

    def end_job(self, claimed: Kept, at: datetime, outcome: str = "") -> None:
        """Write down that a run has ended, and what came of it; not where somebody else has taken it over."""
        self._turn_into(claimed, replace(claimed, ended=at, outcome=outcome, beat=at))

    def hand_back_job(self, claimed: Kept, slot: datetime, at: datetime, outcome: str) -> None:
        """Write down that a run was stopped before its end, so that its moment is still to be served.

        Args:
            claimed: the run.
            slot: an earlier moment, from which on its own is still to come.
            at: now.
            outcome: why it was stopped.
        """
        self._turn_into(claimed, replace(claimed, slot=slot, ended=at, outcome=outcome, beat=at))

    def _turn_into(self, seen: Kept, new: Kept) -> bool:
        """Write a job down, where it is still as it was seen but for its beat; whether it was."""
        values = {
            "slot": micros(new.slot),
            "begun": _micros_or_none(new.begun),
            "ended": _micros_or_none(new.ended),
            "outcome": new.outcome,
            "place": new.place,
            "beat": _micros_or_none(new.beat),
        }
        with self.write() as connection:
            return bool(connection.execute(update(schema.job).where(*_as_seen(seen)).values(values)).rowcount)


def _as_seen(seen: Kept) -> tuple[ColumnElement[bool], ...]:
    return (
        _job.name == seen.name,
        _job.slot == micros(seen.slot),
        _job.begun.is_not_distinct_from(_micros_or_none(seen.begun)),
        _job.ended.is_not_distinct_from(_micros_or_none(seen.ended)),
        _job.place == seen.place,
    )


def _micros_or_none(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def _kept(row: Row[tuple[object, ...]]) -> Kept:
    return Kept(
        row.name,
        moment(row.slot),
        moment_or_none(row.begun),
        moment_or_none(row.ended),
        row.outcome,
        row.place,
        moment_or_none(row.beat),
    )

"""The schedule as it was kept: by job, which of its moments was served last, and how that went.

A moment is claimed before its job runs, in one transaction, so that of several workers one runs it, and a killed run is
told from one that never began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select, update

from trackersync.store import schema
from trackersync.store.database import Database, insert
from trackersync.store.rows import micros, moment, moment_or_none

_job = schema.job.c


@dataclass(frozen=True, slots=True)
class Kept:
    """A job as it was last run.

    Attributes:
        name: the job's.
        slot: the moment it was due.
        begun: when it began; None for one that is only being waited for.
        ended: when it ended; None while it runs, or when it was killed.
        outcome: what came of it, in a sentence; empty where all went well.
        place: the process and machine it ran on.
    """

    name: str
    slot: datetime
    begun: datetime | None
    ended: datetime | None
    outcome: str
    place: str


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

    def claim_job(self, name: str, last: datetime, slot: datetime, at: datetime, place: str) -> bool:
        """Begin the run of a job that is due.

        Args:
            name: the job's.
            last: the moment that was served last, as it was when it was decided that another is due.
            slot: the moment to be served.
            at: now.
            place: the process and machine.

        Returns:
            Whether it is ours to run; not where somebody else was quicker.
        """
        which = (_job.name == name, _job.slot == micros(last))
        values = {"slot": micros(slot), "begun": micros(at), "ended": None, "outcome": "", "place": place}
        with self.write() as connection:
            return bool(connection.execute(update(schema.job).where(*which).values(values)).rowcount)

    def end_job(self, name: str, slot: datetime, at: datetime, outcome: str = "") -> None:
        """Write down that a job's run has ended, and what came of it; not where a later one has begun."""
        which = (_job.name == name, _job.slot == micros(slot))
        with self.write() as connection:
            connection.execute(update(schema.job).where(*which).values(ended=micros(at), outcome=outcome))


def _kept(row: Row[tuple[object, ...]]) -> Kept:
    return Kept(
        row.name, moment(row.slot), moment_or_none(row.begun), moment_or_none(row.ended), row.outcome, row.place
    )

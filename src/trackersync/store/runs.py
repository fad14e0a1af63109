"""Runs: what started each, what it planned, how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, update

from trackersync.core.model import Change
from trackersync.store import schema
from trackersync.store.database import Database
from trackersync.store.rows import micros, moment, moment_or_none, text

_run = schema.run.c
_summary = msgspec.json.Decoder(dict[str, Any])
planned_of = msgspec.json.Decoder(tuple[Change, ...]).decode
"""The changes of a plan, from the text in its row."""
# Without the plan, which may be long.
_RUNS = select(*(column for column in _run if column.name != "plan"))


@dataclass(frozen=True, slots=True)
class Run:
    """One run of trackersync.

    Attributes:
        id: its number, from 1.
        command: what started it: ``sync``, ``apply``.
        fingerprint: of the configuration.
        digest: of the plan it carried out.
        approved: a person approved its plan or resolved its conflicts, so its changes count against no limit.
        begun: when it began.
        ended: when it ended; None while it runs, or when it was killed.
        summary: its figures: changes by outcome, requests by tracker; and its ``state``: ``held``, ``refused``,
            ``interrupted`` or ``done``.
        place: the process and machine it runs on.
    """

    id: int
    command: str
    fingerprint: str
    digest: str
    approved: bool
    begun: datetime
    ended: datetime | None
    summary: Mapping[str, Any]
    place: str = ""


class Runs(Database):
    """The runs of a store."""

    def begin_run(
        self,
        command: str,
        fingerprint: str,
        digest: str,
        at: datetime,
        *,
        approved: bool = False,
        place: str = "",
    ) -> int:
        """Number a run that begins now. Its plan is not known yet: ``plan_run``."""
        values = {
            "command": command,
            "fingerprint": fingerprint,
            "digest": digest,
            "approved": int(approved),
            "begun": micros(at),
            "summary": "{}",
            "place": place,
        }
        with self.write() as connection:
            return int(connection.execute(insert(schema.run).values(values).returning(_run.id)).scalar_one())

    def plan_run(self, run: int, digest: str, changes: Sequence[Change], *, approved: bool) -> None:
        """Write down what a run has planned, and whether a person approved it, before anything of it is sent."""
        values = {"digest": digest, "plan": text(list(changes)), "approved": int(approved)}
        with self.write() as connection:
            connection.execute(update(schema.run).where(_run.id == run).values(values))

    def planned(self, run: int) -> tuple[Change, ...]:
        """The changes a run planned, also those that were held or not begun."""
        with self.read() as connection:
            plan = connection.scalar(select(_run.plan).where(_run.id == run))
        return planned_of(plan or "[]")

    def end_run(self, run: int, summary: Mapping[str, object], at: datetime) -> None:
        """Write down that a run has ended, and its figures (JSON-able)."""
        with self.write() as connection:
            ended = update(schema.run).where(_run.id == run).values(ended=micros(at), summary=text(summary))
            connection.execute(ended)

    def runs(self, most: int | None = None) -> tuple[Run, ...]:
        """The runs, latest first; at most ``most``."""
        with self.read() as connection:
            return tuple(map(_a_run, connection.execute(_RUNS.order_by(_run.id.desc()).limit(most))))

    def run(self, number: int) -> Run | None:
        """One run; None where there is none of this number, or it was so long ago that it was forgotten."""
        with self.read() as connection:
            row = connection.execute(_RUNS.where(_run.id == number)).one_or_none()
        return None if row is None else _a_run(row)


def _a_run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        command=row.command,
        fingerprint=row.fingerprint,
        digest=row.digest,
        approved=bool(row.approved),
        begun=moment(row.begun),
        ended=moment_or_none(row.ended),
        summary=_summary.decode(row.summary),
        place=row.place,
    )

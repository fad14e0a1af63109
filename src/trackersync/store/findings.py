"""What the last check found, so that the next one can say what is new and what is gone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import delete, select

from trackersync.core.checked import Before, Noted
from trackersync.store import schema
from trackersync.store.database import Database, insert, upsert
from trackersync.store.rows import BATCH, batches, micros, moment, text

_noted = msgspec.json.Decoder(Noted)


class Findings(Database):
    """The findings of a store's last check."""

    def put_findings(self, findings: Collection[Noted], at: datetime) -> None:
        """Remember what a check found, instead of what the one before did."""
        rows = [{"rule": one.rule, "body": text(one)} for one in findings]
        with self.write() as connection:
            connection.execute(delete(schema.finding))
            for some in batches(rows, BATCH):
                connection.execute(insert(connection, schema.finding), some)
            upsert(connection, schema.checked, [{"id": 1, "at": micros(at)}])

    def last_check(self) -> Before | None:
        """What the last check found, in its order, and when it was; None before the first."""
        with self.read() as connection:
            at = connection.execute(select(schema.checked.c.at)).scalar()
            if at is None:
                return None
            rows = connection.execute(select(schema.finding.c.body).order_by(schema.finding.c.id))
            return Before(moment(at), tuple(_noted.decode(row.body) for row in rows))

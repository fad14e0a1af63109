"""The journal does not grow for ever: what is older than it is kept for goes, a bounded batch at a time.

Nothing that decides goes: changes in doubt, open conflicts, pauses, links, bases and the latest run stay, however old.
So does what a tracker told of the past of an item that is there: it says since when the item is where it is, and the
tracker would only have to be asked again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, bindparam, delete, exists, func, select

from trackersync.store import schema
from trackersync.store.freshness import Timeliness
from trackersync.store.journal import undecided
from trackersync.store.rows import BATCH, micros


def _there(table: Table) -> ColumnElement[bool]:
    """The condition that the item a row is of is there as far as we know."""
    item = schema.item.c
    return exists().where(item.tracker == table.c.tracker, item.id == table.c.item, item.missing.is_(None))


class Retention(Timeliness):
    """The tidying of a store."""

    def tidy(self, now: datetime, keep: timedelta, deliveries: timedelta) -> int:
        """Drop all that is older than it is kept for: what a service does once in a while.

        Args:
            now: the moment.
            keep: how long the journal is kept; see ``forget_before``.
            deliveries: how long the ids of deliveries are, and what is known of missed changes and of timeliness.

        Returns:
            How many rows went.

        Raises:
            StoreError: the store cannot be written; what went before is gone, the rest goes next time.
        """
        received = now - deliveries
        return self.forget_before(now - keep) + self.forget_deliveries(received) + self.forget_missed(received)

    def forget_before(self, moment: datetime) -> int:
        """Drop runs, changes, moves, settled conflicts, overruled moves and lost items' pasts from before a moment.

        Transactions of at most 1,000 rows, so that nobody waits long.

        Args:
            moment: what is older goes. Not later than the guard's window reaches back, since it counts the journal.

        Returns:
            How many rows went.

        Raises:
            StoreError: the store cannot be written; what went before is gone, the rest goes next time.
        """
        old = micros(moment)
        change, run = schema.change.c, schema.run.c
        conflict, pause, event, history = schema.conflict.c, schema.pause.c, schema.event.c, schema.history.c
        latest = select(func.max(run.id)).scalar_subquery()
        kept = select(change.run)
        return (
            self._drop(schema.change, (change.intended < old) & ~undecided)
            + self._drop(schema.move, schema.move.c.seen < old)
            + self._drop(schema.overruled, schema.overruled.c.at < old)
            + self._drop(schema.conflict, conflict.settled < old)
            + self._drop(schema.pause, pause.ended < old)
            + self._drop(schema.event, (event.at < old) & ~_there(schema.event))
            + self._drop(schema.history, (history.read < old) & ~_there(schema.history))
            + self._drop(schema.run, (run.begun < old) & (run.id != latest) & run.id.not_in(kept))
        )

    def _drop(self, table: Table, which: ColumnElement[bool]) -> int:
        keys = list(table.primary_key)
        old = select(*(key.label(f"a_{key.name}") for key in keys)).where(which).limit(BATCH)
        these = delete(table).where(*(key == bindparam(f"a_{key.name}") for key in keys))
        gone, found = 0, BATCH
        while found == BATCH:
            with self.write() as connection:
                rows = [dict(row) for row in connection.execute(old).mappings()]
                if rows:
                    connection.execute(these, rows)
            found = len(rows)
            gone += found
        return gone

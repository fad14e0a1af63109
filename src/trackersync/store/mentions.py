"""Who names whom: an index over the items, kept in the transactions that write them.

It holds as long as everybody who writes items tells their words, and in the same way. Whoever does not takes back that
it holds, and then it is written anew before it is relied on.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from trackersync.core.mentions import Mentioning
from trackersync.core.model import Item
from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.rows import BATCH

_NAME = "mentions"
_item = msgspec.json.Decoder(Item)
_table = schema.item.c
_remembered = schema.remembered.c


class Mentions(Database):
    """The index of a store."""

    mentioning: Mentioning | None = None
    """How the words of items are told; None: nobody said, and what is written is not in the index."""

    def mentions_hold(self) -> bool:
        """Whether every item is in the index, by its words as they are told now."""
        if self.mentioning is None:
            return False
        with self.read() as connection:
            body = connection.scalar(select(_remembered.body).where(_remembered.name == _NAME))
        return body == self.mentioning.digest

    def renew_mentions(self) -> bool:
        """Write the index anew where it does not hold; whether it does now. Raises ``StoreError``."""
        if self.mentioning is None:
            return False
        if self.mentions_hold():
            return True
        with self.write() as connection:
            upsert(connection, schema.remembered, [{"name": _NAME, "body": _under_way(self.mentioning)}])
        last: tuple[str, str] | None = None
        while (last := self._renew(self.mentioning, last)) is not None:
            pass
        # Taken back, where somebody wrote an item meanwhile and told its words otherwise.
        done = update(schema.remembered).where(
            _remembered.name == _NAME, _remembered.body == _under_way(self.mentioning)
        )
        with self.write() as connection:
            connection.execute(done.values(body=self.mentioning.digest))
        return self.mentions_hold()

    def _renew(self, mentioning: Mentioning, after: tuple[str, str] | None) -> tuple[str, str] | None:
        """Index the next items in one transaction; the last of them, None where there were no more."""
        wanted = select(_table.tracker, _table.id, _table.body).order_by(_table.tracker, _table.id).limit(BATCH)
        if after is not None:
            tracker, id_ = after
            wanted = wanted.where(or_(_table.tracker > tracker, and_(_table.tracker == tracker, _table.id > id_)))
        with self.write() as connection:
            rows = connection.execute(wanted).all()
            _put(connection, mentioning, [_item.decode(row.body) for row in rows])
        return (rows[-1].tracker, rows[-1].id) if rows else None


def put_mentions(connection: Connection, mentioning: Mentioning | None, items: Sequence[Item]) -> None:
    """Index items that are written in this transaction; where nobody tells their words, the index holds no longer."""
    if not items:
        return
    other = delete(schema.remembered).where(_remembered.name == _NAME)
    if mentioning is None:
        connection.execute(other)
        return
    connection.execute(other.where(_remembered.body.not_in((mentioning.digest, _under_way(mentioning)))))
    _put(connection, mentioning, items)


def _put(connection: Connection, mentioning: Mentioning, items: Sequence[Item]) -> None:
    mention = schema.mention
    for tracker in {item.ref.tracker for item in items}:
        ids = [item.ref.id for item in items if item.ref.tracker == tracker]
        connection.execute(delete(mention).where(mention.c.tracker == tracker, mention.c.item.in_(ids)))
    rows = [
        {"tracker": item.ref.tracker, "item": item.ref.id, "word": word}
        for item in items
        for word in sorted(mentioning.words(item))
    ]
    if rows:
        connection.execute(insert(mention), rows)


def _under_way(mentioning: Mentioning) -> str:
    return f"under way: {mentioning.digest}"

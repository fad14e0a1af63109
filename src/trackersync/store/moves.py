"""What others did to items, as far as two looks tell: their facts before and after, kept for a task's story."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, or_, select

from trackersync.core.model import Facts, Item, ItemRef
from trackersync.core.told import Move
from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.rows import micros, moment, text

_table = schema.move.c
_item = msgspec.json.Decoder(Item)
_facts = msgspec.json.Decoder(Facts)


class Moves(Database):
    """The moves of a store."""

    def moves(self, refs: Collection[ItemRef]) -> tuple[Move, ...]:
        """The moves of some items, in the order they were seen."""
        ids: dict[str, list[str]] = {}
        for ref in refs:
            ids.setdefault(ref.tracker, []).append(ref.id)
        if not ids:
            return ()
        which = or_(*((_table.tracker == tracker) & _table.item.in_(some) for tracker, some in ids.items()))
        with self.read() as connection:
            return tuple(map(_move, connection.execute(select(schema.move).where(which).order_by(_table.id))))


def put_moves(connection: Connection, items: Sequence[Item], stored: Mapping[str, str], scan: int) -> None:
    """Note the items that show other facts than the stored ones did.

    Args:
        connection: of the transaction that stores the items.
        items: as seen now.
        stored: by item id, what was stored before, as JSON text.
        scan: the number of the look that showed them.
    """
    known = {item.ref.id: _item.decode(stored[item.ref.id]).facts for item in items}
    moved = [item for item in items if item.facts != known[item.ref.id]]
    if not moved:
        return
    # A look that a later one has overtaken is forgotten: then the tracker's own moment must do.
    seen = connection.scalar(select(schema.look.c.begun).where(schema.look.c.id == scan))
    rows = [
        {
            **_named(item),
            "updated": micros(item.updated),
            "seen": micros(item.updated) if seen is None else seen,
            "before": text(known[item.ref.id]),
            "after": text(item.facts),
        }
        for item in moved
    ]
    connection.execute(insert(schema.move), rows)
    # Who moved them, their own history tells.
    upsert(connection, schema.history, [{**_named(item), "owed": scan} for item in moved])


def _named(item: Item) -> dict[str, str]:
    return {"tracker": item.ref.tracker, "item": item.ref.id}


def _move(row: Row[Any]) -> Move:
    return Move(
        ItemRef(row.tracker, row.item),
        moment(row.updated),
        moment(row.seen),
        _facts.decode(row.before),
        _facts.decode(row.after),
    )

"""What is remembered, brought under new names the moment they are known.

What an item was last seen to show and what base holds of it were written under the old names, and so was how workflows
go on. In the same transaction as the names themselves they are written anew, all names at once: two statuses that have
changed names would be taken for each other otherwise. The journal keeps the words of its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import Connection, delete, select

from trackersync.core.model import Item, Transition
from trackersync.core.naming import Renaming, renamed
from trackersync.store import schema
from trackersync.store.database import upsert
from trackersync.store.rows import natives_of, natives_text, text

_item_of = msgspec.json.Decoder(Item)
_hops_of = msgspec.json.Decoder(tuple[Transition, ...])
_item = schema.item.c
_base = schema.base.c
_workflow = schema.workflow.c


def rename(connection: Connection, tracker: str, renamings: Sequence[Renaming]) -> None:
    """Write a tracker's items, bases and workflows under new names."""
    containers = _rename_items(connection, tracker, renamings)
    bases = connection.execute(select(schema.base).where(_base.tracker == tracker)).all()
    rows = [
        {
            "tracker": tracker,
            "item": row.item,
            "field": row.field,
            "natives": natives_text(
                renamed(native, containers.get(row.item, ""), renamings) for native in natives_of(row.natives)
            ),
        }
        for row in bases
    ]
    upsert(connection, schema.base, rows)
    _rename_workflows(connection, tracker, renamings)


def _rename_items(connection: Connection, tracker: str, renamings: Sequence[Renaming]) -> dict[str, str]:
    """Write the items anew, and tell the container of each."""
    containers: dict[str, str] = {}
    rows = []
    for row in connection.execute(select(schema.item).where(_item.tracker == tracker)).mappings().all():
        item = _item_of.decode(row["body"])
        containers[row["id"]] = item.container
        facts = renamed(item.facts, item.container, renamings)
        if facts != item.facts:
            rows.append({**row, "body": text(replace(item, facts=facts))})
    upsert(connection, schema.item, rows)
    return containers


def _rename_workflows(connection: Connection, tracker: str, renamings: Sequence[Renaming]) -> None:
    """Write workflows anew; the scope of one begins with the container whose items follow it."""
    rows = []
    for row in connection.execute(select(schema.workflow).where(_workflow.tracker == tracker)).mappings().all():
        names = {one.old: one.new for one in renamings if one.covers(row["scope"].partition(" + ")[0])}
        hops = tuple(replace(hop, to=names.get(hop.to, hop.to)) for hop in _hops_of.decode(row["hops"]))
        rows.append({**row, "status": names.get(row["status"], row["status"]), "hops": text(hops)})
    if rows:
        # The status is part of the key, and two may have changed places.
        connection.execute(delete(schema.workflow).where(_workflow.tracker == tracker))
        upsert(connection, schema.workflow, rows)

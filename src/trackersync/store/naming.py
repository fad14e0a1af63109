"""What values that have ids are called now, and what they were called before: people rename what they configured."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import select

from trackersync.core.model import Named
from trackersync.core.naming import Known, renamings
from trackersync.store import schema
from trackersync.store.database import Database, upsert
from trackersync.store.renaming import rename
from trackersync.store.rows import text

__all__ = ["Known", "Naming"]

_named = schema.named.c
_a_name = msgspec.json.Decoder(Named)
_former = msgspec.json.Decoder(tuple[str, ...])


class Naming(Database):
    """The names of a store."""

    def put_names(self, tracker: str, names: Iterable[Named]) -> bool:
        """Remember what values are called now; containers add up, and a name that is no more becomes a former one.

        What is remembered of items under a name that has changed is written under the new one; see ``store.renaming``.

        Returns:
            Whether anything was new.
        """
        with self.write() as connection:
            rows = connection.execute(select(schema.named).where(_named.tracker == tracker))
            before = {(row.fact, row.id): Known(_a_name.decode(row.body), _former.decode(row.former)) for row in rows}
            known = dict(before)
            for named in names:
                known[named.fact, named.id] = _met(known.get((named.fact, named.id)), named)
            new = [
                {"tracker": tracker, "fact": fact, "id": id_, "body": text(one.named), "former": text(one.former)}
                for (fact, id_), one in known.items()
                if one != before.get((fact, id_))
            ]
            if new:
                upsert(connection, schema.named, new)
            if changed := renamings(before.values(), known.values()):
                rename(connection, tracker, changed)
        return bool(new)

    def names(self, tracker: str) -> tuple[Known, ...]:
        """The values of a tracker that have ids, as they are called, by fact and id."""
        wanted = select(schema.named).where(_named.tracker == tracker).order_by(_named.fact, _named.id)
        with self.read() as connection:
            return tuple(
                Known(_a_name.decode(row.body), _former.decode(row.former)) for row in connection.execute(wanted)
            )


def _met(known: Known | None, named: Named) -> Known:
    if known is None:
        return Known(named)
    containers = tuple(dict.fromkeys((*known.named.containers, *named.containers)))
    former = known.former
    if known.named.name != named.name:
        former = tuple(dict.fromkeys((known.named.name, *(name for name in former if name != named.name))))
    return Known(Named(named.fact, named.id, named.name, containers), former)

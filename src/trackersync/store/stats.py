"""How large a store is, for ``doctor`` and for deciding when to tidy up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, inspect, select, text

from trackersync.store import schema
from trackersync.store.database import Database
from trackersync.store.opening import revision

_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True, slots=True)
class Stats:
    """A store's sizes.

    Attributes:
        schema: the revision of its tables.
        bytes: the size of the database; on PostgreSQL with everything else in it.
        rows: by table.
    """

    schema: str
    bytes: int
    rows: Mapping[str, int]


class Sizes(Database):
    """The sizes of a store."""

    def stats(self) -> Stats:
        """How large the store is."""
        with self.read() as connection:
            return stats_of(connection)


def stats_of(connection: Connection) -> Stats:
    """How large the store is that this connection reads; of an older one, as many tables as it has."""
    there = set(inspect(connection).get_table_names())
    rows = {
        table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
        for table in schema.metadata.sorted_tables
        if table is not schema.version and table.name in there
    }
    size = int(connection.scalar(text(_SIZE[connection.dialect.name])) or 0)
    return Stats(revision(connection) or "", size, rows)

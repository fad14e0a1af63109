"""Small things to remember by name, such as what something was last done with."""

from __future__ import annotations

from sqlalchemy import select

from trackersync.store import schema
from trackersync.store.database import Database, upsert


class Remembering(Database):
    """Remembers texts by name."""

    def remembered(self, name: str) -> str | None:
        """What was remembered under a name; None where nothing was."""
        with self.read() as connection:
            return connection.scalar(select(schema.remembered.c.body).where(schema.remembered.c.name == name))

    def remember(self, name: str, body: str) -> None:
        """Remember a text under a name, in place of what was remembered there."""
        with self.write() as connection:
            upsert(connection, schema.remembered, [{"name": name, "body": body}])

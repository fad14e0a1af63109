"""Bring a store's tables to what this program expects: made anew, found right, brought up to date, or refused.

A new store is made from ``schema.metadata`` and stamped in one transaction, without Alembic, whose import alone costs
more than a quiet run. An older one is brought up by Alembic, also in one transaction, so that a kill in the middle
leaves the old store. A newer one is refused: an old program cannot know what it would spoil.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, select

from trackersync.errors import StoreError
from trackersync.store.database import Database
from trackersync.store.schema import HEAD, metadata, version

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def prepare(database: Database) -> None:
    """Make the tables, or bring them up to date.

    Raises:
        StoreError: the store is newer than this program, is another program's, or cannot be read or written.
    """
    with database.read() as connection:
        found = known_revision(connection, database.name)
    database.write_ahead()
    if found == HEAD:
        return
    with database.write() as connection:
        # Looked at again: another process may have made or upgraded it while this one waited for its turn.
        found = revision(connection)
        if found is None:
            metadata.create_all(connection)
            connection.execute(version.insert().values(version_num=HEAD))
        elif found != HEAD:
            upgrade(connection)


def present(database: Database) -> None:
    """Make sure that the tables are there and up to date, without touching them.

    Raises:
        StoreError: there are none, they are of another version, or the store is another program's or cannot be read.
    """
    with database.read() as connection:
        found = known_revision(connection, database.name)
    if found is None:
        raise StoreError(f"There is no store in {database.name} yet. The first run makes it: trackersync check.")
    if found != HEAD:
        raise StoreError(
            f"The store {database.name} is of an earlier trackersync (schema {found}, this one knows {HEAD}), and here "
            "it is only read. The next run brings it up to date: trackersync check."
        )


def revision(connection: Connection) -> str | None:
    """The revision a store is stamped with: empty when its tables were all taken down, None when there is no store."""
    if not inspect(connection).has_table(version.name):
        return None
    return connection.scalar(select(version.c.version_num)) or ""


def known_revision(connection: Connection, name: str) -> str | None:
    """As ``revision``, of what this program may use.

    Raises:
        StoreError: this is no store of ours, or not of our time; told before anything is changed in it.
    """
    # Before the revision: another process may make the store between two questions, all of it at once.
    tables = set(inspect(connection).get_table_names())
    found = revision(connection)
    if found is None:
        # A server's database may be shared, as long as no name is taken; a file belongs to one program.
        foreign = tables if connection.dialect.name == "sqlite" else tables & set(metadata.tables)
        if foreign:
            raise StoreError(
                f"The store {name} is another program's database (it has a table {min(foreign)}). Nothing was changed "
                "in it. Name another one with `store:` or --store."
            )
    elif found > HEAD:
        raise StoreError(
            f"The store {name} was written by a newer trackersync (schema {found}, this one knows {HEAD}). Nothing was "
            "changed in it. Upgrade trackersync, or name another store with `store:` or --store."
        )
    return found


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run Alembic's revisions on this connection, inside its transaction. Also what developers' tests call."""
    from alembic import command  # noqa: PLC0415 - 0.3 s of import that an up-to-date store never needs

    command.upgrade(_revisions(connection), to)


def downgrade(connection: Connection, to: str) -> None:
    """Take revisions back, for developers: what the later ones remember is lost."""
    from alembic import command  # noqa: PLC0415 - the same

    command.downgrade(_revisions(connection), to)


def _revisions(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config

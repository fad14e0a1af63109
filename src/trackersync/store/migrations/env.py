"""What Alembic runs to reach the store: on the connection that ``opening.upgrade`` hands in, in its transaction."""

from __future__ import annotations

from alembic import context

from trackersync.store.schema import metadata, version

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=version.name,
    render_as_batch=True,  # SQLite can alter a table only by writing it anew
)
context.run_migrations()

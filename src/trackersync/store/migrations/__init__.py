"""The store's schema over time, as Alembic revisions; shipped with the program, run when it finds an older store."""

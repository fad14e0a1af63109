"""What trackers tell of their items' past, how far it is known, and when each container was last read whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the new tables, and the column that an older one lacks."""
    with op.batch_alter_table("container") as table:
        table.add_column(sa.Column("whole_at", sa.BigInteger()))
    op.create_table(
        "event",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "item", "id", name="pk_event"),
    )
    op.create_index("ix_event_at", "event", ["at"])
    op.create_table(
        "history",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("read", sa.BigInteger()),
        sa.Column("upto", sa.BigInteger()),
        sa.Column("owed", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tracker", "item", name="pk_history"),
    )
    op.create_index("ix_history_owed", "history", ["owed"])
    # Who made the moves that are remembered is asked by and by, as of any other move.
    op.execute("INSERT INTO history (tracker, item, owed) SELECT DISTINCT tracker, item, 0 FROM move")


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("history")
    op.drop_table("event")
    # In place: a table written anew would lose its order of columns.
    op.drop_column("container", "whole_at")

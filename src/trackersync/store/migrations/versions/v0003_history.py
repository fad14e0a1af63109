"""What trackers tell of their items' past, and when each container was last read whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the new table, and the column that older ones lack."""
    with op.batch_alter_table("container") as table:
        table.add_column(sa.Column("whole_at", sa.BigInteger()))
    op.create_table(
        "event",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "item", "id", name="pk_event"),
    )
    op.create_index("ix_event_at", "event", ["at"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("event")
    # In place: a table written anew would lose its order of columns.
    op.drop_column("container", "whole_at")

"""Workflows as far as trackers have shown them, and what renamed values are called now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the new tables."""
    op.create_table(
        "workflow",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("hops", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "scope", "status", name="pk_workflow"),
    )
    op.create_table(
        "named",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("former", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "fact", "id", name="pk_named"),
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("named")
    op.drop_table("workflow")

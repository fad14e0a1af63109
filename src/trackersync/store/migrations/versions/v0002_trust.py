"""What a person can see, settle and take back: moves, pairs apart, settlements, pauses, and what runs planned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# SQLite gives a row number only to a column that is exactly INTEGER.
_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = ["apart", "move", "pause", "settlement", "taken_back"]


def upgrade() -> None:
    """Make the new tables, and the columns that older ones lack."""
    with op.batch_alter_table("link") as table:
        table.add_column(sa.Column("at", sa.BigInteger()))
    with op.batch_alter_table("run") as table:
        table.add_column(sa.Column("place", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("plan", sa.Text(), nullable=False, server_default="[]"))
        table.create_index("ix_run_begun", ["begun"])
    op.create_table(
        "apart",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("other_tracker", sa.Text(), nullable=False),
        sa.Column("other_item", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "item", "other_tracker", "other_item", name="pk_apart"),
    )
    op.create_table(
        "move",
        sa.Column("id", _number, autoincrement=True, nullable=False),
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_move"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_move_tracker_item", "move", ["tracker", "item"])
    op.create_index("ix_move_seen", "move", ["seen"])
    op.create_table(
        "settlement",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task", "field", name="pk_settlement"),
    )
    op.create_table(
        "taken_back",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task", "field", name="pk_taken_back"),
    )
    op.create_table(
        "pause",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "since", name="pk_pause"),
    )


def downgrade() -> None:
    """Drop them again."""
    for name in _TABLES:
        op.drop_table(name)
    # In place: a table written anew would lose its AUTOINCREMENT.
    with op.batch_alter_table("run", recreate="never") as table:
        table.drop_index("ix_run_begun")
        table.drop_column("plan")
        table.drop_column("place")
    with op.batch_alter_table("link") as table:
        table.drop_column("at")

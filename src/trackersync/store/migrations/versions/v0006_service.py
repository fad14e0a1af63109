"""What a service needs: the inbox, the looks that are due, the schedule, and how well it does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TABLES = ("delivery", "due", "job", "mention", "missed", "freshness", "remembered")


def upgrade() -> None:
    """Make the new tables."""
    _inbox()
    _due()
    _schedule()
    _mentions()
    _doing()


def _inbox() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "delivery",
        sa.Column("number", number, autoincrement=True, nullable=False),
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_delivery"),
        sa.UniqueConstraint("tracker", "id", name="uq_delivery_tracker_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_state_number", "delivery", ["state", "number"])
    op.create_index("ix_delivery_tracker_at", "delivery", ["tracker", "at"])


def _due() -> None:
    op.create_table(
        "due",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "kind", "name", name="pk_due"),
    )
    op.create_index("ix_due_state_turn", "due", ["state", "turn"])
    op.create_index("ix_due_container_state_turn", "due", ["container", "state", "turn"])


def _schedule() -> None:
    op.create_table(
        "job",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_job"),
    )


def _mentions() -> None:
    op.create_table(
        "mention",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "item", "word", name="pk_mention"),
    )
    op.create_index("ix_mention_word", "mention", ["word"])
    op.create_table(
        "remembered",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_remembered"),
    )


def _doing() -> None:
    op.create_table(
        "missed",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "item", "updated", name="pk_missed"),
    )
    op.create_index("ix_missed_at", "missed", ["at"])
    op.create_table(
        "freshness",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("edits", sa.BigInteger(), nullable=False),
        sa.Column("timely", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "day", name="pk_freshness"),
    )


def downgrade() -> None:
    """Drop them again."""
    for name in _TABLES:
        op.drop_table(name)

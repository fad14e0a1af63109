"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# SQLite gives a row number only to a column that is exactly INTEGER.
_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = [
    "account",
    "approval",
    "base",
    "change",
    "conflict",
    "container",
    "item",
    "link",
    "look",
    "overruled",
    "rejection",
    "run",
    "task",
]


def upgrade() -> None:
    """Make every table."""
    _observed()
    _tasks()
    _journal()
    _decisions()


def downgrade() -> None:
    """Drop every table."""
    for table in _TABLES:
        op.drop_table(table)


def _observed() -> None:
    """What the trackers showed, and how far they were read."""
    op.create_table(
        "account",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "id", name="pk_account"),
    )
    op.create_table(
        "container",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("whole", sa.BigInteger()),
        sa.Column("last_whole", sa.BigInteger()),
        sa.Column("shown", sa.BigInteger()),
        sa.Column("accepted", sa.BigInteger()),
        sa.Column("read", sa.BigInteger()),
        sa.PrimaryKeyConstraint("tracker", "name", name="pk_container"),
    )
    op.create_table(
        "item",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "id", name="pk_item"),
    )
    op.create_index("ix_item_key", "item", ["key"])
    op.create_index("ix_item_tracker_container", "item", ["tracker", "container"])
    op.create_table(
        "look",
        sa.Column("id", _number, autoincrement=True, nullable=False),
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("container", sa.Text(), nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_look"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_look_tracker_container", "look", ["tracker", "container"])


def _tasks() -> None:
    """Which items are the same work."""
    op.create_table(
        "link",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "item", name="pk_link"),
        sa.UniqueConstraint("task", "tracker", name="uq_link_task_tracker"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("last_open", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
    )


def _journal() -> None:
    """Runs, their changes, and the base."""
    op.create_table(
        "base",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("natives", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "item", "field", name="pk_base"),
    )
    op.create_table(
        "change",
        sa.Column("id", _number, autoincrement=True, nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("natives", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("receipt", sa.Text()),
        sa.Column("intended", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_intended", "change", ["intended"])
    op.create_index("ix_change_outcome", "change", ["outcome"])
    op.create_index("ix_change_run", "change", ["run"])
    op.create_index("ix_change_tracker_item", "change", ["tracker", "item"])
    op.create_table(
        "run",
        sa.Column("id", _number, autoincrement=True, nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("begun", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger()),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sqlite_autoincrement=True,
    )


def _decisions() -> None:
    """What must not be decided twice."""
    op.create_table(
        "approval",
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_approval"),
    )
    op.create_table(
        "conflict",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task", "field", "since", name="pk_conflict"),
    )
    op.create_table(
        "overruled",
        sa.Column("id", _number, autoincrement=True, nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_overruled"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_overruled_run", "overruled", ["run"])
    op.create_table(
        "rejection",
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", "item", "field", name="pk_rejection"),
    )

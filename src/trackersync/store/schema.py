"""The store's tables: what is remembered between two runs.

Moments are whole microseconds since 1970 in UTC, so that comparing and sorting them is the same on every database.
Values of ``core.model`` are kept as JSON text, readable with any database browser. There are no foreign keys: one
writer at a time keeps the rows in step, and Alembic's batch mode may then rebuild any table.

A change here needs a revision in ``migrations/versions`` and a new ``HEAD``; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

HEAD = "0001"
"""The revision these tables are: revisions are numbered, so that a store newer than the program is told by it."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite gives a row number only to a column that is exactly INTEGER.
_number = BigInteger().with_variant(Integer, "sqlite")

# Named for us, so that a database shared with another program that uses Alembic keeps the two apart; its one column is
# Alembic's own.
version = Table("trackersync_version", metadata, Column("version_num", String(32), primary_key=True))

# One row per item ever seen. `seen` is the number of the latest look (or own write) that showed it.
item = Table(
    "item",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("container", Text, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("missing", Text),
    Column("body", Text, nullable=False),
    Index(None, "key"),
    Index(None, "tracker", "container"),
)

account = Table(
    "account",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

# The numbers of the looks: the latest of each container, and those under way. Never handed out twice.
look = Table(
    "look",
    metadata,
    Column("id", _number, primary_key=True, autoincrement=True),
    Column("tracker", Text, nullable=False),
    Column("container", Text, nullable=False),
    Column("begun", BigInteger, nullable=False),
    Index(None, "tracker", "container"),
    sqlite_autoincrement=True,
)

# How far each repository or project has been read. `whole`: the look that began the whole read under way;
# `last_whole`: the one that began the last whole read to reach its end; `shown`: the items that one showed.
container = Table(
    "container",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("cursor", Text),
    Column("whole", BigInteger),
    Column("last_whole", BigInteger),
    Column("shown", BigInteger),
    Column("accepted", BigInteger),
    Column("read", BigInteger),
)

link = Table(
    "link",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("task", Text, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("task", "tracker"),
)

task = Table("task", metadata, Column("id", Text, primary_key=True), Column("last_open", Text, nullable=False))

base = Table(
    "base",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("natives", Text, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", _number, primary_key=True, autoincrement=True),
    Column("command", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("approved", Integer, nullable=False),
    Column("begun", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("summary", Text, nullable=False),
    sqlite_autoincrement=True,
)

# The journal. `outcome` is empty between the intent and the answer; `was` is the base before the intent.
change = Table(
    "change",
    metadata,
    Column("id", _number, primary_key=True, autoincrement=True),
    Column("run", BigInteger, nullable=False),
    Column("tracker", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("natives", Text, nullable=False),
    Column("was", Text, nullable=False),
    Column("outcome", Text),
    Column("receipt", Text),
    Column("intended", BigInteger, nullable=False),
    Column("settled", BigInteger),
    Index(None, "run"),
    Index(None, "tracker", "item"),
    Index(None, "outcome"),
    Index(None, "intended"),
    sqlite_autoincrement=True,
)

conflict = Table(
    "conflict",
    metadata,
    Column("task", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("run", BigInteger, nullable=False),
    Column("settled", BigInteger),
    Column("body", Text, nullable=False),
)

rejection = Table(
    "rejection",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

approval = Table(
    "approval",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("how", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

overruled = Table(
    "overruled",
    metadata,
    Column("id", _number, primary_key=True, autoincrement=True),
    Column("run", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "run"),
    sqlite_autoincrement=True,
)

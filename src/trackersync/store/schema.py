"""The store's tables: what is remembered between two runs.

Moments are whole microseconds since 1970 in UTC, so that comparing and sorting them is the same on every database.
Values of ``core.model`` are kept as JSON text, readable with any database browser. There are no foreign keys: one
writer at a time keeps the rows in step, and Alembic's batch mode may then rebuild any table.

A change here needs a revision in ``migrations/versions`` and a new ``HEAD``; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

HEAD = "0006"
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
# `last_whole`: the one that began the last whole read to reach its end, at `whole_at`; `shown`: the items it showed.
container = Table(
    "container",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("cursor", Text),
    Column("whole", BigInteger),
    Column("last_whole", BigInteger),
    Column("whole_at", BigInteger),
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
    Column("at", BigInteger),
    UniqueConstraint("task", "tracker"),
)

# Pairs that a person took apart: no evidence joins them again.
apart = Table(
    "apart",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("other_tracker", Text, primary_key=True),
    Column("other_item", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
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
    Column("place", Text, nullable=False, server_default=""),
    Column("plan", Text, nullable=False, server_default="[]"),
    Index(None, "begun"),
    sqlite_autoincrement=True,
)

# What others did: an item seen with other facts than before, which none of our receipts explains.
move = Table(
    "move",
    metadata,
    Column("id", _number, primary_key=True, autoincrement=True),
    Column("tracker", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Index(None, "tracker", "item"),
    Index(None, "seen"),
    sqlite_autoincrement=True,
)

# What trackers tell of their items' past: who changed which fact, and when. `place` is its place in the item's history,
# since many events bear one moment; `body` is the event.
event = Table(
    "event",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "at"),
)

# How far the history of each item is known. `read`: when it was read last; `upto`: the item's `updated` at that time;
# `owed`: the latest look that showed the item moved, and that no read has followed yet.
history = Table(
    "history",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("read", BigInteger),
    Column("upto", BigInteger),
    Column("owed", BigInteger),
    Index(None, "owed"),
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

# What leaves each status, as trackers have shown it of items that share a workflow: `scope` names the workflow, `hops`
# are the transitions, `at` is when they were seen last.
workflow = Table(
    "workflow",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("status", Text, primary_key=True),
    Column("hops", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Values that have ids: what each is called now (`body`), and the names it had before (`former`), latest first.
named = Table(
    "named",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("fact", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("former", Text, nullable=False),
)

# What the last check found: `body` is the finding as it is remembered.
finding = Table(
    "finding",
    metadata,
    Column("id", _number, primary_key=True, autoincrement=True),
    Column("rule", Text, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)

# When the last check was; one row, whose `id` is 1.
checked = Table("checked", metadata, Column("id", Integer, primary_key=True), Column("at", BigInteger, nullable=False))

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

# A person settled a conflict in favour of one tracker; it holds while that tracker shows `native`.
settlement = Table(
    "settlement",
    metadata,
    Column("task", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

# A person took a write back; the field of the task rests while its items show `natives`.
taken_back = Table(
    "taken_back",
    metadata,
    Column("task", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

# Trackers and tasks nothing is written to. `ended` is when a person said resume: quarrels count from there.
pause = Table(
    "pause",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("ended", BigInteger),
    Column("reason", Text, nullable=False),
)

# The inbox: one row per webhook delivery, by the id its tracker gave it, kept so that none is taken in twice. `state`:
# waiting, done, or aside. `headers` and `body` are as received; an empty body was sorted out, and is needed no more.
delivery = Table(
    "delivery",
    metadata,
    Column("number", _number, primary_key=True, autoincrement=True),
    Column("tracker", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    UniqueConstraint("tracker", "id"),
    Index(None, "state", "number"),
    Index(None, "tracker", "at"),
    sqlite_autoincrement=True,
)

# The looks that are due: at an item by its id (`kind` item), or at the news of a repository or project (`kind` news;
# an empty name: of all of them). `wanted` counts who asked for it, so that a look tells whether somebody asked again
# while it was under way; `told`: of those, the deliveries; `since`: when the first of them asked; `turn`: whose turn it
# is, project by project; `state`: due, held (by the guard), or aside (after too many failures); `at`: not before then.
due = Table(
    "due",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("container", Text, nullable=False),
    Column("wanted", BigInteger, nullable=False),
    Column("told", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("turn", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index(None, "state", "turn"),
    Index(None, "container", "state", "turn"),
)

# The schedule: by job, the moment its last run was due, when that began and ended, and what came of it;
# `beat`: when it was last known to go on.
job = Table(
    "job",
    metadata,
    Column("name", Text, primary_key=True),
    Column("slot", BigInteger, nullable=False),
    Column("begun", BigInteger),
    Column("ended", BigInteger),
    Column("outcome", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("beat", BigInteger),
)

# What items name of other trackers' items, as `core.link.words` says it: who names a new item is found by it.
mention = Table(
    "mention",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Index(None, "word"),
)

# Changes that a read found and no delivery had told of. `updated`: of the item, when it was found.
missed = Table(
    "missed",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("updated", BigInteger, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index(None, "at"),
)

# By tracker and day (UTC, `2026-11-28`), how many edits were reflected, and how many of them in time.
freshness = Table(
    "freshness",
    metadata,
    Column("tracker", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("edits", BigInteger, nullable=False),
    Column("timely", BigInteger, nullable=False),
)

# Small things to remember by name: what `mention` was written with.
remembered = Table("remembered", metadata, Column("name", Text, primary_key=True), Column("body", Text, nullable=False))

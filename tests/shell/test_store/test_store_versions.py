"""A store of every earlier version is brought up to date in one step, and tells all that it was told."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Table, event, inspect, select, text

from trackersync.store import open_store
from trackersync.store.database import Database
from trackersync.store.opening import MIGRATIONS, downgrade, upgrade
from trackersync.store.schema import HEAD, metadata, version

from .lived import fill, told
from .values import NOON, change

VERSIONS = Path(__file__).parent / "versions"
KEPT = {file.stem: file.read_text(encoding="utf-8") for file in sorted(VERSIONS.glob("*.sql"))}
Rows = dict[str, list[dict[str, object]]]


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


@pytest.fixture(params=KEPT)
def kept(request: pytest.FixtureRequest) -> str:
    """The revision of a store that was kept."""
    found: str = request.param
    return found


def lay(url: str, revision: str) -> None:
    """Lay down a store as its own program left it: on SQLite to the letter, on a server its rows."""
    if "postgresql" not in url:
        with closing(sqlite3.connect(url)) as connection:
            connection.executescript(KEPT[revision])
        Path(url).chmod(0o600)
        return
    with (
        closing(sqlite3.connect(":memory:")) as kept,
        closing(Database(url)) as database,
        database.write() as connection,
    ):
        kept.executescript(KEPT[revision])
        upgrade(connection, revision)
        for name in inspect(connection).get_table_names():
            if name == version.name:
                continue
            found = kept.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - ours
            # By their names: the columns stand in another order where one was added to a table that was there.
            columns = [column[0] for column in found.description]
            into = ", ".join(f'"{column}"' for column in columns)
            values = ", ".join(["%s"] * len(columns))
            connection.exec_driver_sql(f'INSERT INTO "{name}" ({into}) VALUES ({values})', found.fetchall())  # noqa: S608 - ours
            table = metadata.tables[name]
            if table.dialect_options["sqlite"]["autoincrement"]:
                last = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"  # noqa: S608 - ours
                connection.execute(text(last))


def rows(url: str, columns: Rows | None = None) -> Rows:
    """Every row of every table; only the columns that are named, where some are."""
    found: Rows = {}
    with closing(Database(url)) as database, database.read() as connection:
        for name in sorted(inspect(connection).get_table_names() if columns is None else columns):
            if name in (version.name, "sqlite_sequence"):
                continue
            there = [column["name"] for column in inspect(connection).get_columns(name)]
            wanted = there if not columns else [column for column in there if column in columns[name][0]]
            listed = connection.execute(
                select(*(text(f'"{column}"') for column in wanted)).select_from(text(f'"{name}"'))
            )
            found[name] = sorted((dict(row) for row in listed.mappings()), key=str)
    return found


def differences(url: str) -> list[object]:
    """Where a store's tables are not what the program expects."""
    with closing(Database(url)) as database, database.read() as connection:
        options = {"version_table": version.name, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        # The version table is Alembic's, which it leaves out of the comparison on both sides.
        return [step for step in compare_metadata(context, metadata) if version.name not in str(step)]


def test_a_store_of_every_earlier_version_is_kept() -> None:
    assert list(KEPT) == revisions()[:-1], (
        f"keep a store of the last revision: see {Path(fill.__code__.co_filename).name}"
    )
    assert revisions()[-1] == HEAD
    for revision, written in KEPT.items():
        assert f"INSERT INTO \"{version.name}\" VALUES('{revision}')" in written
        tables = set(re.findall(r'CREATE TABLE "?(\w+)"?', written)) - {"sqlite_sequence"}
        assert set(re.findall(r'INSERT INTO "(\w+)"', written)) >= tables, "rows in every table"


def test_an_earlier_store_loses_nothing_when_it_is_brought_up_to_date(url: str, kept: str) -> None:
    lay(url, kept)
    before = rows(url)

    with open_store(url) as store:
        assert store.stats().schema == HEAD

    assert rows(url, before) == before
    assert differences(url) == []


def test_an_earlier_store_tells_what_one_filled_today_tells(url: str, kept: str) -> None:
    lay(url, kept)
    with open_store("sqlite://") as today:
        fill(today, kept)
        expected = told(today)

    with open_store(url) as store:
        assert told(store) == expected

        # Some of it in words, so that the two do not agree on nothing.
        assert [entry.id for entry in store.in_doubt()] == [3, 4]
        assert [run.ended is None for run in store.runs()][-2:] == [True, False]
        assert len(store.conflicts()) == 1
        assert [item.key for item in store.by_key("SHOP-42")] == ["SHOP-42"]
        assert store.approved("f1")


def test_an_earlier_store_goes_on_counting(url: str, kept: str) -> None:
    lay(url, kept)
    with open_store(url) as store:
        last = (store.runs()[0].id, store.journal()[-1].id)
        run = store.begin_run("sync", "f", "d", NOON)
        assert (run, store.intend(run, change(), [], NOON)) == (last[0] + 1, last[1] + 1)


def numbered(url: str) -> set[str]:
    """The tables whose numbers are never given twice, as SQLite has them."""
    with closing(sqlite3.connect(url)) as connection:
        made = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name for name, sql in made if "AUTOINCREMENT" in sql}


def never_twice(table: Table) -> bool:
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def test_no_number_is_ever_given_twice_after_it_was_brought_up_to_date(tmp_path: Path, kept: str) -> None:
    url = str(tmp_path / "a.db")
    lay(url, kept)
    open_store(url).close()

    assert numbered(url) == {table.name for table in metadata.sorted_tables if never_twice(table)}


def test_down_and_up_again(url: str, kept: str) -> None:
    lay(url, kept)
    before = rows(url)
    with closing(Database(url)) as database:
        for _ in range(2):
            with database.write() as connection:
                upgrade(connection)
            with database.write() as connection:
                downgrade(connection, kept)
    assert rows(url) == before

    open_store(url).close()

    assert rows(url, before) == before
    assert differences(url) == []


def test_a_store_that_cannot_be_brought_up_stays_as_it_was(url: str, kept: str) -> None:
    lay(url, kept)
    before = rows(url)
    with closing(Database(url)) as database:
        with suppress(ZeroDivisionError), database.write() as connection:
            upgrade(connection)
            raise ZeroDivisionError
        with database.read() as connection:
            assert connection.scalar(select(version.c.version_num)) == kept

    assert rows(url) == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each life is forked from one process that has everything loaded")
def test_a_kill_in_the_middle_leaves_the_old_store(tmp_path: Path, kept: str) -> None:
    whole = tmp_path / "whole.db"
    lay(str(whole), kept)
    before = rows(str(whole))
    reached, status = 0, signal.SIGKILL.value
    while status == signal.SIGKILL:
        url = str(tmp_path / f"{reached}.db")
        shutil.copy(whole, url)
        child = os.fork()
        if child == 0:
            _killed_at(url, reached)
        _, status = os.waitpid(child, 0)
        if status == signal.SIGKILL:
            with closing(Database(url)) as database, database.read() as connection:
                assert connection.scalar(select(version.c.version_num)) == kept
            assert rows(url) == before
            with open_store(url) as store:
                assert store.stats().schema == HEAD
            assert rows(url, before) == before
        reached += 1
        assert reached < 300

    assert status == 0
    assert reached > 10, "the upgrade takes more statements than that"


def _killed_at(url: str, statement: int) -> None:
    """Open a store, and be killed before its Nth statement, or before the commit that ends them; never returns."""
    left = statement

    def count(*_: object) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    ended = 1
    try:
        event.listen(Engine, "before_cursor_execute", count)
        event.listen(Engine, "commit", count)
        open_store(url).close()
        ended = 0
    finally:
        os._exit(ended)


def test_what_is_kept_is_text_that_a_person_can_read() -> None:
    for written in KEPT.values():
        bodies = re.findall(r"'(\{.*?\})'", written)
        assert bodies
        assert all(isinstance(json.loads(body), dict) for body in bodies)

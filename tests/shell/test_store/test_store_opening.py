"""A store is made, found, brought up to date or refused, and every refusal says what to do."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import SecretStr
from sqlalchemy import inspect, select

from trackersync.errors import StoreError
from trackersync.store import Store, open_store
from trackersync.store.database import Database
from trackersync.store.opening import MIGRATIONS, upgrade
from trackersync.store.schema import HEAD, metadata, version

from .rights import nobody
from .values import item


def tables(database: Database) -> set[str]:
    with database.read() as connection:
        return set(inspect(connection).get_table_names())


def taken_down(url: str) -> None:
    """Leave a store as it is before its first revision: stamped, with no revision, and without tables."""
    with closing(Database(url)) as database, database.write() as connection:
        metadata.drop_all(connection)
        version.create(connection)


def stamp(url: str, revision: str) -> None:
    with closing(Database(url)) as database, database.write() as connection:
        connection.execute(version.update().values(version_num=revision))


def test_a_new_store_is_made_and_found_again(url: str) -> None:
    with open_store(url) as store:
        store.put_item(item(17))
    with open_store(url) as store:
        assert list(store.items()) == [item(17)]
        assert store.stats().schema == HEAD


def test_an_older_store_is_brought_up_to_date(url: str) -> None:
    open_store(url).close()
    taken_down(url)

    with open_store(url) as store:
        store.put_item(item(17))
        assert store.stats().schema == HEAD


def test_a_store_newer_than_the_program_is_refused_and_left_alone(url: str) -> None:
    open_store(url).close()
    stamp(url, "9999")

    with pytest.raises(StoreError, match=r"newer trackersync \(schema 9999, .* Upgrade trackersync"):
        open_store(url)

    with closing(Database(url)) as database, database.read() as connection:
        assert connection.scalar(select(version.c.version_num)) == "9999"


def test_the_revisions_lead_to_the_tables_the_program_uses(url: str) -> None:
    with closing(Database(url)) as database, database.write() as connection:
        upgrade(connection)
        context = MigrationContext.configure(connection, opts={"version_table": version.name, "compare_type": True})
        # The version table is Alembic's, which it leaves out of the comparison on both sides.
        left = [step for step in compare_metadata(context, metadata) if version.name not in str(step)]

    assert left == []


def test_the_last_revision_is_the_one_a_new_store_is_stamped_with() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_an_up_to_date_store_is_opened_without_alembic(tmp_path: Path) -> None:
    code = (
        "import sys; from trackersync.store import open_store; open_store(sys.argv[1]).close();"
        "open_store(sys.argv[1]).close(); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "a.db"], check=True)  # noqa: S603 - our own interpreter


def test_a_new_store_is_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "trackersync.db"
    with open_store(str(file)):
        modes = {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}

    assert set(modes.values()) == {0o600}
    assert "trackersync.db" in modes


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}", "sqlite+pysqlite:///{}"])
def test_a_store_is_named_by_path_or_url(tmp_path: Path, form: str) -> None:
    file = tmp_path / "with space & ü?.db"
    if "?" in file.name and form != "{}":
        file = tmp_path / "with space & ü.db"

    with open_store(SecretStr(form.format(file))) as store:
        assert store.name == str(file)

    assert file.exists()


def test_a_store_in_memory_is_shared_by_threads() -> None:
    import threading  # noqa: PLC0415 - for this test only

    with open_store("sqlite://") as store:
        threads = [threading.Thread(target=store.put_item, args=(item(n),)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(list(store.items())) == 8


def test_closing_twice_is_harmless(store: Store) -> None:
    store.close()
    store.close()


# What is refused.


def other_file(folder: Path) -> Path:
    file = folder / "plan.json"
    file.write_text('{"digest": "7c1e44b9"}\n' * 100)
    return file


def other_database(folder: Path) -> Path:
    file = folder / "photos.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE photo (id INTEGER)")
    return file


def damaged(folder: Path) -> Path:
    file = folder / "trackersync.db"
    open_store(str(file)).close()
    with file.open("r+b") as content:
        content.seek(4096)
        content.write(b"\xff" * 100_000)
    return file


def content(file: Path) -> bytes:
    """What a file holds; nothing where there is none to read."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a file that is no database": (other_file, "is not a trackersync store but some other file"),
    "another program's database": (other_database, "another program's database (it has a table photo)"),
    "a folder": (lambda folder: folder, "cannot be opened. Check that its folder exists, that it is a file"),
    "a folder that is not there": (lambda folder: folder / "no" / "a.db", "no folder"),
    "a damaged file": (damaged, "is damaged. Put back a copy"),
    "a name that is too long": (lambda folder: folder / ("a" * 300), "File name too long"),
}


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_a_store_is_refused_by_name(tmp_path: Path, row: tuple[Callable[[Path], Path], str]) -> None:
    make, says = row
    file = make(tmp_path)
    before = content(file)

    with pytest.raises(StoreError, match=re.escape(says)) as refused, open_store(str(file)) as store:
        list(store.items())

    assert str(file) in str(refused.value)
    assert content(file) == before


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "has no address"),
        ("://", "is not a URL"),
        ("mysql://acme:hunter2@localhost/shop", "cannot be kept in mysql"),
        ("postgresql://acme:hunter2@localhost:port/shop", "is not a URL"),
        ("postgresql://acme:hunter2@127.0.0.1:1/shop", "(cannot be reached|needs the driver psycopg 3)"),
        ("postgresql://127.0.0.1:1/shop?user=acme&password=hunter2", "(cannot be reached|needs the driver psycopg 3)"),
    ],
)
def test_an_address_we_cannot_use_is_refused_without_its_password(address: str, says: str) -> None:
    with pytest.raises(StoreError, match=says) as refused:
        open_store(address)

    error: BaseException | None = refused.value
    while error is not None:
        assert "hunter2" not in f"{error} {error!r}"
        error = error.__cause__


def test_a_missing_driver_is_named_with_the_command_that_installs_it() -> None:
    program = (
        "import sys\n"
        "sys.modules['psycopg'] = None\n"  # what an import finds where it is not installed
        "from trackersync.errors import StoreError\n"
        "from trackersync.store import open_store\n"
        "try:\n    open_store('postgresql://acme:hunter2@localhost/shop')\n"
        "except StoreError as error:\n    print(error)\n"
    )
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=path, check=True)  # noqa: S603 - ours
    assert "needs the driver psycopg 3" in done.stdout
    assert "pip install 'trackersync[postgres]'" in done.stdout
    assert "hunter2" not in done.stdout


def test_a_store_that_another_program_writes_to_is_named_after_the_wait(tmp_path: Path) -> None:
    file = tmp_path / "trackersync.db"
    open_store(str(file)).close()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        with open_store(str(file), wait=0.05) as store:
            assert list(store.items()) == []  # reading goes on
            with pytest.raises(StoreError, match=r"is in use: another program has been writing to it for 0.05 s"):
                store.put_item(item(17))
            other.execute("ROLLBACK")
            store.put_item(item(17))


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="permissions are tested where the system has them")
def test_a_folder_we_may_not_write_in_is_named(open_folder: Path) -> None:
    open_folder.chmod(0o555)

    with nobody(), pytest.raises(StoreError, match=r"no permission to write in .* Grant it, or name another place"):
        open_store(str(open_folder / "trackersync.db"))


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="permissions are tested where the system has them")
def test_a_store_we_may_not_write_is_named(open_folder: Path) -> None:
    file = open_folder / "trackersync.db"
    open_store(str(file)).close()
    file.chmod(0o444)
    open_folder.chmod(0o555)

    with (
        nobody(),
        pytest.raises(StoreError, match=f"The store {file} (may not be written|cannot be opened)"),
        open_store(str(file)) as store,
    ):
        store.put_item(item(17))


def test_a_statement_that_fails_shows_no_private_text(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "a.db")) as store:
        with store.write() as connection:
            connection.exec_driver_sql(
                "CREATE TRIGGER no BEFORE INSERT ON item BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        with pytest.raises(StoreError, match="SQLITE_CONSTRAINT_TRIGGER") as failed:
            store.put_item(item(17))

    assert "gift cards" not in f"{failed.value} {failed.value.__cause__}"


def test_a_store_that_is_only_read_is_neither_made_nor_brought_up_to_date_nor_written(tmp_path: Path) -> None:
    url, missing, empty = (str(tmp_path / name) for name in ("a.db", "missing.db", "empty.db"))
    with open_store(url) as store:
        store.put_item(item(17))
    Path(empty).touch()
    with pytest.raises(StoreError, match=r"There is no store .*missing.db yet. The first run makes it"):
        open_store(missing, read_only=True)
    with pytest.raises(StoreError, match=r"There is no store .*empty.db yet. The first run makes it"):
        open_store(empty, read_only=True)
    assert (Path(missing).exists(), Path(empty).read_bytes()) == (False, b"")

    with open_store(url, read_only=True) as store:
        assert [one.key for one in store.items()] == [item(17).key]
        with pytest.raises(StoreError):
            store.put_item(item(18))

    with closing(sqlite3.connect(url)) as connection, connection:
        connection.execute("UPDATE trackersync_version SET version_num = '0001'")
    with pytest.raises(StoreError, match=r"is of an earlier trackersync \(schema 0001.* The next run brings it up"):
        open_store(url, read_only=True)

"""``store check``, ``store backup`` and ``store migrate``, as a person types them."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from product import Ran, invoke
from trackersync.core.model import Conflict, Side
from trackersync.errors import StoreError
from trackersync.store import Claim, Store, open_store
from trackersync.store.care import backup, backups, migrate, server_command
from trackersync.store.checkup import check_up
from trackersync.store.database import Database
from trackersync.store.schema import HEAD, version

from .lived import fill, told
from .test_store_turn import holding
from .test_store_versions import KEPT, lay, rows
from .values import BUILD, IDEA, NOON, at, item, look, ref
from .values import change as a_change

if TYPE_CHECKING:
    from product import Shop

OLDEST = min(KEPT)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A sound store that has lived a while."""
    file = tmp_path / "trackersync.db"
    with open_store(str(file)) as store:
        look(store, item(17), item(18), complete=True, cursor="c1")
        store.put_item(item(42, tracker="jira", container="SHOP"))
        store.put_links([Claim("github:17", (ref(17), ref(42, "jira")), "key in the title")])
        store.put_bases({(ref(17), "stage"): [IDEA]})
    return file


def cli(file: Path, *words: str, code: int = 0) -> Ran:
    done = invoke("store", *words, "--store", str(file))
    assert done.code == code, done.said
    return done


def beside(file: Path) -> set[str]:
    return {each.name for each in file.parent.iterdir()} - {file.name, f"{file.name}-wal", f"{file.name}-shm"}


# check


def test_a_sound_store_is_said_to_be_sound(file: Path) -> None:
    done = cli(file, "check")

    assert f"{file}" in done.out
    assert f"schema {HEAD}" in done.said
    assert "item 3" in done.said
    assert "sound: every page and row can be read" in done.said
    assert f"trackersync store backup --store {file}" in done.said


def test_a_machine_is_told_the_same(file: Path) -> None:
    record = cli(file, "check", "--format", "json").record

    assert record["store"] == str(file)
    assert record["schema"] == record["expected_schema"] == HEAD
    assert record["rows"]["item"] == 3
    assert record["bytes"] > 4096
    assert (record["sound"], record["remarks"], record["backup"], record["in_use_by"]) == (True, [], None, None)


def test_looking_where_there_is_no_store_makes_none(tmp_path: Path) -> None:
    done = cli(tmp_path / "a.db", "check", code=2)

    assert "There is no store" in done.said
    assert list(tmp_path.iterdir()) == []


def test_looking_at_an_older_store_leaves_it_so(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    lay(str(file), OLDEST)
    before = file.read_bytes()

    done = cli(file, "check", code=1)  # a change has been in doubt since March

    assert f"its schema is {OLDEST}, this trackersync's is {HEAD}" in done.said
    assert f"trackersync store migrate --store {file}" in done.said
    assert file.read_bytes() == before


def test_what_looks_at_a_store_could_not_write_if_it_wanted(url: str) -> None:
    open_store(url).close()
    with closing(Database(url, read_only=True)) as database:
        with pytest.raises(StoreError), database.write() as connection:
            connection.execute(version.update().values(version_num="9999"))
        with database.read() as connection:
            assert connection.scalar(version.select()) == HEAD


@pytest.mark.parametrize("words", [("check",), ("backup",), ("migrate",), ("migrate", "--dry-run")], ids=" ".join)
def test_a_store_newer_than_the_program_is_refused_and_left_alone(file: Path, words: tuple[str, ...]) -> None:
    with closing(Database(str(file))) as database, database.write() as connection:
        connection.execute(version.update().values(version_num="9999"))

    done = cli(file, *words, code=2)

    assert f"was written by a newer trackersync (schema 9999, this one knows {HEAD})" in done.said
    assert beside(file) == set()


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "photos.db")) as connection:
        connection.execute("CREATE TABLE photo (id INTEGER)")
    for words in ("check", "backup", "migrate"):
        assert "another program's database" in cli(tmp_path / "photos.db", words, code=2).said


def test_who_is_at_work_on_it_is_told(file: Path) -> None:
    with open_store(str(file)) as store, store.turn("sync"):
        assert "in use by" in cli(file, "check").said
    assert "in use by" not in cli(file, "check").said


def doubt(seconds: float) -> Callable[[Store], None]:
    def make(store: Store) -> None:
        begun = datetime.now(UTC) - timedelta(seconds=seconds)
        run = store.begin_run("sync", "f", "d", begun)
        store.intend(run, a_change(), [IDEA, BUILD], begun)
        store.end_run(run, {}, begun)

    return make


def unreadable(table: str, column: str, text: str) -> Callable[[Store], None]:
    def make(store: Store) -> None:
        with store.write() as connection:
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = ? WHERE rowid = 1", (text,))  # noqa: S608 - ours

    return make


def two_of_a_tracker(store: Store) -> None:
    """As no program of ours would leave it: the table's own rule is taken away."""
    with store.write() as connection:
        connection.exec_driver_sql("DROP TABLE link")
        connection.exec_driver_sql("CREATE TABLE link (tracker TEXT, item TEXT, task TEXT, reason TEXT, at BIGINT)")
        for id_ in ("17", "18"):
            connection.exec_driver_sql("INSERT INTO link VALUES ('github', ?, 'github:17', 'x', NULL)", (id_,))


def conflict_of(task: str) -> Callable[[Store], None]:
    sides = (Side(ref(17), "acme/shop#17", "ada-l"), Side(ref(42, "jira"), "SHOP-42", "alan-t"))
    return lambda store: store.put_conflicts(1, [Conflict(task, "owners", sides, "both had moved")], NOON)


REMARKS: dict[str, tuple[Callable[[Store], object], int, str]] = {
    "an item that is no item": (unreadable("item", "body", '{"ref": 1}'), 1, "1 row of item cannot be read"),
    "a body that is no JSON": (unreadable("base", "natives", "["), 1, "1 row of base cannot be read"),
    "two items of a tracker": (two_of_a_tracker, 1, "task github:17 has two items of github"),
    "a link to nothing": (
        lambda store: store.put_links([Claim("github:18", (ref(18), ref(99, "jira")), "x")]),
        1,
        "1 link is to an item never seen",
    ),
    "a conflict of no task": (conflict_of("github:99"), 1, "1 open conflict is of a task not there any more"),
    "a conflict of an item alone": (conflict_of("github:17"), 0, "sound"),
    "in doubt for a moment": (doubt(180), 0, "1 change is in doubt, for 3 min"),
    "in doubt for long": (doubt(3 * 86_400), 1, "1 change is in doubt, for 3 d"),
    "a run that was killed": (
        lambda store: store.begin_run("sync", "f", "d", NOON),
        0,
        "run 1 has not ended: under way, or killed",
    ),
}


@pytest.mark.parametrize("row", REMARKS.values(), ids=REMARKS.keys())
def test_what_is_wrong_with_a_store_is_told(file: Path, row: tuple[Callable[[Store], object], int, str]) -> None:
    make, code, says = row
    with open_store(str(file)) as store:
        make(store)

    assert says in cli(file, "check", code=code).said
    record = cli(file, "check", "--format", "json", code=code).record
    assert record["sound"] is (code == 0)


def test_every_body_that_a_store_can_hold_is_looked_at(url: str) -> None:
    with open_store(url) as store:
        fill(store, HEAD)
        bodies = [(table.name, column.name) for table in version.metadata.sorted_tables for column in table.columns]
    now = at(60)
    assert [remark for remark in check_up(url, now).remarks if "cannot be read" in remark.sentence] == []

    texts = {("item", "body"), ("account", "body"), ("base", "natives"), ("change", "was"), ("change", "receipt")}
    texts |= {(name, column) for name, column in bodies if column in ("body", "natives", "summary", "plan")}
    texts |= {("move", "before"), ("move", "after"), ("delivery", "headers")}
    texts -= {("delivery", "body"), ("remembered", "body")}  # whatever a sender sends; a text
    for name, column in sorted(texts):
        with closing(Database(url)) as database:
            table = version.metadata.tables[name]
            with database.read() as connection:
                before = connection.execute(table.select()).mappings().all()
            assert before, f"no row of {name}"
            with database.write() as connection:
                connection.execute(update(table).values({column: "nonsense"}))
            sentences = [remark.sentence for remark in check_up(url, now).remarks]
            with database.write() as connection:
                connection.execute(table.delete())
                connection.execute(table.insert(), [dict(row) for row in before])
        assert any(f"of {name} cannot be read" in sentence for sentence in sentences), (name, column)


def test_a_store_anywhere_is_looked_over(url: str) -> None:
    with open_store(url) as store:
        fill(store, HEAD)

    found = check_up(url, at(60))

    assert "://" not in found.name
    assert found.stats.rows["item"] == 5
    assert [remark.sentence for remark in found.remarks] == [
        "1 link is to an item never seen",
        "2 changes are in doubt, for 0 min: the next run looks what became of them first",
        "2 runs have not ended, the last is run 3: under way, or killed",
    ]


# backup


def test_a_copy_tells_what_the_store_tells_and_is_its_owners_only(tmp_path: Path) -> None:
    url = str(tmp_path / "trackersync.db")
    with open_store(url) as store:
        fill(store, HEAD)
        expected = told(store)
        done = cli(Path(url), "backup", "--format", "json")

    copy = Path(done.record["file"])
    assert copy.parent == tmp_path
    assert datetime.strptime(copy.name, "trackersync-%Y%m%d-%H%M%S.db").astimezone() == backups(Path(url))[0][1]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert (done.record["bytes"], done.record["rows"]) == (copy.stat().st_size, sum(expected["rows"].values()))  # type: ignore[attr-defined]
    # One file that is whole by itself: https://sqlite.org/fileformat.html#file_format_version_numbers, no WAL.
    assert beside(Path(url)) == {copy.name}
    assert copy.read_bytes()[18:20] == b"\x01\x01"
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    shutil.move(copy, alone / "a.db")
    with open_store(str(alone / "a.db")) as store:
        assert told(store) == expected


def test_the_latest_copy_is_known(file: Path) -> None:
    first = backup(str(file), None, at(0))
    second = backup(str(file), None, at(60))
    backup(str(file), file.with_name("trackersync-monday.db"), at(120))

    assert [copy for copy, _ in backups(file)] == [first.file, second.file]
    assert check_up(str(file), at(60)).backup == (str(second.file), at(60))
    assert "backed up" in cli(file, "check").said


def test_a_copy_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    url = str(tmp_path / "a.db")
    stop = threading.Event()

    def work(store: Store) -> None:
        n = 0
        while not stop.is_set():
            n += 1
            # An intent and its base come together, so no moment shows one without the other.
            store.intend(1, a_change(n), [IDEA], NOON)

    with open_store(url) as store:
        worker = threading.Thread(target=work, args=(store,))
        worker.start()
        try:
            copies = [backup(url, tmp_path / f"copy{n}.db", NOON).file for n in range(8)]
        finally:
            stop.set()
            worker.join()

    sizes = []
    for copy in copies:
        with open_store(str(copy)) as store:
            sizes.append((len(store.journal()), len(store.bases())))
    assert all(changes == bases for changes, bases in sizes)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_nothing_is_overwritten_unasked(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_text("mine")

    done = cli(file, "backup", str(other), code=2)
    assert "is there already. Nothing was overwritten. Name another file, or say --force" in done.said
    assert other.read_text() == "mine"

    cli(file, "backup", str(other), "--force")
    with open_store(str(other)) as store:
        assert len(list(store.items())) == 3


def test_a_store_is_never_overwritten(file: Path, tmp_path: Path) -> None:
    before = file.read_bytes()
    assert "is the store itself" in cli(file, "backup", str(file), "--force", code=2).said
    assert file.read_bytes() == before

    with open_store(str(tmp_path / "other.db")) as other:
        other.put_item(item(1))
        assert "is in use as a store" in cli(file, "backup", str(tmp_path / "other.db"), "--force", code=2).said
        assert len(list(other.items())) == 1


def test_a_folder_gets_the_copy_under_its_own_name(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    cli(file, "backup", str(folder))

    (copy,) = folder.iterdir()
    assert copy.name.startswith("trackersync-20")
    assert "No backup was made" in cli(file, "backup", str(tmp_path / "none" / "a.db"), code=2).said


def test_an_older_store_is_copied_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    lay(str(file), OLDEST)
    before = rows(str(file))

    copy = backup(str(file), None, NOON).file

    assert rows(str(copy)) == before
    assert check_up(str(copy), NOON).stats.schema == OLDEST


def test_what_is_no_file_is_not_copied() -> None:
    with pytest.raises(StoreError, match="is not a file"):
        backup("sqlite://", None, NOON)


@pytest.mark.parametrize(
    ("address", "command"),
    [
        (
            "postgresql://sync:hunter2@db.acme.example:5433/shop",
            "pg_dump --host=db.acme.example --port=5433 --username=sync --format=custom --file=shop-STAMP.dump shop",
        ),
        ("postgresql:///it's", """pg_dump --format=custom --file='it'"'"'s-STAMP.dump' 'it'"'"'s'"""),
        ("sqlite:///a.db", None),
        ("a.db", None),
    ],
)
def test_a_server_is_copied_by_its_own_program(address: str, command: str | None) -> None:
    stamp = f"{NOON.astimezone():%Y%m%d-%H%M%S}"

    assert server_command(address, NOON) == (command and command.replace("STAMP", stamp))


def test_nobody_believes_that_a_server_was_copied() -> None:
    done = invoke("store", "backup", "--store", "postgresql://sync:hunter2@db.acme.example/shop")

    assert done.code == 2
    assert "no backup was made" in done.said
    assert "pg_dump --host=db.acme.example --username=sync" in done.said
    assert "hunter2" not in done.said


# migrate


def test_an_older_store_is_brought_up_to_date_and_copied_before(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    lay(str(file), OLDEST)
    before = rows(str(file))

    done = cli(file, "migrate")

    assert f"schema {OLDEST} -> {HEAD}" in done.said
    ((copy, _),) = backups(file)
    assert str(copy) in done.out
    assert (rows(str(copy)), check_up(str(copy), NOON).stats.schema) == (before, OLDEST)
    assert check_up(str(file), NOON).stats.schema == HEAD
    assert rows(str(file), before) == before


def test_a_dry_run_brings_nothing_up(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    lay(str(file), OLDEST)
    before = file.read_bytes()

    done = cli(file, "migrate", "--dry-run")
    record = cli(file, "migrate", "--dry-run", "--format", "json").record

    assert f"schema {OLDEST} -> {HEAD}, not done: --dry-run" in done.said
    assert record == {"from": OLDEST, "to": HEAD, "migrated": False, "backup": None}
    assert file.read_bytes() == before
    assert beside(file) == set()


def test_an_up_to_date_store_has_nothing_to_do(file: Path) -> None:
    assert f"schema {HEAD} already: nothing to do." in cli(file, "migrate").said
    assert cli(file, "migrate", "--format", "json").record["migrated"] is False
    assert beside(file) == set()


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    for words in (("migrate",), ("backup",)):
        assert "There is no store" in cli(tmp_path / "a.db", *words, code=2).said
    (tmp_path / "empty.db").touch()
    for words in (("migrate",), ("backup",), ("check",)):
        assert "There is no store in" in cli(tmp_path / "empty.db", *words, code=2).said
    assert [each.name for each in tmp_path.iterdir()] == ["empty.db"]


def test_a_store_on_a_server_is_brought_up_to_date(url: str) -> None:
    lay(url, OLDEST)
    before = rows(url)

    done = migrate(url, NOON)

    assert (done.was, done.now) == (OLDEST, HEAD)
    assert rows(url, before) == before


def test_bringing_it_up_waits_for_whoever_is_at_work(url: str) -> None:
    with holding(url):
        with closing(Database(url)) as database, database.write() as connection:
            connection.execute(version.update().values(version_num=OLDEST))
        waiting: list[str] = []
        with pytest.raises(StoreError, match=r"is in use by run 1 \(sync\)"):
            migrate(url, NOON, wait=0.3, waiting=waiting.append)
        assert len(waiting) == 1


# The configuration's store


def test_the_store_of_the_configuration_is_the_one(shop: Shop) -> None:
    shop.run("check")
    done = shop.run("store", "check")

    assert (done.code, str(shop.folder / "trackersync.db") in done.out) == (0, True), done.said
    assert "trackersync store backup a copy" in done.said
    assert shop.run("store", "backup").code == 0
    assert "backed up" in shop.run("store", "check").said


def test_without_a_configuration_a_store_must_be_named(folder: Path) -> None:
    done = invoke("store", "check")

    assert (done.code, "trackersync.yaml" in done.said) == (2, True)
    assert list(folder.iterdir()) == []

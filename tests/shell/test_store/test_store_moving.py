"""A store goes to another database whole, or not at all."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from postgres import Server
from product import invoke
from trackersync.connector import Page
from trackersync.errors import StoreError
from trackersync.store import Claim, Received, open_store, task_id
from trackersync.store.database import Database
from trackersync.store.moving import TABLES, move
from trackersync.store.opening import revision
from trackersync.store.schema import HEAD

from .lived import fill, told
from .test_store_versions import differences, lay
from .values import BUILD, IDEA, NOON, SHOP, at, change, item, ref

Place = Callable[[str], str]


@pytest.fixture(params=["sqlite to postgresql", "postgresql to sqlite", "sqlite to sqlite"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Where a store is, and where it goes."""
    kinds = request.param.split(" to ")
    return tuple(
        str(tmp_path / f"{n}.db") if kind == "sqlite" else request.getfixturevalue("postgres_url")
        for n, kind in enumerate(kinds)
    )


def is_there(url: str) -> bool:
    with closing(Database(url)) as database, database.read() as connection:
        return revision(connection) is not None


def content(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with closing(Database(url)) as database, database.read() as connection:
        return {table.name: sorted(map(tuple, connection.execute(select(table))), key=repr) for table in TABLES}


def test_it_tells_there_what_it_told_here(places: tuple[str, str]) -> None:
    here, there = places
    with open_store(here) as store:
        fill(store, HEAD)
        expected = told(store)
    before = content(here)
    shown: list[tuple[int, int]] = []

    moved = move(here, there, NOON, progress=lambda done, every: shown.append((done, every)))

    rows = sum(map(len, before.values()))
    assert content(there) == before == content(here)
    assert all(before.values()), "rows in every table"
    assert differences(there) == []
    assert (moved.rows, moved.backup, shown[-1]) == (rows, None, (rows, rows))
    with open_store(there) as store:
        assert told(store) == expected


def test_numbers_go_on_there_after_the_last_one_ever_given_here(places: tuple[str, str]) -> None:
    here, there = places
    with open_store(here) as store:
        fill(store, HEAD)
        store.receive([Received("github", "last", at(70), {}, b"")])
        store.forget_deliveries(at(1000))
        with store.write() as connection:  # the latest are gone, and must not come again
            connection.exec_driver_sql("DELETE FROM delivery")
            connection.exec_driver_sql("DELETE FROM run")

    move(here, there, NOON)

    first = []
    for url in (here, there):
        with open_store(url) as store:
            store.receive([Received("github", "next", at(80), {}, b"")])
            run = store.begin_run("sync", "f", "d", NOON)
            first.append((store.unsorted()[-1].number, run, store.intend(run, change(), [], NOON)))
    assert first[0] == first[1]
    assert first[0][0] > 5


def test_there_and_back_is_as_it_was(tmp_path: Path, postgres_url: str) -> None:
    first, last = str(tmp_path / "first.db"), str(tmp_path / "last.db")
    with open_store(first) as store:
        fill(store, HEAD)
    move(first, postgres_url, NOON)
    move(postgres_url, last, NOON)
    assert content(last) == content(first)


def test_an_older_store_is_brought_up_to_date_with_a_copy_first(tmp_path: Path, postgres_url: str) -> None:
    here = tmp_path / "trackersync.db"
    lay(str(here), "0003")

    moved = move(str(here), postgres_url, NOON)

    assert moved.backup is not None
    with closing(sqlite3.connect(moved.backup.file)) as copy:
        assert copy.execute("SELECT version_num FROM trackersync_version").fetchone() == ("0003",)
    with open_store("sqlite://") as today, open_store(postgres_url) as store:
        fill(today, "0003")
        assert told(store) == told(today)


def test_a_target_with_a_store_is_refused_and_left_alone(places: tuple[str, str]) -> None:
    here, there = places
    for url, number in ((here, 17), (there, 18)):
        with open_store(url) as store:
            store.put_item(item(number))
    before = content(there)

    with pytest.raises(StoreError, match=r"There is a store in .* already"):
        move(here, there, NOON)

    assert content(there) == before


def test_what_cannot_be_moved_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    open_store(str(store)).close()
    (tmp_path / "link.db").symlink_to(store)
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE songs (id)")

    for url, to, says in (
        (store, store, "there already"),
        (store, tmp_path / "link.db", "there already"),
        (tmp_path / "none.db", tmp_path / "b.db", "no store"),
        (store, foreign, "another program's database"),
        (store, tmp_path / "no" / "b.db", "no folder"),
    ):
        with pytest.raises(StoreError, match=says):
            move(str(url), str(to), NOON)
    assert not (tmp_path / "b.db").exists()


def test_nobody_writes_here_while_it_is_moved(places: tuple[str, str]) -> None:
    here, there = places
    with open_store(here) as store:
        fill(store, HEAD)
    refused = []

    def meanwhile(_: int, __: int) -> None:
        if not refused:
            with open_store(here, wait=0.05) as other, pytest.raises(StoreError, match="in use") as error:
                other.receive([Received("github", "late", NOON, {}, b"")])
            refused.append(error)

    move(here, there, NOON, progress=meanwhile)
    assert refused


@pytest.mark.parametrize("trouble", [StoreError("stop"), KeyboardInterrupt()], ids=["an error", "Ctrl-C"])
def test_one_that_does_not_reach_its_end_leaves_no_store_there(places: tuple[str, str], trouble: BaseException) -> None:
    here, there = places
    with open_store(here) as store:
        fill(store, HEAD)
    before = content(here)

    def stop(done: int, every: int) -> None:
        if done > every / 2:
            raise trouble

    with pytest.raises(type(trouble)):
        move(here, there, NOON, progress=stop)

    assert not is_there(there)
    assert content(here) == before
    move(here, there, NOON)
    assert content(there) == before


PAIRS = 5_000


def large(url: str) -> None:
    """A store of many pairs, each once written."""
    with open_store(url) as store:
        for first in range(0, PAIRS, 1000):
            numbers = range(first, first + 1000)
            for tracker in ("github", "jira"):
                scan = store.begin_scan(tracker, SHOP, NOON)
                items = tuple(item(number, number, tracker=tracker) for number in numbers)
                store.put_page(tracker, Page(items, container=SHOP, complete=True), scan=scan)
            pairs = [(ref(number), ref(number, "jira")) for number in numbers]
            store.put_links([Claim(task_id(refs), refs, "key in the title") for refs in pairs])
            store.put_bases({(one, "stage"): [IDEA, BUILD] for refs in pairs for one in refs})


def test_a_kill_in_the_middle_leaves_no_store_there(tmp_path: Path, postgres: Server, postgres_url: str) -> None:
    here = str(tmp_path / "a.db")
    large(here)
    before = content(here)
    path = os.pathsep.join(sys.path)
    program = (
        "import sys; from datetime import datetime, UTC; from trackersync.store.moving import move\n"
        "move(sys.argv[1], sys.argv[2], datetime.now(UTC), progress=lambda done, _: print(done, flush=True))"
    )
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program, here, postgres_url],
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path},
    ) as moving:  # fmt: skip
        assert moving.stdout is not None
        for line in moving.stdout:
            if int(line) > PAIRS:
                moving.send_signal(signal.SIGKILL)
                break
    assert moving.returncode == -signal.SIGKILL

    assert not is_there(postgres_url)
    assert content(here) == before
    deadline = time.monotonic() + 10  # the server notices some time later
    while postgres.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'") and time.monotonic() < deadline:
        time.sleep(0.02)
    begun = time.monotonic()
    move(here, postgres_url, NOON)
    print(f"{sum(map(len, before.values()))} rows in {time.monotonic() - begun:.1f} s")
    assert content(postgres_url) == before


def test_the_command_says_what_to_write_and_never_the_password(tmp_path: Path, postgres_url: str) -> None:
    here = tmp_path / "a.db"
    with open_store(str(here)) as store:
        store.put_item(item(17))
    secret = postgres_url.replace("trackersync@", "trackersync:hunter2@")

    done = invoke("store", "move", "--to", secret, "--store", str(here))

    assert done.code == 0, done.said
    assert "read again and the same" in done.out
    assert "store: ${TRACKERSYNC_STORE_URL}" in done.out
    again = invoke("store", "move", "--to", secret, "--store", str(here))
    assert (again.code, "There is a store in" in again.said) == (2, True)
    assert "hunter2" not in done.said + again.said
    back = invoke("store", "move", "--to", str(tmp_path / "b.db"), "--store", postgres_url, "--format", "json")
    assert '"rows": ' in back.out
    assert content(str(tmp_path / "b.db")) == content(str(here))
    plain = invoke("store", "move", "--to", str(tmp_path / "c.db"), "--store", str(here))
    assert f"store: sqlite:///{tmp_path / 'c.db'}" in plain.said

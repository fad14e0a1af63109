"""What can happen to a store's file under the real program: a sentence, exit 2, and nothing committed is lost.

Whatever happens, a change is sent only after its intent is on the disk.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from product import spawn
from trackersync.errors import StoreError
from trackersync.store import open_store

from .rights import nobody
from .values import IDEA, NOON, change, item

if TYPE_CHECKING:
    from product import Shop

PAGE = 4096


@pytest.fixture
def lived(shop: Shop) -> Shop:
    """The sample shop, checked once: a store with all its items, on the disk and not in the log before it."""
    assert shop.run("check").code == 1
    with closing(sqlite3.connect(file_of(shop))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return shop


def file_of(shop: Shop) -> Path:
    return shop.folder / "trackersync.db"


@contextmanager
def listening(name: str, call: Callable[..., None]) -> Iterator[None]:
    """Be there when SQLAlchemy does something."""
    event.listen(Engine, name, call)
    try:
        yield
    finally:
        event.remove(Engine, name, call)


State = tuple[Mapping[int, object], Mapping[int, object]]


def edited(before: State, after: State) -> set[tuple[str, str]]:
    """The issues that are not what they were, as tracker and number."""
    return {
        (tracker, str(number))
        for tracker, was, now in zip(("github", "jira"), before, after, strict=True)
        for number in now
        if now[number] != was.get(number)
    }


def intended(file: Path) -> set[tuple[str, str]]:
    """The issues of all changes that were written down, whatever became of them."""
    with open_store(str(file)) as store:
        return {(ref.tracker, ref.id.rpartition("/")[2]) for ref in (entry.change.ref for entry in store.journal())}


def goes_on(shop: Shop, file: Path) -> None:
    """The next run writes what is left, and the one after that finds nothing to do."""
    with open_store(str(file)) as store:
        assert len(list(store.items())) > 50
    digest = shop.json("plan", "--store", str(file))["digest"]
    done = shop.run("sync", "--approve", digest, "--store", str(file))
    assert done.code == 0, done.said
    before = shop.state()
    assert shop.run("sync", "--store", str(file)).code == 0
    assert shop.state() == before
    with open_store(str(file)) as store:
        assert store.in_doubt() == ()


# A damaged file


def header(file: Path) -> None:
    with file.open("r+b") as content:
        content.write(b"\xff" * 100)


def first_pages(file: Path) -> None:
    with file.open("r+b") as content:
        content.seek(100)
        content.write(b"\xff" * 2 * PAGE)


def half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // PAGE // 2 * PAGE)


def a_page_of_items(file: Path) -> None:
    """A page that only reading the items comes to."""
    place = file.read_bytes().rindex(b'"title":') // PAGE * PAGE
    with file.open("r+b") as content:
        content.seek(place)
        content.write(b"\xff" * 64)


DAMAGED: dict[str, tuple[Callable[[Path], None], str]] = {
    "its header": (header, "some other file, or one whose beginning is damaged"),
    "its first pages": (first_pages, "is damaged. Put back a copy"),
    "cut in two": (half, "is damaged. Put back a copy"),
    "a page in the middle": (a_page_of_items, "is damaged. Put back a copy"),
}


@pytest.mark.parametrize("command", ["check", "sync"])
@pytest.mark.parametrize("row", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_named_and_nothing_is_sent(
    lived: Shop, row: tuple[Callable[[Path], None], str], command: str
) -> None:
    damage, says = row
    damage(file_of(lived))
    lived.clear()

    done = spawn(lived.folder, command) if command == "sync" else lived.run(command)

    assert (done.code, lived.writes) == (2, 0), done.said
    assert f"The store {file_of(lived)}" in done.said
    assert says in done.said


@pytest.mark.parametrize("row", DAMAGED.values(), ids=DAMAGED.keys())
def test_looking_a_damaged_store_over_says_so_and_changes_nothing(
    lived: Shop, row: tuple[Callable[[Path], None], str]
) -> None:
    row[0](file_of(lived))
    before = file_of(lived).read_bytes()

    done = lived.run("store", "check")

    assert done.code in (1, 2)
    assert "damaged" in done.said
    assert file_of(lived).read_bytes() == before


def test_a_damaged_store_is_not_copied_as_if_it_were_whole(lived: Shop) -> None:
    a_page_of_items(file_of(lived))

    done = lived.run("store", "backup", "copy.db")

    assert done.code == 2
    assert "No backup was made" in done.said or "is damaged" in done.said
    assert sorted(file.name for file in lived.folder.glob("*copy*")) == []


def test_a_store_is_put_back_from_a_copy(lived: Shop) -> None:
    copy = lived.folder / "copy.db"
    assert lived.run("store", "backup", str(copy)).code == 0
    lived.approved()
    written = lived.state()
    header(file_of(lived))
    assert lived.run("sync").code == 2
    for file in lived.folder.glob("trackersync.db*"):
        file.unlink()
    copy.rename(file_of(lived))

    done = lived.run("sync", "--yes")

    assert done.code == 0, done.said
    assert lived.run("store", "check").code == 0
    # What was written meanwhile is seen to be so: it is not written again.
    assert lived.state() == written


# A file or folder that may not be written


@pytest.fixture
def readable(lived: Shop) -> Iterator[Shop]:
    """The shop in a folder that everyone may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        shutil.copytree(lived.folder, folder)
        Path(name).chmod(0o755)
        lived.folder = folder
        for file in folder.iterdir():
            file.chmod(0o644)
        lived.settings["store"] = str(folder / "trackersync.db")
        lived.configure()
        yield lived
        folder.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="permissions are tested where the system has them")
@pytest.mark.parametrize("command", ["check", "sync"])
def test_a_store_that_may_not_be_written_is_named_and_nothing_is_sent(readable: Shop, command: str) -> None:
    file = file_of(readable)
    file.chmod(0o444)
    readable.folder.chmod(0o555)
    before = file.read_bytes()
    readable.clear()

    with nobody():
        done = readable.run(command, "--config", str(readable.file))

    assert (done.code, readable.writes) == (2, 0), done.said
    assert f"The store {file}" in done.said
    assert any(says in done.said for says in ("may not be written", "cannot be opened", "cannot be held for writing"))
    assert file.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="permissions are tested where the system has them")
def test_a_store_that_may_not_be_written_can_be_looked_over_and_copied(readable: Shop, open_folder: Path) -> None:
    file_of(readable).chmod(0o444)
    readable.folder.chmod(0o555)
    open_folder.chmod(0o777)

    with nobody():
        looked = readable.run("store", "check", "--store", str(file_of(readable)))
        copied = readable.run("store", "backup", str(open_folder / "a.db"), "--store", str(file_of(readable)))

    assert (looked.code, copied.code) == (0, 0), looked.said + copied.said
    with open_store(str(open_folder / "a.db")) as store:
        assert len(list(store.items())) > 50


# A store that another program holds


def test_a_store_that_is_locked_is_named_and_nothing_is_sent(lived: Shop) -> None:
    def at_once(connection: Any, _: object) -> None:  # noqa: ANN401 - a driver's
        connection.execute("PRAGMA busy_timeout=50")

    lived.clear()
    with closing(sqlite3.connect(file_of(lived), isolation_level=None)) as other, listening("connect", at_once):
        other.execute("BEGIN IMMEDIATE")
        done = lived.run("sync", "--yes")

    assert (done.code, lived.writes) == (2, 0), done.said
    assert "is in use: another program has been writing to it" in done.said
    assert lived.run("check").code == 1


def test_a_copy_put_back_is_locked_before_it_is_a_store_again(lived: Shop) -> None:
    copy = lived.folder / "copy.db"
    assert lived.run("store", "backup", str(copy)).code == 0
    with closing(sqlite3.connect(copy, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"copy\.db is in use: another program"):
            open_store(str(copy), wait=0.05)
        other.execute("ROLLBACK")
    with open_store(str(copy)) as store:
        assert len(list(store.items())) > 50


# A full disk


def test_a_disk_that_fills_up_in_the_middle_of_a_run_loses_nothing_and_the_next_run_goes_on(lived: Shop) -> None:
    file = file_of(lived)
    digest = lived.json("plan")["digest"]
    begun = 0

    def fill_up(_: object, cursor: Any, statement: str, *_rest: object) -> None:  # noqa: ANN401 - a driver's
        nonlocal begun
        begun += statement.startswith("INSERT INTO change")
        if begun >= 3:
            # No page more than there are: SQLite's own answer to a full disk.
            cursor.execute("PRAGMA max_page_count=1")

    with closing(sqlite3.connect(file)) as other:
        other.execute("VACUUM")  # no room is left in the pages there are
    before = lived.state()
    with listening("before_cursor_execute", fill_up):
        done = lived.run("sync", "--approve", digest)

    assert done.code == 2, done.said
    assert "cannot grow: the disk is full. Make room and run again" in done.said
    assert edited(before, lived.state())
    assert edited(before, lived.state()) <= intended(file)
    goes_on(lived, file)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of two megabytes, made where we may."""
    with tempfile.TemporaryDirectory() as name:
        mount = shutil.which("mount")
        if mount is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
            pytest.skip("only root makes a small disk")
        made = subprocess.run(  # noqa: S603 - our own words
            [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", name], capture_output=True, check=False
        )
        if made.returncode:
            pytest.skip(f"no small disk can be made here: {made.stderr.decode().strip()}")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", name], check=True)  # noqa: S603, S607 - the same


def stuff(folder: Path, leave: int) -> Path:
    """Fill a disk up but for so many bytes."""
    file = folder / "other people's"
    free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
    file.write_bytes(b"x" * max(0, free - leave))
    return file


def until_full(write: Callable[[int], object]) -> int:
    """Write until the disk is full; answer how often that went well."""
    for n in range(10_000):
        try:
            write(n)
        except StoreError as error:
            assert "cannot grow: the disk is full. Make room and run again" in str(error)  # noqa: PT017 - the count is asked for
            return n
    pytest.fail("the disk was not full")


def test_a_full_disk_is_named_and_what_was_committed_stands(small_disk: Path) -> None:
    url = str(small_disk / "a.db")
    with open_store(url) as store:
        run = store.begin_run("sync", "f", "d", NOON)
        other = stuff(small_disk, 200_000)
        done = until_full(lambda n: store.intend(run, change(n), [IDEA], NOON))
        assert done > 0
        assert [entry.change.ref.id for entry in store.journal()] == [str(n) for n in range(done)]
        other.unlink()
        store.intend(run, change(done), [IDEA], NOON)

    with open_store(url) as store:
        assert len(store.journal()) == done + 1


def test_items_are_whole_or_not_there(small_disk: Path) -> None:
    with open_store(str(small_disk / "a.db")) as store:
        stuff(small_disk, 200_000)
        done = until_full(lambda n: store.put_item(item(n)))

        assert list(store.items()) == sorted((item(n) for n in range(done)), key=lambda each: each.ref)


@pytest.mark.parametrize("leave", [0, 20_000, 60_000, 150_000])
def test_the_program_on_a_full_disk_sends_nothing_it_could_not_write_down(
    lived: Shop, small_disk: Path, leave: int
) -> None:
    file = small_disk / "trackersync.db"
    shutil.copy(file_of(lived), file)
    digest = lived.json("plan", "--store", str(file))["digest"]
    other = stuff(small_disk, leave)
    before = lived.state()

    done = spawn(lived.folder, "sync", "--approve", digest, "--store", str(file))

    assert done.code == 2, done.said
    assert f"The store {file} cannot grow: the disk is full." in done.said
    other.unlink()
    assert edited(before, lived.state()) <= intended(file)
    goes_on(lived, file)


def test_no_room_for_a_store_or_its_copy_leaves_no_half_of_it_behind(lived: Shop, small_disk: Path) -> None:
    stuff(small_disk, 8_000)

    new = lived.run("check", "--store", str(small_disk / "new.db"))
    copied = lived.run("store", "backup", str(small_disk / "copy.db"))

    assert (new.code, copied.code) == (2, 2)
    assert "the disk is full" in new.said
    assert "No backup was made" in copied.said
    assert "the disk is full" in copied.said
    assert [file.name for file in small_disk.iterdir() if "copy" in file.name] == []

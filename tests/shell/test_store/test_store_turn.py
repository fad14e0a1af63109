"""One writing run at a time: the second waits, or is told who holds the store; a killed one holds nothing."""

from __future__ import annotations

import asyncio
import os
import platform
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from trackersync.errors import StoreError
from trackersync.store import Store, here, open_store

from .rights import nobody
from .test_store_killed import begin
from .values import NOON

CLOCK = r"since \d\d:\d\d"


@contextmanager
def holding(url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has its turn, and a run in the journal."""
    with begin(url, "hold") as other:
        try:
            assert said(other) == "open"
            assert said(other) == "in 1"
            yield other
        finally:
            other.kill()
            other.wait(timeout=60)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()


def test_the_second_waits_and_goes_on_when_the_first_has_ended(url: str) -> None:
    told: list[str] = []
    with holding(url) as other, open_store(url) as store:
        soon = threading.Timer(0.5, end, [other])
        soon.start()
        with store.turn("sync", wait=30, waiting=told.append):
            # The first had ended its run before the second was let in.
            assert [run.ended for run in store.runs()] == [NOON]
        soon.join()

    (sentence,) = told
    who = rf"run 1 \(sync\), process {other.pid} on {re.escape(platform.node())}, {CLOCK}"
    assert re.fullmatch(rf"The store .* is in use by {who}\. Waits up to 30 s for it\.", sentence)


def test_the_second_gives_up_and_names_who_holds_the_store(url: str) -> None:
    with holding(url) as other, open_store(url) as store:
        began = time.monotonic()
        who = rf"run 1 \(sync\), process {other.pid} on .*, {CLOCK}"
        refused = pytest.raises(StoreError, match=rf"is in use by {who}\. Waited 0\.5 s for it\. Run again")
        with refused, store.turn("sync", wait=0.5):
            pytest.fail("two at once")
        assert 0.5 <= time.monotonic() - began < 10
        assert store.holder() is not None


def test_no_wait_is_no_wait(url: str) -> None:
    with holding(url), open_store(url) as store:
        told: list[str] = []
        with pytest.raises(StoreError, match="Waited 0 s"), store.turn("sync", wait=0, waiting=told.append):
            pytest.fail("two at once")
        assert told == []


def test_a_killed_one_holds_nothing(url: str) -> None:
    with holding(url) as other, open_store(url) as store:
        other.kill()
        other.wait(timeout=60)
        began = time.monotonic()
        with store.turn("sync", wait=30):
            assert time.monotonic() - began < 5
            assert [run.ended for run in store.runs()] == [None]


def test_who_holds_it_is_not_who_was_killed_before(url: str) -> None:
    with open_store(url) as store:
        store.begin_run("sync", "f", "d", NOON, place="process 1 on elsewhere")
        with store.turn("store migrate"):
            assert re.fullmatch(rf"store migrate, {re.escape(here())}, {CLOCK}", store.holder() or "")
        assert store.holder() is None


def test_reading_and_single_writes_need_no_turn(url: str) -> None:
    with holding(url), open_store(url) as store:
        store.put_last_open({"github:17": "build"})
        assert store.last_open() == {"github:17": "build"}


def test_threads_of_one_process_exclude_each_other(url: str) -> None:
    inside, most = 0, 0
    count = threading.Lock()

    def work(store: Store) -> None:
        nonlocal inside, most
        with store.turn("sync", wait=60):
            with count:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with count:
                inside -= 1

    with open_store(url) as one, open_store(url) as other:
        threads = [threading.Thread(target=work, args=(store,)) for store in (one, other, one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

    assert (inside, most) == (0, 1)


async def test_while_one_waits_asynchronously_others_go_on_and_may_call_it_off(url: str) -> None:
    with open_store(url) as store:
        async with store.turn("sync"):
            waiting = asyncio.create_task(_enter(store))
            await asyncio.sleep(0.1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        async with store.turn("sync", wait=0):
            pass


async def _enter(store: Store) -> None:
    async with store.turn("sync", wait=60):
        pytest.fail("two at once")


def test_an_error_inside_ends_the_turn(url: str) -> None:
    with open_store(url) as store:
        with pytest.raises(KeyError), store.turn("sync"):
            raise KeyError
        with store.turn("sync", wait=0):
            pass


def test_a_store_has_one_turn_by_whatever_name_it_is_opened(tmp_path: Path) -> None:
    tmp_path.joinpath("b.db").symlink_to("a.db")
    with open_store(str(tmp_path / "a.db")) as one, open_store(f"sqlite:///{tmp_path}/b.db") as other, one.turn("sync"):
        with pytest.raises(StoreError, match=r"b\.db is in use by sync"), other.turn("sync", wait=0):
            pytest.fail("two at once")
        assert {file.name for file in tmp_path.iterdir() if "lock" in file.name} == {"a.db.lock"}
        assert tmp_path.joinpath("a.db.lock").stat().st_mode & 0o777 == 0o600


def test_two_stores_have_a_turn_each(tmp_path: Path) -> None:
    for names in ((str(tmp_path / "a.db"), str(tmp_path / "b.db")), ("sqlite://", "sqlite://")):
        one, other = map(open_store, names)
        with one, other, one.turn("sync"), other.turn("sync", wait=0):
            pass


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="permissions are tested where the system has them")
def test_a_folder_where_nothing_can_be_locked_is_named(open_folder: Path) -> None:
    file = open_folder / "trackersync.db"
    with open_store(str(file)) as store:
        open_folder.chmod(0o555)
        refused = pytest.raises(StoreError, match=rf"{file} cannot be held for writing: .*\.lock cannot be locked")
        with nobody(), refused, store.turn("sync"):
            pytest.fail("not to be had")


def test_a_session_that_the_server_ended_is_left_without_a_trouble(url: str) -> None:
    if url.endswith(".db"):
        pytest.skip("a file has no sessions")
    with open_store(url) as store, open_store(url) as other:
        with store.turn("sync"), closing(other.session()) as session:
            ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
            session.execute(text(ends), {"name": f"sync; {here()}"[:63]})
        with store.turn("sync", wait=0):
            pass


async def test_a_shared_session_that_the_server_ended_hides_no_trouble_and_is_replaced(url: str) -> None:
    if url.endswith(".db"):
        pytest.skip("a file has no sessions")
    with open_store(url) as store, open_store(url) as other:
        shared = store.shared_turn("serve")

        async def fail() -> None:
            async with shared:
                with closing(other.session()) as session:
                    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
                    session.execute(text(ends), {"name": f"serve; {here()}"[:63]})
                raise StoreError("what went wrong")

        with pytest.raises(StoreError, match="what went wrong"):
            await fail()
        async with shared:
            pass
        shared.close()

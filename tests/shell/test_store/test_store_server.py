"""A store on a server: the server goes and comes back, another writer holds it, and what was committed stays."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import event, text

from postgres import Server, running
from trackersync.errors import StoreError
from trackersync.store import Received, Store, open_store
from trackersync.store.database import Database
from trackersync.store.opening import known_revision
from trackersync.store.schema import HEAD

from .values import NOON, item


@pytest.fixture(scope="module")
def durable() -> Iterator[Server]:
    """A server of these tests' own, to be stopped and started, whose commits are on the disk."""
    with running(durable=True) as server:
        yield server


@pytest.fixture
def opened(durable: Server) -> Iterator[Store]:
    with open_store(durable.database(), wait=0.3) as store:
        yield store


def receive(store: Store, number: int) -> int:
    return store.receive([Received("github", str(number), NOON, {}, b"")])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "killed and recovered"])
def test_after_the_server_was_away_the_store_goes_on_with_what_was_committed(
    durable: Server, opened: Store, how: signal.Signals
) -> None:
    assert receive(opened, 1) == 1
    durable.stop(how)
    try:
        for _ in range(2):
            with pytest.raises(StoreError, match=r"(cannot be reached|is shutting down or was stopped)"):
                receive(opened, 2)
        with pytest.raises(StoreError, match="cannot be reached"):
            open_store(durable.address("test_0"))
    finally:
        durable.start()

    assert receive(opened, 2) == 1
    assert [one.received.id for one in opened.unsorted()] == ["1", "2"]


def test_connections_that_the_server_dropped_cost_one_error_at_most(durable: Server, opened: Store) -> None:
    receive(opened, 1)
    name = opened.name.partition(" ")[0]
    durable.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608 - ours
    failed = 0
    for number in range(2, 6):
        try:
            receive(opened, number)
        except StoreError:
            failed += 1
    assert failed <= 1
    assert len(opened.unsorted()) == 5 - failed


def test_a_reader_sees_one_committed_state(opened: Store, durable: Server) -> None:
    receive(opened, 1)
    with opened.read() as connection:
        before = connection.scalar(text("SELECT count(*) FROM delivery"))
        assert receive(opened, 2) == 1
        assert connection.scalar(text("SELECT count(*) FROM delivery")) == before == 1
    with opened.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM delivery")) == 2


def test_a_store_that_another_makes_meanwhile_is_no_other_program_s(durable: Server) -> None:
    database = Database(durable.database())

    def make(*_: object) -> None:
        open_store(durable.address(database.name.partition(" ")[0])).close()

    # A session's statements each see what was committed before them.
    with closing(database), database.session() as connection:
        event.listen(connection, "after_cursor_execute", make, once=True)
        assert known_revision(connection, database.name) == HEAD


def test_another_writer_is_waited_for_and_named_after_the_wait(opened: Store) -> None:
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        with opened.write():
            held.set()
            go.wait(10)

    writer = threading.Thread(target=hold)
    writer.start()
    try:
        assert held.wait(5)
        assert list(opened.items()) == []  # reading goes on
        begun = time.monotonic()
        with pytest.raises(StoreError, match=r"is in use: another writer has held it for 0.3 s"):
            opened.put_item(item(17))
        assert 0.25 < time.monotonic() - begun < 5
    finally:
        go.set()
        writer.join()
    opened.put_item(item(17))


def test_two_stores_of_one_server_do_not_wait_for_each_other(durable: Server, opened: Store) -> None:
    with open_store(durable.database(), wait=0.3) as other, opened.write():
        other.put_item(item(17))


def test_more_threads_than_connections_wait_and_none_fails(opened: Store) -> None:
    failed = []

    def work(number: int) -> None:
        try:
            for n in range(3):
                receive(opened, number * 10 + n)
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert opened.deliveries() == {("github", "waiting"): 75}

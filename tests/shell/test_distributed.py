"""The distributed engine: Procrastinate on PostgreSQL calls whoever is free to what is due."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackersync.core.model import ItemRef
from trackersync.errors import StoreError
from trackersync.http import SystemClock
from trackersync.store import Ask, Received, Sorted, Store, Subject, open_store, owe
from trackersync.worker.calling import LOOKS, Call, call_to_look, prepare, recall
from trackersync.worker.distributed import Distributed, Pace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from postgres import Server

CLOCK = SystemClock()
QUICK = Pace(beat=0.2, silent=0.8, every=1, poll=0.2, grace=0.5, again=0.2)
SLOW = Pace(every=30, poll=30.0)
"""Whoever is not woken is not called in the time of a test."""


class Working:
    """Work whose deliveries each name the item that their body is, and whose looks take as long as is said."""

    def __init__(self, store: Store, seconds: float = 0.0) -> None:
        self.store, self.seconds = store, seconds
        self.looked: list[str] = []
        self.now: list[str] = []
        self.most = self.ticks = self.breaks = 0
        self.cancelled: list[str] = []

    async def sort(self) -> int:
        waiting = self.store.unsorted()
        if waiting:
            self.store.sort([Sorted(one.number, (ask(one.received.body.decode()),)) for one in waiting], CLOCK.now())
        return len(waiting)

    async def look(self, subject: Subject) -> None:
        if self.breaks:
            self.breaks -= 1
            raise StoreError("The store is in use.")
        due = self.store.due_look(subject)
        if due is None or due.state != "due" or due.at > CLOCK.now():
            return
        begun = CLOCK.now()
        self.now.append(subject.name)
        self.most = max(self.most, len(self.now))
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cancelled.append(subject.name)
            raise
        finally:
            self.now.remove(subject.name)
        self.looked.append(subject.name)
        self.store.done(due, begun)

    async def tick(self) -> None:
        self.ticks += 1


def ask(name: str, container: str = "acme/shop") -> Ask:
    return Ask(Subject("github", "item", name), container)


def delivery(number: int, item: str) -> Received:
    return Received("github", f"d{number}", CLOCK.now(), {}, item.encode())


@pytest.fixture(scope="module")
def template(postgres: Server) -> str:
    """The name of a database with a store and Procrastinate's tables in it."""
    url = postgres.database()
    with open_store(url) as store:
        prepare(store)
    return url.rpartition("/")[2]


@pytest.fixture
def url(postgres: Server, template: str) -> Iterator[str]:
    made = postgres.database(template)
    yield made
    postgres.drop(made)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


def engine(store: Store, pace: Pace = QUICK, abreast: int = 4) -> Distributed:
    made = Distributed(store, CLOCK, abreast, pace)
    store.dispatch = made
    return made


def jobs(postgres: Server, url: str, what: str = "queueing_lock, status", where: str = "true") -> list[tuple]:
    statement = f"SELECT {what} FROM procrastinate_jobs WHERE {where} ORDER BY priority DESC, id"  # noqa: S608 - ours
    return postgres.execute(statement, url.rpartition("/")[2])


@asynccontextmanager
async def driven(work: Working, by: Distributed) -> AsyncIterator[None]:
    """Let an engine drive; at the end stop it."""
    stop = asyncio.Event()
    running = asyncio.create_task(by.run(work, stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def until(holds: Callable[[], object], seconds: float = 8.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in a database
            await asyncio.sleep(0.01)


# What there is to do is told in the store's own transaction.


def test_jobs_are_there_with_what_they_are_for_or_not_at_all(store: Store, url: str, postgres: Server) -> None:
    engine(store)
    store.receive([delivery(1, "i1"), delivery(2, "i2")])
    store.receive([delivery(3, "i3")])
    assert jobs(postgres, url) == [("trackersync.sort", "todo")]
    store.sort([Sorted(1, (ask("i1"),)), Sorted(2, (ask("i1"), ask("i2")))], CLOCK.now())
    looks = ("trackersync.sort", "todo"), ("github/item/i1", "todo"), ("github/item/i2", "todo")
    assert sorted(jobs(postgres, url)) == sorted(looks)
    due = store.due_look(ask("i3").subject)
    with suppress(RuntimeError), store.write() as connection:
        store.dispatch.owed(connection, owe(connection, [(ask("i3"), 0)], 0))
        raise RuntimeError
    assert due is None
    assert sorted(jobs(postgres, url)) == sorted(looks)


def test_a_look_has_its_turn_and_its_task(store: Store, url: str, postgres: Server) -> None:
    postgres.execute(
        "INSERT INTO link (tracker, item, task, reason) VALUES ('github', 'i2', 't7', '{}')", url.rpartition("/")[2]
    )
    engine(store)
    store.owe([ask("i1"), ask("i2"), ask("i3", "acme/other")], CLOCK.now())
    assert jobs(postgres, url, "queueing_lock, lock, priority, args->>'name'") == [
        ("github/item/i1", "github/item/i1", 0, "i1"),
        ("github/item/i3", "github/item/i3", 0, "i3"),
        ("github/item/i2", "t7", -1, "i2"),
    ]


def test_what_is_due_much_later_is_called_for_when_its_time_has_come(store: Store, url: str, postgres: Server) -> None:
    engine(store)
    store.owe([ask("i1"), ask("i2")], CLOCK.now())
    for name, seconds in (("i1", 60), ("i2", 1)):
        postgres.execute("DELETE FROM procrastinate_jobs", url.rpartition("/")[2])
        due = store.due_look(ask(name).subject)
        store.put_off(due, "due", "not now", CLOCK.now() + timedelta(seconds=seconds))
        assert len(jobs(postgres, url, where="scheduled_at > now()")) == (seconds == 1)
    assert recall(store, CLOCK.now()) == 0
    assert recall(store, CLOCK.now() + timedelta(seconds=59)) == 1
    assert recall(store, CLOCK.now() + timedelta(seconds=59)) == 0


@pytest.mark.parametrize(("held", "called"), [("held", 0), ("aside", 0), ("due", 1)])
def test_what_rests_is_not_called_for(held: str, called: int, store: Store, url: str, postgres: Server) -> None:
    store.owe([ask("i1")], CLOCK.now())
    store.put_off(store.due_look(ask("i1").subject), held, "why", CLOCK.now())
    assert recall(store, CLOCK.now()) == called


# Working.


async def test_a_delivery_becomes_a_look_without_waiting(store: Store) -> None:
    work, by = Working(store), engine(store, SLOW)
    async with driven(work, by):
        await asyncio.sleep(0.5)
        for number in range(5):
            begun = asyncio.get_running_loop().time()
            await asyncio.to_thread(store.receive, [delivery(number, f"i{number}")])
            await until(lambda number=number: f"i{number}" in work.looked)
            assert asyncio.get_running_loop().time() - begun < 2
    assert not store.queue()


async def test_looks_are_side_by_side_and_all_are_taken(store: Store, url: str, postgres: Server) -> None:
    work, by = Working(store, 0.1), engine(store)
    store.receive([delivery(number, f"i{number % 20}") for number in range(100)])
    store.owe([ask("early")], CLOCK.now())
    async with driven(work, by):
        await until(lambda: len(set(work.looked)) == 21 and not store.queue())
        await until(lambda: work.ticks)
    assert work.most == 4
    assert not store.deliveries()
    await until(lambda: not jobs(postgres, url, where=f"queue_name = '{LOOKS}'"))


async def test_one_who_asks_during_a_look_gets_another(store: Store) -> None:
    work, by = Working(store, 0.2), engine(store, SLOW)
    async with driven(work, by):
        store.owe([ask("i1")], CLOCK.now())
        await until(lambda: work.now)
        store.owe([ask("i1")], CLOCK.now())
        await until(lambda: len(work.looked) == 2)
        await asyncio.sleep(0.1)
    assert work.looked == ["i1", "i1"]
    assert work.most == 1
    assert not store.queue()


async def test_two_looks_of_one_task_are_one_after_the_other(store: Store, url: str, postgres: Server) -> None:
    postgres.execute(
        "INSERT INTO link (tracker, item, task, reason) VALUES "
        "('github', 'i1', 't1', ''), ('jira', 'i2', 't1', ''), ('github', 'i3', 't2', '')",
        url.rpartition("/")[2],
    )
    work, by = Working(store, 0.1), engine(store)
    store.owe([ask("i1"), Ask(Subject("jira", "item", "i2"), "SHOP"), ask("i3")], CLOCK.now())
    together: set[frozenset[str]] = set()
    async with driven(work, by):
        while len(work.looked) < 3:
            together.add(frozenset(work.now))
            await asyncio.sleep(0.005)
    assert not [names for names in together if {"i1", "i2"} <= names]
    assert work.most == 2


async def test_a_store_in_trouble_is_tried_again(store: Store) -> None:
    work, by = Working(store), engine(store)
    work.breaks = 2
    async with driven(work, by):
        store.owe([ask("i1")], CLOCK.now())
        await until(lambda: work.looked == ["i1"])


async def test_what_was_written_while_its_job_began_is_seen(store: Store, url: str, postgres: Server) -> None:
    """Who finds a job waiting makes none; and that one is fetched before his transaction is over."""
    work, by = Working(store), engine(store, Pace(every=30, poll=0.1))
    left = Call(ask("i1").subject, 0, CLOCK.now() + timedelta(seconds=1))
    with store.write() as connection:
        call_to_look(connection, [left], CLOCK.now())

    def write() -> None:
        with store.write() as connection:
            by.owed(connection, owe(connection, [(ask("i1"), 0)], 0))
            while jobs(postgres, url, "status", f"queue_name = '{LOOKS}'") != [("doing",)]:
                time.sleep(0.01)
            time.sleep(0.2)

    async with driven(work, by):
        await asyncio.to_thread(write)
        await until(lambda: work.looked == ["i1"], 3)


# Ending, dying, and what others do then.


async def test_what_is_under_way_is_finished_at_the_end(store: Store) -> None:
    work, by = Working(store, 0.3), engine(store)
    store.owe([ask("i1"), ask("i2")], CLOCK.now())
    async with driven(work, by):
        await until(lambda: len(work.now) == 2)
    assert sorted(work.looked) == ["i1", "i2"]
    assert not store.queue()


async def test_what_takes_too_long_at_the_end_is_there_for_others_at_once(
    store: Store, url: str, postgres: Server
) -> None:
    work, by = Working(store, 30), engine(store)
    store.owe([ask("i1")], CLOCK.now())
    async with driven(work, by):
        await until(lambda: work.now)
    assert work.cancelled == ["i1"]
    assert jobs(postgres, url, where=f"queue_name = '{LOOKS}'") == [("github/item/i1", "todo")]


async def test_a_dead_workers_jobs_are_taken_over(store: Store, url: str, postgres: Server) -> None:
    engine(store)
    store.owe([ask("i1"), ask("i2")], CLOCK.now())
    postgres.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute'), (now());"
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT min(id) FROM procrastinate_workers)",
        url.rpartition("/")[2],
    )
    work = Working(store)
    async with driven(work, engine(store)):
        await until(lambda: sorted(work.looked) == ["i1", "i2"])
    assert not store.queue()


async def test_a_living_workers_jobs_are_left_alone(store: Store, url: str, postgres: Server) -> None:
    engine(store)
    store.owe([ask("i1")], CLOCK.now())
    postgres.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 minute');"
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)",
        url.rpartition("/")[2],
    )
    work = Working(store)
    async with driven(work, engine(store)):
        await until(lambda: work.ticks >= 2)
    assert work.looked == []


async def test_connections_that_break_are_made_anew(
    store: Store, url: str, postgres: Server, caplog: pytest.LogCaptureFixture
) -> None:
    work, by = Working(store), engine(store)
    async with driven(work, by):
        store.owe([ask("i1")], CLOCK.now())
        await until(lambda: work.looked == ["i1"])
        postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()",
            url.rpartition("/")[2],
        )

        def owed() -> bool:
            try:
                store.owe([ask("i2")], CLOCK.now())
            except StoreError:
                return False
            return True

        await until(owed)
        await until(lambda: "i2" in work.looked)
    assert "the database of the store cannot be used: " in caplog.text
    assert "Traceback" not in caplog.text


# Procrastinate's tables.


def test_many_may_prepare_at_once(postgres_url: str) -> None:
    def one(_: int) -> None:
        with open_store(postgres_url) as store:
            prepare(store)
            prepare(store)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("DELETE FROM remembered", "another program"),
        ("UPDATE remembered SET body = '99.00.00_01_later'", "newer Procrastinate"),
    ],
    ids=["another program's", "newer"],
)
def test_tables_that_are_not_ours_are_refused(spoil: str, said: str, store: Store, url: str, postgres: Server) -> None:
    postgres.execute(spoil, url.rpartition("/")[2])
    with pytest.raises(StoreError, match=said):
        Distributed(store, CLOCK, 1)


def test_older_tables_are_brought_up_to_date(postgres_url: str, postgres: Server) -> None:
    from procrastinate.schema import SchemaManager  # noqa: PLC0415 - only here

    name = postgres_url.rpartition("/")[2]
    with open_store(postgres_url) as store:
        for script in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
            if script.stem >= "03.03":
                break
            postgres.execute(script.read_text(), name)
        store.remember("procrastinate schema", "03.02.00_50_post_batch_defer_jobs")
        prepare(store)
        functions = (
            "SELECT count(*) FROM pg_proc WHERE proname IN ('procrastinate_fetch_job_v2', 'procrastinate_retry_job_v2')"
        )
        assert postgres.execute(functions, name) == [(2,)]
        assert store.remembered("procrastinate schema").startswith("03.04")


def test_a_file_is_refused(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "it.db")) as store, pytest.raises(StoreError, match="trackersync serve"):
        Distributed(store, CLOCK, 1)


# Claims.


def refs(*names: str) -> list[ItemRef]:
    return [ItemRef("github", name) for name in names]


def test_nobody_takes_what_somebody_else_has(store: Store, url: str) -> None:
    with open_store(url) as other:
        ours, theirs = Distributed(store, CLOCK, 1).claims, Distributed(other, CLOCK, 1).claims
        with ours.take(refs("a", "b")) as got:
            assert got
            for wanted, given in ((("b", "c"), False), (("c",), True), (("a",), False), ((), True)):
                with theirs.take(refs(*wanted)) as got_too:
                    assert got_too is given, wanted
            with ours.take(refs("b")) as again:
                assert not again
            with theirs.take(refs("c")), ours.take(refs("c", "d")) as mine:
                assert not mine
            with theirs.take(refs("d")) as left:
                assert left
        with theirs.take(refs("a", "b")) as got:
            assert got
        theirs.close()
        with ours.take(refs("a")) as got:
            assert got
        ours.close()


@pytest.mark.parametrize("noticed", ["at once", "by whoever asks"])
async def test_whoever_loses_his_claims_is_stopped(noticed: str, store: Store, url: str, postgres: Server) -> None:
    claims = Distributed(store, CLOCK, 1).claims
    stopped = asyncio.Event()

    async def work() -> None:
        with claims.take(refs("a")) as got:
            assert got
            try:
                await asyncio.sleep(20)
            except asyncio.CancelledError:
                stopped.set()
                raise

    working = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    postgres.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'trackersync claims'"
    )
    if noticed == "by whoever asks":
        with claims.take(refs("b")) as got:
            assert got
    async with asyncio.timeout(2):
        await stopped.wait()
    assert (await asyncio.gather(working, return_exceptions=True))[0].__class__ is asyncio.CancelledError
    with claims.take(refs("a")) as got:
        assert got
    claims.close()

"""The inbox takes each delivery in once and keeps it until it was sorted; looks become due in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from sqlalchemy import Connection, text

from trackersync.core.model import ItemRef, Outcome, Receipt
from trackersync.store import Ask, Due, Received, Sorted, Store, Subject, note_missed, open_store, owe
from trackersync.store.database import Database
from trackersync.store.rows import micros

from .values import NOON, SHOP, at, change, item, ref

SEEN = Subject("github", "item", "17")
HEADERS = {"x-github-event": "issues", "x-odd": "line\nbreak ”"}


def delivery(number: int | str, seconds: float = 0, tracker: str = "github", body: bytes = b"{}") -> Received:
    return Received(tracker, f"72d3-{number}", at(seconds), HEADERS, body)


def numbers(store: Store) -> list[int]:
    return [one.number for one in store.unsorted()]


def test_a_delivery_is_kept_as_it_was_received(store: Store) -> None:
    odd = delivery(1, body=bytes(range(256)))
    assert store.receive([odd]) == 1
    [one] = store.unsorted()
    assert (one.received, one.state, one.why) == (odd, "waiting", "")


def test_one_id_of_one_tracker_is_one_delivery(store: Store) -> None:
    assert store.receive([delivery(1), delivery(2), delivery(1)]) == 2
    assert store.take_in([delivery(2), delivery(3), delivery(2, tracker="jira")]) == {"github": 1, "jira": 1}
    assert store.receive([delivery(1)]) == 0
    assert store.receive([]) == 0
    assert store.deliveries() == {("github", "waiting"): 3, ("jira", "waiting"): 1}


def test_one_that_was_sorted_long_ago_is_still_not_taken_in_again(store: Store) -> None:
    store.receive([delivery(1)])
    store.sort([Sorted(numbers(store)[0])], NOON)
    assert store.receive([delivery(1)]) == 0
    assert store.unsorted() == ()


def test_they_are_read_in_the_order_of_coming(store: Store) -> None:
    for number in (5, 3, 4):
        store.receive([delivery(number, -number)])
    assert [one.received.id for one in store.unsorted()] == ["72d3-5", "72d3-3", "72d3-4"]
    assert [one.received.id for one in store.unsorted(2)] == ["72d3-5", "72d3-3"]
    assert store.unsorted_since() == at(-5)


def test_sorting_makes_looks_due_and_empties_the_bodies(store: Store) -> None:
    store.receive([delivery(1, 1), delivery(2, 2), delivery(3, 3)])
    first, second, third = numbers(store)
    store.sort([Sorted(first, (Ask(SEEN),)), Sorted(second, (Ask(SEEN),)), Sorted(third, (), "no JSON")], at(9))

    due = store.due_look(SEEN)
    assert due is not None
    assert (due.wanted, due.told, due.since, due.at, due.container) == (2, 2, at(1), at(9), "github")
    assert store.deliveries(done=True) == {("github", "done"): 2, ("github", "aside"): 1}
    assert store.unsorted_since() is None
    [aside] = store.deliveries_aside()
    assert (aside.received, aside.why) == (delivery(3, 3), "no JSON")
    with store.read() as connection:
        left = connection.execute(text("SELECT headers, length(body) FROM delivery WHERE state = 'done'")).all()
    assert [tuple(row) for row in left] == [("{}", 0), ("{}", 0)]


def test_what_two_sort_at_once_counts_once(store: Store) -> None:
    store.receive([delivery(1)])
    [number] = numbers(store)
    store.sort([Sorted(number, (Ask(SEEN),))], NOON)
    store.sort([Sorted(number, (Ask(SEEN),))], NOON)
    due = store.due_look(SEEN)
    assert due is not None
    assert due.wanted == 1


def test_a_look_knows_where_its_item_is(store: Store) -> None:
    store.put_item(item(17))
    store.owe([Ask(SEEN), Ask(Subject("jira", "item", "1"), "SHOP"), Ask(Subject("jira", "item", "1"))], NOON)
    store.owe([Ask(Subject("jira", "news", "OPS")), Ask(Subject("jira", "news", ""))], NOON)
    assert {one.subject.name: one.container for one in store.due(NOON, 9)} == {
        "17": SHOP, "1": "SHOP", "OPS": "OPS", "": "jira"
    }  # fmt: skip


def test_old_deliveries_go_and_those_that_wait_stay(store: Store) -> None:
    store.receive([delivery(n, n) for n in range(2_500)])
    store.receive([delivery("late", 5_000)])
    store.sort([Sorted(number) for number in [one.number for one in store.unsorted(3_000)] if number != 7], NOON)
    assert store.forget_deliveries(at(3_000)) == 2_499
    assert store.deliveries(done=True) == {("github", "waiting"): 1, ("github", "done"): 1}
    assert store.last_delivery("github") == at(5_000)
    assert store.last_delivery("jira") is None
    assert store.forget_deliveries(at(3_000)) == 0


def test_tidying_takes_what_is_older_than_it_is_kept_for(store: Store) -> None:
    day = 86_400
    store.receive([delivery(1), delivery(2, 2 * day)])
    store.sort([Sorted(number) for number in numbers(store)], NOON)
    store.put_item(item(17))
    with store.write() as connection:
        note_missed(connection, [ref(17)], micros(NOON))
    for days in (0, 2):
        store.reflected("github", at(days * day), timely=True)
    store.end_run(store.begin_run("sync", "f", "d", NOON), {}, NOON)
    store.begin_run("sync", "f", "d", at(day))

    assert store.tidy(at(2.5 * day), keep=at(day) - NOON, deliveries=at(day) - NOON) == 4
    assert store.deliveries(done=True) == {("github", "done"): 1}
    assert store.missed(NOON) == {}
    assert store.timeliness(NOON)["github"].edits == 1
    assert len(store.runs()) == 1


class Told:
    """Writes down what it is told, and breaks where it is to break."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.breaks = ""

    def received(self, connection: Connection) -> None:
        self.said.append("received")
        self._break("received")

    def owed(self, connection: Connection, dues: tuple[Due, ...]) -> None:
        self.said.append(f"owed {sorted(due.subject.name for due in dues)}")
        self._break("owed")

    def committed(self) -> None:
        self.said.append("committed")

    def _break(self, where: str) -> None:
        if self.breaks == where:
            raise ZeroDivisionError


@pytest.fixture
def engine(store: Store) -> Iterator[Told]:
    told = Told()
    store.dispatch = told  # type: ignore[assignment]
    return told


def test_the_engine_is_told_in_the_transaction_and_then_that_it_has_ended(store: Store, engine: Told) -> None:
    store.receive([delivery(1)])
    store.receive([delivery(1)])  # nothing new
    store.sort([Sorted(numbers(store)[0], (Ask(SEEN),))], NOON)
    assert engine.said == ["received", "committed", "owed ['17']", "committed"]


@pytest.mark.parametrize("step", ["received", "owed"])
def test_what_the_engine_could_not_be_told_has_not_happened(store: Store, engine: Told, step: str) -> None:
    engine.breaks = step
    with suppress(ZeroDivisionError):
        store.receive([delivery(1)])
        store.sort([Sorted(numbers(store)[0], (Ask(SEEN),))], NOON)

    assert store.deliveries(done=True) == ({("github", "waiting"): 1} if step == "owed" else {})
    assert store.due_look(SEEN) is None
    assert engine.said[-1] != "committed"


def test_many_receive_the_same_and_it_is_there_once(url: str) -> None:
    with open_store(url) as one, open_store(url) as other, ThreadPoolExecutor(8) as threads:
        some = [[delivery(n) for n in range(first, first + 10)] for first in range(0, 60, 5)]
        new = list(threads.map(lambda pair: (one, other)[pair[0] % 2].receive(pair[1]), enumerate(some * 2)))
        assert sum(new) == 65 == len(one.unsorted())
        assert one.deliveries() == {("github", "waiting"): 65}


def test_two_services_sort_at_once_and_each_delivery_counts_once(url: str) -> None:
    with open_store(url) as one, open_store(url) as other, ThreadPoolExecutor(2) as threads:
        one.receive([delivery(n) for n in range(100)])

        def sort(store: Store) -> None:
            while waiting := store.unsorted(10):
                store.sort(
                    [Sorted(d.number, (Ask(Subject("github", "item", str(d.number % 7))),)) for d in waiting], NOON
                )

        list(threads.map(sort, (one, other)))
        assert sum(due.wanted for due in one.due(NOON, 100)) == 100


# What no delivery told of.


def listen(store: Store) -> None:
    """A tracker has sent a delivery, so that others may be missed."""
    store.receive([delivery("first", -1000)])
    store.sort([Sorted(number) for number in numbers(store)], at(-1000))


def found(store: Store, *refs: ItemRef, seconds: float = 0) -> None:
    """A read finds items changed: they are counted where nobody told of them, and due."""
    with store.write() as connection:
        note_missed(connection, refs, micros(at(seconds)))
        owe(
            connection, [(Ask(Subject(one.tracker, "item", one.id)), micros(at(seconds))) for one in refs], micros(NOON)
        )


def test_a_change_is_missed_once_and_only_where_deliveries_come(store: Store) -> None:
    store.put_item(item(17))
    found(store, ref(17))
    assert store.missed(NOON) == {}
    listen(store)
    found(store, ref(17), ref(42, "jira"))
    found(store, ref(17), seconds=1)
    assert store.missed(NOON) == {"github": 1}
    assert store.missed(at(1)) == {}
    store.put_item(item(17, 60))
    found(store, ref(17), seconds=61)
    assert store.missed(NOON) == {"github": 2}


def test_a_change_that_a_delivery_told_of_is_not_missed(store: Store) -> None:
    listen(store)
    store.put_item(item(17))
    store.receive([delivery(1)])
    store.sort([Sorted(numbers(store)[0], (Ask(SEEN),))], NOON)
    found(store, ref(17), seconds=1)
    assert store.missed(NOON) == {}


def test_a_delivery_that_was_answered_tells_of_no_later_change(store: Store) -> None:
    listen(store)
    store.put_item(item(17))
    store.receive([delivery(1)])
    store.sort([Sorted(numbers(store)[0], (Ask(SEEN),))], NOON)
    due = store.due_look(SEEN)
    assert due is not None
    store.owe([Ask(SEEN)], at(1))  # a timer asks while it is looked at
    assert not store.done(due, at(0.5))
    found(store, ref(17), seconds=2)
    assert store.missed(NOON) == {"github": 1}


@pytest.mark.parametrize(
    ("after", "ours", "late"),
    [
        (0, False, True),
        (59, False, True),
        (61, False, False),
        (-1, False, True),
        (-61, False, False),
        (59, True, False),
    ],
    ids=["at once", "within a minute", "too late", "received before and read after", "long before", "of our own write"],
)
def test_a_delivery_that_comes_late_is_not_lost(store: Store, after: float, ours: bool, late: bool) -> None:
    listen(store)
    store.put_item(item(17))
    found(store, ref(17))
    if ours:
        store.intend(store.begin_run("sync", "f", "d", at(1)), change(17), [], at(1))
    assert store.told_late(ref(17), at(after)) is late
    assert store.missed(NOON) == ({} if late else {"github": 1})
    assert not store.told_late(ref(18), at(after))


@pytest.mark.parametrize(
    ("after", "missed"),
    [(1, {}), (59, {}), (61, {"github": 1})],
    ids=["read before its answer", "a slow one", "of a run that was killed"],
)
def test_what_we_are_just_writing_is_not_missed(store: Store, after: float, missed: Mapping[str, int]) -> None:
    listen(store)
    store.put_item(item(17))
    intent = store.intend(store.begin_run("sync", "f", "d", NOON), change(17), [], NOON)
    found(store, ref(17), seconds=after)
    assert store.missed(NOON) == missed
    store.settle(intent, Receipt(Outcome.APPLIED, ""), (), None, at(after))
    store.put_item(item(17, 120))
    found(store, ref(17), seconds=121)
    assert store.missed(at(120)) == {"github": 1}


def test_edits_are_counted_by_day(store: Store) -> None:
    for seconds, timely in ((0, True), (1, False), (86_400, True)):
        store.reflected("github", at(seconds), timely=timely)
    assert [(one.edits, one.timely) for one in store.timeliness(NOON).values()] == [(3, 2)]
    assert [(one.edits, one.timely) for one in store.timeliness(at(86_400)).values()] == [(1, 1)]


def test_what_is_asked_all_the_time_goes_by_an_index() -> None:

    with closing(Database("sqlite://")) as database:
        from trackersync.store.opening import prepare  # noqa: PLC0415

        prepare(database)
        with database.read() as connection:
            for question in (
                "SELECT * FROM delivery WHERE state = 'waiting' ORDER BY number LIMIT 100",
                "SELECT max(at) FROM delivery WHERE tracker = 'github'",
                "SELECT number FROM delivery WHERE tracker = 'github' LIMIT 1",
                "SELECT min(turn) FROM due WHERE state = 'due'",
                "SELECT max(turn) FROM due WHERE container = 'a' AND state = 'due'",
                "SELECT * FROM due WHERE state = 'due' AND at <= 5 ORDER BY turn, since LIMIT 8",
                "SELECT count(*) FROM missed WHERE at >= 5",
                "SELECT id FROM change WHERE tracker = 'a' AND item = '1' AND outcome IS NULL AND intended >= 5",
            ):
                plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}"))
                assert "SEARCH" in plan, (question, plan)
                assert "USE TEMP B-TREE FOR ORDER BY" not in plan, (question, plan)

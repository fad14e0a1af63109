"""A look is due once, however often it was asked for; nothing goes but by being done; turns are fair among projects."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackersync.store import Ask, Due, Store, Subject, open_store
from trackersync.store.dues import owe
from trackersync.store.rows import micros

from .values import NOON, at

A = Subject("github", "item", "17")
B = Subject("jira", "item", "17")
NEWS = Subject("github", "news", "acme/shop")


def due_now(store: Store, subject: Subject = A) -> Due:
    found = store.due_look(subject)
    assert found is not None
    return found


def told(store: Store, subject: Subject, seconds: float) -> None:
    """A delivery asks."""
    with store.write() as connection:
        owe(connection, [(Ask(subject), micros(at(seconds)))], micros(at(seconds)), told=True)


def test_what_is_asked_for_often_is_due_once(store: Store) -> None:
    store.owe([Ask(A), Ask(A), Ask(B)], at(5))
    told(store, A, 3)
    store.owe([Ask(A)], at(9))
    due = due_now(store)
    assert (due.wanted, due.told, due.since, due.at, due.state) == (4, 1, at(3), at(5), "due")
    assert [one.subject for one in store.due(at(9), 9)] == [A, B]
    assert store.queue() == {("github", "due"): (1, at(3)), ("jira", "due"): (1, at(5))}


def test_what_was_done_is_due_no_more(store: Store) -> None:
    store.owe([Ask(A), Ask(NEWS)], NOON)
    assert store.done(due_now(store), at(1))
    assert store.due_look(A) is None
    assert [one.subject for one in store.due(at(1), 9)] == [NEWS]


def test_what_is_asked_for_while_it_is_looked_at_is_due_again(store: Store) -> None:
    told(store, A, 0)
    due = due_now(store)
    told(store, A, 2)
    assert not store.done(due, at(1))
    again = due_now(store)
    assert (again.since, again.told, again.state, again.at) == (at(1), 1, "due", at(1))
    assert store.done(again, at(3))


def test_a_look_that_somebody_else_has_done_takes_nothing_with_it(store: Store) -> None:
    """A worker stalls, another does its look, and then it is asked for anew: the first must not do away with that."""
    store.owe([Ask(A)], NOON)
    stalled = due_now(store)
    assert store.done(due_now(store), at(1))
    store.owe([Ask(A)], at(2))
    assert due_now(store).wanted == stalled.wanted, "or this shows nothing"
    assert not store.done(stalled, at(3))
    assert due_now(store).state == "due"
    store.put_off(stalled, "aside", "broken", at(3))
    assert due_now(store).state == "due"


@pytest.mark.parametrize("state", ["held", "aside"])
def test_what_is_put_to_rest_rests_until_it_is_asked_for(store: Store, state: str) -> None:
    store.owe([Ask(A), Ask(B)], NOON)
    store.put_off(due_now(store), state, "12 are more than 10", at(60))  # type: ignore[arg-type]
    assert [one.subject for one in store.due(at(9_999), 9)] == [B]
    assert [(one.subject, one.why, one.tries) for one in store.not_due(state)] == [(A, "12 are more than 10", 1)]  # type: ignore[arg-type]
    store.owe([Ask(A)], at(70))
    again = due_now(store)
    assert (again.state, again.tries, again.at) == ("due", 0, at(70))


def test_what_failed_waits_for_its_next_try_whoever_asks(store: Store) -> None:
    store.owe([Ask(A)], NOON)
    store.put_off(due_now(store), "due", "no answer", at(60))
    store.owe([Ask(A)], at(1))
    again = due_now(store)
    assert (again.tries, again.at, again.why) == (1, at(60), "no answer")
    assert (store.due(at(59), 9), len(store.due(at(60), 9))) == ((), 1)
    assert (store.next_due(), store.next_due(but=[A])) == (at(60), None)
    store.put_off(again, "due", "busy", at(90), failed=False)
    assert due_now(store).tries == 1


@pytest.mark.parametrize("state", ["held", "aside"])
def test_what_is_asked_for_while_it_fails_is_not_put_to_rest(store: Store, state: str) -> None:
    store.owe([Ask(A)], NOON)
    due = due_now(store)
    store.owe([Ask(A)], at(1))
    store.put_off(due, state, "not now", at(900))  # type: ignore[arg-type]
    assert due_now(store).state == "due"
    # What is held waits for a quarter of an hour; who asked anew does not.
    assert [one.subject for one in store.due(at(2), 9)] == [A]


def test_nothing_comes_back_that_is_gone(store: Store) -> None:
    store.owe([Ask(A)], NOON)
    due = due_now(store)
    store.done(due, at(1))
    store.put_off(due, "due", "late", at(2))
    assert store.due_look(A) is None


def test_what_rests_is_tried_again_all_or_some_of_it(store: Store) -> None:
    many = [Subject("github", "item", str(number)) for number in range(1_100)]
    store.owe([Ask(one) for one in many], NOON)
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE due SET state = 'held', tries = 3")
    store.owe([Ask(B)], NOON)
    assert store.release("held", at(5), [many[7], B]) == 1
    assert (due_now(store, many[7]).tries, due_now(store, many[7]).at) == (0, at(5))
    assert store.release("held", at(6)) == 1_099
    assert store.not_due("held") == ()
    assert store.due(at(6), 1)[0].subject == B or store.due(at(6), 2)[1].subject == B, "a thousand do not go first"


def test_many_ask_and_look_at_once_and_no_asking_is_lost(url: str) -> None:
    """Whoever asks after a look has begun is answered by a later one."""
    with open_store(url) as one, open_store(url) as other, ThreadPoolExecutor(4) as threads:
        asked = [0, 0]

        def ask(store: Store) -> None:
            for n in range(15):
                store.owe([Ask(A)], at(n))
                asked[0] += 1

        def look(store: Store) -> None:
            for _ in range(15):
                if (due := store.due_look(A)) is not None:
                    seen = asked[0]
                    store.done(due, NOON)
                    asked[1] = max(asked[1], seen)

        list(threads.map(lambda work: work[0](work[1]), [(ask, one), (look, other), (ask, other), (look, one)]))
        left = one.due_look(A)
        assert left is not None or asked[1] > 0
        while left is not None:
            one.done(left, NOON)
            left = one.due_look(A)


# Fairness.

PROJECTS = "abcd"
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(PROJECTS), st.integers(1, 12)),  # so many looks are asked for in a project
        st.integers(1, 8),  # so many looks are taken
        st.just("fail"),
    ),
    max_size=16,
)


class Line:
    """Projects in a line, one look after another; counts for how many looks of each other project each waited."""

    def __init__(self, store: Store) -> None:
        self.store, self.now, self.number = store, NOON, 0
        self.waited: dict[str, Counter[str]] = {}

    def ask(self, project: str, number: int) -> None:
        self.now += timedelta(seconds=1)
        some = [Subject("t", "item", str(self.number + n)) for n in range(number)]
        self.number += number
        self.store.owe([Ask(one, project) for one in some], self.now)
        self.waited.setdefault(project, Counter())

    def look(self, *, fails: bool = False) -> None:
        """The next look is taken; no project that waits is passed twice by another before it has its own."""
        self.now += timedelta(seconds=1)
        following = self.store.due(self.now, 1)
        if not following:
            return
        [due] = following
        for project, passed in self.waited.items():
            if project != due.container:
                passed[due.container] += 1
                assert passed[due.container] <= 2, f"{due.container} passed {project} again"
        if fails:
            self.store.put_off(due, "aside", "it fails", self.now)
        else:
            self.store.done(due, self.now)
        waiting = {one.container for one in self.store.due(self.now, 10_000)}
        self.waited = {name: Counter() if name == due.container else self.waited[name] for name in waiting}


@given(steps=STEPS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_no_project_waits_for_all_of_another(steps: list[object]) -> None:
    with open_store("sqlite://") as store:
        line = Line(store)
        for step in steps:
            if isinstance(step, tuple):
                line.ask(*step)
            elif isinstance(step, int):
                for _ in range(step):
                    line.look()
            else:
                line.look(fails=True)
        while line.waited:
            line.look()


def test_a_flood_in_one_project_makes_nobody_else_wait_for_it(store: Store) -> None:
    store.owe([Ask(Subject("t", "item", f"a{n}"), "a") for n in range(2_000)], NOON)
    for _ in range(5):
        store.done(store.due(at(1), 1)[0], at(1))
    store.owe([Ask(Subject("t", "item", f"b{n}"), "b") for n in range(3)], at(2))
    order = []
    for _ in range(6):
        [due] = store.due(at(3), 1)
        order.append(due.container)
        store.done(due, at(3))
    assert order in (["a", "b"] * 3, ["b", "a"] * 3)


def test_one_that_fails_holds_no_turn_back(store: Store) -> None:
    """One waits for its next try; newcomers must not be first for ever because its turn is an early one."""
    store.owe([Ask(A, "poisoned")], NOON)
    store.put_off(due_now(store), "due", "broken", at(9_999))
    store.owe([Ask(Subject("t", "item", f"a{n}"), "a") for n in range(50)], NOON)
    for _ in range(20):
        store.done(store.due(at(1), 1)[0], at(1))
    order = []
    for n in range(10):
        store.owe([Ask(Subject("t", "item", f"b{n}"), "b")], at(2 + n))
        [due] = store.due(at(20), 1)
        order.append(due.container)
        store.done(due, at(20))
    assert "a" in order[:2]
    assert order.count("a") >= 4

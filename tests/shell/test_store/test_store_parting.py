"""What a person took apart stays apart, and the two parts are two tasks."""

from __future__ import annotations

from trackersync.core.told import Pause, Settlement, TakenBack
from trackersync.store import Claim, Store, task_id

from .values import IDEA, NOON, at, ref

A, B, C = ref(17), ref(42, "jira"), ref(7, "old-jira")
T = task_id((A, B, C))


def linked(store: Store) -> None:
    store.put_links([Claim(T, (A, B, C), "key in the title")])
    store.put_last_open({T: "build"})


def tasks(store: Store) -> set[frozenset[str]]:
    """The items that are one task, as a run sees them: an item without a link is a task of its own name."""
    links = store.links()
    name = {each: links.get(each) or task_id((each,)) for each in (A, B, C)}
    return {frozenset(each.tracker for each in name if name[each] == task) for task in name.values()}


def test_an_item_taken_away_is_a_task_of_its_own(store: Store) -> None:
    linked(store)

    store.put_apart(B, [A, C], NOON)

    assert tasks(store) == {frozenset({"github", "old-jira"}), frozenset({"jira"})}
    assert store.apart() == {frozenset({A, B}), frozenset({B, C})}
    assert store.last_open() == {T: "build", task_id((B,)): "build"}


def test_the_item_that_named_the_task_leaves_it_too(store: Store) -> None:
    linked(store)

    store.put_apart(A, [B, C], NOON)

    assert tasks(store) == {frozenset({"github"}), frozenset({"jira", "old-jira"})}
    assert store.last_open() == {T: "build", task_id((B, C)): "build"}


def test_of_two_each_is_alone_whoever_is_taken_away(store: Store) -> None:
    for one, other in ((A, B), (B, A)):
        store.put_links([Claim(task_id((A, B)), (A, B), "key in the title")])
        store.put_apart(one, [other], NOON)

        assert {frozenset({"github"}), frozenset({"jira"})} <= tasks(store)
        assert store.apart() == {frozenset({A, B})}


def test_both_parts_stay_paused_and_nothing_settled_of_the_two_holds_any_more(store: Store) -> None:
    linked(store)
    pause = Pause("task", T, NOON, "release freeze")
    store.put_pause(pause)
    store.put_settlements([Settlement(T, "stage", A, IDEA, NOON)], {})
    store.put_taken_back([TakenBack(T, "owners", ((A, IDEA), (B, IDEA)), 3)])

    store.put_apart(A, [B, C], at(60))

    assert {one.name for one in store.pauses().open} == {T, task_id((B, C))}
    assert (store.settlements(), store.taken_back()) == ({}, {})


def test_doing_it_again_changes_nothing(store: Store) -> None:
    linked(store)
    store.put_apart(A, [B, C], NOON)
    before = (store.links(), store.apart(), store.last_open())

    store.put_apart(A, [B, C], at(60))

    assert (store.links(), store.apart(), store.last_open()) == before


def test_a_person_may_put_them_together_again(store: Store) -> None:
    linked(store)
    store.put_apart(B, [A, C], NOON)

    store.put_together([A, B])

    assert store.apart() == {frozenset({B, C})}
    assert store.put_links([Claim(T, (A, B), "told by a person")]) == ()
    assert store.links()[B] == T


def test_nothing_is_put_together_where_nothing_is_named(store: Store) -> None:
    store.put_apart(A, [B], NOON)
    store.put_together([])
    store.put_together([A])

    assert store.apart() == {frozenset({A, B})}

"""An item that goes on under another ref takes along all that is remembered of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trackersync.core.model import Absence, Conflict, Outcome, Receipt, Side
from trackersync.core.told import Pause, Settlement, TakenBack
from trackersync.store import Claim, Rejection, Store, task_id

from .values import BUILD, IDEA, NOON, VERIFY, at, change, item, look, ref

OLD, NEW, J = ref(17), ref(99), ref(42, "jira")
T = task_id((OLD, J))


def remembered(store: Store, task: str = T) -> None:
    """A task of two that has lived a while."""
    look(store, item(17))
    look(store, item(17, 60, says="stage: build"))
    store.put_last_open({task: "build"})
    done = store.intend(store.begin_run("sync", "f", "d", NOON), change(), [IDEA, BUILD], NOON)
    store.settle(done, Receipt(Outcome.APPLIED), [BUILD], None, at(1))
    doubted = store.intend(store.begin_run("sync", "f", "d", at(2)), change(after=VERIFY), [BUILD, VERIFY], at(2))
    store.settle(doubted, Receipt(Outcome.IN_DOUBT), None, None, at(3))
    store.put_pause(Pause("task", task, NOON, "release freeze"))
    store.put_settlements([Settlement(task, "stage", OLD, BUILD, NOON)], {})
    store.put_taken_back([TakenBack(task, "owners", ((OLD, IDEA), (J, IDEA)), 1)])
    store.put_conflicts(
        1, [Conflict(task, "owners", (Side(OLD, "a#17", "ada-l"), Side(J, "S-42", "alan-t")), "x")], NOON
    )
    store.put_rejection(OLD, "owners", Rejection("k1", "may not be assigned", NOON))


def everything(store: Store) -> tuple[object, ...]:
    told = (store.settlements(), store.taken_back(), store.pauses(), store.apart(), store.conflicts())
    return (
        store.links(),
        store.bases(),
        store.last_open(),
        store.journal(),
        store.missing(),
        store.rejections(),
        *told,
    )


@pytest.fixture
def linked(store: Store) -> Store:
    store.put_links([Claim(T, (OLD, J), "key in the title")], NOON)
    remembered(store)
    return store


def test_all_that_is_remembered_follows(linked: Store) -> None:
    base = linked.bases()[OLD, "stage"]

    linked.follow({OLD: NEW})

    assert linked.links() == {NEW: T, J: T}
    assert (linked.reasons(T)[NEW], linked.links_made(T)[NEW]) == ("key in the title", NOON)
    assert linked.bases() == {(NEW, "stage"): base}
    assert {entry.change.ref for entry in linked.journal()} == {NEW}
    assert [entry.change.after for entry in linked.in_doubt()] == [VERIFY]
    assert (linked.journal(refs=[OLD]), len(linked.journal(refs=[NEW]))) == ((), 2)
    assert (linked.moves([OLD]), len(linked.moves([NEW]))) == ((), 1)
    assert linked.settlements()[T, "stage"].take == NEW
    assert linked.taken_back()[T, "owners"].natives == ((NEW, IDEA), (J, IDEA))
    assert [side.ref for side in linked.conflicts()[0].conflict.sides] == [NEW, J]
    assert linked.missing() == {OLD: Absence.MOVED}


def test_the_task_keeps_its_name_its_pause_and_its_last_open_stage(linked: Store) -> None:
    linked.follow({OLD: NEW})

    assert linked.last_open() == {T: "build"}
    assert linked.pauses().of("task", T) is not None


def test_a_refusal_does_not_follow_since_it_was_another_project_that_refused(linked: Store) -> None:
    linked.follow({OLD: NEW})

    assert linked.rejections() == {}


def test_doing_it_again_changes_nothing(linked: Store) -> None:
    linked.put_apart(ref(18), [OLD], NOON)
    linked.follow({OLD: NEW})
    before = everything(linked)

    linked.follow({OLD: NEW})

    assert everything(linked) == before


def test_an_item_that_is_alone_gives_its_task_its_name(store: Store) -> None:
    alone, now = task_id((OLD,)), task_id((NEW,))
    remembered(store, alone)
    store.put_taken_back([TakenBack(alone, "owners", ((OLD, IDEA),), 1)])

    for _ in range(2):
        store.follow({OLD: NEW})

    assert store.last_open() == {now: "build"}
    assert [one.name for one in store.pauses().every] == [now]
    assert store.taken_back() == {(now, "owners"): TakenBack(now, "owners", ((NEW, IDEA),), 1)}
    assert [place[0] for place in store.bases()] == [NEW]


def test_a_new_ref_that_is_linked_already_keeps_its_own(linked: Store) -> None:
    other = task_id((NEW, ref(43, "jira")))
    linked.put_links([Claim(other, (NEW, ref(43, "jira")), "remote link")])
    linked.put_bases({(NEW, "owners"): [IDEA], (OLD, "owners"): [BUILD]})

    linked.follow({OLD: NEW})

    assert linked.links() == {NEW: other, ref(43, "jira"): other, J: T}
    # What the old one had agreed to in its own task, nobody has agreed to in this one.
    assert linked.bases() == {(NEW, "owners"): (IDEA,)}

    # The task it left has another item still, and stays what it is, also when it is followed once more.
    linked.follow({OLD: NEW})
    assert linked.last_open() == {T: "build"}
    assert [one.name for one in linked.pauses().open] == [T]


def test_what_the_new_ref_showed_while_it_was_alone_nobody_agreed_to(linked: Store) -> None:
    linked.put_bases({(NEW, "owners"): [VERIFY], (OLD, "owners"): [BUILD]})

    linked.follow({OLD: NEW})

    assert linked.bases()[NEW, "owners"] == (BUILD,)
    assert not [place for place in linked.bases() if place[0] == OLD]


@pytest.mark.parametrize("both", [False, True], ids=["the old one", "the new one too"])
def test_what_was_taken_apart_from_the_old_ref_stays_apart_from_the_new_one(store: Store, *, both: bool) -> None:
    store.put_apart(OLD, [J], NOON)
    store.put_apart(OLD, [NEW], NOON)
    if both:
        store.put_apart(NEW, [J], at(60))

    store.follow({OLD: NEW})

    assert store.apart() == {frozenset({NEW, J})}


def test_others_are_left_as_they_are(linked: Store) -> None:
    look(linked, item(18), item(17, 60, says="stage: build"))
    linked.put_bases({(ref(18), "stage"): [IDEA], (ref(17, "jira"), "stage"): [IDEA]})
    linked.put_settlements([Settlement("github:18", "stage", ref(18), IDEA, NOON)], {})
    linked.put_pause(Pause("tracker", T, NOON))
    before = replace(linked.settlements()["github:18", "stage"])

    linked.follow({OLD: NEW})

    assert linked.settlements()["github:18", "stage"] == before
    assert {place[0] for place in linked.bases()} == {NEW, ref(18), ref(17, "jira")}
    assert linked.pauses().of("tracker", T) is not None

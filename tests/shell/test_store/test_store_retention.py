"""What is old goes; what decides stays, however old."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import event

from trackersync.core.model import Conflict, Outcome, Overruled, Receipt, Side
from trackersync.core.told import Pause, Settlement, TakenBack
from trackersync.store import Claim, Rejection, Store, task_id

from .values import BUILD, IDEA, NOON, at, change, item, look, ref

CONFLICT = Conflict(
    "github:17",
    "owners",
    (Side(ref(42, "jira"), "SHOP-42", "alan-t"), Side(ref(17), "acme/shop#17", "grace-h")),
    "both had moved",
)
DAY = 86_400


def written(store: Store, number: int, seconds: float, outcome: Outcome | None = Outcome.APPLIED) -> int:
    """A run with one change, begun at this moment; None for the outcome: its answer never came."""
    run = store.begin_run("sync", "f", "d", at(seconds))
    made = store.intend(run, change(number), [IDEA, BUILD], at(seconds))
    if outcome is not None:
        store.settle(made, Receipt(outcome), [BUILD], None, at(seconds))
    store.end_run(run, {}, at(seconds + 1))
    return run


def test_runs_changes_and_moves_from_before_go(store: Store) -> None:
    written(store, 17, 0)
    kept = written(store, 18, DAY)
    for seconds, says in ((0, "stage: idea"), (1, "stage: build")):
        look(store, item(17, seconds, says=says))
    store.put_overruled(1, [Overruled("github:17", ref(17), "acme/shop#17", "stage", "build", "jira")], NOON)
    store.put_conflicts(1, [CONFLICT], NOON)
    store.put_conflicts(2, [], at(60))
    store.put_pause(Pause("task", "github:17", NOON, ended=at(60)))

    gone = store.forget_before(at(DAY))

    assert gone == 6
    assert [run.id for run in store.runs()] == [kept]
    assert [entry.run for entry in store.journal()] == [kept]
    assert (store.moves([ref(17)]), store.overruled(), store.pauses().every) == ((), (), ())
    assert store.conflicts(task="github:17") == ()
    assert store.forget_before(at(DAY)) == 0


def test_nothing_that_decides_is_forgotten(store: Store) -> None:
    doubted = written(store, 17, 0, Outcome.IN_DOUBT)
    unanswered = written(store, 18, 1, None)
    written(store, 19, 2, Outcome.REJECTED)
    last = store.begin_run("sync", "f", "d", at(3))
    look(store, item(17), item(20), complete=True, cursor="c1")
    store.put_links([Claim(task_id((ref(17), ref(42, "jira"))), (ref(17), ref(42, "jira")), "key in the title")])
    store.put_bases({(ref(20), "stage"): [IDEA]})
    store.put_last_open({"github:17": "build"})
    store.put_conflicts(1, [CONFLICT], NOON)
    store.put_rejection(ref(19), "stage", Rejection("k1", "the workflow forbids it", NOON))
    store.approve("f", "yes", NOON)
    store.put_pause(Pause("tracker", "jira", NOON))
    store.put_settlements([Settlement("github:17", "stage", ref(17), IDEA, NOON)], {})
    store.put_taken_back([TakenBack("github:17", "owners", (), 1)])
    store.put_apart(ref(20), [ref(43, "jira")], NOON)

    def decides() -> tuple[object, ...]:
        told = (store.settlements(), store.taken_back(), store.pauses().open, store.apart(), store.rejections())
        seen = (list(store.items()), store.cursors("github"), store.counts("github"), store.complete("github"))
        return (store.links(), store.bases(), store.last_open(), store.conflicts(), store.approved("f"), *told, *seen)

    before, doubts = decides(), store.in_doubt()
    store.forget_before(at(365 * DAY))

    assert decides() == before
    assert store.in_doubt() == doubts == store.journal()
    # The latest run says with which configuration the store was last used, and which number comes next.
    assert [run.id for run in store.runs()] == [last, unanswered, doubted]


def test_nothing_new_is_forgotten(store: Store) -> None:
    for n in range(3):
        written(store, n, n)

    assert store.forget_before(NOON) == 0
    assert len(store.runs()) == len(store.journal()) == 3


def test_the_number_of_a_run_that_was_forgotten_is_not_given_again(store: Store) -> None:
    numbers = [written(store, n, n) for n in range(3)]
    store.forget_before(at(DAY))

    assert store.begin_run("sync", "f", "d", at(DAY)) == numbers[-1] + 1


def test_no_transaction_drops_more_than_a_thousand_rows(store: Store) -> None:
    moved = Overruled("github:17", ref(17), "acme/shop#17", "stage", "build", "jira")
    store.put_overruled(1, [replace(moved, said=str(n)) for n in range(2_500)], NOON)
    dropped: list[int] = []
    event.listen(
        store._engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, rows, _x, _m: dropped.append(len(rows)) if "DELETE" in statement else None,
    )

    assert store.forget_before(at(1)) == 2_500
    assert dropped == [1_000, 1_000, 500]

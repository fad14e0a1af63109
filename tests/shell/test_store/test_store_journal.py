"""Before and after a write: the journal, the base, and what is in doubt in between."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from trackersync.connector import Page
from trackersync.core.model import OWNERS, STAGE, Facts, Outcome, Receipt
from trackersync.errors import StoreError
from trackersync.store import Place, Rejection, Run, Store

from .values import BUILD, IDEA, NOON, SHOP, VERIFY, at, change, item, label, ref

PLACE: Place = (ref(17), "stage")


def intend(store: Store, *natives: Facts, number: int = 17) -> int:
    run = store.begin_run("sync", "f1", "7c1e44b9", NOON)
    return store.intend(run, change(number), natives, at(1))


def test_a_run_is_listed_with_its_figures_once_it_has_ended(store: Store) -> None:
    first = store.begin_run("sync", "f1", "7c1e44b9", NOON)
    second = store.begin_run("apply", "f1", "20d97e1a", at(60), approved=True)
    store.end_run(first, {"applied": 13, "requests": {"github": {"read": 9}}}, at(17))

    assert store.runs() == (
        Run(second, "apply", "f1", "20d97e1a", True, at(60), None, {}),
        Run(first, "sync", "f1", "7c1e44b9", False, NOON, at(17), {"applied": 13, "requests": {"github": {"read": 9}}}),
    )
    assert [run.id for run in store.runs(1)] == [second]


def test_between_intent_and_answer_the_base_holds_every_state_the_write_can_pass_through(store: Store) -> None:
    store.put_bases({PLACE: [IDEA]})

    number = intend(store, IDEA, BUILD, {"labels": ("stage: idea", "stage: build")})

    (entry,) = store.in_doubt()
    assert (entry.id, entry.change, entry.receipt, entry.intended) == (number, change(), None, at(1))
    assert set(map(str, store.bases()[PLACE])) == {
        str(IDEA),
        str(BUILD),
        str({"labels": ("stage: idea", "stage: build")}),
    }


def test_a_settled_change_leaves_outcome_base_and_item_together(store: Store) -> None:
    number = intend(store, IDEA, BUILD)
    shown = item(17, 3, says="stage: build")

    store.settle(number, Receipt(Outcome.APPLIED), [BUILD], shown, at(2))

    assert store.in_doubt() == ()
    assert store.bases() == {PLACE: (BUILD,)}
    assert store.item(ref(17)) == shown
    (entry,) = store.journal()
    assert (entry.receipt, entry.settled) == (Receipt(Outcome.APPLIED), at(2))


@dataclass(frozen=True)
class End:
    """How a change ends that began with a base of IDEA, and the base then."""

    outcome: Outcome
    natives: list[Facts] | None
    base: set[str]
    in_doubt: bool = False


ENDS = {
    "applied": End(Outcome.APPLIED, [BUILD], {"stage: build"}),
    "already so": End(Outcome.ALREADY_SO, [BUILD], {"stage: build"}),
    "nothing was written: as before the intent": End(Outcome.STALE, None, {"stage: idea"}),
    "failed half-way": End(Outcome.FAILED, [VERIFY], {"stage: verify"}),
    "gone: no base": End(Outcome.GONE, [], set()),
    "in doubt: as wide as it was": End(Outcome.IN_DOUBT, [BUILD], {"stage: idea", "stage: build"}, in_doubt=True),
}


@pytest.mark.parametrize("row", ENDS.values(), ids=ENDS.keys())
def test_how_a_change_ends_decides_the_base(store: Store, row: End) -> None:
    store.put_bases({PLACE: [IDEA]})
    number = intend(store, IDEA, BUILD)

    store.settle(number, Receipt(row.outcome, "the tracker's words"), row.natives, None, at(2))

    assert {native["labels"][0] for native in store.bases().get(PLACE, ())} == row.base
    assert bool(store.in_doubt()) is row.in_doubt


def test_a_lost_answer_leaves_the_base_as_the_intent_made_it(store: Store) -> None:
    store.put_bases({PLACE: [VERIFY]})
    number = intend(store, IDEA, BUILD)

    store.settle(number, Receipt(Outcome.IN_DOUBT), None, None, at(2))

    assert {native["labels"][0] for native in store.bases()[PLACE]} == {"stage: idea", "stage: build"}


def test_a_change_in_doubt_is_settled_when_it_was_looked_up(store: Store) -> None:
    number = intend(store, IDEA, BUILD)
    store.settle(number, Receipt(Outcome.IN_DOUBT), None, None, at(2))

    store.settle(number, Receipt(Outcome.APPLIED), [BUILD], None, at(60))

    assert (store.in_doubt(), store.bases()) == ((), {PLACE: (BUILD,)})


def test_what_took_effect_stays_so_whatever_another_worker_saw_earlier(store: Store) -> None:
    number = intend(store, IDEA, BUILD)
    store.settle(number, Receipt(Outcome.APPLIED), [BUILD], None, at(2))

    store.settle(number, Receipt(Outcome.STALE), None, None, at(3))

    assert store.bases() == {PLACE: (BUILD,)}
    assert store.journal()[0].receipt == Receipt(Outcome.APPLIED)


def test_a_base_keeps_what_another_change_in_doubt_may_still_reach(store: Store) -> None:
    intend(store, IDEA, BUILD)
    second = intend(store, BUILD, VERIFY)

    store.settle(second, Receipt(Outcome.APPLIED), [VERIFY], None, at(2))
    assert {native["labels"][0] for native in store.bases()[PLACE]} == {"stage: idea", "stage: build", "stage: verify"}

    store.put_bases({PLACE: []})
    assert {native["labels"][0] for native in store.bases()[PLACE]} == {"stage: idea", "stage: build"}


def test_bases_are_set_and_taken_away_in_great_numbers(store: Store) -> None:
    many: dict[Place, list[Facts]] = {
        (ref(n), field): [label(f"stage {n}")] for n in range(1_500) for field in (STAGE, OWNERS)
    }

    store.put_bases(many)
    assert {place: list(natives) for place, natives in store.bases().items()} == many

    store.put_bases(dict.fromkeys(many, ()))
    assert store.bases() == {}


def test_a_page_asked_for_before_the_write_does_not_undo_what_was_settled(store: Store) -> None:
    scan = store.begin_scan("github", SHOP, NOON)
    number = intend(store, IDEA, BUILD)
    store.settle(number, Receipt(Outcome.APPLIED), [BUILD], item(17, 3, says="stage: build"), at(2))

    store.put_page("github", Page((item(17, 3),), container=SHOP), scan=scan)

    assert store.item(ref(17)).facts["labels"] == ("stage: build",)


def test_a_write_that_works_ends_the_rejection(store: Store) -> None:
    store.put_rejection(ref(17), "stage", Rejection("k1", "the workflow forbids it", NOON))
    store.put_rejection(ref(17), "owners", Rejection("k2", "may not be assigned", NOON))
    number = intend(store, IDEA, BUILD)

    store.settle(number, Receipt(Outcome.APPLIED), [BUILD], None, at(2))

    assert store.rejections() == {(ref(17), "owners"): Rejection("k2", "may not be assigned", NOON)}


def test_the_journal_is_searched_by_run_item_time_and_approval(store: Store) -> None:
    free = store.begin_run("sync", "f1", "d1", NOON)
    approved = store.begin_run("apply", "f1", "d2", NOON, approved=True)
    numbers = [
        store.intend(run, change(n), [IDEA], at(seconds))
        for run, n, seconds in ((free, 17, 0), (free, 18, 10), (approved, 17, 20))
    ]

    found = {
        "all": store.journal(),
        "run": store.journal(run=free),
        "item": store.journal(refs=[ref(17)]),
        "other tracker": store.journal(refs=[ref(17, "jira")]),
        "since": store.journal(since=at(10)),
        "not approved": store.journal(approved=False),
        "approved since": store.journal(approved=True, since=at(10)),
    }

    assert {name: [numbers.index(entry.id) for entry in entries] for name, entries in found.items()} == {
        "all": [0, 1, 2],
        "run": [0, 1],
        "item": [0, 2],
        "other tracker": [],
        "since": [1, 2],
        "not approved": [0, 1],
        "approved since": [2],
    }


def test_settling_a_change_that_was_never_intended_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="knows no change 99"):
        store.settle(99, Receipt(Outcome.APPLIED), [], item(17), at(2))

    assert list(store.items()) == []

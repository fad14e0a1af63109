"""Pages in, items out: which observation is the truer, and what a whole look did not show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trackersync.connector import Page
from trackersync.core.model import Absence, Account, Item, ItemRef
from trackersync.store import Store, Written, open_store

from .values import NOON, SHOP, item, look, ref


def test_an_item_comes_back_as_it_was_put(store: Store) -> None:
    seen = replace(item(17), title='"Größe" \\ 漢字 🙂 \x00', facts={"labels": (), "owners": ("b", "a")})

    look(store, seen)

    assert list(store.items()) == [seen]
    assert store.item(ref(17)) == seen


def test_what_a_page_changed_is_counted_and_named(store: Store) -> None:
    look(store, item(1), item(2), item(3, updated=5))
    scan = store.begin_scan("github", SHOP, NOON)
    page = Page(
        (item(1), item(2, updated=1), item(3), item(4)),
        container=SHOP,
        missing={ref(1): Absence.GONE, ref(9): Absence.GONE},
    )

    written = store.put_page("github", page, scan=scan)

    assert written == Written(new=1, changed=1, same=1, older=1, missing=1, changed_refs=(ref(2), ref(4), ref(1)))


@dataclass(frozen=True)
class Second:
    """What is observed after ``item(1, updated=5, says="first")`` was, and which of the two is stored then."""

    updated: float
    earlier_look: bool
    stored: str


ORDERS = {
    "a newer observation replaces": Second(6, earlier_look=False, stored="second"),
    "an equally old one of a later look replaces": Second(5, earlier_look=False, stored="second"),
    "an older one does not": Second(4, earlier_look=False, stored="first"),
    "a newer one of an earlier look replaces": Second(6, earlier_look=True, stored="second"),
    "an equally old one of an earlier look does not": Second(5, earlier_look=True, stored="first"),
}


@pytest.mark.parametrize("row", ORDERS.values(), ids=ORDERS.keys())
def test_the_truer_of_two_observations_is_kept(store: Store, row: Second) -> None:
    looks = [store.begin_scan("github", SHOP, NOON) for _ in range(2)]
    if row.earlier_look:
        looks.reverse()

    store.put_page("github", Page((item(1, 5, says="first"),), container=SHOP), scan=looks[0])
    store.put_page("github", Page((item(1, row.updated, says="second"),), container=SHOP), scan=looks[1])

    assert store.item(ref(1)).facts["labels"] == (row.stored,)


@pytest.mark.parametrize(
    ("updated", "says", "listed", "unsure"),
    [
        pytest.param(5, "second", True, True, id="a listing says otherwise of the same moment"),
        pytest.param(5, "first", True, False, id="it says the same"),
        pytest.param(6, "second", True, False, id="it says so of a later moment"),
        pytest.param(5, "second", False, False, id="whoever looked by id is sure"),
    ],
)
def test_two_words_of_one_moment_are_looked_up(
    store: Store, updated: float, says: str, *, listed: bool, unsure: bool
) -> None:
    look(store, item(1, 5, says="first"))
    scan = store.begin_scan("github", SHOP if listed else "", NOON)
    written = store.put_page(
        "github", Page((item(1, updated, says=says),), container=SHOP if listed else ""), scan=scan
    )
    assert written.unsure == ((ref(1),) if unsure else ())


def test_of_one_item_twice_in_a_page_the_later_is_kept_unless_it_is_older(store: Store) -> None:
    look(store, item(1, says="a"), item(1, says="b"), item(2, 5, says="a"), item(2, 4, says="b"))

    assert [each.facts["labels"] for each in store.items()] == [("b",), ("a",)]


def test_a_page_asked_for_before_our_write_does_not_replace_what_we_read_back(store: Store) -> None:
    before = store.begin_scan("github", SHOP, NOON)
    store.put_page("github", Page((item(1),), container=SHOP), scan=before)

    store.put_item(item(1, 7, says="stage: build"))
    # The tracker counts in seconds: the page was cut in the same one, before the write.
    store.put_page("github", Page((item(1, 7),), container=SHOP), scan=before)

    assert store.item(ref(1)).facts["labels"] == ("stage: build",)


def test_a_look_begun_after_our_write_shows_what_a_person_did_in_the_same_second(store: Store) -> None:
    look(store, item(1))
    store.put_item(item(1, 7, says="stage: build"))

    look(store, item(1, 7, says="stage: verify"))

    assert store.item(ref(1)).facts["labels"] == ("stage: verify",)


def test_a_missing_item_is_kept_but_not_listed(store: Store) -> None:
    look(store, item(1), item(2))

    store.mark_missing(ref(1), Absence.HIDDEN)

    assert list(store.items()) == [item(2)]
    assert store.by_key(f"{SHOP}#1") == ()
    assert store.item(ref(1)) == item(1)
    assert store.missing() == {ref(1): Absence.HIDDEN} == store.missing("github")
    assert store.missing("jira") == {}


def test_an_item_seen_again_is_back(store: Store) -> None:
    look(store, item(1))
    store.mark_missing(ref(1), Absence.GONE)

    written = look(store, item(1))

    assert written == Written(changed=1, changed_refs=(ref(1),))
    assert list(store.items()) == [item(1)]


def test_a_page_asked_for_before_an_item_went_missing_does_not_bring_it_back(store: Store) -> None:
    before = store.begin_scan("github", SHOP, NOON)
    store.put_page("github", Page((item(1),), container=SHOP), scan=before)
    store.mark_missing(ref(1), Absence.GONE)

    store.put_page("github", Page((item(1),), container=SHOP), scan=before)

    assert store.missing() == {ref(1): Absence.GONE}


def test_an_absence_found_before_the_item_was_seen_says_nothing(store: Store) -> None:
    asked = store.begin_scan("github", "", NOON)
    look(store, item(1))

    store.put_page("github", Page((), missing={ref(1): Absence.GONE}), scan=asked)

    assert list(store.items()) == [item(1)]


def test_an_item_never_seen_is_a_key_error(store: Store) -> None:
    with pytest.raises(KeyError):
        store.item(ref(404))


def test_items_are_found_by_key_in_either_case_and_in_every_tracker(store: Store) -> None:
    both = [replace(item(n, tracker=tracker), key="SHOP-42") for n, tracker in ((1, "jira"), (2, "old-jira"))]
    for each in both:
        store.put_item(each)

    assert store.by_key("shop-42") == tuple(both)
    assert list(store.items("jira")) == both[:1]


def test_what_a_tracker_does_not_say_of_an_account_this_time_stays(store: Store) -> None:
    def seen(account: Account) -> None:
        scan = store.begin_scan("github", SHOP, NOON)
        store.put_page("github", Page((), (account,), SHOP), scan=scan)

    seen(Account("github", "7", "Ada", email="ada@acme.example", active=True))
    seen(Account("github", "7", "Ada L", active=False))
    seen(Account("jira", "7", "Someone else"))

    assert store.accounts() == (
        Account("github", "7", "Ada L", email="ada@acme.example", active=False),
        Account("jira", "7", "Someone else"),
    )


def test_a_page_larger_than_a_transaction_is_written_whole(store: Store) -> None:
    written = look(store, *(item(f"{n:05}") for n in range(2_500)), complete=True, cursor="end")

    assert written.new == 2_500 == len(list(store.items()))
    assert store.cursors("github") == {SHOP: "end"}


# Any order of pages against the rule in a dictionary.

SIGHTINGS = st.tuples(st.integers(1, 3), st.integers(0, 2), st.sampled_from("abc"))
ABSENCES = st.dictionaries(st.integers(1, 3), st.sampled_from(Absence), max_size=2)
PAGES = st.tuples(st.lists(SIGHTINGS, max_size=4), ABSENCES, st.integers(0, 2))
Pages = list[tuple[list[tuple[int, int, str]], dict[int, Absence], int]]


@dataclass
class Known:
    """What the model knows of an item."""

    item: Item
    seen: int
    missing: Absence | None = None


def observe(model: dict[ItemRef, Known], items: Sequence[Item], missing: dict[ItemRef, Absence], scan: int) -> None:
    """The rule, said another way: one observation after the other."""
    for each in items:
        known = model.get(each.ref)
        if known is None or (each.updated, scan) >= (known.item.updated, known.seen):
            model[each.ref] = Known(each, scan)
        else:
            known.seen = max(known.seen, scan)
    for each_ref, absence in missing.items():
        if each_ref in model and model[each_ref].seen <= scan:
            model[each_ref].missing, model[each_ref].seen = absence, scan


@pytest.fixture(scope="module")
def memory() -> Iterator[Store]:
    """One store for every example, each of which is a tracker of its own."""
    with open_store("sqlite://") as store:
        yield store


TRACKERS = (f"github-{number}" for number in count())


@settings(max_examples=60, deadline=None)
@given(pages=st.lists(PAGES, max_size=8))
def test_pages_in_any_order_leave_what_the_rule_says(memory: Store, pages: Pages) -> None:
    tracker = next(TRACKERS)
    model: dict[ItemRef, Known] = {}
    scans = [memory.begin_scan(tracker, SHOP, NOON) for _ in range(3)]
    for sightings, absences, which in pages:
        items = tuple(item(n, updated, says=says, tracker=tracker) for n, updated, says in sightings)
        missing = {ref(n, tracker): absence for n, absence in absences.items()}
        memory.put_page(tracker, Page(items, container=SHOP, missing=missing), scan=scans[which])
        observe(model, items, missing, scans[which])

    assert {each.ref: each for each in memory.items(tracker)} == {
        each: known.item for each, known in model.items() if known.missing is None
    }
    assert memory.missing(tracker) == {each: known.missing for each, known in model.items() if known.missing}

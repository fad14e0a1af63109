"""Links once made are kept, an item belongs to one task, and a task has one item per tracker."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackersync.core.model import ItemRef
from trackersync.store import Claim, Store, task_id
from trackersync.store.links import admit

from .values import NOON, at, ref

A, B, C = ref(17), ref(42, "jira"), ref(7, "old-jira")
D, E = ref(18), ref(43, "jira")


def claim(task: str, *refs: ItemRef) -> Claim:
    return Claim(task, refs, "key in the title")


def test_a_task_is_named_after_its_first_item_whoever_names_it() -> None:
    assert task_id([B, A]) == task_id([A, B]) == "github:17"
    assert task_id([B]) == "jira:42"


@dataclass(frozen=True)
class Row:
    """Claims after ``T = A + B`` was linked, which of them are refused, and the links then."""

    claims: list[Claim]
    refused: list[int]
    links: dict[ItemRef, str]


ROWS = {
    "the same again": Row([claim("T", A, B)], [], {A: "T", B: "T"}),
    "one that joins": Row([claim("T", A, B, C)], [], {A: "T", B: "T", C: "T"}),
    "another task": Row([claim("U", D, E)], [], {A: "T", B: "T", D: "U", E: "U"}),
    "an item that belongs elsewhere": Row([claim("U", D, B)], [0], {A: "T", B: "T"}),
    "a second item of one tracker": Row([claim("T", D)], [0], {A: "T", B: "T"}),
    "two items of one tracker in one claim": Row([claim("U", D, ref(19))], [0], {A: "T", B: "T"}),
    "the first of two claims wins": Row([claim("U", D, E), claim("V", D, C)], [1], {A: "T", B: "T", D: "U", E: "U"}),
    "the first of two items wins": Row([claim("U", D), claim("U", ref(19))], [1], {A: "T", B: "T", D: "U"}),
    "a refused claim takes no place": Row([claim("U", D, B), claim("V", D, E)], [0], {A: "T", B: "T", D: "V", E: "V"}),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_which_links_stand(store: Store, row: Row) -> None:
    assert store.put_links([claim("T", A, B)]) == ()

    refused = store.put_links(row.claims)

    assert refused == tuple(row.claims[which] for which in row.refused)
    assert store.links() == row.links


def test_the_reason_of_a_link_is_the_first_one(store: Store) -> None:
    store.put_links([Claim("T", (A,), "remote link")])
    store.put_links([Claim("T", (A, B), "key in the title")])

    assert store.reasons("T") == {A: "remote link", B: "key in the title"}


def test_the_moment_of_a_link_is_the_first_one(store: Store) -> None:
    store.put_links([Claim("T", (A,), "remote link")])
    store.put_links([Claim("T", (A, B), "key in the title")], NOON)
    store.put_links([Claim("T", (A, B), "key in the title")], at(60))

    assert store.links_made("T") == {A: None, B: NOON}


def test_many_links_are_written_in_small_transactions(store: Store) -> None:
    claims = [claim(f"github:{n}", ref(n), ref(n, "jira")) for n in range(1_300)]

    assert store.put_links(claims) == ()
    assert store.put_links(claims) == ()
    assert len(store.links()) == 2_600


def test_the_last_open_stage_of_a_task_is_kept(store: Store) -> None:
    store.put_last_open({"T": "build", "U": "idea"})
    store.put_last_open({"T": "verify"})

    assert store.last_open() == {"T": "verify", "U": "idea"}


REFS = st.builds(ItemRef, st.sampled_from(["github", "jira"]), st.sampled_from("123"))
CLAIMS = st.builds(claim, st.sampled_from("TUV"), REFS, REFS)


@given(st.lists(CLAIMS, max_size=12))
def test_claims_in_any_order_never_link_an_item_twice_nor_two_of_one_tracker(claims: list[Claim]) -> None:
    held, refused = admit(claims, {})

    links = {(each, one.task) for one in held for each in one.refs}
    assert len({each for each, _ in links}) == len(links)
    assert len({(task, each.tracker) for each, task in links}) == len(links)
    assert sorted(map(repr, held + refused)) == sorted(map(repr, claims))
    # Nothing was refused without a cause: with the links that stand now it is still refused.
    assert admit(refused, dict(links))[0] == []

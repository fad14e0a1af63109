"""Links that items carry to each other: their form, what they say of which items are one task, and what is planned."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import ADDRESSES, bo, gh, ji, terms

from trackersync.core.express_links import Linking, with_links
from trackersync.core.link import Extra, Links, Tie, link
from trackersync.core.model import LINKS, OWNERS, STAGE, Change, Facts, FieldName, Item, ItemRef
from trackersync.core.plan import Plan, attempt
from trackersync.core.remote import RemoteLink
from trackersync.core.rest import Rests
from trackersync.core.terms import Task
from trackersync.core.told import Pause, Pauses

H17, H18, S42, S43, B5 = gh(number=17), gh(number=18), ji("Backlog"), ji("Backlog", number=43), bo("idea")
FOREIGN = "system=https://elsewhere.example&item=1 https://elsewhere.example/1 X-1"
BOTH = {"jira": (STAGE, OWNERS, LINKS)}


def to(item: Item, address: str = "https://github.com", *, title: str = "") -> str:
    return RemoteLink.to(address, item.ref.id, item.url, title or item.key).text


def showing(item: Item, *texts: str) -> Item:
    return replace(item, facts={**item.facts, LINKS: texts})


# Their form.


@given(st.text(), st.text(min_size=1), st.text(), st.text())
def test_a_link_says_again_what_it_was_told(address: str, item: str, url: str, title: str) -> None:
    made = RemoteLink.to(f"https://{address}x", item, url, title)
    assert RemoteLink.parse(made.text) == made
    assert (made.system, made.item) == (f"https://{address}x".rstrip("/"), item)
    assert made.text.split(" ", 2)[:2] == [made.global_id, made.url]
    assert RemoteLink.shown(made.global_id, made.url, made.title) == made


@pytest.mark.parametrize(
    "name",
    [None, "", "appId=4&pageId=1", "system=&item=1", "system=x&item=", "system=x&item=1&more=2", "system=a b&item=1"],
)
def test_others_links_are_none_of_ours(name: str | None) -> None:
    assert RemoteLink.shown(name, "https://wiki.example", "Minutes") is None
    assert RemoteLink.parse(f"{name} https://wiki.example Minutes") is None


# What they say of which items are one task.


@pytest.mark.parametrize(
    ("items", "explicit", "expected"),
    [
        pytest.param([H17, showing(S42, to(H17))], [], {("1/17", "42")}, id="by the id"),
        pytest.param([replace(H17, key="acme/store#17"), showing(S42, to(H17))], [], {("1/17", "42")}, id="renamed"),
        pytest.param([H17, showing(S42, to(H17, "https://GITHUB.com/"))], [], {("1/17", "42")}, id="a host's case"),
        pytest.param([H17, showing(S42, to(H17, "https://github.example"))], [], set(), id="an address not configured"),
        pytest.param([showing(S42, to(H17))], [], set(), id="to an item that is not there"),
        pytest.param([showing(H17, to(S42, "https://jira.acme.example/jira")), S42], [], {("1/17", "42")}, id="an alias"),
        pytest.param(
            [H17, H18, showing(S42, to(H17))], [("SHOP-42", "shop#18")], {("1/17", "42")}, id="before what is configured"
        ),
        pytest.param([H17, gh(number=18, title="SHOP-42: x"), showing(S42, to(H17))], [], {("1/17", "42")}, id="before a title"),
    ],
)  # fmt: skip
def test_what_is_one_task(items: list[Item], explicit: list[tuple[str, str]], expected: set[tuple[str, ...]]) -> None:
    made = link(items, {}, ADDRESSES, explicit).made
    assert {tuple(ref.id for ref in one.refs) for one in made} == expected


def test_two_links_to_one_tracker_are_a_tie_and_who_was_taken_apart_stays_so() -> None:
    both = showing(S42, to(H17), to(H18))
    found = link([H17, H18, both], {}, ADDRESSES)
    assert (len(found.made), len(found.ties)) == (0, 1)
    apart = [frozenset((H17.ref, S42.ref))]
    assert link([H17, showing(S42, to(H17))], {}, ADDRESSES, apart=apart).made == ()


def test_what_is_stored_is_surer_than_a_link() -> None:
    stored = {H18.ref: "t", S42.ref: "t"}
    assert link([H17, H18, showing(S42, to(H17))], stored, ADDRESSES).made == ()


# What is planned.


def planned(
    *tasks: tuple[Item, ...],
    writes: Mapping[str, Iterable[FieldName]] = BOTH,
    complete: bool = True,
    links: Links = Links(),  # noqa: B008  # frozen
    base: Mapping[ItemRef, tuple[Facts, ...]] | None = None,
    refused: bool = False,
    rests: Rests = Rests(),  # noqa: B008  # frozen
) -> Plan:
    every = tuple(Task(f"t{at}", items) for at, items in enumerate(tasks))
    of = terms(writes=writes)
    bases = {(ref, LINKS): natives for ref, natives in (base or {}).items()}
    linking = Linking(of, ADDRESSES, every, links, complete, bases, {}, rests)
    plan = with_links(Plan(()), every, linking)
    if refused:
        known = {
            (one.ref, one.field): (attempt(one, item, of), "no")
            for one in plan.changes
            for task in every
            for item in task.items
            if item.ref == one.ref
        }
        plan = with_links(Plan(()), every, replace(linking, refused=known))
    return plan


def only(plan: Plan) -> Change:
    (change,) = plan.changes
    return change


def test_an_item_is_to_show_the_others_of_its_task() -> None:
    change = only(planned((H17, S42, B5), (S43,)))
    after = (to(H17), to(B5, "https://board.acme.example"))
    assert (change.ref, change.field, change.fact, change.before) == (S42.ref, LINKS, LINKS, {LINKS: ()})
    assert (change.after, change.ours) == ({LINKS: after}, {LINKS: after})
    assert change.because == "linked: SHOP-42 and acme/shop#17 and CARD-5 are one task"


def test_where_writes_does_not_name_links_none_is_planned() -> None:
    assert planned((H17, S42), writes={}).changes == ()


def test_what_is_shown_already_is_not_planned_again_and_others_links_stay() -> None:
    assert planned((H17, showing(S42, FOREIGN, to(H17)))).changes == ()
    change = only(planned((H17, showing(S42, FOREIGN))))
    assert change.after[LINKS] == (FOREIGN, to(H17))


def test_another_name_or_address_of_the_same_item_updates_its_link() -> None:
    old = to(H17, title="acme/old#17")
    change = only(planned((H17, showing(S42, old))))
    assert (change.before[LINKS], change.after[LINKS]) == ((old,), (to(H17),))
    assert change.because == "linked: acme/shop#17 is called or found otherwise now"


def test_a_link_to_what_is_another_task_now_goes_in_the_same_change() -> None:
    change = only(planned((H17, showing(S42, to(H18))), (H18,)))
    assert change.after[LINKS] == (to(H17),)
    alone = only(planned((showing(S42, FOREIGN, to(H17)),), (H17,)))
    assert (alone.after[LINKS], alone.because.partition(":")[0]) == ((FOREIGN,), "unlinked")


@pytest.mark.parametrize(
    "why",
    [
        pytest.param({"complete": False}, id="not all has been read once"),
        pytest.param({"links": Links(ties=(Tie((S42.ref, H17.ref), "…"),))}, id="a tie"),
        pytest.param({"links": Links(extras=(Extra(S42.ref, H17.ref, "…"),))}, id="an extra"),
    ],
)
def test_a_link_stays_as_long_as_it_may_be_right(why: dict[str, object]) -> None:
    assert planned((showing(S42, to(H17)),), (H17,), **why).changes == ()  # type: ignore[arg-type]  # by keyword


def test_a_link_to_an_item_out_of_sight_stays() -> None:
    assert planned((showing(S42, to(H17)),)).changes == ()


def test_what_somebody_took_off_is_left_off_and_told() -> None:
    plan = planned((H17, showing(S42)), base={S42.ref: ({LINKS: (to(H17),)},)})
    told = [left.because for left in plan.left_alone]
    assert (plan.changes, told) == ((), ["somebody took its link to acme/shop#17 off"])
    # While a write is in doubt, the item may show it or not.
    doubtful = planned((H17, showing(S42)), base={S42.ref: ({LINKS: ()}, {LINKS: (to(H17),)})})
    assert len(doubtful.changes) == 1


def test_what_rests_or_was_refused_is_left_alone() -> None:
    paused = Rests(Pauses((Pause("tracker", "jira", S42.created, "moving house"),)))
    for plan, why in (
        (planned((H17, S42), rests=paused), "jira is paused: moving house"),
        (planned((H17, S42), refused=True), "refused before: no"),
    ):
        assert (plan.changes, [left.because for left in plan.left_alone]) == ((), [why])


def test_a_name_that_would_be_too_long_is_not_written() -> None:
    far = replace(H17, ref=ItemRef("github", "x" * 250))
    plan = planned((far, S42))
    assert plan.changes == ()
    assert "longer than 255 characters" in plan.left_alone[0].because

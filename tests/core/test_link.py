"""Which items are the same work."""

# A row of a table is a line, however long.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import ADDRESSES, bo, gh, ji

from trackersync.core.link import Links, link
from trackersync.core.model import Item, ItemRef

SHOP = "https://acme.atlassian.net/browse/SHOP-"
HUB = "https://github.com/acme/shop/issues/"


def told(items: Sequence[Item], links: Links) -> str:
    """``shop#17 = SHOP-42``, ``tie: …``, ``extra: shop#18 on SHOP-42``; one a line, by kind."""
    key = {item.ref: item.key.removeprefix("acme/") for item in items}
    groups = {frozenset(one.refs) for one in links.made}
    made = [
        " = ".join(key[ref] for ref in sorted(group)) for group in groups if not any(group < other for other in groups)
    ]
    ties = [f"tie: {' '.join(key[ref] for ref in tie.refs)}" for tie in links.ties]
    extras = [f"extra: {key[extra.ref]} on {key[extra.claimed]}" for extra in links.extras]
    return "; ".join([*sorted(made), *sorted(ties), *sorted(extras)])


def found(*items: Item, stored: Mapping[ItemRef, str] | None = None, explicit: Sequence[tuple[str, str]] = ()) -> str:
    return told(items, link(items, stored or {}, ADDRESSES, explicit))


S41, S42, S43 = (ji("Backlog", number=number) for number in (41, 42, 43))
H17, H18 = (gh(number=number) for number in (17, 18))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([H17, S42], "", id="nothing claims anything"),
        pytest.param([gh(title="SHOP-42: gift cards"), S42], "shop#17 = SHOP-42", id="a key leads the title"),
        pytest.param([gh(title="[SHOP-42] gift cards"), S42], "shop#17 = SHOP-42", id="in brackets"),
        pytest.param([gh(title="(shop-42) gift cards"), S42], "shop#17 = SHOP-42", id="in parentheses and small letters"),
        pytest.param([ji("Backlog", title="acme/shop#17: cards"), H17], "shop#17 = SHOP-42", id="the other way round"),
        pytest.param([gh(title="SHOP-42-hotfix"), S42], "", id="a longer word is no key"),
        pytest.param([gh(title="SHOP-421 is not it"), S42], "", id="a longer number is another key"),
        pytest.param([gh(urls=[SHOP + "42"]), S42], "shop#17 = SHOP-42", id="a URL in the body"),
        pytest.param([gh(urls=[SHOP + "42", SHOP + "43"]), S42, S43], "shop#17 = SHOP-42", id="the first URL decides"),
        pytest.param([gh(urls=["HTTPS://ACME.atlassian.net/browse/SHOP-42"]), S42], "shop#17 = SHOP-42", id="hosts know no case"),
        pytest.param([gh(urls=["http://acme.atlassian.net/browse/SHOP-42?focused=1#c"]), S42], "shop#17 = SHOP-42", id="query, fragment, scheme"),
        pytest.param([gh(urls=["https://acme.atlassian.net/jira/boards/1?selectedIssue=SHOP-42"]), S42], "shop#17 = SHOP-42", id="a board with the issue open"),
        pytest.param([gh(urls=["https://jira.acme.example/jira/browse/SHOP-42"]), S42], "shop#17 = SHOP-42", id="an alias with a path"),
        pytest.param([gh(urls=["https://jira.acme.example/browse/SHOP-42"]), S42], "", id="the alias without its path"),
        pytest.param([gh(urls=["https://other.atlassian.net/browse/SHOP-42"]), S42], "", id="a host that is not configured"),
        pytest.param([gh(urls=["https://acme.atlassian.net.evil.example/browse/SHOP-42"]), S42], "", id="a host that only begins so"),
        pytest.param([gh(urls=["https://evil.example/https://acme.atlassian.net/browse/SHOP-42"]), S42], "", id="a URL within a URL"),
        pytest.param([gh(urls=["https://example.org/x", SHOP + "42"]), S42], "shop#17 = SHOP-42", id="foreign URLs are skipped"),
        pytest.param([gh(urls=["https://acme.atlassian.net/wiki/SHOP", SHOP + "42"]), S42], "shop#17 = SHOP-42", id="the tracker's own URL that names no issue is skipped"),
        pytest.param([gh(urls=[HUB + "18", SHOP + "42"]), S42, H18], "shop#17 = SHOP-42", id="a URL of one's own tracker is skipped"),
        pytest.param([ji("Backlog", urls=[HUB + "17"]), H17], "shop#17 = SHOP-42", id="a GitHub URL in jira"),
        pytest.param([ji("Backlog", urls=["https://github.com/acme/shop/pull/17"]), H17], "", id="a pull request is no issue"),
        pytest.param([gh(keys=["SHOP-42"]), S42], "shop#17 = SHOP-42", id="a sole bare key in the body"),
        pytest.param([gh(title="cards fail, see SHOP-42"), S42], "shop#17 = SHOP-42", id="a sole bare key in the title"),
        pytest.param([gh(title="like SHOP-42", keys=["shop-42"]), S42], "shop#17 = SHOP-42", id="the same key twice is sole"),
        pytest.param([gh(keys=["SHOP-42", "SHOP-43"]), S42, S43], "", id="two bare keys are only mentions"),
        pytest.param([gh(keys=["OPS-7", "SHOP-42"]), S42], "shop#17 = SHOP-42", id="a key of a project we do not read"),
        pytest.param([gh(title="OPS-7: cards", keys=["SHOP-42"]), S42], "shop#17 = SHOP-42", id="a leading key of a project we do not read"),
        pytest.param([gh(title="UTF-8: cards", keys=["SHA-256", "SHOP-42"]), S42], "shop#17 = SHOP-42", id="false keys"),
        pytest.param([gh(title="UTF-8 breaks SHA-256"), S42], "", id="only false keys"),
        pytest.param([ji("Backlog", keys=["acme/shop#17"]), H17], "shop#17 = SHOP-42", id="a bare key of GitHub"),
        pytest.param([ji("Backlog", keys=["other/shop#17"]), H17], "", id="another repository's number"),
        pytest.param([gh(urls=[SHOP + "99"], keys=["SHOP-42"]), S42], "", id="the URL of an item we do not see: a key would be a guess"),
    ],
)  # fmt: skip
def test_evidence(items: list[Item], expected: str) -> None:
    assert found(*items) == expected
    assert found(*reversed(items)) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([gh(title="SHOP-41: x", urls=[SHOP + "42"], keys=["SHOP-43"]), S41, S42, S43], "shop#17 = SHOP-41", id="title before URL and key"),
        pytest.param([gh(title="x", urls=[SHOP + "42"], keys=["SHOP-43"]), S41, S42, S43], "shop#17 = SHOP-42", id="URL before key"),
        pytest.param([gh(title="SHOP-42: x"), gh(number=18, urls=[SHOP + "42"]), S42], "shop#17 = SHOP-42; extra: shop#18 on SHOP-42", id="the stronger claim of two, the other an extra"),
        pytest.param([gh(title="SHOP-42: x"), gh(number=18, title="SHOP-42: y"), S42], "tie: shop#17 shop#18 SHOP-42", id="two equal claims are a tie"),
        pytest.param([gh(keys=["SHOP-42"]), gh(number=18, keys=["SHOP-42"]), S42], "tie: shop#17 shop#18 SHOP-42", id="two bare keys are a tie"),
        pytest.param([gh(title="SHOP-42: x"), gh(number=18, title="SHOP-42: y"), ji("Backlog", urls=[HUB + "18"])], "shop#18 = SHOP-42; extra: shop#17 on SHOP-42", id="a mutual claim settles a tie"),
        pytest.param([gh(title="SHOP-42: x"), ji("Backlog", urls=[HUB + "17"])], "shop#17 = SHOP-42", id="a mutual claim is one link"),
        pytest.param([gh(title="SHOP-42: x"), ji("Backlog", urls=[HUB + "18"]), H18], "shop#17 = SHOP-42", id="each names another: the stronger claim links"),
        pytest.param([gh(title="SHOP-42: x"), gh(number=18, title="SHOP-42: y"), gh(number=19, urls=[SHOP + "42"]), S42], "tie: shop#17 shop#18 SHOP-42", id="a tie is not settled by a weaker claim"),
        pytest.param([gh(title="SHOP-42: x"), gh(number=18, title="SHOP-43: y"), S42, S43], "shop#17 = SHOP-42; shop#18 = SHOP-43", id="two pairs side by side"),
    ],
)  # fmt: skip
def test_strength(items: list[Item], expected: str) -> None:
    assert found(*items) == expected
    assert found(*reversed(items)) == expected


CARD = "https://board.acme.example/card/5"


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([gh(title="SHOP-42: x", urls=[CARD]), S42, bo("idea")], "CARD-5 = shop#17 = SHOP-42", id="one item names both others"),
        pytest.param([gh(title="SHOP-42: x"), S42, bo("idea", urls=[HUB + "17"])], "CARD-5 = shop#17 = SHOP-42", id="a chain"),
        pytest.param([gh(title="SHOP-42: x"), bo("idea", urls=[HUB + "17", SHOP + "43"]), S42, S43], "shop#17 = SHOP-42; tie: CARD-5 shop#17 SHOP-42 SHOP-43", id="a third that would bring a second"),
        pytest.param([gh(title="SHOP-42: x"), gh(number=18, title="SHOP-43: y"), S42, S43, bo("idea", urls=[HUB + "17"])], "CARD-5 = shop#17 = SHOP-42; shop#18 = SHOP-43", id="a third beside another pair"),
    ],
)  # fmt: skip
def test_three_trackers(items: list[Item], expected: str) -> None:
    assert found(*items) == expected
    assert found(*reversed(items)) == expected


def stored(*items: Item) -> dict[ItemRef, str]:
    return {item.ref: "t1" for item in items}


@pytest.mark.parametrize(
    ("items", "stored_", "explicit", "expected"),
    [
        pytest.param([gh(title="SHOP-43: x"), S42, S43], stored(H17, S42), [], "", id="a stored link wins over a title"),
        pytest.param([H17, S42, S43], stored(H17, S42), [("SHOP-43", "acme/shop#17")], "extra: SHOP-43 on shop#17", id="a stored link wins over a rule"),
        pytest.param([H17, S42, S43], stored(H17, S42), [("acme/shop#17", "SHOP-43")], "extra: SHOP-43 on shop#17", id="whichever side the rule names first"),
        pytest.param([gh(number=18, title="SHOP-42: x"), H17, S42], stored(H17, S42), [], "extra: shop#18 on SHOP-42", id="a claim on a linked item is an extra"),
        pytest.param([gh(number=18, title="SHOP-42: x"), S42], stored(H17, S42), [], "extra: shop#18 on SHOP-42", id="even while its partner is missing"),
        pytest.param([gh(title="SHOP-43: x"), S42, S43], {}, [("SHOP-42", "acme/shop#17")], "shop#17 = SHOP-42", id="a rule wins over a title"),
        pytest.param([H17, S42], {}, [("acme/SHOP#17", "shop-42")], "shop#17 = SHOP-42", id="a rule in another case and order"),
        pytest.param([H17, S42], {}, [("SHOP-42", "acme/shop#99")], "", id="a rule that names an item we do not see"),
        pytest.param([S42, S43], {}, [("SHOP-42", "SHOP-43")], "", id="a rule within one tracker"),
        pytest.param([H17, S42, S43], {}, [("SHOP-42", "acme/shop#17"), ("SHOP-43", "acme/shop#17")], "tie: shop#17 SHOP-42 SHOP-43", id="two rules that cannot both be true"),
        pytest.param([bo("idea", keys=["SHOP-42"]), H17, S42], stored(H17, S42), [], "CARD-5 = shop#17 = SHOP-42", id="a third joins a stored pair"),
    ],
)  # fmt: skip
def test_stored_links_and_explicit_rules(
    items: list[Item], stored_: dict[ItemRef, str], explicit: list[tuple[str, str]], expected: str
) -> None:
    known = [*items, *(one for one in (H17, S42) if one.ref not in {item.ref for item in items})]
    assert told(known, link(items, stored_, ADDRESSES, explicit)) == expected


def test_the_reason_names_key_and_place() -> None:
    def reason(*items: Item, explicit: Sequence[tuple[str, str]] = ()) -> str:
        (one,) = link(items, {}, ADDRESSES, explicit).made
        return one.reason

    assert reason(gh(title="SHOP-42: x"), S42) == '"SHOP-42" leads the title of acme/shop#17'
    assert reason(gh(urls=[SHOP + "42"]), S42) == "the first jira URL in acme/shop#17 names SHOP-42"
    assert reason(gh(keys=["SHOP-42"]), S42) == '"SHOP-42" is the only jira key in acme/shop#17'
    assert reason(H17, S42, explicit=[("SHOP-42", "acme/shop#17")]) == "links: [SHOP-42, acme/shop#17]"


def test_a_tie_says_what_each_claims() -> None:
    (tie,) = link([gh(title="SHOP-42: x"), gh(number=18, title="SHOP-42: y"), S42], {}, ADDRESSES).ties
    assert tie.reason == '"SHOP-42" leads the title of acme/shop#17; "SHOP-42" leads the title of acme/shop#18'


def test_one_tracker_alone_links_nothing() -> None:
    assert link([gh(title="acme/shop#18: x"), H18], {}, ADDRESSES[:1]) == Links()


_KEYS = ["SHOP-41", "SHOP-42", "acme/shop#17", "acme/shop#18", "CARD-5", "CARD-6", "UTF-8"]
_URLS = [SHOP + "41", SHOP + "42", HUB + "17", HUB + "18", CARD, "https://example.org/"]


@st.composite
def worlds(draw: st.DrawFn) -> list[Item]:
    made = []
    for make, number in ((ji, 41), (ji, 42), (gh, 17), (gh, 18), (bo, 5), (bo, 6)):
        lead = draw(st.sampled_from(["", *_KEYS]))
        title = f"{lead}: x" if lead else "x"
        urls = draw(st.lists(st.sampled_from(_URLS), max_size=2))
        keys = draw(st.lists(st.sampled_from(_KEYS), max_size=2))
        made.append(make("idea", number=number, title=title, urls=urls, keys=keys))
    return made


@given(items=worlds(), shuffle=st.randoms(use_true_random=False))
def test_a_task_holds_one_item_per_tracker_and_the_order_of_items_does_not_matter(
    items: list[Item], shuffle: Random
) -> None:
    links = link(items, {}, ADDRESSES)
    final: dict[ItemRef, frozenset[ItemRef]] = {}
    for one in links.made:
        final |= dict.fromkeys(one.refs, frozenset(one.refs))
    for refs in final.values():
        assert len({ref.tracker for ref in refs}) == len(refs)
    other = list(items)
    shuffle.shuffle(other)
    again: dict[ItemRef, frozenset[ItemRef]] = {}
    for one in link(other, {}, ADDRESSES).made:
        again |= dict.fromkeys(one.refs, frozenset(one.refs))
    assert final == again


def test_a_title_made_to_be_slow_is_not() -> None:
    titles = ["a-" * 20_000, "a-1" * 20_000, "a." * 20_000 + "!", "-1" * 20_000, "A/" * 20_000 + "-1x"]
    begun = process_time()
    link([gh(number=number, title=title) for number, title in enumerate(titles)] + [S42], {}, ADDRESSES)
    assert process_time() - begun < 2


def test_an_explicit_pair_may_leave_the_repositorys_owner_out_and_says_what_it_cannot_find() -> None:
    items = [S42, H17, H18]
    made = link(items, {}, ADDRESSES, [("SHOP-42", "shop#17"), ("SHOP-9", "acme/shop#18")])

    assert told(items, made) == "shop#17 = SHOP-42"
    assert made.unmatched == ("SHOP-9",)


APART = {frozenset((S42.ref, gh(number=17).ref))}


@pytest.mark.parametrize(
    ("items", "explicit", "expected"),
    [
        pytest.param((S42, gh(title="SHOP-42: gift cards")), (), "", id="a title does not join them again"),
        pytest.param((S42, gh(title="SHOP-42: gift cards"), gh(number=18, title="SHOP-42: vouchers")), (), "shop#18 = SHOP-42", id="another item may"),
        pytest.param((S42, gh(title="SHOP-42: gift cards")), [("SHOP-42", "shop#17")], "shop#17 = SHOP-42", id="the configuration may"),
        pytest.param((S42, gh(title="SHOP-42: gift cards"), bo("build", title="SHOP-42"), ), (), "CARD-5 = SHOP-42", id="a third one joins one of them"),
        pytest.param((S42, gh(), bo("build", urls=[f"{HUB}17", f"{SHOP}42"])), (), "tie: CARD-5 shop#17 SHOP-42", id="a third one does not join both"),
    ],
)  # fmt: skip
def test_what_was_taken_apart_stays_apart(
    items: Sequence[Item], explicit: Sequence[tuple[str, str]], expected: str
) -> None:
    assert told(items, link(items, {}, ADDRESSES, explicit, APART)) == expected

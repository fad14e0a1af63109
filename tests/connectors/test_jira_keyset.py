"""Where a project's read goes next: the decisions by table, and the whole walk over lists that move meanwhile."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jira_doubles import CLOUD, DATA_CENTER, MYSELF, opened, raw

from trackersync.connector import Lately
from trackersync_jira import keyset
from trackersync_jira.items import milliseconds
from trackersync_jira.keyset import Place, Stuck, after, again, begin, bound, ended, jql
from trackersync_jira.shapes import Found

S = 1_000  # a second
BERLIN = ZoneInfo("Europe/Berlin")


def found(count: int = 0, token: str | None = None, *, last: bool | None = None, total: int | None = None) -> Found:
    return Found(issues=[None] * count, next_page_token=token, is_last=last, total=total)  # type: ignore[list-item]  # only counted


@pytest.mark.parametrize(
    ("cursor", "since"),
    [
        pytest.param(None, None, id="a whole read has no bound"),
        pytest.param(1_000_999, 700_000, id="five minutes are read again, from a whole second on"),
        pytest.param(10, 0, id="not before time began"),
    ],
)
def test_where_a_read_begins(cursor: int | None, since: int | None) -> None:
    assert begin(cursor).since == since


def test_the_query() -> None:
    assert jql("ORDER") == 'project = "ORDER" ORDER BY updated ASC, key ASC'
    bounded = 'project = "SHOP" AND updated >= 7000 ORDER BY updated ASC, key ASC'
    assert jql("SHOP", since=bound(Place(7 * S), None)) == bounded
    filtered = 'project = "SHOP" AND (type = Bug OR labels = x) AND updated >= 7000 ORDER BY updated ASC, key ASC'
    assert jql("SHOP", "type = Bug OR labels = x", bound(Place(7 * S), BERLIN)) == filtered


@pytest.mark.parametrize(
    ("page", "cloud", "last"),
    [
        pytest.param(found(3), True, True, id="no token"),
        pytest.param(found(3, "t"), True, False, id="a short page"),
        pytest.param(found(0, "t"), True, False, id="an empty page with a token"),
        pytest.param(found(3, "t", last=True), True, True, id="isLast outranks a token"),
        pytest.param(found(3, last=False), True, False, id="more, without a token"),
        pytest.param(found(3, total=3), True, True, id="no token, and all it counts"),
        pytest.param(found(3, total=4), True, False, id="no token, and not all it counts"),
        pytest.param(found(3, "t", total=3), True, False, id="a token outranks a count"),
        pytest.param(found(3, total=3), False, True, id="all there are"),
        pytest.param(found(3, total=4), False, False, id="one is left"),
        pytest.param(found(0, total=0), False, True, id="none"),
        pytest.param(found(3), False, False, id="no total"),
        pytest.param(found(0), False, True, id="no total and no issue"),
    ],
)
def test_the_last_page(page: Found, cloud: bool, last: bool) -> None:
    assert ended(Place(), page, cloud=cloud) is last


@pytest.mark.parametrize(
    ("times", "far"),
    [
        pytest.param([], None, id="an empty page"),
        pytest.param([10, 20, 30], 30, id="close together"),
        pytest.param([10, 20, 5_000], 20, id="the last one leaps"),
        pytest.param([10, 5_000], 5_000, id="there is hardly another"),
        pytest.param([10, 5_000, 5_001, 20], 10, id="out of order near the end"),
        pytest.param([9_000, 10, *range(20, 40)], 39, id="one out of order, long ago"),
        pytest.param([900, 700, 500, 300, 100], None, id="in no order"),
        pytest.param([5, 5, 5, 5, 900], 900, id="nothing else leads on"),
    ],
)
def test_how_far_a_page_proves_that_all_is_read(times: list[int], far: int | None) -> None:
    reached = keyset.proven(Place(since=5 * S), [time * S for time in times])
    assert reached == (None if far is None else far * S)


HERE = Place(since=5 * S, reached=5 * S)


@pytest.mark.parametrize(
    ("place", "page", "last", "cloud", "then"),
    [
        pytest.param(Place(), found(9, "t"), 5_400, True, HERE, id="from the last time on"),
        pytest.param(Place(), found(9, total=99), 5_400, False, HERE, id="from the last time on, Data Center"),
        pytest.param(HERE, found(9, "t"), 6_000, True, Place(6 * S, 6 * S), id="and on"),
        pytest.param(
            HERE, found(9, "t"), 5_900, True, Place(5 * S, 5 * S, "t", 0, frozenset("t"), 1), id="one second, by token"
        ),
        pytest.param(HERE, found(9, total=99), 5_900, False, Place(5 * S, 5 * S, "", 9, idle=1), id="by number"),
        pytest.param(HERE, found(0, "t"), None, True, Place(5 * S, 5 * S, "t", 0, frozenset("t"), 1), id="empty page"),
        pytest.param(
            Place(5 * S, 5 * S, "t", 0, frozenset("t"), 1),
            found(9, "t"),
            5_900,
            True,
            Place(5 * S, 5 * S, idle=2, anew=True),
            id="a token repeats",
        ),
        pytest.param(HERE, found(9, last=False), 5_900, True, Place(5 * S, 5 * S, idle=1, anew=True), id="no token"),
        pytest.param(
            Place(5 * S, 5 * S, start=9),
            found(0, total=99),
            None,
            False,
            Place(5 * S, 5 * S, idle=1, anew=True),
            id="gap",
        ),
    ],
)
def test_where_it_goes_next(place: Place, page: Found, last: int | None, cloud: bool, then: Place) -> None:
    assert after(place, page, last, cloud=cloud) == then


@pytest.mark.parametrize(
    ("stuck", "words"),
    [
        pytest.param(
            after(Place(5 * S, 5 * S, anew=True), found(9, last=False), 5 * S, cloud=True), "token", id="twice"
        ),
        pytest.param(
            after(Place(5 * S, 5 * S, start=9_900), found(9, total=20_000), 5 * S, cloud=False), "10000", id="window"
        ),
        pytest.param(after(Place(5 * S, 5 * S, idle=999), found(9, "t"), 5 * S, cloud=True), "1000 pages", id="idle"),
        pytest.param(again(Place(anew=True), "it refuses the token it gave"), "refuses", id="refused twice"),
    ],
)
def test_it_never_goes_in_circles(stuck: Place | Stuck, words: str) -> None:
    assert isinstance(stuck, Stuck)
    assert words in stuck.because


@dataclass
class Moving:
    """A project whose people go on working between the pages; its tokens count places, the worst they could do."""

    moments: dict[int, int]
    edits: list[tuple[int, int]]
    most: int
    cloud: bool
    asked: int = 0
    shown: dict[int, int] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith(("/search", "/search/jql")):
            return httpx.Response(
                200, json=MYSELF if request.url.path.endswith("/myself") else {"count": 1, "key": "SHOP"}
            )
        asked = json.loads(request.content) if request.content else dict(request.url.params)
        self.asked += 1
        self.shown = dict(self.moments)
        since = int(asked["jql"].partition(">= ")[2].partition(" ")[0] or 0)
        start = int(asked.get("nextPageToken", asked.get("startAt", 0)))
        rows = sorted((when, number) for number, when in self.moments.items() if when >= since)
        page = rows[start : start + self.most]
        shown = {"issues": [raw(number, iso(when)) for when, number in page]}
        more = start + len(page) < len(rows)
        self._go_on()
        if not self.cloud:
            return httpx.Response(200, json=shown | {"total": len(rows)})
        return httpx.Response(
            200, json=shown | ({"nextPageToken": str(start + len(page))} if more else {"isLast": True})
        )

    def _go_on(self) -> None:
        if self.edits:
            number, wait = self.edits.pop(0)
            if number in self.moments:
                # An edit is the latest there is.
                self.moments[number] = max(self.moments.values()) + 1 + wait


def iso(when: int) -> str:
    return datetime.fromtimestamp(when / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


MOMENTS = st.dictionaries(st.integers(1, 60), st.integers(1_000, 40_000), max_size=40)
EDITS = st.lists(st.tuples(st.integers(1, 60), st.integers(1_000, 3_000)), max_size=20)


@pytest.mark.parametrize("flavour", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])
@given(moments=MOMENTS, edits=EDITS)
@settings(deadline=None, max_examples=150)
async def test_nothing_is_lost_while_people_go_on_working(
    flavour: dict[str, Any], moments: dict[int, int], edits: list[tuple[int, int]]
) -> None:
    # A page must hold a second's issues: inside one, places are all there is, and they move.
    fullest = max((sum(v // S == m // S for v in moments.values()) for m in moments.values()), default=0)
    world = Moving(dict(moments), list(edits), most=fullest + 1, cloud=("email" in flavour))
    async with opened(transport=httpx.MockTransport(world), **flavour) as at:
        pages = await at.pages()

    told = {one.ref.id: one.updated for page in pages for one in page.items}
    # What was edited after the last answer is the next read's to see.
    assert {ref: milliseconds(when) for ref, when in told.items()} == {
        str(10_000 + number): when for number, when in world.shown.items()
    }
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]


@pytest.mark.parametrize("flavour", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])
@given(moments=MOMENTS, most=st.integers(1, 5))
@settings(deadline=None, max_examples=100)
async def test_any_size_of_page_gives_every_issue_once(
    flavour: dict[str, Any], moments: dict[int, int], most: int
) -> None:
    world = Moving(dict(moments), [], most=most, cloud=("email" in flavour))
    async with opened(transport=httpx.MockTransport(world), **flavour) as at:
        items = await at.items()

    assert sorted(one.ref.id for one in items) == sorted(str(10_000 + number) for number in moments)
    assert world.asked <= 2 * len(moments) + 2


@pytest.mark.parametrize("flavour", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])
@given(moments=MOMENTS.filter(bool), most=st.integers(1, 5), killed=st.integers(1, 6))
@settings(deadline=None, max_examples=60)
async def test_a_killed_backfill_goes_on_where_it_stopped(
    flavour: dict[str, Any], moments: dict[int, int], most: int, killed: int
) -> None:
    world = Moving(dict(moments), [], most=most, cloud=("email" in flavour))
    told: set[str] = set()
    cursor: str | None = None
    async with opened(transport=httpx.MockTransport(world), **flavour) as at:
        pages = at.jira.observe(Lately())
        for _ in range(killed):
            page = await anext(pages, None)
            if page is None:
                break
            told |= {one.ref.id for one in page.items}
            cursor = page.cursor
        await pages.aclose()
        told |= {one.ref.id for one in await at.items(Lately({"SHOP": cursor} if cursor else {}))}

    assert told == {str(10_000 + number) for number in moments}


def test_the_overlap_outlasts_the_lag_of_search() -> None:
    assert keyset.OVERLAP >= 5 * 60 * S

"""Servers that do not take a bound as Jira documents it: the next form of it, and never a circle."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jira_doubles import CLOUD, DATA_CENTER, MYSELF, opened, raw

from trackersync.connector import Lately, UnavailableError
from trackersync_jira.keyset import Cursor, Place, after, bound, written
from trackersync_jira.shapes import Found
from trackersync_jira.ways import Form, zone_of

S, MINUTE, DAY = 1_000, 60_000, 86_400_000
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata")]
NOON = 1_764_331_200_000
"""2025-11-28, 12:00 UTC."""


@pytest.mark.parametrize(
    ("place", "zone", "words"),
    [
        pytest.param(Place(), None, "", id="everything"),
        pytest.param(Place(NOON), None, f"updated >= {NOON}", id="milliseconds"),
        pytest.param(Place(NOON, form=Form.MINUTES), BERLIN, 'updated >= "2025-11-28 13:00"', id="minutes"),
        pytest.param(Place(NOON, form=Form.MINUTES), None, 'updated >= "2025-11-28 00:00"', id="in no known zone"),
        pytest.param(Place(NOON, form=Form.NUMBERS), BERLIN, "", id="not at all"),
    ],
)
def test_a_bound_as_it_is_written(place: Place, zone: ZoneInfo | None, words: str) -> None:
    assert bound(place, zone) == words


@given(since=st.integers(NOON - 400 * DAY, NOON + 400 * DAY), zone=st.sampled_from(ZONES))
@settings(max_examples=150)
@pytest.mark.parametrize("near", [None, 1_761_440_400_000, 1_743_296_400_000], ids=["any", "autumn", "spring"])
def test_however_a_repeated_hour_is_read_nothing_is_left_out(near: int | None, since: int, zone: ZoneInfo) -> None:
    since = since if near is None else near + since % (4 * 60 * MINUTE) - 2 * 60 * MINUTE
    place = written(Place(since), Form.MINUTES)
    shown = datetime.strptime(bound(place, zone), 'updated >= "%Y-%m-%d %H:%M"')  # noqa: DTZ007  # a wall has no zone
    for fold in (0, 1):
        read = shown.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        early = datetime.fromtimestamp(since / S, UTC) - read
        assert timedelta() <= early < timedelta(hours=2, minutes=1)


@pytest.mark.parametrize(
    ("cursor", "only", "text"),
    [
        (Cursor(7), "", "7"),
        (Cursor(7, Form.MINUTES), "", "7 minutes"),
        (Cursor(7), "type = Bug", "7 jql:[0-9a-f]{12}"),
        (Cursor(7, Form.NUMBERS), "type = Bug", "7 numbers jql:[0-9a-f]{12}"),
    ],
)
def test_a_cursor_tells_how_to_ask_and_of_which_filter_it_is(cursor: Cursor, only: str, text: str) -> None:
    kept = cursor.text(only)
    assert re.fullmatch(text, kept)
    assert Cursor.read(kept, only) == cursor
    assert Cursor.read(kept, only + "x") == Cursor()


@pytest.mark.parametrize("text", ["", "2026-03-05", "7 hours", "7 minutes minutes", "-7", "7 jql:abc", "\u0667"])
def test_a_cursor_of_another_form_is_none(text: str) -> None:
    assert Cursor.read(text) == Cursor()


def test_a_bound_that_keeps_nothing_out_stays_and_numbers_go_on() -> None:
    page = Found(issues=[None] * 100, total=300)  # type: ignore[list-item]  # only counted
    place = Place(NOON, NOON, form=Form.MINUTES)
    going = after(place, page, NOON + DAY, cloud=False, oldest=NOON - DAY)

    assert isinstance(going, Place)
    assert (going.since, going.start, going.fixed) == (NOON, 90, True)
    assert after(place, page, NOON + DAY, cloud=False, oldest=NOON) == Place(NOON + DAY, NOON + DAY, form=Form.MINUTES)


# Whole walks.


@dataclass
class Odd:
    """A Data Center that takes only some forms of a bound, and reads quoted ones as coarsely as it likes."""

    moments: dict[int, int]
    refused: Callable[[str], bool]
    status: int = 500
    grain: int = MINUTE
    zone: str | None = "Europe/Berlin"
    most: int = 3
    edits: list[int] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    down: bool = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/myself"):
            return httpx.Response(500) if self.down else httpx.Response(200, json=MYSELF | {"timeZone": self.zone})
        if not request.url.path.endswith("/search"):
            return httpx.Response(200, json={"key": "SHOP"})
        since = re.search(r'updated >= (\S+(?: \S+")?)', request.url.params["jql"])
        said = since[1] if since else ""
        self.asked["quoted" if '"' in said else "milliseconds" if said else "none"] += 1
        if self.down or (said and self.refused(said)):
            return httpx.Response(self.status, json={"errorMessages": ["this date makes no sense"]})
        low = self._low(said)
        rows = sorted(self.moments, key=lambda number: (self.moments[number] // self.grain, number))
        rows = [number for number in rows if self.moments[number] // self.grain >= low // self.grain]
        start = int(request.url.params["startAt"])
        shown = [raw(number, _iso(self.moments[number])) for number in rows[start : start + self.most]]
        if self.edits and (number := self.edits.pop()) in self.moments:
            self.moments[number] = max(self.moments.values()) + MINUTE
        return httpx.Response(200, json={"issues": shown, "total": len(rows)})

    def _low(self, said: str) -> int:
        if not said.startswith('"'):
            return int(said or 0)
        wall = datetime.strptime(said, '"%Y-%m-%d %H:%M"').replace(
            tzinfo=zone_of(self.zone) or ZoneInfo("Asia/Kolkata")
        )
        return int(wall.timestamp()) * S


def _iso(when: int) -> str:
    return datetime.fromtimestamp(when / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def _milliseconds(said: str) -> bool:
    return '"' not in said


def _every(said: str) -> bool:
    return bool(said)


MOMENTS = st.dictionaries(st.integers(1, 40), st.integers(NOON, NOON + 3 * DAY), min_size=1, max_size=30)


@pytest.mark.parametrize("refused", [_milliseconds, _every], ids=["milliseconds", "every bound"])
@pytest.mark.parametrize("grain", [S, MINUTE, DAY], ids=["seconds", "minutes", "days"])
@given(
    moments=MOMENTS,
    most=st.integers(1, 5),
    status=st.sampled_from([400, 500]),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "GMT+05:30", None]),
)
@settings(max_examples=25)
async def test_every_issue_is_read_whatever_bounds_it_takes(  # noqa: PLR0917  # a server as it may be
    refused: Callable[[str], bool], grain: int, moments: dict[int, int], most: int, status: int, zone: str | None
) -> None:
    world = Odd(dict(moments), refused, status, grain, zone, most)
    async with opened(transport=httpx.MockTransport(world)) as at:
        pages = await at.pages()
        cursor = str(pages[-1].cursor)
        world.moments[99] = max(moments.values()) + MINUTE
        later = await at.pages(Lately({"SHOP": cursor}))

    assert {item.ref.id for page in pages for item in page.items} == {str(10_000 + number) for number in moments}
    assert "10099" in {item.ref.id for page in later for item in page.items}
    assert pages[-1].complete
    assert later[-1].complete
    assert sum(world.asked.values()) < 40 + len(moments) ** 2


@given(moments=MOMENTS, edits=st.lists(st.integers(1, 40), max_size=10))
@settings(max_examples=40)
async def test_edits_between_pages_lose_nothing_in_minutes(moments: dict[int, int], edits: list[int]) -> None:
    fullest = max(Counter(when // MINUTE for when in moments.values()).values())
    world = Odd(dict(moments), _milliseconds, most=fullest + 1, edits=edits)
    async with opened(transport=httpx.MockTransport(world)) as at:
        pages = await at.pages()

    assert {item.ref.id for page in pages for item in page.items} == {str(10_000 + number) for number in moments}


async def test_the_next_run_does_not_begin_with_what_was_refused() -> None:
    world = Odd({1: NOON, 2: NOON + DAY}, _milliseconds, most=1)
    async with opened(transport=httpx.MockTransport(world)) as at:
        cursor = str((await at.pages())[-1].cursor)
    assert world.asked["milliseconds"] == 4, "four attempts, once"
    world.asked.clear()
    async with opened(transport=httpx.MockTransport(world)) as at:
        (page,) = await at.pages(Lately({"SHOP": cursor}))

    assert world.asked == {"quoted": 1}
    assert page.cursor == cursor == f"{NOON + DAY} minutes"


async def test_a_server_that_is_down_is_not_taken_for_one_that_refuses_bounds() -> None:
    world = Odd({1: NOON}, _milliseconds, down=True)
    async with opened(transport=httpx.MockTransport(world)) as at:
        with pytest.raises(UnavailableError, match="answered 500 four times"):
            await at.pages(Lately({"SHOP": str(NOON)}))
        world.down, world.refused = False, lambda _: False
        (page,) = await at.pages(Lately({"SHOP": str(NOON)}))

    assert world.asked == {"milliseconds": 5}
    assert page.cursor == str(NOON)


async def test_a_bound_that_was_taken_once_is_not_doubted_later() -> None:
    world = Odd({1: NOON}, lambda _: False)
    async with opened(transport=httpx.MockTransport(world)) as at:
        await at.pages(Lately({"SHOP": str(NOON)}))
        world.refused = _milliseconds
        with pytest.raises(UnavailableError):
            await at.pages(Lately({"SHOP": str(NOON)}))

    assert world.asked == {"milliseconds": 5}


async def test_a_server_that_answers_no_search_says_so_and_is_not_asked_for_ever() -> None:
    world = Odd({1: NOON}, _every)
    asked = 0

    def none(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += request.url.path.endswith("/search")
        return httpx.Response(500) if request.url.path.endswith("/search") else world(request)

    async with opened(transport=httpx.MockTransport(none)) as at:
        with pytest.raises(UnavailableError, match="answered 500 four times"):
            await at.pages(Lately({"SHOP": str(NOON)}))
    assert asked <= 12


# Servers that know no order or no bound, or count in Cloud's place, and rows that are newer than their place.


@dataclass
class Loose:
    """A server that leaves out what it likes of what is asked."""

    rows: list[tuple[int, int]]
    cloud: bool
    sorts: bool = True
    bounds: bool = True
    counts: bool = False
    numbers: bool = True
    most: int = 100
    shown: dict[int, int] = field(default_factory=dict)
    asked: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith(("/search", "/search/jql")):
            return httpx.Response(200, json=MYSELF | {"key": "SHOP", "count": 1})
        self.asked += 1
        asked = json.loads(request.content) if request.content else dict(request.url.params)
        since = re.search(r"updated >= (\d+)", asked["jql"])
        low = int(since[1]) if since and self.bounds else 0
        rows = [row for row in self.rows if row[1] >= low]
        rows = sorted(rows, key=lambda row: row[1]) if self.sorts else rows
        start = int(asked.get("nextPageToken", asked.get("startAt", 0))) if self.numbers else 0
        page = rows[start : start + self.most]
        shown = [raw(number, _iso(self.shown.get(number, when))) for number, when in page]
        after = start + len(page)
        if self.counts or not self.cloud:
            return httpx.Response(200, json={"issues": shown, "total": len(rows)})
        more = {"nextPageToken": str(after)} if after < len(rows) else {"isLast": True}
        return httpx.Response(200, json={"issues": shown} | more)


BOTH = pytest.mark.parametrize("flavour", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])


def _minutes(count: int) -> list[tuple[int, int]]:
    return [(number, NOON + number * 7 * MINUTE) for number in range(1, count + 1)]


@BOTH
@pytest.mark.parametrize("bounds", [True, False], ids=["it bounds", "it does not"])
@pytest.mark.parametrize("sorts", [True, False], ids=["it sorts", "it does not"])
async def test_a_server_without_an_order_or_a_bound_is_read_whole_and_soon(
    flavour: dict[str, Any], sorts: bool, bounds: bool
) -> None:
    rows = _minutes(500)
    random.Random(3).shuffle(rows)  # noqa: S311  # a seed, no secret
    world = Loose(rows, "email" in flavour, sorts=sorts, bounds=bounds)
    async with opened(transport=httpx.MockTransport(world), **flavour) as at:
        pages = await at.pages()

    assert len({item.ref for page in pages for item in page.items}) == 500
    assert pages[-1].complete
    assert pages[-1].cursor == str(NOON + 500 * 7 * MINUTE)
    assert sorts or not any(page.cursor for page in pages[:-1])
    assert world.asked <= 8


@BOTH
@pytest.mark.parametrize("late", [(100,), (98, 100), (96, 97, 98, 99, 100), (50,)], ids=str)
async def test_rows_edited_since_they_were_indexed_take_us_past_no_others(
    flavour: dict[str, Any], late: tuple[int, ...]
) -> None:
    world = Loose(_minutes(500), "email" in flavour, shown={number: NOON + 30 * DAY + number for number in late})
    async with opened(transport=httpx.MockTransport(world), **flavour) as at:
        pages = await at.pages()
        # A run that was killed after its first page goes on from there.
        rest = await at.pages(Lately({"SHOP": str(pages[0].cursor)}))

    assert len({item.ref for page in pages for item in page.items}) == 500
    assert pages[-1].complete
    assert len({item.ref for page in [pages[0], *rest] for item in page.items}) == 500
    assert world.asked <= 16


@pytest.mark.parametrize("step", [MINUTE, 0], ids=["one a minute", "all at once"])
async def test_what_counts_in_clouds_place_is_not_at_its_end_before_all_it_counts(step: int) -> None:
    rows = [(number, NOON + number * step) for number in range(1, 201)]
    world = Loose(rows, cloud=True, counts=True, most=50)
    async with opened(transport=httpx.MockTransport(world), **CLOUD) as at:
        pages = await at.pages()

    assert sorted(item.ref.id for page in pages for item in page.items) == [str(10_000 + number) for number, _ in rows]
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]


@BOTH
@pytest.mark.parametrize("count", [55, 95, 200])
async def test_numbers_that_lead_nowhere_are_an_error_and_never_complete(flavour: dict[str, Any], count: int) -> None:
    rows = [(number, NOON) for number in range(1, count + 1)]
    world = Loose(rows, "email" in flavour, counts=True, numbers=False, most=50)
    async with opened(transport=httpx.MockTransport(world), **flavour) as at:
        seen, error = await at.until_error()

    assert isinstance(error, UnavailableError)
    assert "shows the same ones again" in str(error)
    assert not any(page.complete for page in seen)
    assert world.asked == 3


@pytest.mark.parametrize("flavour", [CLOUD, DATA_CENTER], ids=["Cloud", "Data Center"])
async def test_cloud_takes_what_it_documents(flavour: dict[str, Any]) -> None:
    """A failure of Cloud's is a failure: no other way is tried."""
    paths: list[str] = []

    def fails(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(404 if request.url.path.endswith("/serverInfo") else 500)

    async with opened(transport=httpx.MockTransport(fails), **flavour) as at:
        with pytest.raises(UnavailableError):
            await at.pages(Lately({"SHOP": str(NOON)}))
    assert any(path.endswith("/myself") for path in paths) is not ("email" in flavour)

"""Reading a project of Jira whole and then what changed: what is seen, and in how many requests."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jira_doubles import (
    CLOUD,
    COUNT,
    FLAVOURS,
    ME,
    MYSELF,
    SEARCH,
    Script,
    many,
    opened,
    raw,
    says,
    within,
)

from trackersync.connector import (
    Lately,
    UnavailableError,
)
from trackersync.sandbox import Options, Sandbox, build, running
from trackersync.sandbox.jira.model import Jira

ARROW = Path(__file__).resolve().parents[3] / "shared" / "data" / "arrow" / "jira_source.jsonl.gz"


@pytest.fixture
def shop() -> Jira:
    return build(Options())[1]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running(Options()) as served:
        yield served


# Reading whole, and then what changed.


@FLAVOURS
async def test_the_shop_is_read_whole(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        pages = await at.pages()

    items = [item for page in pages for item in page.items]
    assert {item.key for item in items} == set(shop.keys)
    assert Counter(item.facts["status"][0] for item in items) == Counter(i.status for i in shop.issues.values())
    assert pages[-1].complete
    assert {page.expected for page in pages} == {len(shop.issues)}
    owners = {item.key: item.facts["owners"] for item in items}
    assert owners["SHOP-42"] == ((shop.issue("SHOP-42").assignee,) if "email" in flavour else ("ada-l",))
    assert {account.id for page in pages for account in page.accounts} == {
        o for owner in owners.values() for o in owner
    }


@FLAVOURS
async def test_an_incremental_read_that_finds_nothing_new_costs_one_request(
    shop: Jira, flavour: dict[str, Any]
) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        cursor = (await at.pages())[-1].cursor
        before = at.reads
        (page,) = await at.pages(Lately({"SHOP": str(cursor)}))

        assert at.reads - before == 1
    assert page.complete
    assert page.cursor == cursor
    assert page.expected is None
    assert page.items


@FLAVOURS
async def test_what_was_edited_is_seen_next_time(shop: Jira, flavour: dict[str, Any]) -> None:
    async with opened(transport=within(shop), **flavour) as at:
        cursor = (await at.pages())[-1].cursor
        shop.edit("SHOP-42", status="In Review", assignee=None, by="ada-l")
        items = {item.key: item for item in await at.items(Lately({"SHOP": str(cursor)}))}

    assert items["SHOP-42"].facts["status"] == ("In Review",)
    assert items["SHOP-42"].facts["owners"] == ()


async def test_search_that_lags_loses_no_edit(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        cursor = (await at.pages())[-1].cursor
        shop.lag = math.inf
        shop.edit("SHOP-42", status="In Review", by="ada-l")
        late = shop.issue("SHOP-42").updated
        # Something newer is indexed first, and takes the cursor past the edit that is not.
        shop.lag = 0
        shop.clock = lambda: datetime.fromtimestamp(late / 1000, UTC) + timedelta(minutes=4)
        shop.edit("SHOP-40", summary="newer", by="ada-l")
        cursor = (await at.pages(Lately({"SHOP": str(cursor)})))[-1].cursor
        shop.catch_up()
        items = {item.key: item for item in await at.items(Lately({"SHOP": str(cursor)}))}

    assert int(cursor or 0) > late
    assert items["SHOP-42"].facts["status"] == ("In Review",)


@FLAVOURS
async def test_an_account_behind_utc_loses_nothing(shop: Jira, flavour: dict[str, Any]) -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # only here

    shop.time_zone = ZoneInfo("America/Los_Angeles")
    async with opened(transport=within(shop), **flavour) as at:
        cursor = (await at.pages())[-1].cursor
        shop.edit("SHOP-42", summary="changed", by="ada-l")
        assert "SHOP-42" in {item.key for item in await at.items(Lately({"SHOP": str(cursor)}))}


@FLAVOURS
async def test_more_than_a_page_of_one_second(flavour: dict[str, Any]) -> None:
    model = many(950, together=True)
    async with opened(transport=within(model), **flavour) as at:
        pages = await at.pages()
        found = [item.key for page in pages for item in page.items]
        again = await at.items(Lately({"SHOP": str(pages[-1].cursor)}))

        assert at.reads < 30
    assert sorted(found) == sorted(model.keys)
    assert {item.key for item in again} == set(model.keys)


async def test_data_center_is_read_beyond_its_window() -> None:
    model = many(250)
    model.window = 150
    async with opened(transport=within(model)) as at:
        assert len(await at.items()) == 250


async def test_more_issues_of_one_second_than_data_center_shows_are_an_error() -> None:
    async with opened(transport=within(many(10_050, together=True))) as at:
        with pytest.raises(UnavailableError, match="more than 10000 issues were updated in one second"):
            await at.pages()


@FLAVOURS
@pytest.mark.parametrize("key", ["AND", "ORDER", "NOT", "EMPTY"])
async def test_a_project_named_by_a_reserved_word(flavour: dict[str, Any], key: str) -> None:
    async with opened(transport=within(many(3, project=key)), projects=[key], **flavour) as at:
        assert len(await at.items()) == 3


async def test_a_cursor_that_is_none_of_ours_means_a_whole_read(shop: Jira) -> None:
    async with opened(transport=within(shop), **CLOUD) as at:
        assert len(await at.items(Lately({"SHOP": "2026-03-05"}))) == len(shop.issues)


async def test_fields_nobody_reads_are_not_asked_for() -> None:
    script = Script({ME: says(MYSELF), COUNT: says({"count": 1}), SEARCH: says({"issues": [raw(1)], "isLast": True})})
    async with opened(transport=script.transport, **CLOUD) as at:
        await at.pages()

    (asked,) = script.bodies("/search/jql")
    assert "*" not in str(asked["fields"])
    assert "comment" not in asked["fields"]
    assert asked["maxResults"] == 100


# Over real sockets, and at size.


@FLAVOURS
async def test_over_a_socket(sandbox: Sandbox, flavour: dict[str, Any]) -> None:
    async with opened(url=sandbox.jira_url, **flavour) as at:
        assert len(await at.items()) == len(sandbox.jira.issues)


@pytest.mark.skipif(not ARROW.exists(), reason="the recorded issues of Apache Arrow (../shared) are not here")
async def test_four_thousand_real_issues() -> None:
    """The last ones touched, 115 of them within two seconds; all 18,285 are translated in ``test_jira_items``."""
    model = build(Options(load_jira=ARROW))[1]
    model.fill(sorted(model.issues.values(), key=lambda issue: issue.updated)[-4_000:])
    async with opened(transport=within(model), projects=["ARROW"], **CLOUD) as at:
        items = await at.items()

        assert at.reads <= 46
    assert Counter(item.facts["status"][0] for item in items) == Counter(i.status for i in model.issues.values())
    assert len({item.ref for item in items}) == len(items) == 4_000

"""What a repository costs in which nothing has changed, and that a free answer hides no edit."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from github_doubles import NOON, Clock, opened, served, shop

from trackersync.connector import Lately, Page
from trackersync.sandbox import GitHub
from trackersync_github import keyset
from trackersync_github.keyset import Ask, Cursor, cursor_of

ANCHOR = Ask(since=NOON - timedelta(days=3))


def cursors(pages: list[Page]) -> Lately:
    return Lately({page.container: page.cursor for page in pages if page.cursor is not None})


def numbers(pages: list[Page]) -> list[str]:
    return [item.key for page in pages for item in page.items]


class Counting(httpx.AsyncBaseTransport):
    """Passes requests on, and notes the status of each answer."""

    def __init__(self, model: GitHub) -> None:
        self._inner = served(model)
        self.statuses: list[int] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        self.statuses.append(response.status_code)
        return response


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor(7, NOON),
        Cursor(7, NOON, Ask()),
        Cursor(7, NOON, ANCHOR),
        Cursor(7, NOON, None, NOON),
        Cursor(7, NOON, ANCHOR, NOON),
        Cursor(7, NOON, Ask(), None, 'W/"4f5 3"'),
        Cursor(7, NOON, ANCHOR, NOON, 'W/"4f5"'),
        Cursor(7, NOON, None, None, 'W/"4f5"'),
        Cursor(7),
    ],
    ids=str,
)
def test_a_cursor_is_read_as_it_was_written(cursor: Cursor) -> None:
    assert cursor_of(str(cursor)) == cursor


def test_a_cursor_of_an_earlier_version_is_read() -> None:
    assert cursor_of("681273514 2026-03-05T12:00:00Z") == Cursor(681273514, NOON)


@pytest.mark.parametrize("text", ["", "7", "x 2026-03-05T12:00:00Z", "7 2026-03-05T12:00:00Z gestern", "7 - - -"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no cursor"):
        cursor_of(text)


@pytest.mark.parametrize(
    ("cursor", "since", "tag"),
    [
        (None, None, ""),
        (Cursor(7, NOON, ANCHOR, None, "t"), ANCHOR.since, "t"),
        (Cursor(7, NOON, Ask(), None, "t"), None, "t"),
        (Cursor(7, NOON, None, None, "t"), NOON - keyset.OVERLAP, ""),
        # An anchor within the overlap would leave out what is shown late.
        (Cursor(7, NOON, Ask(since=NOON - timedelta(seconds=1)), None, "t"), NOON - keyset.OVERLAP, ""),
        (Cursor(7, keyset.NEVER, Ask(), None, "t"), None, "t"),
    ],
)
def test_the_first_question_is_the_last_one_of_the_run_before(cursor: Cursor | None, since: object, tag: str) -> None:
    assert keyset.first(cursor).since == since
    assert keyset.known(cursor) == tag


@pytest.mark.parametrize(
    ("size", "statuses"),
    [
        (0, [304, 304]),
        (1, [304, 304]),
        (99, [304, 304]),
        # The last question asked for the last second only, and the next read must reach back further.
        (100, [200, 304]),
        (101, [304, 304]),
        (250, [304, 304]),
    ],
)
async def test_an_unchanged_repository_costs_one_free_request(size: int, statuses: list[int]) -> None:
    clock = Clock()
    model = shop(clock)
    for number in range(size):
        model.create(f"Issue {number}")
        clock.time += timedelta(minutes=5)
    transport = Counting(model)
    async with opened(transport, clock=clock) as it:
        pages = await it.pages()
        assert len(numbers(pages)) == size
        transport.statuses.clear()
        again = await it.pages(cursors(pages))
        third = await it.pages(cursors(again))
    assert transport.statuses == statuses
    assert [page.complete for page in (*again, *third)] == [True, True]
    assert numbers(third) == []


async def test_an_edit_ends_the_free_answers_for_one_read() -> None:
    clock = Clock()
    model = shop(clock)
    for number in range(130):
        model.create(f"Issue {number}")
        clock.time += timedelta(minutes=5)
    transport = Counting(model)
    async with opened(transport, clock=clock) as it:
        pages = await it.pages()
        model.edit(3, labels=["bug"], by="ada-l")
        transport.statuses.clear()
        edited = await it.pages(cursors(pages))
        assert "acme/shop#3" in numbers(edited)
        await it.pages(cursors(edited))
    assert transport.statuses == [200, 304]


async def test_an_edit_within_the_second_of_the_last_row_is_seen() -> None:
    clock = Clock()
    model = shop(clock)
    model.create("One")
    model.create("Two")
    async with opened(served(model), clock=clock) as it:
        pages = await it.pages()
        model.edit(1, labels=["bug"], by="ada-l")
        pages = await it.pages(cursors(pages))
    assert [item.facts["labels"] for page in pages for item in page.items if item.key.endswith("#1")] == [("bug",)]


async def test_only_the_containers_that_are_named_are_looked_at() -> None:
    model = shop()
    model.create("One")
    async with opened(served(model), repositories=("acme/shop", "acme/elsewhere")) as it:
        pages = await it.pages(Lately(only=("acme/shop",)))
    assert {page.container for page in pages} == {"acme/shop"}


async def test_pull_requests_are_items_only_where_that_is_wanted() -> None:
    model = shop()
    model.create("An issue")
    model.create("A pull request", pull=True)
    async with opened(served(model)) as it:
        assert len(await it.items()) == 1
    async with opened(served(model), pull_requests=True) as it:
        items = await it.items()
        assert len(items) == 2
        assert await it.item(items[1].ref) == items[1]

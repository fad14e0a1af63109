"""Every row of a list that GitHub pages by ``Link: next``: for lists that are short and do not move, such as fields."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TypeVar

from requests.utils import parse_header_links

from trackersync.connector import Answer, UnavailableError, Wire, decode

PAGE = 100
"""Rows of a page, the most GitHub gives."""

MOST_PAGES = 1_000
"""Of one list; so that no broken server keeps us for ever."""

T = TypeVar("T")


class EndlessError(UnavailableError):
    """A list that did not end after as many pages as are read at most."""


async def every(
    wire: Wire,
    path: str,
    shape: type[T],
    unread: Callable[[Answer], Exception],
    query: Mapping[str, str | int] | None = None,
    *,
    sized: bool = True,
    most: int = MOST_PAGES,
) -> list[T]:
    """All rows, page after page; links are followed as they come, since only they hold the cursor.

    Args:
        wire: to GitHub.
        path: the list's.
        shape: of a row.
        unread: the error for an answer other than 200.
        query: besides ``per_page``.
        sized: whether the list takes ``per_page``; issue types, for one, come all at once.
        most: pages that are read.

    Raises:
        EndlessError: the list does not end.
        UnavailableError: no usable answer; else what ``unread`` gives.
    """
    rows: list[T] = []
    async for answer in pages(wire, path, unread, query, sized=sized, most=most):
        rows += decode(answer, list[shape])  # type: ignore[valid-type]  # a type that is a value, known only here
    return rows


async def pages(
    wire: Wire,
    path: str,
    unread: Callable[[Answer], Exception],
    query: Mapping[str, str | int] | None = None,
    *,
    sized: bool = True,
    most: int = MOST_PAGES,
) -> AsyncGenerator[Answer, None]:
    """The answers that hold the rows; see ``every``. For rows that do not stand in the answer by themselves."""
    link = path
    params: dict[str, str | int] | None = {**({"per_page": PAGE} if sized else {}), **(query or {})}
    for _ in range(most):
        answer = await wire.read("GET", link, params=params)
        if answer.status != 200:
            raise unread(answer)
        yield answer
        link, params = next_link(answer), None
        if not link:
            return
    raise EndlessError(f"{path} did not end after {most:,} pages")


def next_link(answer: Answer) -> str:
    """The address of the next page; empty on the last one."""
    links = parse_header_links(answer.headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), "")

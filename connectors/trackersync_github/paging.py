"""Every row of a list that GitHub pages by ``Link: next``: for lists that are short and do not move, such as fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from requests.utils import parse_header_links

from trackersync.connector import Answer, UnavailableError, Wire, decode

PAGE = 100
"""Rows of a page, the most GitHub gives."""

MOST_PAGES = 1_000
"""Of one list; so that no broken server keeps us for ever."""

T = TypeVar("T")


async def every(
    wire: Wire,
    path: str,
    shape: type[T],
    unread: Callable[[Answer], Exception],
    query: Mapping[str, str | int] | None = None,
    *,
    sized: bool = True,
) -> list[T]:
    """All rows, page after page; links are followed as they come, since only they hold the cursor.

    Args:
        wire: to GitHub.
        path: the list's.
        shape: of a row.
        unread: the error for an answer other than 200.
        query: besides ``per_page``.
        sized: whether the list takes ``per_page``; issue types, for one, come all at once.

    Raises:
        UnavailableError: no usable answer, or a list that does not end; else what ``unread`` gives.
    """
    rows: list[T] = []
    link = path
    params: dict[str, str | int] | None = {**({"per_page": PAGE} if sized else {}), **(query or {})}
    for _ in range(MOST_PAGES):
        answer = await wire.read("GET", link, params=params)
        if answer.status != 200:
            raise unread(answer)
        rows += decode(answer, list[shape])  # type: ignore[valid-type]  # a type that is a value, known only here
        link, params = next_link(answer), None
        if not link:
            return rows
    raise UnavailableError(f"{path} did not end after {MOST_PAGES:,} pages")


def next_link(answer: Answer) -> str:
    """The address of the next page; empty on the last one."""
    links = parse_header_links(answer.headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), "")

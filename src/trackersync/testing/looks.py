"""How the contract looks at a tracker, and how it words a change: only through what ``Connector`` promises."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager

from trackersync.connector import (
    AuthError,
    Change,
    Connector,
    Facts,
    FieldName,
    Item,
    ItemRef,
    Lately,
    NotFoundError,
    Page,
    RejectedError,
    Scope,
    StaleError,
    These,
    UnavailableError,
    compare,
)

Named = AuthError | NotFoundError | RejectedError | StaleError | UnavailableError
NAMED = (AuthError, NotFoundError, RejectedError, StaleError, UnavailableError)
"""The errors a connector may raise."""

EVERYTHING = Lately()
"""The scope of a whole read."""


async def whole(connector: Connector, scope: Scope = EVERYTHING) -> list[Page]:
    """All pages of a scope."""
    return [page async for page in connector.observe(scope)]


async def start(connector: Connector, pages: int, scope: Scope = EVERYTHING) -> list[Page]:
    """The first pages of a scope, as many as are asked for; then the read is killed."""
    seen: list[Page] = []
    async with _killing(connector.observe(scope)) as coming:
        async for page in coming:
            seen.append(page)
            if len(seen) == pages:
                break
    return seen


async def until_error(connector: Connector, scope: Scope = EVERYTHING) -> tuple[list[Page], Named | None]:
    """The pages that came, and the error that ended them; None where none did."""
    seen: list[Page] = []
    try:
        async for page in connector.observe(scope):
            seen.append(page)  # noqa: PERF401 - what came before the error must be kept
    except NAMED as error:
        return seen, error
    return seen, None


async def look(connector: Connector, ref: ItemRef) -> Item:
    """One item by its ref.

    Raises:
        AssertionError: it is not shown.
    """
    pages = await whole(connector, These((ref,)))
    found = items_of(pages).get(ref)
    if found is None:
        raise AssertionError(f"{ref} was asked for and not shown; missing: {absent(pages)}")
    return found


def shows(change: Change, item: Item) -> bool:
    """Whether an item shows what a change wants. For shared facts only the values that are ours count."""
    try:
        return compare(change, item) == "after"
    except StaleError:
        return False


async def error_of(connector: Connector, change: Change) -> Named | None:
    """The error that applying a change raises; None where it ends well."""
    try:
        await connector.apply(change)
    except NAMED as error:
        return error
    return None


def items_of(pages: Iterable[Page]) -> dict[ItemRef, Item]:
    """The items of pages by ref; of one that came twice the later."""
    return {item.ref: item for page in pages for item in page.items}


def absent(pages: Iterable[Page]) -> dict[ItemRef, str]:
    """What was missing, and why."""
    return {ref: why for page in pages for ref, why in page.missing.items()}


def resumed(pages: Iterable[Page]) -> Lately:
    """The scope that goes on after these pages."""
    return Lately({page.container: page.cursor for page in pages if page.cursor is not None})


def joined(*parts: Facts) -> dict[str, tuple[str, ...]]:
    """Facts of several, a fact's values one after another."""
    facts = dict.fromkeys(fact for part in parts for fact in part)
    return {fact: tuple(dict.fromkeys(value for part in parts for value in part.get(fact, ()))) for fact in facts}


def change_of(connector: Connector, stages: tuple[Facts, ...], item: Item, field: FieldName, after: Facts) -> Change:
    """A change of an item from what it shows. Of shared facts only the values found in ``stages`` are ours."""
    shared = {matcher.fact for matcher in connector.vocabulary.matchers if matcher.shared}
    ours = {fact: joined(*stages).get(fact, ()) for fact in after if fact in shared}
    before = {fact: _of(ours.get(fact), item.facts.get(fact, ())) for fact in after}
    return Change(item.ref, item.key, field, next(iter(after)), before, after, "the contract says so", ours)


def _of(ours: tuple[str, ...] | None, values: tuple[str, ...]) -> tuple[str, ...]:
    if ours is None:
        return values
    folded = {value.casefold() for value in ours}
    return tuple(value for value in values if value.casefold() in folded)


@asynccontextmanager
async def _killing(pages: AsyncIterator[Page]) -> AsyncIterator[AsyncIterator[Page]]:
    """Close a read that is left in the middle, as a run does that is stopped."""
    try:
        yield pages
    finally:
        if isinstance(pages, AsyncGenerator):
            await pages.aclose()

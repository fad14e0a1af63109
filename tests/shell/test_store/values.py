"""Made values, short to write in a test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from trackersync.connector import Page
from trackersync.core.model import Change, Facts, FieldName, Item, ItemRef
from trackersync.store import Store, Written

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SHOP = "acme/shop"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def ref(number: int | str, tracker: str = "github") -> ItemRef:
    return ItemRef(tracker, str(number))


def item(
    number: int | str,
    updated: float = 0,
    *,
    tracker: str = "github",
    container: str = SHOP,
    says: str = "stage: idea",
) -> Item:
    """An item; ``updated`` in seconds after noon."""
    return Item(
        ref=ref(number, tracker),
        key=f"{container}#{number}",
        url=f"https://github.example/{container}/issues/{number}",
        title="Checkout rejects gift cards above 100 EUR",
        container=container,
        created=at(-86_400),
        updated=at(updated),
        facts={"labels": (says,), "owners": ("ada-l",), "state": ("open",)},
        urls=("https://acme.example/browse/SHOP-42",),
        keys=("SHOP-42",),
    )


def label(name: str) -> Facts:
    return {"labels": (name,)}


IDEA, BUILD, VERIFY = label("stage: idea"), label("stage: build"), label("stage: verify")


def change(number: int | str = 17, field: FieldName = "stage", before: Facts = IDEA, after: Facts = BUILD) -> Change:
    return Change(
        ref=ref(number),
        key=f"{SHOP}#{number}",
        field=field,
        fact="labels",
        before=before,
        after=after,
        because="only jira had moved",
        ours={"labels": ("stage: build", "stage: idea", "stage: verify")},
    )


def look(
    store: Store, *items: Item, complete: bool = False, cursor: str | None = None, container: str = SHOP
) -> Written:
    """Look at a container and put one page of what is seen."""
    scan = store.begin_scan("github", container, NOON)
    return store.put_page("github", Page(items, container=container, cursor=cursor, complete=complete), scan=scan)

"""Whom items may be linked with: found by the index of who names whom, without reading all there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Table, or_, select

from trackersync.core.mentions import id_word
from trackersync.core.model import ItemRef
from trackersync.store import Store, schema
from trackersync.store.narrow import Narrow, companions, of_these
from trackersync.store.rows import batches

MOST = 300
"""So many items at most are followed one by one; beyond, all there are cost hardly more."""
_item = schema.item.c
_mention = schema.mention.c


def neighbours(
    store: Store, refs: Collection[ItemRef], pairs: Iterable[tuple[str, str]] = (), most: int = MOST
) -> frozenset[ItemRef] | None:
    """These items and all that ``core.link.link`` has to know to link them as it would among all items.

    Args:
        store: open; its index is renewed where it does not hold.
        refs: the items.
        pairs: of keys, that the configuration links.
        most: as many items, and no more, are followed.

    Returns:
        The items, some of which may be missing by now; None: all there are have to be known.
    """
    if not store.renew_mentions():
        return None
    paired = _paired(store, tuple(pairs))
    found, fresh = frozenset[ItemRef](), companions(store, refs)
    while fresh:
        found |= fresh
        if len(found) > most:
            return None
        more = _named(store, fresh) | _naming(store, fresh)
        for together in paired:
            if not together.isdisjoint(fresh):
                more |= together
        fresh = companions(store, more) - found if more else frozenset()
    return found if store.mentions_hold() else None


def _named(store: Store, refs: Collection[ItemRef]) -> set[ItemRef]:
    """The items that some of these may claim."""
    words: dict[str, set[ItemRef]] = defaultdict(set)
    for tracker, id_, word in _rows(store, schema.mention, ("tracker", "item", "word"), refs, "item"):
        words[word].add(ItemRef(tracker, id_))
    called: dict[ItemRef, str] = {}
    with store.read() as connection:
        for some in batches(sorted(words)):
            wanted = select(_item.tracker, _item.id, _item.key).where(_item.key.in_(some))
            called |= {ItemRef(tracker, id_): key for tracker, id_, key in connection.execute(wanted)}
    there = [(ref, by) for ref, key in called.items() for by in words[key]]
    for word, by_them in words.items():
        tracker, blank, id_ = word.partition(" ")
        if blank:
            there += [(ItemRef(tracker, id_), by) for by in by_them]
    taken = _taken(store, refs)
    return {ref for ref, by in there if ref.tracker not in taken.get(by, {by.tracker})}


def _naming(store: Store, refs: Collection[ItemRef]) -> set[ItemRef]:
    """The items that may claim some of these."""
    names: dict[str, set[ItemRef]] = defaultdict(set)
    for tracker, id_, key in _rows(store, schema.item, ("tracker", "id", "key"), refs, "id"):
        ref = ItemRef(tracker, id_)
        names[key].add(ref)
        names[id_word(ref)].add(ref)
    found: set[tuple[ItemRef, ItemRef]] = set()
    with store.read() as connection:
        for some in batches(sorted(names)):
            wanted = select(_mention.tracker, _mention.item, _mention.word).where(_mention.word.in_(some))
            for tracker, id_, word in connection.execute(wanted):
                found |= {(ItemRef(tracker, id_), ref) for ref in names[word]}
    taken = _taken(store, {by for by, _ in found})
    return {by for by, ref in found if ref.tracker not in taken.get(by, {by.tracker})}


def _taken(store: Store, refs: Collection[ItemRef]) -> Mapping[ItemRef, set[str]]:
    """By linked item, the trackers that its task has an item of: it claims none of theirs."""
    trackers: dict[str, set[str]] = defaultdict(set)
    links = {ref: task for some in batches(sorted(refs)) for ref, task in Narrow(store, some).links().items()}
    for ref, task in links.items():
        trackers[task].add(ref.tracker)
    return {ref: trackers[task] for ref, task in links.items()}


def _paired(store: Store, pairs: Collection[tuple[str, str]]) -> list[set[ItemRef]]:
    """By pair of the configuration, the items its keys may name; see ``core.link``: an owner may be left out."""
    called: dict[str, set[ItemRef]] = defaultdict(set)
    keys = sorted({key.casefold() for pair in pairs for key in pair})
    with store.read() as connection:
        for some in batches(keys, 100):
            alike = (_item.key.endswith(f"/{key}", autoescape=True) for key in some)
            wanted = select(_item.tracker, _item.id, _item.key).where(or_(_item.key.in_(some), *alike))
            for tracker, id_, key in connection.execute(wanted):
                for name in {key, key.rpartition("/")[2]}:
                    called[name].add(ItemRef(tracker, id_))
    return [set().union(*(called.get(key.casefold(), ()) for key in pair)) for pair in pairs]


def _rows(
    store: Store, table: Table, columns: Iterable[str], refs: Collection[ItemRef], id_: str
) -> list[tuple[str, str, str]]:
    wanted = select(*(table.c[name] for name in columns)).where(of_these(table, refs, id_))
    with store.read() as connection:
        rows = connection.execute(wanted)
        return [(row[0], row[1], row[2]) for row in rows]

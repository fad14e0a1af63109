"""Items as last observed: pages in, items out.

One rule decides which of two observations of an item is the truer: the tracker's own ``updated``, and where that is
equal the number of the look that showed it. Our own write counts as a look after all that have begun, so a page asked
for before a write never takes its place, although both may fall into one second of the tracker's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from trackersync.connector import Page
from trackersync.core.mentions import Mentioning
from trackersync.core.model import Absence, Item, ItemRef
from trackersync.store import schema
from trackersync.store.accounts import Accounts, put_accounts
from trackersync.store.database import upsert
from trackersync.store.looks import Looks, advance
from trackersync.store.mentions import Mentions, put_mentions
from trackersync.store.moves import put_moves
from trackersync.store.rows import batches, micros, text

_table = schema.item.c
item_of = msgspec.json.Decoder(Item).decode
"""An item from its text in the store."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a page changed in the store.

    Attributes:
        new: items seen for the first time.
        changed: items that differ from what was stored, or are back after having been missing.
        same: items that came again as they were.
        older: items of which something newer is stored; left as they are.
        missing: items that are missing now and were not.
        changed_refs: the new, the changed and the now missing.
        unsure: of the changed, those that a listing shows otherwise under the very moment that was known: two edits
            within one tick of the tracker's clock, or a listing that lags behind. Look them up by id.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    older: int = 0
    missing: int = 0
    changed_refs: tuple[ItemRef, ...] = ()
    unsure: tuple[ItemRef, ...] = ()

    def __add__(self, other: Written) -> Written:
        return Written(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.older + other.older,
            self.missing + other.missing,
            self.changed_refs + other.changed_refs,
            self.unsure + other.unsure,
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of an item, as far as a new observation is judged by it."""

    updated: int
    seen: int
    missing: str | None
    container: str
    body: str


Verdict = Literal["new", "changed", "same", "older"]

Finding = Callable[[Connection, Sequence[ItemRef]], None]
"""Told of items that are new, changed or missing now, in the transaction that says so."""


def judge(stored: Stored | None, seen: Stored) -> Verdict:
    """Tell what an observation is to what is stored; see the module's rule."""
    if stored is None:
        return "new"
    if (seen.updated, seen.seen) < (stored.updated, stored.seen):
        return "older"
    same = stored.missing is None and (seen.container, seen.body) == (stored.container, stored.body)
    return "same" if same else "changed"


def doubtful(stored: Stored | None, seen: Stored) -> bool:
    """Whether a listing's word against what is stored tells nothing: both are of the same moment."""
    return stored is not None and stored.missing is None and stored.updated == seen.updated


class Items(Accounts, Looks, Mentions):
    """The items, accounts and absences of a store."""

    def put_page(self, tracker: str, page: Page, *, scan: int, found: Finding | None = None) -> Written:
        """Remember a page: its items, accounts and absences, and how far its container has been read.

        One transaction; a page of more than 1,000 items takes several, and only the last one moves the cursor, so
        that a kill in between only means reading it again.

        Args:
            tracker: the tracker's name.
            page: as the connector yielded it.
            scan: the number ``begin_scan`` gave for this look.
            found: told, in the same transaction, of the items that others changed.

        Raises:
            StoreError: the store cannot be written.
        """
        *first, last = list(batches(page.items)) or [()]
        written = Written()
        for items in first:
            with self.write() as connection:
                some = _put_items(connection, tracker, items, page.container, scan, self.mentioning)
                if found is not None:
                    found(connection, some.changed_refs)
                written += some
        with self.write() as connection:
            some = _put_items(connection, tracker, last, page.container, scan, self.mentioning)
            some += _put_missing(connection, page.missing, scan)
            if found is not None:
                found(connection, some.changed_refs)
            written += some
            put_accounts(connection, page.accounts)
            advance(connection, tracker, page, scan)
        return written

    def put_item(self, item: Item) -> None:
        """Remember an item as it was read back after a write. Pages asked for before this never take its place."""
        with self.write() as connection:
            put_receipted(connection, item, self.mentioning)

    def mark_missing(self, ref: ItemRef, absence: Absence) -> None:
        """Remember that an item was asked for and is not there. Its last observed state is kept."""
        with self.write() as connection:
            _put_missing(connection, {ref: absence}, next_look(connection))

    def items(self, tracker: str | None = None) -> Iterator[Item]:
        """Every item that is there as far as we know, of one tracker or of all, by tracker and id."""
        wanted = select(_table.body).where(_table.missing.is_(None)).order_by(_table.tracker, _table.id)
        if tracker is not None:
            wanted = wanted.where(_table.tracker == tracker)
        with self.read() as connection:
            bodies = connection.scalars(wanted).all()
        return map(item_of, bodies)

    def item(self, ref: ItemRef) -> Item:
        """An item as last observed, also if it is missing by now. Raises ``KeyError`` if it was never seen."""
        wanted = select(_table.body).where(_table.tracker == ref.tracker, _table.id == ref.id)
        with self.read() as connection:
            body = connection.scalar(wanted)
        if body is None:
            raise KeyError(ref)
        return item_of(body)

    def by_key(self, key: str) -> tuple[Item, ...]:
        """The items that people call so, in either case; several where two trackers use the same key."""
        wanted = select(_table.body).where(_table.key == key.casefold(), _table.missing.is_(None))
        with self.read() as connection:
            return tuple(map(item_of, connection.scalars(wanted.order_by(_table.tracker, _table.id))))

    def missing(self, tracker: str | None = None) -> Mapping[ItemRef, Absence]:
        """Every item that is missing, and why."""
        wanted = select(_table.tracker, _table.id, _table.missing).where(_table.missing.is_not(None))
        if tracker is not None:
            wanted = wanted.where(_table.tracker == tracker)
        with self.read() as connection:
            return {ItemRef(of, id_): Absence(why) for of, id_, why in connection.execute(wanted)}


def next_look(connection: Connection) -> int:
    """A number of its own, after every look begun so far: what happens now is newer than they are.

    Used up, so that the next look has another one and does not pass for having shown what we only wrote.
    """
    look = schema.look
    number = int(
        connection.execute(insert(look).values(tracker="", container="", begun=0).returning(look.c.id)).scalar_one()
    )
    connection.execute(delete(look).where(look.c.id == number))
    return number


def put_receipted(connection: Connection, item: Item, mentioning: Mentioning | None) -> None:
    """Remember an item read back after a write; see ``Items.put_item``."""
    _put_items(connection, item.ref.tracker, (item,), "", next_look(connection), mentioning, ours=True)


def _row(item: Item, container: str, scan: int) -> Stored:
    return Stored(micros(item.updated), scan, None, container or item.container, text(item))


def _put_items(  # noqa: PLR0917  # a page as it is taken in
    connection: Connection,
    tracker: str,
    items: Sequence[Item],
    container: str,
    scan: int,
    mentioning: Mentioning | None,
    *,
    ours: bool = False,
) -> Written:
    """Remember items as seen by a look, or as our own write left them."""
    observed: dict[str, tuple[Item, Stored]] = {}
    for item in items:
        row = _row(item, container, scan)
        # The same item twice in a page: the later one is the truer, unless it is the older.
        if item.ref.id not in observed or observed[item.ref.id][1].updated <= row.updated:
            observed[item.ref.id] = (item, row)
    stored = _stored(connection, tracker, observed)
    verdicts = {id_: judge(stored.get(id_), row) for id_, (_, row) in observed.items()}
    moved = [id_ for id_, verdict in verdicts.items() if verdict in ("new", "changed")]
    if not ours:
        known = {id_: stored[id_].body for id_ in moved if id_ in stored}
        put_moves(connection, [observed[id_][0] for id_ in known], known, scan)
    upsert(connection, schema.item, [_values(*observed[id_]) for id_ in moved])
    put_mentions(connection, mentioning, [observed[id_][0] for id_ in moved])
    _seen_again(connection, tracker, [id_ for id_, verdict in verdicts.items() if verdict in ("same", "older")], scan)
    counts = list(verdicts.values())
    return Written(
        new=counts.count("new"),
        changed=counts.count("changed"),
        same=counts.count("same"),
        older=counts.count("older"),
        changed_refs=tuple(ItemRef(tracker, id_) for id_ in moved),
        unsure=tuple(
            ItemRef(tracker, id_) for id_ in moved if container and doubtful(stored.get(id_), observed[id_][1])
        ),
    )


def _values(item: Item, row: Stored) -> dict[str, object]:
    return {
        "tracker": item.ref.tracker,
        "id": item.ref.id,
        "key": item.key.casefold(),
        "container": row.container,
        "updated": row.updated,
        "seen": row.seen,
        "missing": None,
        "body": row.body,
    }


def _stored(connection: Connection, tracker: str, ids: Iterable[str]) -> dict[str, Stored]:
    wanted = select(_table.id, _table.updated, _table.seen, _table.missing, _table.container, _table.body).where(
        _table.tracker == tracker, _table.id.in_(list(ids))
    )
    return {id_: Stored(*rest) for id_, *rest in connection.execute(wanted)}


def _seen_again(connection: Connection, tracker: str, ids: Iterable[str], scan: int) -> None:
    """Raise ``seen`` of items whose row stays as it is: the look did show them."""
    rows = [{"an_id": id_} for id_ in ids]
    if rows:
        which = (_table.tracker == tracker, _table.id == bindparam("an_id"), _table.seen < scan)
        connection.execute(update(schema.item).where(*which).values(seen=scan), rows)


def _put_missing(connection: Connection, missing: Mapping[ItemRef, Absence], scan: int) -> Written:
    now_missing = []
    for ref, absence in missing.items():
        # An absence found by a look that began before the latest one that showed the item says nothing.
        which = (_table.tracker == ref.tracker, _table.id == ref.id, _table.seen <= scan)
        was = connection.execute(select(_table.missing).where(*which)).one_or_none()
        if was is not None:
            connection.execute(update(schema.item).where(*which).values(missing=absence.value, seen=scan))
            if was.missing is None:
                now_missing.append(ref)
    return Written(missing=len(now_missing), changed_refs=tuple(now_missing))

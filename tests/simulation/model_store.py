"""The store said once more, in dicts, and a twin that plays both and compares: what makes 2,000 histories affordable.

A history on SQLite spends nine tenths of its time in SQL. So most histories play on ``ModelStore``, some on SQLite, in
memory or in a file, and some on ``TwinStore``, which does everything on both and stops at the first answer in which
they differ. That is also a test of the real store: whatever a run can ask of it, it was asked in some history.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from trackersync.connector import Page
from trackersync.core.model import (
    Absence,
    Change,
    Conflict,
    Facts,
    FieldName,
    Item,
    ItemRef,
    Outcome,
    Overruled,
    Receipt,
    Transition,
)
from trackersync.store import Claim, Count, Entry, Kept, Place, Rejection, Ruling, Run, Store, Waiting, Written
from trackersync.store.items import Finding, Stored, doubtful, judge
from trackersync.store.links import admit
from trackersync.store.rows import micros, natives_of, natives_text
from trackersync.store.workflows import Leaves
from trackersync.testing.faults import Faults

from .model_told import ModelTold
from .model_transfers import follow
from .perils import WRITES, perilous, transaction

_EFFECTIVE = (Outcome.APPLIED, Outcome.ALREADY_SO)


@dataclass(slots=True)
class _Container:
    cursor: str | None = None
    whole: int | None = None
    last_whole: int | None = None
    shown: int | None = None
    accepted: int = 0
    read: datetime | None = None
    whole_at: datetime | None = None


@dataclass(slots=True)
class _Kept:
    item: Item
    container: str
    seen: int
    missing: Absence | None = None

    @property
    def stored(self) -> Stored:
        # ``body`` only serves to be compared, for which the item itself does as well as its text.
        body = cast(str, self.item)
        return Stored(micros(self.item.updated), self.seen, self.missing, self.container, body)


@dataclass(slots=True)
class ModelStore(ModelTold):
    """``trackersync.store.Store`` as far as a run uses it. Its docstrings are the original's."""

    looks: int = 0
    begun: dict[int, datetime] = field(default_factory=dict)
    containers: dict[tuple[str, str], _Container] = field(default_factory=dict)
    known_items: dict[ItemRef, _Kept] = field(default_factory=dict)
    link_of: dict[ItemRef, str] = field(default_factory=dict)
    open_stages: dict[str, str] = field(default_factory=dict)
    base_of: dict[Place, tuple[Facts, ...]] = field(default_factory=dict)
    was: dict[int, tuple[Facts, ...]] = field(default_factory=dict)
    run_rows: list[Run] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    waiting: dict[Place | tuple[str, FieldName, datetime], Waiting] = field(default_factory=dict)
    refusals: dict[Place, Rejection] = field(default_factory=dict)
    flows: dict[tuple[str, str], dict[str, tuple[tuple[Transition, ...], datetime]]] = field(default_factory=dict)
    approvals: set[str] = field(default_factory=set)
    rulings: list[Ruling] = field(default_factory=list)

    def close(self) -> None:
        pass

    # Looks.

    @transaction
    def begin_scan(self, tracker: str, container: str, at: datetime) -> int:
        self.looks += 1
        self.begun[self.looks] = at
        if container:
            row = self.containers.setdefault((tracker, container), _Container())
            if row.cursor is None and row.whole is None:
                row.whole = self.looks
        return self.looks

    def cursors(self, tracker: str) -> Mapping[str, str]:
        return {name: row.cursor for name, row in self._of(tracker) if row.cursor is not None}

    def complete(self, tracker: str) -> Mapping[str, bool]:
        return {name: row.last_whole is not None for name, row in self._of(tracker)}

    def wholes(self, tracker: str) -> Mapping[str, datetime | None]:
        return {name: row.whole_at for name, row in self._of(tracker)}

    def inhabited(self, tracker: str) -> frozenset[str]:
        return frozenset(
            one.container for ref, one in self.known_items.items() if ref.tracker == tracker and one.missing is None
        )

    @transaction
    def reset_cursor(self, tracker: str, container: str) -> None:
        if row := self.containers.get((tracker, container)):
            row.cursor = row.whole = None

    def absent(self, tracker: str, container: str) -> tuple[ItemRef, ...]:
        row = self.containers.get((tracker, container), _Container())
        if row.last_whole is None:
            return ()
        return tuple(sorted(ref for ref, one in self._present(tracker, container) if one.seen < row.last_whole))

    def counts(self, tracker: str) -> Mapping[str, Count]:
        return {name: Count(row.shown, row.accepted) for name, row in self._of(tracker) if row.shown is not None}

    @transaction
    def accept_counts(self, tracker: str) -> None:
        for _, row in self._of(tracker):
            row.accepted = row.accepted if row.shown is None else row.shown

    def freshness(self, tracker: str) -> datetime | None:
        read = [row.read for _, row in self._of(tracker)]
        known = [each for each in read if each is not None]
        return min(known) if known and len(known) == len(read) else None

    @transaction
    def retain(self, tracker: str, containers: Collection[str]) -> None:
        for name in [name for name, _ in self._of(tracker) if name not in containers]:
            for _, one in self._present(tracker, name):
                one.missing = Absence.OUT_OF_SCOPE
            del self.containers[tracker, name]

    # Items.

    @transaction
    def kept(self) -> Mapping[str, Kept]:
        return {}  # no service works on it

    def put_page(self, tracker: str, page: Page, *, scan: int, found: Finding | None = None) -> Written:
        assert found is None, "no service works on it"
        known = {ref: one.item for ref, one in self.known_items.items()}
        written = self._put_items(page.items, page.container, scan)
        self.note_moves(known, [self.known_items[ref].item for ref in written.changed_refs], self.begun[scan], scan)
        gone = []
        for ref, absence in page.missing.items():
            one = self.known_items.get(ref)
            if one is not None and one.seen <= scan:
                gone += [ref] if one.missing is None else []
                one.missing, one.seen = absence, scan
        self.people |= {(account.tracker, account.id): account for account in page.accounts}
        if page.container:
            self._advance(tracker, page, scan)
        return written + Written(missing=len(gone), changed_refs=tuple(gone))

    def items(self, tracker: str | None = None) -> Iterator[Item]:
        some = [one.item for ref, one in sorted(self.known_items.items()) if one.missing is None]
        return iter([item for item in some if tracker in (None, item.ref.tracker)])

    def item(self, ref: ItemRef) -> Item:
        return self.known_items[ref].item

    def missing(self, tracker: str | None = None) -> Mapping[ItemRef, Absence]:
        gone = {ref: one.missing for ref, one in self.known_items.items() if one.missing is not None}
        return {ref: why for ref, why in gone.items() if tracker in (None, ref.tracker)}

    # Links.

    def links(self) -> Mapping[ItemRef, str]:
        return dict(self.link_of)

    @transaction
    def put_links(self, claims: Iterable[Claim], at: datetime | None = None) -> tuple[Claim, ...]:
        held, refused = admit(claims, self.link_of)
        for claim in held:
            self.link_of |= dict.fromkeys(claim.refs, claim.task)
        return tuple(refused)

    def last_open(self) -> Mapping[str, str]:
        return dict(self.open_stages)

    @transaction
    def put_last_open(self, stages: Mapping[str, str]) -> None:
        self.open_stages |= stages

    def follow(self, moved: Mapping[ItemRef, ItemRef]) -> None:
        for old, new in moved.items():
            self._follow(old, new)

    @transaction
    def _follow(self, old: ItemRef, new: ItemRef) -> None:
        follow(self, old, new)

    # The journal.

    @transaction
    def begin_run(
        self, command: str, fingerprint: str, digest: str, at: datetime, *, approved: bool = False, place: str = ""
    ) -> int:
        number = len(self.run_rows) + 1
        self.run_rows.append(Run(number, command, fingerprint, digest, approved, at, None, {}, place))
        return number

    @transaction
    def plan_run(self, run: int, digest: str, changes: Sequence[Change], *, approved: bool) -> None:
        self.run_rows[run - 1] = replace(self.run_rows[run - 1], digest=digest, approved=approved)

    def run(self, number: int) -> Run | None:
        return self.run_rows[number - 1] if 0 < number <= len(self.run_rows) else None

    def forget_before(self, moment: datetime) -> int:
        # Nothing is so old here that it would be forgotten.
        return 0

    @transaction
    def end_run(self, run: int, summary: Mapping[str, object], at: datetime) -> None:
        self.run_rows[run - 1] = replace(self.run_rows[run - 1], summary=dict(summary), ended=at)

    def runs(self, most: int | None = None) -> tuple[Run, ...]:
        return tuple(reversed(self.run_rows))[:most]

    @transaction
    def intend(self, run: int, change: Change, natives: Iterable[Facts], at: datetime) -> int:
        number, place = len(self.entries) + 1, (change.ref, change.field)
        states = _set(natives)
        self.was[number] = self.base_of.get(place, ())
        self.entries.append(Entry(number, run, change, states, None, at, None))
        self._put_base(place, states)
        return number

    @transaction
    def settle(
        self, change: int, receipt: Receipt, natives: Iterable[Facts] | None, item: Item | None, at: datetime
    ) -> None:
        entry = self.entries[change - 1]
        place = (entry.change.ref, entry.change.field)
        if item is not None:
            # A number of its own: the next look must not pass for having shown what we only wrote.
            self.looks += 1
            self._put_items((item,), "", self.looks)
        if entry.receipt is not None and entry.receipt.outcome in _EFFECTIVE:
            return
        self.entries[change - 1] = replace(entry, receipt=receipt, settled=at)
        if receipt.outcome is not Outcome.IN_DOUBT:
            self._put_base(place, self.was[change] if natives is None else natives)
        if receipt.outcome in _EFFECTIVE:
            self.refusals.pop(place, None)

    def in_doubt(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if _open(entry))

    def journal(
        self,
        *,
        run: int | None = None,
        refs: Collection[ItemRef] | None = None,
        since: datetime | None = None,
        approved: bool | None = None,
    ) -> tuple[Entry, ...]:
        return tuple(
            entry
            for entry in self.entries
            if run in (None, entry.run)
            and (refs is None or entry.change.ref in refs)
            and (since is None or entry.intended >= since)
            and approved in (None, self.run_rows[entry.run - 1].approved)
        )

    def often_written(self, least: int, since: datetime) -> frozenset[Place]:
        done = [
            (entry.change.ref, entry.change.field)
            for entry in self.journal(since=since, approved=False)
            if entry.receipt is not None and entry.receipt.outcome in _EFFECTIVE
        ]
        return frozenset(place for place in done if done.count(place) >= least)

    def bases(self) -> Mapping[Place, tuple[Facts, ...]]:
        return dict(self.base_of)

    @transaction
    def put_bases(self, bases: Mapping[Place, Iterable[Facts]]) -> None:
        for place, natives in bases.items():
            self._put_base(place, natives)

    # Decisions.

    @transaction
    def put_conflicts(
        self, run: int, conflicts: Collection[Conflict], at: datetime, *, looked: Collection[str] | None = None
    ) -> None:
        now = {(conflict.task, conflict.field): conflict for conflict in conflicts}
        since = {}
        for key, one in list(self.waiting.items()):
            place = (one.conflict.task, one.conflict.field)
            if one.settled is None:
                since[place] = one.since
                if place not in now and (looked is None or one.conflict.task in looked):
                    self.waiting[key] = replace(one, run=run, settled=at)
        for (task, name), conflict in now.items():
            first = since.get((task, name), at)
            self.waiting[task, name, first] = Waiting(conflict, first, run)

    @transaction
    def end_conflicts(self, over: Collection[tuple[str, FieldName]], at: datetime) -> None:
        for key, one in list(self.waiting.items()):
            if one.settled is None and (one.conflict.task, one.conflict.field) in over:
                self.waiting[key] = replace(one, settled=at)

    def conflicts(self) -> tuple[Waiting, ...]:
        some = [one for one in self.waiting.values() if one.settled is None]
        return tuple(sorted(some, key=lambda one: (one.since, one.conflict.task, one.conflict.field)))

    @transaction
    def put_rejection(self, ref: ItemRef, field: FieldName, rejection: Rejection) -> None:
        self.refusals[ref, field] = rejection

    def rejections(self) -> Mapping[Place, Rejection]:
        return dict(self.refusals)

    @transaction
    def put_workflow(self, tracker: str, scope: str, leaves: Leaves, at: datetime) -> None:
        for status, hops in leaves.items():
            self.flows.setdefault((tracker, scope), {})[status] = (hops, at)

    def workflows(self, tracker: str, *, since: datetime) -> tuple[Mapping[str, Leaves], Mapping[str, frozenset[str]]]:
        mine = {scope: shown for (whose, scope), shown in self.flows.items() if whose == tracker}
        known = {scope: {status: hops for status, (hops, _) in shown.items()} for scope, shown in mine.items()}
        fresh = {
            scope: frozenset(status.casefold() for status, (_, at) in shown.items() if at >= since)
            for scope, shown in mine.items()
        }
        return known, fresh

    def names(self, tracker: str) -> tuple[()]:
        """A tracker in memory has no values with ids."""
        del tracker
        return ()

    def ever_approved(self) -> bool:
        return bool(self.approvals)

    def approved(self, fingerprint: str) -> bool:
        return fingerprint in self.approvals

    @transaction
    def approve(self, fingerprint: str, how: str, at: datetime) -> None:
        self.approvals.add(fingerprint)

    @transaction
    def put_overruled(self, run: int, moves: Sequence[Overruled], at: datetime) -> None:
        self.rulings += [Ruling(run, at, move) for move in moves]

    def overruled(self) -> tuple[Ruling, ...]:
        return tuple(self.rulings)

    # Within a transaction.

    def _of(self, tracker: str) -> list[tuple[str, _Container]]:
        return [(name, row) for (of, name), row in self.containers.items() if of == tracker]

    def _present(self, tracker: str, container: str) -> list[tuple[ItemRef, _Kept]]:
        return [
            (ref, one)
            for ref, one in self.known_items.items()
            if ref.tracker == tracker and one.container == container and one.missing is None
        ]

    def _put_items(self, items: Sequence[Item], container: str, scan: int) -> Written:
        observed: dict[ItemRef, _Kept] = {}
        for item in items:
            if item.ref not in observed or observed[item.ref].item.updated <= item.updated:
                observed[item.ref] = _Kept(item, container or item.container, scan)
        verdicts = {}
        unsure = []
        for ref, new in observed.items():
            old = self.known_items.get(ref)
            stored = None if old is None else old.stored
            verdicts[ref] = judge(stored, new.stored)
            if container and verdicts[ref] == "changed" and doubtful(stored, new.stored):
                unsure.append(ref)
            if old is None or verdicts[ref] in ("new", "changed"):
                self.known_items[ref] = new
            else:
                old.seen = max(old.seen, scan)
        words = list(verdicts.values())
        moved = tuple(ref for ref, verdict in verdicts.items() if verdict in ("new", "changed"))
        count = words.count
        return Written(count("new"), count("changed"), count("same"), count("older"), 0, moved, tuple(unsure))

    def _advance(self, tracker: str, page: Page, scan: int) -> None:
        row = self.containers.setdefault((tracker, page.container), _Container())
        if page.cursor is not None:
            row.cursor = page.cursor
        if not page.complete:
            return
        row.read = self.begun[scan]
        if row.whole is not None:
            row.shown = sum(one.seen >= row.whole for _, one in self._present(tracker, page.container))
            row.accepted = max(row.shown, row.accepted)
            row.last_whole, row.whole, row.whole_at = row.whole, None, self.begun[scan]

    def _put_base(self, place: Place, natives: Iterable[Facts]) -> None:
        doubted = [
            native
            for entry in self.entries
            if _open(entry) and (entry.change.ref, entry.change.field) == place
            for native in entry.natives
        ]
        states = _set([*natives, *doubted])
        if states:
            self.base_of[place] = states
        else:
            self.base_of.pop(place, None)


class TwinStore:
    """Does everything on a real store and on its model, and stops where their answers differ."""

    def __init__(self, real: Store, faults: Faults) -> None:
        self._real = real
        self._model = ModelStore()
        self._faults = faults

    def close(self) -> None:
        self._real.close()

    def __getattr__(self, name: str) -> Callable[..., object]:
        def both(*args: object, **kwargs: object) -> object:
            with perilous(self._faults if name in WRITES else None):
                real, model = (_answer(one, name, args, kwargs) for one in (self._real, self._model))
            if real != model:
                raise AssertionError(f"store.{name}{args}{kwargs}:\n  the store says {real}\n  its model says {model}")
            return iter(real) if name == "items" else real

        return both


def _answer(store: object, name: str, args: tuple[object, ...], kwargs: dict[str, object]) -> Any:  # noqa: ANN401
    answer = getattr(store, name)(*args, **kwargs)
    return list(answer) if name == "items" else answer


def _open(entry: Entry) -> bool:
    return entry.receipt is None or entry.receipt.outcome is Outcome.IN_DOUBT


def _set(natives: Iterable[Facts]) -> tuple[Facts, ...]:
    return natives_of(natives_text(natives))

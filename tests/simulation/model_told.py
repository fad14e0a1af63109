"""The model of what people told a store, and of what others did; see ``store.told``, ``store.moves``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from trackersync.connector import Facts
from trackersync.core.checked import Before, Noted
from trackersync.core.model import Account, FieldName, Item, ItemRef
from trackersync.core.told import Move, Pause, Pauses, Settlement, TakenBack
from trackersync.store import Place

from .model_history import ModelHistory
from .perils import transaction

TaskField = tuple[str, FieldName]


@dataclass(slots=True)
class ModelTold(ModelHistory):
    """What ``ModelStore`` remembers of people."""

    seen_moves: list[Move] = field(default_factory=list)
    settled: dict[TaskField, Settlement] = field(default_factory=dict)
    taken: dict[TaskField, TakenBack] = field(default_factory=dict)
    paused: list[Pause] = field(default_factory=list)
    parted: set[frozenset[ItemRef]] = field(default_factory=set)
    people: dict[tuple[str, str], Account] = field(default_factory=dict)
    checked: Before | None = None

    @transaction
    def put_findings(self, findings: Collection[Noted], at: datetime) -> None:
        self.checked = Before(at, tuple(findings))

    def last_check(self) -> Before | None:
        return self.checked

    def note_moves(self, known: Mapping[ItemRef, Item], changed: Iterable[Item], seen: datetime, scan: int) -> None:
        for item in changed:
            was = known.get(item.ref)
            if was is not None and was.facts != item.facts:
                self.seen_moves.append(Move(item.ref, item.updated, seen, was.facts, item.facts))
                self.owing[item.ref] = scan

    def moves(self, refs: Collection[ItemRef]) -> tuple[Move, ...]:
        return tuple(move for move in self.seen_moves if move.ref in refs)

    @transaction
    def put_settlements(self, settlements: Collection[Settlement], bases: Mapping[Place, Iterable[Facts]]) -> None:
        self.settled |= {(one.task, one.field): one for one in settlements}
        for place, natives in bases.items():
            self._put_base(place, natives)

    def settlements(self) -> Mapping[TaskField, Settlement]:
        return dict(self.settled)

    @transaction
    def put_taken_back(self, taken: Collection[TakenBack]) -> None:
        self.taken |= {(one.task, one.field): one for one in taken}

    def taken_back(self) -> Mapping[TaskField, TakenBack]:
        return dict(self.taken)

    @transaction
    def forget_told(self, *, settlements: Collection[TaskField] = (), taken_back: Collection[TaskField] = ()) -> None:
        for key in settlements:
            self.settled.pop(key, None)
        for key in taken_back:
            self.taken.pop(key, None)

    @transaction
    def put_pause(self, pause: Pause) -> None:
        self.paused.append(pause)

    @transaction
    def end_pauses(self, kind: Literal["tracker", "task"], name: str, at: datetime) -> int:
        some = [one for one in self.paused if (one.kind, one.name) == (kind, name) and one.ended is None]
        self.paused = [replace(one, ended=at) if one in some else one for one in self.paused]
        return len(some)

    def pauses(self) -> Pauses:
        return Pauses(tuple(self.paused))

    def apart(self) -> frozenset[frozenset[ItemRef]]:
        return frozenset(self.parted)

    def accounts(self) -> tuple[Account, ...]:
        return tuple(account for _, account in sorted(self.people.items()))

    def _put_base(self, place: Place, natives: Iterable[Facts]) -> None:
        raise NotImplementedError

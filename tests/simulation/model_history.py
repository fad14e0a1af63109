"""The model of what a store knows of items' histories; see ``store.history``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from trackersync.core.history import Past
from trackersync.core.model import Event, Item, ItemRef
from trackersync.testing.faults import Faults

from .perils import transaction


@dataclass(slots=True)
class ModelHistory:
    """What ``ModelStore`` remembers of histories."""

    faults: Faults | None = None
    owing: dict[ItemRef, int | None] = field(default_factory=dict)
    pasts: dict[ItemRef, Past] = field(default_factory=dict)

    @transaction
    def owe_histories(self, refs: Collection[ItemRef]) -> None:
        for ref in refs:
            self.owing.setdefault(ref, 0)

    def owed_histories(self, tracker: str) -> Mapping[ItemRef, int]:
        here = {item.ref for item in self.items(tracker)}
        owed = {ref: owing for ref, owing in self.owing.items() if owing is not None and ref in here}
        return dict(sorted(owed.items(), key=lambda one: (-one[1], one[0].id)))

    @transaction
    def put_history(
        self, ref: ItemRef, events: Sequence[Event], *, upto: datetime, at: datetime, owed: int | None = None
    ) -> None:
        self.pasts[ref] = Past(tuple(sorted(events, key=lambda event: event.at)), at, upto)
        self.owing.setdefault(ref, None)
        self._paid(ref, owed)

    @transaction
    def waive_history(self, ref: ItemRef, owed: int) -> None:
        self._paid(ref, owed)

    def histories(self, refs: Iterable[ItemRef]) -> Mapping[ItemRef, Past]:
        known = {ref: self.pasts[ref] for ref in refs if ref in self.pasts}
        return {ref: replace(past, owed=self.owing.get(ref) is not None) for ref, past in known.items()}

    def follow_history(self, old: ItemRef, new: ItemRef) -> None:
        was, owing = self.pasts.pop(old, None), self.owing.pop(old, None)
        if was is not None and new not in self.owing:
            self.pasts[new] = was
        if (was is not None or owing is not None) and new not in self.owing:
            self.owing[new] = owing or 0

    def _paid(self, ref: ItemRef, owed: int | None) -> None:
        owing = self.owing.get(ref)
        if owed is not None and owing is not None and owing <= owed:
            self.owing[ref] = None

    def items(self, tracker: str | None = None) -> Iterable[Item]:
        raise NotImplementedError

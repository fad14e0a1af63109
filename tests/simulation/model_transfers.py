"""The model of how a store follows an item that was transferred; see ``store.transfers``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trackersync.core.model import Absence, Conflict, FieldName, ItemRef
from trackersync.store import task_id

if TYPE_CHECKING:
    from .model_store import ModelStore


def follow(store: ModelStore, old: ItemRef, new: ItemRef) -> None:
    """Let all that a store remembers of the old ref be the new one's."""
    if old in store.known_items:
        store.known_items[old].missing = Absence.MOVED
    was, now = store.link_of.pop(old, None), store.link_of.get(new)
    fields: tuple[FieldName, ...] = ("stage", "owners")
    for field in fields:
        if was is not None and now is None:
            # What it showed while it was a task of its own, the others have never agreed to.
            store.base_of.pop((new, field), None)
        base = store.base_of.pop((old, field), None)
        if base is not None and now in (None, was):
            store.base_of.setdefault((new, field), base)
        store.refusals.pop((old, field), None)
    if was is not None and now is None:
        store.link_of[new] = was
    store.follow_history(old, new)
    store.seen_moves = [replace(move, ref=new) if move.ref == old else move for move in store.seen_moves]
    store.entries = [
        replace(entry, change=replace(entry.change, ref=new)) if entry.change.ref == old else entry
        for entry in store.entries
    ]
    for pair in [pair for pair in store.parted if old in pair]:
        store.parted.discard(pair)
        if len(moved := pair - {old} | {new}) > 1:
            store.parted.add(moved)
    _retell(store, old, new)
    alone = task_id((old,))
    if was is None and alone not in store.link_of.values():
        _rename(store, alone, now or task_id((new,)))


def _retell(store: ModelStore, old: ItemRef, new: ItemRef) -> None:
    for key, waiting in store.waiting.items():
        if waiting.settled is None:
            store.waiting[key] = replace(waiting, conflict=_retold(waiting.conflict, old, new))
    for place, settled in store.settled.items():
        if settled.take == old:
            store.settled[place] = replace(settled, take=new)
    for place, taken in store.taken.items():
        natives = tuple((new if ref == old else ref, native) for ref, native in taken.natives)
        store.taken[place] = replace(taken, natives=natives)


def _retold(conflict: Conflict, old: ItemRef, new: ItemRef) -> Conflict:
    sides = tuple(replace(side, ref=new) if side.ref == old else side for side in conflict.sides)
    return replace(conflict, sides=sides)


def _rename(store: ModelStore, old: str, new: str) -> None:
    if new not in store.open_stages and old in store.open_stages:
        store.open_stages[new] = store.open_stages.pop(old)
    for place, taken in list(store.taken.items()):
        if taken.task == old:
            del store.taken[place]
            store.taken[new, place[1]] = replace(taken, task=new)
    store.paused = [
        replace(pause, name=new) if (pause.kind, pause.name) == ("task", old) else pause for pause in store.paused
    ]

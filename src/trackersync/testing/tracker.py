"""A whole tracker in a dict, and what people do in it.

It keeps a history of every edit, its own people's and ours, so that a test can ask afterwards who changed what.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from trackersync.connector import Absence, Clock, Facts, Item, ItemRef, NotFoundError, RejectedError, mentions
from trackersync.testing.shapes import Shape

BOT = "trackersync"
"""Who we are in a tracker in memory; everybody else is a person."""

Words = str | tuple[str, ...] | None
"""The values a person gives a fact: one word, several, or none."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit as it happened: who changed which item, when, and its facts before and after.

    ``number`` tells edits apart, and which of two came first, in whichever tracker.
    """

    ref: ItemRef
    by: str
    at: datetime
    before: Facts
    after: Facts
    number: int = field(default_factory=itertools.count(1).__next__, compare=False)


class MemoryTracker:
    """A tracker with its containers, items and people.

    Args:
        name: its name in the configuration.
        shape: which kind it is.
        containers: its repositories or projects.
        clock: the time.
        url: where its pages are.
        token: the only credential it knows; empty: it asks for none.
    """

    def __init__(
        self, name: str, shape: Shape, containers: tuple[str, ...], clock: Clock, *, url: str = "", token: str = ""
    ) -> None:
        self.name = name
        self.shape = shape
        self.containers = containers
        self.clock = clock
        self.url = url or f"https://{name}.example"
        self.token = token
        self.items: dict[str, Item] = {}
        self.absent: dict[str, Absence] = {}
        self.moved: dict[str, ItemRef] = {}
        """By the id of an item that was transferred, the ref under which it goes on."""
        self.history: list[Edit] = []
        self.deaf: frozenset[str] = frozenset()
        """Facts whose changes by us it takes and drops without a word, as for want of a right."""
        self.unassignable: frozenset[str] = frozenset()
        """Accounts it refuses as owners."""
        self.locked: frozenset[tuple[str, ...]] = frozenset()
        """Hops of the workflow, from and to, that it shows and then refuses, as a validator does."""
        self.doubles = False
        """It carries out each of our requests twice, as behind a proxy that repeats what took too long."""
        self._last = 0
        self._numbers: dict[str, int] = {}

    def create(self, title: str, body: str = "", *, container: str = "", **facts: Words) -> ItemRef:
        """Make an item, as a person; facts that are not given are those of a new item."""
        container = container or self.containers[0]
        key, url = self._place(container)
        urls, keys = mentions(body)
        now, ref = self._tick(), self._new_ref()
        given = {fact: _values(words) for fact, words in facts.items()}
        shown = self._follow({}, {**self.shape.new, **given})
        self.items[ref.id] = Item(ref, key, url, title, container, now, now, shown, urls, keys)
        return ref

    def item(self, item: ItemRef | str) -> Item:
        """An item by ref, key or the key without its repository's owner. Raises ``NotFoundError``."""
        if isinstance(item, ItemRef):
            found = self.items.get(item.id)
        else:
            name = item.casefold()
            found = next((one for one in self.items.values() if name in _names(one)), None)
        if found is None or found.ref.id in self.absent:
            name = item.id if isinstance(item, ItemRef) else item
            raise NotFoundError(f"{self.name}: there is no item {name}, or it is hidden from us")
        return found

    def edit(self, item: ItemRef | str, by: str = "ada-l", **facts: Words) -> Item:
        """Change facts as a person does, bound by no workflow; what follows from it follows.

        Raises:
            NotFoundError: there is no such item.
            RejectedError: it holds no such fact.
        """
        old = self.item(item)
        unknown = sorted(facts.keys() - self.shape.new.keys())
        if unknown:
            raise RejectedError(
                f"{old.key}: {self.name} has no {' or '.join(unknown)}, only {', '.join(self.shape.new)}"
            )
        return self.put(old.ref, {fact: _values(words) for fact, words in facts.items()}, by)

    def put(self, ref: ItemRef, facts: Facts, by: str) -> Item:
        """Set facts and note who did it. An edit that changes nothing is none."""
        old = self.item(ref)
        after = self._follow(old.facts, {**old.facts, **facts}, said=self.shape.follower in facts)
        if after == old.facts:
            return old
        new = self.items[ref.id] = replace(old, facts=after, updated=max(self._tick(), old.updated))
        self.history.append(Edit(ref, by, self.clock.now(), old.facts, after))
        return new

    def retitle(self, item: ItemRef | str, title: str) -> None:
        """Give an item another title, as a person."""
        old = self.item(item)
        self.items[old.ref.id] = replace(old, title=title, updated=max(self._tick(), old.updated))

    def transfer(self, item: ItemRef | str, container: str) -> ItemRef:
        """Move an item to another container, as a person; returns the ref under which it goes on.

        Where the shape says so it is a new one, and the old one tells where it has gone; otherwise the item keeps its
        ref. Either way its key is another. Sources: GitHub, "Transferring an issue to another repository"; Atlassian,
        "Move an issue to another project".
        """
        old = self.item(item)
        key, url = self._place(container)
        ref = self._new_ref() if self.shape.renames else old.ref
        updated = max(self._tick(), old.updated)
        self.items[ref.id] = replace(old, ref=ref, key=key, url=url, container=container, updated=updated)
        if ref != old.ref:
            del self.items[old.ref.id]
            self.moved[old.ref.id] = ref
        return ref

    def whereabouts(self, ref: ItemRef) -> ItemRef:
        """The ref under which an item goes on now: its own unless it was transferred."""
        while ref.id in self.moved:
            ref = self.moved[ref.id]
        return ref

    def remove(self, item: ItemRef | str, why: Literal[Absence.GONE, Absence.HIDDEN] = Absence.GONE) -> None:
        """Delete an item, or hide it from us."""
        self.absent[self.item(item).ref.id] = why

    def restore(self, ref: ItemRef) -> None:
        """Show an item again that was hidden."""
        self.absent.pop(ref.id, None)

    def shown(self, container: str) -> list[Item]:
        """The items of a container that we may see, in the order of ``updated``, then of ids."""
        present = [one for one in self.items.values() if one.container == container and one.ref.id not in self.absent]
        return sorted(present, key=lambda one: (one.updated, one.ref.id))

    def _new_ref(self) -> ItemRef:
        self._last += 1
        return ItemRef(self.name, str(10_000 + self._last))

    def _place(self, container: str) -> tuple[str, str]:
        """The key and the address of the next item of a container."""
        number = self._numbers[container] = self._numbers.get(container, 0) + 1
        key = self.shape.key.format(container=container, number=number)
        return key, self.url + self.shape.page.format(container=container, number=number, key=key)

    def _follow(self, before: Facts, after: Mapping[str, tuple[str, ...]], *, said: bool = True) -> Facts:
        """What a tracker does by itself: say how an item was finished, and take that back when it is reopened."""
        shape = self.shape
        was, now = (shape.final.issuperset(facts.get(shape.home, ("",))) for facts in (before, after))
        if now and not was and not (said and after.get(shape.follower)):
            return {**after, shape.follower: (shape.entering,)}
        if was and not now:
            return {**after, shape.follower: _values(shape.leaving)}
        return dict(after)

    def counted(self, moment: datetime) -> datetime:
        """A moment in what the tracker's times are counted in."""
        return moment - (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % self.shape.tick

    def _tick(self) -> datetime:
        return self.counted(self.clock.now())


def _names(item: Item) -> tuple[str, ...]:
    key = item.key.casefold()
    return (key, key.rpartition("/")[2], item.ref.id)


def _values(words: Words) -> tuple[str, ...]:
    if isinstance(words, str):
        return (words,) if words else ()
    return words or ()

"""What happened in a history, and which edits of people need not stand any more; ``promises`` says the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from trackersync.core.model import STAGE, Facts, FieldName, Item, ItemRef
from trackersync.testing.tracker import BOT, Edit

from .meaning import Meaning
from .witness import Witness
from .world import World

Place = tuple[ItemRef, FieldName]


class Observed:
    """What happened in the trackers, and of the store what it was told and remembers to show."""

    def __init__(self, world: World, store: Witness) -> None:
        self.world = world
        self.store = store
        self.meaning = Meaning(world.terms)
        self._within: set[int] = set()
        self._back: set[tuple[int, FieldName]] = set()
        self._seen_from: dict[tuple[int, FieldName], list[Facts]] = {}
        self._lagged: list[tuple[str, int]] = []
        self._transferred: dict[int, Edit] = {}

    # What happened.

    def everything(self) -> list[Edit]:
        """Every edit, in order, under the refs that items have now."""
        edits = [self._retold(edit) for tracker in self.world.trackers.values() for edit in tracker.history]
        return sorted(edits, key=lambda edit: edit.number)

    def since(self, number: int) -> list[Edit]:
        """The edits after that of this number, in order."""
        return [edit for edit in self.everything() if edit.number > number]

    def last(self) -> int:
        """The number of the last edit."""
        return last_edit(self.world)

    def here(self, ref: ItemRef) -> ItemRef:
        """The ref under which an item goes on."""
        return self.world.trackers[ref.tracker].whereabouts(ref)

    def names(self, ref: ItemRef) -> set[ItemRef]:
        """Every ref an item ever had."""
        return {ref} | {
            ItemRef(ref.tracker, old)
            for old in self.world.trackers[ref.tracker].moved
            if self.here(ItemRef(ref.tracker, old)) == ref
        }

    def item(self, ref: ItemRef) -> Item | None:
        """An item as it is now; None where we may not see it, or not any more."""
        tracker, ref = self.world.trackers[ref.tracker], self.here(ref)
        item = tracker.items.get(ref.id)
        return None if item is None or ref.id in tracker.absent or item.container not in tracker.containers else item

    def _retold(self, edit: Edit) -> Edit:
        here = self.here(edit.ref)
        if here == edit.ref:
            return edit
        known = self._transferred.get(edit.number)
        if known is None or known.ref != here:
            known = self._transferred[edit.number] = replace(edit, ref=here)
        return known

    def note(self, edit: Edit, moment: str | None) -> None:
        """An edit of a person, and at which moment of a write of ours, if at one."""
        if moment in ("looked", "half written"):
            self._within.add(edit.number)
        self._compare(edit)

    def ended(self, begun: int) -> None:
        """A run has ended: what was done during it is compared with what base is by now too.

        A run decides by what it saw, and base advances at its end: who moved there and back meanwhile has not moved.
        """
        for edit in self.since(begun):
            if edit.by != BOT:
                self._compare(edit)

    def _compare(self, edit: Edit) -> None:
        tracker, bases = edit.ref.tracker, self.store.store.bases()
        for field in self.meaning.field_of(edit):
            # Of an item that was transferred also what base held under its old ref, which it is to have again.
            base = [native for name in self.names(edit.ref) for native in bases.get((name, field), ())]
            natives: list[Facts] = [{**edit.after, **native} for native in base]
            said = self.meaning.says(tracker, edit.after, field)
            self._seen_from.setdefault((edit.number, field), natives)
            if field == STAGE and self.meaning.ambiguous(edit, natives):
                self._back.add((edit.number, field))
            if any(self.meaning.says(tracker, native, field) == said for native in natives):
                self._back.add((edit.number, field))

    def base_of(self, edit: Edit, field: FieldName) -> Sequence[Facts]:
        """The base on which an edit was made."""
        return self._seen_from.get((edit.number, field), ())

    def lagged(self, tracker: str) -> None:
        """A listing of this tracker has just shown items as they were before."""
        self._lagged.append((tracker, self.last()))

    def disturbed(self, ref: ItemRef) -> bool:
        """Whether somebody ever edited an item between our look and our write."""
        return any(edit.number in self._within and edit.ref == ref for edit in self.everything())

    # Why an edit of a person need not stand any more.

    def hidden(self, edit: Edit, field: FieldName) -> bool:
        """Whether an edit cannot be told from our own writing; see ``promises``, 2."""
        if edit.number in self._within or (edit.number, field) in self._back:
            return True
        tracker = edit.ref.tracker
        said = self.meaning.says(tracker, edit.after, field)
        for entry in self.store.store.journal(refs=self.names(edit.ref)):
            if entry.change.field != field or self.store.intended(entry) >= edit.number:
                continue
            settled = self.store.settled(entry)
            if settled is not None and settled < edit.number:
                continue
            natives = [{**edit.after, **native} for native in entry.natives]
            if any(self.meaning.says(tracker, native, field) == said for native in natives):
                return True
        return False

    def ruled(self, last: Edit, field: FieldName) -> bool:
        """Whether an authority took an edit back, and it was recorded so; or it took back the very same word before."""
        everything = self.everything()
        said = self.meaning.says(last.ref.tracker, last.after, field)
        for number, move in self.store.ruled:
            if (self.here(move.ref), move.field) == (last.ref, field):
                item = self.world.trackers[last.ref.tracker].items[last.ref.id]
                then = self.meaning.says(last.ref.tracker, self._facts_at(item, number, everything), field)
                if number >= last.number or then == said:
                    return True
        return False

    def adopted(self, last: Edit, writes: Sequence[Edit], field: FieldName) -> bool:
        """Whether the first of some writes after an edit was first contact's, or the second try of one."""
        entries = self.store.store.journal(refs=self.names(writes[0].ref))
        made = [
            entry for entry in entries if entry.change.field == field and self.store.intended(entry) < writes[0].number
        ]
        since = [entry for entry in made if self.store.intended(entry) >= last.number]
        return any(entry.change.adoption for entry in (*made[-1:], *since))

    def superseded(self, last: Edit, items: Iterable[Item], field: FieldName) -> bool:
        """Whether its item agreed with another one afterwards, and a person then moved that other one.

        One that says nothing, for only strangers own it or no stage has its status, agrees with whatever others say.
        """
        items, everything = tuple(items), self.everything()
        refs = {item.ref for item in items}
        facts: dict[ItemRef, Facts] = {item.ref: self._facts_at(item, last.number, everything) for item in items}
        facts[last.ref] = self.meaning.said(last)
        met: set[ItemRef] = set()
        if any(self._seen_late(last, edit, field) for edit in everything if edit.ref in refs - {last.ref}):
            return True
        for edit in (None, *(edit for edit in everything if edit.number > last.number and edit.ref in refs)):
            if edit is not None:
                moved = edit.by != BOT and field in self.meaning.field_of(edit)
                if moved and edit.ref in met and not self.meaning.vanished(edit, field):
                    return True
                facts[edit.ref] = edit.after
            for ref in refs - {last.ref}:
                both = {last.ref.tracker: facts[last.ref], ref.tracker: facts[ref]}
                if self.meaning.agree(both, field) or self.meaning.silent(ref.tracker, facts[ref], field):
                    met.add(ref)
        return False

    def _seen_late(self, last: Edit, other: Edit, field: FieldName) -> bool:
        """Whether another item's earlier move was seen later, for its tracker's index lagged: then it came later."""
        lagged = any(tracker == other.ref.tracker and number >= other.number for tracker, number in self._lagged)
        if not lagged or other.by == BOT or other.number > last.number or field not in self.meaning.field_of(other):
            return False
        return self.meaning.agree({last.ref.tracker: last.after, other.ref.tracker: other.before}, field)

    def _facts_at(self, item: Item, number: int, everything: Iterable[Edit]) -> Facts:
        later = next((edit for edit in everything if edit.ref == item.ref and edit.number > number), None)
        return item.facts if later is None else later.before


def last_edit(world: World) -> int:
    """The number of the last edit made in any tracker of a world."""
    return max((tracker.history[-1].number for tracker in world.trackers.values() if tracker.history), default=0)

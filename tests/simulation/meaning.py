"""What items say, when they agree, and whether a person's word still stands: an oracle that shares no code with merge.

It reads facts through the mapping and the directory, as everything must, and decides the rest for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from trackersync.core.model import OWNERS, STAGE, Facts, FieldName, Item
from trackersync.core.reading import Reading
from trackersync.core.terms import Terms
from trackersync.testing.tracker import Edit

FIELDS: tuple[FieldName, ...] = (STAGE, OWNERS)


class Meaning:
    """Reads facts under one configuration."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def field_of(self, edit: Edit) -> set[FieldName]:
        """The fields an edit is about."""
        stages = self.terms.maps[edit.ref.tracker]
        fields: set[FieldName] = set()
        if any(stages.mine(edit.before, fact) != stages.mine(edit.after, fact) for fact in stages.native({})):
            fields.add(STAGE)
        if edit.before[OWNERS] != edit.after[OWNERS]:
            fields.add(OWNERS)
        return fields

    def says(self, tracker: str, facts: Facts, field: FieldName) -> object:
        """What facts say of a field, to be compared."""
        if field == OWNERS:
            return self._known(tracker, facts)
        reading = self._read(tracker, facts)
        # To state the stage that was assumed before says nothing new.
        kind = "stated" if reading.kind == "assumed" else reading.kind
        return (kind, reading.stages or reading.says)

    def speaks(self, edit: Edit, field: FieldName) -> bool:
        """Whether an edit says something new, or takes back what was said: a label on a closed issue, say, does not."""
        tracker = edit.ref.tracker
        return self.vanished(edit, field) or self.says(tracker, edit.before, field) != self.says(
            tracker, edit.after, field
        )

    def agree(self, shown: Mapping[str, Facts], field: FieldName) -> bool:
        """Whether items, one per tracker, agree."""
        if len(shown) < 2:
            return True
        return self._agree_stage(shown) if field == STAGE else self._agree_owners(shown)

    def stands(self, edit: Edit, now: Item, field: FieldName, base: Sequence[Facts] = ()) -> bool:
        """Whether what a person said with an edit is what the item still says, seen from the base it was made on."""
        tracker = edit.ref.tracker
        if field == OWNERS:
            # Owners are a set of persons: whom the edit put there is there, whom it took off is not.
            before, after, shown = (self._known(tracker, facts) for facts in (edit.before, edit.after, now.facts))
            if base:
                # Who came and went between two looks was never there.
                before &= frozenset[str]().union(*(self._known(tracker, native) for native in base))
            return after - before <= shown and not (before - after) & shown
        said, reading = self._read(tracker, edit.after), self._read(tracker, now.facts)
        if said.kind == "unknown":
            return said.says == reading.says
        if said.kind == "assumed":
            # Taking a label off, or reopening, says no more than "open": a label that vanished is a finding, no move.
            return not any(self.terms.process.stage(stage).finished for stage in reading.stages)
        wanted = set(said.stages)
        if said.kind == "clash":
            old = {value.casefold() for value in edit.before.get("labels", ())}
            fresh = [set(stages) for value, stages in said.parts if value.casefold() not in old]
            wanted = set.intersection(*fresh) if fresh else wanted
        return not wanted or bool(wanted & set(reading.stages))

    def said(self, edit: Edit) -> Facts:
        """An edit's facts, without the stage labels that were there before it where it added another one."""
        if self._read(edit.ref.tracker, edit.after).kind != "clash":
            return edit.after
        mine = {value.casefold() for value in self.terms.maps[edit.ref.tracker].mine(edit.before, "labels")}
        return {**edit.after, "labels": tuple(one for one in edit.after["labels"] if one.casefold() not in mine)}

    def silent(self, tracker: str, facts: Facts, field: FieldName) -> bool:
        """Whether facts say nothing of a field: only strangers own the item, or its status belongs to no stage."""
        if field == STAGE:
            return self._read(tracker, facts).kind == "unknown"
        holders = self.terms.people.holders(tracker, facts[OWNERS])
        return bool(holders.strangers) and not holders.known

    def ambiguous(self, edit: Edit, base: Sequence[Facts]) -> bool:
        """Whether an edit leaves an item saying nothing of its own.

        Open without a label, unless all of base is finished; or with a second label that base knows already.
        """
        tracker = edit.ref.tracker
        said = self._read(tracker, edit.after)
        past = [self._read(tracker, native) for native in base]
        if said.kind == "assumed":
            stages = [stage for was in past for stage in was.stages]
            return not stages or not all(self.terms.process.stage(stage).finished for stage in stages)
        if said.kind != "clash":
            return False
        added = {value.casefold() for value in edit.after["labels"]} - {v.casefold() for v in edit.before["labels"]}
        return any(value.casefold() in added for native in base for value in native["labels"])

    def vanished(self, edit: Edit, field: FieldName) -> bool:
        """Whether an edit took the stage label off an open item: a finding, not a move."""
        if field == OWNERS:
            return False
        tracker = edit.ref.tracker
        was, now = self._read(tracker, edit.before), self._read(tracker, edit.after)
        still_open = edit.before.get("state") == edit.after.get("state")
        return now.kind == "assumed" and was.kind in ("stated", "clash") and still_open

    def _read(self, tracker: str, facts: Facts) -> Reading:
        return self.terms.maps[tracker].read(facts)

    def _known(self, tracker: str, facts: Facts) -> frozenset[str]:
        return frozenset(self.terms.people.holders(tracker, facts[OWNERS]).known)

    def _agree_stage(self, shown: Mapping[str, Facts]) -> bool:
        readings = [self._read(tracker, facts) for tracker, facts in shown.items()]
        if any(reading.kind in ("unknown", "clash") for reading in readings):
            return False
        stated = [set(reading.stages) for reading in readings if reading.kind == "stated"]
        if not stated:
            return True
        common = set.intersection(*stated)
        silent = [set(reading.stages) for reading in readings if reading.kind == "assumed"]
        return bool(common) and all(common & stages for stages in silent)

    def _agree_owners(self, shown: Mapping[str, Facts]) -> bool:
        known = {tracker: self._known(tracker, facts) for tracker, facts in shown.items()}
        wanted = max(known.values(), key=len)
        return all(self._fits(tracker, known[tracker], wanted, facts) for tracker, facts in shown.items())

    def _fits(self, tracker: str, known: frozenset[str], wanted: frozenset[str], facts: Facts) -> bool:
        strangers = len(self.terms.people.holders(tracker, facts[OWNERS]).strangers)
        full = bool(known) and len(known) + strangers >= self.terms.capacities[tracker].most
        return known == wanted or (full and known < wanted)


def facts_at(edits: Iterable[Edit], item: Item) -> list[tuple[Edit | None, Facts]]:
    """An item's facts from the beginning, and after each of its edits."""
    own = [edit for edit in edits if edit.ref == item.ref]
    first = own[0].before if own else item.facts
    return [(None, first), *((edit, edit.after) for edit in own)]

"""The promises of DESIGN section 8 as far as a kill may break them, judged by the stand-ins' own history.

1. **Converges.** Run to the end, every linked pair agrees in stage and owners, read through the configuration's
   mapping; or ``sync --format json`` names the difference as a conflict or left alone, with a reason. A field that a
   run had seen agree is in conflict only if people edited it on both sides. Nothing is in doubt any more.
2. **Loses no human edit.** The last edit of a person to a field of an item stands; or it was overruled and recorded
   so; or first contact's policy decided against it, and the journal says so (``adoption``), in a field that no run had
   seen agree; or after it the item agreed with its counterpart, and a person then edited that other one. Not judged
   are edits that nothing can tell or guard: those that fell between our last look at the item, by id, and our write to
   the same field, since no tracker offers a lock; and those that put a field back to what it may show by our doing:
   what it showed while the pair agreed, or around a write of ours, since the last run that came to its end, or what a
   change under way, or one that did not take effect whole, may make of it. Of several labels the new one is what a
   person said, and an open item without any says nothing.
3. **No echo.** A field that agreed from the start and that nobody edited is never written.
4. **Once.** Each edit of ours belongs to exactly one journal entry, the latest for its item and field that was
   intended before it, and not settled before it. Within an entry no step is taken twice, and each leads to a state
   that the entry had named beforehand. No item is linked twice, no pair to two tasks, no value is there twice. Nothing
   is written to an item that the same process has not looked at before, and again after an answer that left a write in
   doubt.
5. **Touches only what is ours.** An edit of ours changes nothing but the facts of stage and owners: titles, texts and
   other people's labels are byte for byte what they were, and an owner whom nobody knows stays.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulation.meaning import FIELDS, Meaning
from trackersync.core.model import OWNERS, STAGE, Facts, FieldName, ItemRef, Outcome
from trackersync.core.terms import Terms
from trackersync.store import Entry, Store
from trackersync.testing.tracker import BOT, Edit

from .history import History

SOONEST = timedelta(milliseconds=200)
"""No process asks anything so soon after its start: what is served then was still on its way from the one before."""

Place = tuple[ItemRef, FieldName]
Pair = tuple[ItemRef, ItemRef]


class BrokenPromise(AssertionError):  # noqa: N818 - it is an assertion, and this is what has become of it
    """A promise did not hold."""


def expect(held: object, promise: int, words: str, *shown: object) -> None:
    """Raise where a promise did not hold."""
    if not held:
        raise BrokenPromise(f"promise {promise}: {words}: " + "; ".join(map(str, shown)))


@dataclass(frozen=True, slots=True)
class Owned:
    """An edit of ours, and the journal entry it belongs to, by field."""

    edit: Edit
    field: FieldName
    entry: Entry


class Judge:
    """Judges a round that has come to its end.

    Args:
        history: what happened.
        terms: the configuration's decisions, to read facts with.
        store: the program's, for what it must have written down.
        starts: when each process was started.
        ended: of those, when each was started that came to its end and was not held.
        last: what the last run printed, as JSON.
        met: a run had come to its end before anybody edited anything.
    """

    def __init__(
        self,
        history: History,
        terms: Terms,
        store: Store,
        *,
        starts: Sequence[datetime],
        ended: Sequence[datetime],
        last: Mapping[str, Any],
        met: bool,
    ) -> None:
        self.history = history
        self.terms = terms
        self.store = store
        self.starts = starts
        self.ended = ended
        self.last = last
        self.met = met
        self.meaning = Meaning(terms)
        self.edits = history.edits()
        self.asked = history.asked()
        self.journal: dict[Place, list[Entry]] = {}
        for entry in store.journal():
            self.journal.setdefault((entry.change.ref, entry.change.field), []).append(entry)
        self.ours: dict[Place, list[Owned]] = {}

    def judge(self) -> None:
        """Judge it all; raises ``BrokenPromise``."""
        self._accounted()
        self._steps()
        self._looked_first()
        self._linked_once()
        self._only_ours()
        self._converged()
        self._echoes()
        self._losses()

    # Promise 4.

    def _accounted(self) -> None:
        for edit in self.edits:
            if edit.by != BOT:
                continue
            fields = self.meaning.field_of(edit)
            expect(fields, 5, "we changed what is neither stage nor owners", edit)
            for field in fields:
                entries = [entry for entry in self.journal.get((edit.ref, field), ()) if entry.intended <= edit.at]
                expect(entries, 4, f"{field} was written, and nothing in the journal says so", edit)
                entry = entries[-1]
                settled = entry.settled is not None and entry.settled < edit.at
                expect(not settled, 4, f"{field} was written after its change had been settled", edit, entry)
                self.ours.setdefault((edit.ref, field), []).append(Owned(edit, field, entry))

    def _steps(self) -> None:
        for place, owned in self.ours.items():
            taken: set[tuple[int, object, object]] = set()
            for one in owned:
                edit, entry = one.edit, one.entry
                step = (entry.id, self._state(edit.before, place), self._state(edit.after, place))
                expect(step not in taken, 4, "a step of one change took effect twice", edit, entry)
                taken.add(step)
                between = any(entry.intended <= other.at <= edit.at for other in self._people(place))
                # What tidies up after a person leads to the person's own state, which base must not take for ours.
                change = entry.change
                natives = (change.before, {**change.before, **change.after}) if change.tidies else entry.natives
                named = [self._says(edit, native, place[1]) for native in natives]
                known = between or self._says(edit, {}, place[1]) in named
                expect(known, 4, "a write led to a state it had not named", edit, entry)

    def _says(self, edit: Edit, native: Facts, field: FieldName) -> object:
        """What an edit's item says with a native state of a field in the place of its own."""
        return self.meaning.says(edit.ref.tracker, {**edit.after, **native}, field)

    def _state(self, facts: Facts, place: Place) -> object:
        """What of an item's facts is a field's, to be compared."""
        ref, field = place
        if field == OWNERS:
            return frozenset(facts[OWNERS])
        stages = self.terms.maps[ref.tracker]
        return tuple((fact, frozenset(stages.mine(facts, fact))) for fact in stages.native({}))

    def _people(self, place: Place) -> Iterator[Edit]:
        ref, field = place
        return (e for e in self.edits if e.ref == ref and e.by != BOT and field in self.meaning.field_of(e))

    def _looked_first(self) -> None:
        looked: dict[ItemRef, tuple[int, bool]] = {}
        for asked in self.asked:
            process = bisect_right(self.starts, asked.request.at - SOONEST)
            if asked.look and asked.request.status == 200:
                looked[asked.ref] = (process, True)
            elif asked.request.kind == "write":
                sure = looked.get(asked.ref) == (process, True)
                expect(sure, 4, "written without a look before, or again after an answer that was lost", asked)
                if asked.unsure:
                    looked[asked.ref] = (process, False)

    def _linked_once(self) -> None:
        links = self.store.links()
        seen: set[tuple[str, str]] = set()
        for ref, task in links.items():
            expect((task, ref.tracker) not in seen, 4, f"task {task} has two items of {ref.tracker}", ref)
            seen.add((task, ref.tracker))
        for pair in self.history.pairs:
            tasks = {links.get(ref) for ref in pair}
            expect(len(tasks) == 1 and None not in tasks, 4, "a pair is not one task", pair, tasks)
        for edit in self.edits:
            for fact, values in edit.after.items():
                folded = [value.casefold() for value in values]
                expect(len(folded) == len(set(folded)), 4, f"{fact} holds a value twice", edit)

    # Promise 5.

    def _only_ours(self) -> None:
        for issue, foreign in self.history.touched():
            expect(not foreign, 5, f"we changed {foreign}", issue)
        for edit in self.edits:
            if edit.by != BOT:
                continue
            mine = {label.casefold() for label in self.terms.maps[edit.ref.tracker].ours.get("labels", ())}
            labels = [[name for name in f["labels"] if name.casefold() not in mine] for f in (edit.before, edit.after)]
            expect(labels[0] == labels[1], 5, f"other people's labels were {labels[0]}, are {labels[1]}", edit)
            strangers = [
                set(self.terms.people.holders(edit.ref.tracker, facts[OWNERS]).strangers)
                for facts in (edit.before, edit.after)
            ]
            within = any(self._within(e, edit) for e in self._people((edit.ref, OWNERS)))
            expect(strangers[0] == strangers[1] or within, 5, f"strangers were {strangers[0]}", edit)

    # Promises 1 and 3.

    def _converged(self) -> None:
        expect(not self.store.in_doubt(), 1, "still in doubt", self.store.in_doubt())
        conflicts = {(side["key"], one["field"]) for one in self.last["conflicts"] for side in one["sides"]}
        named = conflicts | {(left["key"], left["field"]) for left in self.last["left_alone"] if left["because"]}
        for pair in self.history.pairs:
            items = [self.history.item(ref) for ref in pair]
            for field in FIELDS:
                shown = {item.ref.tracker: item.facts for item in items}
                known = any((item.key, field) in named for item in items)
                agree = known or self._rests(shown, field) or self.meaning.agree(shown, field)
                expect(agree, 1, f"{field} neither agrees nor is named", *((item.key, item.facts) for item in items))
                if any((item.key, field) in conflicts for item in items):
                    self._justified(pair, field)

    def _rests(self, shown: Mapping[str, Facts], field: FieldName) -> bool:
        """Whether a field is left alone: owners of finished work, unless configured otherwise."""
        if field == STAGE or self.terms.finished:
            return False
        readings = [self.terms.maps[tracker].read(facts) for tracker, facts in shown.items()]
        return any(self.terms.process.stage(stage).finished for one in readings for stage in one.stages)

    def _agreed_at_first(self, pair: Pair, field: FieldName) -> bool:
        shown = {ref.tracker: self.history.first[ref].facts for ref in pair}
        return self.meaning.agree(shown, field) and not self._rests(shown, field)

    def _seen_to_agree(self, pair: Pair, field: FieldName) -> bool:
        """Whether first contact was over before anybody edited anything."""
        return self.met and self._agreed_at_first(pair, field)

    def _justified(self, pair: Pair, field: FieldName) -> None:
        both = all(any(self._people((ref, field))) for ref in pair)
        story = (edit for edit in self.edits if edit.ref in pair)
        held = both or not self._seen_to_agree(pair, field)
        expect(held, 1, f"people edited {field} on one side only, and there is a conflict", pair, *story)

    def _echoes(self) -> None:
        for pair in self.history.pairs:
            for field in FIELDS:
                edited = any(any(self._people((ref, one))) for ref in pair for one in FIELDS)
                if self._agreed_at_first(pair, field) and not edited:
                    written = [one.edit for ref in pair for one in self.ours.get((ref, field), ())]
                    expect(not written, 3, f"{field} agreed, nobody edited it, and it was written", written)

    # Promise 2.

    def _losses(self) -> None:
        for pair in self.history.pairs:
            for ref in pair:
                for field in FIELDS:
                    own = [edit for edit in self._people((ref, field)) if self.meaning.speaks(edit, field)]
                    if own and not self.meaning.vanished(own[-1], field):
                        self._kept(pair, own[-1], field)

    def _kept(self, pair: Pair, last: Edit, field: FieldName) -> None:
        place = (last.ref, field)
        bases = self._bases(pair, last, field)
        now = self.history.item(last.ref)
        # Who came and went between two looks was never there: what was said depends on the base it was said on.
        if any(self.meaning.stands(last, now, field, base) for base in [(), *([native] for native in bases)]):
            return
        writes = [one for one in self.ours.get(place, ()) if one.edit.at > last.at]
        expect(writes, 2, f"{field} changed by nobody", last)
        excused = (
            (field == STAGE and self.meaning.ambiguous(last, bases))
            or any(self._says(last, native, field) == self._says(last, {}, field) for native in bases)
            or self._under_way(last, field)
            or any(self._within(last, one.edit) for one in writes)
            or (writes[0].entry.change.adoption and not self._seen_to_agree(pair, field))
            or any(
                (ruling.overruled.ref, ruling.overruled.field) == place and ruling.at >= last.at
                for ruling in self.store.overruled()
            )
            or self._superseded(pair, last, field)
        )
        story = (edit for edit in self.edits if edit.ref in pair)
        expect(excused, 2, f"{field}: a person's edit was lost", last, writes[0].entry.change, "all of it:", *story)

    def _bases(self, pair: Pair, last: Edit, field: FieldName) -> list[Facts]:
        """What base may have held when an edit was made: what the item showed while the pair agreed, or around a write.

        A run that came to its end has seen what there was, so that of earlier states only the latest can be meant.
        """
        facts: dict[ItemRef, Facts] = {ref: self.history.first[ref].facts for ref in pair}
        seen = max((start for start in self.ended if start <= last.at), default=None)
        bases = [facts[last.ref]] if self._agree(facts, field) else []
        for edit in self.edits:
            if edit.at >= last.at:
                break
            if edit.ref not in pair:
                continue
            facts[edit.ref] = edit.after
            earlier = seen is not None and edit.at < seen
            if edit.ref == last.ref and edit.by == BOT and field in self.meaning.field_of(edit):
                bases = [edit.after] if earlier else [*bases, edit.before, edit.after]
            elif self._agree(facts, field):
                bases = [facts[last.ref]] if earlier else [*bases, facts[last.ref]]
        return bases

    def _agree(self, facts: Mapping[ItemRef, Facts], field: FieldName) -> bool:
        return self.meaning.agree({ref.tracker: shown for ref, shown in facts.items()}, field)

    def _under_way(self, edit: Edit, field: FieldName) -> bool:
        """Whether a person made of the field what a change under way, or one that never took effect whole, may make."""
        return any(
            self._says(edit, native, field) == self._says(edit, {}, field)
            for entry in self.journal.get((edit.ref, field), ())
            if entry.intended <= edit.at
            and (
                entry.settled is None
                or entry.settled >= edit.at
                or entry.receipt is None
                or entry.receipt.outcome not in (Outcome.APPLIED, Outcome.ALREADY_SO)
            )
            for native in entry.natives
        )

    def _within(self, edit: Edit, write: Edit) -> bool:
        """Whether an edit fell between our last look at its item and a write of ours to it."""
        if edit.ref != write.ref or edit.at >= write.at:
            return False
        looks = (one.request.at for one in self.asked if one.ref == edit.ref and one.look)
        # The picture of a look is taken a moment after the request is noted.
        return not any(edit.at + timedelta(milliseconds=1) < at < write.at for at in looks)

    def _superseded(self, pair: Pair, last: Edit, field: FieldName) -> bool:
        """Whether the item agreed with its counterpart afterwards, and a person then edited that other one."""
        facts: dict[ItemRef, Facts] = {ref: self.history.first[ref].facts for ref in pair}
        met = False
        for edit in self.edits:
            if edit.ref not in pair:
                continue
            other = edit.ref != last.ref and edit.by != BOT and field in self.meaning.field_of(edit)
            if edit.at > last.at and met and other:
                return True
            facts[edit.ref] = edit.after
            met = met or (edit.at >= last.at and self._agree(facts, field))
        return False

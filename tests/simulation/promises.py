"""The promises of DESIGN section 8, as far as a history can judge them, said exactly.

1. **Converges.** Once nobody edits and everything works, ``history.QUIET`` runs at most lead to one that plans nothing.
   Then each field of each task agrees, or is named in a conflict or left alone with a reason. Three more runs plan and
   write nothing. A field that agreed and was then edited on one side only (authority ``changed``) ends in agreement
   with that side, never in a conflict.
2. **Loses no human edit.** The last edit of a person to a field of an item stands; or it was overruled and recorded so;
   or first contact's policy decided (``adoption``); or afterwards its item agreed with another item of the task, and a
   person then moved that other one. Two kinds of edits are not judged: those within our own look and write of the same
   field, against which no tracker offers a lock; and those that put a field back to what it may show by our doing
   (its base), which say nothing that could be told from it: moved there and back between two looks is not moved. Of
   several labels the one not in base is what a person said, and an open item without any says nothing.
3. **No echo.** A field that agreed and that no person edited is never written.
4. **Once.** No item is linked twice, no task has two items of a tracker; no value is doubled.
5. **Touches only what is ours.** An edit of ours changes no fact but those of stage and owners, no label that no rule
   names, and takes off no owner whom nobody knows.
6. **Plan is truth.** A run writes the fields its plan names, over what the plan says they show, and no others; what is
   stale, gone or held is not written; ``check`` and ``plan`` write nothing. Each write is in the journal before it.
7. **Absence is not deletion.** A tracker that shows nothing holds the run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from trackersync.core.model import OWNERS, STAGE, Change, Facts, FieldName, Item, ItemRef
from trackersync.core.model import Outcome as Came
from trackersync.pipeline import Order, Outcome
from trackersync.store import Entry, Store
from trackersync.testing.tracker import BOT, Edit

from .meaning import FIELDS, Meaning
from .world import World

Place = tuple[ItemRef, FieldName]


class BrokenPromise(AssertionError):  # noqa: N818 - it is an assertion, and this is what has become of it
    """A promise did not hold."""


class Judge:
    """Looks at what happened in the trackers, and at the store only for what it remembers to show."""

    def __init__(self, world: World, store: Store) -> None:
        self.world = world
        self.store = store
        self.meaning = Meaning(world.terms)
        self._within: set[int] = set()
        self._back: set[tuple[int, FieldName]] = set()
        self._bases: dict[tuple[int, FieldName], list[Facts]] = {}
        self._lagged: list[tuple[str, datetime]] = []
        self._begun: datetime = world.clock.now()
        self._agreed: dict[tuple[str, FieldName], dict[ItemRef, Item]] = {}
        self._judged = 0

    # What happened.

    def edits(self) -> int:
        """How many edits there have been."""
        return sum(len(tracker.history) for tracker in self.world.trackers.values())

    def edits_since(self, begun: int) -> list[Edit]:
        """The edits after the first so many, in order."""
        return self._all()[begun:]

    def note(self, edit: Edit, moment: str | None) -> None:
        """An edit of a person, and at which moment of a write of ours, if at one."""
        if moment in ("looked", "half written"):
            self._within.add(id(edit))
        tracker, bases = edit.ref.tracker, self.store.bases()
        for field in self.meaning.field_of(edit):
            natives: list[Facts] = [{**edit.after, **native} for native in bases.get((edit.ref, field), ())]
            said = self.meaning.says(tracker, edit.after, field)
            self._bases[id(edit), field] = natives
            if field == STAGE and self.meaning.ambiguous(edit, natives):
                self._back.add((id(edit), field))
            if any(self.meaning.says(tracker, native, field) == said for native in natives):
                self._back.add((id(edit), field))

    def lagged(self, tracker: str) -> None:
        """A listing of this tracker has just shown items as they were before."""
        self._lagged.append((tracker, self.world.clock.now()))

    def _all(self) -> list[Edit]:
        return sorted((edit for one in self.world.trackers.values() for edit in one.history), key=lambda edit: edit.at)

    # After every run.

    def ran(self, order: Order, outcome: Outcome, begun: int) -> None:
        """A run has ended."""
        ours = [edit for edit in self.edits_since(begun) if edit.by == BOT]
        self._only_ours(ours)
        self._once()
        if order.command in ("check", "plan") or outcome.holds or (outcome.moved and not order.skip_stale):
            _expect(not ours, 6, f"nothing was to be written, and {len(ours)} edits were made", ours)
        self._as_planned(ours, outcome, begun)
        if order.exactly is not None and outcome.plan is not None:
            saved = {(change.ref, change.field): change.after for change in order.exactly}
            done = {(change.ref, change.field): change.after for change in outcome.plan.changes}
            _expect(done.items() <= saved.items(), 6, "a saved plan did what it did not say")

    def crashed(self, begun: int) -> None:
        """A run was cut short: what it wrote stands in the journal."""
        ours = [edit for edit in self.edits_since(begun) if edit.by == BOT]
        self._only_ours(ours)
        self._once()
        self._in_journal(ours)

    def _as_planned(self, ours: list[Edit], outcome: Outcome, begun: int) -> None:
        changes = {(change.ref, change.field): change for change in outcome.plan.changes} if outcome.plan else {}
        for edit in ours:
            for field in self.meaning.field_of(edit):
                _expect((edit.ref, field) in changes, 6, f"{edit.ref} {field} was written and not planned", edit)
        self._in_journal(ours)
        self._over_what_was_expected(ours, changes, self.edits_since(begun))
        written = {(edit.ref, field) for edit in ours for field in self.meaning.field_of(edit)}
        for change, receipt in zip(changes.values(), outcome.receipts, strict=False):
            if receipt is not None and receipt.outcome in (Came.STALE, Came.GONE, Came.ALREADY_SO):
                place = (change.ref, change.field)
                _expect(place not in written, 6, f"{change.key} {change.field} is {receipt.outcome}, and was written")

    def _over_what_was_expected(
        self, ours: list[Edit], changes: Mapping[Place, Change], everything: list[Edit]
    ) -> None:
        """The first request of a change finds what was expected, unless somebody was quicker than the request."""
        begun: set[Place] = set()
        for edit in ours:
            for place in ((edit.ref, field) for field in self.meaning.field_of(edit)):
                change = changes[place]
                disturbed = any(id(one) in self._within and one.ref == edit.ref for one in everything)
                if place not in begun and not disturbed:
                    shown = {fact: _mine(edit.before[fact], change.ours.get(fact)) for fact in change.before}
                    expected = {fact: _mine(values, None) for fact, values in change.before.items()}
                    _expect(shown == expected, 6, f"{change.key} showed {shown}, and {expected} was expected", edit)
                begun.add(place)

    def _in_journal(self, ours: list[Edit]) -> None:
        if not ours:
            return
        entries: dict[Place, list[Entry]] = {}
        for entry in self.store.journal(refs={edit.ref for edit in ours}):
            entries.setdefault((entry.change.ref, entry.change.field), []).append(entry)
        for edit in ours:
            for field in self.meaning.field_of(edit):
                known = entries.get((edit.ref, field), [])
                _expect(any(entry.intended <= edit.at for entry in known), 6, "written before it was intended", edit)

    def _only_ours(self, ours: list[Edit]) -> None:
        for edit in ours:
            stages = self.world.terms.maps[edit.ref.tracker]
            allowed = {*stages.native({}), OWNERS}
            changed = {fact for fact in edit.after if edit.before[fact] != edit.after[fact]}
            _expect(changed <= allowed, 5, f"{changed - allowed} is not ours", edit)
            for fact, mine in stages.ours.items():
                was, now = (_others(facts[fact], mine) for facts in (edit.before, edit.after))
                _expect(was == now, 5, f"foreign {fact} were {was}, are {now}", edit)
            strangers = [
                set(self.world.terms.people.holders(edit.ref.tracker, facts[OWNERS]).strangers)
                for facts in (edit.before, edit.after)
            ]
            within = any(id(one) in self._within and one.ref == edit.ref for one in self._all())
            _expect(
                within or strangers[0] == strangers[1],
                5,
                f"strangers were {strangers[0]}, are {strangers[1]}",
                edit,
            )

    def _once(self) -> None:
        for tracker in self.world.trackers.values():
            for item in tracker.items.values():
                for fact, values in item.facts.items():
                    folded = [value.casefold() for value in values]
                    _expect(len(folded) == len(set(folded)), 4, f"{item.key} has {fact} twice: {values}")
        seen: set[tuple[str, str]] = set()
        for ref, task in self.store.links().items():
            _expect((task, ref.tracker) not in seen, 4, f"task {task} has two items of {ref.tracker}")
            seen.add((task, ref.tracker))

    # In the quiet.

    def begin(self) -> None:
        """People begin to work: remember which fields agree now."""
        self._begun = self.world.clock.now()
        self._agreed = {}
        if self._judged:
            for task, items in self._tasks().items():
                for field in FIELDS:
                    agree = self.meaning.agree({item.ref.tracker: item.facts for item in items}, field)
                    if agree and not self._rests(items, field):
                        self._agreed[task, field] = {item.ref: item for item in items}

    def settled(self, outcome: Outcome) -> None:
        """A run in the quiet has planned nothing."""
        self._judged += 1
        if outcome.plan is None or outcome.failures:
            raise BrokenPromise(f"promise 1: in the quiet everything can be read: {outcome.failures}")
        conflicts = {(conflict.task, conflict.field) for conflict in outcome.plan.conflicts}
        named = conflicts | {(left.task, left.field) for left in outcome.plan.left_alone}
        for task, items in self._tasks().items():
            for field in FIELDS:
                shown = {item.ref.tracker: item.facts for item in self._speaking(items, field, outcome)}
                if (
                    not self._rests(items, field)
                    and (task, field) not in named
                    and not self.meaning.agree(shown, field)
                ):
                    raise BrokenPromise(f"promise 1: {task} {field} neither agrees nor is named: {shown}")
        self._moves(conflicts)
        self._losses()

    def restless(self, outcome: Outcome) -> None:
        """The quiet runs are used up, and still something is planned."""
        changes = outcome.plan.changes if outcome.plan else ()
        raise BrokenPromise(f"promise 1: it never comes to rest: {changes}, in doubt {self.store.in_doubt()}")

    def still(self, outcome: Outcome) -> None:
        """One more run in the quiet."""
        changes = outcome.plan.changes if outcome.plan else ()
        _expect(not changes, 1, "a quiet run after the rest planned something", changes)

    def emptied(self, outcome: Outcome | None, *, known: bool) -> None:
        """A tracker had shown nothing during this run."""
        if known and outcome is not None and not outcome.failures:
            alarms = [hold for hold in outcome.holds if hold.kind == "alarm"]
            _expect(bool(alarms), 7, "a tracker that shows nothing raised no alarm")

    def _tasks(self) -> dict[str, list[Item]]:
        """The linked items that are there, by task; only tasks with several."""
        tasks: dict[str, list[Item]] = {}
        for ref, task in self.store.links().items():
            tracker = self.world.trackers[ref.tracker]
            if ref.id in tracker.items and ref.id not in tracker.absent:
                tasks.setdefault(task, []).append(tracker.items[ref.id])
        return {task: items for task, items in tasks.items() if len(items) > 1}

    def _speaking(self, items: list[Item], field: FieldName, outcome: Outcome) -> list[Item]:
        """The items that take part in a field: not one whose status is a finding, nor one that only strangers own."""
        faulty = {seen.key for one in outcome.world.findings if one.rule == "unknown-status" for seen in one.items[:1]}
        if field == STAGE:
            return [item for item in items if item.key not in faulty]
        holders = {item.ref: self.world.terms.people.holders(item.ref.tracker, item.facts[OWNERS]) for item in items}
        return [item for item in items if holders[item.ref].known or not holders[item.ref].strangers]

    def _rests(self, items: Collection[Item], field: FieldName) -> bool:
        """Whether a field is left alone: owners of finished work, unless configured otherwise."""
        if field == STAGE or self.world.terms.finished:
            return False
        readings = [self.world.terms.maps[item.ref.tracker].read(item.facts) for item in items]
        return any(self.world.terms.process.stage(stage).finished for one in readings for stage in one.stages)

    # Promises 1 and 3 from one quiet to the next: what moved, and what did not.

    def _moves(self, conflicts: Collection[tuple[str, FieldName]]) -> None:
        edits = [edit for edit in self._all() if edit.at >= self._begun]
        now = {task: {item.ref for item in items} for task, items in self._tasks().items()}
        for (task, field), were in self._agreed.items():
            if now.get(task) != were.keys():
                # An item came or went meanwhile, and brought its own word or took it away.
                continue
            about = [edit for edit in edits if edit.ref in were and field in self.meaning.field_of(edit)]
            moved = {edit.ref for edit in about if edit.by != BOT}
            if not moved:
                _expect(not about, 3, f"{task} {field} agreed and nobody edited it, and it was written", about)
            policy = self.world.terms.stage if field == STAGE else self.world.terms.owners
            if (
                len(moved) == 1
                and policy.authority == "changed"
                and not any(self._hidden(one, field) for one in about if one.by != BOT)
            ):
                self._one_sided(task, field, next(iter(moved)), about, conflicts)

    def _one_sided(
        self, task: str, field: FieldName, ref: ItemRef, about: list[Edit], conflicts: Collection[tuple[str, FieldName]]
    ) -> None:
        _expect((task, field) not in conflicts, 1, f"only {ref} moved its {field}, and there is a conflict", about)
        own = (edit for edit in reversed(about) if edit.ref == ref and edit.by != BOT)
        last = next((edit for edit in own if self.meaning.speaks(edit, field)), None)
        if last is None or self.meaning.vanished(last, field):
            return
        item = self.world.trackers[ref.tracker].items[ref.id]
        base = self._bases.get((id(last), field), ())
        _expect(
            self.meaning.stands(last, item, field, base), 1, f"only {ref} moved its {field}, and it did not win", about
        )

    # Promise 2.

    def _losses(self) -> None:
        everything = self._all()
        for task, items in self._tasks().items():
            for item in items:
                for field in FIELDS:
                    own = [e for e in everything if e.ref == item.ref and field in self.meaning.field_of(e)]
                    last = next(
                        (edit for edit in reversed(own) if edit.by != BOT and self.meaning.speaks(edit, field)), None
                    )
                    if last is None or self.meaning.vanished(last, field):
                        continue
                    if not self.meaning.stands(last, item, field, self._bases.get((id(last), field), ())):
                        writes = [edit for edit in own if edit.by == BOT and edit.at > last.at]
                        _expect(bool(writes), 2, f"{last.ref} {field} changed by nobody", last)
                        excused = self._hidden(last, field) or self._ruled(last, field) or self._adopted(writes, field)
                        if not excused and not self._superseded(last, items, field, everything):
                            raise BrokenPromise(f"promise 2: {task}: the edit {last} was lost to {writes[0]}")

    def _hidden(self, edit: Edit, field: FieldName) -> bool:
        """Whether an edit cannot be told from our own writing; see the module's promise 2."""
        if id(edit) in self._within or (id(edit), field) in self._back:
            return True
        tracker = edit.ref.tracker
        said = self.meaning.says(tracker, edit.after, field)
        for entry in self.store.journal(refs={edit.ref}):
            if entry.change.field != field or entry.intended > edit.at:
                continue
            if entry.settled is not None and entry.settled < edit.at and entry.receipt is not None:
                continue
            natives = [{**edit.after, **native} for native in entry.natives]
            if any(self.meaning.says(tracker, native, field) == said for native in natives):
                return True
        return False

    def _ruled(self, last: Edit, field: FieldName) -> bool:
        return any(
            (ruling.overruled.ref, ruling.overruled.field) == (last.ref, field) and ruling.at >= last.at
            for ruling in self.store.overruled()
        )

    def _adopted(self, writes: list[Edit], field: FieldName) -> bool:
        entries = [entry for entry in self.store.journal(refs={writes[0].ref}) if entry.change.field == field]
        made = [entry for entry in entries if entry.intended <= writes[0].at]
        return bool(made) and made[-1].change.adoption

    def _superseded(self, last: Edit, items: list[Item], field: FieldName, everything: list[Edit]) -> bool:
        """Whether its item agreed with another one afterwards, and a person then moved that other one."""
        refs = {item.ref for item in items}
        facts: dict[ItemRef, Facts] = {item.ref: self._facts_at(item, last.at) for item in items}
        facts[last.ref] = last.after
        met: set[ItemRef] = set()
        if any(self._seen_late(last, edit, field) for edit in everything if edit.ref in refs - {last.ref}):
            return True
        for edit in (None, *(edit for edit in everything if edit.at > last.at and edit.ref in refs)):
            if edit is not None:
                if edit.by != BOT and edit.ref in met and field in self.meaning.field_of(edit):
                    return True
                facts[edit.ref] = edit.after
            for ref in refs - {last.ref}:
                both = {last.ref.tracker: facts[last.ref], ref.tracker: facts[ref]}
                if self.meaning.agree(both, field):
                    met.add(ref)
        return False

    def _seen_late(self, last: Edit, other: Edit, field: FieldName) -> bool:
        """Whether another item's earlier move was seen later, for its tracker's index lagged: then it came later."""
        lagged = any(tracker == other.ref.tracker and at >= other.at for tracker, at in self._lagged)
        if not lagged or other.by == BOT or other.at > last.at or field not in self.meaning.field_of(other):
            return False
        return self.meaning.agree({last.ref.tracker: last.after, other.ref.tracker: other.before}, field)

    def _facts_at(self, item: Item, at: datetime) -> Facts:
        own = [edit for edit in self.world.trackers[item.ref.tracker].history if edit.ref == item.ref]
        later = next((edit for edit in own if edit.at > at), None)
        return item.facts if later is None else later.before


def _mine(values: tuple[str, ...], ours: tuple[str, ...] | None) -> frozenset[str]:
    known = None if ours is None else {value.casefold() for value in ours}
    return frozenset(value.casefold() for value in values if known is None or value.casefold() in known)


def _others(values: tuple[str, ...], mine: tuple[str, ...]) -> list[str]:
    known = {value.casefold() for value in mine}
    return [value for value in values if value.casefold() not in known]


def _expect(held: bool, promise: int, words: str, *shown: object) -> None:
    if not held:
        raise BrokenPromise(f"promise {promise}: {words}: {shown}")

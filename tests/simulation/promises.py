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
   several labels the one not in base is what a person said, and an open item without any says nothing. So that this
   excuses no more than it must, base is just what is shown wherever everything is at rest and agrees.
3. **No echo.** A field that agreed and that no person edited is never written.
4. **Once.** No item is linked twice, no task has two items of a tracker; no value is doubled.
5. **Touches only what is ours.** An edit of ours changes no fact but those of stage and owners, no label that no rule
   names, and takes off no owner whom nobody knows.
6. **Plan is truth.** A run writes the fields its plan names, over what the plan says they show, to what the plan says
   or a hop on the way there, and no others; what is gone or held is not written, what is stale no further than the hop
   it was moved off; what is receipted as applied has been so. ``check`` and ``plan`` write nothing. Each write is in
   the journal before it.
7. **Absence is not deletion.** A tracker that shows nothing holds the run. A task keeps its item that was transferred.
8. **Bounded.** Within no window of the limits, as the machine's clock counts it, have runs that nobody approved written
   more fields, first contacts and tasks than the limits allow; what was refused in the end does not count.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from trackersync.core.model import OWNERS, STAGE, Absence, Change, FieldName, Item, ItemRef
from trackersync.core.model import Outcome as Came
from trackersync.pipeline import Order, Outcome
from trackersync.store import Entry, Store
from trackersync.testing.tracker import BOT, Edit

from .bounds import Bounds
from .broken import BrokenPromise, expect
from .meaning import FIELDS
from .observed import Observed, Place


class Judge:
    """Holds the promises against what was observed.

    Args:
        observed: what happened.
        bounds: judges promise 8.
    """

    def __init__(self, observed: Observed, bounds: Bounds) -> None:
        self.observed = observed
        self.bounds = bounds
        self.world = observed.world
        self.meaning = observed.meaning
        self._begun = 0
        self._agreed: dict[tuple[str, FieldName], set[ItemRef]] = {}
        self._judged = 0
        self.carried: dict[ItemRef, str] = {}
        """By the ref it had, the task an item was of when it was transferred."""

    @property
    def store(self) -> Store:
        """What is remembered, by whichever process there is just now."""
        return self.observed.store.store

    # After every run.

    def ran(self, order: Order, outcome: Outcome, begun: int) -> None:
        """A run has ended."""
        self.observed.ended(begun)
        ours = [edit for edit in self.observed.since(begun) if edit.by == BOT]
        self._only_ours(ours)
        self._once()
        if order.command in ("check", "plan") or outcome.holds or (outcome.moved and not order.skip_stale):
            expect(not ours, 6, f"nothing was to be written, and {len(ours)} edits were made", ours)
        self._as_planned(ours, outcome, begun)
        self.bounds.ran(order, ours)
        if order.exactly is not None and outcome.plan is not None:
            saved = {(change.ref, change.field): change.after for change in order.exactly}
            done = {(change.ref, change.field): change.after for change in outcome.plan.changes}
            expect(done.items() <= saved.items(), 6, "a saved plan did what it did not say")

    def crashed(self, order: Order, begun: int) -> None:
        """A run was cut short: what it wrote stands in the journal."""
        self.observed.ended(begun)
        ours = [edit for edit in self.observed.since(begun) if edit.by == BOT]
        self.bounds.ran(order, ours)
        self._only_ours(ours)
        self._once()
        self._in_journal(ours)

    def _as_planned(self, ours: list[Edit], outcome: Outcome, begun: int) -> None:
        planned = outcome.plan.changes if outcome.plan else ()
        changes = {(self.observed.here(change.ref), change.field): change for change in planned}
        for edit in ours:
            for field in self.meaning.field_of(edit):
                expect((edit.ref, field) in changes, 6, f"{edit.ref} {field} was written and not planned", edit)
        self._in_journal(ours)
        self._over_what_was_expected(ours, changes)
        written = {(edit.ref, field) for edit in ours for field in self.meaning.field_of(edit)}
        for change, receipt in zip(changes.values(), outcome.receipts, strict=False):
            if receipt is None:
                continue
            place = (self.observed.here(change.ref), change.field)
            untouched = receipt.outcome in (Came.GONE, Came.ALREADY_SO) or (
                receipt.outcome is Came.STALE and not change.path
            )
            expect(
                not untouched or place not in written,
                6,
                f"{change.key} {change.field} is {receipt.outcome}, and written",
            )
            if receipt.outcome is Came.APPLIED:
                expect(self._has_been(change, begun), 6, f"{change.key} is receipted as applied, and never was", change)

    def _has_been(self, change: Change, begun: int) -> bool:
        """Whether an item showed what a change wants at any moment after the edit of this number."""
        ref = self.observed.here(change.ref)
        item = self.world.trackers[ref.tracker].items[ref.id]
        edits = [edit for edit in self.observed.since(begun) if edit.ref == ref]
        return any(
            all(_mine(facts[fact], change.ours.get(fact)) == _mine(of, None) for fact, of in change.after.items())
            for facts in (*(edit.before for edit in edits), item.facts)
        )

    def _over_what_was_expected(self, ours: list[Edit], changes: Mapping[Place, Change]) -> None:
        """The first request of a change finds what was expected, unless somebody was quicker than the request.

        And it leaves there what is planned, or what lies on the way to it.
        """
        begun: set[Place] = set()
        for edit in ours:
            for place in ((edit.ref, field) for field in self.meaning.field_of(edit)):
                change = changes[place]
                if not self.observed.disturbed(edit.ref):
                    shown = {fact: _mine(edit.before[fact], change.ours.get(fact)) for fact in change.before}
                    expected = {fact: _mine(values, None) for fact, values in change.before.items()}
                    first = place not in begun
                    expect(
                        not first or shown == expected, 6, f"{change.key} showed {shown}, not {expected}", edit, change
                    )
                    stray = _stray(edit, change)
                    expect(not stray, 6, f"{change.key}: {stray} was written and not planned", edit, change)
                begun.add(place)

    def _in_journal(self, ours: list[Edit]) -> None:
        if not ours:
            return
        entries: dict[Place, list[Entry]] = {}
        for entry in self.store.journal(refs={name for edit in ours for name in self.observed.names(edit.ref)}):
            entries.setdefault((self.observed.here(entry.change.ref), entry.change.field), []).append(entry)
        for edit in ours:
            for field in self.meaning.field_of(edit):
                known = entries.get((edit.ref, field), [])
                intended = any(self.observed.store.intended(entry) < edit.number for entry in known)
                expect(intended, 6, "written before it was intended", edit)

    def _only_ours(self, ours: list[Edit]) -> None:
        for edit in ours:
            stages = self.world.terms.maps[edit.ref.tracker]
            allowed = {*stages.native({}), OWNERS}
            changed = {fact for fact in edit.after if edit.before[fact] != edit.after[fact]}
            expect(changed <= allowed, 5, f"{changed - allowed} is not ours", edit)
            for fact, mine in stages.ours.items():
                was, now = (_others(facts[fact], mine) for facts in (edit.before, edit.after))
                expect(was == now, 5, f"foreign {fact} were {was}, are {now}", edit)
            strangers = [
                set(self.world.terms.people.holders(edit.ref.tracker, facts[OWNERS]).strangers)
                for facts in (edit.before, edit.after)
            ]
            expect(
                self.observed.disturbed(edit.ref) or strangers[0] == strangers[1],
                5,
                f"strangers were {strangers[0]}, are {strangers[1]}",
                edit,
            )

    def _once(self) -> None:
        for tracker in self.world.trackers.values():
            for item in tracker.items.values():
                for fact, values in item.facts.items():
                    folded = [value.casefold() for value in values]
                    expect(len(folded) == len(set(folded)), 4, f"{item.key} has {fact} twice: {values}")
        seen: set[tuple[str, str]] = set()
        for ref, task in self.store.links().items():
            expect((task, ref.tracker) not in seen, 4, f"task {task} has two items of {ref.tracker}")
            seen.add((task, ref.tracker))

    # In the quiet.

    def begin(self) -> None:
        """People begin to work: remember which fields agree now."""
        self._begun = self.observed.last()
        self._agreed = {}
        if self._judged:
            for task, items in self._tasks().items():
                for field in FIELDS:
                    agree = self.meaning.agree({item.ref.tracker: item.facts for item in items}, field)
                    whole = self._all_known(items, field) and not self._apart(task)
                    if agree and whole and not self._rests(items, field):
                        self._agreed[task, field] = {item.ref for item in items}

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
                self._known(task, items, field, outcome)
        self._kept()
        self._moves(conflicts)
        self._losses()

    def restless(self, outcome: Outcome) -> None:
        """The quiet runs are used up, and still something is planned."""
        changes = outcome.plan.changes if outcome.plan else ()
        raise BrokenPromise(f"promise 1: it never comes to rest: {changes}, in doubt {self.store.in_doubt()}")

    def still(self, outcome: Outcome) -> None:
        """One more run in the quiet."""
        changes = outcome.plan.changes if outcome.plan else ()
        expect(not changes, 1, "a quiet run after the rest planned something", changes)

    def emptied(self, outcome: Outcome | None, *, known: bool) -> None:
        """A tracker had shown nothing during this run."""
        if known and outcome is not None and not outcome.failures:
            alarms = [hold for hold in outcome.holds if hold.kind == "alarm"]
            expect(bool(alarms), 7, "a tracker that shows nothing raised no alarm")

    def _tasks(self) -> dict[str, list[Item]]:
        """The linked items that are there, by task; only tasks with several."""
        tasks: dict[str, list[Item]] = {}
        for ref, task in self.store.links().items():
            item = self.observed.item(ref)
            if item is not None:
                tasks.setdefault(task, []).append(item)
        return {task: items for task, items in tasks.items() if len(items) > 1}

    def _members(self, task: str) -> list[Item]:
        """The items of a task, also those that are not to be seen any more: they have had their say."""
        refs = {self.observed.here(ref) for ref, of in self.store.links().items() if of == task}
        return [
            item for ref in sorted(refs) if (item := self.world.trackers[ref.tracker].items.get(ref.id)) is not None
        ]

    def _speaking(self, items: list[Item], field: FieldName, outcome: Outcome) -> list[Item]:
        """The items that take part in a field: not one whose status is a finding, nor one that only strangers own."""
        faulty = {seen.key for one in outcome.world.findings if one.rule == "unknown-status" for seen in one.items[:1]}
        if field == STAGE:
            return [item for item in items if item.key not in faulty]
        holders = {item.ref: self.world.terms.people.holders(item.ref.tracker, item.facts[OWNERS]) for item in items}
        return [item for item in items if holders[item.ref].known or not holders[item.ref].strangers]

    def _all_known(self, items: Collection[Item], field: FieldName) -> bool:
        """Whether no item is owned by somebody nobody knows, which says nothing that others could agree to."""
        people = self.world.terms.people
        return field == STAGE or not any(
            people.holders(item.ref.tracker, item.facts[OWNERS]).strangers for item in items
        )

    def _apart(self, task: str) -> bool:
        """Whether an item of a task cannot be seen now and may be again: until then no base of the task advances."""
        away = {ref for ref, why in self.store.missing().items() if why is not Absence.GONE}
        return any(of == task and ref in away for ref, of in self.store.links().items())

    def _rests(self, items: Collection[Item], field: FieldName) -> bool:
        """Whether a field is left alone: owners of finished work, unless configured otherwise."""
        if field == STAGE or self.world.terms.finished:
            return False
        readings = [self.world.terms.maps[item.ref.tracker].read(item.facts) for item in items]
        return any(self.world.terms.process.stage(stage).finished for one in readings for stage in one.stages)

    def _known(self, task: str, items: list[Item], field: FieldName, outcome: Outcome) -> None:
        """Where everything is at rest and agrees, base is what is shown and nothing else."""
        facts = {item.ref.tracker: item.facts for item in items}
        kinds = {self.world.terms.maps[tracker].read(of).kind for tracker, of in facts.items()}
        alone = len(self._speaking(items, field, outcome)) < len(items)
        if self._rests(items, field) or alone or not kinds <= {"stated"} or not self.meaning.agree(facts, field):
            return
        bases = self.store.bases()
        whole = not self._apart(task)
        for item in items:
            shown = item.facts if field == STAGE else {OWNERS: item.facts[OWNERS]}
            native = {fact: shown[fact] for fact in (bases.get((item.ref, field)) or ({},))[0]}
            base = bases.get((item.ref, field), ())
            expect(not whole or base == (native,), 2, f"{item.key} agrees at rest, but its base is {base}", native)

    def _kept(self) -> None:
        """An item that was transferred is of the task it was of."""
        links = self.store.links()
        for old, task in self.carried.items():
            item = self.observed.item(old)
            if item is not None and task in links.values():
                expect(links.get(item.ref) == task, 7, f"{item.key} was transferred, and its task forgotten", task)

    # Promises 1 and 3 from one quiet to the next: what moved, and what did not.

    def _moves(self, conflicts: Collection[tuple[str, FieldName]]) -> None:
        edits = self.observed.since(self._begun)
        now = {task: {item.ref for item in items} for task, items in self._tasks().items()}
        for (task, field), were in self._agreed.items():
            if now.get(task) != {self.observed.here(ref) for ref in were}:
                # An item came or went meanwhile, and brought its own word or took it away.
                continue
            about = [edit for edit in edits if edit.ref in now[task] and field in self.meaning.field_of(edit)]
            moved = {edit.ref for edit in about if edit.by != BOT}
            if not moved:
                expect(not about, 3, f"{task} {field} agreed and nobody edited it, and it was written", about)
            policy = self.world.terms.stage if field == STAGE else self.world.terms.owners
            if (
                len(moved) == 1
                and policy.authority == "changed"
                and not any(self.observed.hidden(one, field) for one in about if one.by != BOT)
            ):
                self._one_sided(task, field, next(iter(moved)), about, conflicts)

    def _one_sided(
        self, task: str, field: FieldName, ref: ItemRef, about: list[Edit], conflicts: Collection[tuple[str, FieldName]]
    ) -> None:
        if not self._all_known(self._tasks()[task], field):
            return
        expect((task, field) not in conflicts, 1, f"only {ref} moved its {field}, and there is a conflict", about)
        own = (edit for edit in reversed(about) if edit.ref == ref and edit.by != BOT)
        last = next((edit for edit in own if self.meaning.speaks(edit, field)), None)
        if last is None or self.meaning.vanished(last, field):
            return
        item = self.world.trackers[ref.tracker].items[ref.id]
        base = self.observed.base_of(last, field)
        expect(
            self.meaning.stands(last, item, field, base), 1, f"only {ref} moved its {field}, and it did not win", about
        )

    # Promise 2.

    def _losses(self) -> None:
        everything = self.observed.everything()
        for task, items in self._tasks().items():
            for item in items:
                for field in FIELDS:
                    own = [e for e in everything if e.ref == item.ref and field in self.meaning.field_of(e)]
                    last = next(
                        (edit for edit in reversed(own) if edit.by != BOT and self.meaning.speaks(edit, field)), None
                    )
                    if last is None or self.meaning.vanished(last, field):
                        continue
                    if not self.meaning.stands(last, item, field, self.observed.base_of(last, field)):
                        writes = [edit for edit in own if edit.by == BOT and edit.number > last.number]
                        expect(bool(writes), 2, f"{last.ref} {field} changed by nobody", last)
                        observed = self.observed
                        excused = observed.hidden(last, field) or observed.ruled(last, field)
                        excused = excused or observed.adopted(last, writes, field)
                        if not excused and not observed.superseded(last, self._members(task), field):
                            raise BrokenPromise(f"promise 2: {task}: the edit {last} was lost to {writes[0]}")


def _mine(values: tuple[str, ...], ours: tuple[str, ...] | None) -> frozenset[str]:
    known = None if ours is None else {value.casefold() for value in ours}
    return frozenset(value.casefold() for value in values if known is None or value.casefold() in known)


def _others(values: tuple[str, ...], mine: tuple[str, ...]) -> list[str]:
    known = {value.casefold() for value in mine}
    return [value for value in values if value.casefold() not in known]


def _stray(edit: Edit, change: Change) -> dict[str, frozenset[str]]:
    """By fact of a change, the values that an edit of ours left and that are neither planned nor on the way."""
    left = {
        fact: _mine(edit.after[fact], change.ours.get(fact))
        - _mine((*after, *change.before.get(fact, ()), *change.path), None)
        for fact, after in change.after.items()
    }
    return {fact: values for fact, values in left.items() if values}

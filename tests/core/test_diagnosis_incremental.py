"""A diagnosis that is renewed says what one from cold would say, whatever was edited; and asks no more than it must."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from worlds import KEYS, NUMBERS, TERMS, knowns, tasks

from trackersync.core.diagnose import RULES, Amendment, Calendar, Diagnosis, Known, Rulebook, Silence
from trackersync.core.diagnose.neighbours import RELATIONS
from trackersync.core.model import Severity
from trackersync.testing.rule_world import NOW

if TYPE_CHECKING:
    from trackersync.core.terms import Task

SILENCES = (
    Silence(("no-owner", "many-owners"), "known", date(2026, 3, 8), labels=("quiet",)),
    Silence((), "moving house", date(2026, 3, 20), projects=("acme/web",), stages=("build",)),
    Silence((), "asked for", date(2026, 4, 1), tasks=("SHOP-2",)),
)


def book(calendar: Calendar) -> Rulebook:
    """Every rule on with small limits, and otherwise in one project and in one stage."""
    said: dict[str, list[Amendment]] = {}
    for one in RULES:
        small = {
            setting.name: type(setting.default)(1)
            for setting in fields(one.settings)
            if type(setting.default) in (int, float) and setting.default in (0, 3, 10)
        }
        said[one.name] = [
            Amendment(one.severity if one.off else None, small),
            Amendment(Severity.NOTE, stage="launch"),
            Amendment(project="acme/w*", settings={name: value + 1 for name, value in small.items()}),
        ]
    said["no-owner"].append(Amendment("off", project="acme/web", stage="idea"))
    return Rulebook(RULES, said, silences=SILENCES, calendar=calendar)


BOOKS = (book(Calendar()), book(Calendar(frozenset())))


def names(task: Task) -> set[str]:
    """The keys that a task's items name."""
    relations = {key for item in task.items for fact in RELATIONS for key in item.facts.get(fact, ())}
    return {key.casefold() for key in relations | {key for item in task.items for key in item.keys}}


def keys(task: Task) -> set[str]:
    return {item.key.casefold() for item in task.items}


def beside(one: Task, other: Task) -> bool:
    return bool(names(one) & keys(other) or names(other) & keys(one))


class Editing(RuleBasedStateMachine):
    """A world of tasks that people edit, links come and go in, and time passes over."""

    @initialize(rulebook=st.sampled_from(BOOKS))
    def begin(self, rulebook: Rulebook) -> None:
        self.now = NOW
        self.rulebook = rulebook
        self.tasks: dict[str, Task] = {}
        self.known: dict[str, Known] = {}
        self.diagnosis = Diagnosis(TERMS, rulebook, NOW)

    def renew(self, changed: list[Task], gone: list[str]) -> None:
        """Tell the diagnosis of an edit, and see that it asked no more than that can alter."""
        were = [self.tasks[name] for name in (*gone, *(task.id for task in changed)) if name in self.tasks]
        for name in gone:
            del self.tasks[name]
            self.known.pop(name, None)
        self.tasks |= {task.id: task for task in changed}
        due = self.diagnosis.again is not None and self.diagnosis.again <= self.now
        self.diagnosis.renew(changed, gone, self.known, self.now)
        touched = [*were, *changed]
        may = {one.id for one in self.tasks.values() if any(one.id == it.id or beside(one, it) for it in touched)}
        if not due:
            assert self.diagnosis.asked <= len(may)

    @rule(found=st.sampled_from(list(NUMBERS)).flatmap(tasks), draw=st.data())
    def edit(self, found: Task, draw: st.DataObject) -> None:
        self.known[found.id] = draw.draw(knowns(found))
        refs = {item.ref for item in found.items}
        # No item is in two tasks: one that was linked or split off comes back to its own.
        others = [one for one in self.tasks.values() if one.id != found.id]
        self.renew([found], [one.id for one in others if not refs.isdisjoint(item.ref for item in one.items)])

    @rule(draw=st.data())
    @precondition(lambda self: self.tasks)
    def name_others(self, draw: st.DataObject) -> None:
        one = self.tasks[draw.draw(st.sampled_from(sorted(self.tasks)))]
        named = tuple(draw.draw(st.lists(st.sampled_from(KEYS), max_size=2, unique=True)))
        fact = draw.draw(st.sampled_from([*RELATIONS, ""]))
        items = [
            replace(item, facts={**item.facts, fact: named}) if fact else replace(item, keys=named)
            for item in one.items
        ]
        self.renew([replace(one, items=tuple(items))], [])

    @rule(draw=st.data())
    @precondition(lambda self: len(self.tasks) > 1)
    def link_two(self, draw: st.DataObject) -> None:
        """Two tasks become one, as when a link is found: one of them is gone, and its items are the other's."""
        one, other = draw.draw(st.permutations(sorted(self.tasks)))[:2]
        there = {item.ref.tracker for item in self.tasks[one].items}
        more = tuple(item for item in self.tasks[other].items if item.ref.tracker not in there)
        joined = replace(self.tasks[one], items=(*self.tasks[one].items, *more))
        if len(more) == len(self.tasks[other].items):
            self.known[one] = Known()
            self.renew([joined], [other])

    @rule(draw=st.data())
    @precondition(lambda self: any(len(task.items) > 1 for task in self.tasks.values()))
    def split(self, draw: st.DataObject) -> None:
        """A link is taken back: an item moves to a task of its own."""
        name = draw.draw(st.sampled_from(sorted(one.id for one in self.tasks.values() if len(one.items) > 1)))
        one = self.tasks[name]
        other = f"{name}'"
        if other not in self.tasks:
            self.known[name] = Known()
            self.renew([replace(one, items=one.items[:1]), replace(one, id=other, items=one.items[1:])], [])

    @rule(draw=st.data())
    @precondition(lambda self: self.tasks)
    def lose(self, draw: st.DataObject) -> None:
        self.renew([], draw.draw(st.lists(st.sampled_from(sorted(self.tasks)), min_size=1, max_size=2, unique=True)))

    @rule(hours=st.sampled_from([0.5, 11, 24, 60, 24 * 9, 24 * 33]))
    def wait(self, hours: float) -> None:
        self.now += timedelta(hours=hours)
        self.renew([], [])

    @rule()
    @precondition(lambda self: self.diagnosis.again is not None)
    def wait_until_due(self) -> None:
        """The very moment at which something may change."""
        self.now = max(self.now, self.diagnosis.again)
        self.renew([], [])

    @rule()
    def look(self) -> None:
        """A whole look at the same world alters nothing and asks nobody."""
        self.diagnosis.look(self.tasks.values(), self.known, self.now)
        assert self.diagnosis.asked == 0

    @invariant()
    def says_what_one_from_cold_says(self) -> None:
        cold = Diagnosis(TERMS, self.rulebook, self.now)
        cold.look(self.tasks.values(), self.known, self.now)
        assert self.diagnosis.findings == cold.findings
        assert sorted(map(repr, self.diagnosis.silenced)) == sorted(map(repr, cold.silenced))
        assert {case.task.id for case in self.diagnosis.cases} == self.tasks.keys()
        assert not self.diagnosis.findings or self.diagnosis.again is None or self.diagnosis.again > self.now


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=100, stateful_step_count=20)

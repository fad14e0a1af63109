"""``RuleContract``: what every rule promises, as tests that the tests of a rule inherit.

They say in which states of the world it fires and in which it does not, and inherit the rest::

    class TestSecurityOwner(RuleContract):
        rule = SECURITY_OWNER
        fires = {"five days": given(issue("build", "security", days=5), says="has waited for an owner for 5 d")}
        silent = {"owned": given(issue("build", "security", owners="ada-l", days=5)), "young": ...}

Each row is looked at alone, from cold, and then again after time has passed, after tasks have gone and come back, and
once all its work is finished: a rule that keeps something between calls, looks at a clock or further than one relation
away shows there. Needs pytest, which comes with the extra ``trackersync[testing]``.
"""

# ruff: noqa: S101 - asserting is what a contract does

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from trackersync.core.diagnose import Amendment, Calendar, Diagnosis, Rulebook
from trackersync.core.diagnose.sound import unclear, unfit
from trackersync.core.model import Item
from trackersync.rules import RULES_SDK, AnyRule, Finding, Known, Task
from trackersync.testing.rule_world import NOW, finished, task, terms

LONGEST = 200
"""So many characters a message may have: it is one line of a table."""
LATER = (timedelta(hours=1), timedelta(days=1), timedelta(days=4), timedelta(days=15), timedelta(days=400))


@dataclass(frozen=True, slots=True)
class Given:
    """A state of the world in which a rule is asked.

    Attributes:
        tasks: the tasks there are.
        says: what the message of one finding has in it.
        settings: the rule's settings where they are not its defaults.
        known: by task's id, what is remembered of it.
    """

    tasks: tuple[Task, ...]
    says: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    known: Mapping[str, Known] = field(default_factory=dict)


def given(*work: Task | Item, says: str = "", known: Mapping[str, Known] | None = None, **settings: object) -> Given:
    """A state of the world, in a line.

    Args:
        work: its tasks; an item alone is a task of its own.
        says: what the message of one finding has in it, for a state in which the rule fires.
        known: by task's id, what is remembered of it. ``task`` gives the key of a task's first item as its id.
        settings: the rule's settings where they are not its defaults.
    """
    tasks = tuple(task(one) if isinstance(one, Item) else one for one in work)
    return Given(tasks, says, settings, known or {})


class RuleContract:
    """What every rule promises; inherit it in a class named ``Test…`` that has a ``rule``.

    Attributes:
        rule: the rule.
        fires: by name, states of the world of which it has something to say.
        silent: by name, near misses: states of which it has nothing to say.
    """

    rule: ClassVar[AnyRule]
    fires: ClassVar[Mapping[str, Given]] = {}
    silent: ClassVar[Mapping[str, Given]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A test for each row, called as the row is."""
        rows = {"firing": self.fires, "quiet": self.silent, "row": {**self.fires, **self.silent}}
        for name in rows.keys() & set(metafunc.fixturenames):
            metafunc.parametrize(name, rows[name].values(), ids=list(rows[name]))

    def test_it_can_be_used_and_its_words_are_complete(self) -> None:
        """Name, settings and severity are such that it can be configured; every text is there."""
        assert self.rule.sdk == RULES_SDK, f"it was written for version {self.rule.sdk} of trackersync.rules"
        assert not [*unfit(self.rule), *unclear(self.rule)]

    def test_there_are_states_in_which_it_fires_and_near_misses(self) -> None:
        """A rule that was never seen firing, or never seen silent, is not tested."""
        assert self.fires, f"{type(self).__name__}.fires has no state in which {self.rule.name} fires"
        assert self.silent, f"{type(self).__name__}.silent has no state in which {self.rule.name} has nothing to say"

    def test_it_fires(self, firing: Given) -> None:
        """It says what is expected, in one line that names what it speaks of."""
        found = self._cold(firing)
        assert found, f"{self.rule.name} says nothing"
        said = [one.message for one in found]
        assert any(firing.says in message for message in said), f'nothing says "{firing.says}": {said}'
        wrong = [f"{trouble}: {one.message!r}" for one in found for trouble in ill_said(one)]
        assert not wrong

    def test_it_is_silent(self, quiet: Given) -> None:
        """It says nothing of a near miss."""
        assert not self._cold(quiet)

    def test_it_is_pure(self, row: Given) -> None:
        """Asked twice it says the same, in whatever order it is asked about tasks."""
        found = self._cold(row)
        assert self._cold(row) == found, f"{self.rule.name} says something else when it is asked again"
        assert self._cold(row, reversed(row.tasks)) == found, f"what {self.rule.name} says depends on the tasks' order"

    def test_it_speaks_only_of_what_it_is_about(self, row: Given) -> None:
        """No rule about open work says anything of work that is done or cancelled."""
        if self.rule.about != "open":
            pytest.skip(f"{self.rule.name} is about {self.rule.about} work")
        for stage in ("done", "cancelled"):
            found = self._cold(row, [finished(one, stage) for one in row.tasks])
            assert not found, f"{self.rule.name} speaks of {stage} work: {found[0].message}"

    def test_time_alone_is_noticed(self, row: Given) -> None:
        """What it says later of work that nobody touched is what it would say if it saw it then for the first time."""
        diagnosis = self._begun(row, row.tasks)
        for span in LATER:
            diagnosis.renew((), (), {}, NOW + span)
            assert diagnosis.findings == self._cold(row, now=NOW + span), (
                f"after {span} {self.rule.name} would say something else: ask case.watch for what depends on the time"
            )

    def test_it_looks_no_further_than_one_relation(self, row: Given) -> None:
        """What it says once a task has gone, or come back, is what it would say if it had never been otherwise."""
        diagnosis = self._begun(row, row.tasks)
        for one in row.tasks:
            left = [other for other in row.tasks if other is not one]
            diagnosis.renew((), (one.id,), {}, NOW)
            assert diagnosis.findings == self._cold(row, left), (
                f"{self.rule.name} does not notice that {one.id} is gone"
            )
            diagnosis.renew((one,), (), row.known, NOW)
            assert diagnosis.findings == self._cold(row), f"{self.rule.name} does not notice that {one.id} came"

    def _cold(self, row: Given, tasks: Iterable[Task] | None = None, now: datetime = NOW) -> tuple[Finding, ...]:
        return self._begun(row, row.tasks if tasks is None else tasks, now).findings

    def _begun(self, row: Given, tasks: Iterable[Task], now: datetime = NOW) -> Diagnosis:
        said = {self.rule.name: [Amendment(settings=row.settings)]}
        diagnosis = Diagnosis(terms(), Rulebook([self.rule], said, calendar=Calendar(frozenset())), now)
        diagnosis.look(tasks, row.known, now)
        return diagnosis


def ill_said(finding: Finding) -> Sequence[str]:
    """What is wrong with how a finding says what it says; nothing where it is well said."""
    found = []
    for text, what in ((finding.message, "message"), (finding.table, "table"), (finding.fix, "fix")):
        if not text or text != text.strip() or "\n" in text or "\r" in text:
            found.append(f"the {what} is not one line of text")
        if text.endswith("."):
            found.append(f"the {what} ends with a dot")
    if len(finding.message) > LONGEST:
        found.append(f"the message has more than {LONGEST} characters")
    named = {finding.subject, finding.subject.rpartition(" ")[2]}
    for seen in finding.items:
        named |= {seen.key, seen.tracker, *seen.owners}
    if not any(word and word in finding.message for word in named):
        found.append("the message names neither its subject nor an item's key, tracker or owner")
    return found

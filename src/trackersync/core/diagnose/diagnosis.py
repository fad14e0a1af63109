"""All findings, kept up to date: after some tasks changed, only what those can alter is diagnosed again.

A rule over one task sees that task and those it is related to, so a task is asked about again when it changed, when one
that it names or that names it changed, or when time alone may change what is said of it (``watch``). A rule over totals
is asked again of the totals that one of these tasks counts under, now or before.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from trackersync.core.diagnose.case import NOTHING, Case, Known, Neighbours, case_of
from trackersync.core.diagnose.finding import PLACES, Finding
from trackersync.core.diagnose.found import on_task, on_total
from trackersync.core.diagnose.raised import failing, raised
from trackersync.core.diagnose.rule import AnyRule, NoSettings, Total
from trackersync.core.diagnose.rulebook import Rulebook, Silence, Standing
from trackersync.core.diagnose.watch import Watch
from trackersync.core.model import Severity
from trackersync.core.terms import Task, Terms, natural

_WORST = {severity: place for place, severity in enumerate(Severity)}
_PLACES = {name: place for place, name in enumerate(PLACES)}

_AS_IT_IS = Standing(None, NoSettings())
"""Of a rule that raises: no configuration makes that more or less severe."""

Rank = tuple[int, int, int, datetime, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class Silenced:
    """A finding that is not reported, and what silences it."""

    finding: Finding
    silence: Silence


@dataclass(slots=True)
class _Judged:
    """What was said of one task or total: findings with their ranks, what is silenced, and when to look again."""

    findings: tuple[tuple[Rank, Finding], ...] = ()
    silenced: tuple[Silenced, ...] = ()
    again: datetime | None = None


@dataclass(slots=True)
class _Counted:
    """One total: its rule and settings, and the tasks that count under it, each with how severe the rule is for it."""

    rule: AnyRule
    settings: Any
    key: str
    names: dict[str, Severity | None] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        """As severe as for the task for which it is worst."""
        if all(level is None for level in self.names.values()):
            return Standing(None, self.settings)
        levels = (level or self.rule.severity for level in self.names.values())
        return Standing(min(levels, key=_WORST.__getitem__), self.settings)


class Diagnosis:
    """The findings on all tasks there are."""

    def __init__(self, terms: Terms, rulebook: Rulebook, now: datetime) -> None:
        """Know of no task.

        Args:
            terms: all that the configuration decides.
            rulebook: the rules as they hold.
            now: the moment of looking.
        """
        self.terms = terms
        self.rulebook = rulebook
        self.watch = Watch(now, rulebook.calendar)
        self._order = {rule.name: place for place, rule in enumerate(rulebook.rules)}
        self._around = Neighbours()
        self._known: dict[str, Known] = {}
        self._judged: dict[object, _Judged] = {}
        self._due: list[tuple[datetime, str, object]] = []
        self._totals: dict[object, _Counted] = {}
        self._counts: dict[str, tuple[object, ...]] = {}
        self._sorted: list[tuple[Rank, Finding]] | None = []
        self.asked = 0
        """How many tasks the last ``renew`` asked the rules about."""

    @property
    def cases(self) -> tuple[Case, ...]:
        """Every task as rules see it."""
        return tuple(self._around.by_id.values())

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings: by place, worst first, rule by rule, the longest untouched first."""
        if self._sorted is None:
            self._sorted = sorted(
                (entry for judged in self._judged.values() for entry in judged.findings), key=lambda entry: entry[0]
            )
        return tuple(finding for _, finding in self._sorted)

    @property
    def silenced(self) -> tuple[Silenced, ...]:
        """What is not reported, because the team silenced it."""
        return tuple(one for judged in self._judged.values() for one in judged.silenced)

    @property
    def again(self) -> datetime | None:
        """When to look again although nobody changes anything; None: never."""
        return self._due[0][0] if self._due else None

    def look(self, tasks: Iterable[Task], known: Mapping[str, Known], now: datetime) -> None:
        """Bring the findings up to date with all tasks there are.

        Args:
            tasks: every task.
            known: by task's id, what is remembered of it.
            now: the moment of looking.
        """
        there = {task.id: task for task in tasks}
        before = self._around.by_id
        changed = [
            task
            for name, task in there.items()
            if (case := before.get(name)) is None
            or case.task != task
            or self._known.get(name, NOTHING) != known.get(name, NOTHING)
        ]
        self.renew(changed, [name for name in before if name not in there], known, now)

    def renew(self, changed: Iterable[Task], gone: Iterable[str], known: Mapping[str, Known], now: datetime) -> None:
        """Bring the findings up to date with some tasks.

        Args:
            changed: the tasks that are new or different, as they are now.
            gone: the ids of those that are there no more.
            known: by task's id, what is remembered of the changed ones; nothing of those it does not name.
            now: the moment of looking; not earlier than the last.
        """
        self.watch.now = now
        changed, around = list(changed), self._around
        names = [task.id for task in changed]
        lost = [name for name in gone if name in around.by_id]
        affected: set[str] = set(names)
        for name in (*names, *lost):
            case = around.by_id.get(name)
            if case is not None:
                affected |= around.touching(case)
                around.remove(name)
        totals = {key for name in lost for key in self._forget(name)}
        for task in changed:
            self._known[task.id] = known.get(task.id, NOTHING)
            around.add(case_of(task, self.terms, self._known[task.id], around, self.watch))
        if len(names) < len(around.by_id):
            for name in names:
                affected |= around.touching(around.by_id[name])
        totals |= self._overdue(affected)
        affected &= around.by_id.keys()
        self.asked = len(affected)
        for name in affected:
            totals |= self._judge(around.by_id[name])
        for key in totals:
            self._judge_total(key)
        self._sorted = None

    def _overdue(self, affected: set[str]) -> set[object]:
        """Add the tasks that time has come for, and give the totals."""
        totals: set[object] = set()
        while self._due and self._due[0][0] <= self.watch.now:
            at, _, key = heapq.heappop(self._due)
            judged = self._judged.get(key)
            if judged is None or judged.again != at:
                continue
            if isinstance(key, str):
                affected.add(key)
            else:
                totals.add(key)
        return totals

    def _forget(self, name: str) -> tuple[object, ...]:
        """Drop what was said of a task, and give the totals that it counted under."""
        self._judged.pop(name, None)
        self._known.pop(name, None)
        totals = self._counts.pop(name, ())
        for key in totals:
            self._totals[key].names.pop(name, None)
        return totals

    def _judge(self, case: Case) -> set[object]:
        """Ask the rules about one task.

        Returns:
            The totals that it counts under, now or before.
        """
        name, found, silenced = case.task.id, [], []
        counts: dict[object, None] = {}
        self.watch.begin()
        for rule, standing in self.rulebook.applying(case):
            try:
                if rule.judge is not None:
                    for fault in rule.judge(case, standing.settings):
                        finding = on_task(rule, standing, case, fault)
                        silence = self.rulebook.silence(rule.name, case) if self.rulebook.silences else None
                        if silence is None:
                            found.append((self._rank(finding), finding))
                        else:
                            silenced.append(Silenced(finding, silence))
                elif rule.tally is not None:
                    for total in rule.tally.keys(case, standing.settings):
                        counts[self._count(name, rule, standing, total)] = None
            except Exception as error:
                # A plug-in may raise anything at all, and takes no check down with it; a rule of ours is mended.
                if not rule.package:
                    raise
                counts[self._count(name, failing(rule), _AS_IT_IS, raised(error))] = None
        before = self._counts.pop(name, ())
        for was in before:
            if was not in counts:
                self._totals[was].names.pop(name, None)
        if counts:
            self._counts[name] = tuple(counts)
        self._note(name, _Judged(tuple(found), tuple(silenced), self.watch.again))
        return {*before, *counts}

    def _count(self, name: str, rule: AnyRule, standing: Standing, total: str) -> object:
        """Count a task under a total of a rule, and give the total's key."""
        # However severe it is for each: what they come to is one.
        key = (rule.name, standing.settings, total)
        counted = self._totals.get(key)
        if counted is None:
            counted = self._totals[key] = _Counted(rule, standing.settings, total)
        counted.names[name] = standing.level
        return key

    def _judge_total(self, key: object) -> None:
        counted = self._totals[key]
        cases = [case for name in counted.names if (case := self._around.by_id.get(name)) is not None]
        if not cases:
            self._judged.pop(key, None)
            del self._totals[key]
            return
        tally = counted.rule.tally
        if tally is None:
            return
        self.watch.begin()
        total = Total(counted.key, tuple(cases), self.terms, self.watch)
        found: list[tuple[Rank, Finding]] = []
        try:
            for fault in tally.judge(total, counted.settings):
                finding = on_total(counted.rule, counted.standing, total, tally.subject(counted.key), fault)
                found.append((self._rank(finding), finding))
        except Exception as error:
            # As with rules over one task.
            if not counted.rule.package:
                raise
            rule, what = failing(counted.rule, counted.key), raised(error)
            total = replace(total, key=what)
            if rule.tally is not None:
                for fault in rule.tally.judge(total, NoSettings()):
                    finding = on_total(rule, _AS_IT_IS, total, rule.tally.subject(what), fault)
                    found.append((self._rank(finding), finding))
        self._note(key, _Judged(tuple(found), (), self.watch.again))

    def _note(self, key: object, judged: _Judged) -> None:
        self._judged[key] = judged
        if judged.again is not None:
            # The text only orders what is due at one moment: a task's id and a total's key do not compare.
            heapq.heappush(self._due, (judged.again, str(key), key))

    def _rank(self, finding: Finding) -> Rank:
        """By place, worst first, rule by rule, the longest untouched first."""
        named = finding.subject or finding.items[0].key
        order = self._order[finding.rule]
        return (_PLACES[finding.place], _WORST[finding.severity], order, finding.touched, natural(named))

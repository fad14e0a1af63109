"""All findings, kept up to date: after some tasks changed, only what those can alter is diagnosed again.

A rule over one task sees that task and those it is related to, so a task is asked about again when it changed, when one
that it names or that names it changed, or when time alone may change what is said of it (``watch``). A rule over totals
is asked again of the totals that one of these tasks counts under, now or before.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from trackersync.core.diagnose.case import NOTHING, Case, Known, case_of
from trackersync.core.diagnose.finding import PLACES, Finding
from trackersync.core.diagnose.found import on_task, on_total
from trackersync.core.diagnose.neighbours import Neighbours
from trackersync.core.diagnose.raised import failing, raised
from trackersync.core.diagnose.rule import NoSettings, Total
from trackersync.core.diagnose.rulebook import Rulebook, Silence, Standing
from trackersync.core.diagnose.totals import WORST, Counted, Totals
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
        self._around: Neighbours[Case] = Neighbours()
        self._known: dict[str, Known] = {}
        self._judged: dict[str | Counted, _Judged] = {}
        self._due: list[tuple[datetime, int, str | Counted]] = []
        self._totals = Totals()
        self._numbers = count()
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
        totals: set[Counted] = set()
        for name in lost:
            self._judged.pop(name, None)
            self._known.pop(name, None)
            totals.update(self._totals.put(name, {}))
        for task in changed:
            remembered = known.get(task.id, NOTHING)
            self._known[task.id] = remembered
            around.add(case_of(task, self.terms, remembered, around, self.watch))
        if len(names) < len(around.by_id):
            for name in names:
                affected |= around.touching(around.by_id[name])
        totals |= self._overdue(affected)
        affected &= around.by_id.keys()
        self.asked = len(affected)
        for name in affected:
            totals.update(self._judge(around.by_id[name]))
        for total in totals:
            self._judge_total(total)
        self._sorted = None

    def _overdue(self, affected: set[str]) -> set[Counted]:
        """Add the tasks that time has come for, and give the totals."""
        totals: set[Counted] = set()
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

    def _judge(self, case: Case) -> Iterable[Counted]:
        """Ask the rules about one task.

        Returns:
            The totals that are other than before.
        """
        name, found, silenced = case.task.id, [], []
        counts: dict[Counted, Severity | None] = {}
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
                        counts[self._totals.under(rule, standing.settings, total)] = standing.level
            except Exception as error:
                # A plug-in may raise anything at all, and takes no check down with it; a rule of ours is mended.
                if not rule.package:
                    raise
                counts[self._totals.under(failing(rule), _AS_IT_IS.settings, raised(error))] = None
        self._note(name, found, silenced)
        return self._totals.put(name, counts)

    def _judge_total(self, counted: Counted) -> None:
        cases = [case for name in counted.names if (case := self._around.by_id.get(name)) is not None]
        if not cases:
            self._judged.pop(counted, None)
            self._totals.drop(counted)
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
        self._note(counted, found)

    def _note(
        self, of: str | Counted, found: Sequence[tuple[Rank, Finding]], silenced: Sequence[Silenced] = ()
    ) -> None:
        """Keep what was said of a task or a total, and when to look again."""
        again = self.watch.again
        if not found and not silenced and again is None:
            self._judged.pop(of, None)
            return
        self._judged[of] = _Judged(tuple(found), tuple(silenced), again)
        if again is not None:
            # The number orders what is due at one moment: ids and totals do not compare.
            heapq.heappush(self._due, (again, next(self._numbers), of))

    def _rank(self, finding: Finding) -> Rank:
        """By place, worst first, rule by rule, the longest untouched first."""
        named = finding.subject or finding.items[0].key
        order = self._order[finding.rule]
        return (_PLACES[finding.place], WORST[finding.severity], order, finding.touched, natural(named))

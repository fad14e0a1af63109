"""The rules as a team uses them: which hold where, how severe they are, with which settings, and what is silenced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from trackersync.core.diagnose.calendar import Calendar
from trackersync.core.diagnose.case import Case
from trackersync.core.diagnose.rule import AnyRule
from trackersync.core.model import Severity

Level = Severity | Literal["on", "off"]


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a process or a configuration says of one rule, everywhere or for some tasks.

    Attributes:
        level: how severe it is; that it does not hold; or that it holds as severe as it is by itself, whatever was said
            before. None: what it was before.
        settings: setting to value, as the rule's own type has it.
        project: a pattern of repositories or projects it is said of; None: of all.
        stage: the stage it is said of; None: of all.
        picked: it is said by `check:`, which picks rules: asking for others on the command line overrides it.
    """

    level: Level | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    project: str | None = None
    stage: str | None = None
    picked: bool = field(default=False, compare=False)

    @property
    def off_everywhere(self) -> bool:
        """Whether it turns its rule off for all tasks."""
        return self.level == "off" and self.project is None and self.stage is None

    def holds(self, containers: Iterable[str], stage: str | None) -> bool:
        """Whether it is said of tasks in these repositories and projects, and in this stage."""
        if self.stage is not None and self.stage != stage:
            return False
        return self.project is None or any(_alike(name, self.project) for name in containers)


@dataclass(frozen=True, slots=True)
class Silence:
    """Findings that a team wants to hear nothing of, for a reason and until a day.

    Attributes:
        rules: names of rules; empty: of all.
        reason: why.
        until: the last day it holds.
        tasks: keys of tasks; with labels, projects and stages: everything given must hold.
        labels: what one of a task's items bears as a label.
        projects: patterns of repositories and projects.
        stages: keys of stages.
        where: where it is written: ``trackersync.yaml:41``.
    """

    rules: tuple[str, ...]
    reason: str
    until: date
    tasks: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    where: str = ""

    def covers(self, rule: str, case: Case) -> bool:
        """Whether it speaks of what a rule says of a task, whatever the day."""
        if self.rules and rule not in self.rules:
            return False
        if self.tasks and not any(_names(item.key, self.tasks) for item in case.task.items):
            return False
        if self.labels and _folded(self.labels).isdisjoint(_folded(case.shows("labels"))):
            return False
        if self.projects and not any(_alike(name, one) for name in case.containers for one in self.projects):
            return False
        return not self.stages or (case.stage is not None and case.stage.key in self.stages)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule holds for some tasks.

    Attributes:
        level: its severity by configuration; None: the rule's own, or the fault's.
        settings: the rule's settings.
    """

    level: Severity | None
    settings: Any


class Rulebook:
    """All rules there are, as they hold.

    Attributes:
        rules: every rule, the order in which findings of one place are shown.
        silences: what is silenced.
        calendar: the team's days of work.
    """

    def __init__(
        self,
        rules: Sequence[AnyRule],
        amendments: Mapping[str, Sequence[Amendment]] = MappingProxyType({}),
        *,
        silences: Sequence[Silence] = (),
        calendar: Calendar | None = None,
    ) -> None:
        """Gather them.

        Args:
            rules: every rule.
            amendments: by rule's name, what process and configuration say of it; later ones win.
            silences: what is silenced.
            calendar: the team's days of work.
        """
        self.rules = tuple(rules)
        self.silences = tuple(silences)
        self.calendar = calendar or Calendar()
        self.asked_for: frozenset[str] = frozenset()
        """The names of rules that do not hold by configuration, but were asked for this once."""
        self._amendments = {name: tuple(some) for name, some in amendments.items()}
        self._standings: dict[tuple[str, tuple[str, ...], str | None], Standing | None] = {}
        self._applying: dict[tuple[tuple[str, ...], str | None, bool], tuple[tuple[AnyRule, Standing], ...]] = {}

    def rule(self, name: str) -> AnyRule | None:
        """The rule of this name."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def asking_for(self, names: Iterable[str], exactly: Iterable[str]) -> Rulebook:
        """The same with the rules on that are asked for; what is said of some stages or projects goes on to hold.

        Args:
            names: of the rules that are asked for in any way: they hold although the configuration picks others.
            exactly: of those that are asked for by their own names: they hold although they are off.
        """
        named = set(exactly)
        on: dict[str, tuple[Amendment, ...]] = {}
        for rule in self.rules:
            if rule.name not in names:
                continue
            said = self.amended(rule.name)
            left = tuple(one for one in said if not (one.off_everywhere and (one.picked or rule.name in named)))
            if rule.name in named and rule.off:
                left = (Amendment("on"), *left)
            if left != said:
                on[rule.name] = left
        off = [rule.name for rule in self.rules if rule.name in on and self.standing(rule) is None]
        if not on:
            return self
        book = Rulebook(self.rules, {**self._amendments, **on}, silences=self.silences, calendar=self.calendar)
        book.asked_for = frozenset(off)
        return book

    def standing(self, rule: AnyRule, containers: tuple[str, ...] = (), stage: str | None = None) -> Standing | None:
        """How a rule holds for tasks in these places; None where it is off."""
        key = (rule.name, containers, stage)
        if key not in self._standings:
            self._standings[key] = self._standing(rule, containers, stage)
        return self._standings[key]

    def applying(self, case: Case) -> tuple[tuple[AnyRule, Standing], ...]:
        """The rules that are asked about a task, each with how it holds."""
        containers = case.containers
        stage = case.stage.key if case.stage else None
        key = (containers, stage, case.finished)
        if key not in self._applying:
            self._applying[key] = tuple(
                (rule, standing)
                for rule in self.rules
                if rule.speaks_of(case) and (standing := self.standing(rule, containers, stage)) is not None
            )
        return self._applying[key]

    def silence(self, rule: str, case: Case) -> Silence | None:
        """What silences a rule's findings on a task today."""
        return next((one for one in self.silences if one.covers(rule, case) and case.watch.today <= one.until), None)

    def holds(self, rule: AnyRule) -> bool:
        """Whether a rule holds for any tasks at all."""
        said = self.amended(rule.name)
        if self.standing(rule) is not None:
            return True
        return any(not one.off_everywhere and one.level not in (None, "off") for one in said)

    def amended(self, name: str) -> tuple[Amendment, ...]:
        """What process and configuration say of a rule."""
        return self._amendments.get(name, ())

    def _standing(self, rule: AnyRule, containers: tuple[str, ...], stage: str | None) -> Standing | None:
        level: Level | None = "off" if rule.off else None
        settings = rule.settings()
        for one in self._amendments.get(rule.name, ()):
            if not one.holds(containers, stage):
                continue
            if one.level == "on":
                level = None
            elif one.level is not None:
                level = one.level
            elif level == "off" and rule.off:
                # Whoever says how it shall hold wants it.
                level = None
            settings = replace(settings, **one.settings)
        return None if level == "off" else Standing(Severity(level) if level is not None else None, settings)


@lru_cache(maxsize=4096)
def _alike(name: str, pattern: str) -> bool:
    return fnmatchcase(name.casefold(), pattern.casefold())


def _names(key: str, names: Iterable[str]) -> bool:
    """Whether a key is among some names, with or without its repository's owner."""
    folded = key.casefold()
    return any(name.casefold() in (folded, folded.rpartition("/")[2]) for name in names)


def _folded(values: Iterable[str]) -> set[str]:
    return {value.casefold() for value in values}

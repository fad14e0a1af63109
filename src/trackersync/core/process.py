"""The delivery process: its stages in order, and the phases they belong to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Category = Literal["backlog", "started", "done", "cancelled"]
FINISHED: tuple[Category, ...] = ("done", "cancelled")


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the delivery process.

    Attributes:
        key: its word in configurations; what ``stages:`` entries are named by.
        name: what people call it.
        phase: the key of its phase; empty for done and cancelled.
        category: ``backlog``, ``started``, ``done`` or ``cancelled``.
        method: how its work is done.
        outcome: what must exist before it is left.
        roles: who may own it.
        expected: how long a task stays in it, in days; None where nothing is expected.
    """

    key: str
    name: str
    phase: str
    category: Category
    method: str
    outcome: str
    roles: tuple[str, ...]
    expected: float | None = None

    @property
    def finished(self) -> bool:
        """Whether a task in it needs nobody any more."""
        return self.category in FINISHED


@dataclass(frozen=True, slots=True)
class Phase:
    """One of the process's phases, with all that tells it from the other: trait (``focus``, ``risks``, …) to words."""

    key: str
    name: str
    traits: Mapping[str, str]


@dataclass(frozen=True)
class Process:
    """A delivery process: its stages in order, and its phases."""

    name: str
    stages: tuple[Stage, ...]
    phases: tuple[Phase, ...] = ()

    def stage(self, key: str) -> Stage:
        """The stage of this key. Raises ``KeyError``."""
        return self._by_key[key]

    @cached_property
    def order(self) -> Mapping[str, int]:
        """Each stage's place in the process, from 0."""
        return {stage.key: place for place, stage in enumerate(self.stages)}

    @property
    def first(self) -> Stage:
        """Where an item that has not said its stage is assumed to be."""
        return self.stages[0]

    @cached_property
    def phase_order(self) -> Mapping[str, int]:
        """Each phase's place in the process, from 0."""
        return {phase.key: place for place, phase in enumerate(self.phases)}

    def finished(self, stages: Collection[str]) -> bool:
        """Whether these are stages, all of which need nobody any more."""
        return self._finished.issuperset(stages) if stages else False

    @cached_property
    def _finished(self) -> frozenset[str]:
        return frozenset(stage.key for stage in self.stages if stage.finished)

    @cached_property
    def _by_key(self) -> Mapping[str, Stage]:
        return {stage.key: stage for stage in self.stages}

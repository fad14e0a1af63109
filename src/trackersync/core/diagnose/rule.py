"""What a rule is: a pure function over a task, or over the few totals it declares, with a name, settings and words.

A rule says what is wrong; its severity, where it holds and what is silenced the configuration decides. Its settings are
a frozen dataclass whose fields bear a default and, by ``setting``, the sentence that documents them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from trackersync.core.diagnose.case import Case, Witness
from trackersync.core.diagnose.finding import Advice, Place
from trackersync.core.diagnose.watch import Watch
from trackersync.core.model import Severity
from trackersync.core.terms import Terms, natural

S = TypeVar("S")
About = Literal["open", "finished", "every"]
"""Which tasks a rule speaks of: one about open work is never asked about finished work."""


def setting(default: Any, sentence: str) -> Any:  # noqa: ANN401  # whatever the field is
    """A field of a rule's settings: its default, and the sentence that documents it."""
    return field(default=default, metadata={"sentence": sentence})


@dataclass(frozen=True, slots=True)
class NoSettings:
    """Of a rule that has none of its own."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule has to say.

    Attributes:
        message: one sentence with the facts in it: ``SHOP-42 = shop#17 is in build and has no owner``.
        at: the item at fault, which is shown first; None: the first there is.
        beside: items of other tasks that have a part in it; shown after the task's own.
        table: the same for a table that names the task beside it, and so shorter: ``launch; SHOP-35 is in build``.
        severity: where it is another than the rule's own. The configuration overrides both.
        fix: what to do about it, where that is another than the rule's own.
        could_be: who could own what nobody owns.
    """

    message: str
    at: Witness | None = None
    beside: tuple[Witness, ...] = ()
    table: str = ""
    severity: Severity | None = None
    fix: str = ""
    could_be: tuple[Advice, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no report can tell: rules come from other people too. Raises ``TypeError``."""
        texts = (self.message, self.table, self.fix)
        if not all(isinstance(text, str) for text in texts) or not isinstance(self.could_be, tuple):
            raise TypeError("a fault is told by texts, and could_be is a tuple")
        if self.severity is not None and not isinstance(self.severity, Severity):
            raise TypeError("the severity of a fault is a Severity")


@dataclass(frozen=True)
class Total:
    """What several tasks come to: those that a rule counts under one key.

    Attributes:
        key: what they are counted under: a stage's key, a person's name.
        members: the tasks that count, in no order.
        terms: all that the configuration decides.
        watch: the time.
    """

    key: str
    members: tuple[Case, ...]
    terms: Terms
    watch: Watch

    @property
    def count(self) -> int:
        """How many tasks count."""
        return len(self.members)

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """The tasks that count, by their first item's key. Sorted when asked for: most totals are only counted."""
        return tuple(sorted(self.members, key=lambda case: natural(case.witnesses[0].item.key)))

    @property
    def stage(self) -> str | None:
        """The stage that all of them are in; None where they are in several."""
        stages = {case.stage.key if case.stage else None for case in self.members}
        return stages.pop() if len(stages) == 1 else None


@dataclass(frozen=True, slots=True)
class Tally(Generic[S]):
    """How a rule judges totals.

    Attributes:
        keys: what a task counts under; nothing where it does not count.
        judge: what is wrong with a total.
        subject: what a total is called in a table and in sentences: ``stage launch``.
    """

    keys: Callable[[Case, S], Iterable[str]]
    judge: Callable[[Total, S], Iterable[Fault]]
    subject: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Rule(Generic[S]):
    """A rule of ``check``.

    Attributes:
        name: the fault in kebab-case: ``no-owner``.
        family: the rules it is listed with: ``ownership``, ``stages``, ``structure``, or a plug-in's own.
        summary: one sentence: what it finds.
        why: why that matters, in a few sentences.
        fix: what to do about it, as an order: ``assign someone``.
        judge: of a rule over one task, what is wrong with it.
        tally: of a rule over totals, what is counted and judged. One of the two is given.
        settings: its settings' dataclass; its defaults are the rule's.
        severity: unless the fault, the process or the configuration says another.
        place: where it counts in the verdict.
        about: which tasks it speaks of.
        off: it is asked for by name, since it holds only for some teams.
        needs: what it sees only where the configuration asks the tracker for it: ``evidence: [relations]``.
        example: a few lines of configuration that set it.
        sdk: the version of ``trackersync.rules`` it was written for; a plug-in written for a later one says so.
        package: the package it comes with, filled in when it is found; empty for those that ship.
    """

    name: str
    family: str
    summary: str
    why: str
    fix: str
    judge: Callable[[Case, S], Iterable[Fault]] | None = None
    tally: Tally[S] | None = None
    # A generic's default cannot be written more narrowly.
    settings: type[S] = NoSettings  # type: ignore[assignment]
    severity: Severity = Severity.WARNING
    place: Place = "other"
    about: About = "open"
    off: bool = False
    needs: str = ""
    example: str = ""
    sdk: int = 1
    package: str = ""

    def speaks_of(self, case: Case) -> bool:
        """Whether a task is one it is asked about."""
        return self.about == "every" or case.finished == (self.about == "finished")


AnyRule = Rule[Any]

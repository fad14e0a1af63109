"""Rules about how tasks hang together: parents, blockers, and defects with the work that mends them.

They see what trackers tell of relations only where the configuration asks for it: ``evidence: [relations]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from trackersync.core.diagnose.case import Case, Witness
from trackersync.core.diagnose.neighbours import BLOCKERS, RELATIONS
from trackersync.core.diagnose.rule import AnyRule, Fault, NoSettings, Rule, setting
from trackersync.core.doing import Own
from trackersync.core.history import course, stays
from trackersync.core.model import STAGE
from trackersync.core.terms import natural

_FEW = 3
"""So many tasks are named in a sentence."""


# A defect and the work that mends it.


@dataclass(frozen=True, slots=True)
class FeedbackUnlinked:
    """Settings of ``feedback-unlinked``."""

    types: tuple[str, ...] = setting(
        ("bug", "defect", "fehler", "bogue", "anomalie", "error", "erro", "defecto", "defeito", "difetto", "błąd",
         "ошибка", "バグ", "缺陷", "故障", "버그"),
        "Types of issues that are defects.",
    )  # fmt: skip
    labels: tuple[str, ...] = setting(
        ("bug", "type: bug", "type:bug", "type/bug", "kind/bug", "defect", "regression", "fehler", "バグ", "缺陷"),
        "Labels that say the same.",
    )
    phase: str = setting("development", "The phase of the process in which defects are mended.")
    raised: tuple[str, ...] = setting(
        ("support",), "Stages in which a defect counts as raised even where nobody knows how it got there."
    )


def _feedback_unlinked(case: Case, settings: FeedbackUnlinked) -> Iterator[Fault]:
    """A defect in a later phase than development that was raised there, and that no development work is linked to.

    A defect that was mended passes through the later phases too. So one whose history shows it in a started stage of
    development is no feedback, and one whose history is not known is taken for feedback only in the stages where
    feedback comes in (``raised``).

    Development work is a linked task (parent, part, blocker, original or duplicate, mention) that is in the development
    phase, its backlog included; that is done, unless its history shows that it never was in development; or that stands
    in a later phase: of those only a defect must be shown by its history to have come from development. Cancelled work
    mends nothing. A task whose state belongs to no stage may be anything.
    """
    stage = case.stage
    if stage is None or not stage.phase or stage.phase == settings.phase:
        return
    named = _defect(case, settings)
    if not named or not all(any(fact in item.facts for fact in RELATIONS) for item in case.task.items):
        return
    if any(not case.around.called(key) for fact in RELATIONS for key in case.shows(fact)):
        # What it is linked to is not observed, and may be the work that mends it.
        return
    phases = [phase.key for phase in case.terms.process.phases]
    if settings.phase not in phases[: case.phase() or 0]:
        return
    stood = _stood(case, settings.phase)
    if stood or (stood is None and stage.key not in settings.raised):
        return
    if any(_develops(other, settings) for other in case.related):
        return
    yield Fault(
        f"{case.keys} is a defect ({named}) raised {case.inside}, and no development task is linked to it",
        table=f"{stage.key}; a defect ({named}) without a development task",
    )


def is_feedback(case: Case) -> bool:
    """Whether a task is a defect where feedback comes in: it waits there for the development that mends it."""
    usual = FeedbackUnlinked()
    return case.stage is not None and case.stage.key in usual.raised and bool(_defect(case, usual))


def _defect(case: Case, settings: FeedbackUnlinked) -> str:
    """The type or label that calls a task a defect; empty where none does."""
    types, labels = _folded(settings.types), _folded(settings.labels)
    for item in case.task.items:
        for fact, words in (("type", types), ("labels", labels)):
            for value in item.facts.get(fact, ()):
                if value.casefold() in words:
                    return value
    return ""


def _develops(other: Case, settings: FeedbackUnlinked) -> bool:
    """Whether a task may be the work that mends a defect."""
    stage = other.stage
    if stage is None or stage.phase == settings.phase:
        return True
    if stage.category == "cancelled":
        return False
    stood = _stood(other, settings.phase)
    if stood is not None:
        return stood
    return other.finished or not _defect(other, settings)


def _stood(case: Case, phase: str) -> bool | None:
    """Whether a task ever was in a started stage of a phase; None where its history does not tell."""
    sure = True
    for witness in case.witnesses:
        item = witness.item
        past = case.known.pasts.get(item.ref)
        if past is None:
            sure = False
            continue
        found = course(item, past.events, STAGE, case.terms, Own())
        for stay in stays(item, found, case.terms):
            stage = case.terms.process.stage(stay.stage)
            if stage.phase == phase and stage.category == "started":
                return True
        sure = sure and found.leads and found.whole and past.current(item)
    return False if sure else None


# Blockers.


@dataclass(frozen=True, slots=True)
class BlockedByDone:
    """Settings of ``blocked-by-done``."""

    marks: tuple[str, ...] = setting(
        ("blocked", "impediment", "on hold", "waiting"),
        "Labels, statuses, fields and flags that say that a task waits.",
    )


_MARKED = ("labels", "status", "flagged", "board", "field")
"""The facts that may say that a task waits."""


def _blocked_by_done(case: Case, settings: BlockedByDone) -> Iterator[Fault]:
    if not any(item.facts.get(fact) for item in case.task.items for fact in (BLOCKERS, "blocked")):
        return
    marked = _mark(case, settings)
    if marked is None:
        return
    keys, told = case.shows(BLOCKERS), case.shows("blocked")
    blockers = case.blockers
    if not all(blocker.finished for blocker in blockers):
        return
    if blockers and all(case.around.called(key) for key in keys):
        why = f"all that it waits for is finished: {_few([blocker.keys for blocker in blockers])}"
    elif "cleared" in told and "open" not in told:
        why = "all that it waits for is finished"
    else:
        return
    witness, mark = marked
    beside = tuple(blocker.witnesses[0] for blocker in blockers[:_FEW])
    yield Fault(f'{witness.item.key} is marked "{mark}", and {why}', witness, beside, f'"{mark}", and {why}')


def _mark(case: Case, settings: BlockedByDone) -> tuple[Witness, str] | None:
    """The item that is marked as waiting, and its mark."""
    marks = _folded(settings.marks)
    for witness in case.witnesses:
        for fact in _MARKED:
            for value in witness.shows(fact):
                if value.casefold() in marks:
                    return witness, value
    return None


# Parents.


def _parent_done_child_open(case: Case, _: NoSettings) -> Iterator[Fault]:
    """Of the parts that are observed; where none is, as the parent's own tracker counts them."""
    ended = case.stage.key if case.stage else "finished"
    children = case.children
    if not children:
        yield from _uncounted(case, ended)
        return
    still = [child for child in children if not child.finished and child.stage is not None]
    if not still:
        return
    still.sort(key=lambda child: natural(child.witnesses[0].item.key))
    named = _few([f"{child.keys} {child.inside}" for child in still])
    many = f"{len(still)} of its {len(children)} parts {'is' if len(still) == 1 else 'are'} open"
    beside = tuple(child.witnesses[0] for child in still[:_FEW])
    yield Fault(f"{case.keys} is {ended}, and {many}: {named}", beside=beside, table=f"{ended}; {many}: {named}")


def _uncounted(case: Case, ended: str) -> Iterator[Fault]:
    """What the first item says whose own count of its parts, ``3/5``, is not full."""
    for witness in case.witnesses:
        for progress in witness.shows("progress"):
            done, _, whole = progress.partition("/")
            if done.isdecimal() and whole.isdecimal() and int(done) < int(whole):
                still = int(whole) - int(done)
                many = f"{still} of its {whole} parts {'is' if still == 1 else 'are'} open"
                yield Fault(f"{witness.item.key} is {ended}, and {many}", witness, table=f"{ended}; {many}")
                return


def _few(names: list[str]) -> str:
    """``a, b, c and 4 more``."""
    more = len(names) - _FEW
    return ", ".join(names[:_FEW]) + (f" and {more} more" if more > 0 else "")


@lru_cache(maxsize=256)
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


FEEDBACK_UNLINKED = Rule(
    name="feedback-unlinked",
    family="structure",
    summary="A defect that was raised after development, with no development task linked to it.",
    why="What users meet with is mended only when it comes back as new development. A defect that no development task "
    "is linked to waits where nobody can mend it, and its reporter is told nothing when it is mended after all.",
    fix="link it to the task that mends it, or open one",
    judge=_feedback_unlinked,
    settings=FeedbackUnlinked,
    needs="evidence: [relations]",
    example="rules:\n  feedback-unlinked: {types: [Bug, Complaint], raised: [support, launch]}",
)
BLOCKED_BY_DONE = Rule(
    name="blocked-by-done",
    family="structure",
    summary="A task that is marked as blocked although all that it waits for is finished.",
    why="Nobody takes up work that is marked as blocked, so it lies still for as long as the mark is forgotten.",
    fix="take the mark off and go on, or link what it waits for now",
    judge=_blocked_by_done,
    settings=BlockedByDone,
    needs="evidence: [relations]",
    example="rules:\n  blocked-by-done: {marks: [blocked, Waiting for vendor]}",
)
PARENT_DONE_CHILD_OPEN = Rule(
    name="parent-done-child-open",
    family="structure",
    summary="A finished task with parts that are still open.",
    why="Either the whole is not finished, or work goes on that nobody needs any more. Plans that count the parents "
    "count it as done.",
    fix="finish or cancel the parts, or reopen the parent",
    judge=_parent_done_child_open,
    about="finished",
    needs="evidence: [relations]",
    example="rules:\n  parent-done-child-open: {severity: error}",
)
RULES: tuple[AnyRule, ...] = (FEEDBACK_UNLINKED, BLOCKED_BY_DONE, PARENT_DONE_CHILD_OPEN)

"""Settle: after writing, let base advance where all items of a task agree, and remember where open tasks are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from trackersync.core.decide import Decision, agreements, decide
from trackersync.core.merge import Agreed, Disputed
from trackersync.core.model import Absence, FieldName, Item, Outcome, Receipt
from trackersync.core.outcome import World
from trackersync.core.plan import Plan
from trackersync.core.rest import unmoved
from trackersync.core.terms import Bases, Task, Terms, native_of, says_still
from trackersync.core.told import TakenBack
from trackersync.pipeline.session import Session


def settle(session: Session, decisions: Sequence[Decision], plan: Plan, world: World, bases: Bases) -> None:
    """Save what this run taught us: bases of what agrees, and each open task's stage.

    Tasks that were written are read and decided anew, so that a base only ever advances to what was seen.

    Args:
        session: what to work with.
        decisions: as planned.
        plan: what was to be written.
        world: as it is now.
        bases: as they were before writing.
    """
    # A transfer that was noticed while writing has taken an item into another task; what was decided before says
    # nothing of either any more.
    now = {task.id: {item.ref for item in task.items} for task in world.tasks}
    decisions = [one for one in decisions if now.get(one.task.id) == {item.ref for item in one.task.items}]
    written = {change.ref for change in plan.changes}
    touched = {decision.task.id for decision in decisions if any(item.ref in written for item in decision.task.items)}
    if touched:
        bases = session.store.bases()
        settlements = session.store.settlements()
        timed = {decision.task.id: decision.task.edits for decision in decisions}
        tasks = [replace(task, edits=timed[task.id]) for task in world.tasks if task.id in touched]
        anew = [decide(task, bases, session.terms, settlements) for task in tasks]
        decisions = [decision for decision in decisions if decision.task.id not in touched] + anew
    apart = _apart(session)
    together = [decision for decision in decisions if decision.task.id not in apart]
    session.store.put_bases(agreements(together, bases, session.terms))
    session.store.put_last_open(_open_stages(decisions, session))
    _forget_told(session, decisions)


def rest_where_taken_back(
    session: Session, run: int, plan: Plan, receipts: Sequence[Receipt | None], tasks: Iterable[Task]
) -> None:
    """After a run was taken back, its fields rest as they are now until somebody moves them.

    Where somebody has moved another item of the task and was not followed yet, that goes its usual way instead.
    """
    bases = session.store.bases()
    written = {change.ref for change in plan.changes}
    task_of = {item.ref: task for task in tasks for item in task.items}
    done = {
        (task.id, change.field): task
        for change, receipt in zip(plan.changes, receipts, strict=True)
        if receipt is not None
        and receipt.outcome in (Outcome.APPLIED, Outcome.ALREADY_SO)
        and (task := task_of.get(change.ref)) is not None
    }
    session.store.put_taken_back(
        [
            TakenBack(name, field, tuple((item.ref, native_of(item, field, session.terms)) for item in task.items), run)
            for (name, field), task in done.items()
            if not any(_moved(item, field, bases, session.terms) for item in task.items if item.ref not in written)
        ]
    )


def _moved(item: Item, field: FieldName, bases: Bases, terms: Terms) -> bool:
    """Whether an item says something that is not in its base."""
    base = bases.get((item.ref, field), ())
    return bool(base) and not any(says_still(item, field, native, terms) for native in base)


def _forget_told(session: Session, decisions: Iterable[Decision]) -> None:
    """What people told us ends where it has come true, or where somebody moved on; a conflict ends with agreement."""
    store = session.store
    settlements, taken, waiting = store.settlements(), store.taken_back(), store.conflicts()
    if not settlements and not taken and not waiting:
        return
    agreed: set[tuple[str, FieldName]] = set()
    void: set[tuple[str, FieldName]] = set()
    moved: set[tuple[str, FieldName]] = set()
    for decision in decisions:
        for field, verdict in decision.fields:
            key = (decision.task.id, field)
            agreed |= {key} if isinstance(verdict, Agreed) else set()
            void |= {key} if verdict is None or isinstance(verdict, Disputed) else set()
            if key in taken and not unmoved(decision.task, taken[key], session.terms):
                moved.add(key)
    store.forget_told(settlements=(agreed | void) & settlements.keys(), taken_back=moved)
    over = agreed & {(one.conflict.task, one.conflict.field) for one in waiting}
    store.end_conflicts(over, session.clock.now())


def _apart(session: Session) -> set[str]:
    """The tasks with an item that cannot be seen just now, and may be again.

    Those who are left agree among themselves only. Were their bases to advance, what they move meanwhile would be
    forgotten when the hidden item is back, and its old word would win.
    """
    hidden = {ref for ref, why in session.store.missing().items() if why is not Absence.GONE}
    return {task for ref, task in session.store.links().items() if ref in hidden} if hidden else set()


def _open_stages(decisions: Iterable[Decision], session: Session) -> dict[str, str]:
    """The open stages that are news; the first stage is where a reopened task goes for want of another anyway."""
    process = session.terms.process
    news = {}
    for decision in decisions:
        if isinstance(decision.stage, Agreed) and decision.stage.value:
            stage = process.stage(decision.stage.value[0])
            known = decision.task.last_open or process.first.key
            if not stage.finished and stage.key != known:
                news[decision.task.id] = stage.key
    return news

"""Settle: after writing, let base advance where all items of a task agree, and remember where open tasks are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trackersync.core.merge import Agreed
from trackersync.core.model import Absence
from trackersync.core.plan import Bases, Decision, Plan, Task, agreements, decide
from trackersync.pipeline.session import Session


def settle(session: Session, decisions: Sequence[Decision], plan: Plan, tasks: Iterable[Task], bases: Bases) -> None:
    """Save what this run taught us: bases of what agrees, and each open task's stage.

    Tasks that were written are read and decided anew, so that a base only ever advances to what was seen.

    Args:
        session: what to work with.
        decisions: as planned.
        plan: what was to be written.
        tasks: all tasks as they are now.
        bases: as they were before writing.
    """
    written = {change.ref for change in plan.changes}
    touched = {decision.task.id for decision in decisions if any(item.ref in written for item in decision.task.items)}
    if touched:
        bases = session.store.bases()
        anew = [decide(task, bases, session.terms) for task in tasks if task.id in touched]
        decisions = [decision for decision in decisions if decision.task.id not in touched] + anew
    apart = _apart(session)
    together = [decision for decision in decisions if decision.task.id not in apart]
    session.store.put_bases(agreements(together, bases, session.terms))
    session.store.put_last_open(_open_stages(decisions, session))


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

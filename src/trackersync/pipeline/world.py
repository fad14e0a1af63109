"""What the store shows of the world: linked, classified and diagnosed, with what is left alone; sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from trackersync.core.guard import Spent
from trackersync.core.link import Links, link
from trackersync.core.model import Item, ItemRef, Outcome
from trackersync.core.nearest import closest
from trackersync.core.outcome import Look, World
from trackersync.core.rest import Place, Quarrel, Rests, quarrels
from trackersync.core.terms import Bases, Task
from trackersync.core.told import Pauses
from trackersync.errors import ConfigError
from trackersync.pipeline.diagnosing import diagnosed
from trackersync.pipeline.session import Session
from trackersync.report.names import Keys
from trackersync.store import task_id

EFFECTIVE = (Outcome.APPLIED, Outcome.ALREADY_SO)


def look_around(
    session: Session, looks: Mapping[str, Look], items: Iterable[Item] | None = None, *, judge: bool = True
) -> World:
    """Link, classify and diagnose what the store holds, or some ``items`` of it alone; sends nothing.

    Where nobody wants to ``judge``, nothing is diagnosed: no rule is asked, and there are no findings.
    """
    store, terms = session.store, session.terms
    items = [item for item in (store.items() if items is None else items) if item.ref.tracker in terms.maps]
    stored = store.links()
    # Before everything has been seen once, a missing counterpart may only be unread: nothing is linked anew.
    seen_all = all(look.complete for look in looks.values())
    links = link(items, stored, session.addresses, session.links, store.apart()) if seen_all else Links()
    tasks = _tasks(items, stored, links, store.last_open(), tuple(terms.maps))
    resting = sum(not usable(task, looks) for task in tasks)
    pauses = _of_these(store.pauses(), tasks)
    rests = Rests(pauses, store.taken_back(), _quarrels(session, tasks, pauses))
    if not judge:
        return World(looks, links, tasks, (), (), resting, rests)
    found = diagnosed(session, tasks, links, rests, looks)
    return World(looks, links, tasks, found.cases, found.findings, resting, rests, found.silenced)


def usable(task: Task, looks: Mapping[str, Look]) -> bool:
    """Whether every place with an item of the task has been read, now and once whole."""
    return all(looks[item.ref.tracker].covers(item.container) for item in task.items)


def named_task(tasks: tuple[Task, ...], name: str) -> Task:
    """The task that any of its items' keys names, with or without the repository's owner.

    Raises:
        ConfigError: no item is called so, or items of several tasks are.
    """
    wanted = name.strip().casefold()
    exact = [task for task in tasks if any(item.key.casefold() == wanted for item in task.items)]
    short = [task for task in tasks if any(item.key.rpartition("/")[2].casefold() == wanted for item in task.items)]
    found = exact or short
    if len(found) == 1:
        return found[0]
    if not found:
        known = [item.key.rpartition("/")[2] for task in tasks for item in task.items]
        meant = " or ".join(closest(name.rpartition("/")[2], known))
        raise ConfigError(
            f'no task is named "{name}"' + (f"; did you mean {meant}?" if meant else ""),
            next_step="trackersync check    reads the trackers; name a task by any item's key, like SHOP-42 or shop#17",
        )
    keys = Keys(item for task in tasks for item in task.items)
    several = ", ".join(keys.task(item.key for item in task.items) for task in found)
    raise ConfigError(f'"{name}" names {len(found)} tasks: {several}', next_step="write the repository's owner too")


def bases_of(session: Session, links: Links) -> Bases:
    """The bases, without those of items that are linked only now.

    What an item showed while it was alone, the others have never agreed to: it is first contact, and no side has moved.
    """
    if not links.made:
        return session.store.bases()
    known = session.store.links()
    met = {ref for made in links.made for ref in made.refs if ref not in known}
    return {place: base for place, base in session.store.bases().items() if place[0] not in met}


def spent(session: Session, tasks: Iterable[Task]) -> Spent:
    """What the runs of the window have written without a person's approval.

    A change whose answer was lost counts: it may have taken effect.
    """
    since = session.clock.now() - session.limits.window
    entries = [
        entry
        for entry in session.store.journal(since=since, approved=False)
        if entry.receipt is None or entry.receipt.outcome in (*EFFECTIVE, Outcome.IN_DOUBT)
    ]
    task_of = {item.ref: task.id for task in tasks for item in task.items} if entries else {}
    adoptions = sum(entry.change.adoption for entry in entries)
    touched = frozenset(task_of.get(entry.change.ref, task_id((entry.change.ref,))) for entry in entries)
    return Spent(len(entries) - adoptions, adoptions, touched)


def _tasks(
    items: Iterable[Item],
    stored: Mapping[ItemRef, str],
    links: Links,
    last_open: Mapping[str, str],
    trackers: Sequence[str],
) -> tuple[Task, ...]:
    task_of = dict(stored)
    for made in links.made:
        name = next((stored[ref] for ref in made.refs if ref in stored), None) or task_id(made.refs)
        task_of |= dict.fromkeys(made.refs, name)
    members: dict[str, list[Item]] = {}
    for item in items:
        members.setdefault(task_of.get(item.ref) or task_id((item.ref,)), []).append(item)
    rank = {tracker: place for place, tracker in enumerate(trackers)}
    return tuple(
        Task(name, tuple(sorted(some, key=lambda item: rank[item.ref.tracker])), last_open.get(name))
        for name, some in members.items()
    )


def _of_these(pauses: Pauses, tasks: Sequence[Task]) -> Pauses:
    """The pauses by the tasks' present names: an item that was paused while it was alone is of a task by now."""
    if not any(pause.kind == "task" for pause in pauses.every):
        return pauses
    known = {task.id for task in tasks}
    joined = {task_id((item.ref,)): task.id for task in tasks if len(task.items) > 1 for item in task.items}
    return Pauses(
        tuple(
            replace(pause, name=joined.get(pause.name, pause.name))
            if pause.kind == "task" and pause.name not in known
            else pause
            for pause in pauses.every
        )
    )


def _quarrels(session: Session, tasks: Iterable[Task], pauses: Pauses) -> Mapping[Place, Quarrel]:
    """The fields that others undo again and again; looked for only where we wrote often."""
    often = session.undone
    if not often:
        return {}
    store = session.store
    busy = store.often_written(often, session.clock.now() - session.keep)
    if not busy:
        return {}
    refs = {ref for ref, _ in busy}
    writes = [
        (entry.change, entry.settled or entry.intended)
        for entry in store.journal(refs=refs)
        if entry.receipt is not None and entry.receipt.outcome in EFFECTIVE
    ]
    resumed = {
        item.ref: at
        for task in tasks
        if any(item.ref in refs for item in task.items) and (at := pauses.resumed(task.id)) is not None
        for item in task.items
    }
    return quarrels(writes, store.moves(refs), often, resumed)

"""What a person tells us between two runs: these two are the same work, these are not, hands off, go on.

Nothing is sent to a tracker; each is one or two transactions on the store, and holds from the next run on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trackersync.core.model import Absence, Item
from trackersync.core.terms import Task
from trackersync.core.told import Pause
from trackersync.errors import ConfigError
from trackersync.pipeline.recall import Recalled
from trackersync.pipeline.session import Session
from trackersync.store import Claim, task_id


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a person's word.

    Attributes:
        done: something is different now; else it was so already.
        sentence: what holds from now on.
    """

    done: bool
    sentence: str


def link(recalled: Recalled, one: str, other: str) -> Said:
    """Link two items for good, whatever their texts say.

    Raises:
        ConfigError: no item is called so, or the two cannot be one task; the sentence says why and what to do first.
        StoreError: the store cannot be written.
    """
    session, first, second = recalled.session, _item(recalled, one), _item(recalled, other)
    if first.ref.tracker == second.ref.tracker:
        raise ConfigError(
            f"{first.key} and {second.key} are both in {first.ref.tracker}: a task has at most one item of a tracker",
            next_step="close one of the two as a duplicate",
        )
    _forget_gone(session, first, second)
    links = session.store.links()
    ours, theirs = links.get(first.ref), links.get(second.ref)
    if ours is not None and ours == theirs:
        return Said(False, f"{first.key} and {second.key} are linked already.")
    if ours is not None and theirs is not None:
        raise _taken(recalled, second, theirs)
    task = ours or theirs or task_id((first.ref, second.ref))
    for item in (first, second):
        rival = next((ref for ref, name in links.items() if name == task and ref.tracker == item.ref.tracker), item.ref)
        if rival != item.ref:
            raise _taken(recalled, first if item is second else second, task)
    alone = {item.ref for item in (first, second) if item.ref not in links}
    # What an item showed while it was alone, the other has never agreed to.
    session.store.put_bases({place: () for place in recalled.bases if place[0] in alone})
    session.store.put_together([ref for ref, name in links.items() if name == task] + [first.ref, second.ref])
    claim = Claim(task, (first.ref, second.ref), "linked by you")
    if session.store.put_links([claim], session.clock.now()):
        raise ConfigError(
            f"{first.key} or {second.key} was linked otherwise this very moment; nothing was changed",
            next_step=f"trackersync explain {first.key}",
        )
    return Said(True, f"{first.key} and {second.key} are one task.")


def _forget_gone(session: Session, *items: Item) -> None:
    """Take items that were deleted out of the tasks at hand: their place is free."""
    links, missing = session.store.links(), session.store.missing()
    tasks = {links[item.ref] for item in items if item.ref in links}
    for ref, task in links.items():
        if task in tasks and missing.get(ref) is Absence.GONE:
            others = [other for other, name in links.items() if name == task and other != ref]
            session.store.put_apart(ref, others, session.clock.now())


def unlink(recalled: Recalled, key: str) -> Said:
    """Take an item out of its task for good: no evidence links it again, only ``link`` or the configuration.

    Raises:
        ConfigError: no item is called so, or the configuration itself links it.
        StoreError: the store cannot be written.
    """
    session, item = recalled.session, _item(recalled, key)
    task = recalled.task(key)
    others = [other for other in task.items if other.ref != item.ref]
    links = session.store.links()
    unseen = [
        ref for ref, name in links.items() if name == links.get(item.ref) and ref not in {i.ref for i in task.items}
    ]
    if not others and not unseen:
        return Said(False, f"{item.key} is a task of its own already.")
    named = _configured(session, item, others)
    if named is not None:
        raise ConfigError(
            f"the configuration links {named[0]} and {named[1]}", next_step="take that pair out of `links:` first"
        )
    session.store.put_bases({place: () for place in recalled.bases if place[0] == item.ref})
    session.store.put_apart(item.ref, [*(other.ref for other in others), *unseen], session.clock.now())
    rest = " and ".join([other.key for other in others] or [session.store.item(ref).key for ref in unseen])
    return Said(True, f"{item.key} is a task of its own, and not linked to {rest} again.")


def pause(recalled: Recalled, name: str, reason: str) -> Said:
    """Keep hands off a tracker, or the task an item's key names, until ``resume``.

    Raises:
        ConfigError: nothing is called so.
        StoreError: the store cannot be written.
    """
    session = recalled.session
    kind, called, words = _paused(recalled, name)
    if recalled.world.rests.pauses.of(kind, called) is not None:
        return Said(False, f"{words} is paused already.")
    session.store.put_pause(Pause(kind, called, session.clock.now(), reason))
    return Said(True, f"{words} is paused: it is read as ever, and not written.")


def resume(recalled: Recalled, name: str) -> Said:
    """Go on with a tracker or task: its pause ends, and what was refused, undone or taken back is tried again.

    Raises:
        ConfigError: nothing is called so.
        StoreError: the store cannot be written.
    """
    session = recalled.session
    store, now = session.store, session.clock.now()
    kind, called, words = _paused(recalled, name)
    ended = store.end_pauses(kind, called, now)
    again: list[str] = []
    if kind == "task":
        task = recalled.task(name)
        refs = {item.ref for item in task.items}
        # An item may have been paused before it was linked.
        ended += sum(store.end_pauses(kind, task_id((ref,)), now) for ref in refs)
        if any(ref in refs for ref, _ in recalled.world.rests.quarrels):
            again.append("what others had undone")
        if any(ref in refs for ref, _ in store.rejections()):
            again.append("what was refused")
        taken = [key for key in store.taken_back() if key[0] == task.id]
        if taken:
            again.append("what was taken back")
        if not ended:
            # Quarrels are counted from here on, also where nobody had paused anything.
            store.put_pause(Pause("task", task.id, now, "", now))
        store.end_rejections(refs)
        store.forget_told(taken_back=taken)
    tried = f"; {' and '.join(again)} is tried again" if again else ""
    if not ended and not again:
        return Said(False, f"{words} is not paused, and nothing of it rests.")
    return Said(True, f"{words} goes on{tried}.")


def _paused(recalled: Recalled, name: str) -> tuple[Literal["tracker", "task"], str, str]:
    """What a name stands for: its kind, what it is called in the store, and in words."""
    if name in recalled.session.terms.maps:
        return "tracker", name, name
    task = recalled.task(name)
    return "task", task.id, " = ".join(item.key for item in task.items)


def _item(recalled: Recalled, key: str) -> Item:
    wanted = key.strip().casefold()
    task = recalled.task(key)
    exact = next((item for item in task.items if item.key.casefold() == wanted), None)
    return exact or next(item for item in task.items if item.key.rpartition("/")[2].casefold() == wanted)


def _taken(recalled: Recalled, item: Item, task: str) -> ConfigError:
    """The refusal to link an item whose task has another item of that tracker already."""
    members = next((one for one in recalled.world.tasks if one.id == task), Task(task, ()))
    keys = " = ".join(member.key for member in members.items)
    return ConfigError(
        f"{item.key} belongs to the task {keys}, which has its item of that tracker",
        next_step=f"trackersync unlink {item.key}",
    )


def _configured(session: Session, item: Item, others: list[Item]) -> tuple[str, str] | None:
    """The pair of the configuration that links an item to one of the others, if any."""

    def names(one: Item) -> set[str]:
        return {one.key.casefold(), one.key.rpartition("/")[2].casefold()}

    for left, right in session.links:
        pair = {left.casefold(), right.casefold()}
        if pair & names(item) and any(pair & names(other) for other in others):
            return left, right
    return None

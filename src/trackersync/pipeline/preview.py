"""What a changed configuration would do, from the store alone: nothing is asked, and nothing is remembered.

Both configurations judge the same items at the same moment and walk the road as far as ``guard``. What was never read
of a tracker is not guessed: it is named, and the rest is judged as if it were not configured.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from trackersync.config import Configuration
from trackersync.core.guard import guard
from trackersync.core.model import STAGE, Item
from trackersync.core.outcome import Look, World
from trackersync.core.plan import Plan
from trackersync.core.preview import Preview, Side, compared
from trackersync.errors import ConfigError
from trackersync.http import SystemClock
from trackersync.pipeline.differences import Difference, differences
from trackersync.pipeline.opening import session_on
from trackersync.pipeline.order import Order
from trackersync.pipeline.planning import make
from trackersync.pipeline.session import PATTERN, Session
from trackersync.pipeline.world import bases_of, look_around, spent
from trackersync.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A preview with all that a report says of it.

    Attributes:
        preview: both sides and what differs.
        changed: how the configurations differ, in words.
        decides: whether the changed one decides otherwise what is written: its first writing run asks.
        unread: by tracker, the repositories and projects of the changed one that were never read; empty: all of it.
        partly: trackers that were not read to their end.
        now: the moment of judging.
    """

    preview: Preview
    changed: tuple[Difference, ...]
    decides: bool
    unread: Mapping[str, tuple[str, ...]]
    partly: tuple[str, ...]
    now: datetime


def foreseen(old: Configuration, new: Configuration) -> Foreseen:
    """Judge what the store of the present configuration holds, by it and by a changed one.

    Args:
        old: the present configuration; its store is read.
        new: the changed one; where its own store would be does not matter.

    Raises:
        StoreError: there is no store, or none that this program can read.
        ConfigError: nothing was read yet.
    """
    with closing(open_store(old.store, read_only=True)) as store:
        clock = _Still(SystemClock().now())
        before, after = session_on(old, store, clock), session_on(new, store, clock)
        items = list(store.items())
        if not items and all(store.freshness(name) is None for name in before.terms.maps):
            raise ConfigError(
                "nothing was read yet that could be judged", next_step="trackersync check    reads the trackers"
            )
        strange = frozenset(
            name for name, settings in new.trackers.items()
            if name not in old.trackers or settings.connector != old.trackers[name].connector
        )  # fmt: skip
        kept = [item for item in items if item.ref.tracker not in strange and not _dropped(item, before, after)]
        preview = compared(_side(before, items), _side(after, kept))
        return Foreseen(
            preview=preview,
            changed=differences(old, new),
            decides=old.fingerprint != new.fingerprint,
            unread=_unread(store, before, after, strange),
            partly=tuple(name for name, look in preview.before.world.looks.items() if not look.complete),
            now=clock.now(),
        )


class _Still:
    """One moment for both sides: what time alone changes is no difference between two configurations."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The moment."""
        return self._moment

    async def sleep(self, seconds: float) -> None:
        """Nothing is waited for."""


def _side(session: Session, items: Iterable[Item]) -> Side:
    world = look_around(session, _looks(session), items)
    # No connector is open, so whatever a tracker would have to be asked stays unknown.
    planned = asyncio.run(make(session, Order("plan"), world, bases_of(session, world.links)))
    untold = tuple(
        left
        for left in planned.plan.left_alone
        if left.field == STAGE and left.unreached and left.ref not in planned.workflows
    )
    others = tuple(left for left in planned.plan.left_alone if left not in untold)
    plan = Plan(planned.plan.changes, planned.plan.conflicts, others, planned.plan.overruled)
    touched = {change.ref for change in plan.changes}
    holds = guard(
        plan,
        session.limits,
        tasks=len(world.tasks),
        touched=frozenset(task.id for task in world.tasks if any(item.ref in touched for item in task.items)),
        spent=spent(session, world.tasks),
        approved=session.store.approved(session.terms.fingerprint),
        changed=session.store.ever_approved(),
        met=len(world.links.made),
    )
    return Side(session.terms, world, plan, holds, untold, _unsettled(session, plan, world))


def _looks(session: Session) -> dict[str, Look]:
    """Each tracker as it was last read; what is configured and was never read is as if it were not configured."""
    looks = {}
    for name in session.terms.maps:
        known = session.store.complete(name)
        looks[name] = Look(
            tracker=name,
            whole=False,
            changed=0,
            own=0,
            since=session.store.freshness(name),
            complete=all(known.values()),
            unread=frozenset(one for one, done in known.items() if not done),
            seconds=0.0,
        )
    return looks


def _unsettled(session: Session, plan: Plan, world: World) -> int:
    """How many conflicts a time might settle that is not known: the history of one of their items was not read."""
    timed = [conflict for conflict in plan.conflicts if session.terms.policy(conflict.field).timed]
    refs = {side.ref for conflict in timed for side in conflict.sides}
    items = {item.ref: item for task in world.tasks for item in task.items if item.ref in refs}
    pasts = session.store.histories(items) if items else {}
    stale = {ref for ref, item in items.items() if ref not in pasts or not pasts[ref].current(item)}
    return sum(any(side.ref in stale for side in conflict.sides) for conflict in timed)


def _dropped(item: Item, before: Session, after: Session) -> bool:
    """Whether an item lives where the present configuration looks and the changed one does not."""
    tracker, container = item.ref.tracker, item.container
    if tracker not in after.containers:
        return True
    if before.containers.get(tracker, ()) == after.containers[tracker]:
        return False
    return _names(before.containers.get(tracker, ()), container) and not _names(after.containers[tracker], container)


def _names(words: Iterable[str], container: str) -> bool:
    """Whether these words name a repository or project: by name, or by a pattern that no word after ``!`` undoes."""
    name = container.casefold()
    words = [word.casefold() for word in words]
    if name in words:
        return True
    out = [word[1:] for word in words if word.startswith("!")]
    return any(fnmatchcase(name, word) for word in words) and not any(fnmatchcase(name, word) for word in out)


def _unread(store: Store, before: Session, after: Session, strange: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """By tracker, what is configured and was never read; nothing named: all of it.

    A pattern that is new may find more than what is known.
    """
    unread: dict[str, tuple[str, ...]] = {}
    for tracker, words in after.containers.items():
        known = store.complete(tracker)
        if tracker in strange or not known:
            unread[tracker] = ()
            continue
        there = {name.casefold() for name in known}
        earlier = before.containers.get(tracker, ())
        missing = tuple(
            word
            for word in words
            if not word.startswith("!") and word.casefold() not in there and not (_pattern(word) and word in earlier)
        )
        if missing:
            unread[tracker] = missing
    return unread


def _pattern(word: str) -> bool:
    return not PATTERN.isdisjoint(word)

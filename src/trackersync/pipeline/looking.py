"""The looks of a service that write nothing: at the news of a tracker, and at everything there is.

What they find becomes due, item by item; every write is that of a look at an item (``attending``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from trackersync.core.decide import Decision, decide
from trackersync.core.express_links import Linking, with_links
from trackersync.core.merge import Desired, Disputed
from trackersync.core.model import ItemRef
from trackersync.core.outcome import Look, World
from trackersync.core.plan import Plan
from trackersync.pipeline.again import LATE
from trackersync.pipeline.names import look_up
from trackersync.pipeline.news import News
from trackersync.pipeline.observe import look_at, observe
from trackersync.pipeline.session import Session
from trackersync.pipeline.world import bases_of, look_around, usable
from trackersync.store import Ask, Subject


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at everything came to: how the trackers were read, the world, and the items that are due by it."""

    looks: Mapping[str, Look]
    world: World
    due: tuple[ItemRef, ...]


async def look_for_news(session: Session, tracker: str, container: str = "", *, counts: bool) -> Look:
    """Read what changed in a tracker; every item that did is due from the transaction on that stores it.

    Args:
        session: what to work with.
        tracker: its name.
        container: the repository or project; empty: all of them, and which there are.
        counts: count the changes that no delivery told of.
    """
    look = await look_at(session, tracker, only=container, news=News(session, tracker, counts=counts))
    now = session.clock.now()
    # Of a run that was killed: what became of its writes is seen by a look at the item.
    doubted = {
        entry.change.ref
        for entry in session.store.in_doubt()
        if entry.change.ref.tracker == tracker and abs(now - entry.intended) > LATE
    }
    _owe(session, doubted)
    return look


async def look_at_all(session: Session, *, full: bool = True) -> Looked:
    """Read what changed, or everything, and decide every task; those in which something is to be done become due.

    Asks the trackers nothing but what there is, and writes to none.
    """
    looks = await observe(session, full=full)
    await look_up(session, looks)
    session = session.refreshed()
    world = look_around(session, looks)
    bases, settlements = bases_of(session, world.links), session.store.settlements()
    tasks = [task for task in world.tasks if usable(task, looks)]
    decisions = [decide(task, bases, session.terms, settlements) for task in tasks]
    refs = _unsettled(session, decisions) | {made.refs[0] for made in world.links.made}
    linking = Linking(
        terms=session.terms,
        addresses=session.addresses,
        tasks=world.tasks,
        links=world.links,
        complete=all(look.complete for look in looks.values()),
        bases=bases,
        refused={place: (no.key, no.message) for place, no in session.store.rejections().items()},
        rests=world.rests,
    )
    refs |= {change.ref for change in with_links(Plan(()), tasks, linking).changes}
    _owe(session, refs)
    return Looked(looks, world, tuple(sorted(refs)))


def _unsettled(session: Session, decisions: Iterable[Decision]) -> set[ItemRef]:
    """An item of each task in which something is to be written, or to be told to people."""
    known = {(one.conflict.task, one.conflict.field) for one in session.store.conflicts()}
    return {
        decision.task.items[0].ref
        for decision in decisions
        for field, verdict in decision.fields
        if isinstance(verdict, Desired) or (isinstance(verdict, Disputed) and (decision.task.id, field) not in known)
    }


def _owe(session: Session, refs: Iterable[ItemRef]) -> None:
    asks = [Ask(Subject(ref.tracker, "item", ref.id)) for ref in sorted(refs)]
    if asks:
        session.store.owe(asks, session.clock.now())

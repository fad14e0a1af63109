"""How a service does on a store, gathered to be told; and what a person has tried again."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Literal

from trackersync.config import Configuration
from trackersync.config.scheduling import schedule_of
from trackersync.core.model import ItemRef
from trackersync.core.schedule import Kept, Schedule, due, heard, next_run
from trackersync.core.serving import Inflow, Resting, Served, Timed, Unread
from trackersync.pipeline.recall import Recalled
from trackersync.pipeline.told import Said
from trackersync.report.names import count
from trackersync.store import Due, Freshness, Store, Subject

MOST = 50
"""So many looks of a state, and deliveries, are told of one by one."""
PATIENCE = timedelta(minutes=2)
"""A job that is due for longer is late: nobody is there to run it."""

_DAY = timedelta(days=1)
_RESTING: tuple[Literal["held", "aside"], ...] = ("held", "aside")


def served(
    configuration: Configuration, store: Store, now: datetime, called: Callable[[ItemRef], str | None]
) -> Served | None:
    """How a service does on a store; None where none ever ran.

    Args:
        configuration: whose trackers, objectives and schedule these are.
        store: open.
        now: the moment of telling.
        called: a task's name by one of its items; None for an item that nobody knows.
    """
    kept = store.kept()
    last = {tracker: store.last_delivery(tracker) for tracker in configuration.trackers}
    if not kept and not any(last.values()):
        return None
    deliveries, missed, timely = store.deliveries(), store.missed(now - _DAY), store.timeliness(now - _DAY)
    inflows = tuple(
        Inflow(
            tracker=tracker,
            last=last[tracker],
            waiting=deliveries.get((tracker, "waiting"), 0),
            aside=deliveries.get((tracker, "aside"), 0),
            missed=missed.get(tracker, 0),
            edits=(reflected := timely.get(tracker, Freshness())).edits,
            timely=reflected.timely,
            fresh=settings.fresh,
        )
        for tracker, settings in configuration.trackers.items()
    )
    queue = store.queue()
    waits = [waiting for (_, state), waiting in queue.items() if state == "due"]
    schedule = schedule_of(configuration)
    return Served(
        inflows=inflows,
        share=configuration.settings.service.objective,
        since=(now - _DAY).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0),
        due=sum(number for number, _ in waits),
        oldest=min((since for _, since in waits), default=None),
        numbers={state: sum(number for (_, one), (number, _) in queue.items() if one == state) for state in _RESTING},
        resting=tuple(_resting(look, state, called) for state in _RESTING for look in store.not_due(state, MOST)),
        unread=tuple(
            Unread(one.received.tracker, one.received.id, one.received.at, one.why)
            for one in store.deliveries_aside(MOST)
        ),
        jobs=tuple(_timed(schedule, kept.get(name), name, now) for name in schedule.jobs),
    )


def _resting(look: Due, state: Literal["held", "aside"], called: Callable[[ItemRef], str | None]) -> Resting:
    subject = look.subject
    if subject.kind == "item":
        name = called(subject.ref) or f"item {subject.name}"
    else:
        name = f"news of {subject.name or subject.tracker}"
    return Resting(name, subject.tracker, state, look.since, look.tries, look.why)


def _timed(schedule: Schedule, kept: Kept | None, name: str, now: datetime) -> Timed:
    if kept is None:
        return Timed(name)
    running = heard(kept, now)
    waits = due(schedule, kept, now, alive=running)
    return Timed(
        name=name,
        begun=kept.begun,
        ended=kept.ended,
        running=running,
        outcome=kept.outcome,
        next=next_run(schedule, kept, now, alive=running),
        late=waits if waits is not None and now - waits > PATIENCE else None,
    )


def retry(recalled: Recalled, names: Collection[str]) -> Said:
    """Try again what is held or set aside: the looks at these tasks, or everything, and deliveries with it.

    Args:
        recalled: what the store remembers.
        names: any keys of the tasks; none: all of them.

    Raises:
        ConfigError: no item is called so, or items of several tasks are.
        StoreError: the store cannot be written.
    """
    store, now = recalled.session.store, recalled.session.clock.now()
    chosen = {Subject(item.ref.tracker, "item", item.ref.id) for name in names for item in recalled.task(name).items}
    looks = sum(store.release(state, now, chosen if names else None) for state in _RESTING)
    read = 0 if names else store.sort_again()
    if not looks and not read:
        return Said(False, "Nothing of that is held or set aside." if names else "Nothing is held or set aside.")
    said = [count(looks, "look")] if looks else []
    said += ["1 delivery" if read == 1 else f"{read:,} deliveries"] if read else []
    return Said(True, f"{' and '.join(said)} {'is' if looks + read == 1 else 'are'} due again.")


def drop(recalled: Recalled) -> Said:
    """Be done with the deliveries that could not be read; what they told of is found by the schedule's `sync`.

    Raises:
        StoreError: the store cannot be written.
    """
    dropped = recalled.session.store.drop_aside()
    if not dropped:
        return Said(False, "No delivery is set aside.")
    what = "1 delivery was" if dropped == 1 else f"{dropped:,} deliveries were"
    return Said(True, f"{what} dropped unread; what changed is found by the schedule's sync.")

"""What the store remembers, without a request: for commands that tell and do not look (explain, conflicts, status)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from trackersync.config import Configuration
from trackersync.core.nearest import closest
from trackersync.core.outcome import Look, World
from trackersync.core.terms import Bases, Task
from trackersync.errors import ConfigError
from trackersync.http import SystemClock
from trackersync.pipeline import look_around
from trackersync.pipeline.opening import session_on
from trackersync.pipeline.session import Session
from trackersync.pipeline.world import bases_of
from trackersync.report.names import Keys
from trackersync.store import open_store


@dataclass(frozen=True, slots=True)
class Recalled:
    """The world as last observed, and where it is remembered.

    Attributes:
        session: terms, store and clock; its connectors are none, so nothing can be sent.
        world: every task, finding and link as the store has them.
        bases: by item and field, every native state it may show by our doing alone.
    """

    session: Session
    world: World
    bases: Bases

    def task(self, name: str) -> Task:
        """The task that any of its items' keys names, with or without the repository's owner.

        Raises:
            ConfigError: no item is called so, or items of several tasks are.
        """
        return named_task(self.world.tasks, name)


def named_task(tasks: tuple[Task, ...], name: str) -> Task:
    """The task with an item of this key; see ``Recalled.task``."""
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


@contextmanager
def recalled(configuration: Configuration) -> Iterator[Recalled]:
    """Open the store of a configuration, and say what it remembers; sends nothing.

    Raises:
        StoreError: the store cannot be opened.
    """
    with open_store(configuration.store) as store:
        yield remembered(session_on(configuration, store, SystemClock()))


def remembered(session: Session) -> Recalled:
    """What a session's store remembers; sends nothing."""
    session, store = session.refreshed(), session.store
    looks = {
        name: Look(
            tracker=name,
            whole=False,
            changed=0,
            own=0,
            since=store.freshness(name),
            complete=all(store.complete(name).get(one, False) for one in session.containers[name]),
            seconds=0.0,
        )
        for name in session.terms.maps
    }
    world = look_around(session, looks)
    return Recalled(session, world, bases_of(session, world.links))

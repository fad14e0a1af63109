"""What the store remembers, without a request: for commands that tell and do not look (explain, conflicts, status)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

from trackersync.config import Configuration
from trackersync.core.diagnose import Rulebook
from trackersync.core.outcome import Look, World
from trackersync.core.terms import Bases, Task
from trackersync.http import SystemClock
from trackersync.pipeline.opening import session_on
from trackersync.pipeline.session import Session
from trackersync.pipeline.world import bases_of, look_around, named_task
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


@contextmanager
def recalled(
    configuration: Configuration,
    *,
    turn: str | None = None,
    waiting: Callable[[str], None] | None = None,
    rulebook: Rulebook | None = None,
) -> Iterator[Recalled]:
    """Open the store of a configuration, and say what it remembers; sends nothing.

    Args:
        configuration: sound and compiled.
        turn: what is done, where something is to be written to the store: its turn is waited for first.
        waiting: told, in a sentence, for whom one waits.
        rulebook: the rules, where they are others than the configuration's.

    Raises:
        StoreError: the store cannot be opened, or somebody else holds it.
    """
    with open_store(configuration.store) as store, store.turn(turn, waiting=waiting) if turn else nullcontext():
        session = session_on(configuration, store, SystemClock())
        yield remembered(session if rulebook is None else replace(session, rulebook=rulebook))


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
            complete=session.complete(name),
            unread=frozenset(one for one, done in store.complete(name).items() if not done),
            seconds=0.0,
        )
        for name in session.terms.maps
    }
    world = look_around(session, looks)
    return Recalled(session, world, bases_of(session, world.links))

"""Which repositories or projects of a tracker are read, which of them whole, and what became of those that vanished.

Where the configuration gives names, those; where it gives patterns, the tracker is asked what there is. What was read
before and is suddenly not found is an alarm and not an instruction, unless it was put aside on purpose.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field

from trackersync.connector import Discovering
from trackersync.errors import NotFoundError, TrackersyncError
from trackersync.pipeline.session import Session


@dataclass(frozen=True, slots=True)
class Containers:
    """What is to be read of a tracker.

    Attributes:
        names: the repositories or projects.
        lost: those that were read before and are suddenly not found any more.
        failures: why others, of those that were read before, could not be listed.
    """

    names: tuple[str, ...]
    lost: frozenset[str] = frozenset()
    failures: list[TrackersyncError] = field(default_factory=list)


async def containers_of(session: Session, tracker: str) -> Containers:
    """What is to be read of a tracker.

    Raises:
        AuthError, UnavailableError, NotFoundError, RejectedError: it cannot be listed, or so much of it not that what
            was never seen could be there.
    """
    connector = session.connectors[tracker]
    if not isinstance(connector, Discovering):
        return Containers(session.containers[tracker])
    found = await connector.discover()
    known = session.store.complete(tracker).keys() - set(found.names)
    lost = frozenset(name for name in known if name not in found.aside)
    if found.trouble is None:
        return Containers(found.names, lost)
    unlisted = {
        pattern: [name for name in lost if fnmatch.fnmatchcase(name.casefold(), pattern.casefold())]
        for pattern in found.trouble.containers
    }
    if not all(unlisted.values()):
        found.trouble.containers = ()
        raise found.trouble
    found.trouble.containers = tuple(sorted({name for names in unlisted.values() for name in names}))
    return Containers(found.names, lost - set(found.trouble.containers), [found.trouble])


def gone(session: Session, tracker: str, lost: frozenset[str]) -> NotFoundError | None:
    """The alarm for containers that are not found any more.

    None where their items were read under another name: a repository that was renamed.
    """
    left = lost & session.store.inhabited(tracker)
    session.store.retain(tracker, session.store.complete(tracker).keys() - (lost - left))
    if not left:
        return None
    names = ", ".join(sorted(left))
    error = NotFoundError(
        f"{names} was found before and is not any more: deleted, or hidden from this credential. What was read there "
        f'rests; where that is meant, take it out for good: "!{min(left)}"'
    )
    error.containers = tuple(sorted(left))
    return error


def due(session: Session, tracker: str, *, full: bool) -> list[str]:
    """The containers to be read whole: all when asked to, else those whose last whole read is too long ago."""
    wholes = session.store.wholes(tracker)
    if full:
        return list(wholes)
    every, now = session.full_scan.get(tracker), session.clock.now()
    if every is None:
        return []
    done = session.store.complete(tracker)
    # However far apart: after a clock that was set back, the last one may lie in the future. A store of an earlier
    # version does not know when it was; and a whole read that is still under way goes on from where it is.
    return [name for name, at in wholes.items() if done[name] and (at is None or abs(now - at) >= every)]

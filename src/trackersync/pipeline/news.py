"""What a look finds changed is due to be looked at by a service, from the same transaction on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from trackersync.core.model import ItemRef
from trackersync.pipeline.session import Session
from trackersync.store import Ask, Subject, note_missed, owe
from trackersync.store.items import Finding
from trackersync.store.rows import micros


class News:
    """Makes the items due that a look finds changed, in the transaction that stores them.

    Not those of a repository or project that is read for the first time: there everything is new.

    Args:
        session: what to work with.
        tracker: whose.
        counts: count those that no delivery told of.
    """

    def __init__(self, session: Session, tracker: str, *, counts: bool = False) -> None:
        self._session, self._tracker, self._counts = session, tracker, counts
        self._known = {name for name, whole in session.store.complete(tracker).items() if whole}

    def of(self, container: str) -> Finding | None:
        """What is told of the pages of a container, or of items that are looked up (empty); None: of nothing."""
        return self._found if not container or container in self._known else None

    def _found(self, connection: Connection, refs: Sequence[ItemRef]) -> None:
        if not refs:
            return
        now = micros(self._session.clock.now())
        if self._counts:
            note_missed(connection, refs, now)
        asks = [(Ask(Subject(ref.tracker, "item", ref.id)), now) for ref in refs]
        self._session.store.dispatch.owed(connection, owe(connection, asks, now))

"""The connector: GitHub's issues as items whose facts can be observed and changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from trackersync.connector import (
    Capacity,
    Change,
    Clock,
    Item,
    Lately,
    Page,
    Probe,
    RejectedError,
    Scope,
    These,
    Wire,
    abreast,
)
from trackersync_github.completing import Completing
from trackersync_github.library import Library
from trackersync_github.listing import Listing
from trackersync_github.lookup import Lookup
from trackersync_github.names import Names
from trackersync_github.settings import GithubSettings
from trackersync_github.vocabulary import PLACES, VOCABULARY, WRITES
from trackersync_github.writing import Writing


class GithubConnector:
    """Implements ``connector.Connector`` for the issues of the configured repositories.

    Issues go through the wire; what happens rarely (who we are, creating a label) through PyGithub. Between calls it
    remembers only what GitHub can be asked again: ids of repositories, and which labels exist.

    Args:
        tracker: its name in the configuration.
        settings: its part of the configuration.
        wire: HTTP to GitHub.
        clock: the time.
    """

    def __init__(self, tracker: str, settings: GithubSettings, wire: Wire, clock: Clock) -> None:
        self.tracker = tracker
        self.writes: Mapping[str, Capacity] = {
            fact: most for fact, most in WRITES.items() if fact not in PLACES or getattr(settings, PLACES[fact])
        }
        self.vocabulary = VOCABULARY
        self._settings = settings
        self._wire = wire
        self._clock = clock
        self._names = Names(wire, settings.repositories)
        self._library = Library(tracker, settings, wire)
        self._completing = Completing(tracker, pull_requests=settings.pull_requests)
        self._lookup = Lookup(wire, self._names, self._completing)
        self._writing = Writing(wire, self._lookup, self._library, self._completing)

    async def probe(self) -> Probe:
        """Say who we are, what we may do, what is missing; see ``connector.Connector.probe``."""
        return await self._library.probe()

    def observe(self, scope: Scope) -> AsyncIterator[Page]:
        """Yield what the scope names; see ``connector.Connector.observe``.

        Repositories are read side by side. One that fails does not stop the others, and never shows a complete page.
        """
        match scope:
            case These(refs):
                return self._lookup.pages(refs)
            case Lately(cursors):
                return abreast(
                    {name: self._listing(name, cursors.get(name)).read() for name in scope.wanted(self._names.all)}
                )

    def _listing(self, name: str, cursor: str | None) -> Listing:
        return Listing(self._wire, self._names, self._lookup, self._completing, self._clock, name, cursor)

    async def apply(self, change: Change) -> Item:
        """Look, compare with ``before``, write, read back; see ``connector.Connector.apply``.

        Raises:
            RejectedError: besides what GitHub forbids, what `writes` of this tracker does not allow.
        """
        if change.field not in self._settings.writes:
            # The wire refuses it as well; but creating a missing label does not go through the wire.
            raise RejectedError(
                f"{change.key}: {change.field} may not be written: `writes` of tracker {self.tracker} is "
                f"{', '.join(self._settings.writes) or 'none'}. Nothing was sent."
            )
        return await self._writing.apply(change)

    async def aclose(self) -> None:
        """Nothing is held: the wire belongs to who opened it."""

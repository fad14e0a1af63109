"""The connector: GitHub's issues as items whose facts can be observed and changed."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime

from trackersync.connector import (
    Candidate,
    Capacity,
    Change,
    Check,
    Clock,
    Container,
    Delivery,
    Discovery,
    Event,
    Facts,
    Hook,
    HookPlace,
    Item,
    ItemRef,
    Lately,
    Page,
    Probe,
    RejectedError,
    Scope,
    Survey,
    These,
    Wire,
    abreast,
)
from trackersync_github.access import Access
from trackersync_github.board import Board
from trackersync_github.board_survey import BoardSurvey
from trackersync_github.candidates import Candidates
from trackersync_github.checklist import Checklists
from trackersync_github.completing import Completing, Supplement
from trackersync_github.discovery import Discoverer
from trackersync_github.evidence import Evidence
from trackersync_github.examining import Examiner
from trackersync_github.existing import Existing
from trackersync_github.fields import IssueField
from trackersync_github.graphql import GraphQL
from trackersync_github.history import History
from trackersync_github.hooking import Hooker
from trackersync_github.library import Library
from trackersync_github.listener import Deliveries
from trackersync_github.listing import Listing
from trackersync_github.lookup import Lookup
from trackersync_github.names import Names
from trackersync_github.offering import Offers
from trackersync_github.places import Places
from trackersync_github.relations import Relations
from trackersync_github.settings import GithubSettings, addresses
from trackersync_github.surveying import Surveyor
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
        anonymous = settings.anonymous
        self._discoverer = Discoverer(wire, app=settings.app is not None, anonymous=anonymous)
        self._names = Names(wire, settings.selection, self._discoverer, archived=settings.archived, anonymous=anonymous)
        self._library = Library(tracker, settings, wire)
        graphql = GraphQL(wire, settings.url, anonymous=anonymous)
        board = None
        if settings.project is not None:
            board = Board(wire, graphql, settings.project, pull_requests=settings.pull_requests)
        field = None if settings.field is None else IssueField(wire, settings.field)
        supplements: list[Supplement] = [one for one in (board, field) if one is not None]
        if "relations" in settings.evidence:
            supplements.append(Relations(graphql))
        if "checklist" in settings.evidence:
            supplements.append(Checklists())
        if set(settings.evidence) & Evidence.KINDS:
            supplements.append(Evidence(wire, graphql, settings, self._names.id_of))
        self._completing = Completing(tracker, supplements, pull_requests=settings.pull_requests)
        self._lookup = Lookup(wire, self._names, self._completing)
        self._history = History(wire, self._names)
        self._candidates = Candidates(wire, graphql, settings)
        self._deliveries = Deliveries(tracker, settings, self._names.called)
        places = Places(wire, graphql, board, field)
        self._access = Access(tracker, settings, wire, self._names, self._discoverer)
        self._surveyor = Surveyor(wire, self._names, BoardSurvey(graphql), anonymous=anonymous)
        existing = Existing(settings, addresses(settings)[0], self._surveyor, board, field)
        self._examiner = Examiner(settings, wire, clock, self._access, existing, os.environ)
        self._hooker = Hooker(tracker, settings, wire, self._names)
        self._writing = Writing(wire, self._lookup, self._library, self._completing, places)

    async def probe(self) -> Probe:
        """Say who we are, what we may do, what is missing; see ``connector.Connector.probe``."""
        return await self._access.probe()

    async def offered(self) -> tuple[Container, ...]:
        """The repositories that the credential shows; see ``connector.Offering.offered``."""
        return await Offers(self.tracker, self._settings, self._wire, self._discoverer).all()

    async def survey(self) -> Survey:
        """Labels and boards; see ``connector.Surveying.survey``."""
        return await self._surveyor.survey()

    def examine(self, named: Facts, shown: Facts | None = None) -> AsyncIterator[Check]:
        """How well it is set up; see ``connector.Examining.examine``."""
        return self._examiner.examine(named)

    async def discover(self) -> Discovery:
        """The repositories there are; see ``connector.Discovering.discover``."""
        return await self._names.discover()

    def observe(self, scope: Scope) -> AsyncIterator[Page]:
        """Yield what the scope names; see ``connector.Connector.observe``.

        Repositories are read side by side. One that fails does not stop the others, and never shows a complete page.
        """
        match scope:
            case These(refs):
                return self._lookup.pages(refs)
            case Lately():
                return self._news(scope)

    async def _news(self, scope: Lately) -> AsyncIterator[Page]:
        # What a supplement reads at once for all repositories is as of this read, and of no earlier one.
        completing = self._completing.begun()
        names = scope.wanted(await self._names.all())
        reads = {name: self._listing(completing, name, scope.cursors.get(name)).read() for name in names}
        # Closed with us: whoever stops in the middle leaves nothing asking behind their back.
        async with aclosing(abreast(reads)) as pages:
            async for page in pages:
                yield page

    def _listing(self, completing: Completing, name: str, cursor: str | None) -> Listing:
        return Listing(self._wire, self._names, self._lookup, completing, self._clock, name, cursor)

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

    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        """Who changed what of an issue, and when; see ``connector.Historian.history``."""
        return await self._history.of(ref)

    def verify(self, delivery: Delivery) -> None:
        """Check a webhook's signature; see ``connector.Listener.verify``."""
        self._deliveries.verify(delivery)

    def delivery_id(self, delivery: Delivery) -> str:
        """A webhook delivery's own id; see ``connector.Listener.delivery_id``."""
        return self._deliveries.delivery_id(delivery)

    def scope_of(self, delivery: Delivery) -> Scope:
        """What a webhook says to look at again; see ``connector.Listener.scope_of``."""
        return self._deliveries.scope_of(delivery)

    async def hook_places(self, *, wide: bool = False) -> tuple[HookPlace, ...]:
        """Where webhooks are needed; see ``connector.Hooking.hook_places``."""
        return await self._hooker.places(wide=wide)

    async def hooks(self, place: HookPlace, url: str = "") -> tuple[Hook, ...]:
        """The webhooks there are; see ``connector.Hooking.hooks``."""
        return await self._hooker.present(place, url)

    async def ensure_hook(self, place: HookPlace, url: str) -> Hook:
        """Have ours as it should be; see ``connector.Hooking.ensure_hook``."""
        return await self._hooker.ensure(place, url)

    async def remove_hooks(self, place: HookPlace, url: str) -> int:
        """Take ours away; see ``connector.Hooking.remove_hooks``."""
        return await self._hooker.remove(place, url)

    async def ping_hook(self, place: HookPlace, hook: Hook) -> bool:
        """Have a ping delivered; see ``connector.Hooking.ping_hook``."""
        return await self._hooker.ping(place, hook)

    async def redeliver(self, place: HookPlace, hook: Hook, since: datetime) -> int | None:
        """Have what failed delivered once more; see ``connector.Hooking.redeliver``."""
        return await self._hooker.redeliver(place, hook, since)

    def greeting(self) -> Delivery:
        """A ping as GitHub would sign it; see ``connector.Hooking.greeting``."""
        return self._hooker.greeting()

    def hook_steps(self, place: HookPlace, url: str) -> tuple[str, ...]:
        """How it is done by hand; see ``connector.Hooking.hook_steps``."""
        return self._hooker.steps(place, url)

    async def candidates(self, items: Sequence[Item]) -> Mapping[ItemRef, tuple[Candidate, ...]]:
        """Who could own issues that nobody owns; see ``connector.Advising.candidates``."""
        return await self._candidates.of(items)

    async def aclose(self) -> None:
        """Nothing is held: the wire belongs to who opened it."""

"""Jira as a connector: each promise, and where it is kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime

from trackersync.connector import (
    Capacity,
    Change,
    Check,
    Clock,
    Container,
    Delivery,
    Event,
    Facts,
    Hook,
    HookPlace,
    Item,
    ItemRef,
    Named,
    NotFoundError,
    Page,
    Probe,
    RejectedError,
    Scope,
    Survey,
    These,
    Wire,
    Workflow,
    abreast,
)
from trackersync_jira import (
    anonymous,
    examining,
    lookup,
    names,
    offering,
    reading,
    remote,
    scoped,
    surveying,
    writing,
)
from trackersync_jira.anonymous import Nobodys
from trackersync_jira.api import Api
from trackersync_jira.filling import Filling
from trackersync_jira.history import History
from trackersync_jira.hooks import Hooks, greeting, place_of, secret_of, steps
from trackersync_jira.listener import Deliveries
from trackersync_jira.opening import opened
from trackersync_jira.settings import JiraSettings, room
from trackersync_jira.vocabulary import PLACES, VOCABULARY, WRITES
from trackersync_jira.workflows import Workflows


class JiraConnector:
    """One Jira, Cloud or Data Center, seen as items whose facts can be observed and changed."""

    vocabulary = VOCABULARY

    def __init__(self, tracker: str, settings: JiraSettings, wire: Wire, clock: Clock) -> None:
        self.tracker = tracker
        unset = {fact for fact, key in PLACES.items() if getattr(settings, key) is None}
        unset |= {remote.FACT} - set(settings.writes)
        shown = {fact: most for fact, most in WRITES.items() if fact not in unset}
        self.writes: Mapping[str, Capacity] = {**shown, **room(settings)}
        self._settings = settings
        self._wire: Wire = Nobodys(tracker, wire) if settings.anonymous else wire
        self._clock = clock
        self._known: Api | None = None
        self._workflows: Workflows | None = None
        self._past: History | None = None
        # By fact and id, what values are called now, as pages showed it.
        self._called: dict[tuple[str, str], str] = {}
        self._deliveries = Deliveries(tracker, settings)

    async def probe(self) -> Probe:
        """Say who we are, what we may do, what is missing and how to get it; see ``access.Access``."""
        if self._settings.anonymous:
            return await anonymous.probe(await self._api(), self._settings.projects)
        # Late, because the library takes long to import and only this needs it.
        from trackersync_jira.access import Access  # noqa: PLC0415

        cloud = (await self._api()).site.cloud
        return await Access(self.tracker, self._settings, cloud, self._wire).probe(self._clock.now())

    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        """Yield issues: projects side by side from their cursors on, or single ones by id.

        A project that was never read begins with the question who we are, since Jira answers strangers with an empty
        list. Where we are configured to be nobody it is not asked, and an empty list is believed of what is public.

        Raises:
            AuthError: at once.
            UnavailableError, NotFoundError: after the other projects have been read.
        """
        api = await self._api()
        found: AsyncGenerator[Page]
        unknown: NotFoundError | RejectedError | None = None
        only = self._settings.jql or ""
        if isinstance(scope, These):
            found = lookup.pages(api, scope.refs, self._settings.projects, only)
        else:
            projects = scope.wanted(self._settings.projects)
            if any(project not in scope.cursors for project in projects):
                unknown = await scoped.unknown(api, self._settings)
            cursors = scope.cursors
            found = abreast({name: reading.pages(api, name, cursors.get(name), only) for name in projects})
        # A reader that stops early must not leave requests under way.
        async with aclosing(found):
            try:
                async for page in found:
                    self._called |= {(one.fact, one.id): one.name for one in page.named}
                    yield page
            except NotFoundError as error:
                # Where it did not say who we are either, the address is likelier to be wrong than every project.
                if unknown is not None and set(error.containers) >= set(self._settings.projects):
                    raise unknown from None
                raise

    async def apply(self, change: Change) -> Item:
        """Look, compare with ``before``, write, read back; see ``writing.apply``."""
        api = await self._api()
        return await writing.apply(api, change, frozenset(self._settings.projects), self._filling(api))

    async def workflow(self, item: Item, needs: Collection[str] = ()) -> Workflow:
        """The hops that may be made now from the item's status, and where permitted all others; see ``workflows``.

        Raises:
            NotFoundError: the issue is gone or hidden.
        """
        if self._workflows is None:
            api = await self._api()
            self._workflows = Workflows(api, self._filling(api))
        return await self._workflows.of(item, needs)

    async def names(self) -> tuple[Named, ...]:
        """Every status and resolution, as it is called now; see ``names.names``."""
        found = await names.names(await self._api(), self._settings.projects)
        self._called |= {(one.fact, one.id): one.name for one in found}
        return found

    async def offered(self) -> tuple[Container, ...]:
        """Every project that the credential shows; see ``offering.offered``."""
        api = await self._api()
        await scoped.unknown(api, self._settings)
        return await offering.offered(api)

    async def survey(self) -> Survey:
        """The statuses and resolutions there are, boards, and their order; see ``surveying.survey``."""
        api = await self._api()
        unknown = await scoped.unknown(api, self._settings)
        try:
            return await surveying.survey(api, self._settings.projects)
        except NotFoundError as error:
            # Where not even that is answered, the address is likelier to be wrong than the project.
            raise unknown or error from None

    async def examine(self, named: Facts, shown: Facts | None = None) -> AsyncIterator[Check]:
        """How well the account, the projects and what is named fit together; see ``examining.examine``."""
        api = await self._api()
        async for check in examining.examine(api, self._settings, named, self._clock.now(), shown or {}):
            yield check

    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        """Who changed what of an issue, and when; see ``history.History.of``."""
        return await (await self._history()).of(ref)

    async def histories(self, refs: Sequence[ItemRef]) -> Mapping[ItemRef, tuple[Event, ...]]:
        """The same of many issues, where Jira tells of many at once; see ``history.History.together``."""
        return await (await self._history()).together(refs)

    def verify(self, delivery: Delivery) -> None:
        """Check that a webhook's delivery is genuine; see ``connector.Listener.verify``."""
        self._deliveries.verify(delivery)

    def delivery_id(self, delivery: Delivery) -> str:
        """A webhook delivery's own id; see ``connector.Listener.delivery_id``."""
        return self._deliveries.delivery_id(delivery)

    def scope_of(self, delivery: Delivery) -> Scope:
        """What a webhook says to look at again; see ``connector.Listener.scope_of``."""
        return self._deliveries.scope_of(delivery)

    async def hook_places(self, *, wide: bool = False) -> tuple[HookPlace, ...]:
        """The site, which has one webhook for all projects; see ``connector.Hooking.hook_places``."""
        del wide
        return (place_of(self._settings),)

    async def hooks(self, place: HookPlace, url: str = "") -> tuple[Hook, ...]:
        """The webhooks there are; see ``hooks.Hooks.present``. Jira tells no administrator of deliveries."""
        del url
        return await (await self._hooks()).present(place)

    async def ensure_hook(self, place: HookPlace, url: str) -> Hook:
        """Have ours as it should be; see ``hooks.Hooks.ensure``."""
        secret_of(self.tracker, self._settings)
        return await (await self._hooks()).ensure(place, url)

    async def remove_hooks(self, place: HookPlace, url: str) -> int:
        """Take ours away; see ``hooks.Hooks.remove``."""
        del place
        return await (await self._hooks()).remove(url)

    async def ping_hook(self, place: HookPlace, hook: Hook) -> bool:
        """Jira delivers nothing on demand."""
        del place, hook
        return False

    async def redeliver(self, place: HookPlace, hook: Hook, since: datetime) -> int | None:
        """Jira tries again by itself, and not on demand."""
        del place, hook, since
        return None

    def greeting(self) -> Delivery:
        """A delivery that asks for nothing; see ``hooks.greeting``."""
        return greeting(self.tracker, self._settings, self._clock.now())

    def hook_steps(self, place: HookPlace, url: str) -> tuple[str, ...]:
        """How it is done by hand; see ``connector.Hooking.hook_steps``."""
        return steps(self._settings, place, url)

    async def _hooks(self) -> Hooks:
        return Hooks(self.tracker, self._settings, await self._api())

    async def _history(self) -> History:
        if self._past is None:
            self._past = History(await self._api(), self._called)
        return self._past

    def _filling(self, api: Api) -> Filling:
        return Filling(self._settings.fill, api.site.cloud)

    async def _api(self) -> Api:
        """What is asked once and can be asked again: see ``opening.opened``."""
        if self._known is None:
            self._known = await opened(self.tracker, self._settings, self._wire)
        return self._known

    async def aclose(self) -> None:
        """Nothing to release: the wire is its owner's."""

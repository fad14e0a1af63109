"""Jira as a connector: each promise, and where it is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing

from trackersync.connector import (
    Capacity,
    Change,
    Clock,
    Item,
    Matcher,
    Page,
    Probe,
    Scope,
    These,
    Transition,
    UrlForm,
    Vocabulary,
    Wire,
    Workflow,
    abreast,
)
from trackersync_jira import lookup, reading, writing
from trackersync_jira.api import Api
from trackersync_jira.items import Site
from trackersync_jira.settings import JiraSettings, addresses

VOCABULARY = Vocabulary(
    matchers=(Matcher("statuses", "status"), Matcher("resolutions", "resolution")),
    follows={"resolution": "status"},
    routed="status",
    url_forms=(
        UrlForm(r"/(?:browse|issues)/([A-Za-z][A-Za-z0-9_]*-\d+)(?![\w-])", r"\1"),
        UrlForm(r"[?&]selectedIssue=([A-Za-z][A-Za-z0-9_]*-\d+)(?![\w-])", r"\1"),
    ),
    blank="no status",
    marks=(Matcher("labels", "labels", shared=True),),
)
"""A stage lives in the status, told apart by the resolution where need be; a resolution is set by a transition only."""

WRITES: Mapping[str, Capacity] = {"status": Capacity(1), "resolution": Capacity(1), "owners": Capacity(1)}


class JiraConnector:
    """One Jira, Cloud or Data Center, seen as items whose facts can be observed and changed."""

    writes = WRITES
    vocabulary = VOCABULARY

    def __init__(self, tracker: str, settings: JiraSettings, wire: Wire, clock: Clock) -> None:
        self.tracker = tracker
        self._settings = settings
        self._wire = wire
        # Nothing here depends on the time: bounds come from what Jira itself says of its issues.
        del clock
        self._api = Api(Site(tracker, addresses(settings)[0], settings.cloud), wire)

    async def probe(self) -> Probe:
        """Say who we are, what we may do, what is missing and how to get it; see ``access.examine``."""
        # Late, because the library takes long to import and only this needs it.
        from trackersync_jira.access import examine  # noqa: PLC0415

        sent: list[str] = []
        try:
            return await asyncio.to_thread(examine, self.tracker, self._settings, sent)
        finally:
            self._wire.count("read", len(sent))

    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        """Yield issues: projects side by side from their cursors on, or single ones by id.

        A project that was never read begins with the question who we are, since Jira answers strangers with an empty
        list.

        Raises:
            AuthError: at once.
            UnavailableError, NotFoundError: after the other projects have been read.
        """
        found: AsyncGenerator[Page]
        if isinstance(scope, These):
            found = lookup.pages(self._api, scope.refs, self._settings.projects)
        else:
            projects = scope.wanted(self._settings.projects)
            if any(project not in scope.cursors for project in projects):
                await self._api.authenticate()
            found = abreast(
                {project: reading.pages(self._api, project, scope.cursors.get(project)) for project in projects}
            )
        # A reader that stops early must not leave requests under way.
        async with aclosing(found):
            async for page in found:
                yield page

    async def apply(self, change: Change) -> Item:
        """Look, compare with ``before``, write, read back; see ``writing.apply``."""
        return await writing.apply(self._api, change, frozenset(self._settings.projects))

    async def workflow(self, item: Item) -> Workflow:
        """The hops that may be made now from the item's status; the rest of the graph shows itself hop by hop.

        Raises:
            NotFoundError: the issue is gone or hidden.
        """
        hops = await self._api.hops(item.ref.id, item.key)
        status = next(iter(item.facts.get("status", ())), "")
        return Workflow({status: tuple(Transition(hop.id, hop.name, hop.to.name) for hop in hops)})

    async def aclose(self) -> None:
        """Nothing to release: the wire is its owner's."""

"""How far a Jira's workflows are known: what an issue is offered now, and where permitted how all of it is drawn.

What an issue is offered is what counts: it is asked for each time, is ours (permissions and conditions are considered)
and tells of screens. The drawing knows of none of these, but of every status, so that a path can be planned whole. Data
Center does not show it. Source: Atlassian, "Get transitions" and "Bulk get workflows", Jira Cloud platform REST API v3.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from trackersync.connector import (
    AuthError,
    Item,
    NotFoundError,
    RejectedError,
    Transition,
    UnavailableError,
    Workflow,
    decode,
)
from trackersync_jira.api import Api
from trackersync_jira.drawing import Drawn, Leaves, leaves
from trackersync_jira.filling import Filling
from trackersync_jira.refusals import ABSENT
from trackersync_jira.screens import field_of, transition

Ids = tuple[str, str]
"""A project's and an issue type's."""

_HIDDEN = ABSENT | {400, 401, 403}
"""How Jira says that it does not show how workflows are drawn: to us, to scoped tokens, or at all."""


@dataclass(slots=True)
class Workflows:
    """What one run has learned of a Jira's workflows.

    Attributes:
        api: what to ask.
        filling: what is configured for screens.
    """

    api: Api
    filling: Filling
    _hidden: bool = False
    _ids: dict[tuple[str, ...], Ids] = field(default_factory=dict)
    _drawn: dict[Ids, Leaves] = field(default_factory=dict)
    _seen: dict[Ids, Leaves] = field(default_factory=dict)
    _names: dict[str, dict[str, str]] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, item: Item, needs: Collection[str] = ()) -> Workflow:
        """An issue's workflow; see ``connector.Routed.workflow``.

        Raises:
            NotFoundError: the issue is gone or hidden.
        """
        hops = await self.api.hops(item.ref.id, item.key)
        offered = tuple(transition(hop, self.filling) for hop in hops)
        here = next(iter(item.facts.get("status", ())), "")
        kind = (item.container, *item.facts.get("type", ()))
        asked = sorted({*needs, *(need for hop in offered for need in hop.needs)})
        held: frozenset[str] = frozenset()
        if asked or (self._shown and kind not in self._ids):
            values = await self.api.values(item.ref.id, ["status", "project", "issuetype", *map(field_of, asked)])
            held = frozenset(need for need in asked if values.get(field_of(need)) not in (None, "", [], {}))
            # Somebody may have moved it since it was observed: then these are the hops of that other status.
            here = _member(values, "status", "name") or here
            self._ids[kind] = (_member(values, "project", "id"), _member(values, "issuetype", "id"))
        return Workflow(await self._known(item, kind, here, offered), held)

    @property
    def _shown(self) -> bool:
        return self.api.site.cloud and not self._hidden

    async def _known(self, item: Item, kind: tuple[str, ...], here: str, offered: tuple[Transition, ...]) -> Leaves:
        ids = self._ids.get(kind)
        if not self._shown or ids is None or not all(ids):
            return {here: offered}
        # Many items of one workflow are asked of at once, and the drawing is needed once.
        async with self._turn:
            if ids not in self._drawn and self._shown:
                self._drawn[ids] = await self._draw(item, ids)
        # What an issue was offered says more than the drawing.
        seen = self._seen.setdefault(ids, {})
        seen[here.casefold()] = offered
        whole = self._drawn.get(ids, {})
        others = {status: seen.get(status.casefold(), hops) for status, hops in whole.items()}
        return {status: hops for status, hops in others.items() if status.casefold() != here.casefold()} | {
            here: offered
        }

    async def _draw(self, item: Item, ids: Ids) -> Leaves:
        try:
            answer = await self.api.workflows(ids[0], ids[1:])
        except (AuthError, UnavailableError):
            # A moment ago the credential was good for transitions: it is this that it may not see, or that a server
            # has not. It is a help that can be done without.
            self._hidden = True
            return {}
        if answer.status in _HIDDEN:
            self._hidden = True
        if answer.status != 200:
            return {}
        try:
            drawn = decode(answer, Drawn)
        except UnavailableError:
            # It is a help that can be done without, and was never promised to be what it is today.
            return {}
        return leaves(drawn, await self._called(item.container))

    async def _called(self, project: str) -> dict[str, str]:
        """What a project's statuses are called for us, by id: drawings have the names that were given, untranslated."""
        if project not in self._names:
            try:
                kinds = await self.api.statuses(project)
            except (RejectedError, NotFoundError):
                # A help, too: the names that were given will do.
                kinds = ()
            self._names[project] = {status.id: status.name for kind in kinds for status in kind.statuses}
        return self._names[project]


def _member(values: Mapping[str, Any], name: str, member: str) -> str:
    value = values.get(name)
    return str(value.get(member) or "") if isinstance(value, Mapping) else ""

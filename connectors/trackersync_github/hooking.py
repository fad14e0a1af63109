"""Webhooks as ``trackersync hooks`` manages them: one for each repository, or one for each owner; see ``hooks``.

A webhook of an organisation tells of all its repositories, those to come too, and alone of moves on its boards; only
its owners may make one. So each repository has its own unless that is wanted (GitHub, "About webhooks").
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import msgspec
from pydantic import SecretStr

from trackersync.connector import Delivery, Hook, HookPlace, RejectedError, Wire
from trackersync_github.hooked import Delivered, latest, path_of
from trackersync_github.hooks import Hooks, Webhook, wanted_events
from trackersync_github.library import Library
from trackersync_github.names import Names
from trackersync_github.paging import pages
from trackersync_github.selection import owners_of
from trackersync_github.settings import GithubSettings, addresses
from trackersync_github.wire import refused

MOST_PAGES = 20
"""Of the deliveries that are looked through for failed ones: 2,000."""


@dataclass(frozen=True, slots=True)
class Hooker:
    """Implements ``connector.Hooking``.

    Attributes:
        tracker: its name in the configuration.
        settings: its part of the configuration.
        wire: to GitHub.
        names: which repositories there are.
    """

    tracker: str
    settings: GithubSettings
    wire: Wire
    names: Names

    async def places(self, *, wide: bool) -> tuple[HookPlace, ...]:
        """The repositories, or their owners; see ``connector.Hooking.hook_places``."""
        page = addresses(self.settings)[0]
        names = await self.names.all()
        if not wide:
            return tuple(HookPlace(name, f"{page}/{name}/settings/hooks", (name,)) for name in names)
        return tuple(
            HookPlace(
                owner,
                f"{page}/organizations/{owner}/settings/hooks",
                tuple(name for name in names if name.partition("/")[0].casefold() == owner.casefold()),
            )
            for owner in owners_of(names)
        )

    async def present(self, place: HookPlace, url: str) -> tuple[Hook, ...]:
        """The webhooks of a place; see ``connector.Hooking.hooks``."""
        found = []
        for one in await self._hooks().present(place.name):
            rows = await latest(self.wire, place.name, one.id) if one.url == url else []
            found.append(self._shown(place, one, rows))
        return tuple(found)

    async def ensure(self, place: HookPlace, url: str) -> Hook:
        """Have ours as it should be; see ``connector.Hooking.ensure_hook``."""
        return self._shown(place, await self._hooks().ensure(place.name, url, self._secret()), ())

    async def remove(self, place: HookPlace, url: str) -> int:
        """Take ours away; see ``connector.Hooking.remove_hooks``."""
        return await self._hooks().remove(place.name, url)

    async def ping(self, place: HookPlace, hook: Hook) -> bool:
        """Have a ping delivered; see ``connector.Hooking.ping_hook``."""
        await self._hooks().ping(place.name, int(hook.id))
        return True

    async def redeliver(self, place: HookPlace, hook: Hook, since: datetime) -> int:
        """Have what failed delivered once more, each once, the oldest first; see ``connector.Hooking.redeliver``.

        A delivery that is sent again keeps its GUID (GitHub, "Redelivering webhooks").
        """
        path = f"{path_of(place.name)}/{hook.id}/deliveries"
        failed: dict[str, int] = {}
        arrived: set[str] = set()
        doing = f"listing the deliveries of {place.name}"
        async for answer in pages(self.wire, path, lambda it: refused(it, doing), most=MOST_PAGES):
            rows = [one for one in msgspec.json.decode(answer.body, type=list[Delivered]) if one.delivered_at >= since]
            for one in rows:
                if 200 <= one.status_code < 300:
                    arrived.add(one.guid)
                failed.setdefault(one.guid, one.id)
            if not rows:
                break
        again = [number for guid, number in failed.items() if guid not in arrived]
        for number in reversed(again):
            answer = await self.wire.write("POST", f"{path}/{number}/attempts", fact="webhooks")
            if answer.status != 202:
                raise refused(answer, f"delivering once more from {place.name}")
        return len(again)

    def greeting(self) -> Delivery:
        """A ping as GitHub would sign it; see ``connector.Hooking.greeting``."""
        body = msgspec.json.encode({"zen": "trackersync hooks test", "hook_id": 0})
        signature = hmac.digest(self._secret().get_secret_value().encode(), body, "sha256").hex()
        headers = {
            "content-type": "application/json",
            "x-github-event": "ping",
            "x-github-delivery": str(uuid4()),
            "x-hub-signature-256": f"sha256={signature}",
        }
        return Delivery(headers, body)

    def steps(self, place: HookPlace, url: str) -> tuple[str, ...]:
        """By hand; see ``connector.Hooking.hook_steps``."""
        events = ", ".join(wanted_events(self.settings, organization="/" not in place.name))
        return (
            f"open {place.page} and choose Add webhook",
            f"Payload URL: {url}",
            "Content type: application/json; Secret: the first of `webhook_secrets`; SSL verification: enabled",
            f"Let me select individual events: {events}",
        )

    def _hooks(self) -> Hooks:
        return Hooks(Library(self.tracker, self.settings, self.wire))

    def _secret(self) -> SecretStr:
        """What deliveries are signed with.

        Raises:
            RejectedError: there is nothing, or an empty text.
        """
        secret = next(iter(self.settings.webhook_secrets), None)
        if secret is None or not secret.get_secret_value():
            raise RejectedError(f"{self.tracker}: there is no secret to sign with; set `webhook_secrets`")
        return secret

    def _shown(self, place: HookPlace, one: Webhook, rows: Sequence[Delivered]) -> Hook:
        wanted = wanted_events(self.settings, organization="/" not in place.name)
        lacking = () if "*" in one.events else tuple(event for event in wanted if event not in one.events)
        last = rows[0] if rows else None
        return Hook(
            str(one.id),
            place.name,
            one.url,
            one.events,
            lacking,
            active=one.active,
            signed=one.signed,
            last=None if last is None else last.delivered_at,
            answer=None if last is None else last.status_code,
            delivery="" if last is None else str(last.id),
        )

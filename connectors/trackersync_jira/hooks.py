"""Webhooks of a Jira, which administrators make: see them, have ours as it should be, take it away again.

One for the whole site, limited by a query to the configured projects, and signed with its secret. Cloud and Data Center
before 10 have them at one address, with ``enabled`` and ``filters``; Data Center since 10 at another, with ``active``
and a ``configuration`` of texts. Sources: Atlassian, "Webhooks" (Jira Cloud platform: "Registering a webhook", "Secure
admin webhooks"; Jira Data Center: "Operations with a webhook via the Jira REST API", which names the newer address).
The members of ``configuration`` are those that public clients of it send (``FILTERS``, ``EXCLUDE_BODY``, ``SECRET``);
they were not tried on a Data Center, so that ``steps`` tells how it is done by hand.

Jira never tells a secret, nor whether there is one; so it is sent each time. A webhook is ours by its address.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from pydantic import SecretStr

from trackersync.connector import Answer, Delivery, Hook, HookPlace, NotFoundError, RejectedError
from trackersync_jira.api import Api
from trackersync_jira.listener import ID, SIGNATURE
from trackersync_jira.refusals import ABSENT, known, refused
from trackersync_jira.settings import JiraSettings, addresses
from trackersync_jira.shaped import shaped

OLDER = "/rest/webhooks/1.0/webhook"
NEWER = "/rest/jira-webhook/1.0/webhooks"
"""Where Data Center has webhooks since version 10."""

SECTION = "issue-related-events-section"
NAME = "trackersync"

EVENTS = (
    *("issuelink_created", "issuelink_deleted"),
    *("jira:issue_created", "jira:issue_deleted", "jira:issue_updated"),
    *("jira:version_released", "jira:version_unreleased"),
    *("project_deleted", "project_updated"),
)
"""What ``listener`` makes use of and what changes a fact; comments and work logs change none."""

_BY_PROJECT = re.compile(r"\bproject\s*(=|in\b)", re.IGNORECASE)
_WORDS = re.compile(r"\w+")

_RIGHT = 'the account needs the global permission "Administer Jira"'


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    """A webhook as any Jira lists it.

    ``self`` is Cloud's and the older Data Center's, ``id`` the newer one's; ``enabled`` and ``active`` likewise.
    """

    url: str = ""
    name: str = ""
    events: list[str] = []
    id: str | None = None
    self_: str | None = msgspec.field(default=None, name="self")
    enabled: bool | None = None
    active: bool | None = None
    filters: dict[str, str] | None = None
    configuration: dict[str, Any] | None = None

    @property
    def number(self) -> str:
        """Its id, which some tell only as the end of its address."""
        return self.id or (self.self_ or "").rstrip("/").rpartition("/")[2]

    @property
    def used(self) -> bool:
        """Whether it delivers anything."""
        return (self.enabled if self.enabled is not None else self.active) is not False

    @property
    def query(self) -> str:
        """The issues that it tells of."""
        told = (self.configuration or {}).get("FILTERS") or (self.filters or {}).get(SECTION) or ""
        return told if isinstance(told, str) else ""


@dataclass(slots=True)
class Hooks:
    """Implements ``connector.Hooking`` for one site.

    Attributes:
        tracker: its name in the configuration.
        settings: its part of the configuration.
        api: Jira.
    """

    tracker: str
    settings: JiraSettings
    api: Api
    _path: str = field(default="", init=False)

    async def present(self, place: HookPlace) -> tuple[Hook, ...]:
        """Every webhook of the site; see ``connector.Hooking.hooks``."""
        return tuple(_shown(place, one) for one in await self._all())

    async def ensure(self, place: HookPlace, url: str) -> Hook:
        """Have ours as it should be; see ``connector.Hooking.ensure_hook``."""
        secret = secret_of(self.tracker, self.settings)
        ours = [one for one in await self._all() if one.url == url]
        for extra in ours[1:]:
            await self._delete(extra.number)
        body = self._body(url)
        if not ours:
            answer = await self._write("POST", self._path, body, secret)
        else:
            number = ours[0].number
            more = {"id": int(number)} if self._path == NEWER and number.isdecimal() else {}
            answer = await self._write("PUT", f"{self._path}/{number}", body | more, secret)
        if not 200 <= answer.status < 300:
            clean = replace(answer, body=answer.body.replace(secret.get_secret_value().encode(), b"(secret)"))
            raise refused(clean, f"{self.tracker}: Jira does not take the webhook", self._help(answer.status))
        # What it answers differs, and some answer nothing; what it lists then is what there is.
        (made, *_) = [one for one in await self._all() if one.url == url] or [Listed(url=url, events=list(EVENTS))]
        return _shown(place, made)

    async def remove(self, url: str) -> int:
        """Take ours away; see ``connector.Hooking.remove_hooks``."""
        ours = [one for one in await self._all() if one.url == url]
        for one in ours:
            await self._delete(one.number)
        return len(ours)

    async def _all(self) -> list[Listed]:
        """Every webhook; finds out where they are.

        Raises:
            RejectedError: the account is no administrator.
            NotFoundError: this Jira has them nowhere that is known.
        """
        for path in (OLDER,) if self.api.site.cloud else (NEWER, OLDER):
            answer = known(await self.api.wire.read("GET", path))
            if answer.status == 200:
                self._path = path
                return shaped(answer, list[Listed])
            if answer.status not in ABSENT:
                raise refused(answer, f"{self.tracker}: Jira does not show its webhooks", self._help(answer.status))
        raise NotFoundError(f"{self.tracker}: this Jira does not show webhooks at {OLDER} or {NEWER}")

    async def _delete(self, number: str) -> None:
        answer = known(await self.api.wire.write("DELETE", f"{self._path}/{number}", fact="webhooks"))
        # Somebody else may have been quicker.
        if not 200 <= answer.status < 300 and answer.status != 404:
            raise refused(answer, f"{self.tracker}: Jira does not remove the webhook", self._help(answer.status))

    async def _write(self, method: str, path: str, body: Mapping[str, Any], secret: SecretStr) -> Answer:
        bare = secret.get_secret_value()
        whole = {**body, "secret": bare}
        if self._path == NEWER:
            whole = {**body, "configuration": {**body["configuration"], "SECRET": bare}}
        return known(await self.api.wire.write(method, path, fact="webhooks", json=whole))

    def _body(self, url: str) -> dict[str, Any]:
        """What is sent, without the secret."""
        shared = {"name": f"{NAME} ({self.tracker})", "url": url, "events": list(EVENTS)}
        query = query_of(self.settings)
        if self._path == NEWER:
            texts = {"FILTERS": query, "EXCLUDE_BODY": "false"}
            return {**shared, "active": True, "scopeType": "global", "configuration": texts}
        return {**shared, "enabled": True, "filters": {SECTION: query}, "excludeBody": False}

    def _help(self, status: int) -> str:
        return f"Managing webhooks: {_RIGHT}." if status in {401, 403} else ""


def place_of(settings: JiraSettings) -> HookPlace:
    """The site, and the page of its administration that shows webhooks."""
    web = addresses(settings)[0] if addresses(settings) else settings.url
    return HookPlace(urlsplit(web).netloc, f"{web}/plugins/servlet/webhooks", tuple(settings.projects))


def query_of(settings: JiraSettings) -> str:
    """The issues that are told of. Without the configured filter: an issue that leaves it is to be told of too."""
    keys = ", ".join(f'"{key}"' for key in settings.projects)
    return f"project in ({keys})"


def secret_of(tracker: str, settings: JiraSettings) -> SecretStr:
    """What deliveries are signed with.

    Raises:
        RejectedError: there is nothing, or an empty text.
    """
    secret = next(iter(settings.webhook_secrets), None)
    if secret is None or not secret.get_secret_value():
        raise RejectedError(f"{tracker}: there is no secret to sign with; set `webhook_secrets`")
    return secret


def greeting(tracker: str, settings: JiraSettings, now: datetime) -> Delivery:
    """A delivery of an event that nobody listens to, signed as Jira would; see ``connector.Hooking.greeting``."""
    body = msgspec.json.encode({"timestamp": int(now.timestamp() * 1000), "webhookEvent": "trackersync_test"})
    signature = hmac.digest(secret_of(tracker, settings).get_secret_value().encode(), body, "sha256").hex()
    headers = {"content-type": "application/json", ID: str(uuid4()), SIGNATURE: f"sha256={signature}"}
    return Delivery(headers, body)


def steps(settings: JiraSettings, place: HookPlace, url: str) -> tuple[str, ...]:
    """By hand; see ``connector.Hooking.hook_steps``."""
    return (
        f"open {place.page} (Administration, System, WebHooks) and choose Create a WebHook",
        f"Status: enabled; URL: {url}",
        "Secret: the first of `webhook_secrets`",
        f"Issue related events: {query_of(settings)}",
        "tick Issue created, updated, deleted; Issue link created, deleted",
        "tick Version released, unreleased; Project updated, deleted; leave Exclude body unticked",
    )


def _shown(place: HookPlace, one: Listed) -> Hook:
    lacking = tuple(event for event in EVENTS if event not in one.events)
    if _BY_PROJECT.search(one.query):
        # A project that was configured later; a query of somebody's own making is left to him.
        named = set(_WORDS.findall(one.query.upper()))
        lacking += tuple(f"project {key}" for key in place.covers if key not in named)
    events = tuple(sorted(one.events))
    return Hook(one.number, place.name, one.url, events, lacking, active=one.used, about=one.query)

"""Webhooks at a tracker, as ``trackersync hooks`` makes, shows, tests and removes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from trackersync.connector.asked import Delivery


@dataclass(frozen=True, slots=True)
class HookPlace:
    """Where webhooks live: a repository, an organisation, a site.

    Attributes:
        name: as people call it: ``acme/shop``, ``acme``, ``acme.atlassian.net``.
        page: the address of the page on which an administrator sees them.
        covers: the repositories or projects that one here tells of.
    """

    name: str
    page: str
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook. Its secret is shown nowhere.

    Attributes:
        id: its id at the tracker.
        place: the name of the place it is in.
        url: where it delivers to.
        events: what it delivers, in the order of the alphabet.
        lacking: what we listen to and it does not deliver.
        active: whether it delivers at all.
        signed: whether it signs; None where the tracker does not tell.
        last: when it last delivered something; None where that is not told, or there was nothing.
        answer: the status that was answered then; 0 for none, None where it is not told.
        delivery: the id of that delivery, so that a later one can be told from it.
        about: what it is limited to, in the tracker's own words; empty for nothing.
    """

    id: str
    place: str
    url: str
    events: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    active: bool = True
    signed: bool | None = None
    last: datetime | None = None
    answer: int | None = None
    delivery: str = ""
    about: str = ""

    @property
    def failing(self) -> bool:
        """Whether the last delivery was not taken."""
        return self.answer is not None and not 200 <= self.answer < 300

    @property
    def sound(self) -> bool:
        """Whether all that we listen to is delivered, and signed as far as that is told."""
        return self.active and not self.lacking and self.signed is not False


@runtime_checkable
class Hooking(Protocol):
    """A tracker whose webhooks can be managed by an administrator's credential.

    All of it raises ``AuthError``, ``NotFoundError``, ``RejectedError`` (with the right that is lacking) or
    ``UnavailableError``. What is created and changed signs with the first of the tracker's `webhook_secrets`; without
    one ``RejectedError`` is raised before anything is sent. A secret is in no error and no value.
    """

    async def hook_places(self, *, wide: bool = False) -> Sequence[HookPlace]:
        """Where webhooks are needed.

        Args:
            wide: one for all that belongs to an owner, where the tracker has that, instead of one for each.
        """

    async def hooks(self, place: HookPlace, url: str = "") -> Sequence[Hook]:
        """The webhooks there are, ours and others'.

        Args:
            place: where.
            url: of those that deliver to this address, the last delivery is told as well.
        """

    async def ensure_hook(self, place: HookPlace, url: str) -> Hook:
        """Have one webhook to this address, with all that we listen to; twice equals once."""

    async def remove_hooks(self, place: HookPlace, url: str) -> int:
        """Delete the webhooks to this address, and no other; how many there were."""

    async def ping_hook(self, place: HookPlace, hook: Hook) -> bool:
        """Have the tracker deliver something harmless now; False where it cannot."""

    async def redeliver(self, place: HookPlace, hook: Hook, since: datetime) -> int | None:
        """Have what failed delivered once more; how many there were, None where the tracker cannot."""

    def greeting(self) -> Delivery:
        """A delivery as this tracker would sign it, which asks for nothing: to see whether the receiver takes it."""

    def hook_steps(self, place: HookPlace, url: str) -> Sequence[str]:
        """How an administrator does it by hand, a sentence for each step."""

"""Webhooks at GitHub: see them, have ours as it should be, take it away again. By PyGithub; see ``library``.

A webhook is ours by its address. GitHub never shows a secret, so whether it is the right one cannot be seen: it is sent
each time, which also keeps GitHub from dropping it ("Update a repository webhook": a secret that is left out of
``config`` is removed). A secret is in no error, log or value here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from github import Github
from github.Hook import Hook
from github.Organization import Organization
from github.Repository import Repository
from pydantic import SecretStr

from trackersync.connector import NotFoundError, RejectedError
from trackersync_github.library import Library
from trackersync_github.settings import GithubSettings

_NAME = "web"
"""What GitHub calls every webhook."""

T = TypeVar("T")

_ALWAYS = ("issues", "issue_comment", "label", "milestone", "sub_issues", "issue_dependencies", "repository")


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook.

    Attributes:
        id: its number at GitHub.
        url: where deliveries go.
        events: what is delivered, in the order of the alphabet.
        active: whether deliveries are sent.
        signed: whether they are signed with a secret.
    """

    id: int
    url: str
    events: tuple[str, ...]
    active: bool
    signed: bool


def wanted_events(settings: GithubSettings, *, organization: bool) -> tuple[str, ...]:
    """The events that ``listener`` makes use of under this configuration, in the order of the alphabet.

    A board's are sent by webhooks of organisations only (GitHub, "Webhook events and payloads").
    """
    events = set(_ALWAYS)
    events |= {"pull_request"} if settings.pull_requests or "pulls" in settings.evidence else set()
    events |= {"release"} if "releases" in settings.evidence else set()
    events |= {"deployment_status"} if "deployments" in settings.evidence else set()
    if organization and settings.project is not None and settings.project.kind == "organization":
        events |= {"projects_v2_item"}
    return tuple(sorted(events))


@dataclass(frozen=True, slots=True)
class Hooks:
    """Webhooks of a place: a repository ``acme/shop``, or an organisation ``acme``.

    All of it needs the right to manage webhooks (token or App: Webhooks; classic token: ``admin:repo_hook``
    or ``admin:org_hook``), and raises ``AuthError``, ``NotFoundError``, ``RejectedError`` or ``UnavailableError``.
    """

    library: Library

    async def present(self, place: str) -> tuple[Webhook, ...]:
        """The webhooks there are, ours and others'."""
        return tuple(_shown(hook) for hook in await self._all(place))

    async def ensure(
        self, place: str, url: str, secret: SecretStr, events: Sequence[str] = (), *, active: bool = True
    ) -> Webhook:
        """Have one webhook to this address, with these events and this secret, created or changed as needed.

        Doing it twice equals once. A second webhook to the same address would deliver some events twice; it goes.

        Args:
            place: the repository or organisation.
            url: where deliveries go.
            secret: what they are signed with; never empty, since unsigned ones are not accepted.
            events: what is delivered; empty for ``wanted_events``.
            active: whether deliveries are sent.
        """
        if not secret.get_secret_value():
            raise RejectedError(f"the webhook of {place} needs a secret to sign with; nothing was sent")
        names = list(events or wanted_events(self.library.settings, organization="/" not in place))
        config = {"url": url, "content_type": "json", "insecure_ssl": "0", "secret": secret.get_secret_value()}
        ours = [hook for hook in await self._all(place) if _address(hook) == url]
        for extra in ours[1:]:
            await self._delete(place, extra.id)
        if not ours:

            def create(github: Github) -> Hook:
                return _of(github, place).create_hook(_NAME, config, names, active)

            return _shown(await self._write(place, "creating the webhook", create, creates=True))

        def change(github: Github) -> Hook:
            hook = _at(github, place, ours[0].id)
            hook.edit(_NAME, config, events=names, active=active)
            return hook

        return _shown(await self._write(place, "changing the webhook", change))

    async def remove(self, place: str, url: str) -> int:
        """Delete the webhooks to this address, and no other.

        Returns:
            How many there were.
        """
        ours = [hook for hook in await self._all(place) if _address(hook) == url]
        gone = [await self._delete(place, hook.id) for hook in ours]
        if not all(gone) and any(_address(hook) == url for hook in await self._all(place)):
            # GitHub says 404 as well to who may see webhooks and not delete them.
            raise _without_right(place, NotFoundError(f"GitHub answered 404 on removing the webhook of {place}"))
        return len(ours)

    async def ping(self, place: str, number: int) -> None:
        """Have a webhook deliver a ping now."""

        def ping(github: Github) -> None:
            _at(github, place, number).ping()

        await self._write(place, "pinging the webhook", ping)

    async def _all(self, place: str) -> list[Hook]:
        def look(github: Github) -> list[Hook]:
            return list(_of(github, place).get_hooks())

        try:
            return await self.library.call("read", f"listing the webhooks of {place}", look)
        except (NotFoundError, RejectedError) as error:
            raise _without_right(place, error) from None

    async def _delete(self, place: str, number: int) -> bool:
        """Delete one; False where GitHub says that it is not there."""

        def delete(github: Github) -> None:
            _at(github, place, number).delete()

        try:
            await self._write(place, "removing the webhook", delete)
        except NotFoundError:
            # Most likely somebody else was quicker.
            return False
        return True

    async def _write(self, place: str, doing: str, ask: Callable[[Github], T], *, creates: bool = False) -> T:
        try:
            return await self.library.call("write", f"{doing} of {place}", ask, creates=creates)
        except NotFoundError as error:
            raise _without_right(place, error) from None
        except RejectedError as error:
            raise _unwelcome(place, error) from None


def _of(github: Github, place: str) -> Repository | Organization:
    return github.get_repo(place) if "/" in place else github.get_organization(place)


def _at(github: Github, place: str, number: int) -> Hook:
    """A webhook by its number, without a request."""
    return _of(github, place).get_hook(number)


def _address(hook: Hook) -> str:
    return str((hook.config or {}).get("url", ""))


def _shown(hook: Hook) -> Webhook:
    signed = bool((hook.config or {}).get("secret"))
    return Webhook(hook.id, _address(hook), tuple(sorted(hook.events)), bool(hook.active), signed)


def _without_right(place: str, error: NotFoundError | RejectedError) -> NotFoundError | RejectedError:
    """GitHub says 404 to who may not see webhooks; so the right is named as well."""
    kind, scope = ("repository", "admin:repo_hook") if "/" in place else ("organization", "admin:org_hook")
    return type(error)(
        f"{error}. Managing webhooks needs the {kind} permission Webhooks: read and write (classic token: {scope})"
    )


def _unwelcome(place: str, error: RejectedError) -> RejectedError:
    """A refusal with what helps: GitHub answers 422 to an address that is not in the public internet, 403 to others."""
    if "answered 422" not in str(error):
        return RejectedError(str(_without_right(place, error)))
    return RejectedError(f"{error}. Check `service.address`: GitHub delivers to public addresses only")

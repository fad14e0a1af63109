"""What GitHub would tell a webhook of what happened in the stand-in's repository: signed, as it would come in.

What is registered at an address on loopback is told by itself (``notices``); a test that wants the deliveries in its
own hands takes what a person did and makes them of it::

    model.edit(17, labels=["bug", "stage: build"], by="ada-l")
    for sent in Webhook(model, "sesame").edited(model.edits[-1]):
        receive(sent.headers, sent.body)

An edit of several labels or people comes as several deliveries, one for each, as it does from GitHub.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlencode
from uuid import uuid4

import msgspec

from trackersync.sandbox.github import render
from trackersync.sandbox.sent import Sent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trackersync.sandbox.audit import Edit
    from trackersync.sandbox.github.model import GitHub, Issue

HOOK: Final = 109_948_940
_KINDS: Final = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


class Webhook:
    """A repository's webhook.

    Args:
        model: the repository.
        secret: what it signs with; empty for a webhook without one.
        base: the address of the stand-in.
        content: which of GitHub's two content types it was set up with.
        version: of the API; the older one has the singular ``assignee``.
        hook: its id.
    """

    def __init__(
        self,
        model: GitHub,
        secret: str,
        *,
        base: str = "http://127.0.0.1",
        content: Literal["json", "form"] = "json",
        version: str = render.WITHOUT_ASSIGNEE,
        hook: int = HOOK,
    ) -> None:
        self._model = model
        self._hook = hook
        self._secret = secret
        self._base = base
        self._content = content
        self._version = version

    def sent(self, event: str, body: Mapping[str, Any]) -> Sent:
        """Sign and address any body."""
        raw = msgspec.json.encode(body)
        if self._content == "form":
            raw = urlencode({"payload": raw}).encode()
        headers = {
            "content-type": _KINDS[self._content],
            "user-agent": "GitHub-Hookshot/0a1b2c3",
            "x-github-delivery": str(uuid4()),
            "x-github-event": event,
            "x-github-hook-id": str(self._hook),
            "x-github-hook-installation-target-id": str(self._model.repository_id),
            "x-github-hook-installation-target-type": "repository",
        }
        if self._secret:
            for name, digest in (("x-hub-signature-256", "sha256"), ("x-hub-signature", "sha1")):
                headers[name] = f"{digest}={hmac.digest(self._secret.encode(), raw, digest).hex()}"
        return Sent(headers, raw)

    def ping(self) -> Sent:
        """What a new webhook says first."""
        hook = {"type": "Repository", "id": self._hook, "active": True, "events": ["*"]}
        body = {"zen": "Speak like a human.", "hook_id": self._hook, "hook": hook, **self._where(self._model.owner)}
        return self.sent("ping", body)

    def opened(self, issue: Issue) -> Sent:
        """Say that an issue was opened."""
        return self._issues("opened", issue, issue.author)

    def edited(self, edit: Edit[Issue]) -> tuple[Sent, ...]:
        """Say what an edit changed, one delivery for each thing."""
        return tuple(self._issues(action, edit.after, edit.by, **more) for action, more in self._actions(edit))

    def deleted(self, issue: Issue, by: str) -> Sent:
        """Say that an issue was deleted, and how it looked."""
        return self._issues("deleted", issue, by)

    def transferred(self, issue: Issue, to: GitHub, new: Issue, by: str) -> Sent:
        """Say that an issue was transferred, and where to."""
        changes = {
            "new_issue": render.issue(to, new, self._base, self._version),
            "new_repository": render.repository(to, self._base),
        }
        return self._issues("transferred", issue, by, changes=changes)

    def _issues(self, action: str, issue: Issue, by: str, **more: Any) -> Sent:  # noqa: ANN401  # JSON
        shown = render.issue(self._model, issue, self._base, self._version)
        return self.sent("issues", {"action": action, "issue": shown, **more, **self._where(by)})

    def _where(self, by: str) -> dict[str, Any]:
        return {
            "repository": render.repository(self._model, self._base),
            "sender": render.user(self._model, by, self._base),
        }

    def _actions(self, edit: Edit[Issue]) -> Iterator[tuple[str, dict[str, Any]]]:
        old, new = edit.before, edit.after
        changes = {
            name: {"from": before}
            for name, before, after in (("title", old.title, new.title), ("body", old.body, new.body))
            if before != after
        }
        if changes:
            yield "edited", {"changes": changes}
        for action, names in (("labeled", _gone(new.labels, old.labels)), ("unlabeled", _gone(old.labels, new.labels))):
            for name in names:
                yield action, {"label": render.label(self._model, name, self._base)}
        for action, logins in (
            ("assigned", _gone(new.assignees, old.assignees)),
            ("unassigned", _gone(old.assignees, new.assignees)),
        ):
            for login in logins:
                yield action, {"assignee": render.user(self._model, login, self._base)}
        for action, number in (("demilestoned", old.milestone), ("milestoned", new.milestone)):
            if number is not None and old.milestone != new.milestone:
                yield action, {"milestone": render.milestone(self._model, number, self._base)}
        for action, kind in (("untyped", old.type), ("typed", new.type)):
            if kind is not None and old.type != new.type:
                yield action, {"type": {"name": kind}}
        if old.state != new.state:
            yield ("closed" if new.state == "closed" else "reopened"), {}


def _gone(these: tuple[str, ...], those: tuple[str, ...]) -> list[str]:
    return [one for one in these if one not in those]

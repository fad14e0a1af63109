"""Whom GitHub tells of what happens: the active webhooks of a repository and of its owner that asked for the event.

GitHub, "Webhook events and payloads"; a new webhook is pinged at once. Only addresses on loopback are told anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from trackersync.sandbox import moments
from trackersync.sandbox.github.deliveries import Webhook
from trackersync.sandbox.posting import Post, Posting, reachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trackersync.sandbox.audit import Edit
    from trackersync.sandbox.github.hub import Hub
    from trackersync.sandbox.github.model import GitHub, Issue
    from trackersync.sandbox.sent import Sent

_KEPT: Final = 200
"""Deliveries that are remembered of a webhook; the real one remembers three days."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A webhook's delivery: when, what it was answered, and what it was."""

    at: int
    code: int
    status: str
    id: int = 0
    event: str = ""
    sent: Sent | None = None
    redelivery: bool = False


class Notices:
    """What is told, and how each was answered.

    Attributes:
        post: how it gets there.
        delivered: by webhook, its deliveries, the latest first.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._given = 0
        self.post = Post()
        self.delivered: dict[int, list[Delivered]] = {}

    def deliver(self, hook: int, code: int, status: str = "OK", **more: Any) -> None:  # noqa: ANN401  # of Delivered
        """Have delivered something just now to a webhook, and been answered this; 0 for no answer."""
        now = moments.seconds(self._hub.models[0].clock())
        self._given += 1
        rows = self.delivered.setdefault(hook, [])
        rows.insert(0, Delivered(now, code, status, hook * 10_000 + self._given, **more))
        del rows[_KEPT:]

    def opened(self, model: GitHub, issue: Issue) -> None:
        """Tell that an issue was opened."""
        self._tell(model, issue, lambda hook: (hook.opened(issue),))

    def edited(self, model: GitHub, edit: Edit[Issue]) -> None:
        """Tell what an edit changed."""
        self._tell(model, edit.after, lambda hook: hook.edited(edit))

    def deleted(self, model: GitHub, issue: Issue, by: str) -> None:
        """Tell that an issue was deleted."""
        self._tell(model, issue, lambda hook: (hook.deleted(issue, by),))

    def ping(self, model: GitHub, hook: dict[str, Any]) -> None:
        """Tell a webhook that it is one."""
        if reachable(hook["config"]["url"]):
            self._send(hook, self._teller(model, hook).ping(), "", sure=True)

    def again(self, hook: dict[str, Any], one: Delivered) -> None:
        """Send a delivery once more, under its old id."""
        if one.sent is not None and reachable(hook["config"]["url"]):
            self._send(hook, one.sent, "", sure=True, redelivery=True)

    def _tell(self, model: GitHub, issue: Issue, say: Callable[[Webhook], Iterable[Sent]]) -> None:
        event = "pull_request" if issue.pull else "issues"
        for place in (str(model.repository_id), model.owner.casefold()):
            for hook in self._hub.hooks.get(place, {}).values():
                if hook["active"] and {event, "*"} & set(hook["events"]) and reachable(hook["config"]["url"]):
                    for sent in say(self._teller(model, hook)):
                        self._send(hook, sent, f"{model.repository}#{issue.number}")

    def _teller(self, model: GitHub, hook: dict[str, Any]) -> Webhook:
        config = hook["config"]
        base = hook.get("base", "http://127.0.0.1")
        return Webhook(
            model, config.get("secret") or "", base=base, content=config.get("content_type", "form"), hook=hook["id"]
        )

    def _send(
        self, hook: dict[str, Any], sent: Sent, about: str, *, sure: bool = False, redelivery: bool = False
    ) -> None:
        event = sent.headers["x-github-event"]

        def told(code: int) -> None:
            wrong = f"Invalid HTTP Response: {code}" if code else "failed to connect to host"
            status = "OK" if 200 <= code < 300 else wrong
            with self._hub.models[0].lock:
                self.deliver(hook["id"], code, status, event=event, sent=sent, redelivery=redelivery)

        self.post.send(Posting("github", about, event, hook["config"]["url"], sent), told, sure=sure)

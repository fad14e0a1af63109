"""What Jira would tell a webhook of what happened on the stand-in's site: signed, as it would come in.

What is registered at an address on loopback is told by itself (``notices``); a test that wants the delivery in its own
hands takes what a person did and makes it of it::

    model.edit("SHOP-17", status="In Review", by="ada-l")
    receive(Webhook(model, "sesame").edited(model.edits[-1]))

An edit is one delivery, however much it changed, as it is from Jira. Cloud and Data Center differ in what a changelog
says of fields and people (see ``past``), and in what a comment's delivery carries.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import msgspec

from trackersync.sandbox import moments
from trackersync.sandbox.jira.render import FIELDS, Renderer
from trackersync.sandbox.sent import Sent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackersync.sandbox.audit import Edit
    from trackersync.sandbox.jira.model import Issue, Jira

_TYPES: Final = {"assignee": "issue_assigned", "status": "issue_generic", "issuekey": "issue_moved"}
"""By the field that was changed, what the event is called besides; anything else is an update."""


class Webhook:
    """A site's webhook.

    Args:
        model: the site.
        secret: what it signs with, or bears; empty for a webhook without one.
        base: the address of the stand-in.
        cloud: whether Cloud sends it; else Data Center.
        header: where it bears its secret, for one that cannot sign; empty for one that can.
    """

    def __init__(
        self, model: Jira, secret: str, *, base: str = "http://127.0.0.1", cloud: bool = True, header: str = ""
    ) -> None:
        self._model = model
        self._secret = secret
        self._cloud = cloud
        self._header = header.lower()
        self._render = Renderer(model, base, "2", cloud=cloud)

    def sent(self, event: str, body: Mapping[str, Any]) -> Sent:
        """Time, sign and address any body."""
        at = moments.milliseconds(self._model.clock())
        raw = msgspec.json.encode({"timestamp": at, "webhookEvent": event} | dict(body))
        headers = {
            "content-type": "application/json; charset=UTF-8",
            "user-agent": "Atlassian Webhook HTTP Client",
            # The same whenever one delivery is tried again.
            "x-atlassian-webhook-identifier": str(uuid4()),
        }
        if self._cloud:
            headers["x-atlassian-webhook-flow"] = "Primary"
        if self._secret and self._header:
            headers[self._header] = self._secret
        elif self._secret:
            headers["x-hub-signature"] = "sha256=" + hmac.digest(self._secret.encode(), raw, "sha256").hex()
        return Sent(headers, raw)

    def created(self, issue: Issue) -> Sent:
        """Say that an issue was created."""
        return self._issue("created", issue, issue.reporter, issue_event_type_name="issue_created")

    def edited(self, edit: Edit[Issue]) -> Sent:
        """Say what an edit changed."""
        change = self._render.history(edit.after.history[-1])
        named = next((_TYPES[item[0]] for item in edit.after.history[-1].items if item[0] in _TYPES), "issue_updated")
        changelog = {"id": change["id"], "items": change["items"]}
        return self._issue("updated", edit.after, edit.by, issue_event_type_name=named, changelog=changelog)

    def deleted(self, issue: Issue, by: str) -> Sent:
        """Say that an issue was deleted, and how it looked."""
        return self._issue("deleted", issue, by)

    def commented(self, issue: Issue, by: str, text: str, what: str = "created") -> Sent:
        """Say that somebody wrote a comment, or what else became of it; Data Center says little of the issue then."""
        number = str(10_000 + len(text))
        comment = {
            "self": f"{self._render.api}/issue/{issue.id}/comment/{number}",
            "id": number,
            "author": self._person(by),
            "body": text,
        }
        shown = {"issue": self._render.issue(issue, ("summary", "project", "status"))} if self._cloud else {}
        return self.sent(f"comment_{what}", {"comment": comment} | shown)

    def linked(self, source: Issue, destination: Issue, what: str = "created") -> Sent:
        """Say that two issues were linked, or are no more."""
        ends = {"sourceIssueId": source.id, "destinationIssueId": destination.id}
        kind = {"id": 10_000, "name": "Blocks", "outwardName": "blocks", "inwardName": "is blocked by"}
        return self.sent(f"issuelink_{what}", {"issueLink": {"id": 10_100, "issueLinkType": kind, **ends}})

    def _issue(self, what: str, issue: Issue, by: str | None, **more: object) -> Sent:
        body = {"user": self._person(by), "issue": self._render.issue(issue, FIELDS)}
        return self.sent(f"jira:issue_{what}", body | more)

    def _person(self, name: str | None) -> dict[str, Any] | None:
        user = None if name is None else self._model.user(name)
        return None if user is None else self._render.user(user.account_id)

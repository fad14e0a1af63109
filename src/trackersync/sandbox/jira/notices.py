"""Whom Jira tells of what happens: the webhooks in use that asked for the event, and whose filter the issue meets.

Atlassian, "Webhooks". Only addresses on loopback are told anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackersync.sandbox.jira import jql, search
from trackersync.sandbox.jira.deliveries import Webhook
from trackersync.sandbox.posting import Posting, reachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackersync.sandbox.audit import Edit
    from trackersync.sandbox.jira.model import Issue, Jira
    from trackersync.sandbox.sent import Sent


def created(model: Jira, issue: Issue) -> None:
    """Tell that an issue was created."""
    _tell(model, issue, "jira:issue_created", lambda hook: hook.created(issue))


def edited(model: Jira, edit: Edit[Issue]) -> None:
    """Tell what an edit changed."""
    _tell(model, edit.after, "jira:issue_updated", lambda hook: hook.edited(edit))


def deleted(model: Jira, issue: Issue, by: str) -> None:
    """Tell that an issue was deleted."""
    _tell(model, issue, "jira:issue_deleted", lambda hook: hook.deleted(issue, by))


def _tell(model: Jira, issue: Issue, event: str, say: Callable[[Webhook], Sent]) -> None:
    for hook in model.premises.hooks:
        if not (hook.enabled and event in hook.events and reachable(hook.url)):
            continue
        if hook.jql and not search.meets(model, jql.read(hook.jql, model.time_zone, model.clock), issue):
            continue
        sent = say(Webhook(model, hook.secret, base=hook.base, cloud=hook.cloud))
        model.premises.post.send(Posting("jira", issue.key, event, hook.url, sent))

"""The bodies of Jira's webhook deliveries, as far as they say where to look.

One shape for all events (Atlassian, "Webhooks"; for Data Center "Managing webhooks"): what an event is about stands in
a member of that name, and which members come with which event has changed over the years and between flavours. Ids are
numbers in some events and texts in others. Members we do not use are not decoded.

An automation rule sends an issue alone, without an event around it ("Send web request", "Issue data").
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from trackersync.connector import Delivery

Id = Annotated[int, msgspec.Meta(ge=1)] | Annotated[str, msgspec.Meta(pattern=r"\A[1-9][0-9]{0,17}\Z")]

_COMMENT = re.compile(r"/issue/([1-9][0-9]{0,17})/comment/")
"""The address of a comment: on Data Center all that a deleted one says of its issue."""

_KEY = frozenset({"key", "issuekey"})
_MOVED = _KEY | {"project"}


class Project(msgspec.Struct, frozen=True):
    """A project."""

    key: str | None = None


class Fields(msgspec.Struct, frozen=True):
    """An issue's fields."""

    project: Project | None = None


class Issue(msgspec.Struct, frozen=True):
    """An issue, by the id that stays and the key that does not."""

    id: Id | None = None
    key: str | None = None
    fields: Fields | None = None

    @property
    def projects(self) -> frozenset[str]:
        """The keys of the projects it is said to be in; empty where that is not said."""
        named = self.fields.project.key if self.fields is not None and self.fields.project is not None else None
        return frozenset(filter(None, (named, _project(self.key))))


class Change(msgspec.Struct, frozen=True, rename="camel"):
    """One field that was changed."""

    field: str | None = None
    field_id: str | None = None
    from_string: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """What the field is called: by its id, and by the words of the history."""
        return frozenset((name or "").casefold() for name in (self.field, self.field_id))


class Changelog(msgspec.Struct, frozen=True):
    """What was changed."""

    items: list[Change] | None = None


class IssueLink(msgspec.Struct, frozen=True, rename="camel"):
    """A link, and the two issues it links."""

    source_issue_id: Id | None = None
    destination_issue_id: Id | None = None


class Worklog(msgspec.Struct, frozen=True, rename="camel"):
    """Work that was logged."""

    issue_id: Id | None = None


class Comment(msgspec.Struct, frozen=True):
    """A comment."""

    address: str | None = msgspec.field(name="self", default=None)

    @property
    def issue(self) -> str | None:
        """The id of its issue, where its address says it."""
        found = _COMMENT.search(self.address or "")
        return found[1] if found else None


class Body(msgspec.Struct, frozen=True, rename="camel"):
    """A delivery. Without ``webhook_event`` an old Server sent it, or an automation rule."""

    webhook_event: str | None = None
    event_type: str | None = msgspec.field(name="issue_event_type_name", default=None)
    issue: Issue | None = None
    changelog: Changelog | None = None
    issue_link: IssueLink | None = None
    worklog: Worklog | None = None
    comment: Comment | None = None
    project: Project | None = None
    # An issue without an event around it.
    id: Id | None = None
    key: str | None = None
    fields: Fields | None = None

    @property
    def event(self) -> str:
        """Which event it is; empty where the delivery does not say."""
        return self.webhook_event or ""

    @property
    def about(self) -> Issue | None:
        """The issue it is about."""
        if self.issue is None and not self.event and (self.id is not None or self.key):
            return Issue(self.id, self.key, self.fields)
        return self.issue

    @property
    def left(self) -> frozenset[str] | None:
        """The keys of the projects an issue has just left; empty where that is not said, None where it stayed.

        Only the former key names the project: the former project is told by its name.
        """
        items = (self.changelog.items if self.changelog is not None else None) or []
        if self.event_type != "issue_moved" and not any(one.names & _MOVED for one in items):
            return None
        return frozenset(filter(None, (_project(one.from_string) for one in items if one.names & _KEY)))


def read(delivery: Delivery) -> Body:
    """Decode a body.

    Raises:
        ValueError: it is not what Jira sends; the sentence quotes nothing of it.
    """
    if not delivery.body.strip():
        raise ValueError('it has no body; switch off "Exclude body" of the webhook in Jira')
    try:
        return msgspec.json.decode(delivery.body, type=Body)
    except msgspec.MsgspecError as error:
        # It names the member and the types.
        raise ValueError(str(error)) from None
    except (UnicodeError, RecursionError):
        # Without the chain: the first of these holds the whole body.
        raise ValueError("it is no JSON") from None


def _project(key: str | None) -> str:
    return (key or "").rpartition("-")[0]

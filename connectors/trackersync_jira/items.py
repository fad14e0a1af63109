"""Jira's issues as items: pure translation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from trackersync.connector import Account, Facts, Item, ItemRef, UnavailableError, mentions
from trackersync_jira.document import plain
from trackersync_jira.shapes import Issue, Named, User

FIELDS = (
    "summary",
    "description",
    "status",
    "resolution",
    "assignee",
    "created",
    "updated",
    "issuetype",
    "project",
    "labels",
    "priority",
)
"""The fields asked for; everything else stays in Jira."""


@dataclass(frozen=True, slots=True)
class Site:
    """What it takes to read an issue of one Jira.

    Attributes:
        tracker: its name in the configuration.
        web: where its pages for people are.
        cloud: whether accounts are named by ``accountId``; else by user name.
    """

    tracker: str
    web: str
    cloud: bool


def item(site: Site, issue: Issue) -> Item:
    """An issue as an item.

    Raises:
        UnavailableError: a time cannot be read, or the assignee has no id of the kind this flavour of Jira has.
    """
    urls, keys = mentions(plain(issue.fields.description))
    return Item(
        ref=ItemRef(site.tracker, issue.id),
        key=issue.key,
        url=f"{site.web}/browse/{issue.key}",
        title=" ".join((issue.fields.summary or "").split()),
        container=issue.fields.project.key,
        created=moment(issue, issue.fields.created),
        updated=moment(issue, issue.fields.updated),
        facts=_facts(site, issue),
        urls=urls,
        keys=keys,
    )


def accounts(site: Site, issues: Iterable[Issue]) -> tuple[Account, ...]:
    """The people seen as assignees, each once."""
    seen = {issue.fields.assignee: issue for issue in issues if issue.fields.assignee is not None}
    return tuple(
        Account(
            tracker=site.tracker,
            id=account_id(site, issue.key, user),
            name=user.display_name or user.name or account_id(site, issue.key, user),
            email=user.email_address or None,
            active=user.active,
            human=_human(user),
            verified=_verified(site, user),
        )
        for user, issue in seen.items()
    )


def account_id(site: Site, key: str, user: User) -> str:
    """The id by which an account is named: ``accountId`` on Cloud, the user name on Data Center.

    Raises:
        UnavailableError: it has none. Taking the other one instead would make one person two.
    """
    found = user.account_id if site.cloud else user.name
    if found:
        return found
    flavour, lacks, remedy = (
        ("Cloud", "accountId", "If this is a Data Center, leave `email` out")
        if site.cloud
        else ("Data Center", "user name", "If this is Jira Cloud, add `email`")
    )
    raise UnavailableError(
        f"{site.tracker}: the assignee of {key} has no {lacks}, by which Jira {flavour} names people. {remedy}."
    )


def moment(issue: Issue, text: str) -> datetime:
    """A time as Jira writes it, ``2016-10-04T23:01:45.000+0000``, in UTC.

    Raises:
        UnavailableError: it is no such time.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnavailableError(f'{issue.key} bears a time that cannot be read: "{text[:40]}".') from error
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def milliseconds(when: datetime) -> int:
    """A time as JQL counts it, without the rounding of a floating-point product."""
    return int(when.replace(microsecond=0).timestamp()) * 1000 + when.microsecond // 1000


def _facts(site: Site, issue: Issue) -> Facts:
    fields = issue.fields
    category = fields.status.status_category if fields.status else None
    return {
        "status": _one(fields.status.name if fields.status else ""),
        "resolution": _one(_name(fields.resolution)),
        "owners": _one(account_id(site, issue.key, fields.assignee) if fields.assignee else ""),
        "type": _one(_name(fields.issuetype)),
        "priority": _one(_name(fields.priority)),
        "category": _one(category.key if category else ""),
        "labels": tuple(fields.labels or ()),
    }


def _name(named: Named | None) -> str:
    return named.name if named else ""


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _verified(site: Site, user: User) -> bool:
    """Whether Jira vouches for the e-mail: an Atlassian account is not activated before its owner has confirmed it.

    Source: Atlassian, ACCESS-617. A portal's customer has no such account ("What is an Atlassian account?"), and on
    Data Center an administrator, a directory or the user writes what they like.
    """
    return site.cloud and bool(user.email_address) and user.account_type == "atlassian"


def _human(user: User) -> bool | None:
    """Apps are not people. Data Center does not say."""
    return None if user.account_type is None else user.account_type != "app"

"""Jira's issues as items: pure translation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from trackersync.connector import Account, Facts, Item, ItemRef, UnavailableError, mentions
from trackersync_jira.checklist import checklist
from trackersync_jira.customs import chosen
from trackersync_jira.document import plain
from trackersync_jira.relations import related
from trackersync_jira.shapes import Issue, Named, User, Version
from trackersync_jira.site import Site
from trackersync_jira.users import account_id, human, owners, verified

__all__ = ["FIELDS", "Site", "account_id", "accounts", "item", "milliseconds", "moment"]

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
    "components",
    "fixVersions",
)
"""The fields asked for; everything else stays in Jira."""


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
        created=moment(issue, issue.fields.created or issue.fields.updated),
        updated=moment(issue, issue.fields.updated),
        facts=_facts(site, issue),
        urls=urls,
        keys=keys,
    )


def accounts(site: Site, issues: Iterable[Issue]) -> tuple[Account, ...]:
    """The people seen as owners, each once."""
    seen: dict[str, User] = {}
    for issue in issues:
        for user in owners(site, issue):
            seen.setdefault(account_id(site, issue.key, user), user)
    return tuple(
        Account(
            tracker=site.tracker,
            id=id_,
            # Whoever closed their account, or hides it from us, has no name.
            name=user.display_name or user.name or id_,
            email=user.email_address or None,
            active=user.active,
            human=human(user),
            verified=verified(site, user),
        )
        for id_, user in seen.items()
    )


def moment(issue: Issue, text: str) -> datetime:
    """A time as Jira writes it, ``2016-10-04T23:01:45.000+0000``, in UTC.

    Raises:
        UnavailableError: it is no such time.
    """
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise UnavailableError(f'{issue.key} bears a time that cannot be read: "{text[:40]}".') from error


def milliseconds(when: datetime) -> int:
    """A time as JQL counts it, without the rounding of a floating-point product."""
    return int(when.replace(microsecond=0).timestamp()) * 1000 + when.microsecond // 1000


def _facts(site: Site, issue: Issue) -> Facts:
    fields = issue.fields
    category = fields.status.status_category if fields.status else None
    return {
        "status": _one(fields.status.name if fields.status else ""),
        "resolution": _one(_name(fields.resolution)),
        "owners": tuple(dict.fromkeys(account_id(site, issue.key, user) for user in owners(site, issue))),
        "project": _one(fields.project.key),
        "type": _one(_name(fields.issuetype)),
        "priority": _one(_name(fields.priority)),
        "category": _one(category.key if category else ""),
        "labels": tuple(fields.labels or ()),
        "components": tuple(component.name for component in fields.components or ()),
        "released": _released(fields.fix_versions or ()),
        **({"field": chosen(issue.custom.get(site.field))} if site.field else {}),
        **(related(issue, site.ties) if site.ties is not None else {}),
        **({"checklist": checklist(fields.description)} if site.checklist else {}),
    }


def _released(versions: Sequence[Version]) -> tuple[str, ...]:
    """Whether any of the versions that an issue is fixed in is released: then it has reached its users."""
    return ("released" if any(version.released for version in versions) else "unreleased",) if versions else ()


def _name(named: Named | None) -> str:
    return named.name if named else ""


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()

"""Jira's accounts: who owns an issue, by which id, and what Jira says of them."""

from __future__ import annotations

import msgspec

from trackersync.connector import UnavailableError
from trackersync_jira.shapes import Issue, User
from trackersync_jira.site import Site


def owners(site: Site, issue: Issue) -> tuple[User, ...]:
    """The assignee first, then those in the field of co-owners; somebody in both is told twice."""
    assignee = (issue.fields.assignee,) if issue.fields.assignee is not None else ()
    return (*assignee, *co_owners(site, issue))


def co_owners(site: Site, issue: Issue) -> tuple[User, ...]:
    """Those in the field of co-owners, which takes several users or one.

    Raises:
        UnavailableError: it holds no users.
    """
    value = issue.custom.get(site.co_owners) if site.co_owners else None
    if value is None:
        return ()
    try:
        return tuple(msgspec.convert(value if isinstance(value, list) else [value], list[User]))
    except msgspec.ValidationError as error:
        raise UnavailableError(
            f"{site.tracker}: the field {site.co_owners} of {issue.key} holds no users ({error}). Name a user picker "
            "as `co_owners`."
        ) from error


def account_id(site: Site, key: str, user: User) -> str:
    """The id by which an account is named: ``accountId`` on Cloud, the user name on Data Center.

    Data Center assigns by the name; its ``key`` stays when a user is renamed, but no request takes it for an assignee.

    Raises:
        UnavailableError: it has none. Taking the other one instead would make one person two.
    """
    found = user.account_id if site.cloud else user.name
    if found:
        return found
    flavour, lacks, remedy = (
        ("Cloud", "accountId", "If this is a Data Center, add `deployment: data center`")
        if site.cloud
        else ("Data Center", "user name", "If this is Jira Cloud, add `deployment: cloud`")
    )
    raise UnavailableError(
        f"{site.tracker}: an owner of {key} has no {lacks}, by which Jira {flavour} names people. {remedy}."
    )


def verified(site: Site, user: User) -> bool:
    """Whether Jira vouches for the e-mail: an Atlassian account is not activated before its owner has confirmed it.

    Source: Atlassian, ACCESS-617. A portal's customer has no such account ("What is an Atlassian account?"), and on
    Data Center an administrator, a directory or the user writes what they like.
    """
    return site.cloud and bool(user.email_address) and user.account_type == "atlassian"


def human(user: User) -> bool | None:
    """Apps are no people. Of an account that was closed Cloud does not say (``unknown``), and Data Center of none.

    Source of the types: Atlassian, "The Jira Cloud platform REST API" v3, ``User.accountType``.
    """
    return None if user.account_type in {None, "unknown"} else user.account_type != "app"

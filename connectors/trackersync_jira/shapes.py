"""The parts of Jira's JSON we read, and nothing else: what is not named here is skipped while decoding.

Whatever Jira may leave out or send as null is optional. Source: Atlassian, "The Jira Cloud platform REST API" v3 and
the Jira Data Center REST API v2.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Named(msgspec.Struct, frozen=True):
    """A resolution, priority or issue type."""

    name: str


class Category(msgspec.Struct, frozen=True):
    """What a status counts in: ``new``, ``indeterminate``, ``done``."""

    key: str = ""


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """A status and its category."""

    name: str
    status_category: Category | None = None


class Project(msgspec.Struct, frozen=True):
    """The project an issue lives in; its key changes when the project is renamed."""

    key: str


class User(msgspec.Struct, frozen=True, rename="camel"):
    """An account: named by ``account_id`` on Cloud, by ``name`` on Data Center."""

    account_id: str | None = None
    name: str | None = None
    display_name: str | None = None
    email_address: str | None = None
    active: bool | None = None
    account_type: str | None = None


class Fields(msgspec.Struct, frozen=True):
    """The fields asked for, see ``items.FIELDS``. ``description`` is wiki text (v2) or a document (v3, ADF)."""

    project: Project
    created: str
    updated: str
    summary: str | None = None
    description: Any = None
    status: Status | None = None
    resolution: Named | None = None
    assignee: User | None = None
    issuetype: Named | None = None
    priority: Named | None = None
    labels: list[str] | None = None


class Issue(msgspec.Struct, frozen=True):
    """One issue."""

    id: str
    key: str
    fields: Fields


class Found(msgspec.Struct, frozen=True, rename="camel"):
    """One page of a search: with a token on Cloud, with a total on Data Center."""

    issues: list[Issue]
    next_page_token: str | None = None
    is_last: bool | None = None
    total: int | None = None


class IssueError(msgspec.Struct, frozen=True):
    """An issue that a bulk fetch could not give this time."""

    id: str = ""


class Fetched(msgspec.Struct, frozen=True, rename="camel"):
    """What a bulk fetch gave. Issues that do not exist or are hidden are in neither list."""

    issues: list[Issue]
    issue_errors: list[IssueError] | None = None


class Count(msgspec.Struct, frozen=True):
    """The answer of ``/search/approximate-count``."""

    count: int


class ScreenField(msgspec.Struct, frozen=True, rename="camel"):
    """A field on a transition's screen."""

    name: str = ""
    required: bool = False
    has_default_value: bool | None = None
    allowed_values: list[Any] | None = None


class Hop(msgspec.Struct, frozen=True, rename="camel"):
    """A transition the calling user may make now, and the status it leads to."""

    id: str
    name: str
    to: Status
    fields: dict[str, ScreenField] | None = None
    is_available: bool | None = None


class Hops(msgspec.Struct, frozen=True):
    """The answer of ``/issue/{id}/transitions``."""

    transitions: list[Hop]


class Held(msgspec.Struct, frozen=True):
    """An issue's fields as they come, to see which of them hold something."""

    fields: dict[str, Any]


class Refusal(msgspec.Struct, frozen=True, rename="camel"):
    """The body of an error."""

    error_messages: list[str] | None = None
    errors: dict[str, Any] | None = None
    message: str | None = None


class Permission(msgspec.Struct, frozen=True, rename="camel"):
    """Whether we have a permission."""

    have_permission: bool = False


class Permissions(msgspec.Struct, frozen=True):
    """The answer of ``/mypermissions``."""

    permissions: dict[str, Permission]

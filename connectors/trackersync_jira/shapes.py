"""The parts of Jira's JSON we read, and nothing else: what is not named here is skipped while decoding.

Whatever Jira may leave out or send as null is optional. Source: Atlassian, "The Jira Cloud platform REST API" v3 and
the Jira Data Center REST API v2.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class Named(msgspec.Struct, frozen=True):
    """A resolution, priority, component or issue type."""

    name: str = ""
    id: str = ""


class Category(msgspec.Struct, frozen=True):
    """What a status counts in: ``new``, ``indeterminate``, ``done``."""

    key: str = ""


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """A status and its category."""

    name: str = ""
    status_category: Category | None = None
    id: str = ""


class RelativeFields(msgspec.Struct, frozen=True):
    """What an issue shows of a relative."""

    status: Status | None = None


class Relative(msgspec.Struct, frozen=True):
    """Another issue, as its relatives carry it."""

    key: str = ""
    fields: RelativeFields | None = None


class LinkType(msgspec.Struct, frozen=True):
    """What a link between issues means, as administrators call it."""

    name: str = ""


class IssueLink(msgspec.Struct, frozen=True, rename="camel"):
    """A link to another issue: with ``inward_issue`` the type's inward words are true of this one."""

    type: LinkType
    inward_issue: Relative | None = None
    outward_issue: Relative | None = None


class RemoteObject(msgspec.Struct, frozen=True):
    """What a remote link leads to."""

    url: str | None = None
    title: str | None = None


class RemoteIssueLink(msgspec.Struct, frozen=True, rename="camel"):
    """A link to something outside of Jira."""

    object: RemoteObject
    global_id: str | None = None


class Project(msgspec.Struct, frozen=True):
    """The project an issue lives in; its key changes when the project is renamed."""

    key: str
    id: str = ""


class User(msgspec.Struct, frozen=True, rename="camel"):
    """An account: named by ``account_id`` on Cloud, by ``name`` on Data Center."""

    account_id: str | None = None
    name: str | None = None
    display_name: str | None = None
    email_address: str | None = None
    active: bool | None = None
    account_type: str | None = None
    time_zone: str | None = None


class Version(msgspec.Struct, frozen=True):
    """A version of a project."""

    released: bool | None = None


class Fields(msgspec.Struct, frozen=True, rename={"fix_versions": "fixVersions"}):
    """The fields asked for, see ``items.FIELDS``. ``description`` is wiki text (v2) or a document (v3, ADF)."""

    project: Project
    updated: str
    created: str = ""
    summary: str | None = None
    description: Any = None
    status: Status | None = None
    resolution: Named | None = None
    assignee: User | None = None
    issuetype: Named | None = None
    priority: Named | None = None
    labels: list[str] | None = None
    components: list[Named] | None = None
    fix_versions: list[Version] | None = None
    parent: Relative | None = None
    subtasks: list[Relative] | None = None
    issuelinks: list[IssueLink] | None = None
    duedate: str | None = None


class Issue(msgspec.Struct, frozen=True):
    """One issue; ``custom`` holds the custom fields that were asked for, by id, as they come."""

    id: str
    key: str
    fields: Fields
    custom: dict[str, Any] = {}


class Raw(msgspec.Struct, frozen=True):
    """An issue's fields, as they come."""

    fields: dict[str, Any]


class RawFound(msgspec.Struct, frozen=True):
    """The issues of a page, as they come."""

    issues: list[Raw]


class FieldScope(msgspec.Struct, frozen=True):
    """The one project that a field of a team-managed project belongs to."""

    project: Named | None = None


class Field(msgspec.Struct, frozen=True, rename="camel"):
    """A field that Jira knows: ``customfield_10040``, what people call it, and on Cloud what it was first called."""

    id: str
    name: str = ""
    untranslated_name: str | None = None
    schema: Schema | None = None
    scope: FieldScope | None = None


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


class Schema(msgspec.Struct, frozen=True):
    """The type of a field: of an array that of its ``items`` too, of a custom field its plug-in's key."""

    type: str = ""
    items: str = ""
    custom: str = ""
    system: str = ""


class ScreenField(msgspec.Struct, frozen=True, rename="camel"):
    """A field on a transition's screen."""

    name: str = ""
    required: bool = False
    has_default_value: bool | None = None
    allowed_values: list[Any] | None = None
    schema: Schema | None = None


class EditField(msgspec.Struct, frozen=True, rename="camel"):
    """A field on an issue's edit screen, and what may be done to it: ``set``, ``add``, ``remove``."""

    name: str = ""
    operations: list[str] = []
    schema: Schema | None = None
    allowed_values: list[Any] | None = None


class EditScreen(msgspec.Struct, frozen=True):
    """The answer of ``/issue/{id}/editmeta``: only the fields that we may edit."""

    fields: dict[str, EditField] = {}


class Hop(msgspec.Struct, frozen=True, rename="camel"):
    """A transition the calling user may make now, and the status it leads to."""

    id: str
    to: Status
    name: str = ""
    fields: dict[str, ScreenField] | None = None
    is_available: bool | None = None


class Hops(msgspec.Struct, frozen=True):
    """The answer of ``/issue/{id}/transitions``."""

    transitions: list[Hop]


class Held(msgspec.Struct, frozen=True):
    """An issue's fields as they come, to see which of them hold something."""

    fields: dict[str, Any]
    id: str = ""


class Refusal(msgspec.Struct, frozen=True, rename="camel"):
    """The body of an error."""

    error_messages: list[str] | None = None
    errors: dict[str, Any] | None = None
    message: str | None = None


class ServerInfo(msgspec.Struct, frozen=True, rename="camel"):
    """What is installed: ``Cloud``, or ``Server`` and ``Data Center``."""

    deployment_type: str = ""


class Tenant(msgspec.Struct, frozen=True, rename="camel"):
    """A site of Cloud: what it is called at the gateway."""

    cloud_id: str = ""


class AccessToken(msgspec.Struct, frozen=True, rename="camel"):
    """A personal access token of Data Center, as its owner sees it: not the secret."""

    name: str = ""
    expiring_at: datetime | None = None


class Permission(msgspec.Struct, frozen=True, rename="camel"):
    """Whether we have a permission."""

    have_permission: bool = False


class Permissions(msgspec.Struct, frozen=True):
    """The answer of ``/mypermissions``."""

    permissions: dict[str, Permission]

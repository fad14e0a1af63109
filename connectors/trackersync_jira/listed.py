"""How lists of what a Jira knows look, apart from the issues that show it: statuses and resolutions, described."""

from __future__ import annotations

import msgspec

from trackersync_jira.shapes import Named, Status


class ListedStatus(Status, frozen=True, rename="camel"):
    """A status as a project's list shows it."""

    description: str | None = None


class KindStatuses(msgspec.Struct, frozen=True):
    """The statuses of one issue type of a project."""

    statuses: list[ListedStatus]
    id: str = ""
    name: str = ""


class ListedResolution(Named, frozen=True):
    """A resolution as the list of all shows it."""

    description: str | None = None

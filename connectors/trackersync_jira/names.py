"""What statuses and resolutions are called now: administrators rename them, and their ids stay.

Sources: Atlassian, "The Jira Cloud platform REST API" v3 and the Jira Data Center REST API v2: "Get all statuses for
project", by issue type; "Get resolutions". Anybody who may browse the project may ask both. A team-managed project has
statuses of its own, so the same name may stand for another id in another project.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from trackersync.connector import Named
from trackersync_jira.api import Api
from trackersync_jira.shapes import Issue

STATUS, RESOLUTION = "status", "resolution"


async def names(api: Api, projects: Iterable[str]) -> tuple[Named, ...]:
    """Every status of these projects and every resolution.

    Raises:
        NotFoundError: a project is gone or hidden.
        AuthError, UnavailableError: Jira cannot be asked.
    """
    wanted = tuple(dict.fromkeys(projects))
    try:
        async with asyncio.TaskGroup() as group:
            ended = group.create_task(api.resolutions())
            asked = [group.create_task(api.statuses(project)) for project in wanted]
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from group_error
    told = (
        Named(STATUS, status.id, status.name, (project,))
        for project, task in zip(wanted, asked, strict=True)
        for kind in task.result()
        for status in kind.statuses
    )
    return _each_once((*told, *(Named(RESOLUTION, one.id, one.name) for one in ended.result())))


def seen(issues: Iterable[Issue]) -> tuple[Named, ...]:
    """The statuses and resolutions that issues show."""
    shown: list[Named] = []
    for issue in issues:
        fields = issue.fields
        if fields.status is not None:
            shown.append(Named(STATUS, fields.status.id, fields.status.name, (fields.project.key,)))
        if fields.resolution is not None:
            shown.append(Named(RESOLUTION, fields.resolution.id, fields.resolution.name))
    return _each_once(shown)


def _each_once(told: Iterable[Named]) -> tuple[Named, ...]:
    """Each value once, with all its containers; of two names that one page gives it the later one."""
    found: dict[tuple[str, str], Named] = {}
    for named in told:
        before = found.get((named.fact, named.id))
        containers = named.containers if before is None else (*before.containers, *named.containers)
        found[named.fact, named.id] = Named(named.fact, named.id, named.name, tuple(dict.fromkeys(containers)))
    return tuple(named for named in found.values() if named.id)

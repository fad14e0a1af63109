"""Boards: what people see of the order of the work. Their columns are statuses, which count anyway.

They are Jira Software's, so that a Jira without it, a stand-in, or a token with scopes for issues alone shows none.
Sources: Atlassian, "The Jira Software Cloud REST API" and "Jira Software Data Center REST API", "Get all boards" and
"Get configuration".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

import msgspec

from trackersync.connector import AuthError, NotFoundError, RejectedError, UnavailableError, each
from trackersync_jira.api import Api
from trackersync_jira.refusals import known
from trackersync_jira.shaped import shaped

LISTED = 50
"""Boards of a project that are listed, on one page."""
MOST = 10
"""Boards that are looked at, a request for each."""

Columns = tuple[tuple[str, ...], ...]
"""Statuses in the order of the work, those that stand alike together."""

T = TypeVar("T")


class Location(msgspec.Struct, frozen=True, rename="camel"):
    """Where a board is at home."""

    project_key: str = ""


class Board(msgspec.Struct, frozen=True):
    """A board."""

    id: str
    name: str = ""
    location: Location | None = None


class Boards(msgspec.Struct, frozen=True):
    """A page of boards."""

    values: list[Board]


class ColumnStatus(msgspec.Struct, frozen=True):
    """A status in a column: its id alone."""

    id: str


class Column(msgspec.Struct, frozen=True):
    """A column and the statuses in it; none are in one that only people see."""

    name: str = ""
    statuses: list[ColumnStatus] = []


class ColumnConfig(msgspec.Struct, frozen=True):
    """The columns of a board, in their order."""

    columns: list[Column]


class Configuration(msgspec.Struct, frozen=True, rename="camel"):
    """How a board is set up."""

    column_config: ColumnConfig


@dataclass(frozen=True, slots=True)
class Laid:
    """A board with its columns.

    Attributes:
        name: as people call it.
        columns: the statuses by column, as they are called for us; empty columns are left out.
        titles: what the columns are called.
        projects: those configured projects that list it.
    """

    name: str
    columns: Columns
    titles: tuple[str, ...]
    projects: tuple[str, ...]


async def laid(api: Api, projects: Sequence[str], called: Mapping[str, str]) -> tuple[tuple[Laid, ...], str]:
    """The boards of these projects, the likeliest first, and why some are not shown; empty where all are.

    Args:
        api: Jira.
        projects: their keys.
        called: by id, what statuses are called for us.
    """
    trouble: dict[str, str] = {}

    async def listed(project: str) -> list[Board]:
        params: dict[str, str | int] = {"projectKeyOrId": project, "maxResults": LISTED}
        found = await _asked(api, "/rest/agile/1.0/board", Boards, params)
        if isinstance(found, str):
            trouble[project] = found
            return []
        return found.values

    async def configured(board: Board) -> Configuration | str:
        return await _asked(api, f"/rest/agile/1.0/board/{quote(board.id, safe='')}/configuration", Configuration, {})

    lists = await each(listed, projects)
    boards = {board.id: board for found in lists.values() for board in found}
    # One that is at home in a project says more of it than one that only shows some of its issues.
    wanted = sorted(boards.values(), key=lambda board: not _at_home(board, projects))[:MOST]
    found = [
        _laid(board, setup, [key for key in projects if board.id in {one.id for one in lists[key]}], called)
        for board, setup in (await each(configured, wanted)).items()
        if not isinstance(setup, str)
    ]
    said = f"{', '.join(trouble)}: {next(iter(trouble.values()))}" if trouble else ""
    return tuple(one for one in found if one.columns), said


def merged(orders: Iterable[Columns]) -> dict[str, int]:
    """How far along each status stands, from 0, by several orders of which the first is believed most: pure.

    What only a later order knows is put behind what stands before it there.
    """
    line: list[list[str]] = []
    for columns in orders:
        at = -1
        for column in columns:
            places = [place for place, names in enumerate(line) if any(name in names for name in column)]
            fresh = [name for name in dict.fromkeys(column) if not any(name in names for names in line)]
            if places:
                at = max(places)
                line[at] += fresh
            elif fresh:
                at += 1
                line.insert(at, fresh)
    return {name: rank for rank, names in enumerate(line) for name in names}


async def _asked(api: Api, path: str, shape: type[T], params: Mapping[str, str | int]) -> T | str:
    """What is answered, or why not: boards are a help that can be done without."""
    try:
        answer = known(await api.wire.read("GET", path, params=params))
        return shaped(answer, shape) if answer.status == 200 else f"{answer.status}"
    except AuthError:
        return "401"
    except (NotFoundError, RejectedError, UnavailableError):
        return "no usable answer"


def _at_home(board: Board, projects: Sequence[str]) -> bool:
    return board.location is not None and board.location.project_key in projects


def _laid(board: Board, setup: Configuration, projects: Sequence[str], called: Mapping[str, str]) -> Laid:
    """A board with its columns; statuses of other projects, which it may show as well, are left out."""
    columns = [
        (column.name, tuple(dict.fromkeys(called[one.id] for one in column.statuses if one.id in called)))
        for column in setup.column_config.columns
    ]
    filled = [(title, statuses) for title, statuses in columns if statuses]
    return Laid(
        board.name, tuple(statuses for _, statuses in filled), tuple(title for title, _ in filled), tuple(projects)
    )

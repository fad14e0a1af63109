"""The boards (Projects v2) there are: those linked to the configured repositories, then the others of their owners.

GraphQL API, objects ``ProjectV2`` and ``ProjectV2Owner``. A project shows to whoever may see it: an App with the
organisation permission Projects, a token with the scope ``read:project``; to the token of a workflow never.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from trackersync.connector import NotFoundError, RejectedError, Sign, SurveyedBoard
from trackersync_github.graphql import GraphQL, UnservedError, shaped

STATUS: Final = "Status"
"""The single-select field that every project is made with."""

MOST: Final = 20
"""Boards of a repository, and of an owner, that are looked at."""

RIGHT: Final = (
    "an App needs the organisation permission Projects: read, a classic token the scope read:project; the token of a "
    "workflow (GITHUB_TOKEN) sees none"
)

UNSERVED: Final = "this server tells nothing of boards (Projects v2)"

_BOARDS: Final = f"""
  projectsV2(first: {MOST}) {{
    totalCount
    nodes {{
      number
      title
      closed
      owner {{ __typename ... on Organization {{ login }} ... on User {{ login }} }}
      items(first: 1) {{ totalCount }}
      fields(first: 50) {{ nodes {{ ... on ProjectV2SingleSelectField {{ name options {{ name }} }} }} }}
    }}
  }}
"""
LINKED: Final = (
    "query BoardsOfRepository($owner: String!, $name: String!) {"
    f" shown: repository(owner: $owner, name: $name) {{ {_BOARDS} }} }}"
)
OWNED: Final = (
    "query BoardsOfOwner($owner: String!) {"
    f" shown: repositoryOwner(login: $owner) {{ ... on Organization {{ {_BOARDS} }} ... on User {{ {_BOARDS} }} }} }}"
)
QUERIES: Final = (LINKED, OWNED)


class _Name(msgspec.Struct, frozen=True):
    name: str


class _Field(msgspec.Struct, frozen=True):
    # Nothing is shown of a field in which nothing can be chosen.
    name: str = ""
    options: list[_Name] = []


class _Fields(msgspec.Struct, frozen=True):
    nodes: list[_Field | None]


class _Owner(msgspec.Struct, frozen=True):
    kind: str = msgspec.field(default="", name="__typename")
    login: str = ""


class _Items(msgspec.Struct, frozen=True, rename="camel"):
    total_count: int


class _Project(msgspec.Struct, frozen=True):
    number: int
    title: str
    owner: _Owner
    items: _Items
    fields: _Fields
    closed: bool = False


class _Projects(msgspec.Struct, frozen=True, rename="camel"):
    nodes: list[_Project | None]
    total_count: int = 0


class _Shown(msgspec.Struct, frozen=True):
    projects: _Projects | None = msgspec.field(default=None, name="projectsV2")


@dataclass(slots=True)
class _Found:
    """Boards by owner and number, how many repositories each is linked to, whose were not seen, and remarks."""

    projects: dict[tuple[str, int], _Project] = field(default_factory=dict)
    links: dict[tuple[str, int], int] = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


class BoardSurvey:
    """Looks for boards.

    Args:
        graphql: the host's.
    """

    def __init__(self, graphql: GraphQL) -> None:
        self._graphql = graphql

    async def of(self, repositories: Sequence[str]) -> tuple[tuple[SurveyedBoard, ...], tuple[str, ...]]:
        """The boards whose columns may carry the stage, the likeliest first, and remarks on what was not seen.

        Raises:
            AuthError, UnavailableError: they cannot be asked for.
        """
        found = _Found()
        asked = [(LINKED, dict(zip(("owner", "name"), one.split("/", 1), strict=True))) for one in repositories]
        owners = list(dict.fromkeys(one.partition("/")[0] for one in repositories))
        asked += [(OWNED, {"owner": owner}) for owner in owners]
        answers = await asyncio.gather(*(self._asked(query, variables) for query, variables in asked))
        for (query, variables), answer in zip(asked, answers, strict=True):
            if answer is None:
                return (), (UNSERVED,)
            if answer.projects is None or any(one is None for one in answer.projects.nodes):
                found.unseen.setdefault(variables["owner"].casefold(), variables["owner"])
            if answer.projects is not None:
                _keep(found, answer.projects, "/".join(variables.values()), linked=query is LINKED)
        for key, owner in found.unseen.items():
            some = any(seen == key for seen, _ in found.projects)
            found.remarks.append(
                f"{'not all' if some else 'no'} boards of {owner} may be seen with this token: {RIGHT}"
            )
        boards = [_board(project) for key, project in sorted(found.projects.items(), key=lambda one: _rank(found, one))]
        return tuple(boards), tuple(dict.fromkeys(found.remarks))

    async def _asked(self, query: str, variables: dict[str, str]) -> _Shown | None:
        """What may be seen of a repository's or an owner's boards; None where the host has no such question."""
        try:
            data: dict[str, Any] = await self._graphql.ask(query, variables, gaps=True)
        except UnservedError:
            return None
        except (RejectedError, NotFoundError):
            return _Shown()
        return shaped(data.get("shown") or {}, _Shown, f"which boards {'/'.join(variables.values())} has")


def _keep(found: _Found, projects: _Projects, place: str, *, linked: bool) -> None:
    """Take in the boards that can carry a stage."""
    for project in projects.nodes:
        if project is None or project.closed:
            continue
        key = (project.owner.login.casefold(), project.number)
        if _columns(project) is None:
            found.remarks.append(f"the board {project.title} of {project.owner.login} has no single-select field")
            continue
        found.projects[key] = project
        found.links[key] = found.links.get(key, 0) + linked
    if projects.total_count > MOST:
        found.remarks.append(f"{place} has {projects.total_count} boards, of which {MOST} were looked at")


def _rank(found: _Found, one: tuple[tuple[str, int], _Project]) -> tuple[int, int, str, int]:
    """The likeliest first: linked to most of the repositories, then the fullest."""
    key, project = one
    return -found.links[key], -project.items.total_count, project.title.casefold(), project.number


def _columns(project: _Project) -> _Field | None:
    """The field whose options are the columns: Status, or the first in which one option is chosen."""
    choices: Iterable[_Field] = [one for one in project.fields.nodes if one is not None and one.name]
    status = (one for one in choices if one.name.casefold() == STATUS.casefold())
    return next(status, next(iter(choices), None))


def _board(project: _Project) -> SurveyedBoard:
    columns = _columns(project) or _Field()
    kind = "organization" if project.owner.kind == "Organization" else "user"
    settings = {"owner": project.owner.login, "number": project.number, "kind": kind, "field": columns.name}
    return SurveyedBoard(
        name=project.title,
        settings={"project": settings},
        signs=tuple(Sign("board", option.name, rank=rank) for rank, option in enumerate(columns.options)),
        items=project.items.total_count,
    )

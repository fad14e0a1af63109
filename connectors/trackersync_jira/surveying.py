"""What a Jira shows of itself before anybody has mapped it: statuses, resolutions, boards, and their order.

The order is that of boards' columns where there is a board, else that of the workflow as it is drawn, where that is
shown. Sources: Atlassian, "Get all statuses for project", "Get resolutions", "Get fields", "Bulk get workflows" (Jira
Cloud platform REST API v3) and the same of the Jira Data Center REST API v2; ``boards``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trackersync.connector import (
    AuthError,
    NotFoundError,
    RejectedError,
    Sign,
    Survey,
    SurveyedBoard,
    UnavailableError,
    decode,
    each,
)
from trackersync_jira.api import Api
from trackersync_jira.boards import Columns, Laid, laid, merged
from trackersync_jira.drawing import Drawing, Drawn, drawings
from trackersync_jira.listed import KindStatuses, ListedResolution, ListedStatus
from trackersync_jira.shapes import Field

CATEGORIES = {"new": "backlog", "indeterminate": "started", "done": "done"}
"""By Jira's key of a status category, what it is called for all trackers."""

LONGEST = 200
"""Characters of a description that are kept."""
FIELDS = 3
"""Fields that look as if a stage lived in them, of which is told."""

_STAGE = re.compile(
    r"\b(stages?|\w*phases?|delivery (state|status)|development (state|status)|stadium|étape|etapa|fase)\b"
    r"|フェーズ|ステージ|工程|段階",
    re.IGNORECASE,
)
_SINGLE = ("select", "radiobuttons")
"""The last words of the plug-ins' keys whose fields hold one choice."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a project shows of its statuses.

    Attributes:
        id: the project's.
        kinds: its issue types, each with its statuses.
    """

    id: str
    kinds: tuple[KindStatuses, ...]

    @property
    def statuses(self) -> tuple[ListedStatus, ...]:
        """Its statuses, each once."""
        return tuple({status.id or status.name: status for kind in self.kinds for status in kind.statuses}.values())


async def survey(api: Api, projects: Sequence[str]) -> Survey:
    """Every value in which a stage may live in these projects; see ``connector.Surveying.survey``.

    Raises:
        NotFoundError: one of them does not exist or is hidden.
        AuthError, UnavailableError: Jira cannot be asked.
    """
    silent: dict[str, str] = {}

    async def of(project: str) -> Shown:
        found = await api.project(project)
        try:
            return Shown(found.id, await api.statuses(project))
        except (NotFoundError, RejectedError) as error:
            # The project is there: a server that lists no statuses may show them on its issues.
            silent[project] = str(error).removeprefix(f"{api.site.tracker}: ").removesuffix(".")
            return Shown(found.id, ())

    known = await each(of, projects)
    called = {status.id: status.name for one in known.values() for status in one.statuses if status.id}
    boards, unshown = await laid(api, projects, called)
    remarks = []
    if silent:
        said = f"{', '.join(silent)}: statuses are not listed ({next(iter(silent.values()))})"
        remarks.append(f"{said}; those are known that issues show")
    remarks += [f"boards are not shown ({unshown})"] if unshown else []
    orders = [board.columns for board in boards]
    bare = [project for project in projects if not any(project in board.projects for board in boards)]
    orders += await _drawn(api, {project: known[project] for project in bare}, called)
    ranks = merged(orders)
    statuses, disagreements = _statuses(known, ranks)
    resolutions, silence = await _resolutions(api)
    remarks += [*disagreements, *silence]
    if statuses and not ranks:
        remarks.append("neither a board nor a workflow shows the order of the statuses")
    remarks += await _fields(api, {one.id for one in known.values()})
    return Survey(
        signs=(*statuses, *resolutions),
        boards=tuple(_board(board, statuses, projects) for board in boards),
        remarks=tuple(remarks),
    )


async def shown(api: Api, project: str) -> Shown:
    """What a project shows of its statuses.

    Raises:
        NotFoundError: it does not exist or is hidden.
        AuthError, RejectedError, UnavailableError: Jira cannot be asked.
    """
    found = await api.project(project)
    return Shown(found.id, await api.statuses(project))


async def drawn(api: Api, project: Shown, called: Mapping[str, str]) -> tuple[Drawing, ...] | None:
    """How a project's workflows are drawn; None where that is not shown to us, or never, as on Data Center.

    Args:
        api: Jira.
        project: what it shows of its statuses.
        called: by id, what statuses are called for us.
    """
    kinds = [kind.id for kind in project.kinds if kind.id]
    if not (api.site.cloud and project.id and kinds) or api.site.anonymous:
        return None
    try:
        answer = await api.workflows(project.id, kinds)
        return drawings(decode(answer, Drawn), called) if answer.status == 200 else None
    except (AuthError, NotFoundError, RejectedError, UnavailableError):
        # It is a help that can be done without, and most accounts may not see it.
        return None


async def _drawn(api: Api, projects: Mapping[str, Shown], called: Mapping[str, str]) -> list[Columns]:
    async def of(project: str) -> tuple[Drawing, ...] | None:
        return await drawn(api, projects[project], called)

    found = [one for ones in (await each(of, projects)).values() for one in ones or ()]
    # What shows more of the way is the better one to begin with.
    return sorted((one.columns for one in found), key=len, reverse=True)


def _statuses(known: Mapping[str, Shown], ranks: Mapping[str, int]) -> tuple[list[Sign], list[str]]:
    """The statuses by name, and sentences on those that are not the same everywhere.

    A team-managed project has statuses of its own, so that one name may stand for several.
    """
    seen: dict[str, dict[str, ListedStatus]] = {}
    for project, one in known.items():
        for status in one.statuses:
            seen.setdefault(status.name, {})[project] = status
    signs, remarks = [], []
    for name, by_project in seen.items():
        categories = dict.fromkeys(_category(status) for status in by_project.values())
        if len(categories) > 1:
            where = ", ".join(f"{category or 'nothing'} in {_of(by_project, category)}" for category in categories)
            remarks.append(f'the status "{name}" counts differently: {where}')
        note = next((note for status in by_project.values() if (note := _note(status.description, name))), "")
        signs.append(
            Sign(
                "statuses",
                name,
                category=next(iter(categories)) if len(categories) == 1 else "",
                rank=ranks.get(name),
                containers=() if len(by_project) == len(known) else tuple(by_project),
                note=note,
            )
        )
    # Stable: what has no place in the order stays as Jira lists it, at the end.
    signs.sort(key=lambda sign: len(ranks) if sign.rank is None else sign.rank)
    return signs, remarks


async def _resolutions(api: Api) -> tuple[list[Sign], list[str]]:
    try:
        found: tuple[ListedResolution, ...] = await api.resolutions()
    except (AuthError, RejectedError, NotFoundError, UnavailableError):
        return [], ["resolutions are not shown"]
    return [Sign("resolutions", one.name, note=_note(one.description, one.name)) for one in found if one.name], []


async def _fields(api: Api, project_ids: Iterable[str]) -> list[str]:
    """Sentences on fields in which a stage may live, by their names: whether it does, people know."""
    try:
        fields = await api.known_fields()
    except (AuthError, RejectedError, NotFoundError, UnavailableError):
        return []
    ours = frozenset(project_ids)
    found = [
        field
        for field in fields
        if _STAGE.search(field.name) and _is_choice(field) and (_owner(field) is None or _owner(field) in ours)
    ]
    named = [field.name.casefold() for field in fields]
    return [
        f'a stage may live in the field "{field.name}": if it does, write '
        f"field: {field.name if named.count(field.name.casefold()) == 1 else field.id}"
        for field in found[:FIELDS]
    ]


def _board(board: Laid, statuses: Sequence[Sign], projects: Sequence[str]) -> SurveyedBoard:
    categories = {sign.value: sign.category for sign in statuses}
    return SurveyedBoard(
        board.name,
        {},
        tuple(
            Sign(
                "statuses",
                name,
                category=categories.get(name, ""),
                rank=rank,
                containers=() if len(board.projects) == len(projects) else board.projects,
                note="" if title == name else f"column {title}",
            )
            for rank, (title, names) in enumerate(zip(board.titles, board.columns, strict=True))
            for name in names
        ),
    )


def _category(status: ListedStatus) -> str:
    return CATEGORIES.get(status.status_category.key, "") if status.status_category is not None else ""


def _of(by_project: Mapping[str, ListedStatus], category: str) -> str:
    return ", ".join(project for project, status in by_project.items() if _category(status) == category)


def _note(description: str | None, name: str) -> str:
    text = " ".join((description or "").split())
    if text.casefold() == name.casefold():
        return ""
    return text[:LONGEST] + ("…" if len(text) > LONGEST else "")


def _is_choice(field: Field) -> bool:
    schema = field.schema
    return schema is not None and schema.type == "option" and schema.custom.rpartition(":")[2] in _SINGLE


def _owner(field: Field) -> str | None:
    """The id of the one project that a field belongs to; None for every project's."""
    if field.scope is None or field.scope.project is None:
        return None
    return field.scope.project.id

"""Whether what the configuration names exists: labels in the repositories, columns of the board, options of the field.

A label that is missing is made when it is first needed, where stages may be written. A column or an option is people's
to make, and one that is named wrongly can neither be seen nor written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from trackersync.connector import Check, Grade, NotFoundError, RejectedError, each
from trackersync_github.board import Board
from trackersync_github.cards import listed
from trackersync_github.fields import IssueField
from trackersync_github.settings import GithubSettings
from trackersync_github.surveying import Surveyor

BESIDE: Final = 8
"""Repositories whose labels are asked for at once."""

ALIKE: Final = 0.75
"""How much a known name must be like an unknown one to be the one that was meant."""


@dataclass(frozen=True, slots=True)
class Existing:
    """Looks for what is named.

    Args:
        settings: the tracker's part of the configuration.
        page: the address of GitHub's pages, for remedies.
        surveyor: lists labels.
        board: where one is configured.
        field: where one is configured.
    """

    settings: GithubSettings
    page: str
    surveyor: Surveyor
    board: Board | None
    field: IssueField | None

    async def labels(self, named: Iterable[str], repositories: Sequence[str]) -> tuple[Check, ...]:
        """Whether labels exist, in one of the repositories at least.

        Raises:
            AuthError, UnavailableError: they cannot be asked for.
        """
        wanted = {name.casefold(): name for name in named}
        if not wanted or not repositories:
            return ()
        known: dict[str, str] = {}
        for start in range(0, len(repositories), BESIDE):
            batch = repositories[start : start + BESIDE]
            answers = await each(self._labels_of, batch)
            known |= {label.casefold(): label for labels in answers.values() for label in labels}
            if wanted.keys() <= known.keys():
                break
        absent = [name for key, name in wanted.items() if key not in known]
        said = f"{len(wanted) - len(absent)} of {len(wanted)} stage labels exist"
        if not absent:
            return (Check("labels", Grade.GOOD, said),)
        words = listed(_meant(name, known.values()) for name in absent)
        if "stage" in self.settings.writes:
            return (Check("labels", Grade.NOTE, f"{said}; made when they are first needed: {words}"),)
        remedy = f"correct `stages`, or create them: {self.page}/{repositories[0]}/labels"
        return (Check("labels", Grade.WARNING, f"{said}; no issue can show {words}", remedy),)

    async def _labels_of(self, name: str) -> list[str]:
        try:
            return [label.name for label in await self.surveyor.labels(name)]
        except (NotFoundError, RejectedError):
            # What may not be read has been told with the repository.
            return []

    async def columns(self, named: Sequence[str]) -> tuple[Check, ...]:
        """Whether the board can be seen, and has columns of these names.

        Raises:
            AuthError, UnavailableError: it cannot be asked for.
        """
        if self.board is None:
            return ()
        project = self.board.project
        try:
            known = await self.board.columns()
        except (RejectedError, NotFoundError) as error:
            return (Check("board", Grade.ERROR, str(error)),)
        return _chosen("board", "column", f"project {project.number} of {project.owner}", named, known)

    async def options(self, named: Sequence[str], repositories: Sequence[str]) -> tuple[Check, ...]:
        """Whether the organisation's field has options of these names.

        Raises:
            AuthError, UnavailableError: it cannot be asked for.
        """
        if self.field is None or not repositories:
            return ()
        try:
            definition = await self.field.definition(repositories[0])
        except RejectedError as error:
            return (Check("field", Grade.ERROR, str(error)),)
        # Who may not see the definition has been told so with the repository.
        return () if definition is None else _chosen("field", "option", definition.name, named, definition.options)


def _chosen(name: str, kind: str, where: str, named: Sequence[str], known: Sequence[str]) -> tuple[Check, ...]:
    spelt = {one.casefold() for one in known}
    wanted = tuple(dict.fromkeys(named))
    absent = [one for one in wanted if one.casefold() not in spelt]
    if absent:
        said = f"{where} has no {kind} {listed(_meant(one, known) for one in absent)}"
        return (Check(name, Grade.ERROR, said, f"correct it under `stages`; there are: {listed(known)}"),)
    found = f": {len(wanted)} of {len(wanted)} {kind}s exist" if wanted else ""
    return (Check(name, Grade.GOOD, f"{where}{found}"),)


def _meant(name: str, known: Iterable[str]) -> str:
    """A name that is unknown, with the known one that is most like it."""
    spelt = {one.casefold(): one for one in known}
    near = get_close_matches(name.casefold(), spelt, n=1, cutoff=ALIKE)
    return f'"{name}" (did you mean "{spelt[near[0]]}"?)' if near else f'"{name}"'

"""What the names in a change stand for at GitHub, found out before anything of the issue is touched.

A change names a milestone by its title, a type, an option of a field, a column of a board; GitHub wants numbers and ids
or its own spelling. A name that GitHub does not know is refused here, with those it knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from trackersync.connector import Answer, Change, NotFoundError, RejectedError, Wire
from trackersync_github.board import Board, Move
from trackersync_github.cards import listed
from trackersync_github.fields import Definition, IssueField
from trackersync_github.graphql import GraphQL, UnservedError
from trackersync_github.paging import every
from trackersync_github.wire import Issue, refused

CANONICAL: Final = """
query Canonical($issue: ID!) { node(id: $issue) { ... on Issue { duplicateOf { fullDatabaseId } } } }
"""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a change's names stand for; None where it names none of that kind.

    Attributes:
        milestone: its number.
        type: as GitHub spells it.
        option: of the issue field, as GitHub spells it.
        field: the issue field.
        canonical: the database id of the issue that this one is a duplicate of.
        move: on the board.
    """

    milestone: int | None = None
    type: str | None = None
    option: str | None = None
    field: Definition | None = None
    canonical: int | None = None
    move: Move | None = None


NAMELESS: Final = Resolved()
"""What a change stands for that names nothing of the kind."""


class _Milestone(msgspec.Struct, frozen=True):
    number: int
    title: str


class _Type(msgspec.Struct, frozen=True):
    name: str
    is_enabled: bool = True


class Places:
    """Resolves names. Milestones are remembered; forgetting them costs a request.

    Args:
        wire: to GitHub.
        graphql: the same.
        board: where one is configured.
        field: where one is configured.
    """

    def __init__(self, wire: Wire, graphql: GraphQL, board: Board | None, field: IssueField | None) -> None:
        self._wire = wire
        self._graphql = graphql
        self.board = board
        self.field = field
        self._milestones: dict[str, dict[str, _Milestone]] = {}

    async def resolve(self, change: Change, issue: Issue, repository: str) -> Resolved:
        """Find out what a change's names stand for.

        Raises:
            RejectedError: a name that GitHub does not know, a board or field that is not configured, or a duplicate of
                nobody knows what. Nothing has been written.
            NotFoundError, UnavailableError: it cannot be found out now.
        """
        unconfigured = [f for f, one in (("board", self.board), ("field", self.field)) if f in change.after and not one]
        if unconfigured:
            raise RejectedError(
                f"{change.key}: {unconfigured[0]} cannot be written, since the configuration does not say which one it "
                "is; nothing was sent"
            )
        wanted = {fact: values[0] for fact, values in change.after.items() if values}
        definition = await self._definition(change, repository) if "field" in change.after else None
        return Resolved(
            milestone=await self._milestone(repository, wanted["milestone"]) if "milestone" in wanted else None,
            type=await self._type(repository, wanted["type"]) if "type" in wanted else None,
            option=await self._option(repository, definition, wanted["field"]) if "field" in wanted else None,
            field=definition,
            canonical=await self._canonical(change, issue) if wanted.get("reason") == "duplicate" else None,
            move=await self.board.prepare(issue, repository, wanted.get("board", ""))
            if self.board is not None and "board" in change.after
            else None,
        )

    async def _milestone(self, repository: str, title: str) -> int:
        known = self._milestones.get(repository, {}).get(title.casefold())
        if known is None:
            rows = await every(
                self._wire,
                f"/repos/{repository}/milestones",
                _Milestone,
                _unread(f"listing the milestones of {repository}"),
                {"state": "all"},
            )
            self._milestones[repository] = {row.title.casefold(): row for row in rows}
            known = self._milestones[repository].get(title.casefold())
        if known is None:
            titles = (row.title for row in self._milestones[repository].values())
            raise _unknown("milestone", title, repository, titles)
        return known.number

    async def _type(self, repository: str, name: str) -> str:
        answer_of = _unread(f"listing the issue types of {repository}")
        try:
            rows = await every(self._wire, f"/repos/{repository}/issue-types", _Type, answer_of, sized=False)
        except NotFoundError as error:
            raise RejectedError(
                f"{repository} has no issue types, so {name} cannot be set; nothing was written. Only organisations "
                "have them; take `type` out of `stages`."
            ) from error
        names = [row.name for row in rows if row.is_enabled]
        found = next((one for one in names if one.casefold() == name.casefold()), None)
        if found is None:
            raise _unknown("issue type", name, repository, names)
        return found

    async def _definition(self, change: Change, repository: str) -> Definition:
        definition = None if self.field is None else await self.field.definition(repository)
        if definition is None:
            raise RejectedError(
                f"{change.key}: the issue fields of {repository.partition('/')[0]} cannot be read, so none can be set; "
                "nothing was written. The token needs the organisation permission Issue fields (classic: read:org)."
            )
        return definition

    async def _option(self, repository: str, definition: Definition | None, name: str) -> str:
        found = None if definition is None else definition.option(name)
        if found is None and self.field is not None:
            definition = await self.field.definition(repository, again=True)
            found = None if definition is None else definition.option(name)
        if found is None:
            where = f"{'' if definition is None else definition.name} of {repository.partition('/')[0]}"
            raise _unknown("option", name, where, () if definition is None else definition.options)
        return found

    async def _canonical(self, change: Change, issue: Issue) -> int:
        """The issue that GitHub has this one down as a duplicate of, from a comment "Duplicate of #7" or a merge."""
        try:
            data = await self._graphql.ask(CANONICAL, {"issue": issue.node_id})
        except UnservedError:
            data = {}
        found = ((data.get("node") or {}).get("duplicateOf") or {}).get("fullDatabaseId")
        if found is None:
            raise RejectedError(
                f"{change.key}: GitHub closes a duplicate together with the issue it repeats, and nobody has said "
                "which one that is; nothing was written. Mark it there as a duplicate of that issue, or map the stage "
                "to not_planned."
            )
        return int(found)


def _unread(doing: str) -> Callable[[Answer], Exception]:
    return lambda answer: refused(answer, doing)


def _unknown(kind: str, name: str, where: str, known: Iterable[str]) -> RejectedError:
    return RejectedError(f"There is no {kind} {name} in {where}; nothing was written. There are: {listed(known)}.")

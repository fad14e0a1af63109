"""The organisation's single-select issue field that carries the stage.

Its values come with every issue (``issue_field_values``). The definitions (REST API, "Issue fields") tell whether there
is such a field at all: without them a misspelt name would make every issue look as if it had lost its stage. They need
a right that some tokens lack; then the values' own names must do, and an issue without values at all cannot be read.

Whether a changed value moves the issue's ``updated_at`` is not documented; if it does not, the full scan finds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import msgspec

from trackersync.connector import Facts, RejectedError, Wire, decode
from trackersync_github.cards import listed
from trackersync_github.completing import Supplement
from trackersync_github.wire import ABSENT, FieldValue, Issue, refused

_CHOICE = "single_select"


class _Option(msgspec.Struct, frozen=True):
    name: str


class _Field(msgspec.Struct, frozen=True):
    id: int
    name: str
    data_type: str
    options: list[_Option] | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A field: its id, its name, and the names of its options."""

    id: int
    name: str
    options: tuple[str, ...]

    def option(self, name: str) -> str | None:
        """An option as the organisation spells it; None where there is none."""
        return next((one for one in self.options if one.casefold() == name.casefold()), None)


class IssueField:
    """Implements ``completing.Supplement`` for one field, by its name.

    Args:
        wire: to GitHub.
        name: the field's.
    """

    def __init__(self, wire: Wire, name: str) -> None:
        self.name = name
        self._wire = wire
        self._definitions: dict[str, Definition | None] = {}
        self._one_at_a_time = asyncio.Lock()

    def begun(self) -> Supplement:
        """The field for one listing read: a definition that is gone by then is noticed."""
        return IssueField(self._wire, self.name)

    async def facts(self, issues: Sequence[Issue], repository: str, *, fresh: bool) -> Mapping[int, Facts]:
        """What these issues show in the field; see ``completing.Supplement``."""
        del fresh
        definition = await self.definition(repository)
        return {issue.number: {"field": self._chosen(issue, definition, repository)} for issue in issues}

    async def stirred(self, repository: str, since: datetime, pulls: Sequence[Issue]) -> Iterable[int]:
        """None that could be told of; see the module."""
        del repository, since, pulls
        return ()

    def value(self, values: Iterable[FieldValue], definition: Definition | None) -> tuple[str, ...]:
        """What some values say of the field."""
        for one in values:
            if one.issue_field_id == (definition.id if definition else None) or self._named(one):
                return (one.chosen,) if one.chosen else ()
        return ()

    async def definition(self, repository: str, *, again: bool = False) -> Definition | None:
        """The field of a repository's organisation; None where this token may not know.

        Raises:
            RejectedError: the organisation has no such field, or it is none in which one option is chosen.
            UnavailableError: no usable answer.
        """
        owner = repository.partition("/")[0].casefold()
        async with self._one_at_a_time:
            if again or owner not in self._definitions:
                self._definitions[owner] = await self._defined(owner)
            return self._definitions[owner]

    async def _defined(self, owner: str) -> Definition | None:
        answer = await self._wire.read("GET", f"/orgs/{quote(owner, safe='')}/issue-fields")
        if answer.status == 403 or answer.status in ABSENT:
            return None
        if answer.status != 200:
            raise refused(answer, f"reading the issue fields of {owner}")
        fields = decode(answer, list[_Field])
        found = next((one for one in fields if one.name.casefold() == self.name.casefold()), None)
        if found is not None and found.data_type == _CHOICE:
            return Definition(found.id, found.name, tuple(one.name for one in found.options or ()))
        what = f"is a field of {owner}, but none of kind single_select" if found else f"is no issue field of {owner}"
        names = listed(one.name for one in fields if one.data_type == _CHOICE)
        raise RejectedError(f"{self.name} {what}. Single-select fields there are: {names}. Set `field`.")

    def _chosen(self, issue: Issue, definition: Definition | None, repository: str) -> tuple[str, ...]:
        if definition is None and not issue.is_pull_request:
            values = issue.issue_field_values
            if values is None or any(one.issue_field_name is None for one in values):
                raise RejectedError(
                    f"{repository}: its issue fields cannot be read, so what they show of {self.name} is unknown. Only "
                    "organisations have them, on github.com; the token needs the organisation permission Issue fields "
                    "(classic: read:org). Take `field` out where there are none."
                )
        return self.value(issue.issue_field_values or (), definition)

    def _named(self, value: FieldValue) -> bool:
        return (value.issue_field_name or "").casefold() == self.name.casefold()

"""What a board (Projects v2) shows, whichever API it is read by: its single-select field and its cards.

Pure but for the protocol. A card is an item of the project that stands for an issue or a pull request; drafts, and what
this token may not see (``REDACTED``), stand for nothing we know and are left out where they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from trackersync.connector import RejectedError
from trackersync_github.parts import ProjectSettings
from trackersync_github.wire import Issue

Address = tuple[str, int]
"""A repository's present name in lower case, and a number: how a card says what it stands for."""


@dataclass(frozen=True, slots=True)
class CardField:
    """The field that carries the stage: its id as the API wants it, its name, and ids of its options by name."""

    id: str
    name: str
    options: Mapping[str, str]

    def option(self, name: str) -> str | None:
        """The id of an option, whatever the case of its name; None where there is none."""
        return next((key for word, key in self.options.items() if word.casefold() == name.casefold()), None)


@dataclass(frozen=True, slots=True)
class Card:
    """What a board shows of one issue.

    Attributes:
        id: as the API that writes wants it.
        address: of the issue.
        option: the option chosen in the field; empty for none.
        updated: when the card was moved or edited last.
        archived: it is kept, but the board does not show it.
        pull: it stands for a pull request.
    """

    id: str
    address: Address
    option: str
    updated: datetime
    archived: bool = False
    pull: bool = False


class BoardApi(Protocol):
    """One way to a board. All raise what a ``connector.Wire`` and ``wire.refused`` give."""

    async def field(self) -> CardField:
        """The field, found by its name. NotFoundError: there is no such project this way."""

    async def cards(self, field: CardField) -> list[Card]:
        """Every card, to the last page."""

    async def card(self, identity: str, field: CardField) -> Card | None:
        """One card as it is now; None where it is gone."""

    async def add(self, issue: Issue, address: Address, field: CardField, fact: str) -> Card:
        """Place an issue on the board. One that is there already stays as it is, so this may be repeated."""

    async def choose(self, card: Card, field: CardField, option: str | None, fact: str) -> Card:
        """Choose an option by its id, or none; the card as it is then."""


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """A field of a project as either API tells of it; ``options`` by name, None where there is nothing to choose."""

    id: str
    name: str
    options: Mapping[str, str] | None = field(default=None)


def chosen_field(project: ProjectSettings, fields: Sequence[FieldSeen]) -> CardField:
    """The configured field among those of a project.

    Raises:
        RejectedError: there is none of that name, or nothing can be chosen in it.
    """
    found = next((one for one in fields if one.name.casefold() == project.field.casefold()), None)
    if found is not None and found.options is not None:
        return CardField(found.id, found.name, found.options)
    what = "has no such field" if found is None else "has it, but it is no single-select field"
    raise RejectedError(
        f"{named(project)} {what}: {project.field}. Single-select fields there are: "
        f"{listed(one.name for one in fields if one.options is not None)}. Set `project.field`."
    )


def named(project: ProjectSettings) -> str:
    """A project in a sentence."""
    return f"project {project.number} of {project.owner}"


def listed(names: Iterable[str]) -> str:
    """Names in a sentence."""
    return ", ".join(names) or "none"


def address_of(issue: Issue, repository: str) -> Address:
    """How a card would name an issue: by the name its repository has now, where the issue tells it."""
    return (issue.full_name or repository).casefold(), issue.number

"""Projects (v2) as state: boards of an organisation or a user, their single-select fields, and the cards on them.

A card is frozen; moving it puts a new one in its place. Nothing here touches an issue: a card that is moved leaves its
issue's ``updated`` as it was, as on the real one as far as is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal

from trackersync.sandbox import moments

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from trackersync.sandbox.github.model import GitHub, Issue

Owner = Literal["organization", "user"]


@dataclass(frozen=True, slots=True)
class IssueField:
    """One of the organisation's single-select fields that issues carry."""

    id: int
    name: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a project; ``options`` by id, where one of them is chosen."""

    id: int
    name: str
    options: Mapping[str, str] | None = None

    def option(self, name: str) -> str:
        """Return the id of an option; ``StopIteration`` where there is none."""
        return next(key for key, value in (self.options or {}).items() if value.casefold() == name.casefold())


@dataclass(frozen=True, slots=True)
class Card:
    """An item of a project: an issue or pull request of some repository, or a draft without one.

    ``values`` are ids of options by id of field. ``hidden``: the caller may not see what it stands for.
    """

    id: int
    repository: str
    number: int
    created: int
    updated: int
    pull: bool = False
    values: Mapping[int, str] = field(default_factory=dict)
    archived: int | None = None
    hidden: bool = False

    @property
    def draft(self) -> bool:
        """Whether it stands for nothing but itself."""
        return not self.repository


class Project:
    """One board. The methods are what people do on it."""

    def __init__(self, boards: Boards, owner: str, number: int, kind: Owner) -> None:
        self.boards = boards
        self.owner = owner
        self.number = number
        self.kind = kind
        self.id = 5_000 + len(boards.projects)
        self.title = f"Board {number}"
        self.closed = False
        self.linked: set[str] = set()
        self.fields: list[Field] = [Field(self.id * 1_000, "Title")]
        self.cards: dict[int, Card] = {}
        self._last = self.id * 1_000_000

    def link(self, *repositories: str) -> Project:
        """Show it on the pages of repositories as one of theirs."""
        self.linked |= {one.casefold() for one in repositories}
        return self

    def add_field(self, name: str, *options: str) -> Field:
        """Give it a field; with options, of which one can be chosen."""
        number = self.fields[-1].id + 1
        ids = {blake2b(f"{number} {one}".encode(), digest_size=4).hexdigest(): one for one in options}
        self.fields.append(Field(number, name, ids or None))
        return self.fields[-1]

    def field(self, name: str) -> Field:
        """Return a field; ``StopIteration`` where there is none of that name."""
        return next(one for one in self.fields if one.name.casefold() == name.casefold())

    def card(self, number: int, repository: str = "") -> Card | None:
        """Return the card of an issue, by default of the repository this stand-in is for."""
        where = (repository or self.boards.hubs[0].repository).casefold()
        return next((c for c in self.cards.values() if (c.repository.casefold(), c.number) == (where, number)), None)

    def put(self, number: int, option: str = "", *, repository: str = "", field: str = "Status") -> Card:
        """Place an issue on the board unless it is there, and choose an option of a field."""
        with self.boards.lock:
            now, card = self.boards.now(), self.card(number, repository)
            if card is None:
                where = repository or self.boards.hubs[0].repository
                found = self.boards.issue(where, number)
                self._last += 1
                card = Card(self._last, where, number, now, now, pull=found is not None and found[1].pull)
                self.cards[card.id] = card
            if option:
                card = self.choose(card, self.field(field), self.field(field).option(option))
            return card

    def choose(self, card: Card, field: Field, option: str | None) -> Card:
        """Choose an option of a field by its id, or none."""
        values = {key: value for key, value in card.values.items() if key != field.id}
        updated = self.boards.now() if self.boards.bumps else card.updated
        return self._keep(replace(card, values=values | ({field.id: option} if option else {}), updated=updated))

    def shown(self, number: int, repository: str = "", field: str = "Status") -> str | None:
        """Return the name of what an issue's card shows in a field."""
        card, known = self.card(number, repository), self.field(field)
        return (known.options or {}).get(card.values.get(known.id, "")) if card is not None else None

    def archive(self, number: int) -> None:
        """Archive an issue's card: it keeps its values, and the board does not show it."""
        self._keep(replace(self._there(number), archived=self.boards.now(), updated=self.boards.now()))

    def hide(self, number: int) -> None:
        """Let the caller not see what an issue's card stands for."""
        self._keep(replace(self._there(number), hidden=True))

    def remove(self, number: int) -> None:
        """Take an issue off the board."""
        with self.boards.lock:
            del self.cards[self._there(number).id]

    def draft(self) -> Card:
        """Add a draft."""
        self._last += 1
        return self._keep(Card(self._last, "", 0, self.boards.now(), self.boards.now()))

    def _there(self, number: int) -> Card:
        card = self.card(number)
        if card is None:
            raise KeyError(number)
        return card

    def _keep(self, card: Card) -> Card:
        with self.boards.lock:
            self.cards[card.id] = card
            return card


class Boards:
    """All projects there are, and what of them the host and the token allow.

    Attributes:
        hubs: the repositories whose issues can be on them; the first is the one this stand-in is for.
        rest: the host has the REST API of projects (not on Enterprise Servers before 3.19).
        graphql: the host has GraphQL.
        readable: the token may see projects; that of a workflow may not.
        writable: the token may change them.
        lists_archived: whether a list shows archived cards; GitHub does not say.
        shows_unset: whether a field without a value is listed with null; GitHub does not say.
        bumps: whether a card's ``updated`` moves with its fields.
    """

    def __init__(self, hub: GitHub) -> None:
        self.hubs = [hub]
        self.projects: list[Project] = []
        self.rest = self.graphql = self.readable = self.writable = True
        self.lists_archived = False
        self.shows_unset = True
        self.bumps = True

    @property
    def lock(self) -> AbstractContextManager[bool]:
        """The lock of the stand-in."""
        return self.hubs[0].lock

    def now(self) -> int:
        """Return the stand-in's time."""
        return moments.seconds(self.hubs[0].clock())

    def add(self, owner: str, number: int, *options: str, kind: Owner = "organization") -> Project:
        """Make a board whose Status has these options."""
        project = Project(self, owner, number, kind)
        project.add_field("Status", *options)
        self.projects.append(project)
        return project

    def find(self, kind: Owner, owner: str, number: int) -> Project | None:
        """Return the project of this address, where there is one."""
        where = (kind, owner.casefold(), number)
        return next((p for p in self.projects if (p.kind, p.owner.casefold(), p.number) == where), None)

    def issue(self, repository: str, number: int) -> tuple[GitHub, Issue] | None:
        """Return an issue with its repository, where the stand-in has it."""
        for hub in self.hubs:
            if hub.repository.casefold() == repository.casefold() and number in hub.issues:
                return hub, hub.issues[number]
        return None

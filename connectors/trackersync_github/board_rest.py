"""A board over REST: ``/orgs/{org}/projectsV2/{number}``, of a person ``/users/{user}/projectsV2/{number}``.

REST API, "Project items": a list shows of the fields only those asked for by id; a single-select field's value is an
option with its id and name, and is written as the option's id; null clears it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from trackersync.connector import Answer, NotFoundError, RejectedError, UnavailableError, Wire, decode
from trackersync_github.cards import Address, Card, CardField, FieldSeen, chosen_field, named
from trackersync_github.graphql import UnservedError
from trackersync_github.paging import every
from trackersync_github.parts import ProjectSettings
from trackersync_github.wire import Issue, Moment, refused

_CONTENT = re.compile(r"/repos/([^/]+/[^/]+)/(issues|pulls)/(\d+)$")


class _Text(msgspec.Struct, frozen=True):
    raw: str


class _Option(msgspec.Struct, frozen=True):
    id: str
    name: _Text | str


class _Field(msgspec.Struct, frozen=True):
    id: int
    name: str
    data_type: str
    options: list[_Option] | None = None


class _Value(msgspec.Struct, frozen=True):
    id: int
    value: msgspec.Raw = msgspec.Raw(b"null")


class _Content(msgspec.Struct, frozen=True):
    url: str = ""


class _Item(msgspec.Struct, frozen=True):
    id: int
    updated_at: Moment
    archived_at: datetime | None = None
    content: _Content | None = None
    fields: list[_Value] = []


class RestBoard:
    """Implements ``cards.BoardApi``.

    Args:
        wire: to GitHub.
        project: which one.
    """

    def __init__(self, wire: Wire, project: ProjectSettings) -> None:
        self._wire = wire
        self._project = project
        owners = "orgs" if project.kind == "organization" else "users"
        self._path = f"/{owners}/{quote(project.owner, safe='')}/projectsV2/{project.number}"

    async def field(self) -> CardField:
        """Find the configured field; see ``BoardApi.field``."""
        unread = self._unread("reading the fields of")
        fields = await every(self._wire, f"{self._path}/fields", _Field, unread)
        return chosen_field(
            self._project,
            [
                FieldSeen(
                    str(one.id),
                    one.name,
                    {_words(option): option.id for option in one.options or ()}
                    if one.data_type == "single_select"
                    else None,
                )
                for one in fields
            ],
        )

    async def cards(self, field: CardField) -> list[Card]:
        """Read the whole board; see ``BoardApi.cards``."""
        items = await every(self._wire, f"{self._path}/items", _Item, self._unread("reading"), {"fields": field.id})
        return [card for item in items if (card := _card(item, field)) is not None]

    async def card(self, identity: str, field: CardField) -> Card | None:
        """Read one card; see ``BoardApi.card``."""
        answer = await self._wire.read("GET", f"{self._path}/items/{identity}", params={"fields": field.id})
        if answer.status in {404, 410}:
            return None
        if answer.status != 200:
            raise self._refused(answer, "reading a card of")
        card = _card(decode(answer, _Item), field)
        if card is not None and not card.option and await self.field() != field:
            # A field that somebody deleted meanwhile looks just like one in which nothing is chosen.
            raise UnavailableError(f"{named(self._project)}: its field {field.name} was changed just now; look again")
        return card

    async def add(self, issue: Issue, address: Address, field: CardField, fact: str) -> Card:
        """Place an issue on the board; see ``BoardApi.add``."""
        owner, _, name = address[0].partition("/")
        json: dict[str, Any] = {"type": "Issue", "id": issue.id}
        if issue.is_pull_request:
            # A pull request has an id of its own, which the list of issues does not show.
            json = {"type": "PullRequest", "owner": owner, "repo": name, "number": issue.number}
        answer = await self._wire.write("POST", f"{self._path}/items", fact=fact, json=json)
        item = self._written(answer, f"adding {address[0]}#{address[1]} to")
        return Card(str(item.id), address, "", item.updated_at, item.archived_at is not None, issue.is_pull_request)

    async def choose(self, card: Card, field: CardField, option: str | None, fact: str) -> Card:
        """Choose an option; see ``BoardApi.choose``.

        The answer shows the fields that a list would show unasked, so the card is read again.
        """
        json = {"fields": [{"id": int(field.id), "value": option}]}
        answer = await self._wire.write("PATCH", f"{self._path}/items/{card.id}", fact=fact, json=json)
        self._written(answer, "moving a card of")
        try:
            shown = await self.card(card.id, field)
        except (RejectedError, UnavailableError) as error:
            raise UnavailableError(f"a card was moved, but cannot be read back: {error}", in_doubt=True) from error
        if shown is None:
            raise NotFoundError(f"the card of {card.address[0]}#{card.address[1]} was taken off the board just now")
        return shown

    def _written(self, answer: Answer, doing: str) -> _Item:
        if not 200 <= answer.status < 300:
            raise self._refused(answer, doing)
        try:
            return decode(answer, _Item)
        except UnavailableError as error:
            raise UnavailableError(str(error), in_doubt=True) from error

    def _unread(self, doing: str) -> Callable[[Answer], Exception]:
        return lambda answer: self._refused(answer, doing)

    def _refused(self, answer: Answer, doing: str) -> NotFoundError | RejectedError | UnavailableError:
        error = refused(answer, f"{doing} {named(self._project)}")
        if answer.status in {405, 501}:
            return UnservedError(str(error))
        if answer.status != 403:
            return error
        return RejectedError(
            f"{error}. The token of a workflow (GITHUB_TOKEN) cannot reach projects: take an App with the organisation "
            "permission Projects, or a token with the scope project."
        )


def _card(item: _Item, field: CardField) -> Card | None:
    """An item as a card; None for a draft, or where the content is hidden."""
    found = _CONTENT.search(item.content.url) if item.content is not None else None
    if found is None:
        return None
    repository, kind, number = found.groups()
    value = next((one.value for one in item.fields if str(one.id) == field.id), None)
    try:
        option = None if value is None else msgspec.json.decode(value, type=_Option | None)
    except msgspec.MsgspecError as error:
        raise UnavailableError(f"the field {field.name} of a card holds no option: {error}") from error
    return Card(
        str(item.id),
        (repository.casefold(), int(number)),
        "" if option is None else _words(option),
        item.updated_at,
        item.archived_at is not None,
        kind == "pulls",
    )


def _words(option: _Option) -> str:
    return option.name if isinstance(option.name, str) else option.name.raw

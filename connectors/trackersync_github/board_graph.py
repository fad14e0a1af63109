"""A board over GraphQL: for hosts without the REST API of projects, and to find the card of an issue on any host.

GitHub, "Using the API to manage Projects": an item is added and its field set in two calls; adding one that is there
gives the item that is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trackersync.connector import NotFoundError, UnavailableError
from trackersync_github import board_queries as queries
from trackersync_github.cards import Address, Card, CardField, FieldSeen, chosen_field, named
from trackersync_github.graphql import GraphQL, UnservedError, shaped
from trackersync_github.parts import ProjectSettings
from trackersync_github.wire import Issue, Moment

MOST_PAGES = 1_000
"""Of one board, so that no broken server keeps us for ever."""

ASKED = 50
"""Issues whose cards are asked for in one question: with fifty boards each, far below 500,000 nodes."""


class _Option(msgspec.Struct, frozen=True):
    id: str
    name: str


class _Field(msgspec.Struct, frozen=True):
    # Nothing is shown of a kind of field that this query does not know.
    id: str = ""
    name: str = ""
    options: list[_Option] | None = None


class _Value(msgspec.Struct, frozen=True, rename="camel"):
    name: str | None = None
    updated_at: Moment | None = None


class _Repository(msgspec.Struct, frozen=True, rename="camel"):
    name_with_owner: str


class _Content(msgspec.Struct, frozen=True):
    kind: str = msgspec.field(default="", name="__typename")
    number: int = 0
    repository: _Repository | None = None


class _Owner(msgspec.Struct, frozen=True):
    login: str = ""


class _Project(msgspec.Struct, frozen=True):
    number: int
    owner: _Owner
    field: _Field | None = None


class _Item(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    is_archived: bool
    updated_at: Moment
    field_value_by_name: _Value | None = None
    content: _Content | None = None
    project: _Project | None = None
    full_database_id: str | int | None = None


class _Page(msgspec.Struct, frozen=True, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Items(msgspec.Struct, frozen=True, rename="camel"):
    page_info: _Page
    nodes: list[_Item | None]


class _OnBoards(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    project_items: _Items


class GraphBoard:
    """Implements ``cards.BoardApi`` where the host has no REST API of projects.

    Args:
        graphql: the host's.
        project: which one.
    """

    def __init__(self, graphql: GraphQL, project: ProjectSettings) -> None:
        self._graphql = graphql
        self._project = project
        self._id = ""

    async def field(self) -> CardField:
        """Find the project and its configured field; see ``BoardApi.field``."""
        query = queries.ORGANIZATION if self._project.kind == "organization" else queries.USER
        data = await self._graphql.ask(query, {"owner": self._project.owner, "number": self._project.number})
        found = (data.get("owner") or {}).get("projectV2")
        if found is None:
            raise NotFoundError(f"{named(self._project)} is not there, or hidden from this token")
        fields = shaped(found["fields"]["nodes"], list[_Field | None], named(self._project))
        self._id = found["id"]
        return chosen_field(
            self._project,
            [
                FieldSeen(one.id, one.name, None if one.options is None else {o.name: o.id for o in one.options})
                for one in fields
                if one is not None and one.name
            ],
        )

    async def cards(self, field: CardField) -> list[Card]:
        """Read the whole board; see ``BoardApi.cards``."""
        cards: list[Card] = []
        after: str | None = None
        for _ in range(MOST_PAGES):
            data = await self._graphql.ask(queries.CARDS, {"project": self._id, "field": field.name, "after": after})
            page = shaped((data.get("node") or {}).get("items"), _Items, named(self._project))
            cards += [card for item in page.nodes if item is not None and (card := _card(item)) is not None]
            after = page.page_info.end_cursor
            if not page.page_info.has_next_page:
                return cards
        raise UnavailableError(f"{named(self._project)} did not end after {MOST_PAGES:,} pages")

    async def card(self, identity: str, field: CardField) -> Card | None:
        """Read one card; see ``BoardApi.card``."""
        try:
            data = await self._graphql.ask(queries.CARD, {"card": identity, "field": field.name})
        except NotFoundError:
            return None
        card = _card(shaped(data.get("node"), _Item, named(self._project)))
        if card is not None and not card.option and await self.field() != field:
            # A field that somebody deleted meanwhile looks just like one in which nothing is chosen.
            raise UnavailableError(f"{named(self._project)}: its field {field.name} was changed just now; look again")
        return card

    async def add(self, issue: Issue, address: Address, field: CardField, fact: str) -> Card:
        """Place an issue on the board; see ``BoardApi.add``."""
        del address
        asked = {"project": self._id, "issue": issue.node_id, "field": field.name}
        data = await self._graphql.change(fact, queries.ADD, asked)
        return self._shown(data, "addProjectV2ItemById", "item")

    async def choose(self, card: Card, field: CardField, option: str | None, fact: str) -> Card:
        """Choose an option; see ``BoardApi.choose``."""
        asked = {"project": self._id, "card": card.id, "fieldId": field.id, "field": field.name}
        if option is None:
            data = await self._graphql.change(fact, queries.CLEAR, asked)
            return self._shown(data, "clearProjectV2ItemFieldValue", "moved")
        data = await self._graphql.change(fact, queries.CHOOSE, asked | {"option": option})
        return self._shown(data, "updateProjectV2ItemFieldValue", "moved")

    def _shown(self, data: Mapping[str, Any], mutation: str, member: str) -> Card:
        try:
            card = _card(shaped((data.get(mutation) or {}).get(member), _Item, named(self._project)))
        except UnavailableError as error:
            raise UnavailableError(str(error), in_doubt=True) from error
        if card is None:
            raise UnavailableError(f"{named(self._project)} gave a card without its issue", in_doubt=True)
        return card


async def cards_of(
    graphql: GraphQL, project: ProjectSettings, field: CardField, issues: Sequence[Issue], *, by_number: bool
) -> dict[int, Card]:
    """By an issue's number, its card on this board as it is now; one that is not on it is absent.

    Args:
        graphql: the host's.
        project: the board.
        field: its field.
        issues: of one repository.
        by_number: name the cards as REST does.

    Raises:
        UnservedError: the host cannot be asked this way.
        UnavailableError, NotFoundError, RejectedError: it cannot be known now.
    """
    query = queries.CARDS_OF_ISSUES_BY_NUMBER if by_number else queries.CARDS_OF_ISSUES
    cards: dict[int, Card] = {}
    for start in range(0, len(issues), ASKED):
        batch = issues[start : start + ASKED]
        data = await graphql.ask(query, {"issues": [issue.node_id for issue in batch], "field": field.name})
        nodes = shaped(data.get("nodes"), list[_OnBoards], "the cards of issues")
        for issue, node in zip(batch, nodes, strict=True):
            item = _ours(node.project_items, project)
            if item is not None and (card := _card(item, by_number=by_number)) is not None:
                if not card.id:
                    raise UnservedError(f"the host does not tell the numbers of cards ({named(project)})")
                cards[issue.number] = card
    return cards


def _ours(items: _Items, project: ProjectSettings) -> _Item | None:
    """The item among those of an issue that is on the configured board."""
    for item in items.nodes:
        where = None if item is None else item.project
        if where is None or where.number != project.number or where.owner.login.casefold() != project.owner.casefold():
            continue
        if where.field is None or not where.field.id:
            raise UnavailableError(f"{named(project)}: its field {project.field} was changed just now; look again")
        return item
    if items.page_info.has_next_page:
        raise UnavailableError(f"an issue is on so many boards that {named(project)} was not among those shown")
    return None


def _card(item: _Item, *, by_number: bool = False) -> Card | None:
    """An item as a card; None for a draft, or where the content is hidden."""
    content, value = item.content, item.field_value_by_name
    if content is None or content.repository is None:
        return None
    identity = str(item.full_database_id or "") if by_number else item.id
    return Card(
        identity,
        (content.repository.name_with_owner.casefold(), content.number),
        (value.name if value else None) or "",
        # The value has a time of its own, and whether the card's moves along is not documented.
        max(filter(None, (item.updated_at, value.updated_at if value else None))),
        item.is_archived,
        content.kind == "PullRequest",
    )

"""The board (Projects v2) whose single-select field carries the stage: what issues show there, and how they move.

REST where the host has it, GraphQL where it does not (Enterprise Server before 3.19): which one is found out once. The
field and its options go by name; their ids are remembered and found again when a name is unknown.

A listing reads the whole board once, at its beginning: 100 cards a request, however many repositories it shows. What
was moved on the board does not touch the issue's ``updated_at`` (nothing says that it does), so cards that changed
since the last read are pointed out as ``stirred``. That shows whatever a card's own ``updated_at`` moves with; a card
that was *removed* leaves nothing behind and is found when its issue is read next, at the latest by the full scan. An
archived card is off the board: GitHub keeps its value, but the board does not show it.

A board that cannot be read gives no items at all: an issue with an empty board would look as if somebody had taken its
stage away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from trackersync.connector import Facts, NotFoundError, RejectedError, UnavailableError, Wire
from trackersync_github.board_graph import GraphBoard, cards_of
from trackersync_github.board_rest import RestBoard
from trackersync_github.cards import Address, BoardApi, Card, CardField, address_of, listed, named
from trackersync_github.completing import Supplement
from trackersync_github.graphql import GraphQL, UnservedError
from trackersync_github.parts import ProjectSettings
from trackersync_github.wire import Issue

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Move:
    """A move that can be made: the card (None where the issue is yet to be added), and the option by name and id."""

    card: Card | None
    field: CardField
    option: str
    identity: str | None


class Board:
    """Reads and moves the cards of one board; between calls it remembers only what GitHub can be asked again.

    Args:
        wire: to GitHub.
        graphql: the host's.
        project: which board, and which field of it.
        pull_requests: whether pull requests are items.

    Attributes:
        renamed: by the name a repository is observed under, the one it has now, as far as its issues told.
    """

    def __init__(self, wire: Wire, graphql: GraphQL, project: ProjectSettings, *, pull_requests: bool) -> None:
        self.project = project
        self.pull_requests = pull_requests
        self._graphql = graphql
        self._apis: tuple[BoardApi, ...] = (RestBoard(wire, project), GraphBoard(graphql, project))
        self._known: tuple[BoardApi, CardField] | None = None
        self._cards: dict[Address, Card] = {}
        self.renamed: dict[str, str] = {}
        self._one_at_a_time = asyncio.Lock()

    # As a supplement.

    def begun(self) -> Supplement:
        """The board for one listing read, which looks at all of it once."""
        return _Whole(self)

    async def facts(self, issues: Sequence[Issue], repository: str, *, fresh: bool) -> Mapping[int, Facts]:
        """What these issues show on the board now; see ``completing.Supplement``."""
        del fresh
        cards = await self._now(issues, repository)
        return {issue.number: shown(cards.get(issue.number)) for issue in issues}

    async def stirred(self, repository: str, since: datetime, pulls: Sequence[Issue]) -> Iterable[int]:
        """The issues whose cards changed; see ``completing.Supplement``."""
        return await self.begun().stirred(repository, since, pulls)

    # Reading.

    async def columns(self) -> tuple[str, ...]:
        """The options of the field, in the board's own order.

        Raises:
            RejectedError: the board or its field cannot be seen; says what to do.
            UnavailableError: no usable answer.
        """
        return tuple((await self._found())[1].options)

    async def whole(self) -> list[Card]:
        """Every card there is now.

        Raises:
            RejectedError: the board or its field cannot be seen; says what to do.
            UnavailableError: no usable answer.
        """
        # Anew each time: asked for a field that was deleted, GitHub shows cards in which nothing is chosen.
        api, field = await self._found(again=True)
        cards = await self._seen(api.cards(field))
        self._cards = {card.address: card for card in cards}
        return cards

    async def _now(self, issues: Sequence[Issue], repository: str) -> dict[int, Card]:
        """By number, the cards of these issues as they are now: one by its card, several by one question."""
        api, field = await self._found()
        if len(issues) == 1:
            (issue,) = issues
            known = self._cards.pop(address_of(issue, repository), None)
            card = None if known is None else await api.card(known.id, field)
            if card is not None and known is not None and card.address == known.address:
                self._cards[card.address] = card
                return {issue.number: card}
        try:
            by_number = isinstance(api, RestBoard)
            found = await self._seen(cards_of(self._graphql, self.project, field, issues, by_number=by_number))
        except UnservedError:
            whole = {card.address: card for card in await self.whole()}
            places = {issue.number: address_of(issue, repository) for issue in issues}
            found = {number: whole[place] for number, place in places.items() if place in whole}
        self._cards |= {card.address: card for card in found.values()}
        return found

    async def _seen(self, asked: Awaitable[T]) -> T:
        """What was asked of the board. That it is gone says nothing of the issue, so it is no ``NotFoundError``."""
        try:
            return await asked
        except NotFoundError as error:
            self._known = None
            raise RejectedError(f"{error} ({named(self.project)})") from error

    async def _found(self, *, again: bool = False) -> tuple[BoardApi, CardField]:
        """The way to this board, and its field.

        Raises:
            RejectedError: there is none, or it may not be seen.
        """
        async with self._one_at_a_time:
            if self._known is None or again:
                self._known = await self._find()
            return self._known

    async def _find(self) -> tuple[BoardApi, CardField]:
        known = self._known
        first, other = self._apis if known is None or known[0] is self._apis[0] else self._apis[::-1]
        try:
            return first, await first.field()
        except (NotFoundError, UnservedError) as error:
            absent = str(error)
        try:
            return other, await other.field()
        except (NotFoundError, UnservedError) as error:
            raise RejectedError(
                f"{named(self.project)} cannot be found ({absent}; {error}). Check `project` (owner, number, and kind: "
                "organization or user), and that the token may see projects: an App needs the organisation permission "
                "Projects, a classic token the scope read:project; the token of a workflow cannot."
            ) from error
        except RejectedError as error:
            raise RejectedError(f"{error} ({named(self.project)})") from error

    # Writing.

    async def prepare(self, issue: Issue, repository: str, wanted: str) -> Move:
        """Make sure, before anything is written, that an issue's card can be moved.

        Args:
            issue: as GitHub gave it.
            repository: as OWNER/NAME.
            wanted: the option by name; empty to take the choice away.

        Raises:
            RejectedError: there is no such option, the card is archived, or the issue is not on the board and shall
                not be added.
        """
        field = (await self._found())[1]
        if wanted and field.option(wanted) is None:
            field = (await self._found(again=True))[1]
        identity = field.option(wanted) if wanted else None
        key = f"{repository}#{issue.number}"
        if wanted and identity is None:
            raise RejectedError(
                f"{key}: {field.name} of {named(self.project)} has no option {wanted}; nothing was written. "
                f"There are: {listed(field.options)}."
            )
        # As of the look that the change was compared with.
        card = self._cards.get(address_of(issue, repository))
        if card is None:
            card = (await self._now([issue], repository)).get(issue.number)
        if card is None and not self.project.add:
            raise RejectedError(
                f"{key} is not on the board ({named(self.project)}); nothing was written. Add it there, or set "
                "`project.add: true`."
            )
        _check_shown(card, key, self.project)
        return Move(card, field, wanted, identity)

    async def move(self, move: Move, issue: Issue, repository: str, fact: str) -> None:
        """Make a prepared move: add the issue where it is not there yet, then choose; in two calls, as GitHub wants.

        Raises:
            RejectedError: it was refused, or dropped without a word; ``partly`` where the issue was added before.
            UnavailableError: as the wire says; or the card was taken off the board meanwhile.
        """
        api, key = (await self._found())[0], f"{repository}#{issue.number}"
        card = move.card
        try:
            if card is None:
                card = await api.add(issue, address_of(issue, repository), move.field, fact)
                _check_shown(card, key, self.project)
                self._cards[card.address] = card
            after = await api.choose(card, move.field, move.identity, fact)
        except RejectedError as error:
            # Perhaps an id that was given out anew: the next attempt finds it again.
            self._known = None
            raise RejectedError(str(error), partly=move.card is None and card is not None) from error
        except NotFoundError as error:
            self._known = None
            self._cards.pop(address_of(issue, repository), None)
            raise UnavailableError(f"{key}: its card or board is gone ({error}); look again", in_doubt=True) from error
        before = "" if move.card is None else move.card.option
        if after.option.casefold() == move.option.casefold() or after.option.casefold() != before.casefold():
            # Where it shows a third option, somebody moved it right behind us: whoever reads it back sees that.
            return
        raise RejectedError(
            f"{key}: GitHub took the move to {move.option or 'no option'} but dropped it without a word. Check that "
            f"the token may write {named(self.project)}, or set `writes: none`.",
            partly=move.card is None,
        )


class _Whole:
    """A board as it was when a listing read began to ask for it."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._cards: dict[Address, Card] | None = None
        self._trouble: RejectedError | UnavailableError | None = None
        self._one_at_a_time = asyncio.Lock()

    async def facts(self, issues: Sequence[Issue], repository: str, *, fresh: bool) -> Mapping[int, Facts]:
        if fresh:
            return await self._board.facts(issues, repository, fresh=True)
        cards = await self._all()
        places = {issue.number: address_of(issue, repository) for issue in issues}
        self._board.renamed |= {repository.casefold(): name for name, _ in places.values()}
        return {number: shown(cards.get(place)) for number, place in places.items()}

    async def stirred(self, repository: str, since: datetime, pulls: Sequence[Issue]) -> Iterable[int]:
        del pulls
        name = self._board.renamed.get(repository.casefold(), repository.casefold())
        return [
            card.address[1]
            for card in (await self._all()).values()
            if card.address[0] == name and card.updated >= since and (self._board.pull_requests or not card.pull)
        ]

    async def _all(self) -> dict[Address, Card]:
        """Every card by its issue; read by whoever asks first, and what went wrong is told to all."""
        async with self._one_at_a_time:
            if self._trouble is not None:
                raise self._trouble
            if self._cards is None:
                try:
                    self._cards = {card.address: card for card in await self._board.whole()}
                except (RejectedError, UnavailableError) as trouble:
                    self._trouble = trouble
                    raise
            return self._cards


def shown(card: Card | None) -> Facts:
    """What an issue shows on the board; nothing where it is not there, or archived."""
    return {"board": (card.option,) if card is not None and card.option and not card.archived else ()}


def _check_shown(card: Card | None, key: str, project: ProjectSettings) -> None:
    if card is not None and card.archived:
        raise RejectedError(f"{key}: its card in {named(project)} is archived; restore it there, then it can be moved")

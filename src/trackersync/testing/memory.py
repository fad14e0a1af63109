"""A connector to a tracker in memory: the whole promise of ``connector``, without a network.

For tests of everything above the connector, and as the shortest complete example of one. ``meanwhile`` is told each
moment at which a real tracker could be edited by somebody else, so that a test can do just that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Literal

from trackersync.connector import (
    Absence,
    Account,
    AuthError,
    Change,
    Event,
    Facts,
    Item,
    ItemRef,
    NotFoundError,
    Page,
    Probe,
    RejectedError,
    Scope,
    StaleError,
    These,
    Transition,
    Workflow,
    compare,
    fold,
)
from trackersync.testing.tracker import BOT, MemoryTracker

Moment = Literal["page", "looked", "on a hop", "half written", "written"]
"""Between two pages; between the look and the write; between two hops of a path, before it is looked where the item is;
between two other requests of one write; before it is read back."""


class MemoryConnector:
    """Implements ``connector.Connector`` over a ``MemoryTracker``, ``Historian``, and ``Routed`` if it has a workflow.

    Args:
        tracker: what it speaks to.
        token: the credential it shows.
        page: how many items a page holds.
        meanwhile: told each moment at which others could do something.
    """

    def __init__(
        self,
        tracker: MemoryTracker,
        *,
        token: str = "",
        page: int = 3,
        meanwhile: Callable[[Moment], None] = lambda _: None,
    ) -> None:
        self._world = tracker
        self._token = token
        self._page = page
        self._meanwhile = meanwhile
        self.tracker = tracker.name
        self.writes = tracker.shape.writes
        self.vocabulary = tracker.shape.vocabulary

    async def probe(self) -> Probe:
        """Say who we are and what can be read. Raises ``AuthError``."""
        self._authenticate()
        return Probe(BOT, self._world.containers)

    async def aclose(self) -> None:
        """Nothing to release."""

    async def observe(self, scope: Scope) -> AsyncIterator[Page]:
        """Yield what the scope names, page by page; see ``connector.Connector.observe``."""
        self._authenticate()
        if isinstance(scope, These):
            yield self._these(scope)
            return
        for container in scope.wanted(self._world.containers):
            for page in self._pages(container, scope.cursors.get(container)):
                yield page
                self._meanwhile("page")
                self._authenticate()

    async def history(self, ref: ItemRef) -> tuple[Event, ...]:
        """Who changed what of an item, also under the refs it had before; see ``connector.Historian.history``."""
        self._authenticate()
        self._look(ref)
        own = [edit for edit in self._world.history if self._world.whereabouts(edit.ref) == ref]
        return tuple(
            Event(
                f"{edit.number}-{fact}",
                self._world.counted(edit.at),
                edit.by,
                fact,
                tuple(value for value in edit.after[fact] if value not in edit.before[fact]),
                tuple(value for value in edit.before[fact] if value not in edit.after[fact]),
            )
            for edit in own
            for fact in edit.after
            if edit.after[fact] != edit.before[fact]
        )

    async def workflow(self, item: Item, needs: Collection[str] = ()) -> Workflow:
        """The whole graph; of a shy tracker, what leaves the item's status. Raises ``NotFoundError``."""
        del needs
        self._authenticate()
        shape, now = self._world.shape, self._world.item(item.ref)
        routes = {
            here: there
            for here, there in (shape.routes or {}).items()
            if not shape.shy or here in now.facts[shape.home]
        }
        return Workflow({here: tuple(Transition(to, f"To {to}", to) for to in there) for here, there in routes.items()})

    async def apply(self, change: Change) -> Item:
        """Look, compare with ``before``, write, read back; see ``connector.Connector.apply``.

        A path is walked hop by hop, with a look before each: who moves the item off its hop meanwhile has moved it.
        """
        self._authenticate()
        before = self._look(change.ref)
        if compare(change, before) == "after":
            return before
        self._permit(change, before)
        self._meanwhile("looked")
        for place, step in enumerate(steps(change, stepwise=self._world.shape.stepwise)):
            if place:
                self._meanwhile("on a hop" if place <= len(change.path) else "half written")
                self._expect_on_path(change, place)
            self._write(change, step, partly=bool(place))
        self._meanwhile("written")
        shown = self._look(change.ref)
        if wrong := [fact for fact in change.after if not _has(change, shown, fact)]:
            raise RejectedError(
                f"{change.key}: {self.tracker} took the change, but {' and '.join(wrong)} is not as it was written. "
                "A right is missing, or somebody set it otherwise at the same moment.",
                partly=shown.facts != before.facts,
            )
        return shown

    def _authenticate(self) -> None:
        if self._token != self._world.token:
            raise AuthError(
                f"{self.tracker} does not accept the credential: check that its token is set and not revoked"
            )

    def _look(self, ref: ItemRef) -> Item:
        item = self._world.item(ref)
        if item.container not in self._world.containers:
            raise NotFoundError(f"{self.tracker}: {item.key} has left the configured containers")
        return item

    def _pages(self, container: str, cursor: str | None) -> Iterator[Page]:
        """Read by keyset: each page from the last item of the one before, in the order of ``updated``.

        The cursor is a moment, and its items are shown again: others of the same moment may have changed since.
        """
        since = None if cursor is None else datetime.fromisoformat(cursor)
        last: tuple[datetime, str] | None = None
        while True:
            rest = [
                item
                for item in self._world.shown(container)
                if (since is None or item.updated >= since) and (last is None or (item.updated, item.ref.id) > last)
            ]
            items = tuple(rest[: self._page])
            if items:
                last = (items[-1].updated, items[-1].ref.id)
            reached = cursor if last is None else last[0].isoformat()
            complete = len(rest) <= self._page
            yield Page(items, _accounts(items), container, reached, complete, expected=None if since else len(rest))
            if complete:
                return

    def _these(self, scope: These) -> Page:
        items: list[Item] = []
        missing: dict[ItemRef, Absence] = {}
        moved: dict[ItemRef, ItemRef] = {}
        for ref in scope.refs:
            now = self._world.whereabouts(ref)
            item = self._world.items.get(now.id)
            if item is None or now.id in self._world.absent:
                missing[ref] = self._world.absent.get(now.id, Absence.HIDDEN)
            elif item.container not in self._world.containers:
                missing[ref] = Absence.OUT_OF_SCOPE if now == ref else Absence.MOVED
            else:
                items.append(item)
                moved |= {ref: now} if now != ref else {}
        return Page(tuple(items), _accounts(items), missing=missing, moved=moved)

    def _permit(self, change: Change, item: Item) -> None:
        """Refuse what the tracker refuses, before anything is written."""
        shape = self._world.shape
        if not change.after.keys() <= shape.writes.keys():
            raise RejectedError(f"{change.key}: {self.tracker} writes {', '.join(shape.writes)} only")
        for fact, values in change.after.items():
            if len(values) > shape.writes[fact].most:
                raise RejectedError(f"{change.key}: {fact} holds {shape.writes[fact].most}, not {len(values)}")
        if refused := self._world.unassignable.intersection(change.after.get("owners", ())):
            raise RejectedError(f"{change.key}: {' and '.join(sorted(refused))} is not assignable in {item.container}")
        if shape.follower in change.after and shape.home not in change.after:
            raise RejectedError(f"{change.key}: {shape.follower} is written only together with {shape.home}")
        self._route(change, item)

    def _route(self, change: Change, item: Item) -> None:
        routes, home = self._world.shape.routes, self._world.shape.home
        if change.path and (routes is None or change.fact != home):
            raise RejectedError(f"{change.key}: {self.tracker} knows no way through {' and '.join(change.path)}")
        if routes is None or home not in change.after:
            return
        statuses = (next(iter(item.facts[home]), ""), *change.path, change.after[home][0])
        for here, there in pairwise(statuses):
            if there not in routes.get(here, ()):
                raise RejectedError(f'{change.key}: no transition leads from "{here}" to "{there}"')

    def _expect_on_path(self, change: Change, place: int) -> None:
        """Look before going on: the item must be where the requests so far have brought it."""
        if place > len(change.path):
            return
        home, hop = self._world.shape.home, change.path[place - 1]
        last = change.path[place - 2 : place - 1] or change.before[home]
        shown = self._look(change.ref).facts[home]
        if fold(shown) == fold([hop]):
            return
        if fold(shown) == fold(last):
            raise RejectedError(
                f'{change.key}: {self.tracker} took the hop to "{hop}", but it is not there', partly=place > 1
            )
        goal, now = change.after[home][0], " + ".join(shown)
        raise StaleError(
            f'{change.key}: on its way to "{goal}" by way of "{hop}" it was moved to "{now}" by somebody else; '
            "nothing more was written"
        )

    def _write(self, change: Change, step: Facts, *, partly: bool) -> None:
        """One request, on what the item shows by now. Of a shared fact only our values are touched."""
        now = self._look(change.ref)
        home = self._world.shape.home
        here, there = now.facts[home], step.get(home, ())
        if self._world.shape.routes is not None and there:
            way = (*here, *there)
            if there[0] not in self._world.shape.routes.get(here[0], ()) or way in self._world.locked:
                raise RejectedError(
                    f'{change.key}: {self.tracker} refuses to take it from "{way[0]}" to "{way[1]}"',
                    partly=partly,
                    hop=(way[0], way[1]),
                )
        shape, deaf = self._world.shape, self._world.deaf
        # How something was finished is not heard where it is not heard that it was.
        deaf |= {shape.follower} if shape.home in deaf else set()
        sets = _sets(change, stepwise=shape.stepwise)
        for _ in range(2 if self._world.doubles else 1):
            shown = self._look(change.ref).facts
            facts = {
                fact: _merge(shown[fact], change.before[fact], values) if fact in sets else values
                for fact, values in step.items()
                if fact not in deaf
            }
            self._world.put(change.ref, facts, BOT)


def steps(change: Change, *, stepwise: bool) -> tuple[Facts, ...]:
    """The requests one change takes, each as the facts it sets.

    Each hop of a path is one. A set first gains what is new and then loses what is old, so that nothing is ever without
    a value in between; single facts go last, together.
    """
    if not stepwise:
        return (*({change.fact: (hop,)} for hop in change.path), change.after)
    gain, lose = {}, {}
    sets = _sets(change, stepwise=True)
    for fact in sets:
        both = tuple(dict.fromkeys((*change.before[fact], *change.after[fact])))
        if both != change.before[fact]:
            gain[fact] = both
        if both != change.after[fact]:
            lose[fact] = change.after[fact]
    single = {fact: values for fact, values in change.after.items() if fact not in sets}
    return tuple(step for step in (gain, lose, single) if step)


def _sets(change: Change, *, stepwise: bool) -> tuple[str, ...]:
    """The facts of a change that are written value by value."""
    return tuple(fact for fact in change.after if fact in change.ours or (stepwise and fact == "owners"))


def _merge(now: tuple[str, ...], before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """Take off what the change takes off and add what it adds; whatever else is there stays where it is."""
    going = fold(before) - fold(after)
    kept = [value for value in now if value.casefold() not in going]
    return (*kept, *(value for value in after if value.casefold() not in fold(kept)))


def _has(change: Change, item: Item, fact: str) -> bool:
    values = item.facts[fact]
    if fact in change.ours:
        values = tuple(value for value in values if value.casefold() in fold(change.ours[fact]))
    return fold(values) == fold(change.after[fact])


def _accounts(items: tuple[Item, ...] | list[Item]) -> tuple[Account, ...]:
    return tuple(
        {owner: Account(item.ref.tracker, owner, owner) for item in items for owner in item.facts["owners"]}.values()
    )

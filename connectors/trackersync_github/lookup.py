"""Looks at single issues: where they are, or why they are not there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import islice

from trackersync.connector import (
    Absence,
    Answer,
    Item,
    ItemRef,
    NotFoundError,
    Page,
    RejectedError,
    Trouble,
    UnavailableError,
    Wire,
    decode,
    together,
)
from trackersync_github.completing import Completing
from trackersync_github.names import Names
from trackersync_github.wire import Issue, Place, Repository, accounts_of, place_of, refused

BATCH = 100
"""Items of a page. The wire has no more than eight under way at once."""


@dataclass(frozen=True, slots=True)
class Found:
    """An issue with the configured name of its repository.

    ``item`` has another ref than the one asked for where it was transferred to another configured repository.
    """

    issue: Issue
    item: Item
    repository: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """An issue as GitHub gave it, with its repository's id and configured name."""

    issue: Issue
    home: int
    repository: str


class Lookup:
    """Finds issues by ref."""

    def __init__(self, wire: Wire, names: Names, completing: Completing) -> None:
        self._wire = wire
        self._names = names
        self._completing = completing

    async def pages(self, refs: Sequence[ItemRef]) -> AsyncIterator[Page]:
        """The items of these refs, and why the others are not there.

        Raises:
            AuthError: the tracker does not know us.
            UnavailableError: some could not be looked at; what was found has been yielded.
        """
        todo = iter(dict.fromkeys(refs))
        troubles: list[Trouble] = []
        while batch := tuple(islice(todo, BATCH)):
            looks = await self._looks(batch)
            found = [look for look in looks if isinstance(look, Found)]
            yield Page(
                items=tuple(look.item for look in found),
                accounts=accounts_of((look.issue for look in found), self._completing.tracker),
                missing={ref: look for ref, look in zip(batch, looks, strict=True) if isinstance(look, Absence)},
                moved={
                    ref: look.item.ref
                    for ref, look in zip(batch, looks, strict=True)
                    if isinstance(look, Found) and look.item.ref != ref
                },
            )
            troubles += [look for look in looks if not isinstance(look, Found | Absence)]
        if troubles:
            raise together(troubles)

    async def find(self, ref: ItemRef) -> Found | Absence:
        """One issue, or why it is not there.

        Raises:
            UnavailableError, RejectedError: it could not be looked at.
        """
        seen = await self._see(ref)
        if isinstance(seen, Absence):
            return seen
        (found,) = await self._completed([seen])
        return found

    async def permit(self, repository: str) -> None:
        """See that a repository takes writes; see ``names.Names.permit`` for what it raises."""
        await self._names.permit(repository)

    async def _looks(self, refs: Sequence[ItemRef]) -> list[Found | Absence | Trouble]:
        """What became of each ref; what the issues themselves do not show is asked once for all of a repository."""
        looks = await asyncio.gather(*(self._look(ref) for ref in refs))
        completed: dict[int, Found | Trouble] = {}
        for repository in dict.fromkeys(look.repository for look in looks if isinstance(look, _Seen)):
            places = [n for n, look in enumerate(looks) if isinstance(look, _Seen) and look.repository == repository]
            try:
                found = await self._completed(
                    [look for look in looks if isinstance(look, _Seen) and look.repository == repository]
                )
            except (NotFoundError, RejectedError, UnavailableError) as trouble:
                completed |= dict.fromkeys(places, trouble)
            else:
                completed |= dict(zip(places, found, strict=True))
        return [completed[n] if isinstance(look, _Seen) else look for n, look in enumerate(looks)]

    async def _completed(self, seen: Sequence[_Seen]) -> list[Found]:
        """Issues of one repository as items, with all that a write may depend on."""
        issues = [one.issue for one in seen]
        items = await self._completing.items(issues, seen[0].home, seen[0].repository, fresh=True)
        return [Found(issue, item, seen[0].repository) for issue, item in zip(issues, items, strict=True)]

    async def _see(self, ref: ItemRef) -> _Seen | Absence:
        try:
            place = place_of(ref)
        except NotFoundError:
            return Absence.OUT_OF_SCOPE
        repository = await self._names.of(place.repository)
        if not repository:
            return Absence.OUT_OF_SCOPE
        answer = await self._wire.read("GET", f"/repos/{repository}/issues/{place.number}")
        match answer.status:
            case 200:
                return await self._seen(answer, place, repository)
            case 410:
                return Absence.GONE
            case 301 | 302:
                return Absence.MOVED
            case 404:
                # A redirect that leads to nothing we may see: it was transferred to where we may not look.
                return Absence.MOVED if answer.moved else Absence.HIDDEN
        raise refused(answer, f"looking at {repository}#{place.number}")

    async def _seen(self, answer: Answer, place: Place, repository: str) -> _Seen | Absence:
        issue = decode(answer, Issue)
        if not self._completing.wanted(issue):
            return Absence.OUT_OF_SCOPE
        home = place.repository
        if answer.moved:
            # A redirect leads to the repository's new name, or by a transfer to another repository.
            there = await self._wire.read("GET", issue.repository_url)
            if there.status != 200:
                return Absence.MOVED
            home = decode(there, Repository).id
            repository = await self._names.of(home)
            if not repository or (home == place.repository and issue.number != place.number):
                return Absence.MOVED
        return _Seen(issue, home, repository)

    async def _look(self, ref: ItemRef) -> _Seen | Absence | Trouble:
        try:
            return await self._see(ref)
        except (NotFoundError, RejectedError, UnavailableError) as trouble:
            return trouble

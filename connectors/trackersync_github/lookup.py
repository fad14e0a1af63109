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
from trackersync_github.names import Names
from trackersync_github.wire import Issue, Place, Repository, accounts_of, item_of, place_of, refused

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


class Lookup:
    """Finds issues by ref."""

    def __init__(self, wire: Wire, names: Names, tracker: str) -> None:
        self._wire = wire
        self._names = names
        self._tracker = tracker

    async def pages(self, refs: Sequence[ItemRef]) -> AsyncIterator[Page]:
        """The items of these refs, and why the others are not there.

        Raises:
            AuthError: the tracker does not know us.
            UnavailableError: some could not be looked at; what was found has been yielded.
        """
        todo = iter(dict.fromkeys(refs))
        troubles: list[Trouble] = []
        while batch := tuple(islice(todo, BATCH)):
            looks = await asyncio.gather(*(self._look(ref) for ref in batch))
            found = [look for look in looks if isinstance(look, Found)]
            yield Page(
                items=tuple(look.item for look in found),
                accounts=accounts_of((look.issue for look in found), self._tracker),
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
                return await self._found(answer, place, repository)
            case 410:
                return Absence.GONE
            case 301 | 302:
                return Absence.MOVED
            case 404:
                # A redirect that leads to nothing we may see: it was transferred to where we may not look.
                return Absence.MOVED if answer.moved else Absence.HIDDEN
        raise refused(answer, f"looking at {repository}#{place.number}")

    async def _found(self, answer: Answer, place: Place, repository: str) -> Found | Absence:
        issue = decode(answer, Issue)
        if issue.is_pull_request:
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
        return Found(issue, item_of(issue, self._tracker, home, repository), repository)

    async def _look(self, ref: ItemRef) -> Found | Absence | Trouble:
        try:
            return await self.find(ref)
        except (NotFoundError, RejectedError, UnavailableError) as trouble:
            return trouble

"""Issues as items, completed with what GitHub does not show on them: a board's Status, linked pull requests.

Each source of such facts is a ``Supplement``. Whoever makes items of issues (a listing, a look at single ones, the read
after a write) makes them here, so that an item shows the same facts whichever way it came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from trackersync.connector import Facts, Item
from trackersync_github.wire import Issue, item_of


class Supplement(Protocol):
    """One source of facts that the issue's own JSON does not show."""

    async def facts(self, issues: Sequence[Issue], repository: str, *, fresh: bool) -> Mapping[int, Facts]:
        """By number, what these issues of one repository show here; an issue that shows nothing may be absent.

        Args:
            issues: as GitHub gave them.
            repository: as OWNER/NAME.
            fresh: it must be as of now, since a write depends on it; else what was read in this run will do.

        Raises:
            UnavailableError, NotFoundError, RejectedError: they cannot be known, so no item may be made.
        """

    async def stirred(self, repository: str, since: datetime, pulls: Sequence[Issue]) -> Iterable[int]:
        """The numbers of issues whose facts here may have changed since, although the issues themselves did not.

        Args:
            repository: as OWNER/NAME.
            since: when the last read began.
            pulls: the pull requests that this read showed as changed.
        """


@runtime_checkable
class Remembering(Protocol):
    """A supplement that reads much at once, and remembers it for as long as one listing read lasts."""

    def begun(self) -> Supplement:
        """The same source at the beginning of such a read, with nothing remembered from any before."""


class Completing:
    """Makes items of issues.

    Args:
        tracker: the tracker's name.
        supplements: the sources of further facts; none by default.
        pull_requests: whether pull requests are items too.
    """

    def __init__(self, tracker: str, supplements: Sequence[Supplement] = (), *, pull_requests: bool = False) -> None:
        self.tracker = tracker
        self.supplements = tuple(supplements)
        self._pull_requests = pull_requests

    def begun(self) -> Completing:
        """The same at the beginning of a read of everything that changed lately; see ``Remembering``."""
        supplements = [one.begun() if isinstance(one, Remembering) else one for one in self.supplements]
        return Completing(self.tracker, supplements, pull_requests=self._pull_requests)

    def wanted(self, issue: Issue) -> bool:
        """Whether an issue is to be an item."""
        return self._pull_requests or not issue.is_pull_request

    async def items(
        self, issues: Sequence[Issue], repository: int, container: str, *, fresh: bool = False
    ) -> tuple[Item, ...]:
        """Issues of one repository as items, in the same order.

        Args:
            issues: as GitHub gave them.
            repository: its database id.
            container: its name as configured.
            fresh: see ``Supplement.facts``.

        Raises:
            UnavailableError, NotFoundError, RejectedError: a supplement cannot be read.
        """
        items = [item_of(issue, self.tracker, repository, container) for issue in issues]
        if not items or not self.supplements:
            return tuple(items)
        found = await asyncio.gather(*(one.facts(issues, container, fresh=fresh) for one in self.supplements))
        return tuple(
            replace(
                item,
                facts={
                    **item.facts,
                    **{fact: values for facts in found for fact, values in facts.get(issue.number, {}).items()},
                },
            )
            for item, issue in zip(items, issues, strict=True)
        )

    async def stirred(self, repository: str, since: datetime, pulls: Sequence[Issue]) -> frozenset[int]:
        """The numbers of issues to look at again; see ``Supplement.stirred``."""
        found = await asyncio.gather(*(one.stirred(repository, since, pulls) for one in self.supplements))
        return frozenset(number for numbers in found for number in numbers)

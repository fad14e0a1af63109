"""Who can be assigned in a repository, as far as the host tells.

GitHub answers 204 for a login that can be, and 404 for one that cannot (REST API, "Check if a user can be assigned").
A host without that path answers 404 to everybody, which would make everybody a stranger; so before a 404 is believed,
the list of all who can be assigned is asked for, which GitHub gives to whoever may read the repository.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

from trackersync.connector import Wire
from trackersync_github.wire import refused


class Assignable:
    """Asks who can be assigned.

    Args:
        wire: to GitHub.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        # By repository. A host does not lose or gain a path in the middle of a run.
        self._told: dict[str, bool] = {}

    async def strangers(self, repository: str, logins: Sequence[str]) -> tuple[str, ...]:
        """Those of some logins that cannot be assigned; none where the host does not tell.

        Raises:
            AuthError, NotFoundError, RejectedError, UnavailableError: it cannot be asked; nothing was sent.
        """
        checks = await asyncio.gather(*(self._taken(repository, login) for login in logins))
        strangers = tuple(login for login, taken in zip(logins, checks, strict=True) if not taken)
        return strangers if strangers and await self.told(repository) else ()

    async def told(self, repository: str) -> bool:
        """Whether the host tells who can be assigned in a repository.

        Raises:
            AuthError, NotFoundError, RejectedError, UnavailableError: it cannot be asked.
        """
        if repository not in self._told:
            answer = await self._wire.read("GET", f"/repos/{repository}/assignees", params={"per_page": 1})
            if answer.status not in {200, 404}:
                raise refused(answer, f"asking who can be assigned in {repository}")
            self._told[repository] = answer.status == 200
        return self._told[repository]

    def silent(self, repository: str) -> bool:
        """Whether the host has been asked about a repository, and does not tell."""
        return self._told.get(repository) is False

    async def _taken(self, repository: str, login: str) -> bool:
        if self.silent(repository):
            return True
        answer = await self._wire.read("GET", f"/repos/{repository}/assignees/{quote(login, safe='')}")
        if answer.status not in {204, 404}:
            raise refused(answer, f"asking whether {login} can be assigned in {repository}")
        return answer.status == 204

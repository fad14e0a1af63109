"""Which configured repository has which database id: asked once, remembered while the connector lives.

Items are named by the id, since it outlives a rename; the API's documented paths want the name. Forgetting costs one
request per repository, nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from trackersync.connector import NotFoundError, Wire, decode
from trackersync_github.wire import Repository, refused


class Names:
    """Ids of the configured repositories, both ways."""

    def __init__(self, wire: Wire, repositories: Sequence[str]) -> None:
        self._wire = wire
        self._repositories = tuple(repositories)
        self._ids: dict[str, int] = {}
        self._one_at_a_time = asyncio.Lock()

    @property
    def all(self) -> tuple[str, ...]:
        """The repositories to look at."""
        return self._repositories

    def note(self, repository: int, name: str) -> None:
        """Remember what a cursor tells."""
        self._ids.setdefault(name, repository)

    async def learn(self, name: str) -> int:
        """Ask GitHub for a configured repository's id.

        Raises:
            NotFoundError: it does not exist or is hidden.
            UnavailableError: no usable answer.
        """
        answer = await self._wire.read("GET", f"/repos/{name}")
        if answer.status in {403, 404, 451}:
            raise hidden(name, str(refused(answer, f"looking for {name}")))
        if answer.status != 200:
            raise refused(answer, f"looking for {name}")
        self._ids[name] = decode(answer, Repository).id
        return self._ids[name]

    def id_of(self, name: str) -> int:
        """The id of a configured repository that has been learnt. Raises ``KeyError``."""
        return self._ids[name]

    async def of(self, repository: int) -> str:
        """The configured name of a repository; empty where none of the configured ones has that id."""
        # Many items ask at once, and the first answer serves them all.
        async with self._one_at_a_time:
            for name in self._repositories:
                if name in self._ids:
                    continue
                if repository in self._ids.values():
                    break
                try:
                    await self.learn(name)
                except NotFoundError:
                    # Its own listing says so; here it only is not the one looked for.
                    continue
        return next((name for name, known in self._ids.items() if known == repository), "")


def hidden(name: str, said: str) -> NotFoundError:
    """A configured repository that cannot be read, and what to do about it."""
    return NotFoundError(
        f"{said}. Check the spelling of {name} under `repositories`, and that the token may read its issues "
        "(fine-grained token: repository access, and Issues: read)."
    )

"""Which repositories are looked at, what they are called, and which database id each has.

Items are named by the id, since it outlives a rename; the API's documented paths want the name. Where the configuration
has names only, nothing is asked until an id is needed. Where it has patterns, GitHub is asked which repositories there
are; one that was renamed or transferred is found under its new name with its old id, so its items keep their refs.
Between runs nothing is remembered here: forgetting costs requests, nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container
from dataclasses import dataclass

from trackersync.connector import (
    Discovery,
    NotFoundError,
    RejectedError,
    Trouble,
    UnavailableError,
    Wire,
    decode,
    each,
    together,
)
from trackersync_github.discovery import Discoverer, Listed
from trackersync_github.selection import Selection
from trackersync_github.wire import GONE, Repository, refused, single_sign_on


@dataclass(frozen=True, slots=True)
class Aside(Container[str]):
    """What is deliberately not looked at: found and put aside, or not (any more) meant by the configuration."""

    selection: Selection
    found: frozenset[str] = frozenset()

    def __contains__(self, name: object) -> bool:
        """Whether a repository of this name is left out on purpose."""
        return isinstance(name, str) and (name.casefold() in self.found or not self.selection.means(name))


class Names:
    """The repositories to look at, and their ids, both ways.

    Args:
        wire: to GitHub.
        selection: what the configuration means.
        discoverer: lists the repositories of owners.
        archived: whether patterns find archived repositories too.
        anonymous: there is no credential, so what is private is as good as not there.
    """

    def __init__(
        self,
        wire: Wire,
        selection: Selection,
        discoverer: Discoverer,
        *,
        archived: bool = False,
        anonymous: bool = False,
    ) -> None:
        self._wire = wire
        self.anonymous = anonymous
        self._selection = selection
        self._discoverer = discoverer
        self._take_archived = archived
        self._all: tuple[str, ...] | None = None if selection.patterns else selection.names
        self._ids: dict[str, int] = {}
        self._aside: frozenset[int] = frozenset()
        self.seen: dict[str, Repository] = {}
        self._one_at_a_time = asyncio.Lock()

    async def discover(self) -> Discovery:
        """The repositories there are now; see ``connector.Discovering``.

        Names alone cost no request. Of several owners, one that cannot be listed hides no other.

        Raises:
            AuthError, UnavailableError, NotFoundError: nothing is known of any, or the patterns find nothing at all.
        """
        selection = self._selection
        if not selection.patterns:
            return Discovery(selection.names, Aside(selection))
        listed = await self._discoverer.repositories_of(selection.owners)
        trouble = _trouble(listed, selection)
        taken = await self._named()
        found = [row for row in listed.repositories if selection.found(row.full_name)]
        wanted = [row for row in found if row.id not in taken.values() and self._wanted(row)]
        aside = [row for row in found if row.id not in taken.values() and not self._wanted(row)]
        self.seen |= {row.full_name: row for row in wanted}
        self._ids = taken | {row.full_name: row.id for row in wanted}
        self._aside = frozenset(row.id for row in aside)
        self._all = (*selection.names, *sorted((row.full_name for row in wanted), key=str.casefold))
        if trouble is not None and not self._all:
            raise trouble
        if not self._all:
            raise NotFoundError(_nothing(selection, len(aside), anonymous=self.anonymous))
        return Discovery(self._all, Aside(selection, frozenset(row.full_name.casefold() for row in aside)), trouble)

    async def all(self) -> tuple[str, ...]:
        """The repositories to look at, as last discovered; now, where that has not been done yet.

        Raises:
            AuthError, UnavailableError, NotFoundError: they cannot be listed.
        """
        if self._all is None:
            async with self._one_at_a_time:
                if self._all is None:
                    found = await self.discover()
                    return found.names
        return self._all or ()

    def note(self, repository: int, name: str) -> None:
        """Remember what a cursor tells."""
        self._ids.setdefault(name, repository)

    async def learn(self, name: str) -> int:
        """Ask GitHub for a repository's id.

        Raises:
            NotFoundError: it does not exist or is hidden.
            UnavailableError: no usable answer.
        """
        answer = await self._wire.read("GET", f"/repos/{name}")
        if answer.status == 403 and single_sign_on(answer):
            raise NotFoundError(str(refused(answer, f"looking for {name}")))
        if answer.status in {403, 404, 451}:
            raise hidden(name, str(refused(answer, f"looking for {name}")), anonymous=self.anonymous)
        if answer.status != 200:
            raise refused(answer, f"looking for {name}")
        self.seen[name] = decode(answer, Repository)
        self._ids[name] = self.seen[name].id
        return self._ids[name]

    def id_of(self, name: str) -> int:
        """The id of a repository that has been learnt. Raises ``KeyError``."""
        return self._ids[name]

    def called(self, repository: int, full_name: str) -> str:
        """The name under which a repository is observed, by its id where that is known, else by names and patterns.

        Asks nothing, so it is for hints only. Empty where it is none of ours.
        """
        known = next((name for name, its in self._ids.items() if its == repository), "")
        if known or repository in self._aside:
            return known
        found = (name for name in self._all or () if name.casefold() == full_name.casefold())
        named = self._selection.named(full_name) or next(found, "")
        return named or (full_name if self._selection.means(full_name) else "")

    async def of(self, repository: int) -> str:
        """The name of a repository that is looked at; empty where none of those has that id."""
        names = await self.all()
        # Many items ask at once, and the first answer serves them all.
        async with self._one_at_a_time:
            for name in names:
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

    async def permit(self, name: str) -> None:
        """See, before the first write to a repository, that it takes any: an archived one is read-only.

        Raises:
            RejectedError: it is archived; nothing was sent.
            NotFoundError, UnavailableError: it cannot be asked; nothing was sent.
        """
        if name not in self.seen or self.seen[name].archived:
            await self.learn(name)
        if self.seen[name].archived:
            raise RejectedError(
                f"{name} is archived, which makes it read-only; nothing was sent. Unarchive it in its settings, or "
                "take it out of `repositories`."
            )

    def _wanted(self, row: Repository) -> bool:
        shut = row.archived and not self._take_archived
        return row.has_issues and not shut and not self._selection.excluded(row.full_name)

    async def _named(self) -> dict[str, int]:
        """The ids of the repositories that are named in full: under those names they are looked at, and no other."""

        async def known(name: str) -> int | None:
            try:
                return await self.learn(name)
            except (NotFoundError, RejectedError, UnavailableError):
                # Its own listing says so, and stops no other.
                return None

        return {name: its for name, its in (await each(known, self._selection.names)).items() if its is not None}


def _trouble(listed: Listed, selection: Selection) -> UnavailableError | NotFoundError | None:
    """One error for the owners that could not be listed; its containers are their patterns."""
    if not listed.failed:
        return None
    trouble = together([_said(owner, error) for owner, error in listed.failed.items()])
    owners = {owner.casefold() for owner in listed.failed}
    trouble.containers = tuple(one for one in selection.patterns if one.partition("/")[0].casefold() in owners)
    return trouble


def _said(owner: str, error: Trouble) -> Trouble:
    words = f"the repositories of {owner} are not known: {error}"
    if isinstance(error, UnavailableError):
        return UnavailableError(words, retry_after=error.retry_after)
    return NotFoundError(f"{words}. Check the spelling of {owner} under `repositories`, or name them one by one.")


def _nothing(selection: Selection, aside: int, *, anonymous: bool) -> str:
    left = f" {aside} are left out, being excluded, archived or without issues." if aside else ""
    seen = "that the token may see them (fine-grained token or App: repository access)"
    if anonymous:
        seen = "that they are public: without a token no others are shown"
    return f"{', '.join(selection.patterns)} finds no repository.{left} Check its spelling, and {seen}."


def hidden(name: str, said: str, *, anonymous: bool = False) -> NotFoundError:
    """A configured repository that cannot be read, and what to do about it."""
    if anonymous:
        return NotFoundError(
            f"{name} does not exist, or is private ({said.removesuffix(GONE)}). Check its spelling under "
            "`repositories`; to see what is private, set a token (`token`, and no `anonymous`)."
        )
    cloned = f" (without the .git of a clone's address: {name[:-4]})" if name.endswith(".git") else ""
    return NotFoundError(
        f"{said}. Check the spelling of {name} under `repositories`{cloned}, and that the token may read its issues "
        "(fine-grained token: repository access, and Issues: read)."
    )

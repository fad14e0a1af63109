"""Asks GitHub which repositories there are, where the configuration names them by patterns.

An organisation's, a user's, or what an App's installation may see; `GITHUB_TOKEN` is the token of an installation too.
Lists are followed to their end by ``Link: next``, oldest repository first where an order can be asked for, so that one
that is made meanwhile comes last. GitHub pages these lists by number, so one that is deleted meanwhile may hide another
for a single run; that one then rests, and nothing is concluded from its absence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from trackersync.connector import Answer, NotFoundError, RejectedError, Trouble, UnavailableError, Wire, decode
from trackersync_github.paging import pages
from trackersync_github.wire import ABSENT, Repository, refused

_EXPIRATION = "github-authentication-token-expiration"
"""The header of every answer to a personal token that ends ("Getting started with the REST API")."""

_OLDEST_FIRST = {"sort": "created", "direction": "asc"}


class _Account(msgspec.Struct, frozen=True):
    login: str = ""


class _Installed(msgspec.Struct, frozen=True):
    repositories: list[Repository]


@dataclass(frozen=True, slots=True)
class Listed:
    """What there is: the repositories of the owners that could be listed, and why the others could not."""

    repositories: tuple[Repository, ...]
    failed: dict[str, Trouble]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credential is.

    Attributes:
        login: the user's; empty for an App's installation, which is no user.
        scopes: what a classic token may do; None for every other kind, of which GitHub does not tell it.
        expires: when the token ends; None where it does not, or GitHub does not tell.
        told: whether the server says who it is; one that stands in for GitHub may not.
    """

    login: str
    scopes: frozenset[str] | None = None
    expires: datetime | None = None
    told: bool = True

    @property
    def installed(self) -> bool:
        """Whether it is that of an App's installation."""
        return self.told and not self.login


class Discoverer:
    """Lists the repositories of owners.

    Args:
        wire: to GitHub.
        app: the credential is known to be an App's installation.
        anonymous: there is no credential: owners show what they show to everybody.
    """

    def __init__(self, wire: Wire, *, app: bool, anonymous: bool = False) -> None:
        self._wire = wire
        self._anonymous = anonymous
        self._identity = Identity("") if app else None

    async def identity(self) -> Identity:
        """Who the credential is; asked once.

        Raises:
            AuthError, UnavailableError: it cannot be told.
        """
        if self._identity is None:
            answer = await self._wire.read("GET", "/user")
            # "Resource not accessible by integration": the token of an installation is good, but belongs to no user.
            if answer.status == 403:
                self._identity = Identity("")
            elif answer.status in ABSENT:
                self._identity = Identity("", told=False)
            elif answer.status != 200:
                raise UnavailableError(str(refused(answer, "asking who we are")))
            elif not (login := decode(answer, _Account).login):
                raise UnavailableError(f"{answer.request} names no account: this is not GitHub's API. Check `url`.")
            else:
                said = answer.headers.get("x-oauth-scopes")
                scopes = None if said is None else frozenset(filter(None, map(str.strip, said.split(","))))
                self._identity = Identity(login, scopes, _end(answer.headers.get(_EXPIRATION, "")))
        return self._identity

    async def repositories_of(self, owners: Sequence[str]) -> Listed:
        """The repositories of these owners, each once. One owner that cannot be listed hides no other.

        Raises:
            AuthError: the credential is not accepted.
        """
        found: dict[int, Repository] = {}
        failed: dict[str, Trouble] = {}
        for owner in owners:
            try:
                rows = await self._of(owner)
            except (NotFoundError, RejectedError, UnavailableError) as trouble:
                failed[owner] = trouble
                continue
            found |= {row.id: row for row in rows if _owner(row) == owner.casefold()}
        return Listed(tuple(found.values()), failed)

    async def _of(self, owner: str) -> list[Repository]:
        if self._anonymous:
            return await self._everybodys(owner)
        identity = await self.identity()
        if identity.installed:
            return await self._rows("/installation/repositories", {}, _installed)
        if identity.login.casefold() == owner.casefold():
            return await self._rows("/user/repos", {"affiliation": "owner", **_OLDEST_FIRST}, _plain)
        return await self._everybodys(owner)

    async def _everybodys(self, owner: str) -> list[Repository]:
        """An owner's repositories, asked for as anybody may: of an organisation, else of a user."""
        try:
            return await self._rows(f"/orgs/{owner}/repos", {"type": "all", **_OLDEST_FIRST}, _plain)
        except NotFoundError:
            return await self._rows(f"/users/{owner}/repos", {"type": "owner", **_OLDEST_FIRST}, _plain)

    async def _rows(
        self, path: str, query: dict[str, str], rows: Callable[[Answer], Iterable[Repository]]
    ) -> list[Repository]:
        answers = pages(self._wire, path, lambda answer: refused(answer, f"listing repositories ({path})"), query)
        return [row async for answer in answers for row in rows(answer)]


def _end(text: str) -> datetime | None:
    """The moment a token ends, as GitHub writes it: ``2026-04-28 12:00:00 UTC``, or with an offset."""
    try:
        return datetime.strptime(text.replace("UTC", "+0000"), "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _owner(repository: Repository) -> str:
    return repository.full_name.partition("/")[0].casefold()


def _plain(answer: Answer) -> list[Repository]:
    return decode(answer, list[Repository])


def _installed(answer: Answer) -> list[Repository]:
    return decode(answer, _Installed).repositories

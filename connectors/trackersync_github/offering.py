"""What the credential shows, before anybody has said which repositories to look at: what ``init`` lets one choose from.

A user's token shows what its user owns, works on or sees as a member (REST API, "List repositories for the
authenticated user"), lately pushed to first; an installation's, `GITHUB_TOKEN` among them, what it was given. What can
have no open work is left out: archived repositories, and those without issues.
"""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final

import msgspec

from trackersync.connector import Answer, AuthError, Container, RejectedError, UnavailableError, Wire, decode
from trackersync_github.discovery import Discoverer
from trackersync_github.paging import pages
from trackersync_github.settings import GithubSettings
from trackersync_github.wire import Moment, refused

MOST: Final = 1_000
"""Repositories that are listed; whoever sees more names theirs."""

_MINE: Final = {"affiliation": "owner,collaborator,organization_member", "sort": "pushed", "direction": "desc"}
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


class _Shown(msgspec.Struct, frozen=True):
    full_name: str
    archived: bool = False
    has_issues: bool = True
    # Pull requests among them: GitHub counts both together.
    open_issues_count: int | None = None
    pushed_at: Moment | None = None


class _Installed(msgspec.Struct, frozen=True):
    repositories: list[_Shown]


class Offers:
    """Lists what there is.

    Args:
        tracker: its name in the configuration, for sentences.
        settings: its part of the configuration.
        wire: to GitHub.
        discoverer: knows who the credential is.
    """

    def __init__(self, tracker: str, settings: GithubSettings, wire: Wire, discoverer: Discoverer) -> None:
        self._tracker = tracker
        self._settings = settings
        self._wire = wire
        self._discoverer = discoverer

    async def all(self) -> tuple[Container, ...]:
        """The repositories, those first that were pushed to lately; see ``connector.Offering.offered``.

        Raises:
            AuthError: GitHub does not know us, or may not tell us any.
            UnavailableError: no usable answer.
        """
        if self._settings.anonymous:
            raise AuthError(
                f"{self._tracker}: without a token GitHub does not know whose repositories to list. Name one, or set "
                f"`token` of tracker {self._tracker}."
            )
        if self._settings.app is not None and self._settings.app.installation is None:
            # It is looked up by a repository, and none has been named yet.
            raise AuthError(
                f"{self._tracker}: an App shows what one of its installations has. Name a repository, or the "
                "installation's number as `app.installation`."
            )
        identity = await self._discoverer.identity()
        path, query = ("/installation/repositories", {}) if identity.installed else ("/user/repos", _MINE)
        rows: list[_Shown] = []
        try:
            async with aclosing(pages(self._wire, path, _unread, query)) as answers:
                async for answer in answers:
                    rows += (
                        decode(answer, _Installed).repositories if identity.installed else decode(answer, list[_Shown])
                    )
                    if len(rows) >= MOST:
                        break
        except RejectedError as error:
            raise AuthError(f"{self._tracker}: {error}") from error
        shown = [row for row in rows[:MOST] if row.has_issues and not row.archived]
        shown.sort(key=lambda row: row.pushed_at or _LONG_AGO, reverse=True)
        return tuple(Container(row.full_name, items=row.open_issues_count, latest=row.pushed_at) for row in shown)


def _unread(answer: Answer) -> RejectedError | UnavailableError:
    error = refused(answer, "listing the repositories that the token shows")
    return error if isinstance(error, RejectedError | UnavailableError) else UnavailableError(str(error))

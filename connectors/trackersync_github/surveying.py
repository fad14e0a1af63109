"""What stages could be told by: the labels of the repositories, and the columns of their boards.

Open and closed, and the reason an issue was closed for, are every repository's and need no look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from trackersync.connector import (
    Answer,
    NotFoundError,
    RejectedError,
    Sign,
    Survey,
    UnavailableError,
    Wire,
    decode,
    together,
)
from trackersync_github.board_survey import BoardSurvey
from trackersync_github.names import Names, hidden
from trackersync_github.paging import every
from trackersync_github.wire import refused

UNSIGNED: Final = "boards are shown to nobody without a token: set `token` to see them"


class _Label(msgspec.Struct, frozen=True):
    name: str
    description: str | None = None


class _Type(msgspec.Struct, frozen=True):
    name: str
    is_enabled: bool = True


class Surveyor:
    """Looks at the configured repositories.

    Args:
        wire: to GitHub.
        names: which they are.
        boards: looks for boards.
        anonymous: there is no credential.
    """

    def __init__(self, wire: Wire, names: Names, boards: BoardSurvey, *, anonymous: bool) -> None:
        self._wire = wire
        self._names = names
        self._boards = boards
        self._anonymous = anonymous

    async def survey(self) -> Survey:
        """Labels, boards and remarks; see ``connector.Surveying.survey``.

        Repositories are read side by side.

        Raises:
            NotFoundError: a repository does not exist or is hidden.
            AuthError, UnavailableError: it cannot be asked.
        """
        names = await self._names.all()
        asked = await asyncio.gather(*(self.labels(name) for name in names), return_exceptions=True)
        rows: dict[str, list[_Label]] = {}
        troubles: list[UnavailableError | NotFoundError | RejectedError] = []
        for name, answer in zip(names, asked, strict=True):
            if isinstance(answer, UnavailableError | NotFoundError | RejectedError):
                troubles.append(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                rows[name] = answer
        if troubles:
            raise together(troubles)
        signs = labels_as_signs(rows)
        if self._anonymous:
            return Survey(signs, remarks=(UNSIGNED,))
        boards, remarks = await self._boards.of(names)
        return Survey(signs, boards, (*remarks, *await self._types(names)))

    async def labels(self, name: str) -> list[_Label]:
        """The labels of a repository.

        Raises:
            NotFoundError: it does not exist or is hidden.
            UnavailableError: no usable answer.
        """

        def unread(answer: Answer) -> Exception:
            error = refused(answer, f"listing the labels of {name}")
            if isinstance(error, UnavailableError):
                return error
            return hidden(name, str(error), anonymous=self._names.anonymous)

        return await every(self._wire, f"/repos/{name}/labels", _Label, unread)

    async def _types(self, names: Sequence[str]) -> list[str]:
        """A remark on each owner's types of issues, which say what an issue is and not how far it has come."""
        remarks = []
        for owner, name in {one.partition("/")[0]: one for one in reversed(names)}.items():
            answer = await self._wire.read("GET", f"/repos/{name}/issue-types")
            # A user has none, nor has an older server; and whoever may not see them misses nothing here.
            rows = decode(answer, list[_Type]) if answer.status == 200 else []
            if types := [row.name for row in rows if row.is_enabled]:
                remarks.append(
                    f"{owner} has issue types ({', '.join(types)}); they say what an issue is, so none was taken for a "
                    "stage. One that is: `type` under `stages`"
                )
        return remarks


def labels_as_signs(rows: dict[str, list[_Label]]) -> tuple[Sign, ...]:
    """The labels of repositories, each once, whatever its case; spelt and described as where it was met first."""
    spelt: dict[str, str] = {}
    notes: dict[str, str] = {}
    holders: dict[str, list[str]] = {}
    for name, labels in rows.items():
        for label in labels:
            key = label.name.casefold()
            spelt.setdefault(key, label.name)
            if label.description:
                notes.setdefault(key, " ".join(label.description.split()))
            holders.setdefault(key, []).append(name)
    return tuple(
        Sign(
            "labels",
            value,
            containers=() if len(holders[key]) == len(rows) else tuple(holders[key]),
            note=notes.get(key, ""),
        )
        for key, value in spelt.items()
    )

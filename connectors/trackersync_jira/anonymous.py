"""Reading as nobody: what a Jira shows to everybody, and how it says that it does not.

A credential that is refused in silence gives the same answers, so they are believed only where the configuration says
``anonymous``. Source: Atlassian, "The Jira Cloud platform REST API" v3, operations that "can be accessed anonymously".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import SecretStr

from trackersync.connector import Answer, AuthError, NotFoundError, Probe, RejectedError, Wire
from trackersync_jira.api import Api


@dataclass(frozen=True, slots=True)
class Nobodys:
    """The wire of somebody who is nobody and knows it.

    Attributes:
        tracker: its name in the configuration.
        wire: what sends, without a credential.
    """

    tracker: str
    wire: Wire

    async def read(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request that changes nothing; see ``connector.Wire.read``.

        Raises:
            AuthError: it is not shown to everybody.
        """
        try:
            answer = await self.wire.read(method, path, params=params, json=json, headers=headers)
        except AuthError:
            raise AuthError(
                f"{self.tracker}: Jira does not show this to everybody (401 on {method} {path}). Leave `anonymous` out "
                "and set `token` of this tracker."
            ) from None
        # That it was meant for a stranger is no news to one.
        heard = {name: value for name, value in answer.headers.items() if name != "x-ausername"}
        return replace(answer, headers=heard)

    async def write(
        self,
        method: str,
        path: str,
        *,
        fact: str,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        creates: bool = False,
    ) -> Answer:
        """Refused by the wire below, since nobody's ``writes`` is empty; see ``connector.Wire.write``."""
        return await self.wire.write(method, path, fact=fact, params=params, json=json, creates=creates)

    def admit(self, kind: Literal["read", "write"], *, creates: bool = False) -> AbstractAsyncContextManager[None]:
        """See ``connector.Wire.admit``."""
        return self.wire.admit(kind, creates=creates)

    async def authorization(self) -> SecretStr | None:
        """None; see ``connector.Wire.authorization``."""
        return await self.wire.authorization()


async def probe(api: Api, projects: Sequence[str]) -> Probe:
    """Which of these projects everybody may look at; we are nobody, and may do nothing else.

    Raises:
        UnavailableError: Jira gave no usable answer.
    """
    shown, missing = [], []
    for project in projects:
        try:
            await api.project(project)
        except (NotFoundError, RejectedError) as error:
            missing.append(str(error).removeprefix(f"{api.site.tracker}: "))
        else:
            shown.append(project)
    return Probe(account="", containers=tuple(shown), missing=tuple(missing))

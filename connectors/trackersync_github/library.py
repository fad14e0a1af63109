"""What PyGithub does for us: metadata and rights, which it knows best and which we need rarely.

Its defaults would undo what the wire promises, so all are off (PyGithub 2.10, measured): it repeats a POST up to ten
times after a 5xx or a broken connection, pauses 0.25 s before every request, and sleeps up to an hour on rate limits.
It is not safe between threads, so every call opens a client of its own; and it blocks, so every call runs in a thread.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from json import JSONDecodeError
from typing import TypeVar, cast

import msgspec
from github import (
    Auth,
    BadAttributeException,
    Github,
    GithubException,
    RateLimitExceededException,
)
from github.Permissions import Permissions
from requests.exceptions import RequestException

from trackersync.connector import AuthError, NotFoundError, Probe, RejectedError, UnavailableError, Wire
from trackersync_github.settings import GithubSettings, version

_WRITERS = ("triage", "push", "maintain", "admin")

T = TypeVar("T")


class _Fault(msgspec.Struct, frozen=True):
    code: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    errors: list[_Fault] = []


@contextmanager
def opened(settings: GithubSettings) -> Iterator[Github]:
    """A client of PyGithub for one call, without its retries and pauses."""
    token = settings.token
    client = Github(
        auth=Auth.Token(token.get_secret_value()) if token is not None else None,
        base_url=settings.url,
        timeout=math.ceil(settings.timeout),
        user_agent="trackersync",
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
        lazy=True,
        api_version=version(settings),
    )
    try:
        yield client
    finally:
        client.close()


@dataclass(frozen=True, slots=True)
class Library:
    """PyGithub behind ``await``: its requests counted by the wire, its errors ours."""

    tracker: str
    settings: GithubSettings
    wire: Wire

    async def create_label(self, repository: str, name: str) -> None:
        """Create a repository's label, so that it has a colour and says what it is for. There already: fine.

        Raises:
            RejectedError: the token may not, or GitHub does not take the name.
            UnavailableError: no usable answer. The issue itself has not been touched.
        """

        def create(github: Github) -> None:
            try:
                github.get_repo(repository).create_label(
                    name, self.settings.labels.colour, self.settings.labels.description
                )
            except GithubException as error:
                if not _exists_already(error):
                    raise

        try:
            await self._call(f"creating the label {name} in {repository}", create)
        finally:
            self.wire.count("write")

    async def probe(self) -> Probe:
        """Who the token is, which repositories it may read, and what it may not do; see ``connector.Connector.probe``.

        The rights GitHub tells of are those of the account's role. What a fine-grained token leaves out of them is only
        seen when a write is refused, and then named.
        """
        if self.settings.token is None:
            raise AuthError(
                f"{self.tracker}: no token. Without one GitHub shows public issues only, to anyone, and takes no "
                f"writes; set `token` of tracker {self.tracker}."
            )
        account = await self._account()
        rooms = [await self._room(name) for name in self.settings.repositories]
        return Probe(
            account,
            tuple(name for name, (readable, _) in zip(self.settings.repositories, rooms, strict=True) if readable),
            tuple(sentence for _, sentences in rooms for sentence in sentences),
        )

    async def _account(self) -> str:
        try:
            login = await self._read("asking who we are", lambda github: github.get_user().login)
        except RejectedError:
            # The token of an App's installation, as in GitHub Actions: it is good, but belongs to no user.
            return "an app's installation"
        if not login:
            raise UnavailableError(
                f"{self.settings.url} answers, but not as GitHub's API does. Check `url` of tracker {self.tracker}."
            )
        return login

    async def _room(self, name: str) -> tuple[bool, list[str]]:
        """Whether a repository can be read, and sentences on what is wrong with it."""

        def look(github: Github) -> tuple[str, bool, bool]:
            repository = github.get_repo(name)
            # Absent for an app's installation, whose rights are its own; the library's type forgets that.
            rights = cast("Permissions | None", repository.permissions)
            may_write = rights is None or any(getattr(rights, right) for right in _WRITERS)
            return repository.full_name or name, bool(repository.has_issues), may_write

        try:
            full_name, has_issues, may_write = await self._read(f"looking for {name}", look)
        except (NotFoundError, RejectedError) as error:
            remedy = "give the token access to it (fine-grained token: Issues: read and write)"
            return False, [f"{name} cannot be read: {error}. Check its spelling under `repositories`, and {remedy}."]
        sentences = []
        if full_name.casefold() != name.casefold():
            sentences.append(f"{name} is called {full_name} now; correct it under `repositories`.")
        if not has_issues:
            sentences.append(f"{name} has its issues switched off; switch them on in its settings, or take it out.")
        if self.settings.writes and not may_write:
            sentences.append(
                f"{name} may be read but not written: GitHub would drop labels and assignees without a word. Give the "
                "account the role triage there, or set `writes: none`."
            )
        return has_issues, sentences

    async def _read(self, doing: str, ask: Callable[[Github], T]) -> T:
        try:
            return await self._call(doing, ask)
        finally:
            self.wire.count("read")

    async def _call(self, doing: str, ask: Callable[[Github], T]) -> T:
        """Run one call in a thread, and name what goes wrong as the wire would."""

        def run() -> T:
            with opened(self.settings) as github:
                return ask(github)

        try:
            return await asyncio.to_thread(run)
        except GithubException as error:
            if error.status == 401:
                # Not by the library's BadCredentialsException: it goes by the words of the answer.
                raise AuthError(
                    f"{self.tracker}: GitHub does not accept the credential (401 on {doing}). Check that `token` of "
                    f"tracker {self.tracker} is neither expired nor revoked, and meant for {self.settings.url}."
                ) from None
            # Without the chain: the library keeps the answer's headers and body in its exception.
            raise _translated(error, doing) from None
        except (RequestException, JSONDecodeError, BadAttributeException) as error:
            raise UnavailableError(
                f"{self.settings.url} gave no usable answer on {doing} ({type(error).__name__})"
            ) from None


def _exists_already(error: GithubException) -> bool:
    """Whether a 422 says "already_exists", the code GitHub documents for "another resource has the same value"."""
    try:
        refusal = msgspec.convert(error.data, _Refusal)
    except msgspec.ValidationError:
        return False
    return error.status == 422 and any(fault.code == "already_exists" for fault in refusal.errors)


def _translated(error: GithubException, doing: str) -> NotFoundError | RejectedError | UnavailableError:
    said = f"GitHub answered {error.status} on {doing}"
    if isinstance(error, RateLimitExceededException) or error.status == 429 or error.status >= 500:
        wait = (error.headers or {}).get("retry-after", "")
        return UnavailableError(said, retry_after=float(wait) if wait.isdecimal() else None)
    if error.status == 404:
        return NotFoundError(f"{said}: it is gone, or hidden from this token")
    rights = (error.headers or {}).get("x-accepted-github-permissions", "")
    return RejectedError(f"{said}; give the token the permission {rights}" if rights else said)

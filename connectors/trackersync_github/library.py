"""What PyGithub does for us: signing as an App (``app``), creating labels, and webhooks (``hooks``).

Its defaults would undo what the wire promises, so all are off (PyGithub 2.10, measured): it repeats a POST up to ten
times after a 5xx or a broken connection, pauses 0.25 s before every request, and sleeps up to an hour on rate limits.
It is not safe between threads, so every call opens a client of its own; and it blocks, so every call runs in a thread.
Every request of it is admitted by the wire beforehand, and bears the same credential as the wire's own.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any, Final, Literal, TypeVar

import msgspec
from github import Auth, BadAttributeException, Github, GithubException, RateLimitExceededException
from pydantic import SecretStr
from requests.exceptions import RequestException

from trackersync.connector import AuthError, NotFoundError, RejectedError, UnavailableError, Wire
from trackersync_github.settings import GithubSettings, version
from trackersync_github.wire import ABSENT

NO_ANSWER: Final = (RequestException, JSONDecodeError, BadAttributeException)
"""What the library raises where there is no answer, or none that it can read."""

T = TypeVar("T")


class _Fault(msgspec.Struct, frozen=True):
    code: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    errors: list[_Fault] = []


class _Bearer(Auth.Token):
    """The library says ``token``, which GitHub takes as well; we say the same everywhere."""

    @property
    def token_type(self) -> str:
        return "Bearer"


def options(settings: GithubSettings) -> dict[str, Any]:
    """How every client of the library is opened: without its retries and pauses, and with time-outs."""
    return {
        "base_url": settings.url,
        "timeout": math.ceil(settings.timeout),
        "user_agent": "trackersync",
        "retry": None,
        "seconds_between_requests": None,
        "seconds_between_writes": None,
        "lazy": True,
        "per_page": 100,
        "api_version": version(settings),
    }


@contextmanager
def opened(settings: GithubSettings, credential: SecretStr | None) -> Iterator[Github]:
    """A client of PyGithub for one call.

    Args:
        settings: the tracker's.
        credential: the value of the ``Authorization`` header, as ``Wire.authorization`` gives it.
    """
    token = "" if credential is None else credential.get_secret_value().rpartition(" ")[2]
    client = Github(auth=_Bearer(token) if token else None, **options(settings))
    try:
        yield client
    finally:
        client.close()


@dataclass(frozen=True, slots=True)
class Library:
    """PyGithub behind ``await``: its requests admitted and counted by the wire, its errors ours."""

    tracker: str
    settings: GithubSettings
    wire: Wire

    async def create_label(self, repository: str, name: str) -> None:
        """Create a repository's label, so that it has a colour and says what it is for. There already: fine.

        Raises:
            RejectedError: the token may not, or GitHub does not take the name.
            UnavailableError: no usable answer. The issue itself has not been touched.
        """
        labels = self.settings.labels

        def create(github: Github) -> None:
            try:
                github.get_repo(repository).create_label(name, labels.colour, labels.description)
            except GithubException as error:
                if not _exists_already(error):
                    raise

        await self.call("write", f"creating the label {name} in {repository}", create, creates=True)

    async def call(
        self, kind: Literal["read", "write"], doing: str, ask: Callable[[Github], T], *, creates: bool = False
    ) -> T:
        """Run one request of the library in a thread, and name what goes wrong as the wire would.

        Args:
            kind: what the request is.
            doing: what is tried, and on what, for sentences.
            ask: sends it.
            creates: see ``Wire.write``.

        Raises:
            AuthError: 401.
            NotFoundError, RejectedError, UnavailableError: as ``translation`` says.
        """
        # The limits' errors pass through the turn, so that what one is told holds back all.
        async with self.wire.admit(kind, creates=creates):
            return await self._sent(doing, ask)

    async def _sent(self, doing: str, ask: Callable[[Github], T]) -> T:
        # Asked for now, since the turn may have been a long time coming.
        credential = await self.wire.authorization()

        def run() -> T:
            with opened(self.settings, credential) as github:
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
            raise translation(error, doing) from None
        except NO_ANSWER as error:
            raise no_answer(self.settings, doing, error) from None


def no_answer(settings: GithubSettings, doing: str, error: Exception) -> UnavailableError:
    """The error where the library has no answer that it can read."""
    return UnavailableError(
        f"{settings.url} gave no usable answer on {doing} ({type(error).__name__})",
        passing=isinstance(error, RequestException),
    )


def translation(error: GithubException, doing: str) -> NotFoundError | RejectedError | UnavailableError:
    """The error that one of the library's stands for, to be raised without its chain."""
    said = f"GitHub answered {error.status} on {doing}"
    later = error.status >= 500 and error.status not in ABSENT
    if isinstance(error, RateLimitExceededException) or error.status == 429 or later:
        wait = (error.headers or {}).get("retry-after", "")
        return UnavailableError(said, retry_after=float(wait) if wait.isdecimal() else None, passing=True)
    if error.status == 404:
        return NotFoundError(f"{said}: it is gone, or hidden from this token")
    rights = (error.headers or {}).get("x-accepted-github-permissions", "")
    return RejectedError(f"{said}; give the token the permission {rights}" if rights else said)


def _exists_already(error: GithubException) -> bool:
    """Whether a 422 says "already_exists", the code GitHub documents for "another resource has the same value"."""
    try:
        refusal = msgspec.convert(error.data, _Refusal)
    except msgspec.ValidationError:
        return False
    return error.status == 422 and any(fault.code == "already_exists" for fault in refusal.errors)

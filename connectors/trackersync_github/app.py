"""The credential: a token as it is, or a GitHub App's installation token, got and renewed as needed.

Every token that GitHub issues is a bearer token, and nothing is assumed of its form or length: since 2026 some are of
many hundred characters. An installation's token lives an hour; how long it still does is taken from GitHub's own clock,
the answer's ``Date``, since by a machine's wrong clock it would seem expired at once, or good for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from trackersync.connector import UnavailableError
from trackersync_github.installation import given
from trackersync_github.parts import AppSettings
from trackersync_github.settings import GithubSettings

MARGIN = timedelta(minutes=5)
"""Before the end of a token's life, from when on another one is got."""

FRESH = timedelta(minutes=1)
"""A token that is refused within this time was never good; an older one may have been revoked early."""

AGAIN = timedelta(seconds=30)
"""While a token still has some life, how long to wait before trying again for another one."""


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    made: datetime
    dies: datetime


def authorization(settings: GithubSettings) -> Callable[[], Awaitable[SecretStr | None]]:
    """What gives the ``Authorization`` header's value whenever it is asked."""
    if settings.app is not None:
        return AppCredential(settings, settings.app)

    async def bearer() -> SecretStr | None:
        return None if settings.token is None else _bearer(settings.token.get_secret_value())

    return bearer


class AppCredential:
    """Gives the header's value for an App's installation, and another one before it expires.

    Args:
        settings: the tracker's.
        app: its part that names the App.
        now: the time; the machine's by default.
    """

    def __init__(
        self, settings: GithubSettings, app: AppSettings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._settings = settings
        self._app = app
        self._now = now
        self._token: _Token | None = None
        self._tried: datetime | None = None
        # Many requests ask at once, and one new token serves them all.
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self) -> SecretStr:
        """The header's value, good for some minutes at least.

        Raises:
            AuthError: the App, its key or its installation is not what GitHub knows.
            UnavailableError: no usable answer, and no token that still has some life.
        """
        if not self._due():
            return _bearer(self._current.value)
        async with self._one_at_a_time:
            if self._due():
                await self._renew()
        return _bearer(self._current.value)

    async def renew(self, refused: SecretStr) -> bool:
        """Told that GitHub answered 401: whether another value is worth a try.

        A token may be revoked before its time; one that was refused when it was new will not be followed by a better.
        """
        token = self._token
        if token is None or _bearer(token.value) != refused:
            return True
        if abs(self._now() - token.made) < FRESH:
            return False
        self._token = None
        return True

    @property
    def _current(self) -> _Token:
        if self._token is None:
            raise AssertionError("a renewal either raises or leaves a token")
        return self._token

    def _due(self) -> bool:
        now, token = self._now(), self._token
        if token is None or token.dies <= now:
            return True
        return token.dies - now <= MARGIN and (self._tried is None or abs(now - self._tried) >= AGAIN)

    async def _renew(self) -> None:
        self._tried = self._now()
        try:
            self._token = await asyncio.to_thread(self._made)
        except UnavailableError:
            if self._token is None or self._token.dies <= self._now():
                raise

    def _made(self) -> _Token:
        """Get a token. Blocks, so it runs in a thread."""
        made = given(self._settings, self._app)
        now = self._now()
        return _Token(made.token, now, now + (made.expires_at - (made.at or now)))


def _bearer(token: str) -> SecretStr:
    return SecretStr(f"Bearer {token}")

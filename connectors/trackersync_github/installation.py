"""What an App asks GitHub as itself: where it is installed, and for a token; by PyGithub, see ``library``.

An App signs a JWT with its private key (PyGithub: issued a minute ago, good for five), finds its installation with it,
and gets a token (GitHub, "Authenticating as a GitHub App installation"). These few requests go past the wire, which
itself waits for the credential.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

import msgspec
from github import Auth, GithubException, GithubIntegration, RateLimitExceededException
from github.GithubObject import GithubObject
from jwt import PyJWTError

from trackersync.connector import AuthError, UnavailableError
from trackersync_github.library import NO_ANSWER, no_answer, options, translation
from trackersync_github.parts import AppSettings
from trackersync_github.settings import GithubSettings
from trackersync_github.wire import told_time

SKEW = 30.0
"""Seconds by which a clock may be off before it is worth a word: a JWT is dated a minute back."""

T = TypeVar("T")


class _Made(msgspec.Struct, frozen=True):
    """``installation-token`` of the REST API."""

    token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)]

    def __repr__(self) -> str:
        """Say nothing of it."""
        return "_Made()"


class _Account(msgspec.Struct, frozen=True):
    login: str = ""
    slug: str = ""


class _Found(msgspec.Struct, frozen=True):
    """``installation`` of the REST API."""

    id: int
    account: _Account
    app_slug: str = ""
    permissions: dict[str, str] = {}
    suspended_at: str | None = None


@dataclass(frozen=True, slots=True)
class _Reply(Generic[T]):
    body: T
    headers: Mapping[str, str | int]


class _NotInstalledError(AuthError):
    """The App has no installation there."""


@dataclass(frozen=True, slots=True)
class Given:
    """A token of an installation, when it ends, and GitHub's time when it was given; None where that was not told."""

    token: str = field(repr=False)
    expires_at: datetime
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Installation:
    """An App's installation as GitHub shows it.

    Attributes:
        id: its number.
        account: whose repositories it may see.
        bot: the login of the App's own account, which its writes are by.
        permissions: what it was given, by name: ``read``, ``write`` or ``admin``.
        suspended: since when the owner has suspended it; None where it works.
    """

    id: int
    account: str
    bot: str
    permissions: dict[str, str]
    suspended: str | None


def given(settings: GithubSettings, app: AppSettings) -> Given:
    """A new token for the App's installation. Blocks; with a client of its own.

    Raises:
        AuthError: the App, its key or its installation is not what GitHub knows.
        UnavailableError: no usable answer.
    """
    with _signed(settings, app) as github:
        number = app.installation or _found(github, settings, app).id
        doing = f"getting a token for installation {number}"
        made = _asked(settings, app, doing, lambda: github.get_access_token(number), _Made)
    return Given(made.body.token, made.body.expires_at, told_time(made.headers))


async def installed(settings: GithubSettings, app: AppSettings) -> Installation:
    """The App's installation: what it may do, for ``probe``.

    Raises:
        AuthError: the App, its key or its installation is not what GitHub knows.
        UnavailableError: no usable answer.
    """

    def look() -> Installation:
        with _signed(settings, app) as github:
            return _found(github, settings, app)

    return await asyncio.to_thread(look)


def _signed(settings: GithubSettings, app: AppSettings) -> GithubIntegration:
    """A client of PyGithub that signs as the App."""
    if app.private_key is None:
        raise AuthError(
            "the App's private key was not read: `private_key_file` is read together with the configuration's file; "
            "where there is none, give the key itself as `private_key`"
        )
    return GithubIntegration(auth=Auth.AppAuth(app.client_id, app.private_key.get_secret_value()), **options(settings))


def _found(github: GithubIntegration, settings: GithubSettings, app: AppSettings) -> Installation:
    """The installation by its id, or of the first repository, or of the owner whose repositories patterns find."""
    owner = settings.owners[0]
    name = next(iter(settings.selection.names), "")
    ways: list[tuple[str, Callable[[], GithubObject]]]
    if app.installation is not None:
        number = app.installation
        ways = [(f"looking at installation {number}", lambda: github.get_app_installation(number))]
    elif name:
        doing = f"looking for the App's installation on {name}"
        ways = [(doing, lambda: github.get_repo_installation(*name.split("/", 1)))]
    else:
        doing = f"looking for the App's installation on {owner}"
        ways = [
            (doing, lambda: github.get_org_installation(owner)),
            (doing, lambda: github.get_user_installation(owner)),
        ]
    for doing, way in ways[:-1]:
        with suppress(_NotInstalledError):
            return _installation(_asked(settings, app, doing, way, _Found).body)
    return _installation(_asked(settings, app, *ways[-1], _Found).body)


def _installation(found: _Found) -> Installation:
    account = found.account.login or found.account.slug
    bot = f"{found.app_slug}[bot]" if found.app_slug else f"an app's installation on {account}"
    return Installation(found.id, account, bot, found.permissions, found.suspended_at)


def _asked(
    settings: GithubSettings, app: AppSettings, doing: str, ask: Callable[[], GithubObject], shape: type[T]
) -> _Reply[T]:
    """What GitHub answers the App itself, and its refusals in sentences; the JWT is in none of them."""
    try:
        shown = ask()
        return _Reply(msgspec.convert(shown.raw_data, shape), shown.raw_headers)
    except GithubException as error:
        raise _refused(settings, app, doing, error) from None
    except (*NO_ANSWER, msgspec.ValidationError) as error:
        raise no_answer(settings, doing, error) from None
    except (PyJWTError, ValueError, TypeError) as error:
        raise AuthError(f"the App's private key does not sign ({type(error).__name__}): make a new one") from None


def _refused(
    settings: GithubSettings, app: AppSettings, doing: str, error: GithubException
) -> AuthError | UnavailableError:
    """GitHub, "Generating a JSON Web Token": 401 for a wrong issuer, key or time."""
    said = f"GitHub answered {error.status} on {doing}"
    if error.status == 401:
        seconds = _ahead(error)
        clock = f"; this machine's clock is {seconds:+.0f} s off GitHub's: set it" if abs(seconds) > SKEW else ""
        return AuthError(
            f"{said}: it does not accept the App's signature. Check `app.client_id`, that the private key is this "
            f"App's and was not deleted there, and that both are meant for {settings.url}{clock}."
        )
    if error.status == 404:
        return _NotInstalledError(
            f"{said}: the App is not installed there. Install it on {settings.owners[0]} with access to the "
            "repositories, or correct `app.installation`."
        )
    if error.status in {403, 422} and not isinstance(error, RateLimitExceededException):
        return AuthError(f"{said}: the installation gives no token. See whether {settings.owners[0]} suspended it.")
    translated = translation(error, doing)
    return translated if isinstance(translated, UnavailableError) else AuthError(str(translated))


def _ahead(error: GithubException) -> float:
    """Seconds by which this machine's clock is ahead of GitHub's, as far as the answer tells."""
    theirs = told_time(error.headers or {})
    return 0.0 if theirs is None else (datetime.now(UTC) - theirs).total_seconds()
